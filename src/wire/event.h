/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wire/event: the lines that Gambeson writes into the function's log (docs/formats/event.md). Encode only. A line has
 * at most GB_EVENT_LINE_MAX bytes: what the kernel writes to a pipe in one piece (PIPE_BUF), so that it never mixes
 * with the function's own output. Long text is cut to fit; a line is always whole JSON.
 */
#ifndef GB_WIRE_EVENT_H
#define GB_WIRE_EVENT_H

#include "base/ed25519.h"
#include "base/text.h"

#define GB_EVENT_LINE_MAX   4096u
#define GB_EVENT_ULID_BYTES 26u

/* Members of every line. */
struct gb_event_head {
	uint64_t seq;
	uint64_t time_ms;       /* since 1970, UTC */
	struct gb_span request; /* empty: none */
	struct gb_span sandbox; /* id; empty: left out */
	uint64_t invocations;   /* of notices only: events handed to the sandbox so far; 0: left out */
};

struct gb_event_start {
	const char *version;
	const char *mode;
	const char *stance;
	bool observe;
	const char *policy_state; /* "none", "loaded", "refused" */
	struct gb_span policy_name;
	uint64_t policy_serial;
	bool has_firewall;
	bool has_sensor;
	bool is_input_sealed;
	struct gb_span runtime; /* path */
	/* What runs here; empty: left out. */
	struct gb_span function, function_version, code;
	struct gb_span key; /* that seals are verified by, GB_ED25519_KEY_BYTES; empty: left out, there are no seals */
};

#define GB_EVENT_SANDBOX_CHARS    16u
#define GB_EVENT_LINE_HASH_BYTES  16u
#define GB_EVENT_SEAL_LINES_MAX   64u
#define GB_EVENT_SEAL_MESSAGE_MAX (64u + GB_EVENT_SEAL_LINES_MAX * GB_EVENT_LINE_HASH_BYTES)

/* What vouches for the lines FIRST to LAST of a sandbox. */
struct gb_event_seal {
	uint64_t first, last;
	struct gb_span hashes; /* GB_EVENT_LINE_HASH_BYTES of each line, at most GB_EVENT_SEAL_LINES_MAX lines */
	unsigned char signature[GB_ED25519_SIGNATURE_BYTES]; /* over gb_event_seal_message() */
};

/* Where and when observations were made. */
struct gb_event_scene {
	bool is_init;             /* before the first event */
	uint64_t invocations;     /* events handed to the sandbox so far */
	const char *shape;        /* of the event in hand; NULL: left out */
	struct gb_span source_ip; /* empty: left out */
	/* Request ids, when several events are in hand and any of them may have brought the observations about. */
	const struct gb_span *among;
	size_t among_count; /* at most GB_EVENT_AMONG_MAX */
};

#define GB_EVENT_AMONG_MAX 16u

/* How many events had a shape. */
struct gb_event_shape_count {
	const char *shape;
	uint64_t count; /* 0: left out */
};

/* String of an event that is to blame. `value` is all of it; the line shows a window around the convicting bytes. */
struct gb_event_input {
	bool is_present;
	struct gb_span path;
	const char *origin;
	struct gb_span value;
	size_t from; /* out of range is cut */
	size_t length;
	bool is_masked; /* the value is not the event's own bytes */
};

/* The list that the client's address is on. */
struct gb_event_source {
	bool is_present;
	struct gb_span list;
	struct gb_span category; /* empty: left out */
	uint32_t day;            /* of the list's data, since 1970-01-01; 0: left out */
};

/* The entry of the policy that decided; with nothing known of it, it is left out. */
struct gb_event_rule {
	struct gb_span name;   /* empty: it has none */
	struct gb_span reason; /* why the document has it; empty: it does not say */
};

