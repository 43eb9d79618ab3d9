/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store/functions: functions and their versions, as lines tell of them. A function is account, region and name.
 */
#ifndef GB_STORE_FUNCTIONS_H
#define GB_STORE_FUNCTIONS_H

#include "store/scope.h"

#define GB_FUNCTION_NAME_MAX 256u /* bytes of each of account, region, name, version, code; what is longer is refused */

/* What one line says about where it comes from. Empty spans: it does not say. */
struct gb_function_sighting {
	struct gb_span account, region, name;
	struct gb_span code, number; /* of the version: hash of the code; "$LATEST" or a number */
	struct gb_span runtime, agent_version, mode;
	int64_t time;
	bool is_event; /* counts for last_event too */
};

/* Filled for each sighting. */
struct gb_function_ids {
	int64_t function;
	int64_t version; /* 0 when neither code nor number are known */
};

/* Note that these were seen, and give their numbers. What is known and fresh is answered from memory (the cache belongs to
 * the store); last_seen and its like are written when they moved by a minute or more. Opens a transaction of
 * its own when there is none. -EINVAL: a name is empty or too long (nothing is written). */
__attribute__((warn_unused_result)) int gb_functions_seen(struct gb_store *store,
        const struct gb_function_sighting *sightings, size_t count, struct gb_function_ids *ret_ids,
        struct gb_diag *diag);

struct gb_function {
	int64_t id;
	struct gb_span account, region, name, runtime, agent_version;
	struct gb_span mode;                       /* that the agent said: off, detect, block */
	struct gb_span posture;                    /* what people want of it; "" is inherited */
	struct gb_span group;                      /* the column is `grp` */
	struct gb_span tags;                       /* JSON object of strings */
	int64_t first_seen, last_seen, last_event; /* last_event 0: none */
	struct gb_span state;                      /* learning, proposed, enforcing … */
	int64_t learning_percent;
	double bound;  /* that the learner promises, or 0 */
	int64_t rules; /* how often those of it alone were changed (rules.h); 0 where pages are read */
};

/* Spans live until the callback returns. Results as those of gb_sql_row. */
typedef int gb_function_row(void *context, const struct gb_function *function);

struct gb_arena; /* base/arena.h */

/* FROM with its texts in ARENA: what is to be written because of a row is written when the list has ended. 0 or -ENOMEM. */
__attribute__((warn_unused_result)) int gb_function_copy(
        struct gb_arena *arena, const struct gb_function *from, struct gb_function *ret_function);

struct gb_function_filter {
	struct gb_span account, region, group, state; /* empty: any */
	struct gb_span text;                          /* part of the name, ASCII letters of either case */
};

/* In order of account, region, name, after the one with the id AFTER (0: from the beginning), at most LIMIT. Result: how
 * many. SCOPE NULL: everything. */
__attribute__((warn_unused_result)) int gb_functions_list(struct gb_store *store, const struct gb_scope *scope,
        const struct gb_function_filter *filter, int64_t after, size_t limit, gb_function_row *on_row, void *context,
        struct gb_diag *diag);

/* One. 1, or 0 when there is none in scope. */
__attribute__((warn_unused_result)) int gb_function_get(struct gb_store *store, const struct gb_scope *scope,
        int64_t id, gb_function_row *on_row, void *context, struct gb_diag *diag);

/* The id of a name; 1, or 0 when there is none. */
__attribute__((warn_unused_result)) int gb_function_find(struct gb_store *store, struct gb_span account,
        struct gb_span region, struct gb_span name, int64_t *ret_id, struct gb_diag *diag);

#endif
