/* SPDX-License-Identifier: Apache-2.0 */
/* A policy of the firewall's settings alone, for the tests of this directory. Include after cmocka. */
#ifndef GB_TESTS_UNIT_FIREWALL_POLICY_H
#define GB_TESTS_UNIT_FIREWALL_POLICY_H

#include "policy/firewall.h"
#include "policyc/policyc.h"

#include <stdio.h>
#include <stdlib.h>

struct loaded {
	unsigned char *blob;
	struct gb_policy policy;
};

/* SETTINGS: what stands in `firewall: {…}`. */
static struct loaded load(const char *settings)
{
	struct gb_policyc_document *document = NULL;
	struct gb_diag diag = {0};
	struct loaded out = {0};
	char text[2048];
	size_t n = 0;

	snprintf(text, sizeof(text),
	        "apiVersion: gambeson/v1\nkind: FunctionPolicy\nspec: {posture: block, firewall: {%s}}\n", settings);
	if (gb_policyc_parse(gb_span_cstr(text), &document, &diag) < 0 ||
	        gb_policyc_compile(document, 1, &out.blob, &n, &diag) < 0)
		fail_msg("line %u column %u: %s\n%s", diag.line, diag.column, diag.message, text);
	assert_int_equal(gb_policy_open(gb_span_of(out.blob, n), &out.policy), 0);
	assert_int_equal(gb_policy_firewall_open(&out.policy), 0);
	gb_policyc_document_free(document);
	return out;
}

#endif
