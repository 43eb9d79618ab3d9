/* SPDX-License-Identifier: Apache-2.0 */
#include "local/local.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

struct row {
	const char *name;
	const char *log;
	const char *want; /* '+' a line of Gambeson, '-' any other; one a line */
};

static const struct row rows[] = {
        {"nothing", "", ""},
        {"own line", "hello\n", "-hello\n"},
        {"no line feed at the end", "hello", "-hello\n"},
        {"empty lines", "\n\na\n", "-\n-\n-a\n"},
        {"one of Gambeson's", "{\"gambeson\":1,\"kind\":\"start\"}\n", "+{\"gambeson\":1,\"kind\":\"start\"}\n"},
        {"behind text without a line feed", "abc{\"gambeson\":1,\"x\":2}\nd\n",
                "-abc\n+{\"gambeson\":1,\"x\":2}\n-d\n"},
        {"behind what begins like one", "{\"gambeson\":1,{\"gambeson\":1,\"x\":2}\n",
                "-{\"gambeson\":1,\n+{\"gambeson\":1,\"x\":2}\n"},
        {"two in one line", "{\"gambeson\":1,\"x\":1}{\"gambeson\":1,\"x\":2}\n",
                "+{\"gambeson\":1,\"x\":1}\n+{\"gambeson\":1,\"x\":2}\n"},
        {"cut off", "{\"gambeson\":1,\"kind\n", "-{\"gambeson\":1,\"kind\n"},
        {"mentioned only", "saw {\"gambeson\":1, once\n", "-saw {\"gambeson\":1, once\n"},
        {"other version", "{\"gambeson\":2,\"a\":1}\n", "-{\"gambeson\":2,\"a\":1}\n"},
};

static void test_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t n = strlen(rows[i].log), at = 0, used = 0;
		char *exact = malloc(n == 0 ? 1 : n), got[512] = "";
		struct gb_span line;
		bool is_gambeson;

		assert_non_null(exact);
		memcpy(exact, rows[i].log, n);
		while (gb_local_log_next(gb_span_of(exact, n), &at, &line, &is_gambeson))
			used += (size_t)snprintf(got + used, sizeof(got) - used, "%c%.*s\n", is_gambeson ? '+' : '-',
			        (int)line.n, (const char *)line.p);
		free(exact);
		if (strcmp(got, rows[i].want) != 0)
			fail_msg("%s: got %s", rows[i].name, got);
	}
}

static void test_bytes(void **state)
{
	struct gb_local_bytes bytes = {0};

	(void)state;
	for (unsigned i = 0; i < 1000; i++)
		assert_int_equal(gb_local_bytes_add(&bytes, GB_SPAN("0123456789")), 0);
	assert_int_equal(bytes.n, 10000);
	gb_local_bytes_drop(&bytes, 9995);
	assert_memory_equal(bytes.p, "56789", 5);
	gb_local_bytes_drop(&bytes, 100);
	assert_int_equal(bytes.n, 0);
	gb_local_bytes_free(&bytes);
	assert_null(bytes.p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_lines), cmocka_unit_test(test_bytes)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
