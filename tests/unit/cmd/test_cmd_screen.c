/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/gambeson/screen.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

struct text_row {
	const char *name;
	struct gb_span in;
	const char *want;
	size_t columns;
};

static void test_text(void **state)
{
	const struct text_row rows[] = {
	        {"plain", GB_SPAN("a b"), "a b", 3},
	        {"escape sequence", GB_SPAN("\033[2Jx"), "\\x1b[2Jx", 8},
	        {"line feed, tab, return", GB_SPAN("a\nb\tc\rd"), "a\\nb\\tc\\rd", 10},
	        {"NUL", GB_SPAN("a\0b"), "a\\x00b", 6},
	        {"UTF-8", GB_SPAN("\xc3\xa4\xe2\x82\xac"), "\xc3\xa4\xe2\x82\xac", 2},
	        {"control character of the second row", GB_SPAN("\xc2\x9b"), "\\xc2\\x9b", 8},
	        {"characters that turn and hide text",
	                GB_SPAN("a\xe2\x80\xae"
	                        "b\xe2\x80\x8b"),
	                "a\\u{202e}b\\u{200b}", 18},
	        {"wide and combining",
	                GB_SPAN("\xe6\x96\x87"
	                        "e\xcc\x81"),
	                "\xe6\x96\x87"
	                "e\xcc\x81",
	                3},
	        {"not UTF-8", GB_SPAN("\xff\xc3"), "\\xff\\xc3", 8},
	        {"overlong", GB_SPAN("\xe0\x80\xaf"), "\\xe0\\x80\\xaf", 12},
	        {"surrogate", GB_SPAN("\xed\xa0\x80"), "\\xed\\xa0\\x80", 12},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		unsigned char *exact = malloc(rows[i].in.n);
		char *got = NULL;
		size_t got_n, columns;
		FILE *out = open_memstream(&got, &got_n);

		assert_non_null(exact);
		memcpy(exact, rows[i].in.p, rows[i].in.n);
		columns = gb_screen_text(out, gb_span_of(exact, rows[i].in.n));
		assert_int_equal(fclose(out), 0);
		if (strcmp(got, rows[i].want) != 0 || columns != rows[i].columns)
			fail_msg("%s: '%s', %zu columns", rows[i].name, got, columns);
		free(exact);
		free(got);
	}
}

static void check_evidence(struct gb_span value, size_t from, size_t length, const char *want)
{
	char *got = NULL;
	size_t got_n;
	FILE *out = open_memstream(&got, &got_n);

	gb_screen_evidence(out, false, 2, value, from, length);
	assert_int_equal(fclose(out), 0);
	assert_string_equal(got, want);
	free(got);
}

static void test_evidence(void **state)
{
	char long_value[400];

	(void)state;
	check_evidence(GB_SPAN("http://foobar;env #"), 13, 4, "  http://foobar;env #\n               ^^^^\n");
	check_evidence(GB_SPAN("a\nb"), 1, 1, "  a\\nb\n   ^^\n");
	check_evidence(GB_SPAN("\xe6\x96\x87;id"), 3, 3, "  \xe6\x96\x87;id\n    ^^^\n");
	check_evidence(GB_SPAN("abc"), 99, 5, "  abc\n     ^\n");
	check_evidence(GB_SPAN(""), 0, 0, "  \n  ^\n");
	memset(long_value, 'x', sizeof(long_value));
	long_value[200] = ';';
	check_evidence(gb_span_of(long_value, sizeof(long_value)), 200, 1,
	        "  ...xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx;"
	        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...\n"
	        "                                                                 ^\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_text), cmocka_unit_test(test_evidence)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
