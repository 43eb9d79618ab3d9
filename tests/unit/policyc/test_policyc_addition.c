/* SPDX-License-Identifier: Apache-2.0 */
/* Rules and exclusions beside documents: whom they are for, what is wrong with one, groups and postures that people have set. */
#include "policyc/set.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define NOW 1700000000

static const char documents[] = "apiVersion: gambeson/v1\nkind: AccountPolicy\nmetadata: {name: acme}\nspec: {posture: "
                                "detect, rules: [{name: twice, files: {read: [/a]}}]}\n---\n"
                                "apiVersion: gambeson/v1\nkind: Group\nmetadata: {name: shops}\nspec: {match: "
                                "{functions: [shop-*]}, policy: {stance: closed}}\n---\n"
                                "apiVersion: gambeson/v1\nkind: Group\nmetadata: {name: banks}\nspec: {match: "
                                "{functions: [bank-*]}, policy: {enforce: after learning}}\n";

static int add(struct gb_policyc_set *set, enum gb_policyc_addition_scope scope, const char *name, bool is_exclusion,
        const char *entry, struct gb_diag *diag)
{
	static int number;
	char file[32];
	const struct gb_policyc_addition addition = {.file = file,
	        .is_exclusion = is_exclusion,
	        .scope = scope,
	        .name = name,
	        .reason = GB_SPAN("why"),
	        .author = GB_SPAN("anna"),
	        .entry = gb_span_cstr(entry)};

	(void)snprintf(file, sizeof(file), "rule/%d", ++number);
	return gb_policyc_set_add_entry(set, &addition, diag);
}

static struct gb_policyc_set *set_of(const char *text)
{
	struct gb_policyc_set *set = gb_policyc_set_new();
	struct gb_diag diag = {0};

	assert_non_null(set);
	if (text != NULL && gb_policyc_set_add(set, "d.yaml", gb_span_cstr(text), &diag) < 0)
		fail_msg("%s", diag.message);
	return set;
}

/* Names of the rules that hold, with a blank behind each. */
static const char *rules_of(const struct gb_policyc_set *set, const struct gb_policyc_function *function,
        struct gb_policyc_resolution *keep)
{
	static char names[256];
	struct gb_policyc_resolution resolution;
	struct gb_diag diag = {0};

	names[0] = '\0';
	if (gb_policyc_resolve(set, function, NOW, &resolution, &diag) < 0)
		return strcpy(names, diag.message);
	for (size_t i = 0; i < resolution.document->rules.count; i++)
		(void)strncat(strncat(names, resolution.document->rules.items[i].name, 60), " ", 2);
	if (keep != NULL)
		*keep = resolution;
	else
		gb_policyc_resolution_done(&resolution);
	return names;
}

