/* SPDX-License-Identifier: Apache-2.0 */
/* lib/policy: policies for tests, compiled and opened; to be included behind cmocka.h. A wrong one fails the test. */
#ifndef GB_TESTS_LIB_POLICY_H
#define GB_TESTS_LIB_POLICY_H

#include "policy/policy.h"
#include "policyc/policyc.h"

#include <stdio.h>
#include <stdlib.h>

#define POLICY_HEAD "apiVersion: gambeson/v1\nkind: FunctionPolicy\n"

struct loaded {
	unsigned char *blob; /* the test's to free */
	size_t n;
	struct gb_policy policy;
};

static inline struct loaded load_document(const char *text)
{
	struct gb_policyc_document *document = NULL;
	struct gb_diag diag = {0};
	struct loaded out = {0};

	if (gb_policyc_parse(gb_span_cstr(text), &document, &diag) < 0 ||
	        gb_policyc_compile(document, 1, &out.blob, &out.n, &diag) < 0)
		fail_msg("line %u column %u: %s\n%s", diag.line, diag.column, diag.message, text);
	assert_int_equal(gb_policy_open(gb_span_of(out.blob, out.n), &out.policy), 0);
	gb_policyc_document_free(document);
	return out;
}

/* SPEC: what stands in `spec: {posture: block, …}`. */
static inline struct loaded load_spec(const char *spec)
{
	char text[4096];

	assert_true(snprintf(text, sizeof(text), POLICY_HEAD "spec: {posture: block, %s}\n", spec) < (int)sizeof(text));
	return load_document(text);
}

/* DOCUMENT as YAML; the test's to free. */
static inline char *printed(const struct gb_policyc_document *document)
{
	char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);

	assert_non_null(out);
	gb_policyc_print(document, out);
	assert_int_equal(fclose(out), 0);
	return text;
}

#endif
