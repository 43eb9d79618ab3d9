/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store/sandboxes: the sandboxes that lines come from, and what is known of whether those lines are authentic
 * (docs/formats/event.md, seal). A sandbox's id is its 16 hexadecimal digits, a line's hash the 16 bytes that seals have.
 */
#ifndef GB_STORE_SANDBOXES_H
#define GB_STORE_SANDBOXES_H

#include "store/sql.h"

#define GB_SANDBOX_KEY_BYTES    32u
#define GB_LINE_HASH_BYTES      16u
#define GB_SEAL_SIGNATURE_BYTES 64u

enum gb_sandbox_state { GB_SANDBOX_OPEN = 0, GB_SANDBOX_GAP, GB_SANDBOX_FORGED };

struct gb_sandbox {
	uint64_t id;
	int64_t function, version;
	bool has_key;
	unsigned char key[GB_SANDBOX_KEY_BYTES];
	int64_t start_seq; /* of its start line; -1: that has not come */
	int64_t time;
	int64_t verified_to; /* lines up to here are in good seals, one behind the other; -1: none */
	enum gb_sandbox_state state;
	struct gb_span stream; /* of the log service; writing only */
};

/* One by its id. 1, or 0 when there is none. */
__attribute__((warn_unused_result)) int gb_sandbox_get(
        struct gb_store *store, uint64_t id, struct gb_sandbox *ret_sandbox, struct gb_diag *diag);

/* Note it. Of one that is known only what was not known yet is taken (function, version, key, start_seq, stream), and the
 * later time; not verified_to and state. */
__attribute__((warn_unused_result)) int gb_sandbox_put(
        struct gb_store *store, const struct gb_sandbox *sandbox, struct gb_diag *diag);

/* How far it is verified; the state only ever gets worse. */
__attribute__((warn_unused_result)) int gb_sandbox_verified(
        struct gb_store *store, uint64_t id, int64_t verified_to, enum gb_sandbox_state state, struct gb_diag *diag);

/* How many other sandboxes of FUNCTION wrote into STREAM. */
__attribute__((warn_unused_result)) int gb_sandbox_streams(struct gb_store *store, int64_t function,
        struct gb_span stream, uint64_t but, int64_t *ret_count, struct gb_diag *diag);

struct gb_line {
	uint64_t sandbox;
	int64_t seq, time;
	unsigned char hash[GB_LINE_HASH_BYTES];
};

/* Added to the time of lines: it was told already that no seal has come; it is a seal itself, which needs none. Such lines are
 * still there to be vouched for, but are not waited for. */
#define GB_LINE_TOLD (1ll << 50)
#define GB_LINE_SEAL (1ll << 51)

/* Lines that wait for their seal; one that waits already is left alone. */
__attribute__((warn_unused_result)) int gb_lines_put(
        struct gb_store *store, const struct gb_line *lines, size_t count, struct gb_diag *diag);
/* It was told that no seal came for LINE. */
__attribute__((warn_unused_result)) int gb_line_told(
        struct gb_store *store, const struct gb_line *line, struct gb_diag *diag);
__attribute__((warn_unused_result)) int gb_line_delete(
        struct gb_store *store, const struct gb_line *line, struct gb_diag *diag);

enum gb_seal_state {
	GB_SEAL_NEW = 0, /* not looked at */
	GB_SEAL_GOOD,    /* something that it vouches for, or that stands before, has not come */
	GB_SEAL_DONE,
	GB_SEAL_ORPHAN, /* the start line of its sandbox has not come */
};

struct gb_seal {
	uint64_t sandbox;
	int64_t first, last, time;
	struct gb_span hashes, signature;
	uint64_t seen; /* bit i: line first + i came in with its hash */
	enum gb_seal_state state;
};

/* A seal that is there already gets the bits of SEEN. */
__attribute__((warn_unused_result)) int gb_seal_put(
        struct gb_store *store, const struct gb_seal *seal, struct gb_diag *diag);
__attribute__((warn_unused_result)) int gb_seal_change(
        struct gb_store *store, const struct gb_seal *seal, struct gb_diag *diag);
