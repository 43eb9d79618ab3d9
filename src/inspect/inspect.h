/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inspect: decide whether one function input is an attack, and hand out its strings decoded. Pure: a function of
 * (bytes, options); no I/O, no allocation, no log, no lock; any thread with its own scratch. Any bytes at all may come:
 * never a crash, an over-read, or unbounded time.
 *
 * This is the public header of the C library too: tools/make-inspect-header puts what it includes in front, and installs
 * it as gambeson/inspect.h. Therefore: C and C++, functions named gb_inspect_…, no include but "base/span.h".
 */
#ifndef GB_INSPECT_INSPECT_H
#define GB_INSPECT_INSPECT_H

#include "base/span.h"

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/* "0.1.0": the library's version. Structs may grow from one minor version to the next: compare with the header's. */
const char *gb_inspect_version(void);

/* Attack classes: the eight alerts of the firewall first, then ours. */
enum gb_attack_class {
	GB_CLASS_NONE = 0,
	GB_CLASS_COMMAND_INJECTION,
	GB_CLASS_CODE_INJECTION,
	GB_CLASS_CSV_INJECTION,
	GB_CLASS_FILE_INCLUSION,
	GB_CLASS_NOSQL_INJECTION,
	GB_CLASS_SQL_INJECTION,
	GB_CLASS_XSS,
	GB_CLASS_XML_ENTITY,
	GB_CLASS_SERVER_REQUEST,  /* server-side request forgery */
	GB_CLASS_TEMPLATE,        /* server-side template injection */
	GB_CLASS_DIRECTORY_QUERY, /* LDAP and XPath injection */
	GB_CLASS_DESERIALIZATION,
	GB_CLASS_NAMING_LOOKUP, /* JNDI: log4shell and its like */
	GB_CLASS_PROTOTYPE,     /* prototype pollution */
	GB_CLASS_HEADER_INJECTION,
	GB_CLASS_REDIRECT,
	GB_CLASS_FORGED_TOKEN,
	GB_CLASS_GRAPHQL,
	_GB_CLASS_MAX,
};

struct gb_class_facts {
	const char *severity; /* "critical", "high", "medium", "low" */
	const char *code;     /* "cmdi", as in --batch */
	const char *alert;    /* "Command Injection Attack" */
	const char *attack;   /* ATT&CK technique */
	uint16_t cwe;
};
const struct gb_class_facts *gb_inspect_class_facts(enum gb_attack_class attack_class);
/* The class of a code, or GB_CLASS_NONE. */
enum gb_attack_class gb_inspect_class_of_code(struct gb_span code);

/* How sure a finding is, whatever its class: what else has the structure that convicts. */
enum gb_confidence {
	GB_CONFIDENCE_LOW = 0, /* also seen in honest text of some applications */
	GB_CONFIDENCE_MEDIUM,
	GB_CONFIDENCE_HIGH, /* there is hardly an honest reason for it */
	_GB_CONFIDENCE_MAX,
};
const char *gb_inspect_confidence_name(enum gb_confidence confidence);
/* Of a reason's stable name; medium when it has no row in reasons.c. */
enum gb_confidence gb_inspect_reason_confidence(struct gb_span reason);

/* Budgets that can cut an inspection short. */
enum gb_inspect_limit {
	GB_LIMIT_OTHER = 0,
	GB_LIMIT_BYTES,     /* the event was not held wholly; the caller's word, never inspect's */
	GB_LIMIT_STEPS,     /* all work on one event */
	GB_LIMIT_DEPTH,     /* containers of JSON: what is below is inspected, with the path of the last level */
	GB_LIMIT_LAYERS,    /* encodings undone on one string */
	GB_LIMIT_NESTING,   /* structures within structures */
	GB_LIMIT_MEMORY,    /* room for decoded text */
	GB_LIMIT_EXPANSION, /* data that unpacks to a hundred times itself, and megabytes: a bomb */
	_GB_LIMIT_MAX,
};
/* "limit_steps" … */
const char *gb_inspect_limit_name(enum gb_inspect_limit limit);
/* What was not looked at, for a sentence: "text encoded more often than that" … */
const char *gb_inspect_limit_text(enum gb_inspect_limit limit);

