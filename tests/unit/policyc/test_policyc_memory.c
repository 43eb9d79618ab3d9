/* SPDX-License-Identifier: Apache-2.0 */
/* Memory ends at every allocation in turn: an error each time, nothing lost (the sanitized build looks), nothing half done. */
#include "policyc/set.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ALLOCATIONS_MAX 2000

void *__wrap_calloc(size_t count, size_t size);
void *__wrap_malloc(size_t n);
void *__wrap_realloc(void *p, size_t n);
void *__real_calloc(size_t count, size_t size);
void *__real_malloc(size_t n);
void *__real_realloc(void *p, size_t n);

static long left = -1; /* allocations until one fails; below 0: none does */

static bool fails(void)
{
	return left >= 0 && left-- == 0;
}

void *__wrap_calloc(size_t count, size_t size)
{
	return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_malloc(size_t n)
{
	return fails() ? NULL : __real_malloc(n);
}

void *__wrap_realloc(void *p, size_t n)
{
	return fails() ? NULL : __real_realloc(p, n);
}

static const char text[] =
        "apiVersion: gambeson/v1\nkind: AccountPolicy\nspec:\n"
        "  rules: [{name: r, scope: {regions: [eu-1]}, hosts: [a.b]}, {name: s, files: {any: [/s, /t/*]}}]\n"
        "  exclusions: [{name: old, expires: 2026-01-01, kinds: [net_send]}, {name: e, hosts: [c.d],\n"
        "    inputs: [{classes: [xss]}]}]\n"
        "---\napiVersion: gambeson/v1\nkind: Group\nmetadata: {name: g}\nspec: {match: {functions: [\"f*\"]}}\n"
        "---\napiVersion: gambeson/v1\nkind: FunctionPolicy\nmetadata: {name: f}\n"
        "spec: {allow: {processes: [{executable: /bin/a, arguments: [\"<word>\"]}], addresses: [\"10.0.0.1:1\"]}}\n";

static int run_resolved(struct gb_policyc_set *set, const struct gb_policyc_function *function)
{
	struct gb_policyc_resolution resolution;
	struct gb_policyc_notes notes;
	unsigned char *blob = NULL;
	size_t n;
	int r = gb_policyc_set_notes(set, 1795219200, function, 1, &notes);

	if (r == 0)
		r = gb_policyc_resolve(set, function, 1795219200, &resolution, NULL);
	if (r < 0)
		return r;
	r = gb_policyc_compile(resolution.document, 1, &blob, &n, NULL);
	free(blob);
	gb_policyc_resolution_done(&resolution);
	return r;
}

static int on_entry(void *context, const struct gb_policyc_entry *entry, struct gb_span json, uint32_t line)
{
	return context == NULL || entry == NULL || json.n < 2 || line == 0 ? -EINVAL : 0;
}

static int run(void)
{
	const struct gb_policyc_function function = {.arn = "arn:aws:lambda:us-1:123456789012:function:f"};
	const struct gb_policyc_addition addition = {.file = "rule/1",
	        .scope = GB_POLICYC_FOR_ACCOUNT,
	        .reason = GB_SPAN("why"),
	        .author = GB_SPAN("anna"),
	        .entry = GB_SPAN("{files: {read: [/x]}, processes: [{executable: /bin/b}]}")};
	struct gb_policyc_set *set = gb_policyc_set_new();
	int r;

	if (set == NULL)
		return -ENOMEM;
	r = gb_policyc_set_add(set, "f.yaml", GB_SPAN(text), NULL);
	assert_int_equal(gb_policyc_set_count(set), r == 0 ? 3 : 0);
	if (r == 0)
		r = gb_policyc_set_add_entry(set, &addition, NULL);
	if (r == 0)
		r = gb_policyc_set_entries(set, 0, true, on_entry, set);
	if (r == 0)
		r = run_resolved(set, &function);
	gb_policyc_set_free(set);
	return r;
}

static void every_allocation(void **state)
{
	int r = -ENOMEM;
	long k;

	(void)state;
	for (k = 0; k < ALLOCATIONS_MAX && r == -ENOMEM; k++) {
		left = k;
		r = run();
		left = -1;
		if (r != 0 && r != -ENOMEM)
			fail_msg("allocation %ld: %d", k, r);
	}
	assert_int_equal(r, 0);
	/* It was a fair number of them. */
	assert_true(k > 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(every_allocation)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
