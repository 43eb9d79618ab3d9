/* SPDX-License-Identifier: Apache-2.0 */
/* What both databases must do alike below the entities: values, errors, transactions, locks, migrations, scopes. */
#include "fixture.h"

#include "base/arena.h"
#include "store/scope.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct copy {
	enum gb_sql_type types[8];
	int64_t integers[8];
	double reals[8];
	char bytes[8][64];
	size_t n[8];
	size_t rows;
};

static int take(void *context, const struct gb_sql_value *columns, size_t count)
{
	struct copy *copy = context;

	copy->rows++;
	for (size_t i = 0; i < count && i < 8; i++) {
		copy->types[i] = columns[i].type;
		copy->integers[i] = columns[i].integer;
		copy->reals[i] = columns[i].real;
		copy->n[i] = columns[i].bytes.n;
		if (columns[i].bytes.n > 0)
			memcpy(copy->bytes[i], columns[i].bytes.p, columns[i].bytes.n < 64 ? columns[i].bytes.n : 64);
	}
	return 0;
}

static int put(struct fixture *f, const char *key, struct gb_span value)
{
	struct gb_sql_value values[] = {gb_sql_cstr(key), gb_sql_text(value)};

	return gb_sql_run(
	        f->store, "INSERT INTO settings (key, value) VALUES ($1, $2)", values, 2, NULL, NULL, &f->diag);
}

static int64_t count_settings(struct fixture *f)
{
	int64_t n = -1;

	assert_ok(f, gb_sql_integer_of(f->store, "SELECT count(*) FROM settings", NULL, 0, &n, &f->diag));
	return n;
}

static void values_come_back(void **state)
{
	struct fixture *f = *state;
	struct copy copy = {.rows = 0};
	const struct gb_sql_value put[] = {
	        gb_sql_integer(INT64_MIN),
	        gb_sql_bytes(GB_SPAN("\0\xff\x80 x")),
	        gb_sql_text(GB_SPAN_EMPTY),
	};
	const struct gb_sql_value ask[] = {
	        put[0],
	        gb_sql_text(GB_SPAN("caf\xc3\xa9")),
	        put[1],
	        gb_sql_real(0.1),
	        gb_sql_null(),
	        gb_sql_text(GB_SPAN_EMPTY),
	};
	int r = gb_sql_run(f->store,
	        "INSERT INTO publications (function, serial, sha256, time, state, diag) VALUES ($1, 2, $2, 0, $3, $3)",
	        put, 3, NULL, NULL, &f->diag);

	assert_int_equal(r, 1);
	r = gb_sql_run(f->store,
	        "SELECT function, CAST($2 AS TEXT), sha256, CAST($4 AS DOUBLE PRECISION), CAST($5 AS BIGINT), state, "
	        "CAST($6 AS TEXT), serial FROM publications WHERE function = $1 AND sha256 = $3",
	        ask, 6, take, &copy, &f->diag);
	assert_ok(f, r);
	assert_int_equal(copy.rows, 1);
	assert_int_equal(copy.types[0], GB_SQL_INTEGER);
	assert_true(copy.integers[0] == INT64_MIN);
	assert_int_equal(copy.types[1], GB_SQL_TEXT);
	assert_memory_equal(copy.bytes[1], "caf\xc3\xa9", 5);
	assert_int_equal(copy.types[2], GB_SQL_BYTES);
	assert_int_equal(copy.n[2], 5);
	assert_memory_equal(copy.bytes[2], "\0\xff\x80 x", 5);
	assert_int_equal(copy.types[3], GB_SQL_REAL);
	assert_true(copy.reals[3] == 0.1);
	assert_int_equal(copy.types[4], GB_SQL_NULL);
	assert_int_equal(copy.types[5], GB_SQL_TEXT);
	assert_int_equal(copy.n[5], 0);
	assert_int_equal(copy.types[6], GB_SQL_TEXT);
	assert_int_equal(copy.n[6], 0);
	assert_int_equal(copy.integers[7], 2);
}

