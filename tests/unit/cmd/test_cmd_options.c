/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/gambeson/options.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

struct settings {
	bool json;
	const char *output, *mode;
	uint64_t count;
	struct gb_strings events;
};

static const char *const modes[] = {"off", "block", NULL};

static const struct gb_option options[] = {
        GB_FLAG(struct settings, json, "json", "print JSON", .letter = 'j'),
        GB_TEXT(struct settings, output, "output", "FILE", "where to", .letter = 'o'),
        GB_CHOICE(struct settings, mode, "mode", "MODE", "which", .choices = modes),
        GB_NUMBER(struct settings, count, "count", "N", "how often", .minimum = 1, .maximum = 20, .fallback = 3),
        GB_LIST(struct settings, events, "event", "FILE", "an event"),
        {.name = NULL},
};

static const struct gb_command command = {.name = "thing",
        .summary = "a thing",
        .operands = "[NAME]",
        .operands_max = 1,
        .options = options,
        .settings_bytes = sizeof(struct settings)};

#define WORDS_MAX 8

struct error_row {
	const char *words[WORDS_MAX];
	const char *message;
};

static int parse(const struct gb_command *of, const char *const *words, struct settings *settings,
        struct gb_strings *operands, struct gb_diag *diag)
{
	char *argv[WORDS_MAX];
	int argc = 0;

	for (; argc < WORDS_MAX && words[argc] != NULL; argc++)
		argv[argc] = (char *)(uintptr_t)words[argc];
	return gb_options_parse(of, argc, argv, settings, operands, diag);
}

static void test_errors(void **state)
{
	static const struct error_row rows[] = {
	        {{"--jsno"}, "unknown option '--jsno'; did you mean '--json'?"},
	        {{"--conut", "3"}, "unknown option '--conut'; did you mean '--count'?"},
	        {{"--eve", "3"}, "unknown option '--eve'; did you mean '--event'?"},
	        {{"--something"}, "unknown option '--something'; see 'gambeson thing --help'"},
	        {{"-x"}, "unknown option '-x'; see 'gambeson thing --help'"},
	        {{"--output"}, "option '--output' needs a value: --output FILE"},
	        {{"--output", ""}, "--output needs a FILE that is not empty"},
	        {{"--json=1"}, "option '--json' takes no value; leave '1' away"},
	        {{"--mode", "blok"}, "--mode: 'blok' is not one of 'off', 'block'"},
	        {{"--count", "0"}, "--count: '0' is not a whole number from 1 to 20"},
	        {{"--count=21"}, "--count: '21' is not a whole number from 1 to 20"},
	        {{"--count", "-1"}, "--count: '-1' is not a whole number from 1 to 20"},
	        {{"--count", "99999999999999999999"},
	                "--count: '99999999999999999999' is not a whole number from 1 to 20"},
	        {{"one", "two"}, "unexpected argument 'two'; see 'gambeson thing --help'"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct gb_strings operands;
		struct settings settings;
		struct gb_diag diag = {0};

		assert_int_equal(parse(&command, rows[i].words, &settings, &operands, &diag), -EINVAL);
		assert_string_equal(diag.message, rows[i].message);
		gb_options_free(&command, &settings, &operands);
	}
}

static void test_values(void **state)
{
	static const char *const words[] = {"-j", "-oout", "--event", "a", "name", "--event=b", "--mode=off", NULL};
	struct gb_strings operands;
	struct settings settings;

	(void)state;
	assert_int_equal(parse(&command, words, &settings, &operands, NULL), 0);
	assert_true(settings.json);
	assert_string_equal(settings.output, "out");
	assert_string_equal(settings.mode, "off");
	assert_int_equal(settings.count, 3);
	assert_int_equal(settings.events.count, 2);
	assert_string_equal(settings.events.items[1], "b");
	assert_int_equal(operands.count, 1);
	assert_string_equal(operands.items[0], "name");
	gb_options_free(&command, &settings, &operands);
	assert_null(settings.events.items);
}

static void test_ends_of_options(void **state)
{
	static const char *const behind_dashes[] = {"--", "--json", NULL};
	static const char *const launched[] = {"--json", "prog", "--count", "x", NULL};
	static const char *const help[] = {"--json", "--help", "--nonsense", NULL};
	static const char *const dash[] = {"-", NULL};
	struct gb_command launcher = command;
	struct gb_strings operands;
	struct settings settings;

	(void)state;
	launcher.is_launcher = true;
	launcher.operands_max = GB_OPERANDS_ANY;
	assert_int_equal(parse(&command, behind_dashes, &settings, &operands, NULL), 0);
	assert_false(settings.json);
	assert_string_equal(operands.items[0], "--json");
	gb_options_free(&command, &settings, &operands);
	assert_int_equal(parse(&launcher, launched, &settings, &operands, NULL), 0);
	assert_true(settings.json);
	assert_int_equal(operands.count, 3);
	assert_string_equal(operands.items[1], "--count");
	gb_options_free(&launcher, &settings, &operands);
	assert_int_equal(parse(&command, help, &settings, &operands, NULL), 1);
	gb_options_free(&command, &settings, &operands);
	assert_int_equal(parse(&command, dash, &settings, &operands, NULL), 0);
	assert_string_equal(operands.items[0], "-");
	gb_options_free(&command, &settings, &operands);
}

static void test_nearest(void **state)
{
	static const char *const names[] = {"local", "version", "policy"};

	(void)state;
	assert_string_equal(gb_options_nearest("versoin", names, 3), "version");
	assert_string_equal(gb_options_nearest("loca", names, 3), "local");
	assert_string_equal(gb_options_nearest("pol", names, 3), "policy");
	assert_null(gb_options_nearest("xyz", names, 3));
	assert_null(gb_options_nearest("", names, 3));
	assert_null(gb_options_nearest("a-very-long-word-that-is-longer-than-any-name", names, 3));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_errors),
	        cmocka_unit_test(test_values),
	        cmocka_unit_test(test_ends_of_options),
	        cmocka_unit_test(test_nearest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
