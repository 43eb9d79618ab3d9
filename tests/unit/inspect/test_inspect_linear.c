/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Work grows as the input does, counted in steps and not in seconds: the firewall is compiled once more with a count at every
 * basic block (-fsanitize-coverage=trace-pc), and libc's functions on memory count their bytes. Twice the input may take a
 * little more than twice the steps. The inputs are what quadratic code loves: pieces of all the languages that are judged,
 * again and again. With the argument `pairs` every two of them in turn, which takes minutes and is no test yet: short rows
 * of some are read more than twice as long when they are twice as many, up to the size of a detector's window.
 */
#include "inspect/inspect.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define LONG_BYTES  (32u << 10)
#define PAIR_BYTES  (3u << 10)
#define SLACK_STEPS 60000u /* of fixed windows that only the longer input fills */

static uint64_t steps;
static struct gb_inspect_scratch *scratch;
static double worst;
static char worst_name[80];

void __sanitizer_cov_trace_pc(void);
void __sanitizer_cov_trace_pc(void)
{
	steps++;
}

/* What libc's functions look at: all of it, or up to what they find. */
#define COUNTED(type, name, parameters, arguments, bytes)                                                              \
	type __real_##name parameters;                                                                                 \
	type __wrap_##name parameters;                                                                                 \
	type __wrap_##name parameters                                                                                  \
	{                                                                                                              \
		type result = __real_##name arguments;                                                                 \
		steps += (size_t)(bytes) / 16 + 1;                                                                     \
		return result;                                                                                         \
	}
#define UP_TO_RESULT (result == NULL ? n : (size_t)((const char *)result - (const char *)a))
COUNTED(void *, memcpy, (void *a, const void *b, size_t n), (a, b, n), n)
COUNTED(void *, memmove, (void *a, const void *b, size_t n), (a, b, n), n)
COUNTED(void *, memset, (void *a, int c, size_t n), (a, c, n), n)
COUNTED(int, memcmp, (const void *a, const void *b, size_t n), (a, b, n), n)
COUNTED(void *, memchr, (const void *a, int c, size_t n), (a, c, n), UP_TO_RESULT)
COUNTED(void *, memmem, (const void *a, size_t n, const void *b, size_t m), (a, n, b, m), UP_TO_RESULT)

static const char *const pieces[] = {
        "(",
        ")",
        "[",
        "{",
        "<",
        ">",
        "'",
        "\"",
        "`",
        "\\",
        "/",
        "../",
        "%25",
        "%2e",
        "&amp;",
        "&#x3c;",
        "\\u0061",
        "$(",
        "${",
        "{{",
        "}}",
        "#{",
        "<%",
        "<?",
        "<a ",
        "<!--",
        "<!DOCTYPE a [",
        "<!ENTITY a 'b'>",
        "&a;",
        " on=",
        "style=",
        "javascript:",
        "=",
        "a=b&",
        ";",
        "|",
        "&&",
        "\n",
        "\r\n",
        "--",
        "/*",
        "*/",
        "#",
        "' or ",
        " union select ",
        "1,",
        "a.b.",
        ".",
        "@",
        "http://",
        "//",
        "127.",
        "jndi:",
        "a(",
        "a[",
        "ls -l ",
        "cat ",
        "if ",
        "{\"a\":",
        "[\"",
        "{$a:",
        "(&(a=b)",
        "*)(",
        "//a[",
        "=1+",
        "@type",
        "O:1:\"a\":1:{",
        "rO0AB",
        "eyJ",
        "QUFB",
        "\xc0\xae",
        "\xef\xbc\x9c",
        "\x1f\x8b",
        "a",
        "a ",
        "Word ",
        "0x2f",
        "-",
        "--a=",
        "$a",
        "%s",
        "\x01",
};
#define PIECES (sizeof(pieces) / sizeof(pieces[0]))

static uint64_t steps_of(const unsigned char *p, size_t n, bool is_event)
{
	struct gb_inspect_options options = {.is_strict = true};
	struct gb_inspect_report report;

	steps = 0;
	if (is_event)
		gb_inspect_event(&options, gb_span_of(p, n), scratch, &report);
	else
		gb_inspect_value(&options, gb_span_of(p, n), scratch, &report);
	return steps;
}