static void text_is_cleaned(void **state)
{
	static const struct {
		const char *name;
		struct gb_span put, want;
	} rows[] = {
	        {"plain", GB_SPAN("'; DROP TABLE settings; --"), GB_SPAN("'; DROP TABLE settings; --")},
	        {"nul", GB_SPAN("a\0b"),
	                GB_SPAN("a\xef\xbf\xbd"
	                        "b")},
	        {"nul far in", GB_SPAN("0123456789abcdef\0"), GB_SPAN("0123456789abcdef\xef\xbf\xbd")},
	        {"lone byte", GB_SPAN("\xff"), GB_SPAN("\xef\xbf\xbd")},
	        {"overlong", GB_SPAN("x\xc0\xaf"), GB_SPAN("x\xef\xbf\xbd\xef\xbf\xbd")},
	        {"surrogate", GB_SPAN("\xed\xa0\x80"), GB_SPAN("\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd")},
	        {"cut", GB_SPAN("ab\xe2\x82"), GB_SPAN("ab\xef\xbf\xbd\xef\xbf\xbd")},
	        {"good", GB_SPAN("\xf0\x9f\x92\xa9 \xe2\x82\xac"), GB_SPAN("\xf0\x9f\x92\xa9 \xe2\x82\xac")},
	        {"quote", GB_SPAN("\\' \" $1 %s"), GB_SPAN("\\' \" $1 %s")},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct gb_sql_value key = gb_sql_cstr(rows[i].name);
		struct copy copy = {.rows = 0};
		int r;

		assert_int_equal(put(f, rows[i].name, rows[i].put), 1);
		r = gb_sql_run(f->store, "SELECT value FROM settings WHERE key = $1", &key, 1, take, &copy, &f->diag);
		assert_ok(f, r);
		if (copy.rows != 1 || copy.n[0] != rows[i].want.n ||
		        memcmp(copy.bytes[0], rows[i].want.p, copy.n[0]) != 0)
			fail_msg("%s: got %.*s", rows[i].name, (int)copy.n[0], copy.bytes[0]);
	}
}

static void errors_have_numbers(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(put(f, "k", GB_SPAN("1")), 1);
	assert_int_equal(put(f, "k", GB_SPAN("2")), -EEXIST);
	assert_int_equal(gb_sql_run(f->store, "SELEKT 1", NULL, 0, NULL, NULL, &f->diag), -EINVAL);
	assert_int_equal(gb_sql_run(f->store, "SELECT x FROM nowhere", NULL, 0, NULL, NULL, &f->diag), -EINVAL);
	assert_int_equal(gb_sql_run(f->store, "INSERT INTO settings (key) VALUES ('z')", NULL, 0, NULL, NULL, &f->diag),
	        -EINVAL);
	assert_int_equal(gb_sql_run(f->store, "SELECT key FROM settings", &(struct gb_sql_value){.type = GB_SQL_NULL},
	                         1, NULL, NULL, &f->diag),
	        -EINVAL);
	assert_int_equal(count_settings(f), 1);
}

static void rollback_undoes(void **state)
{
	struct fixture *f = *state;
	struct gb_store *other = fixture_open(f);
	int64_t seen = -1;

	assert_ok(f, gb_store_begin(f->store, &f->diag));
	assert_int_equal(gb_store_begin(f->store, &f->diag), -EALREADY);
	assert_int_equal(put(f, "a", GB_SPAN("1")), 1);
	assert_ok(f, gb_sql_integer_of(other, "SELECT count(*) FROM settings", NULL, 0, &seen, &f->diag));
	assert_int_equal(seen, 0);
	gb_store_rollback(f->store);
	gb_store_rollback(f->store);
	assert_int_equal(count_settings(f), 0);
	assert_ok(f, gb_store_begin(f->store, &f->diag));
	assert_int_equal(put(f, "a", GB_SPAN("1")), 1);
	assert_ok(f, gb_store_commit(f->store, &f->diag));
	assert_ok(f, gb_sql_integer_of(other, "SELECT count(*) FROM settings", NULL, 0, &seen, &f->diag));
	assert_int_equal(seen, 1);
	assert_int_equal(gb_store_commit(f->store, &f->diag), -EINVAL);
	gb_store_close(other);
}

