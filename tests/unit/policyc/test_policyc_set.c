/* SPDX-License-Identifier: Apache-2.0 */
/* Documents of an account, its groups and its functions together: what holds for one function. */
#include "base/cleanup.h"
#include "policyc/secret.h"
#include "policyc/set.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define V1 "apiVersion: gambeson/v1\n"
/* 2026-11-21T00:00:00Z */
#define NOW 1795219200

static const char account_text[] = V1 "kind: AccountPolicy\n"
                                      "metadata: {name: acme}\n"
                                      "spec:\n"
                                      "  posture: block\n"
                                      "  enforce: after learning\n"
                                      "  controls: {flow: detect}\n"
                                      "  budgets: {processes: 20, connections: 50}\n"
                                      "  firewall:\n"
                                      "    redact: all\n"
                                      "    classes: {xss: detect, sqli: block}\n"
                                      "  rules:\n"
                                      "    - name: no-passwords\n"
                                      "      files: {read: [/etc/passwd]}\n"
                                      "    - name: no-europe\n"
                                      "      scope: {regions: [eu-*]}\n"
                                      "      hosts: [example.com]\n"
                                      "  exclusions:\n"
                                      "    - name: old\n"
                                      "      expires: 2026-11-20\n"
                                      "      files: {read: [/opt/old/*]}\n"
                                      "    - name: young\n"
                                      "      expires: 2026-11-21\n"
                                      "      files: {read: [/opt/young/*]}\n";

static const char groups_text[] = V1 "kind: Group\n"
                                     "metadata: {name: payments}\n"
                                     "spec:\n"
                                     "  match: {functions: [\"pay-*\"]}\n"
                                     "  policy:\n"
                                     "    controls: {flow: block}\n"
                                     "    budgets: {processes: 5}\n"
                                     "    firewall: {classes: {xss: block}}\n"
                                     "---\n" V1 "kind: Group\n"
                                     "metadata: {name: tagged}\n"
                                     "spec:\n"
                                     "  match: {tags: {env: prod}}\n"
                                     "  policy: {posture: detect}\n"
                                     "---\n" V1 "kind: Group\n"
                                     "metadata: {name: rest}\n"
                                     "spec: {policy: {observe: true}}\n";

static const char function_text[] = V1 "kind: FunctionPolicy\n"
                                       "metadata: {name: pay-in}\n"
                                       "spec:\n"
                                       "  budgets: {connections: 7}\n"
                                       "  allow: {files: {read: [/var/task/**]}}\n"
                                       "  exclusions:\n"
                                       "    - name: in-payments\n"
                                       "      scope: {groups: [payments], aliases: [live]}\n"
                                       "      hosts: [api.example.com]\n";

static void add(struct gb_policyc_set *set, const char *file, const char *text)
{
	struct gb_diag diag = {0};

	if (gb_policyc_set_add(set, file, gb_span_cstr(text), &diag) < 0)
		fail_msg("%s:%u:%u: %s", file, diag.line, diag.column, diag.message);
}

static struct gb_policyc_set *acme(void)
{
	struct gb_policyc_set *set = gb_policyc_set_new();

	assert_non_null(set);
	add(set, "p/account.yaml", account_text);
	add(set, "p/groups.yaml", groups_text);
	add(set, "p/pay-in.yaml", function_text);
	assert_int_equal(gb_policyc_set_count(set), 5);
	return set;
}

static void resolved(const struct gb_policyc_set *set, const struct gb_policyc_function *function,
        struct gb_policyc_resolution *ret_resolution)
{
	struct gb_diag diag = {0};

	if (gb_policyc_resolve(set, function, NOW, ret_resolution, &diag) < 0)
		fail_msg("resolve: %s", diag.message);
}

static const struct gb_policyc_function pay_in = {
        .arn = "arn:aws:lambda:us-east-1:123456789012:function:pay-in:live", .has_tags = true};

