/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/gambeson/function.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static size_t count_of(const struct gb_words *words, const char *word)
{
	size_t count = 0;

	for (size_t i = 0; i < words->count; i++)
		count += strcmp(words->items[i], word) == 0;
	return count;
}

static void test_set_replaces(void **state)
{
	struct gb_words words = {0};

	(void)state;
	assert_int_equal(gb_words_set(&words, "A", "1"), 0);
	assert_int_equal(gb_words_set(&words, "AB", "2"), 0);
	assert_int_equal(gb_words_set(&words, "A", "3"), 0);
	assert_int_equal(words.count, 2);
	assert_int_equal(count_of(&words, "A=3"), 1);
	assert_int_equal(count_of(&words, "AB=2"), 1);
	assert_null(words.items[2]);
	gb_words_free(&words);
	assert_int_equal(words.count, 0);
}

static void test_settings(void **state)
{
	const struct gb_protection protection = {
	        .mode = "block", .stance = "closed", .policy = "/proc/self/exe", .observe = true};
	const struct gb_parts parts = {.sensor = "/x/libgambeson.so"};
	struct gb_words words = {0};

	(void)state;
	assert_int_equal(gb_protection_apply(&protection, &parts, &words, NULL), 0);
	assert_int_equal(count_of(&words, "GAMBESON_MODE=block"), 1);
	assert_int_equal(count_of(&words, "GAMBESON_STANCE=closed"), 1);
	assert_int_equal(count_of(&words, "GAMBESON_OBSERVE=1"), 1);
	assert_int_equal(count_of(&words, "GAMBESON_SENSOR_PATH=/x/libgambeson.so"), 1);
	assert_int_equal(words.count, 5);
	gb_words_free(&words);
}

static void test_missing_policy(void **state)
{
	const struct gb_protection protection = {.policy = "/nonexistent/policy"};
	const struct gb_parts parts = {.sensor = "/x"};
	struct gb_words words = {0};
	struct gb_diag diag = {0};

	(void)state;
	assert_int_equal(gb_protection_apply(&protection, &parts, &words, &diag), -ENOENT);
	assert_non_null(strstr(diag.message, "/nonexistent/policy"));
	gb_words_free(&words);
}

static void test_missing_part(void **state)
{
	struct gb_diag diag = {0};
	struct gb_parts parts;

	(void)state;
	assert_int_equal(gb_parts_find(&parts, "/nonexistent/agent", NULL, &diag), -ENOENT);
	assert_non_null(strstr(diag.message, "--agent"));
	assert_string_equal(parts.agent, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_set_replaces),
	        cmocka_unit_test(test_settings),
	        cmocka_unit_test(test_missing_policy),
	        cmocka_unit_test(test_missing_part),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
