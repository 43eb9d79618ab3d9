/* SPDX-License-Identifier: Apache-2.0 */
#include "store/tokens.h"

#include "store/copy.h"

#define COLUMNS "name, hash, role, scopes, scope, id, user_id, created, expires, last_used, is_revoked"
#define TEXTS   5u

static struct gb_token token_of(const struct gb_sql_value *columns)
{
	return (struct gb_token){
	        .name = columns[0].bytes,
	        .hash = columns[1].bytes,
	        .role = columns[2].bytes,
	        .scopes = columns[3].bytes,
	        .scope = columns[4].bytes,
	        .id = columns[5].integer,
	        .user = columns[6].integer,
	        .created = columns[7].integer,
	        .expires = columns[8].integer,
	        .last_used = columns[9].integer,
	        .is_revoked = columns[10].integer != 0,
	};
}

int gb_token_add(struct gb_store *store, const struct gb_token *token, int64_t *ret_id, struct gb_diag *diag)
{
	const struct gb_sql_value values[] = {
	        gb_sql_text(token->name),
	        gb_sql_bytes(token->hash),
	        gb_sql_integer(token->user),
	        gb_sql_text(token->role),
	        gb_sql_text(token->scopes),
	        gb_sql_text(token->scope),
	        gb_sql_integer(token->created),
	        gb_sql_integer(token->expires),
	};

	return gb_sql_integer_of(store,
	        "INSERT INTO tokens (name, hash, user_id, role, scopes, scope, created, expires) "
	        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id",
	        values, 8, ret_id, diag);
}

struct one {
	struct gb_arena *arena;
	struct gb_token *token;
};

static int keep(void *context, const struct gb_sql_value *columns, size_t count)
{
	struct one *one = context;
	struct gb_token token = token_of(columns);
	struct gb_span *texts[TEXTS] = {&token.name, &token.hash, &token.role, &token.scopes, &token.scope};
	int r = gb_store_copy(one->arena, columns, texts, TEXTS);

	(void)count;
	if (r < 0)
		return r;
	*one->token = token;
	return 1;
}

int gb_token_get(struct gb_store *store, struct gb_span hash, int64_t id, struct gb_arena *arena,
        struct gb_token *ret_token, struct gb_diag *diag)
{
	const struct gb_sql_value by_hash = gb_sql_bytes(hash), by_id = gb_sql_integer(id);
	struct one one = {arena, ret_token};

	if (hash.n > 0)
		return gb_sql_run(
		        store, "SELECT " COLUMNS " FROM tokens WHERE hash = $1", &by_hash, 1, keep, &one, diag);
	return gb_sql_run(store, "SELECT " COLUMNS " FROM tokens WHERE id = $1", &by_id, 1, keep, &one, diag);
}

int gb_token_used(struct gb_store *store, int64_t id, int64_t now, struct gb_diag *diag)
{
	const struct gb_sql_value values[] = {gb_sql_integer(id), gb_sql_integer(now)};

	return gb_sql_run(store, "UPDATE tokens SET last_used = $2 WHERE id = $1", values, 2, NULL, NULL, diag);
}

int gb_token_revoke(struct gb_store *store, int64_t id, struct gb_diag *diag)
{
	const struct gb_sql_value value = gb_sql_integer(id);

	return gb_sql_run(store, "UPDATE tokens SET is_revoked = 1 WHERE id = $1 AND is_revoked = 0", &value, 1, NULL,
	        NULL, diag);
}

struct each {
	gb_token_row *on_row;
	void *context;
};

static int hand_out(void *context, const struct gb_sql_value *columns, size_t count)
{
	const struct each *each = context;
	const struct gb_token token = token_of(columns);

	(void)count;
	return each->on_row(each->context, &token);
}

int gb_tokens_list(struct gb_store *store, int64_t user, int64_t after, size_t limit, gb_token_row *on_row,
        void *context, struct gb_diag *diag)
{
	const struct gb_sql_value values[] = {
	        gb_sql_integer(user), gb_sql_integer(after), gb_sql_integer((int64_t)limit)};
	struct each each = {on_row, context};

	return gb_sql_run(store,
	        "SELECT " COLUMNS " FROM tokens WHERE ($1 = 0 OR user_id = $1) AND id > $2 ORDER BY id LIMIT $3",
	        values, 3, hand_out, &each, diag);
}
