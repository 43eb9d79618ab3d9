/* SPDX-License-Identifier: Apache-2.0 */
/* store/profiles: what functions were seen to do: lines that wait to be merged, and the profiles that they are merged into. */
#ifndef GB_STORE_PROFILES_H
#define GB_STORE_PROFILES_H

#include "base/arena.h"
#include "store/sql.h"

struct gb_observation {
	int64_t n;
	uint64_t sandbox;
	struct gb_span code, number; /* of the version that the sandbox runs, or empty */
	struct gb_span line;
};

typedef int gb_observation_row(void *context, const struct gb_observation *observation);

/* Look at most at LIMIT lines that came, the oldest, and the next of them at the next call: those that a seal of their sandbox
 * vouches for, with all that was said before them, are ready to be taken. Left out for good are those of a sandbox that was found
 * to forge or lack lines, of sandboxes that share a log stream, of one without a key where the function's others have one, those in
 * the log of another function, and what no seal has come for in time (GB_COLLECT_GRACE_MS). The others go on waiting. */
struct gb_settled {
	size_t ready, left_out;
	bool has_more; /* that were not looked at in this sweep, and it is worth going on */
};
__attribute__((warn_unused_result)) int gb_observations_settle(
        struct gb_store *store, int64_t limit, struct gb_settled *ret_settled, struct gb_diag *diag);

/* Functions that ready lines wait for, by id, after AFTER, at most LIMIT; their ids to ON_ID. Result: how many. */
__attribute__((warn_unused_result)) int gb_observations_functions(struct gb_store *store, int64_t after, size_t limit,
        int (*on_id)(void *context, int64_t function), void *context, struct gb_diag *diag);

/* Take out at most LIMIT ready lines of FUNCTION, the oldest, in no order. They are gone when the caller's transaction is
 * committed. Result: how many. */
__attribute__((warn_unused_result)) int gb_observations_take(struct gb_store *store, int64_t function, size_t limit,
        gb_observation_row *on_row, void *context, struct gb_diag *diag);

/* Findings that were stored since the last call are ready lines from now on, whoever said them: what was seen in an attack is not learned.
 * Result: how many, at most of LIMIT events; *ret_has_more: there are further events. */
__attribute__((warn_unused_result)) int gb_observations_add_findings(
        struct gb_store *store, int64_t limit, bool *ret_has_more, struct gb_diag *diag);

/* The profile of FUNCTION in ARENA. 1; or 0 when there is none, revision 0. */
__attribute__((warn_unused_result)) int gb_profile_load(struct gb_store *store, int64_t function,
        struct gb_arena *arena, struct gb_span *ret_body, int64_t *ret_revision, struct gb_diag *diag);

/* -ESTALE: it has not REVISION any more. */
__attribute__((warn_unused_result)) int gb_profile_save(
        struct gb_store *store, int64_t function, struct gb_span body, int64_t revision, struct gb_diag *diag);

/* What learning says of FUNCTION. */
__attribute__((warn_unused_result)) int gb_function_learned(struct gb_store *store, int64_t function, const char *state,
        int64_t percent, double bound, struct gb_diag *diag);

/* A person's word on it: the state alone. */
__attribute__((warn_unused_result)) int gb_function_state_set(
        struct gb_store *store, int64_t function, const char *state, struct gb_diag *diag);

/* The code of FUNCTION's version that was first seen last, or empty. 1, or 0 when none is known. */
__attribute__((warn_unused_result)) int gb_function_code(struct gb_store *store, int64_t function,
        struct gb_arena *arena, struct gb_span *ret_code, struct gb_diag *diag);

#endif
