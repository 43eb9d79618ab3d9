/* SPDX-License-Identifier: Apache-2.0 */
/* Structure convicts, not the payload: attacks still fire when names, literals, case and blanks change. */
#include "inspect/inspect.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "../../lib/scratch.h"

struct row {
	enum gb_attack_class attack_class;
	const char *shape; /* %e an event, %w any word, %b a blank, %n a number */
};

static const struct row rows[] = {
        {GB_CLASS_XSS, "<%w%bon%e=%w(%n)>"},
        {GB_CLASS_XSS, "<img src=%w%bon%e%b=%b'%w(%n)'"},
        {GB_CLASS_XSS, "\"%bon%e=\"%w(%n)"},
        {GB_CLASS_XSS, "'%bid=%w on%e=%w`%n`//"},
        {GB_CLASS_XSS, "<script>%w(%n)</script>"},
        {GB_CLASS_XSS, "<script%bsrc=//%w.%w/%n></script>"},
        {GB_CLASS_XSS, "<%w href=\"javascript:%w(%n)\">%w</%w>"},
        {GB_CLASS_XSS, "<iframe src='%bjavascript:%w=%n'></iframe>"},
        {GB_CLASS_XSS, "<div style=\"%w: expression(%w(%n))\">"},
        {GB_CLASS_XSS, "%w\"]);window[\"%w\"+\"%w\"](%n)//"},
        {GB_CLASS_XSS, "{{%w.constructor(\"%w(%n)\")()}}"},
        {GB_CLASS_CSV_INJECTION, "=%w|'/%w %n'!A%n"},
        {GB_CLASS_CSV_INJECTION, "-%n+%n+%w|'%w'!B%n"},
        {GB_CLASS_CSV_INJECTION, "=HYPERLINK(\"http://%w.%w/%n\",\"%w\")"},
        {GB_CLASS_CSV_INJECTION, "%w;=IF(A%n>%n;WEBSERVICE(\"http://%w.%w\");%n)"},
};

static const char *const events[] = {"load", "error", "pointerrawupdate", "zzq"};
static const char *const words[] = {"abc", "q", "tock", "vidi"};
static const char *const blanks[] = {" ", "\n", "\t \n", "  "};
static const char *const numbers[] = {"1", "7331", "20", "999"};

static size_t spell(const char *shape, unsigned turn, bool is_upper, char *out, size_t cap)
{
	size_t n = 0;
	unsigned used = turn;

	for (const char *p = shape; *p != '\0' && n + 32 < cap; p++) {
		const char *piece = NULL;

		if (*p == '%') {
			p++;
			used = used * 5 + 1;
			piece = *p == 'e'   ? events[used % 4]
			        : *p == 'w' ? words[used % 4]
			        : *p == 'b' ? blanks[turn % 4]
			                    : numbers[used % 4];
		}
		if (piece == NULL) {
			/* Only HTML and formulas take capitals for small letters; code does not, but its names do not matter. */
			out[n++] = is_upper && *p >= 'a' && *p <= 'z' && strstr(shape, "constructor") == NULL &&
			                           strstr(shape, "window") == NULL
			                   ? (char)(*p - 32)
			                   : *p;
			continue;
		}
		memcpy(out + n, piece, strlen(piece));
		n += strlen(piece);
	}
	return n;
}

static void test_mutations(void **state)
{
	const struct gb_inspect_options options = {0};
	unsigned failures = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (unsigned turn = 0; turn < 16; turn++) {
			struct gb_inspect_report report;
			char text[256];
			size_t n = spell(rows[i].shape, turn, turn >= 8, text, sizeof(text));
			bool is_found = false;

			gb_inspect_value(&options, gb_span_of(text, n), scratch, &report);
			for (size_t f = 0; f < report.finding_count; f++)
				is_found |= report.findings[f].attack_class == rows[i].attack_class;
			if (!is_found)
				print_error("%s: not found as: %.*s\n", rows[i].shape, (int)n, text);
			failures += !is_found;
		}
	}
	assert_int_equal(failures, 0);
}

/* Hostile repetitions: each must end, and soon; the suite's time limit is the judge of what the step count does not see. */
static void test_repetitions(void **state)
{
	static const char *const parts[] = {"<a ", "<script>", "<a b=\"", "on=", "onx=a(", "javascript:", "`${", "{{",
	        "'/*", "a[", "\"\"\"=", ",=", "<!--", "```\n<a onx=1>", "data:", "url(", "[]+", "=A(", "<a b='<c d=\"",
	        "window["};
	const struct gb_inspect_options options = {.classes = 1u << GB_CLASS_XSS | 1u << GB_CLASS_CSV_INJECTION};
	enum { SIZE = 256 * 1024 };
	char *text = malloc(SIZE);

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		struct gb_inspect_report report, half;
		size_t n = strlen(parts[i]);

		for (size_t at = 0; at < SIZE; at++)
			text[at] = parts[i][at % n];
		gb_inspect_value(&options, gb_span_of(text, SIZE / 2), scratch, &half);
		gb_inspect_value(&options, gb_span_of(text, SIZE), scratch, &report);
		assert_true(report.steps <= half.steps * 5 / 2 + 10000);
	}
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_mutations),
	        cmocka_unit_test(test_repetitions),
	};

	return run_tests_with_scratch(tests);
}
