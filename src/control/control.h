/* SPDX-License-Identifier: Apache-2.0 */
/*
 * control: the API of `gambeson serve`: routes, who may call them, answers as JSON and problem documents (RFC 9457),
 * and tasks in the background. A group of resources is one file route_NAME.c with a table of routes, listed in routes.c.
 *
 * A handler runs on a worker thread with that thread's store and the request's arena. It answers once, by
 * gb_call_json(), gb_call_problem(), gb_call_empty() or gb_call_stream(), and returns what that returned.
 */
#ifndef GB_CONTROL_CONTROL_H
#define GB_CONTROL_CONTROL_H

#include "base/arena.h"
#include "base/diag.h"
#include "web/message.h"

#include <jansson.h>

struct gb_caller;
struct gb_plane;
struct gb_scope;
struct gb_store;

/* What a person may do, each more than the one before. NOBODY is not a right: a route that says it is closed to all. */
enum gb_role {
	GB_ROLE_NOBODY = 0,
	GB_ROLE_VIEWER,   /* sees functions, events, policies within his scope */
	GB_ROLE_ANALYST,  /* and works on events: status, exceptions, exports */
	GB_ROLE_OPERATOR, /* and changes policies, rules, exclusions, channels */
	GB_ROLE_ADMIN,    /* and users, tokens of others, settings; sees the audit log */
	_GB_ROLE_MAX,
};
const char *gb_role_text(enum gb_role role);
enum gb_role gb_role_of(struct gb_span text); /* GB_ROLE_NOBODY when there is no such role */

enum gb_actor_kind {
	GB_ACTOR_NOBODY = 0,
	GB_ACTOR_SESSION, /* a person, by cookie */
	GB_ACTOR_TOKEN,   /* an API token */
	GB_ACTOR_GROUP,   /* a group's key and secret: may only ingest */
	GB_ACTOR_SYSTEM,  /* a task of the server itself */
};

#define GB_PARAMETERS_MAX 4u

/* Who calls. Lives as long as the call. */
struct gb_actor {
	enum gb_actor_kind kind;
	enum gb_role role;
	struct gb_span user;          /* id of the user; of a token, the user it was made by */
	struct gb_span name;          /* for the audit log: "user:anna", "token:ci", "group:payments" */
	struct gb_span credential;    /* id of the session or token; the group's name */
	const struct gb_scope *scope; /* which functions he sees; NULL: all */
};

struct gb_call {
	struct gb_plane *control;
	struct gb_store *store;
	struct gb_arena *arena;
	const struct gb_web_request *request;
	struct gb_web_answer *answer;
	const struct gb_route *route;
	const struct gb_actor *actor;                 /* NULL: nobody, on a public route only */
	struct gb_caller *caller;                     /* control/auth.h: more of him */
	struct gb_span parameters[GB_PARAMETERS_MAX]; /* of the route's path, in its order, decoded */
	json_t *body;                                 /* what gb_call_body() has read */
};

struct gb_route {
	const char *method;
	const char *path; /* "/v1/functions/{id}"; NULL ends a table */
	int (*handle)(struct gb_call *call);
	const char *operation_id; /* "getFunction" */
	enum gb_role role;        /* the least that may call; NOBODY without is_public: none */
	/* What a token must be for: "events:read", "events:write", GB_SCOPE_INGEST. NULL: sessions only. */
	const char *scope;
	size_t body_max; /* 0: GB_BODY_MAX_DEFAULT for methods that have one */
	bool is_public;  /* nobody need be signed in */
	/* The handler reads a body that is no JSON, or none at all. Otherwise a body must be application/json. */
	bool takes_anything;
	/* The caller is known before the body is read: for large ones. */
	bool is_preceded;
};

/* The scope of what log forwarders may call: with it groups may too, by their key and secret. */
#define GB_SCOPE_INGEST "ingest"
/* With it beside, what is brought is learned from. */
#define GB_SCOPE_LEARN "learn"

#define GB_BODY_MAX_DEFAULT (256u * 1024u)

/* Answer with a problem document: SLUG names the kind ("not-found"; docs/SERVER.md lists them), the formatted text says
 * what is wrong with this request. Result: 0, always, so that a handler can `return gb_call_problem(…)`. */
__attribute__((format(__printf__, 4, 5))) int gb_call_problem(
        struct gb_call *call, unsigned status, const char *slug, const char *format, ...);

/* The same about a place in a document (from 1; 0: none), which the answer names in members of its own. */
int gb_call_problem_at(
        struct gb_call *call, unsigned status, const char *slug, unsigned line, unsigned column, const char *detail);

/* The same for an error of the store or another library: 500, 503 when it will pass (-EAGAIN, -EBUSY, -ENOSPC); what DIAG
 * says goes to the log and not to the caller. */