/* What kind of event it looks like. A hint only: every string is inspected whatever the shape. */
enum gb_event_shape {
	GB_SHAPE_OTHER = 0, /* JSON of no known shape: direct invocation among others */
	GB_SHAPE_NOT_JSON,
	GB_SHAPE_API_GATEWAY_V1, /* REST API */
	GB_SHAPE_API_GATEWAY_V2, /* HTTP API */
	GB_SHAPE_FUNCTION_URL,
	GB_SHAPE_WEBSOCKET,
	GB_SHAPE_AUTHORIZER, /* of API Gateway, token or request */
	GB_SHAPE_ALB,
	GB_SHAPE_VPC_LATTICE,
	GB_SHAPE_CLOUDFRONT,
	GB_SHAPE_APPSYNC,
	GB_SHAPE_APPSYNC_AUTHORIZER,
	GB_SHAPE_S3,
	GB_SHAPE_S3_OBJECT_LAMBDA,
	GB_SHAPE_S3_BATCH,
	GB_SHAPE_SQS,
	GB_SHAPE_SNS,
	GB_SHAPE_EVENTBRIDGE, /* scheduled ones and S3 among them */
	GB_SHAPE_KINESIS,
	GB_SHAPE_FIREHOSE, /* and transformations of Kinesis Analytics */
	GB_SHAPE_DYNAMODB,
	GB_SHAPE_KAFKA,
	GB_SHAPE_ACTIVEMQ,
	GB_SHAPE_RABBITMQ,
	GB_SHAPE_CLOUDWATCH_LOGS,
	GB_SHAPE_CLOUDWATCH_ALARM,
	GB_SHAPE_COGNITO, /* triggers of user pools */
	GB_SHAPE_COGNITO_SYNC,
	GB_SHAPE_IOT,
	GB_SHAPE_IOT_AUTHORIZER,
	GB_SHAPE_LEX_V1,
	GB_SHAPE_LEX_V2,
	GB_SHAPE_SES,
	GB_SHAPE_CONNECT,
	GB_SHAPE_ALEXA,
	GB_SHAPE_BEDROCK_AGENT,
	GB_SHAPE_CLOUDEVENTS,
	GB_SHAPE_STEP_FUNCTIONS,
	GB_SHAPE_CLOUDFORMATION,
	GB_SHAPE_CONFIG, /* rules of AWS Config */
	GB_SHAPE_CODECOMMIT,
	GB_SHAPE_CODEPIPELINE,
	GB_SHAPE_SECRETS_ROTATION,
	GB_SHAPE_CLIENT_VPN,
	_GB_SHAPE_MAX,
};
const char *gb_inspect_shape_name(enum gb_event_shape shape);
/* The shape of a name, or _GB_SHAPE_MAX. */
enum gb_event_shape gb_inspect_shape_of_name(struct gb_span name);
/* Whether the caller expects an HTTP-shaped answer ({statusCode, headers, body}). */
bool gb_inspect_shape_is_http(enum gb_event_shape shape);

/* What the client's address rests on, given that the event is of the shape that it looks like: whoever may invoke the
 * function directly can fake all of it. */
enum gb_source_trust {
	GB_SOURCE_UNKNOWN = 0, /* no address */
	GB_SOURCE_MESSAGE,     /* the word of a message in the event */
	GB_SOURCE_LAST_HOP,    /* last of x-forwarded-for: the load balancer appended what it saw */
	GB_SOURCE_PLATFORM,    /* AWS's own field: the other end of the connection, maybe a proxy */
	_GB_SOURCE_MAX,
};
const char *gb_inspect_source_trust_name(enum gb_source_trust trust);

/* Where in a request a string came from. */
enum gb_origin {
	GB_ORIGIN_VALUE = 0, /* free JSON */
	GB_ORIGIN_KEY,
	GB_ORIGIN_PATH,
	GB_ORIGIN_QUERY,
	GB_ORIGIN_HEADER,
	GB_ORIGIN_COOKIE,
	GB_ORIGIN_BODY,
	GB_ORIGIN_MESSAGE, /* queue, topic, stream payload */
	GB_ORIGIN_OBJECT_KEY,
	_GB_ORIGIN_MAX,
};
const char *gb_inspect_origin_name(enum gb_origin origin);

/* Working memory, the caller's; contents need no initialisation. About half a megabyte, not for the stack; pages are
 * touched as needed, few for small events. */
struct gb_inspect_scratch;

/* One string of the event after decoding. The same place may come several times, once a decoding layer. Spans are valid
 * during the call only. */
struct gb_inspect_string {
	struct gb_span value;
	enum gb_origin origin;
	unsigned decodings; /* layers undone beyond JSON's own escapes */
	const char *layer;  /* the one undone last: "base64", "percent", "form"; "" when it lies so in the event */
	struct gb_inspect_scratch *scratch;
};
/* Where it lies: Records[0].body.user.name. Put together on demand, for it costs as much as looking at the string; valid
 * during the call. */
struct gb_span gb_inspect_string_path(const struct gb_inspect_string *string);

