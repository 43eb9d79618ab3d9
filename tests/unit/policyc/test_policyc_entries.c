/* SPDX-License-Identifier: Apache-2.0 */
/* Rules, exclusions and what they match: read, kept with their places, printed. */
#include "base/cleanup.h"
#include "policyc/moment.h"
#include "policyc/set.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../lib/policy.h"

#define HEAD "apiVersion: gambeson/v1\nkind: FunctionPolicy\nmetadata: {name: goat}\n"
#define NOW  1795219200 /* 2026-11-21 */

static void resolved(const char *text, struct gb_policyc_resolution *ret_resolution)
{
	struct gb_diag diag = {0};

	if (gb_policyc_resolve_text("goat.yaml", gb_span_cstr(text), NOW, ret_resolution, &diag) < 0)
		fail_msg("%u:%u: %s\n%s", diag.line, diag.column, diag.message, text);
}

/* As a tutorial of another product has them. */
static void trend_tutorial(void **state)
{
	static const char *const rules[] = {
	        "\\./bin/curl \\-\\-silent \\-L \\S* \\| /lib64/ld\\-linux\\-x86\\-64\\.so\\.2", "\\./bin/catdoc \\-"};
	struct gb_policyc_resolution resolution;
	const struct gb_policyc_entry *entry;
	char text[700];

	(void)state;
	snprintf(text, sizeof(text),
	        HEAD "spec:\n"
	             "  exclusions:\n"
	             "    - name: tutorial\n"
	             "      commands:\n"
	             "        - regex: '%s'\n"
	             "        - regex: '%s'\n"
	             "      files:\n"
	             "        read:\n"
	             "          - /var/runtime/node_modules/*\n",
	        rules[0], rules[1]);
	resolved(text, &resolution);
	entry = &resolution.document->exclusions.items[0];
	assert_int_equal(entry->commands.count, 2);
	for (size_t i = 0; i < 2; i++) {
		assert_string_equal(entry->commands.items[i].text, rules[i]);
		assert_int_equal(entry->commands.items[i].kind, GB_POLICYC_REGEX);
		assert_int_equal(entry->commands.items[i].origin.line, 8 + i);
	}
	assert_string_equal(entry->read.items[0].text, "/var/runtime/node_modules/**");
	assert_int_equal(entry->read.items[0].origin.line, 12);
	assert_string_equal(entry->read.items[0].origin.file, "goat.yaml");
	gb_policyc_resolution_done(&resolution);
}

static const struct path_row {
	const char *written, *means, *printed;
} path_rows[] = {
        {"/a/*", "/a/**", "\"/a/**\""},
        {"/*", "/**", "\"/**\""},
        {"{in: /a}", "/a/*", "in: /a"},
        {"{in: /}", "/*", "in: /"},
        {"{in: \"/a/*\"}", "/a/*/*", "in: \"/a/*\""},
        {"/a/**", "/a/**", "\"/a/**\""},
        {"/a*", "/a*", "\"/a*\""},
        {"/a/*/b", "/a/*/b", "\"/a/*/b\""},
        {"/a/b*", "/a/b*", "\"/a/b*\""},
        {"{regex: \"/a/*\"}", "/a/*", "regex: \"/a/*\""},
};

static void paths(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(path_rows) / sizeof(path_rows[0]); i++) {
		const struct path_row *row = &path_rows[i];
		struct gb_policyc_resolution resolution;
		GB_CLEANUP(gb_freep) char *out = NULL;
		char text[200], wanted[60];

		snprintf(text, sizeof(text), HEAD "spec: {allow: {files: {any: [%s]}}}\n", row->written);
		resolved(text, &resolution);
		assert_string_equal(resolution.document->allow.any.items[0].text, row->means);
		out = printed(resolution.document);
		snprintf(wanted, sizeof(wanted), "\n        - %s\n", row->printed);
		if (strstr(out, wanted) == NULL)
			fail_msg("%s printed:\n%s", row->written, out);
		gb_policyc_resolution_done(&resolution);
	}
}

static const struct moment_row {
	const char *text;
	int64_t first, last; /* 0: refused */
	const char *printed; /* of `last`; NULL: as written */
} moment_rows[] = {
        {"2026-11-21", NOW, NOW + 86400, NULL},
        {"2026-11-21T00:00:00Z", NOW, NOW, "2026-11-20"},
        {"2026-11-21T13:14:15Z", NOW + 47655, NOW + 47655, NULL},
        {"2026-11-21t13:14:15.999z", NOW + 47655, NOW + 47655, "2026-11-21T13:14:15Z"},
        {"2026-11-21T13:14:15+01:30", NOW + 42255, NOW + 42255, "2026-11-21T11:44:15Z"},
        {"2026-11-20T23:00:00-02:00", NOW + 3600, NOW + 3600, "2026-11-21T01:00:00Z"},
        {"2024-02-29", 1709164800, 1709251200, NULL},
        {"9999-12-31", 253402214400, 253402300800, NULL},
        {"2026-02-29", 0, 0, NULL},
        {"2026-11-21T24:00:00Z", 0, 0, NULL},
        {"2026-11-21T13:14Z", 0, 0, NULL},
        {"2026-11-21T13:14:15", 0, 0, NULL},
        {"2026-11-21T13:14:15.Z", 0, 0, NULL},
        {"2026-11-21T13:14:15+0100", 0, 0, NULL},
        {"2026-11-21 ", 0, 0, NULL},
        {"21.11.2026", 0, 0, NULL},
        {"1969-12-31", 0, 0, NULL},
        {"9999-12-31T23:59:59-12:00", 0, 0, NULL},
        {"", 0, 0, NULL},
};