static int nested(void *context, const struct gb_sql_value *columns, size_t count)
{
	struct fixture *f = context;

	(void)columns, (void)count;
	assert_int_equal(count_settings(f), 3);
	return gb_sql_run(f->store, "SELECT key FROM settings ORDER BY key", NULL, 0, NULL, NULL, &f->diag) == 3 ? 0
	                                                                                                         : -EIO;
}

static int stop_at_once(void *context, const struct gb_sql_value *columns, size_t count)
{
	(void)columns, (void)count;
	(*(size_t *)context)++;
	return 1;
}

static void callbacks_may_ask_and_stop(void **state)
{
	static const char all[] = "SELECT key FROM settings ORDER BY key";
	struct fixture *f = *state;
	size_t rows = 0;

	for (const char *key = "abc"; *key != '\0'; key++)
		assert_int_equal(put(f, (char[]){*key, '\0'}, GB_SPAN("v")), 1);
	assert_int_equal(gb_sql_run(f->store, all, NULL, 0, nested, f, &f->diag), 3);
	assert_int_equal(gb_sql_run(f->store, all, NULL, 0, stop_at_once, &rows, &f->diag), 1);
	assert_int_equal(rows, 1);
}

static void many_statements_fit(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 500; i++) {
		char text[64];
		int64_t n = -1;

		snprintf(text, sizeof text, "SELECT count(*) + %d FROM settings", i % 250);
		assert_int_equal(gb_sql_integer_of(f->store, text, NULL, 0, &n, &f->diag), 1);
		assert_int_equal(n, i % 250);
	}
}

static void locks_are_for_one(void **state)
{
	struct fixture *f = *state;
	struct gb_store *other = fixture_open(f);

	assert_ok(f, gb_store_lock(f->store, "learn", &f->diag));
	assert_ok(f, gb_store_lock(f->store, "learn", &f->diag));
	assert_int_equal(gb_store_lock(other, "learn", &f->diag), -EBUSY);
	assert_ok(f, gb_store_lock(other, "publish", &f->diag));
	gb_store_unlock(f->store, "learn");
	assert_ok(f, gb_store_lock(other, "learn", &f->diag));
	assert_int_equal(gb_store_lock(f->store, "learn", &f->diag), -EBUSY);
	gb_store_close(other);
	assert_ok(f, gb_store_lock(f->store, "learn", &f->diag));
	assert_ok(f, gb_store_lock(f->store, "publish", &f->diag));
	assert_int_equal(gb_store_lock(f->store, "../x", &f->diag), -EINVAL);
	assert_int_equal(gb_store_lock(f->store, "", &f->diag), -EINVAL);
}

static void migrations_run_once(void **state)
{
	struct fixture *f = *state;
	struct gb_sql_value number = gb_sql_integer(998);

	assert_int_equal(gb_store_migrate(f->store, &f->diag), 0);
	assert_int_equal(gb_sql_run(f->store, "INSERT INTO migrations VALUES ($1, 'of-tomorrow', 0)", &number, 1, NULL,
	                         NULL, &f->diag),
	        1);
	assert_int_equal(gb_store_migrate(f->store, &f->diag), -EPROTO);
	assert_false(gb_store_is_in_transaction(f->store));
	assert_ok(f, gb_store_ping(f->store, &f->diag));
}

