/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store/scope: which functions somebody may see. Everything that reads functions or what belongs to one takes a scope; the
 * SQL for it is made here only: gb_in_scope() is a function inside of both databases.
 */
#ifndef GB_STORE_SCOPE_H
#define GB_STORE_SCOPE_H

#include "store/sql.h"

struct gb_arena; /* base/arena.h */

/* A function is in scope when its account is one of ACCOUNTS (or there are none) and it has one of TAGS (or there are none).
 * So the zero value sees everything: take it only for those who may. */
struct gb_scope {
	const struct gb_span *accounts;
	size_t account_count;
	const struct gb_span *tags; /* "key=value" */
	size_t tag_count;
	bool is_empty; /* sees nothing at all */
};

/* Part of a WHERE for the table or alias F, with the scope's text as parameter P: GB_SCOPE_SQL("functions", "$1"). */
#define GB_SCOPE_SQL(f, p) "(" p " = '' OR gb_in_scope(" p ", " f ".account, " f ".tags))"

/* The parameter for it: text in ARENA's memory. NULL SCOPE: everything. 0 or -ENOMEM. */
__attribute__((warn_unused_result)) int gb_scope_value(
        const struct gb_scope *scope, struct gb_arena *arena, struct gb_sql_value *ret_value);

/* The same decision without the database. TAGS is the JSON object of a function. */
bool gb_scope_has(struct gb_span scope_text, struct gb_span account, struct gb_span tags);

#endif