static void layers(void **state)
{
	struct gb_policyc_set *set = acme();
	struct gb_policyc_resolution resolution;
	const struct gb_policyc_document *document;

	(void)state;
	resolved(set, &pay_in, &resolution);
	gb_policyc_set_free(set);
	document = resolution.document;
	assert_string_equal(document->name, "pay-in");
	assert_string_equal(resolution.group_name, "payments");
	assert_string_equal(resolution.account.file, "p/account.yaml");
	assert_int_equal(resolution.group.line, 1);
	assert_string_equal(resolution.function.file, "p/pay-in.yaml");
	/* Fields: the function's, else the group's, else the account's. */
	assert_int_equal(document->posture, GB_MODE_BLOCK);
	assert_null(resolution.enforce_why);
	assert_int_equal(document->control_modes[GB_CONTROL_FLOW], GB_MODE_BLOCK);
	assert_int_equal(document->guards.budgets[GB_USAGE_PROCESSES], 5);
	assert_int_equal(document->guards.budgets[GB_USAGE_CONNECTIONS], 7);
	assert_int_equal(document->firewall.redaction, GB_BLOB_REDACT_ALL);
	assert_int_equal(document->control_modes[GB_CONTROL_ALLOWLIST], GB_BLOB_MODE_POSTURE);
	/* Lists add up; what has expired or is for others is left out, and said. */
	assert_int_equal(document->rules.count, 1);
	assert_string_equal(document->rules.items[0].name, "no-passwords");
	assert_string_equal(document->rules.items[0].origin.file, "p/account.yaml");
	assert_int_equal(document->rules.items[0].origin.line, 13);
	assert_int_equal(document->exclusions.count, 2);
	assert_string_equal(document->exclusions.items[0].name, "young");
	assert_string_equal(document->exclusions.items[0].read.items[0].text, "/opt/young/**");
	assert_string_equal(document->exclusions.items[1].name, "in-payments");
	assert_int_equal(resolution.left_out_count, 2);
	assert_string_equal(resolution.left_out[0].name, "no-europe");
	assert_string_equal(resolution.left_out[0].text, "its scope is for other regions");
	assert_string_equal(resolution.left_out[1].name, "old");
	assert_int_equal(resolution.left_out[1].reason, GB_POLICYC_EXPIRED);
	assert_string_equal(resolution.left_out[1].text, "expired 2026-11-20");
	assert_int_equal(resolution.next_change, NOW + 86400);
	gb_policyc_resolution_done(&resolution);
}

static void learning(void **state)
{
	struct gb_policyc_set *set = acme();
	struct gb_policyc_function other = {.name = "other", .region = "eu-west-1", .has_tags = true};
	struct gb_policyc_resolution resolution;

	(void)state;
	resolved(set, &other, &resolution);
	assert_string_equal(resolution.group_name, "rest");
	assert_string_equal(resolution.group_why, "it is for every function");
	assert_int_equal(resolution.document->posture, GB_MODE_DETECT);
	assert_true(resolution.document->observe);
	assert_non_null(strstr(resolution.enforce_why, "after learning"));
	assert_int_equal(resolution.document->rules.count, 2);
	gb_policyc_resolution_done(&resolution);
	gb_policyc_set_free(set);
}

static void from_a_date_on(void **state)
{
	static const char text[] = V1 "kind: FunctionPolicy\nmetadata: {name: f}\n"
	                              "spec: {posture: block, enforce: at 2026-12-01}\n";
	struct gb_policyc_resolution resolution;
	struct gb_diag diag;

	(void)state;
	assert_int_equal(gb_policyc_resolve_text("f.yaml", gb_span_cstr(text), NOW, &resolution, &diag), 0);
	/* The agent holds it back until then. */
	assert_int_equal(resolution.document->posture, GB_MODE_BLOCK);
	assert_int_equal(resolution.document->enforce, GB_POLICYC_AT_TIME);
	assert_string_equal(resolution.enforce_why, "enforced at 2026-12-01");
	assert_int_equal(resolution.next_change, NOW + 10 * 86400);
	gb_policyc_resolution_done(&resolution);
	assert_int_equal(
	        gb_policyc_resolve_text("f.yaml", gb_span_cstr(text), NOW + 10 * 86400, &resolution, &diag), 0);
	assert_int_equal(resolution.document->posture, GB_MODE_BLOCK);
	assert_int_equal(resolution.document->enforce, GB_POLICYC_AT_ONCE);
	assert_int_equal(resolution.next_change, 0);
	gb_policyc_resolution_done(&resolution);
}

/* One group that FITS and one that does not fit as well, in both orders. */
static const struct fit_row {
	const char *better, *worse; /* match: NULL: worse matches as well */
} fit_rows[] = {
        {"functions: [\"arn:aws:lambda:us-east-1:123456789012:function:pay-in\"]", "functions: [pay-in]"},
        {"functions: [pay-in]", "functions: [\"pay-i*\"], tags: {a: b, c: d}"},
        {"functions: [\"pay-*\"]", "functions: [\"pay*\"], tags: {a: b}"},
        {"functions: [\"pay-*\"], tags: {a: b}", "functions: [\"pay-*\"]"},
        {"functions: [\"*\"]", "tags: {a: b, c: d}"},
        {"tags: {a: b, c: d}", "tags: {a: b}, accounts: [\"123456789012\"]"},
        {"tags: {a: b}", "accounts: [\"123456789012\"], regions: [us-east-1]"},
        {"accounts: [\"1234*\"]", ""},
        {"accounts: [\"123456789012\"], regions: [us-east-1]", "accounts: [\"123456789012\"]"},
        {"runtimes: [\"nodejs*\"]", ""},
        {"aliases: [live]", ""},
};