static void scopes_are_kept(void **state)
{
	static const struct gb_span accounts[] = {GB_SPAN("111"), GB_SPAN("2\"2")};
	static const struct gb_span tags[] = {GB_SPAN("team=shop"), GB_SPAN("tier=")};
	static const struct gb_span bad[] = {GB_SPAN("\xff")};
	static const struct {
		const char *name;
		struct gb_scope scope;
		const char *account, *tags;
		bool want;
	} rows[] = {
	        {"all", {.is_empty = false}, "9", "{}", true},
	        {"nothing", {.is_empty = true}, "9", "{}", false},
	        {"account", {.accounts = accounts, .account_count = 2}, "111", "{}", true},
	        {"account quoted", {.accounts = accounts, .account_count = 2}, "2\"2", "{}", true},
	        {"other account", {.accounts = accounts, .account_count = 2}, "11", "{}", false},
	        {"tag", {.tags = tags, .tag_count = 2}, "9", "{\"team\":\"shop\",\"x\":\"y\"}", true},
	        {"second tag", {.tags = tags, .tag_count = 2}, "9", "{\"tier\":\"\"}", true},
	        {"other value", {.tags = tags, .tag_count = 2}, "9", "{\"team\":\"shopping\"}", false},
	        {"no tag", {.tags = tags, .tag_count = 2}, "9", "{}", false},
	        {"both", {.accounts = accounts, .account_count = 1, .tags = tags, .tag_count = 1}, "111",
	                "{\"team\":\"shop\"}", true},
	        {"one of both", {.accounts = accounts, .account_count = 1, .tags = tags, .tag_count = 1}, "111", "{}",
	                false},
	        {"bad account", {.accounts = bad, .account_count = 1}, "111", "{}", false},
	        {"bad tag", {.tags = bad, .tag_count = 1}, "111", "{}", false},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct gb_arena *arena = gb_arena_new();
		struct gb_sql_value values[3] = {0};
		int64_t n = 0;
		int r = gb_scope_value(&rows[i].scope, arena, &values[0]);

		assert_ok(f, r);
		values[1] = gb_sql_cstr(rows[i].account);
		values[2] = gb_sql_cstr(rows[i].tags);
		r = gb_sql_integer_of(f->store,
		        "SELECT CASE WHEN gb_in_scope($1, CAST($2 AS TEXT), CAST($3 AS TEXT)) THEN 1 ELSE 0 END",
		        values, 3, &n, &f->diag);
		assert_ok(f, r);
		if ((n != 0) != rows[i].want ||
		        gb_scope_has(values[0].bytes, values[1].bytes, values[2].bytes) != rows[i].want)
			fail_msg("%s: database %d", rows[i].name, (int)n);
		gb_arena_free(arena);
	}
}

/* What was the first server is the second now: the connection is up, and of no use. */
static void a_server_that_takes_no_writes_is_left(void **state)
{
	static const char insert[] = "INSERT INTO settings (key, value) VALUES ('k', 'v') ON CONFLICT (key) DO NOTHING";
	struct fixture *f = *state;

	if (f->kind != GB_STORE_POSTGRES)
		return;
	assert_ok(f, gb_sql_run(f->store, "SET default_transaction_read_only = on", NULL, 0, NULL, NULL, &f->diag));
	assert_int_equal(gb_sql_run(f->store, insert, NULL, 0, NULL, NULL, &f->diag), -ECONNRESET);
	assert_int_equal(gb_sql_run(f->store, insert, NULL, 0, NULL, NULL, &f->diag), 1);
	assert_ok(f, gb_sql_run(f->store, "SET default_transaction_read_only = on", NULL, 0, NULL, NULL, &f->diag));
	assert_ok(f, gb_store_begin(f->store, &f->diag));
	assert_int_equal(gb_sql_run(f->store, insert, NULL, 0, NULL, NULL, &f->diag), -ECONNRESET);
	assert_int_equal(gb_sql_run(f->store, insert, NULL, 0, NULL, NULL, &f->diag), -ECANCELED);
	gb_store_rollback(f->store);
	assert_ok(f, gb_store_begin(f->store, &f->diag));
	assert_int_equal(gb_sql_run(f->store, insert, NULL, 0, NULL, NULL, &f->diag), 0);
	assert_ok(f, gb_store_commit(f->store, &f->diag));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        ON_BOTH(a_server_that_takes_no_writes_is_left),
	        ON_BOTH(values_come_back),
	        ON_BOTH(text_is_cleaned),
	        ON_BOTH(errors_have_numbers),
	        ON_BOTH(rollback_undoes),
	        ON_BOTH(callbacks_may_ask_and_stop),
	        ON_BOTH(many_statements_fit),
	        ON_BOTH(locks_are_for_one),
	        ON_BOTH(migrations_run_once),
	        ON_BOTH(scopes_are_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