__attribute__((warn_unused_result)) int gb_seal_delete(
        struct gb_store *store, const struct gb_seal *seal, struct gb_diag *diag);

typedef int gb_seal_row(void *context, const struct gb_seal *seal);
typedef int gb_line_row(void *context, const struct gb_line *line);

/* Seals of STATE that came before BEFORE, oldest sandbox first and by number in it. */
__attribute__((warn_unused_result)) int gb_seals_list(struct gb_store *store, enum gb_seal_state state, int64_t before,
        size_t limit, gb_seal_row *on_seal, void *context, struct gb_diag *diag);
/* Good ones that vouch for the line SEQ of SANDBOX. */
__attribute__((warn_unused_result)) int gb_seals_of_line(struct gb_store *store, uint64_t sandbox, int64_t seq,
        gb_seal_row *on_seal, void *context, struct gb_diag *diag);
/* Good ones of SANDBOX that begin behind AFTER and still wait for something, by number. */
__attribute__((warn_unused_result)) int gb_seals_behind(struct gb_store *store, uint64_t sandbox, int64_t after,
        size_t limit, gb_seal_row *on_seal, void *context, struct gb_diag *diag);
/* Orphans of a sandbox whose start line is there now are new again. */
__attribute__((warn_unused_result)) int gb_seals_adopt(struct gb_store *store, uint64_t sandbox, struct gb_diag *diag);
/* Lines that wait although a good seal has their number. */
__attribute__((warn_unused_result)) int gb_lines_vouched(
        struct gb_store *store, size_t limit, gb_line_row *on_line, void *context, struct gb_diag *diag);
/* All lines with the numbers of SEAL, and its sandbox. */
__attribute__((warn_unused_result)) int gb_lines_of_seal(
        struct gb_store *store, const struct gb_seal *seal, gb_line_row *on_line, void *context, struct gb_diag *diag);
/* Lines that wait since before BEFORE. */
__attribute__((warn_unused_result)) int gb_lines_waiting(struct gb_store *store, int64_t before, size_t limit,
        gb_line_row *on_line, void *context, struct gb_diag *diag);

/* Lines known to be forged; gb_forged_clear() when a good seal has that hash after all. */
__attribute__((warn_unused_result)) int gb_forged_put(
        struct gb_store *store, const struct gb_line *line, struct gb_diag *diag);
__attribute__((warn_unused_result)) int gb_forged_clear(
        struct gb_store *store, const struct gb_seal *seal, struct gb_diag *diag);

/* Forget seals that are done and came before DONE_BEFORE, and what is known of forged and unsealed lines from before
 * LINES_BEFORE. */
__attribute__((warn_unused_result)) int gb_seals_forget(
        struct gb_store *store, int64_t done_before, int64_t lines_before, struct gb_diag *diag);

/* What may be said of a line that is stored as an event. */
enum gb_authentic {
	GB_AUTHENTIC_UNSIGNED = 0, /* its sandbox has no key, or is not known */
	GB_AUTHENTIC_NO,           /* forged */
	GB_AUTHENTIC_PENDING,      /* its seal has not come, or was not verified yet */
	GB_AUTHENTIC_YES,
};
/* LINE: the event's body. FUNCTION: whose log it stood in; a sandbox of another function vouches for nothing there; 0: not asked. */
__attribute__((warn_unused_result)) int gb_line_authentic(struct gb_store *store, int64_t function, uint64_t sandbox,
        int64_t seq, struct gb_span line, enum gb_authentic *ret_authentic, struct gb_diag *diag);
const char *gb_authentic_name(enum gb_authentic authentic); /* "unsigned", "no", "pending", "yes" */

/* Observations and progress: to be merged into profiles. SANDBOX and SEQ as the line says. */
struct gb_observed_line {
	int64_t function, version, seq, time;
	uint64_t sandbox;
	struct gb_span line;
};
__attribute__((warn_unused_result)) int gb_observations_put(
        struct gb_store *store, const struct gb_observed_line *observations, size_t count, struct gb_diag *diag);

#endif