static void best_match(void **state)
{
	static const struct gb_policyc_tag tags[] = {{"a", "b"}, {"c", "d"}};
	struct gb_policyc_function function = pay_in;

	(void)state;
	function.tags = tags;
	function.tag_count = 2;
	function.runtime = "nodejs20.x";
	for (size_t i = 0; i < 2 * sizeof(fit_rows) / sizeof(fit_rows[0]); i++) {
		const struct fit_row *row = &fit_rows[i / 2];
		struct gb_policyc_set *set = gb_policyc_set_new();
		struct gb_policyc_resolution resolution;
		char text[600];

		snprintf(text, sizeof(text),
		        V1 "kind: Group\nmetadata: {name: %s}\nspec: {match: {%s}}\n---\n" V1
		           "kind: Group\nmetadata: {name: %s}\nspec: {match: {%s}}\n",
		        i % 2 == 0 ? "better" : "worse", i % 2 == 0 ? row->better : row->worse,
		        i % 2 == 0 ? "worse" : "better", i % 2 == 0 ? row->worse : row->better);
		add(set, "g.yaml", text);
		resolved(set, &function, &resolution);
		if (strcmp(resolution.group_name, "better") != 0)
			fail_msg("{%s} does not win over {%s}", row->better, row->worse);
		gb_policyc_resolution_done(&resolution);
		gb_policyc_set_free(set);
	}
}

static void keys(void **state)
{
	char key[GB_POLICYC_KEY_CHARS], secret[GB_POLICYC_SECRET_CHARS], hash[GB_POLICYC_HASH_CHARS];
	char old_secret[GB_POLICYC_SECRET_CHARS], old_hash[GB_POLICYC_HASH_CHARS], text[1200];
	struct gb_policyc_set *set = gb_policyc_set_new();
	struct gb_policyc_function function = {.name = "any", .group_key = key};
	struct gb_policyc_resolution resolution;
	struct gb_diag diag;

	(void)state;
	assert_int_equal(gb_policyc_key_new(key), 0);
	assert_int_equal(gb_policyc_secret_new(secret, hash), 0);
	assert_int_equal(gb_policyc_secret_new(old_secret, old_hash), 0);
	assert_string_not_equal(secret, old_secret);
	assert_null(strstr(hash, secret));
	snprintf(text, sizeof(text),
	        V1 "kind: Group\nmetadata: {name: bound}\nspec:\n  match: {functions: [none]}\n  key: %s\n"
	           "  secretHash: \"%s\"\n  previous: {secretHash: \"%s\", expires: 2026-11-25}\n"
	           "  policy: {posture: block}\n",
	        key, hash, old_hash);
	add(set, "g.yaml", text);
	assert_int_equal(gb_policyc_resolve(set, &function, NOW, &resolution, &diag), -EINVAL);
	assert_non_null(strstr(diag.message, "without its secret"));
	function.group_secret = secret;
	resolved(set, &function, &resolution);
	assert_string_equal(resolution.group_name, "bound");
	assert_non_null(strstr(resolution.group_why, "key and secret"));
	gb_policyc_resolution_done(&resolution);
	function.group_secret = old_secret;
	resolved(set, &function, &resolution);
	assert_non_null(strstr(resolution.group_why, "previous"));
	gb_policyc_resolution_done(&resolution);
	assert_int_equal(gb_policyc_resolve(set, &function, NOW + 5 * 86400, &resolution, &diag), -EINVAL);
	assert_non_null(strstr(diag.message, "its time is over"));
	function.group_secret = "gs-wrong";
	assert_int_equal(gb_policyc_resolve(set, &function, NOW, &resolution, &diag), -EINVAL);
	assert_non_null(strstr(diag.message, "not the secret of group 'bound'"));
	function.group_key = "gk-unknown-key";
	assert_int_equal(gb_policyc_resolve(set, &function, NOW, &resolution, &diag), -EINVAL);
	assert_non_null(strstr(diag.message, "no group has the key"));
	gb_policyc_set_free(set);
}

#define GROUP(name, spec) V1 "kind: Group\nmetadata: {name: " name "}\nspec: {" spec "}\n"