static void moments(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(moment_rows) / sizeof(moment_rows[0]); i++) {
		const struct moment_row *row = &moment_rows[i];
		int64_t first = 0, last = 0;
		char buffer[40];
		struct gb_text text = gb_text_on(buffer, sizeof(buffer));

		if (!gb_policyc_moment_parse(gb_span_cstr(row->text), GB_POLICYC_DAY_FIRST, &first))
			first = 0;
		if (!gb_policyc_moment_parse(gb_span_cstr(row->text), GB_POLICYC_DAY_LAST, &last))
			last = 0;
		if (first != row->first || last != row->last)
			fail_msg("%s: %lld, %lld", row->text, (long long)first, (long long)last);
		if (last == 0)
			continue;
		gb_policyc_moment_print(last, GB_POLICYC_DAY_LAST, &text);
		assert_string_equal(gb_text_cstr(&text), row->printed == NULL ? row->text : row->printed);
	}
}

/* What an exclusion says of inputs is an exception of the firewall, until it expires. */
static void inputs(void **state)
{
	static const char text[] = HEAD
	        "spec:\n"
	        "  firewall: {exceptions: [{classes: [sqli], routes: [/q]}]}\n"
	        "  exclusions:\n"
	        "    - {name: html, inputs: [{classes: [xss], paths: [body.html], mode: detect}, {reasons: [sql_*]}]}\n"
	        "    - {name: gone, expires: 2026-11-20, inputs: [{classes: [lfi]}]}\n";
	struct gb_policyc_resolution resolution;
	struct gb_policyc_document *back = NULL;
	GB_CLEANUP(gb_freep) unsigned char *blob = NULL;
	struct gb_policy policy;
	struct gb_diag diag = {0};
	size_t n = 0, found = 0;

	(void)state;
	resolved(text, &resolution);
	assert_int_equal(resolution.left_out_count, 1);
	if (gb_policyc_compile(resolution.document, 1, &blob, &n, &diag) < 0)
		fail_msg("%s", diag.message);
	assert_int_equal(gb_policy_open(gb_span_of(blob, n), &policy), 0);
	assert_int_equal(gb_policyc_of_blob(&policy, &back), 0);
	assert_int_equal(back->firewall.exception_count, 1);
	assert_int_equal(back->firewall.exceptions[0].routes.count, 1);
	assert_int_equal(back->exclusions.count, 1);
	assert_string_equal(back->exclusions.items[0].name, "html");
	assert_int_equal(back->exclusions.items[0].input_count, 2);
	for (size_t i = 0; i < 2; i++) {
		const struct gb_policyc_exception *exception = &back->exclusions.items[0].inputs[i];

		found += exception->paths.count == 1 && strcmp(exception->paths.items[0], "body.html") == 0 &&
		         exception->mode == GB_MODE_DETECT;
		found += exception->reasons.count == 1 && strcmp(exception->reasons.items[0], "sql_*") == 0;
	}
	assert_int_equal(found, 2);
	gb_policyc_document_free(back);
	gb_policyc_resolution_done(&resolution);
}

/* What was not resolved does not compile: nobody's exclusion becomes everybody's. */
static void unresolved(void **state)
{
	static const char *const specs[] = {
	        "exclusions: [{scope: {regions: [a]}, hosts: [a.b]}]",
	        "rules: [{scope: {tags: {a: b}}, hosts: [a.b]}]",
	        "enforce: after learning",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(specs) / sizeof(specs[0]); i++) {
		struct gb_policyc_document *document = NULL;
		unsigned char *blob = NULL;
		struct gb_diag diag = {0};
		char text[200];
		size_t n;

		snprintf(text, sizeof(text), HEAD "spec: {%s}\n", specs[i]);
		assert_int_equal(gb_policyc_parse(gb_span_cstr(text), &document, &diag), 0);
		assert_int_equal(gb_policyc_compile(document, 1, &blob, &n, &diag), -EINVAL);
		assert_non_null(strstr(diag.message, "resolved"));
		gb_policyc_document_free(document);
	}
}

static void regexes_have_a_number(void **state)
{
	struct gb_policyc_document *document = gb_policyc_document_new();
	struct gb_diag diag = {0};

	(void)state;
	assert_non_null(document);
	for (unsigned i = 0; i < GB_POLICYC_REGEXES_MAX; i++)
		assert_int_equal(gb_policyc_add_regex(document, &document->allow.read, GB_SPAN("/a"), &diag), 0);
	assert_int_equal(gb_policyc_add_regex(document, &document->allow.read, GB_SPAN("/a"), &diag), -EINVAL);
	assert_non_null(strstr(diag.message, "more than 1000"));
	gb_policyc_document_free(document);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(trend_tutorial),
	        cmocka_unit_test(paths),
	        cmocka_unit_test(moments),
	        cmocka_unit_test(inputs),
	        cmocka_unit_test(unresolved),
	        cmocka_unit_test(regexes_have_a_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
