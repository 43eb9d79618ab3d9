/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store/function_page: functions as a table that people filter and sort, and what one of them is changed to.
 */
#ifndef GB_STORE_FUNCTION_PAGE_H
#define GB_STORE_FUNCTION_PAGE_H

#include "store/functions.h"

/* States for people, made of what agent and learner said. "unprotected": its agent is off; "learning": the learner has not
 * ended; else "detecting" or "blocking". The column of them is GB_FUNCTION_STATE_SQL. */
#define GB_FUNCTION_STATE_SQL                                                                                          \
	"CASE WHEN f.mode IN ('', 'off') THEN 'unprotected' WHEN f.state <> 'enforcing' THEN 'learning'"               \
	" WHEN f.mode = 'block' THEN 'blocking' ELSE 'detecting' END"

struct gb_function_table {
	struct gb_span account, region, runtime, state, mode, group, agent_version; /* empty: any; state for people */
	struct gb_span text;                                                        /* part of the name */
	struct gb_span sort; /* name, last_event, learning or first_seen, with '-' the other way round; else by name */
	size_t offset, limit;
};

/* A page of a table, and in *ret_total how many rows all pages have. Result: rows of this page, or an error. */
__attribute__((warn_unused_result)) int gb_function_page(struct gb_store *store, const struct gb_scope *scope,
        const struct gb_function_table *table, gb_function_row *on_row, void *context, int64_t *ret_total,
        struct gb_diag *diag);

/* How many were first heard of at SINCE or later. */
__attribute__((warn_unused_result)) int gb_function_new(
        struct gb_store *store, const struct gb_scope *scope, int64_t since, int64_t *ret_count, struct gb_diag *diag);

/* How many functions are in which state for people: *ON_STATE is told each. */
__attribute__((warn_unused_result)) int gb_function_states(struct gb_store *store, const struct gb_scope *scope,
        gb_sql_row *on_state, void *context, struct gb_diag *diag);

/* Change what people say about a function: a NULL pointer leaves it as it is. 1, or 0 when there is none in scope. */
__attribute__((warn_unused_result)) int gb_function_change(struct gb_store *store, const struct gb_scope *scope,
        int64_t id, const struct gb_span *group, const struct gb_span *posture, const struct gb_span *tags,
        struct gb_diag *diag);

/* Forget a function, its versions, sandboxes, profile and observations; its events stay. 1, or 0 when there is none in scope. */
__attribute__((warn_unused_result)) int gb_function_forget(
        struct gb_store *store, const struct gb_scope *scope, int64_t id, struct gb_diag *diag);

#endif