struct gb_event_activity {
	bool is_present;
	const char *kind;
	struct gb_span subject;
	struct gb_span object;    /* empty: left out */
	struct gb_span arguments; /* each with its NUL behind it; empty: left out */
	uint32_t pid;             /* 0: left out */
	bool is_alike;            /* of observations: what differs from it in made-up names is counted as well */
	bool is_cut;              /* the text was longer than what is given; the writer sets it where it cuts itself */
};

#define GB_EVENT_PROCESSES_MAX 8u

/* A process that did something, or stood above one that did. */
struct gb_event_process {
	uint32_t pid;
	struct gb_span path;      /* of its program; empty: not known */
	struct gb_span arguments; /* each with its NUL behind it, argv[0] first */
	bool is_cut; /* the arguments were longer than what is given; the writer sets it where it cuts itself */
};

struct gb_event_finding {
	char id[GB_EVENT_ULID_BYTES];
	const char *type;
	const char *attack_class;
	const char *control;
	const char *action;
	const char *mode;
	const char *severity;
	const char *reason;
	const char *confidence; /* NULL: left out */
	bool is_cited;          /* a text only mentions the attack */
	struct gb_span message;
	struct gb_event_input input;
	struct gb_event_rule rule;
	struct gb_event_source source;
	struct gb_event_activity activity;
	/* Who did it and those above, the nearest first; as many of them as the line has room for. */
	const struct gb_event_process *processes;
	size_t process_count; /* at most GB_EVENT_PROCESSES_MAX */
	const char *attack;   /* ATT&CK technique; "" none */
	unsigned cwe;         /* 0: none */
	struct gb_span source_ip;
	/* As in struct gb_event_scene; left out when the line has no room for it. */
	const struct gb_span *among;
	size_t among_count;
};

/* Each writes one whole line with its newline to TEXT, which is empty and has room for GB_EVENT_LINE_MAX bytes. */
void gb_event_write_start(struct gb_text *text, const struct gb_event_head *head, const struct gb_event_start *start);
void gb_event_write_finding(
        struct gb_text *text, const struct gb_event_head *head, const struct gb_event_finding *finding);
void gb_event_write_notice(struct gb_text *text, const struct gb_event_head *head, const char *severity,
        const char *reason, struct gb_span message);
void gb_event_write_progress(struct gb_text *text, const struct gb_event_head *head, uint64_t invocations,
        const struct gb_event_shape_count *shapes, size_t shape_count);

void gb_event_write_seal(struct gb_text *text, const struct gb_event_head *head, const struct gb_event_seal *seal);

/* The start of SHA-256 over LINE, which is without its line feed. */
void gb_event_line_hash(struct gb_span line, unsigned char ret_hash[GB_EVENT_LINE_HASH_BYTES]);
/* Id of the sandbox that has KEY: nobody finds another key for it. */
void gb_event_sandbox_of(const unsigned char key[GB_ED25519_KEY_BYTES], char ret_sandbox[GB_EVENT_SANDBOX_CHARS]);
/* What is signed (docs/formats/event.md) into BUFFER. Empty: the numbers do not fit the hashes, or SANDBOX is none. */
struct gb_span gb_event_seal_message(
        struct gb_span sandbox, const struct gb_event_seal *seal, unsigned char buffer[GB_EVENT_SEAL_MESSAGE_MAX]);

/* A line of observations is built item by item. `add` returns false when the item did not fit: end the line, begin
 * another, add again; an item alone always fits (its text is cut). */
void gb_event_observations_begin(
        struct gb_text *text, const struct gb_event_head *head, const struct gb_event_scene *scene);
/* N: which of the invocations that showed it this is, from 1. */
bool gb_event_observations_add(struct gb_text *text, const struct gb_event_activity *item, uint32_t n);
void gb_event_observations_end(struct gb_text *text);

/* ULID of a moment and ten random bytes, in Crockford's alphabet; not NUL-terminated. */
void gb_event_ulid(uint64_t time_ms, const unsigned char random[10], char ret_id[GB_EVENT_ULID_BYTES]);

#endif