/* One attack found. Spans point into the scratch or the event: valid until the scratch is used again. */
struct gb_inspect_finding {
	enum gb_attack_class attack_class;
	const char *reason; /* stable name, static: "shell_separator_command" */
	enum gb_confidence confidence;
	unsigned weight; /* what options->weigh said; 1 without it */
	enum gb_origin origin;
	struct gb_span path;
	struct gb_span value; /* decoded, whole (cut at a limit when huge) */
	size_t from;          /* the convicting bytes in value */
	size_t length;
};

#define GB_INSPECT_FINDINGS_MAX 8u
#define GB_INSPECT_CITED_MAX    2u
/* Of an attack that a text only mentions, whatever its class. */
#define GB_INSPECT_CITED_SEVERITY "low"
#define GB_INSPECT_WEIGHT_MAX     2u

struct gb_inspect_report {
	enum gb_event_shape shape;
	bool is_limited;           /* some budget cut the inspection short */
	uint32_t limits;           /* which: bit per enum gb_inspect_limit */
	struct gb_span limit_path; /* where that was first; empty: the whole event */
	size_t finding_count;
	struct gb_inspect_finding findings[GB_INSPECT_FINDINGS_MAX];
	/* Attacks that a text only mentions: in the quotes, code marks or sentence of a bug report, a lesson, a log. No
	 * findings; to be told, never to be blocked for. Their confidence is low, and so is their severity. None when
	 * options->is_strict: there they are findings. The first ones are kept. */
	size_t cited_count;
	struct gb_inspect_finding cited[GB_INSPECT_CITED_MAX];
	struct gb_span source_ip; /* text of the client address where the shape tells it, else empty */
	enum gb_source_trust source_trust;
	struct gb_span
	        forwarded_for; /* x-forwarded-for, whole, as it lies in the event; all but its last hop is hearsay */
	uint64_t steps;        /* bytes looked at, all layers together: linear in the event's length */
};

struct gb_inspect_options {
	uint32_t classes;         /* bit per enum gb_attack_class; 0 means all */
	bool is_strict;           /* also what is doubtful: structures that honest text of some applications has too */
	uint32_t mentions_found;  /* of these classes an attack that a text only mentions is a finding like any other */
	uint32_t mentions_untold; /* of these it is not told */
	bool is_thorough; /* every string is read by every detector: no short cuts for what is tame. Slow; tests hold both against each other */
	/* One finding of the greatest weight is enough of a string: for callers who refuse the event then. What else the
	 * string holds is not looked for, what is encoded in it not told, and of several attacks in it any may be the one. */
	bool is_brief;
	enum gb_event_shape forced_shape; /* the shape, whatever the event looks like; GB_SHAPE_OTHER: look */
	/* Called for every decoded string, if not NULL: keys and values, each layer. */
	void (*on_string)(void *context, const struct gb_inspect_string *string);
	/* Called for every detector that reads the string told last, if not NULL. REASON is NULL when it found nothing. */
	void (*on_detector)(void *context, enum gb_attack_class attack_class, const char *reason);
	/* What a finding weighs, if not NULL: 0 drops it (the text behind the convicting bytes is then judged once more),
	 * GB_INSPECT_WEIGHT_MAX ends the search for others of its class there. When more are found than are kept, heavier
	 * ones take the place of lighter ones. */
	unsigned (*weigh)(void *context, const struct gb_inspect_finding *finding);
	void *context;
};

size_t gb_inspect_scratch_bytes(void);

/* Inspect a whole event, any bytes, JSON or not. OPTIONS may be NULL: all classes. Always fills *ret_report. */
void gb_inspect_event(const struct gb_inspect_options *options, struct gb_span event,
        struct gb_inspect_scratch *scratch, struct gb_inspect_report *ret_report);

/* What an HTTP-shaped event says about its request; spans into the event as it lies. */
struct gb_inspect_head {
	struct gb_span method;
	struct gb_span resource;      /* as the gateway's configuration names it: /comments/{id} */
	struct gb_span path;          /* as it was asked for */
	struct gb_span forwarded_for; /* X-Forwarded-For, all of it */
	struct gb_span header;        /* the one that was asked for */
};
/* One quick pass over EVENT, for callers whose decisions depend on it. HEADER: name of a further header, or empty. All
 * empty when the event is no JSON. */
void gb_inspect_event_head(struct gb_span event, struct gb_span header, struct gb_inspect_head *ret_head);

/* Inspect one string on its own as if it were a value of an event (what `gambeson inspect --batch` does). */
void gb_inspect_value(const struct gb_inspect_options *options, struct gb_span value,
        struct gb_inspect_scratch *scratch, struct gb_inspect_report *ret_report);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