/* HEAD and TAIL again and again, in exactly N bytes of their own. */
static unsigned char *filled(const char *head, const char *tail, size_t n)
{
	unsigned char *p = malloc(n);
	char part[64];
	size_t part_n;

	assert_non_null(p);
	snprintf(part, sizeof(part), "%s%s", head, tail);
	part_n = strlen(part);
	for (size_t i = 0; i < n; i++)
		p[i] = (unsigned char)part[i % part_n];
	return p;
}

static unsigned check(const char *head, const char *tail, size_t n, bool is_event)
{
	unsigned char *one = filled(head, tail, n), *two = filled(head, tail, 2 * n);
	uint64_t steps_one = steps_of(one, n, is_event), steps_two = steps_of(two, 2 * n, is_event);
	double each = (double)steps_two / (double)(2 * n);

	free(one);
	free(two);
	if (each > worst) {
		worst = each;
		snprintf(worst_name, sizeof(worst_name), "%s%s", head, tail);
	}
	if (steps_two <= steps_one * 5 / 2 + SLACK_STEPS)
		return 0;
	print_message("# '%s%s', %s: %llu steps for %zu bytes, %llu for twice as many\n", head, tail,
	        is_event ? "event" : "value", (unsigned long long)steps_one, n, (unsigned long long)steps_two);
	return 1;
}

static void test_pieces(void **state)
{
	unsigned wrong = 0;

	(void)state;
	for (size_t i = 0; i < PIECES; i++) {
		wrong += check(pieces[i], "", LONG_BYTES, false);
		wrong += check(pieces[i], "", LONG_BYTES, true);
	}
	assert_int_equal(wrong, 0);
}

static void test_pairs(void **state)
{
	unsigned wrong = 0;

	(void)state;
	for (size_t i = 0; i < PIECES; i++)
		for (size_t j = 0; j < PIECES; j++)
			if (i != j)
				wrong += check(pieces[i], pieces[j], PAIR_BYTES, false);
	print_message("# at most %.0f steps a byte, on '%s'\n", worst, worst_name);
	assert_int_equal(wrong, 0);
}

/* {"k":"…","k":"…"}: many strings of 1 KB rather than one. */
static void test_many_strings(void **state)
{
	unsigned wrong = 0;

	(void)state;
	for (size_t i = 0; i < PIECES; i++) {
		char part[1200], body[1100];
		size_t n = 0;

		while (n + strlen(pieces[i]) < 1000 && strpbrk(pieces[i], "\"\\") == NULL && pieces[i][0] >= ' ') {
			memcpy(body + n, pieces[i], strlen(pieces[i]));
			n += strlen(pieces[i]);
		}
		if (n == 0)
			continue;
		body[n] = '\0';
		snprintf(part, sizeof(part), "{\"k\":\"%s\"},\n", body);
		{
			size_t one_n = 40 * strlen(part) + 1;
			unsigned char *two = malloc(2 * one_n);
			uint64_t steps_one, steps_two;

			assert_non_null(two);
			two[0] = '[';
			for (size_t at = 1; at < 2 * one_n; at++)
				two[at] = (unsigned char)part[(at - 1) % strlen(part)];
			steps_one = steps_of(two, one_n, true);
			steps_two = steps_of(two, 2 * one_n, true);
			free(two);
			if (steps_two > steps_one * 5 / 2 + SLACK_STEPS) {
				wrong++;
				print_message("# strings of '%s': %llu, then %llu\n", pieces[i],
				        (unsigned long long)steps_one, (unsigned long long)steps_two);
			}
		}
	}
	assert_int_equal(wrong, 0);
}

static int set_up(void **state)
{
	(void)state;
	scratch = malloc(gb_inspect_scratch_bytes());
	return scratch == NULL;
}

static int tear_down(void **state)
{
	(void)state;
	free(scratch);
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_pieces),
	        cmocka_unit_test(test_many_strings),
	};

	const struct CMUnitTest pairs[] = {cmocka_unit_test(test_pairs)};

	if (argc > 1 && strcmp(argv[1], "pairs") == 0)
		return cmocka_run_group_tests(pairs, set_up, tear_down);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