static void each_is_for_its_own(void **state)
{
	struct gb_policyc_set *set = set_of(documents);
	struct gb_policyc_function shop = {.name = "shop-1", .account = "111", .key = "111/eu/shop-1"},
	                           bank = {.name = "bank-1", .account = "222", .key = "222/eu/bank-1"},
	                           put = {.name = "shop-2", .account = "222", .key = "222/eu/shop-2", .group = "banks"},
	                           lost = {.name = "shop-3", .key = "-/eu/shop-3", .group = "nowhere"};
	struct gb_policyc_resolution resolution;
	struct gb_diag diag = {0};

	(void)state;
	assert_int_equal(add(set, GB_POLICYC_FOR_ACCOUNT, "", false, "{name: all, files: {read: [/b]}}", &diag), 0);
	assert_int_equal(
	        add(set, GB_POLICYC_FOR_ACCOUNT, "222", false, "{name: account, files: {read: [/b]}}", &diag), 0);
	assert_int_equal(
	        add(set, GB_POLICYC_FOR_GROUP, "banks", false, "{name: banks, files: {read: [/b]}}", &diag), 0);
	assert_int_equal(
	        add(set, GB_POLICYC_FOR_GROUP, "nowhere", false, "{name: nowhere, files: {read: [/b]}}", &diag), 0);
	assert_int_equal(add(set, GB_POLICYC_FOR_FUNCTION, "111/eu/shop-1", false,
	                         "{\"name\": \"twice\", \"files\": {\"read\": [\"/b\"]}}", &diag),
	        0);
	assert_string_equal(rules_of(set, &shop, NULL), "twice all twice ");
	assert_string_equal(rules_of(set, &bank, NULL), "twice all account banks ");
	assert_string_equal(rules_of(set, &put, &resolution), "twice all account banks ");
	assert_string_equal(resolution.group_name, "banks");
	assert_string_equal(resolution.group_why, "it was put into this group");
	assert_int_equal(resolution.document->stance, GB_STANCE_OPEN);
	assert_int_equal(resolution.addition_count, 3);
	gb_policyc_resolution_done(&resolution);
	assert_string_equal(rules_of(set, &lost, &resolution), "twice all nowhere ");
	assert_string_equal(resolution.group_name, "nowhere");
	assert_non_null(strstr(resolution.group_why, "no document"));
	assert_null(resolution.group.file);
	gb_policyc_resolution_done(&resolution);
	gb_policyc_set_free(set);
}

static void without_documents(void **state)
{
	struct gb_policyc_set *set = set_of(NULL);
	struct gb_policyc_function one = {.name = "one", .key = "a"}, other = {.name = "other", .key = "b"};
	struct gb_policyc_resolution resolution;
	enum gb_mode posture = GB_MODE_BLOCK;
	struct gb_diag diag = {0};

	(void)state;
	assert_int_equal(add(set, GB_POLICYC_FOR_FUNCTION, "a", true, "{files: {read: [/b]}}", &diag), 0);
	assert_string_equal(rules_of(set, &one, &resolution), "");
	assert_true(resolution.document->observe && resolution.document->posture == GB_MODE_DETECT);
	assert_int_equal(resolution.document->exclusions.count, 1);
	/* Whoever finds it in a report finds it again. */
	assert_non_null(strstr(resolution.document->exclusions.items[0].name, "rule/"));
	assert_string_equal(resolution.document->exclusions.items[0].reason, "why");
	assert_string_equal(resolution.document->exclusions.items[0].author, "anna");
	gb_policyc_resolution_done(&resolution);
	assert_non_null(strstr(rules_of(set, &other, NULL), "no document of the set is for function 'other'"));
	other.posture = &posture;
	assert_string_equal(rules_of(set, &other, &resolution), "");
	assert_true(resolution.document->observe && resolution.document->posture == GB_MODE_BLOCK &&
	            resolution.has_own_posture);
	gb_policyc_resolution_done(&resolution);
	gb_policyc_set_free(set);
}

/* It goes before the documents' posture; when that is enforced they say. */
static void postures(void **state)
{
	struct gb_policyc_set *set = set_of(documents);
	enum gb_mode posture = GB_MODE_BLOCK;
	struct gb_policyc_function shop = {.name = "shop-1", .posture = &posture},
	                           bank = {.name = "bank-1", .posture = &posture};
	struct gb_policyc_resolution resolution;

	(void)state;
	(void)rules_of(set, &shop, &resolution);
	assert_int_equal(resolution.document->posture, GB_MODE_BLOCK);
	gb_policyc_resolution_done(&resolution);
	(void)rules_of(set, &bank, &resolution);
	assert_int_equal(resolution.document->posture, GB_MODE_DETECT);
	assert_non_null(strstr(resolution.enforce_why, "after learning"));
	gb_policyc_resolution_done(&resolution);
	posture = GB_MODE_OFF;
	(void)rules_of(set, &bank, &resolution);
	assert_int_equal(resolution.document->posture, GB_MODE_OFF);
	gb_policyc_resolution_done(&resolution);
	gb_policyc_set_free(set);
}