static const struct error_row {
	const char *text;
	const char *message; /* of adding it to the set of acme, or of resolving pay-in then */
} error_rows[] = {
        {V1 "kind: AccountPolicy\n", "a set has one AccountPolicy; the first is p/account.yaml:1"},
        {GROUP("rest", ""), "a Group of the name 'rest' is there already; the first is p/groups.yaml:18"},
        {function_text, "a FunctionPolicy of the name 'pay-in' is there already; the first is p/pay-in.yaml:1"},
        {V1 "kind: FunctionPolicy\n", "whose policy is the one without a name?"},
        {V1 "kind: FunctionPolicy\nmetadata: {name: \"pay-*\"}\n", "has no '*'"},
        {V1 "kind: Group\n", "a Group has a name"},
        {GROUP("x", "match: {functions: [\"*y-in\"]}"), "'x' (x.yaml:1) match the function equally well"},
        {GROUP("x", "match: {functions: [pay-in], runtimes: [java21]}"),
                "x.yaml:1: Group 'x' asks for the function's runtimes, which is not told"},
        {GROUP("x", "match: {functions: [pay-in]}, policy: {rules: [{name: no-passwords, kinds: [net_send]}]}"),
                "x.yaml:4:55: the name"},
        {GROUP("x", "match: {functions: [pay-in]}, policy: {exclusions: [{name: a, scope: {versions: [\"3\"]}, kinds: "
                    "[net_send]}]}"),
                "x.yaml:4: the scope of exclusion 'a' asks for the function's versions, which is not told"},
        {GROUP("x", "key: gk-12345678"), "'key' and 'secretHash' go together"},
        {GROUP("x", "key: short, secretHash: x"), "a group's key is"},
        {GROUP("x", "key: gk-12345678, secretHash: hunter2"), "never the secret itself"},
        {GROUP("x", "key: gk-12345678, secretHash: \"$argon2id$v=19$m=4194304,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$"
                    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\""),
                "an Argon2id hash"},
        {GROUP("x", "policy: {match: {}}"), "unknown field 'match'"},
        {GROUP("x", "posture: block"), "unknown field 'posture'"},
        {V1 "kind: Gruop\n", "did you mean 'Group'?"},
};

static void errors(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(error_rows) / sizeof(error_rows[0]); i++) {
		const struct error_row *row = &error_rows[i];
		struct gb_policyc_set *set = acme();
		struct gb_policyc_resolution resolution;
		struct gb_diag diag = {0};
		int r = gb_policyc_set_add(set, "x.yaml", gb_span_cstr(row->text), &diag);

		/* Nothing of what is refused is there. */
		if (r < 0)
			assert_int_equal(gb_policyc_set_count(set), 5);
		if (r == 0)
			r = gb_policyc_resolve(set, &pay_in, NOW, &resolution, &diag);
		if (r != -EINVAL || strstr(diag.message, row->message) == NULL)
			fail_msg("%s\ngave %d: %u:%u: %s\nwanted %s", row->text, r, diag.line, diag.column,
			        diag.message, row->message);
		gb_policyc_set_free(set);
	}
}

static void notes(void **state)
{
	static const struct gb_policyc_function functions[] = {
	        {.name = "pay-out", .region = "us-east-1", .alias = "test", .has_tags = true},
	        {.name = "plain", .region = "us-east-1", .has_tags = true},
	};
	static const char *const wanted[] = {
	        "exclusion 'old' expired 2026-11-20",
	        "the scope of rule 'no-europe' matches no function of the list",
	        "Group 'tagged' is the best match of no function of the list",
	        "FunctionPolicy 'pay-in' is for no function of the list",
	};
	struct gb_policyc_set *set = acme();
	struct gb_policyc_notes notes;

	(void)state;
	assert_int_equal(gb_policyc_set_notes(set, NOW, functions, 2, &notes), 0);
	assert_int_equal(notes.count, sizeof(wanted) / sizeof(wanted[0]));
	for (size_t i = 0; i < notes.count; i++)
		if (strstr(notes.items[i].text, wanted[i]) == NULL)
			fail_msg("%s\nwanted %s", notes.items[i].text, wanted[i]);
	assert_string_equal(notes.items[0].origin.file, "p/account.yaml");
	assert_int_equal(notes.items[0].origin.line, 19);
	gb_policyc_set_free(set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(layers),
	        cmocka_unit_test(learning),
	        cmocka_unit_test(from_a_date_on),
	        cmocka_unit_test(best_match),
	        cmocka_unit_test(keys),
	        cmocka_unit_test(errors),
	        cmocka_unit_test(notes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
