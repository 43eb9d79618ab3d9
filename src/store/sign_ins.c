/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sign_ins.h"

#include "store/copy.h"

int gb_sign_in_add(struct gb_store *store, const struct gb_sign_in *sign_in, struct gb_diag *diag)
{
	const struct gb_sql_value values[] = {
	        gb_sql_bytes(sign_in->state),
	        gb_sql_bytes(sign_in->browser),
	        gb_sql_text(sign_in->nonce),
	        gb_sql_text(sign_in->verifier),
	        gb_sql_integer(sign_in->expires),
	};

	return gb_sql_run(store,
	        "INSERT INTO sign_ins (state, browser, nonce, verifier, expires) VALUES ($1, $2, $3, $4, $5)", values,
	        5, NULL, NULL, diag);
}

struct one {
	struct gb_arena *arena;
	struct gb_sign_in *sign_in;
};

static int keep(void *context, const struct gb_sql_value *columns, size_t count)
{
	struct one *one = context;
	struct gb_sign_in *to = one->sign_in;
	struct gb_span *texts[] = {&to->state, &to->browser, &to->nonce, &to->verifier};

	(void)count;
	to->expires = columns[4].integer;
	return gb_store_copy(one->arena, columns, texts, 4);
}

int gb_sign_in_take(struct gb_store *store, struct gb_span state, struct gb_span browser, struct gb_arena *arena,
        struct gb_sign_in *ret_sign_in, struct gb_diag *diag)
{
	const struct gb_sql_value values[] = {gb_sql_bytes(state), gb_sql_bytes(browser)};
	struct one one = {arena, ret_sign_in};

	return gb_sql_run(store,
	        "DELETE FROM sign_ins WHERE state = $1 AND browser = $2 RETURNING state, browser, nonce, verifier, "
	        "expires",
	        values, 2, keep, &one, diag);
}

int gb_sign_ins_expire(struct gb_store *store, int64_t now, struct gb_diag *diag)
{
	const struct gb_sql_value value = gb_sql_integer(now);

	return gb_sql_run(store, "DELETE FROM sign_ins WHERE expires <= $1", &value, 1, NULL, NULL, diag);
}
