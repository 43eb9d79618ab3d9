/* SPDX-License-Identifier: Apache-2.0 */
/* Keys and secrets of groups, out of policy documents in the database. */
#include "fixture.h"

#include "control/group.h"
#include "control/state.h"
#include "policyc/secret.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct pair {
	char key[GB_POLICYC_KEY_CHARS], secret[GB_POLICYC_SECRET_CHARS], hash[GB_POLICYC_HASH_CHARS];
};

static void make(struct pair *pair)
{
	assert_int_equal(gb_policyc_key_new(pair->key), 0);
	assert_int_equal(gb_policyc_secret_new(pair->secret, pair->hash), 0);
}

static void put(struct fixture *f, int64_t revision, const struct pair *pair, bool is_deleted)
{
	char body[1024];
	const struct gb_sql_value values[] = {
	        gb_sql_integer(revision), gb_sql_text(GB_SPAN_EMPTY), gb_sql_integer(is_deleted)};
	struct gb_sql_value all[3];

	snprintf(body, sizeof(body),
	        "apiVersion: gambeson/v1\nkind: Group\nmetadata:\n  name: payments\nspec:\n  key: %s\n  secretHash: "
	        "%s\n",
	        pair->key, pair->hash);
	memcpy(all, values, sizeof(all));
	all[1] = gb_sql_cstr(body);
	assert_ok(f, gb_sql_run(f->store,
	                     "INSERT INTO documents (kind, name, revision, body, author, time, is_deleted) "
	                     "VALUES ('Group', 'payments', $1, $2, 'a', 1, $3)",
	                     all, 3, NULL, NULL, &f->diag));
}

static int check(struct fixture *f, struct gb_plane *plane, const char *key, const char *secret)
{
	struct gb_arena *arena = gb_arena_new();
	struct gb_span name = GB_SPAN_EMPTY;
	int r = gb_group_check(plane, f->store, gb_span_cstr(key), gb_span_cstr(secret), arena, &name, &f->diag);

	if (r == 1)
		assert_true(gb_span_equal(name, GB_SPAN("payments")));
	gb_arena_free(arena);
	return r;
}

static void secrets(void **state)
{
	struct fixture *f = *state;
	struct gb_plane *plane = calloc(1, sizeof(*plane));
	struct pair first, second;

	assert_int_equal(gb_group_cache_new(&plane->groups), 0);
	gb_hashing_init(&plane->hashing);
	make(&first);
	make(&second);
	assert_int_equal(check(f, plane, first.key, first.secret), 0);
	put(f, 1, &first, false);
	assert_int_equal(check(f, plane, first.key, first.secret), 1);
	assert_int_equal(check(f, plane, first.key, first.secret), 1);
	assert_int_equal(check(f, plane, first.key, second.secret), 0);
	assert_int_equal(check(f, plane, second.key, first.secret), 0);
	assert_int_equal(check(f, plane, first.key, ""), 0);
	assert_int_equal(check(f, plane, "%", first.secret), 0);
	assert_int_equal(check(f, plane, "", first.secret), 0);
	/* A new secret in a new revision: the old one, though remembered, ends with it. */
	memcpy(second.key, first.key, sizeof(first.key));
	put(f, 2, &second, false);
	assert_int_equal(check(f, plane, first.key, first.secret), 0);
	assert_int_equal(check(f, plane, first.key, second.secret), 1);
	put(f, 3, &second, true);
	assert_int_equal(check(f, plane, first.key, second.secret), 0);
	gb_group_cache_free(plane->groups);
	free(plane);
}

int main(void)
{
	const struct CMUnitTest tests[] = {ON_BOTH(secrets)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
