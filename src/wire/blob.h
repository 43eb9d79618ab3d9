/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wire/blob: the policy as it is published: flat, position-independent, little-endian, used as it lies. This header is
 * the format; policyc writes it, policy reads it. docs/formats/policy-blob.md describes it.
 *
 * A file is the blob, `total_bytes` long, and one struct gb_blob_signature behind it. The signature covers exactly the
 * blob's bytes. Same policy, same bytes.
 */
#ifndef GB_WIRE_BLOB_H
#define GB_WIRE_BLOB_H

#include "base/span.h"

#define GB_BLOB_MAGIC     "GBPOLICY"
#define GB_BLOB_VERSION   4u
#define GB_BLOB_BYTES_MAX (4u * 1024u * 1024u) /* of the blob, signature block not counted */
/* Of its first part, which lies in the segment for every process of the function; the rest is the warden's alone. */
#define GB_BLOB_SHARED_BYTES_MAX (256u * 1024u)

#define GB_BLOB_SIGNATURE_MAGIC "GBSIGNED"
#define GB_BLOB_KEY_BYTES       32u
#define GB_BLOB_KEY_ID_BYTES    16u
#define GB_BLOB_FILE_BYTES_MAX  (GB_BLOB_BYTES_MAX + (uint32_t)sizeof(struct gb_blob_signature))

/* COUNT elements of a known type, or bytes of text, at OFFSET from the blob's start. Offsets of elements are multiples
 * of 4; a part of no elements has any offset. */
struct gb_blob_part {
	uint32_t offset;
	uint32_t count;
};

/* Bytes of the text part. */
struct gb_blob_text {
	uint32_t offset; /* from the start of the text part */
	uint32_t n;
};

/* The rule or exclusion that an entry comes from. */
struct gb_blob_tag {
	struct gb_blob_text name;   /* empty: none */
	struct gb_blob_text reason; /* in the document's words; empty: none */
	uint32_t until;             /* the first second, since 1970, at which it holds no longer; 0: never */
};

/* A set of path patterns: `*` within a segment, `**` across segments. The nodes are a radix tree over the patterns'
 * literal heads (what stands before the first `*`), walked once along the path; a node's patterns are tried there. */
struct gb_blob_set {
	struct gb_blob_part nodes;    /* struct gb_blob_node; the first is the root */
	struct gb_blob_part patterns; /* struct gb_blob_pattern, sorted by text */
};

struct gb_blob_node {
	uint32_t label;         /* in the text part: bytes that lead here from the parent */
	uint16_t label_n;       /* 0 for the root only */
	uint16_t first_child;   /* children stand together, sorted by `first` */
	uint16_t first_pattern; /* patterns whose literal head ends here */
	uint16_t pattern_count;
	uint16_t child_count;
	uint8_t first; /* first byte of the label */
	uint8_t reserved;
};

struct gb_blob_pattern {
	struct gb_blob_text text;
	uint16_t literal_n; /* length of the literal head */
	uint16_t tag;       /* why it is here: index into `tags` plus 1, or 0 */
};

enum gb_blob_chunk_kind {
	GB_BLOB_CHUNK_LITERAL = 0,
	GB_BLOB_CHUNK_WORD,
	GB_BLOB_CHUNK_NUMBER,
	GB_BLOB_CHUNK_PATH,
	GB_BLOB_CHUNK_URL,
	_GB_BLOB_CHUNK_MAX,
};

/* Part of an argument's shape: fixed bytes, or a typed hole. */
struct gb_blob_chunk {
	struct gb_blob_text text; /* of a literal */
	uint32_t kind;            /* enum gb_blob_chunk_kind */
};

enum gb_blob_argument_kind {
	GB_BLOB_ARGUMENT_TEXT = 0, /* chunks, all of the argument */
	GB_BLOB_ARGUMENT_SHELL,    /* the same, and the argument is shell text: holes take inert characters only */
	GB_BLOB_ARGUMENT_ANY,      /* one argument, whatever it is */
	GB_BLOB_ARGUMENT_REST,     /* all further arguments; the last of its process */
	_GB_BLOB_ARGUMENT_MAX,
};

struct gb_blob_argument {
	uint32_t kind; /* enum gb_blob_argument_kind */
	uint32_t first_chunk;
	uint32_t chunk_count;
};

struct gb_blob_process {
	struct gb_blob_text executable; /* path pattern */
	struct gb_blob_text name;       /* argv[0] or its basename; empty: any */
	uint32_t first_argument;        /* shape of argv[1] and what follows */
	uint32_t argument_count;
	uint32_t tag;
};

