/* SPDX-License-Identifier: Apache-2.0 */
/* Rules and exclusions that contradict each other, by what they match. */
#include "policyc/set.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define V1 "apiVersion: gambeson/v1\n"
/* 2026-11-21T00:00:00Z */
#define NOW 1795219200

static const struct contradiction_row {
	const char *rule, *exclusion;
	bool is_one;
} contradiction_rows[] = {
        {"files: {read: [/a]}", "files: {read: [/b, /a]}", true},
        {"files: {any: [/a]}", "files: {write: [/a]}", true},
        {"files: {read: [/a]}", "files: {write: [/a]}", false},
        {"files: {read: [/a/*]}", "files: {read: [/a/**]}", true},
        {"files: {read: [/a/**]}", "files: {read: [/a/b]}", true},
        {"files: {read: [\"/a/*.c\"]}", "files: {read: [/a/b/d.c]}", false},
        {"files: {read: [/a/*]}", "files: {read: [/a/**]}", true}, /* a star at the end is all below */
        {"files: {read: [\"/a/*/c\"]}", "files: {read: [\"/a/**/c\"]}", false},
        {"files: {read: [\"/a/**/c\"]}", "files: {read: [\"/a/*/c\"]}", true},
        {"files: {read: [{regex: /a}]}", "files: {read: [/a]}", true},
        {"files: {read: [{regex: \"/a/[a-z]+\"}]}", "files: {read: [/a/bc]}", true},
        {"files: {read: [{regex: \"/a/[a-z]+\"}]}", "files: {read: [/a/b1]}", false},
        {"files: {read: [/a/**]}", "files: {read: [{regex: \"/a/[b-d]\"}]}", true},
        {"files: {read: [/a/**], write: [/c]}", "files: {write: [/a/b]}", false},
        {"expires: 2030-01-01, files: {read: [/a/**]}", "files: {read: [/a/b]}", false},
        {"expires: 2030-01-01, files: {read: [/a/**]}", "expires: 2029-01-01, files: {read: [/a/b]}", true},
        {"hosts: [\"*.b\"]", "hosts: [a.b]", true},
        {"hosts: [a.b]", "hosts: [\"*.b\"]", false},
        {"addresses: [\"10.0.0.0/8:*\"]", "addresses: [\"10.1.0.0/16:80\"]", true},
        {"addresses: [\"10.0.0.0/8:80\"]", "addresses: [\"10.1.0.0/16:*\"]", false},
        {"addresses: [\"unix:/run/*\"]", "addresses: [\"unix:/run/x\"]", true},
        {"hosts: [a.b]", "hosts: [a.b]", true},
        {"scope: {regions: [x, y]}, hosts: [a.b]", "scope: {regions: [y, x]}, hosts: [a.b]", true},
        {"scope: {regions: [x]}, hosts: [a.b]", "hosts: [a.b]", false},
        {"processes: [/bin/a]", "processes: [{executable: /bin/a, arguments: [\"**\"]}]", true},
        {"processes: [/bin/a]", "processes: [{executable: /bin/a, arguments: [x]}]", true},
        {"processes: [{executable: /bin/a, arguments: [x]}]", "processes: [/bin/a]", false},
        {"awsApis: [\"s3:Get*\"]", "awsApis: [\"s3:Get*\"]", true},
        {"awsApis: [\"s3:Get*\"]", "awsApis: [{action: \"s3:Get*\", resources: [\"*\"]}]", true},
        {"awsApis: [\"s3:Get*\"]", "awsApis: [{action: \"s3:GetObject\", resources: [\"arn:aws:s3:::b/*\"]}]", true},
        {"awsApis: [\"s3:GetObject\"]", "awsApis: [\"s3:Get*\"]", false},
        {"http: [{method: GET, path: /a}]", "http: [{path: /a, method: GET}]", true},
        {"http: [{host: a.b}]", "http: [{host: a.b, method: GET}]", true},
        {"http: [{host: a.b, method: GET}]", "http: [{host: a.b}]", false},
        {"commands: [ls <path>]", "commands: [ls <path>]", true},
        {"kinds: [net_send]", "kinds: [net_send]", true},
        {"addresses: [\"10.0.0.1:1\"]", "addresses: [\"10.0.0.1/32:1\"]", true},
};

static void contradictions(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(contradiction_rows) / sizeof(contradiction_rows[0]); i++) {
		const struct contradiction_row *row = &contradiction_rows[i];
		struct gb_policyc_document *document = NULL;
		struct gb_diag diag = {0};
		char text[400];
		int r;

		snprintf(text, sizeof(text),
		        V1 "kind: FunctionPolicy\nspec:\n  rules:\n    - {name: r, %s}\n  exclusions:\n    - {name: e, "
		           "%s}\n",
		        row->rule, row->exclusion);
		r = gb_policyc_parse(gb_span_cstr(text), &document, &diag);
		if ((r == -EINVAL && strstr(diag.message, "takes away") != NULL) != row->is_one ||
		        (r < 0) != row->is_one)
			fail_msg("%s against %s: %d %s", row->exclusion, row->rule, r, diag.message);
		if (r < 0 && diag.line != 7)
			fail_msg("placed on line %u", diag.line);
		gb_policyc_document_free(document);
	}
}

/* All but that: no mistake, but told. */
static void a_rule_within_an_exclusion(void **state)
{
	static const char text[] = V1 "kind: FunctionPolicy\nmetadata: {name: f}\nspec:\n"
	                              "  rules: [{name: r, files: {read: [/etc/passwd]}}]\n"
	                              "  exclusions: [{name: e, files: {read: [/etc/**]}}]\n";
	struct gb_policyc_resolution resolution;
	struct gb_diag diag;

	(void)state;
	assert_int_equal(gb_policyc_resolve_text("f.yaml", gb_span_cstr(text), NOW, &resolution, &diag), 0);
	assert_non_null(resolution.conflict);
	assert_non_null(strstr(resolution.conflict, "rule 'r' takes away part of what exclusion 'e' on line 6 adds"));
	gb_policyc_resolution_done(&resolution);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(contradictions),
	        cmocka_unit_test(a_rule_within_an_exclusion),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
