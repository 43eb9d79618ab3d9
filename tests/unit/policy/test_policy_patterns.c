/* SPDX-License-Identifier: Apache-2.0 */
/* Path patterns, alone and in a set, beside the plainest program that does the same. */
#include "policy/set.h"
#include "policyc/policyc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* What the words of docs/POLICY.md say, as plainly as it can be written. */
static bool glob_reference(const char *pattern, const char *start, const char *path, bool after_slash)
{
	if (pattern[0] == '\0')
		return path[0] == '\0';
	if (pattern[0] == '*' && pattern[1] == '*') {
		if (after_slash && pattern[2] == '/' && glob_reference(pattern + 3, start, path, true))
			return true;
		if (!(after_slash && pattern[2] == '/') && glob_reference(pattern + 2, start, path, false))
			return true;
		if (path[0] == '\0')
			return false;
		if (after_slash && pattern[2] == '/') {
			const char *slash = strchr(path, '/');

			return slash != NULL && glob_reference(pattern, start, slash + 1, true);
		}
		return glob_reference(pattern, start, path + 1, after_slash);
	}
	if (pattern[0] == '*') {
		if (glob_reference(pattern + 1, start, path, false))
			return true;
		return path[0] != '\0' && path[0] != '/' && glob_reference(pattern, start, path + 1, false);
	}
	return pattern[0] == path[0] && glob_reference(pattern + 1, start, path + 1, pattern[0] == '/');
}

static uint32_t random_next(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 16;
}

static void random_text(uint32_t *seed, const char *letters, size_t max, char *out)
{
	size_t n = random_next(seed) % max;

	out[0] = '/';
	for (size_t i = 1; i <= n; i++)
		out[i] = letters[random_next(seed) % strlen(letters)];
	out[n + 1] = '\0';
}

/* The radix tree and the two-star matcher against the reference, over small alphabets where everything collides. */
static void sets_against_reference(void **state)
{
	uint32_t seed = 1;

	(void)state;
	for (int round = 0; round < 300; round++) {
		struct gb_policyc_document *document = gb_policyc_document_new();
		char patterns[12][16];
		unsigned char *blob;
		struct gb_policy policy;
		size_t count = 0, n;

		for (int i = 0; i < 12; i++) {
			random_text(&seed, "ab/***", 12, patterns[count]);
			if (gb_policyc_add_path(document, &document->allow.read, gb_span_cstr(patterns[count]), NULL) ==
			        0)
				count++;
		}
		assert_int_equal(gb_policyc_compile(document, 0, &blob, &n, NULL), 0);
		assert_int_equal(gb_policy_open(gb_span_of(blob, n), &policy), 0);
		for (int i = 0; i < 200; i++) {
			bool expected = false;
			char path[16];
			uint32_t tag;

			random_text(&seed, "ab/a", 12, path);
			for (size_t p = 0; p < count; p++) {
				bool one = glob_reference(patterns[p], patterns[p], path, false);

				if (one != gb_policy_glob_matches(gb_span_cstr(patterns[p]), gb_span_cstr(path)))
					fail_msg("%s against %s", path, patterns[p]);
				expected = expected || one;
			}
			if (gb_policy_set_holds(&policy, &policy.header->lists[GB_BLOB_ALLOW].sets[GB_BLOB_FILES_READ],
			            gb_span_cstr(path), &tag) != expected)
				fail_msg("%s in the set", path);
		}
		free(blob);
		gb_policyc_document_free(document);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(sets_against_reference),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
