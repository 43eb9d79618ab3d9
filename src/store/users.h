/* SPDX-License-Identifier: Apache-2.0 */
/* store/users: people who may sign in. What roles and scopes mean is control's. */
#ifndef GB_STORE_USERS_H
#define GB_STORE_USERS_H

#include "base/arena.h"
#include "store/sql.h"

struct gb_user {
	int64_t id;
	struct gb_span name; /* what he signs in with; lower case */
	struct gb_span email;
	struct gb_span password; /* its hash; empty: he has none, and signs in elsewhere */
	struct gb_span role;
	struct gb_span scope;           /* control/scope.h's text; empty: everything */
	struct gb_span issuer, subject; /* who he is to an OpenID provider; both or none */
	bool is_disabled;
	int64_t created, last_login; /* last_login 0: never */
};

/* Add USER (its id is not looked at). -EEXIST: the name or subject is taken. */
__attribute__((warn_unused_result)) int gb_user_add(
        struct gb_store *store, const struct gb_user *user, int64_t *ret_id, struct gb_diag *diag);

/* Write all of USER but its id, name and created. Result: 1, or 0 when there is none. */
__attribute__((warn_unused_result)) int gb_user_change(
        struct gb_store *store, const struct gb_user *user, struct gb_diag *diag);

/* With his sessions and tokens. 1, or 0 when there is none. */
__attribute__((warn_unused_result)) int gb_user_delete(struct gb_store *store, int64_t id, struct gb_diag *diag);

/* One user, in ARENA. 1, or 0 when there is none. */
__attribute__((warn_unused_result)) int gb_user_by_id(
        struct gb_store *store, int64_t id, struct gb_arena *arena, struct gb_user *ret_user, struct gb_diag *diag);
__attribute__((warn_unused_result)) int gb_user_by_name(struct gb_store *store, struct gb_span name,
        struct gb_arena *arena, struct gb_user *ret_user, struct gb_diag *diag);
__attribute__((warn_unused_result)) int gb_user_by_subject(struct gb_store *store, struct gb_span issuer,
        struct gb_span subject, struct gb_arena *arena, struct gb_user *ret_user, struct gb_diag *diag);

/* Spans live until it returns; results as gb_sql_row's. */
typedef int gb_user_row(void *context, const struct gb_user *user);

/* In order of ids, those after AFTER, at most LIMIT. */
__attribute__((warn_unused_result)) int gb_users_list(
        struct gb_store *store, int64_t after, size_t limit, gb_user_row *on_row, void *context, struct gb_diag *diag);

/* How many there are; with ROLE, of those how many have that role, are not disabled and can sign in. */
__attribute__((warn_unused_result)) int gb_users_count(
        struct gb_store *store, const char *role, int64_t *ret_count, struct gb_diag *diag);

#endif
