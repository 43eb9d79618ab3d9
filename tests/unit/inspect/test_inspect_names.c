/* SPDX-License-Identifier: Apache-2.0 */
/* The generated table of program names: sorted, without duplicates, and every row found. */
#include "inspect/detect/command_names.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static void test_sorted(void **state)
{
	(void)state;
	assert_true(gb_command_row_count > 600);
	for (size_t i = 0; i < gb_command_row_count; i++) {
		const struct gb_command_row *row = &gb_command_rows[i];

		assert_int_equal(strlen(row->name), row->length);
		if (i > 0 && strcmp(gb_command_rows[i - 1].name, row->name) >= 0)
			fail_msg("%s before %s", gb_command_rows[i - 1].name, row->name);
	}
}

static void test_every_row_is_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < gb_command_row_count; i++) {
		const struct gb_command_row *row = &gb_command_rows[i];

		if (gb_detect_command_name(gb_span_cstr(row->name)) != (enum gb_command_name)row->kind)
			fail_msg("%s is not found", row->name);
	}
}

static void test_kinds(void **state)
{
	static const struct {
		const char *name;
		enum gb_command_name kind;
	} rows[] = {
	        {"whoami", GB_NAME_CERTAIN},
	        {"cat", GB_NAME_COMMAND},
	        {"find", GB_NAME_WORD},
	        {"7z", GB_NAME_COMMAND},
	        {"zypper", GB_NAME_CERTAIN},
	        {"update-alternatives", GB_NAME_CERTAIN},
	        {"", GB_NAME_UNKNOWN},
	        {"ca", GB_NAME_UNKNOWN},
	        {"catt", GB_NAME_UNKNOWN},
	        {"Cat", GB_NAME_UNKNOWN},
	        {"\xff", GB_NAME_UNKNOWN},
	        {"\x7f", GB_NAME_UNKNOWN},
	        {"update-alternatives-and-more", GB_NAME_UNKNOWN},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (gb_detect_command_name(gb_span_cstr(rows[i].name)) != rows[i].kind)
			fail_msg("'%s' has another kind", rows[i].name);
	/* A NUL inside is no end. */
	assert_int_equal(gb_detect_command_name(GB_SPAN("cat\0")), GB_NAME_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_sorted),
	        cmocka_unit_test(test_every_row_is_found),
	        cmocka_unit_test(test_kinds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
