/* SPDX-License-Identifier: Apache-2.0 */
/* Rules and exclusions beside the documents: who sees which, what is counted when one changes, how many there may be. */
#include "fixture.h"

#include "base/arena.h"
#include "store/function_page.h"
#include "store/rules.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static int64_t function_of(struct fixture *f, const char *account, const char *name, const char *tags)
{
	const struct gb_span text = gb_span_cstr(tags);
	int64_t id = fixture_function(f, account, name);

	assert_ok(f, gb_function_change(f->store, NULL, id, NULL, NULL, &text, &f->diag));
	return id;
}

static int add(struct fixture *f, const char *list, const char *scope, const char *name, int64_t function, int64_t *ret)
{
	const struct gb_rule rule = {.list = gb_span_cstr(list),
	        .scope = gb_span_cstr(scope),
	        .name = gb_span_cstr(name),
	        .function = function,
	        .activity = GB_SPAN("file"),
	        .entry = GB_SPAN("{\"files\":{\"read\":[\"/etc/hosts\"]}}"),
	        .reason = GB_SPAN("'; DROP TABLE rules; --"),
	        .author = GB_SPAN("user:anna"),
	        .expires = 5000};
	int r;

	assert_ok(f, gb_store_begin(f->store, &f->diag));
	r = gb_rule_add(f->store, &rule, ret, &f->diag);
	if (r < 0)
		gb_store_rollback(f->store);
	else
		assert_ok(f, gb_store_commit(f->store, &f->diag));
	return r;
}

static int on_rule(void *context, const struct gb_rule *rule)
{
	char *text = context;
	size_t n = strlen(text);

	(void)snprintf(text + n, 128 - n, "%d ", (int)rule->id);
	return 0;
}

/* Their ids. */
static const char *listed(struct fixture *f, const struct gb_scope *scope, struct gb_rule_filter filter)
{
	static char text[128];

	text[0] = '\0';
	if (filter.limit == 0)
		filter.limit = 100;
	assert_ok(f, gb_rules_list(f->store, scope, &filter, on_rule, text, &f->diag));
	return text;
}

static void everybody_sees_his_own(void **state)
{
	struct fixture *f = *state;
	struct gb_span accounts[] = {GB_SPAN("one")}, tags[] = {GB_SPAN("team=shop")}, group = GB_SPAN("carts");
	const struct gb_scope one = {.accounts = accounts, .account_count = 1}, shop = {.tags = tags, .tag_count = 1},
	                      nothing = {.is_empty = true};
	int64_t cart = function_of(f, "one", "cart", "{\"team\":\"shop\"}"),
	        other = function_of(f, "two", "other", "{}"), id;

	assert_ok(f, gb_function_change(f->store, NULL, cart, &group, NULL, NULL, &f->diag));
	assert_ok(f, add(f, "rule", "account", "", 0, &id));           /* 1 */
	assert_ok(f, add(f, "rule", "account", "one", 0, &id));        /* 2 */
	assert_ok(f, add(f, "exclusion", "account", "two", 0, &id));   /* 3 */
	assert_ok(f, add(f, "rule", "group", "carts", 0, &id));        /* 4 */
	assert_ok(f, add(f, "exclusion", "group", "rest", 0, &id));    /* 5 */
	assert_ok(f, add(f, "rule", "function", "", cart, &id));       /* 6 */
	assert_ok(f, add(f, "exclusion", "function", "", other, &id)); /* 7 */
	assert_string_equal(listed(f, NULL, (struct gb_rule_filter){0}), "7 6 5 4 3 2 1 ");
	assert_string_equal(listed(f, &one, (struct gb_rule_filter){0}), "6 4 2 1 ");
	assert_string_equal(listed(f, &shop, (struct gb_rule_filter){0}), "6 4 2 1 ");
	assert_string_equal(listed(f, &nothing, (struct gb_rule_filter){0}), "1 ");
	assert_string_equal(listed(f, NULL, (struct gb_rule_filter){.list = GB_SPAN("exclusion")}), "7 5 3 ");
	assert_string_equal(listed(f, &one, (struct gb_rule_filter){.scope = GB_SPAN("account")}), "2 1 ");
	assert_string_equal(listed(f, NULL, (struct gb_rule_filter){.before = 6, .limit = 2}), "5 4 ");
	assert_string_equal(
	        listed(f, NULL, (struct gb_rule_filter){.function = cart, .account = accounts[0], .group = group}),
	        "6 4 2 1 ");
	assert_string_equal(
	        listed(f, NULL, (struct gb_rule_filter){.function = cart, .account = accounts[0]}), "6 2 1 ");
	assert_string_equal(listed(f, NULL, (struct gb_rule_filter){.list = GB_SPAN("' OR 1=1 --")}), "");
	/* With the function goes what is for it. */
	assert_int_equal(gb_function_forget(f->store, NULL, cart, &f->diag), 1);
	assert_string_equal(listed(f, NULL, (struct gb_rule_filter){0}), "7 5 4 3 2 1 ");
	assert_string_equal(listed(f, &one, (struct gb_rule_filter){0}), "2 1 ");
}