/* A CIDR block and a port range. */
struct gb_blob_address {
	unsigned char ip[16]; /* IPv4 in its mapped form */
	uint16_t port_first;
	uint16_t port_last;
	uint16_t prefix_n; /* of 128 bits */
	uint16_t tag;
};

/* An address family other than IP and unix, by its number. */
#define GB_BLOB_FAMILY_PREFIX_N 0xffffu /* in prefix_n: port_first is the AF_… number */

/* A deterministic automaton over bytes: state 0 refuses whatever comes, state 1 is the first. Offsets are from the start
 * of the header's `tables`. */
struct gb_blob_automaton {
	uint32_t classes; /* 256 bytes: the class of each byte */
	uint32_t next;    /* even; numbers of 16 bits, by state * class_count + class */
	uint32_t accepts; /* a byte for each state */
	uint16_t state_count;
	uint16_t class_count;
};

/* What is matched by sets of patterns. A call of a cloud API is "service:action", in lower case, a line feed, and the
 * resource; a request is method, line feed, host, line feed, path. */
enum gb_blob_set_name {
	GB_BLOB_FILES_READ = 0,
	GB_BLOB_FILES_WRITE,
	GB_BLOB_FILES_LIBRARY, /* mapped executable */
	GB_BLOB_FILES_SOCKET,  /* unix sockets: path, or '@' and the abstract name */
	GB_BLOB_APIS,
	GB_BLOB_REQUESTS,
	_GB_BLOB_SET_MAX,
};

/* What regular expressions are about, and whole command lines, which become such: a set's texts, or */
enum gb_blob_place {
	GB_BLOB_PLACE_HOSTS = _GB_BLOB_SET_MAX,
	GB_BLOB_PLACE_COMMANDS, /* what a shell is given and a blank: a sequence of matches, a blank behind each */
	GB_BLOB_PLACE_PROGRAMS, /* the same of arguments, a blank behind each, by the commands' parts between pipes */
	_GB_BLOB_PLACE_MAX,
};

struct gb_blob_expression {
	struct gb_blob_text text; /* as the document has it; empty: made of others */
	uint8_t place;
	uint8_t is_regex;   /* 0: of a command, text with typed holes */
	uint16_t automaton; /* index into `automata` */
	uint32_t tag;
	/* Commands share one automaton, so there is one for each time in which the same of them hold: seconds since 1970; 0:
	 * from the beginning, without end. */
	uint32_t from, until;
};

/* A whole kind of activities, where it is of an entry with a tag. */
struct gb_blob_kind {
	uint32_t kind; /* enum gb_activity_kind */
	uint32_t tag;
};

/* What an allowlist, the rules, or the exclusions name: three lists of one form. */
struct gb_blob_list {
	uint32_t kinds; /* bit 1 << enum gb_activity_kind: the whole kind is in the list */
	uint32_t reserved;
	struct gb_blob_set sets[_GB_BLOB_SET_MAX];
	struct gb_blob_part processes;   /* struct gb_blob_process */
	struct gb_blob_part addresses;   /* struct gb_blob_address, sorted by prefix_n, ip, ports */
	struct gb_blob_part hosts;       /* struct gb_blob_pattern, sorted; for activities that bring a name */
	struct gb_blob_part expressions; /* struct gb_blob_expression, sorted by place */
	struct gb_blob_part kind_tags;   /* struct gb_blob_kind, sorted; of kinds that have a tag */
	struct gb_blob_part more;        /* room for further kinds of entries; empty */
};

enum gb_blob_list_name {
	GB_BLOB_ALLOW = 0,
	GB_BLOB_RULES,
	GB_BLOB_EXCLUSIONS,
	_GB_BLOB_LIST_MAX,
};

/* The input firewall's settings lie behind the shared part, with a text part of their own. */

enum gb_blob_redaction {
	GB_BLOB_REDACT_SURROUNDINGS = 0, /* log lines show the convicting bytes, nothing around them */
	GB_BLOB_REDACT_NONE,             /* and what stands around them */
	GB_BLOB_REDACT_ALL,              /* nothing of the event's values */
	_GB_BLOB_REDACT_MAX,
};

/* What is let through where: everything that is named must hold; what names nothing of a kind holds for all. */
struct gb_blob_exception {
	uint32_t classes; /* bit per enum gb_attack_class; 0: all */
	uint32_t mode;    /* enum gb_mode: at most this is done */
	uint32_t tag;     /* of the exclusion that it belongs to */
	/* How many of `texts`, each kind behind the other, exceptions in their order. */
	uint32_t path_count;
	uint32_t reason_count;
	uint32_t route_count; /* two texts each: method, "*" for any, and resource path */
};

