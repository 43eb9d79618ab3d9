/* SPDX-License-Identifier: Apache-2.0 */
/* Rules beside the documents, groups and postures of functions: for whom something is published when one changes, and for whom not. */
#include "fixture.h"
#include "publish/publish.h"

#include "base/arena.h"
#include "store/function_page.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

struct bench {
	struct fixture *f;
	struct gb_location location;
	struct gb_publish *publish;
	int64_t one, two;
};

static void open_bench(struct bench *bench, struct fixture *f)
{
	char data[128], url[256];

	*bench = (struct bench){.f = f};
	(void)snprintf(data, sizeof(data), "%s/data", f->folder);
	(void)mkdir(data, 0700);
	(void)snprintf(url, sizeof(url), "%s/policies", data);
	assert_ok(f, gb_location_parse(gb_span_cstr(url), "", false, &bench->location, &f->diag));
	assert_ok(f, gb_publish_new(&(struct gb_publish_settings){.data = data, .location = &bench->location},
	                     &bench->publish, &f->diag));
	bench->one = fixture_function(f, "111111111111", "one");
	bench->two = fixture_function(f, "222222222222", "two");
}

/* Looked at, published and refused, as three digits. */
static int run(struct bench *bench)
{
	struct gb_publish_round round;

	assert_ok(bench->f, gb_publish_run(bench->publish, bench->f->store, &round, &bench->f->diag));
	assert_int_equal(round.failed, 0);
	return (int)(100 * round.looked_at + 10 * round.published + round.refused);
}

static int64_t add_rule(
        struct fixture *f, const char *scope, const char *name, int64_t function, const char *path, int64_t expires)
{
	char entry[128];
	const struct gb_rule rule = {.list = GB_SPAN("rule"),
	        .scope = gb_span_cstr(scope),
	        .name = gb_span_cstr(name),
	        .function = function,
	        .activity = GB_SPAN("file"),
	        .entry = gb_span_of(
	                entry, (size_t)snprintf(entry, sizeof(entry), "{\"files\":{\"read\":[\"%s\"]}}", path)),
	        .author = GB_SPAN("user:anna"),
	        .expires = expires};
	int64_t id = 0;

	assert_ok(f, gb_store_begin(f->store, &f->diag));
	assert_ok(f, gb_rule_add(f->store, &rule, &id, &f->diag));
	assert_ok(f, gb_store_commit(f->store, &f->diag));
	return id;
}

static void drop_rule(struct fixture *f, int64_t id)
{
	struct gb_arena *arena = gb_arena_new();
	struct gb_rule rule;

	assert_int_equal(gb_rule_get(f->store, NULL, id, arena, &rule, &f->diag), 1);
	assert_ok(f, gb_store_begin(f->store, &f->diag));
	assert_int_equal(gb_rule_delete(f->store, &rule, &f->diag), 1);
	assert_ok(f, gb_store_commit(f->store, &f->diag));
	gb_arena_free(arena);
}

static void whom_a_change_is_for(void **state)
{
	struct fixture *f = *state;
	struct bench bench;
	int64_t own, account;

	open_bench(&bench, f);
	assert_int_equal(run(&bench), 200);
	own = add_rule(f, "function", "", bench.one, "/etc/own", 0);
	assert_int_equal(run(&bench), 110);
	assert_int_equal(run(&bench), 0);
	account = add_rule(f, "account", "222222222222", 0, "/etc/account", 0);
	assert_int_equal(run(&bench), 210);
	(void)add_rule(f, "account", "", 0, "/etc/all", 0);
	assert_int_equal(run(&bench), 220);
	drop_rule(f, own);
	assert_int_equal(run(&bench), 110);
	drop_rule(f, account);
	assert_int_equal(run(&bench), 210);
	/* The same text once more makes the same policy. */
	(void)add_rule(f, "function", "", bench.two, "/etc/all", 0);
	assert_int_equal(run(&bench), 110);
	gb_publish_free(bench.publish);
}

static void groups_and_postures(void **state)
{
	struct fixture *f = *state;
	struct bench bench;
	struct gb_span group = GB_SPAN("payments"), posture = GB_SPAN("block"), none = GB_SPAN("");

	open_bench(&bench, f);
	(void)add_rule(f, "group", "payments", 0, "/etc/group", 0);
	assert_int_equal(run(&bench), 200);
	assert_ok(f, gb_function_change(f->store, NULL, bench.one, &group, NULL, NULL, &f->diag));
	assert_int_equal(run(&bench), 110);
	assert_ok(f, gb_function_change(f->store, NULL, bench.one, NULL, &posture, NULL, &f->diag));
	assert_int_equal(run(&bench), 110);
	assert_ok(f, gb_function_change(f->store, NULL, bench.one, &none, NULL, NULL, &f->diag));
	assert_int_equal(run(&bench), 110);
	assert_ok(f, gb_function_change(f->store, NULL, bench.one, NULL, &none, NULL, &f->diag));
	assert_int_equal(run(&bench), 110);
	assert_int_equal(run(&bench), 0);
	gb_publish_free(bench.publish);
}

/* Agents apply the end by themselves; what is published loses it then, too. */
static void an_end_comes(void **state)
{
	struct fixture *f = *state;
	struct bench bench;

	open_bench(&bench, f);
	(void)add_rule(f, "function", "", bench.one, "/etc/short", f->now + 5000);
	assert_int_equal(run(&bench), 210);
	f->now += 4000;
	assert_int_equal(run(&bench), 0);
	f->now += 2000;
	assert_int_equal(run(&bench), 110);
	gb_publish_free(bench.publish);
}

/* One that a newer program has written, say: nothing is published without it, and what was stays. */
static void one_that_is_not_understood(void **state)
{
	struct fixture *f = *state;
	struct gb_publish_round round;
	struct gb_diag diag = {0};
	struct bench bench;
	int64_t id;

	open_bench(&bench, f);
	id = add_rule(f, "account", "", 0, "not/absolute", 0);
	assert_true(gb_publish_run(bench.publish, f->store, &round, &diag) < 0);
	assert_non_null(strstr(diag.message, "rule/"));
	drop_rule(f, id);
	assert_int_equal(run(&bench), 200);
	gb_publish_free(bench.publish);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        ON_BOTH(whom_a_change_is_for),
	        ON_BOTH(groups_and_postures),
	        ON_BOTH(an_end_comes),
	        ON_BOTH(one_that_is_not_understood),
	};

	return cmocka_run_group_tests_name("publish rules", tests, NULL, NULL);
}