static void what_is_wrong(void **state)
{
	static const struct {
		const char *entry, *message;
		unsigned line, column;
		bool is_exclusion;
	} rows[] = {
	        {"{\n  \"filez\": {}\n}", "did you mean 'files'?", 2, 3, false},
	        {"", "an entry is fields", 1, 1, false},
	        {"[]", "an entry is fields", 1, 1, false},
	        {"text", "an entry is fields", 1, 1, false},
	        {"{}", "names nothing", 1, 1, false},
	        {"{files: {read: [a]}}", "must be absolute", 1, 17, false},
	        {"{files: {read: [/a]},\n reason: x}", "'reason' stands beside the entry", 2, 2, false},
	        {"{files: {read: [/a]}, author: x}", "'author' stands beside", 1, 23, false},
	        {"{files: {read: [/a]}, expires: 2099-01-01}", "'expires' stands beside", 1, 23, false},
	        {"{files: {read: [/a]}, scope: {versions: [1]}}", "'scope' stands beside", 1, 23, true},
	        {"{inputs: [{classes: [xss]}]}", "unknown field 'inputs'", 1, 2, false},
	        {"{inputs: [{classes: [xzz]}]}", "unknown class", 1, 22, true},
	        {"{files: {read: [&a /a, *a]}}", "", 1, 17, false},
	};
	struct gb_policyc_set *set = set_of(NULL);
	struct gb_policyc_function one = {.name = "one", .key = "a"};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct gb_diag diag = {0};
		int r = add(set, GB_POLICYC_FOR_ACCOUNT, "", rows[i].is_exclusion, rows[i].entry, &diag);

		if (r != -EINVAL || strstr(diag.message, rows[i].message) == NULL || diag.line != rows[i].line ||
		        diag.column != rows[i].column)
			fail_msg("%s: %d %u:%u %s", rows[i].entry, r, diag.line, diag.column, diag.message);
	}
	/* Nothing of it stayed. */
	assert_non_null(strstr(rules_of(set, &one, NULL), "no document"));
	gb_policyc_set_free(set);
}

static int on_entry(void *context, const struct gb_policyc_entry *entry, struct gb_span json, uint32_t line)
{
	char *text = context;
	size_t n = strlen(text);

	(void)snprintf(text + n, 512 - n, "%u %s %.*s\n", line, entry->name == NULL ? "-" : entry->name, (int)json.n,
	        (const char *)json.p);
	return 0;
}

static void entries_of_documents(void **state)
{
	struct gb_policyc_set *set =
	        set_of("apiVersion: gambeson/v1\nkind: FunctionPolicy\nmetadata: {name: a}\nspec:\n  rules:\n  - name: "
	               "\"a\\\"b\"\n    files: {read: [/a, {regex: '/\\w'}]}\n"
	               "  - {kinds: [net_listen], reason: because}\n  exclusions:\n");
	char text[512] = "";

	(void)state;
	assert_int_equal(gb_policyc_set_entries(set, 0, false, on_entry, text), 0);
	assert_string_equal(text,
	        "6 a\"b {\"name\":\"a\\\"b\",\"files\":{\"read\":[\"/a\",{\"regex\":\"/\\\\w\"}]}}\n8 - "
	        "{\"kinds\":[\"net_listen\"],\"reason\":\"because\"}\n");
	text[0] = '\0';
	assert_int_equal(gb_policyc_set_entries(set, 0, true, on_entry, text), 0);
	assert_string_equal(text, "");
	gb_policyc_set_free(set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(each_is_for_its_own),
	        cmocka_unit_test(without_documents),
	        cmocka_unit_test(postures),
	        cmocka_unit_test(what_is_wrong),
	        cmocka_unit_test(entries_of_documents),
	};

	return cmocka_run_group_tests_name("policyc addition", tests, NULL, NULL);
}