enum gb_blob_source_mode {
	GB_BLOB_SOURCE_OFF = 0,
	GB_BLOB_SOURCE_DETECT,
	GB_BLOB_SOURCE_BLOCK,
	GB_BLOB_SOURCE_ALLOW, /* wins over the others */
	_GB_BLOB_SOURCE_MAX,
};

/* A list of source addresses. */
struct gb_blob_source_list {
	struct gb_blob_text name;
	struct gb_blob_text category;
	uint32_t day;  /* of its data, since 1970-01-01; 0: not known */
	uint32_t mode; /* enum gb_blob_source_mode, or GB_BLOB_MODE_POSTURE: as `source_mode` says */
};

/* Ranges of addresses, in rising order, without overlap; of each the list that decides about it. Firsts, lasts and
 * lists are arrays of their own, so that a search touches nothing but firsts. */
struct gb_blob_ranges {
	uint32_t count;
	uint32_t
	        first; /* offset from the blob's start: `count` addresses of 4 (native uint32_t) or 16 bytes (big-endian) */
	uint32_t last;
	uint32_t list; /* `count` bytes: index into `source_lists` */
};

#define GB_BLOB_CLASSES_MAX      32u
#define GB_BLOB_SOURCE_LISTS_MAX 200u
#define GB_BLOB_EXCEPTIONS_MAX   256u
#define GB_BLOB_TRUSTED_HOPS_MAX 16u

/* What is done about an attack that a text only mentions. */
enum gb_blob_mention {
	GB_BLOB_MENTION_REPORT = 0, /* told, with low severity; never blocked for */
	GB_BLOB_MENTION_BLOCK,      /* as about the attack itself: by the class's mode */
	GB_BLOB_MENTION_IGNORE,     /* not told */
	_GB_BLOB_MENTION_MAX,
};

/* By enum gb_attack_class: the low four bits are an enum gb_mode, the high ones an enum gb_blob_mention; 15 in the low ones is
 * as the posture says, in the high ones GB_BLOB_MENTION_REPORT. */
#define GB_BLOB_CLASS_DEFAULT 0xffu

static inline uint8_t gb_blob_class_mode(uint8_t setting)
{
	return (setting & 0x0fu) == 0x0fu ? 0xffu : setting & 0x0fu;
}

static inline uint8_t gb_blob_class_mention(uint8_t setting)
{
	return setting >> 4 == 0x0f ? GB_BLOB_MENTION_REPORT : setting >> 4;
}

struct gb_blob_firewall {
	uint8_t is_strict;     /* sensitivity: 1 strict, 0 balanced */
	uint8_t on_limit;      /* enum gb_mode: what happens to an event that a budget cut off */
	uint8_t redaction;     /* enum gb_blob_redaction */
	uint8_t source_mode;   /* enum gb_mode: of source lists that say nothing else */
	uint32_t trusted_hops; /* of X-Forwarded-For, from the right; the load balancer itself is 1 */
	uint8_t class_modes[GB_BLOB_CLASSES_MAX]; /* gb_blob_class_mode() and gb_blob_class_mention() */
	struct gb_blob_text address_header;       /* lower case; empty: none */
	struct gb_blob_part text;                 /* bytes that the rest of these settings points into */
	struct gb_blob_part texts;                /* struct gb_blob_text, of the exceptions */
	struct gb_blob_part exceptions;           /* struct gb_blob_exception */
	struct gb_blob_part source_lists;         /* struct gb_blob_source_list, sorted by name */
	struct gb_blob_ranges sources4;
	struct gb_blob_ranges sources6; /* none of IPv4 in its mapped form */
	struct gb_blob_ranges proxies4; /* trusted; `list` is 0 and there are no list bytes */
	struct gb_blob_ranges proxies6;
};

#define GB_BLOB_MODE_POSTURE 0xffu /* control mode: as the posture says */

/* Texts of the controls beside the lists. */
enum gb_blob_guard {
	GB_BLOB_TRUSTED = 0,      /* drift: path patterns of what may run */
	GB_BLOB_FORBIDDEN_NAMES,  /* patterns */
	GB_BLOB_FORBIDDEN_PATHS,  /* patterns */
	GB_BLOB_FORBIDDEN_HASHES, /* SHA-256, 32 bytes each */
	GB_BLOB_FORBIDDEN_MARKS,  /* bytes in a program or its arguments */
	GB_BLOB_DECOY_VARIABLES,
	GB_BLOB_DECOY_FILES,
	GB_BLOB_DECOY_HOSTS, /* patterns */
	GB_BLOB_KEPT_FILES,  /* path patterns under /tmp that may stay between invocations */
	_GB_BLOB_GUARD_MAX,
};