int gb_call_failed(struct gb_call *call, int negative_errno, const struct gb_diag *diag);

/* Answer with VALUE, which is taken (also on failure); NULL is memory gone: 500. */
int gb_call_json(struct gb_call *call, unsigned status, json_t *value);

/* Answer without a body: 204, 304. */
int gb_call_empty(struct gb_call *call, unsigned status);

/* Answer with BYTES, which lie in the call's arena or are static. */
int gb_call_bytes(struct gb_call *call, unsigned status, const char *content_type, struct gb_span bytes);

/* Answer with a stream: see web/message.h; WORKER of its produce is a struct gb_store *. `text/event-stream` gets the
 * headers that it wants. SOURCE's context is taken, also on failure. The stream ends soon
 * after the caller's session or token. */
int gb_call_stream(struct gb_call *call, unsigned status, const char *content_type, struct gb_web_source source);

/* A header of the answer; NAME is a literal. 0, or a negative errno that gb_call_failed() understands. */
__attribute__((warn_unused_result)) int gb_call_header(struct gb_call *call, const char *name, struct gb_span value);

/* The part of the path that stood where the route says {NAME}. */
struct gb_span gb_call_parameter(const struct gb_call *call, const char *name);

/* NAME in the query, decoded; empty when it is missing or broken (broken ones were refused before the handler ran). */
struct gb_span gb_call_query(const struct gb_call *call, const char *name);

/* A number in the query between MINIMUM and MAXIMUM; FALLBACK when it is missing. 0; -EINVAL: the problem is answered. */
__attribute__((warn_unused_result)) int gb_call_query_number(struct gb_call *call, const char *name, uint64_t minimum,
        uint64_t maximum, uint64_t fallback, uint64_t *ret_value);

/* The body as a JSON object (at most 32 deep, no double keys, no NUL in texts), freed with the call; NULL: the problem is
 * answered. */
json_t *gb_call_body(struct gb_call *call);

/* TEXT as JSON, of the same limits; NULL when it is none. Not only objects. To be freed by json_decref(). */
json_t *gb_json_load(struct gb_span text);

/* Text NAME of OBJECT in *ret_text, borrowed. 0; 1: not there (and *ret_text is empty), which is a problem when
 * IS_REQUIRED; -EINVAL: not a text, longer than MAXIMUM bytes, empty though required: the problem is answered. */
__attribute__((warn_unused_result)) int gb_call_text(struct gb_call *call, const json_t *object, const char *name,
        size_t maximum, bool is_required, struct gb_span *ret_text);

/* A JSON string of a span; NULL when it is no UTF-8 or memory is short (packing functions take that for failure). */
json_t *gb_json_text(struct gb_span text);

/* "2026-11-21T14:30:00.000Z" of milliseconds since 1970; NULL as above. */
json_t *gb_json_time(int64_t time_ms);

/* One entry in the audit log, in the transaction that is open on call->store: the change and its entry stand or fall
 * together. ACTION is a literal ("policy.push"); TARGET names what was changed; DETAIL (NULL is fine, taken) is an object
 * without secrets. */
__attribute__((warn_unused_result)) int gb_audit(
        struct gb_call *call, const char *action, struct gb_span target, json_t *detail, struct gb_diag *diag);

/* Background work, in a thread of its own with a store of its own. RUN is called every period_ms, and at once when woken;
 * it should return soon after gb_task_is_stopping(). `is_singleton`: among all servers of one database only one runs. */
struct gb_task {
	const char *name;
	unsigned period_ms;
	bool is_singleton;
	int (*run)(struct gb_store *store, void *context, struct gb_diag *diag);
	void *context;
	/* From another thread when the server stops, so that RUN ends what it waits for; may be NULL. */
	void (*stop)(void *context);
	void (*done)(void *context); /* at the end; may be NULL */
};
/* From gb_tasks_start() in tasks.c. 0, -ENOSPC: more than 32. */
__attribute__((warn_unused_result)) int gb_task_add(struct gb_plane *control, const struct gb_task *task);
bool gb_task_is_stopping(const struct gb_plane *control);
void gb_task_wake(struct gb_plane *control, const char *name);

/* Log levels of serve; one JSON line each on standard error. Values are texts; no secret may be among them. */
enum gb_log_level { GB_LOG_ERROR = 0, GB_LOG_WARNING, GB_LOG_INFO, GB_LOG_DEBUG, _GB_LOG_MAX };
/* MESSAGE is a literal; FORMAT is jansson's json_pack() for an object of more fields ("{s:s}"), or NULL. */
void gb_log(struct gb_plane *control, enum gb_log_level level, const char *message, const char *format, ...);

#endif