static int64_t counted(struct fixture *f, int64_t *ret_wide)
{
	int64_t all = 0;

	assert_ok(f, gb_rules_epochs(f->store, &all, ret_wide, &f->diag));
	return all;
}

static int on_function(void *context, const struct gb_function *function)
{
	*(int64_t *)context = function->rules;
	return 0;
}

static int64_t counted_of(struct fixture *f, int64_t function)
{
	int64_t rules = 0;

	assert_ok(f, gb_function_get(f->store, NULL, function, on_function, &rules, &f->diag));
	return rules;
}

static void changes_are_counted_where_they_belong(void **state)
{
	struct fixture *f = *state;
	struct gb_arena *arena = gb_arena_new();
	int64_t cart = function_of(f, "one", "cart", "{}"), before_wide, wide, before = counted(f, &before_wide), own,
	        all;
	struct gb_rule rule;

	assert_ok(f, add(f, "rule", "function", "", cart, &own));
	assert_int_equal(counted(f, &wide), before + 1);
	assert_int_equal(wide, before_wide);
	assert_int_equal(counted_of(f, cart), 1);
	assert_ok(f, add(f, "rule", "account", "", 0, &all));
	assert_int_equal(counted(f, &wide), before + 2);
	assert_int_equal(wide, before_wide + 1);
	assert_int_equal(counted_of(f, cart), 1);
	assert_int_equal(gb_rule_get(f->store, NULL, own, arena, &rule, &f->diag), 1);
	assert_true(gb_span_equal(rule.reason, GB_SPAN("'; DROP TABLE rules; --")) && rule.expires == 5000 &&
	            rule.created == f->now && gb_span_equal(rule.function_name, GB_SPAN("cart")) &&
	            gb_span_equal(rule.function_account, GB_SPAN("one")) &&
	            gb_span_equal(rule.function_region, GB_SPAN("eu-west-1")));
	rule.reason = GB_SPAN("\xff changed");
	rule.expires = 0;
	f->now += 1000;
	assert_int_equal(gb_rule_change(f->store, &rule, &f->diag), 1);
	assert_int_equal(gb_rule_get(f->store, NULL, own, arena, &rule, &f->diag), 1);
	assert_true(gb_span_equal(rule.reason, GB_SPAN("\xef\xbf\xbd changed")) && rule.expires == 0 &&
	            rule.changed == f->now && rule.created == f->now - 1000);
	assert_int_equal(counted_of(f, cart), 2);
	assert_int_equal(gb_rule_delete(f->store, &rule, &f->diag), 1);
	assert_int_equal(gb_rule_delete(f->store, &rule, &f->diag), 0);
	assert_int_equal(gb_rule_get(f->store, NULL, own, arena, &rule, &f->diag), 0);
	assert_int_equal(gb_rule_get(f->store, NULL, all, arena, &rule, &f->diag), 1);
	assert_int_equal(wide, before_wide + 1);
	gb_arena_free(arena);
}

static void so_many_and_no_more(void **state)
{
	struct fixture *f = *state;
	int64_t id = 0, count = 0;
	int r = 0;

	assert_ok(f, gb_store_begin(f->store, &f->diag));
	for (int i = 0; i < GB_RULES_OF_ONE && r == 0; i++)
		r = gb_rule_add(f->store,
		        &(struct gb_rule){.list = GB_SPAN("rule"),
		                .scope = GB_SPAN("group"),
		                .name = GB_SPAN("g"),
		                .entry = GB_SPAN("{}")},
		        &id, &f->diag);
	assert_ok(f, r);
	assert_ok(f, gb_store_commit(f->store, &f->diag));
	assert_int_equal(add(f, "rule", "group", "g", 0, &id), -EFBIG);
	assert_ok(f, add(f, "rule", "group", "h", 0, &id));
	assert_ok(f, gb_sql_integer_of(f->store, "SELECT COUNT(*) FROM rules", NULL, 0, &count, &f->diag));
	assert_int_equal(count, GB_RULES_OF_ONE + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        ON_BOTH(everybody_sees_his_own),
	        ON_BOTH(changes_are_counted_where_they_belong),
	        ON_BOTH(so_many_and_no_more),
	};

	return cmocka_run_group_tests_name("store rules", tests, NULL, NULL);
}