struct gb_blob_guards {
	struct gb_blob_part texts[_GB_BLOB_GUARD_MAX]; /* struct gb_blob_text, sorted */
	uint32_t budgets[8];                           /* by enum gb_usage; 0: none */
	uint32_t forbidden_day;                        /* of the oldest list read, since 1970-01-01; 0: not known */
	uint32_t reserved;
};

struct gb_blob_header {
	char magic[8];
	uint32_t version;
	uint32_t total_bytes;      /* header and everything behind it, signature block not counted */
	uint32_t shared_bytes;     /* header and what the sensors read; a multiple of 8 */
	uint32_t enforced_from;    /* seconds since 1970; until then at most detect, and observing; 0: at once */
	uint64_t checksum;         /* gb_blob_checksum() */
	uint64_t serial;           /* grows with each publication; an older one is refused (anti-rollback) */
	uint8_t posture;           /* enum gb_mode */
	uint8_t stance;            /* enum gb_stance */
	uint8_t observe;           /* 1: profiling */
	uint8_t flow_on_limit;     /* enum gb_mode: what the flow check does when the input window was too small */
	uint8_t control_modes[12]; /* by enum gb_control: enum gb_mode, or GB_BLOB_MODE_POSTURE */
	uint8_t review;            /* 1: what is off the allowlist and of little risk is an observation, never more */
	uint8_t reserved_bytes[7];
	struct gb_blob_text name;       /* of the policy, for reports */
	struct gb_blob_text block_body; /* answer to a blocked HTTP event; empty: the built-in one */
	struct gb_blob_part text;       /* bytes that everything else points into */
	struct gb_blob_part tags;       /* struct gb_blob_tag, sorted */
	struct gb_blob_part arguments;  /* struct gb_blob_argument, of all processes */
	struct gb_blob_part chunks;     /* struct gb_blob_chunk */
	struct gb_blob_part automata;   /* struct gb_blob_automaton */
	struct gb_blob_part tables;     /* bytes that automata point into; begins at a multiple of 4 */
	struct gb_blob_list lists[_GB_BLOB_LIST_MAX];
	struct gb_blob_firewall firewall;
	struct gb_blob_guards guards;
};

enum gb_blob_algorithm {
	GB_BLOB_UNSIGNED = 0,
	GB_BLOB_ED25519,
	_GB_BLOB_ALGORITHM_MAX,
};

struct gb_blob_signature {
	char magic[8];
	uint32_t algorithm; /* enum gb_blob_algorithm; unsigned: the rest is zero */
	uint32_t reserved;
	unsigned char key_id[GB_BLOB_KEY_ID_BYTES]; /* gb_blob_key_id() of the public key, to tell people which one */
	unsigned char signature[64];
};

_Static_assert(sizeof(struct gb_blob_node) == 16, "no padding");
_Static_assert(sizeof(struct gb_blob_pattern) == 12, "no padding");
_Static_assert(sizeof(struct gb_blob_address) == 24, "no padding");
_Static_assert(sizeof(struct gb_blob_automaton) == 16, "no padding");
_Static_assert(sizeof(struct gb_blob_expression) == 24, "no padding");
_Static_assert(sizeof(struct gb_blob_tag) == 20, "no padding");
_Static_assert(sizeof(struct gb_blob_signature) == 96, "no padding");
_Static_assert(sizeof(struct gb_blob_header) % 8 == 0, "no padding");

/* Look at a whole policy FILE as read from disk and give the blob in it (*ret_blob points into FILE).
 * With a PUBLIC_KEY (32 bytes): the file must be signed by it: -EKEYREJECTED otherwise (unsigned, other key, changed).
 * Without (NULL): a signature, if any, is not looked at. Either way the checksum must hold. Errors: -EBADMSG corrupt,
 * truncated, or no policy at all; -EPROTONOSUPPORT a newer version; -EFBIG over GB_BLOB_BYTES_MAX. Does not look at
 * the parts: gb_policy_open() does. */
__attribute__((warn_unused_result)) int gb_blob_verify(
        struct gb_span file, const unsigned char *public_key, struct gb_span *ret_blob);

/* What is wrong with a policy file, for people: "it is corrupt or cut short", …, by the negative errno of this header's,
 * wire/pins.h' and gb_policy_open()'s functions. Never NULL. */
const char *gb_blob_error_text(int error);

/* Over all bytes of the blob but the checksum's own. Against accidents, not attackers: any change within one 8-byte
 * word changes it. BLOB must hold a whole header. */
uint64_t gb_blob_checksum(struct gb_span blob);

void gb_blob_key_id(const unsigned char public_key[GB_BLOB_KEY_BYTES], unsigned char ret_id[GB_BLOB_KEY_ID_BYTES]);

#endif
