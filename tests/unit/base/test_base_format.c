/* SPDX-License-Identifier: Apache-2.0 */
/* base/format says what the C library's printf(3) says, of what it knows. */
#include "base/format.h"

#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* Both ways, into rooms of every size up to one that is enough. */
#define SAME(...)                                                                                                      \
	do {                                                                                                           \
		for (size_t cap = 1; cap < 64; cap++) {                                                                \
			char want[64], have[64];                                                                       \
			int n = snprintf(want, cap, __VA_ARGS__), r = gb_format(have, cap, __VA_ARGS__);               \
                                                                                                                       \
			if (strcmp(want, have) != 0 || r != (n < (int)cap ? n : -ENAMETOOLONG))                        \
				fail_msg("%zu bytes: '%s', not '%s'; %d, not %d", cap, have, want, r, n);              \
		}                                                                                                      \
	} while (0)

static void strings(void **state)
{
	static const char open[4] = {'a', 'b', 'c', 'd'};

	(void)state;
	SAME("%s", "plain");
	SAME("%s", "");
	SAME("100 %% of %s: %s", "this", "that");
	SAME("%.3s|%.0s|%.9s", "abcdef", "abcdef", "abcdef");
	SAME("%.*s|%.*s", 2, "abcdef", -1, "abcdef");
	SAME("%.*s", (int)sizeof(open), open);
	SAME("%-6s|%6s|%*s|%-*s|%*s", "ab", "ab", 4, "ab", 4, "ab", -4, "ab");
	SAME("%2s|%6.2s", "abcd", "abcd");
	SAME("%c%c%3c%-3c|", 'x', ' ', 'y', 'z');
}

static void numbers(void **state)
{
	(void)state;
	SAME("%d %d %d %i", 0, 7, -7, INT_MIN);
	SAME("%u %u %x", 0u, UINT_MAX, 0xbeefu);
	SAME("%ld %lu", LONG_MIN, ULONG_MAX);
	SAME("%lld %llu", LLONG_MIN, ULLONG_MAX);
	SAME("%zu %zd %lx", SIZE_MAX, (ssize_t)-1, 0xfeedfacecafeL);
	SAME("%016llx|%08x|%04d|%05d", 0x1234abcdULL, 0xfu, -7, 123456);
	SAME("%5d|%-5d|%*u", -42, -42, 6, 42u);
	SAME("%hhu %hd", (unsigned char)7, (short)-7);
}

static void what_is_not_known(void **state)
{
	const char *format = "%"; /* the compiler refuses such ones where it sees them */
	char room[32];

	(void)state;
	assert_int_equal(gb_format(room, sizeof(room), format, 0), 1);
	assert_string_equal(room, "%");
	format = "a %q b%";
	assert_int_equal(gb_format(room, sizeof(room), format, 0), 7);
	assert_string_equal(room, "a %q b%");
}

static void additions(void **state)
{
	char room[12];
	struct gb_text text = gb_text_on(room, sizeof(room));

	(void)state;
	gb_text_format(&text, "%s-", "ab");
	gb_text_format(&text, "%d", 12);
	assert_true(gb_span_equal(gb_text_span(&text), GB_SPAN("ab-12")));
	assert_false(text.truncated);
	gb_text_format(&text, "%s", "more than fits");
	assert_true(gb_span_equal(gb_text_span(&text), GB_SPAN("ab-12more th")));
	assert_true(text.truncated);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(strings),
	        cmocka_unit_test(numbers),
	        cmocka_unit_test(what_is_not_known),
	        cmocka_unit_test(additions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
