/* SPDX-License-Identifier: Apache-2.0 */
/* store/tokens: API tokens. The token itself is shown once, when it is made, and stored as its SHA-256. */
#ifndef GB_STORE_TOKENS_H
#define GB_STORE_TOKENS_H

#include "base/arena.h"
#include "store/sql.h"

struct gb_token {
	int64_t id;
	struct gb_span name;
	struct gb_span hash;
	int64_t user;          /* who made it; what he may no more do, it may not either */
	struct gb_span role;   /* the most that it may do */
	struct gb_span scopes; /* what for, with spaces between */
	struct gb_span scope;  /* which functions: as that of users */
	int64_t created, expires /* 0: never */, last_used;
	bool is_revoked;
};

/* Keep a new one; its id is the database's. */
__attribute__((warn_unused_result)) int gb_token_add(
        struct gb_store *store, const struct gb_token *token, int64_t *ret_id, struct gb_diag *diag);

/* By hash, or by id when HASH is empty; in ARENA. 1, or 0 when there is none. Revoked and ended ones too. */
__attribute__((warn_unused_result)) int gb_token_get(struct gb_store *store, struct gb_span hash, int64_t id,
        struct gb_arena *arena, struct gb_token *ret_token, struct gb_diag *diag);

/* It was used at NOW (ms since 1970). No error when there is none. */
__attribute__((warn_unused_result)) int gb_token_used(
        struct gb_store *store, int64_t id, int64_t now, struct gb_diag *diag);

/* 1, or 0 when there was none that was not revoked already. */
__attribute__((warn_unused_result)) int gb_token_revoke(struct gb_store *store, int64_t id, struct gb_diag *diag);

/* Spans live until it returns; results as gb_sql_row's. */
typedef int gb_token_row(void *context, const struct gb_token *token);
/* Of USER (0: of everybody), in order of ids, those after AFTER, at most LIMIT. */
__attribute__((warn_unused_result)) int gb_tokens_list(struct gb_store *store, int64_t user, int64_t after,
        size_t limit, gb_token_row *on_row, void *context, struct gb_diag *diag);

#endif
