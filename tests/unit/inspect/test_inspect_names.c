/* SPDX-License-Identifier: Apache-2.0 */
/* The generated table of program names: rises, and each row is found, nothing else is. */
#include "inspect/detect/command_names.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

/* The row at *REF_AT of the pool written out into NAME, which holds the row before; *REF_AT moves behind it. */
static enum gb_command_name next_row(size_t *ref_at, char name[GB_COMMAND_NAME_MAX + 1], size_t *ref_n)
{
	unsigned char head = gb_command_pool[(*ref_at)++];

	assert_true((head & 0x3fu) <= *ref_n);
	*ref_n = head & 0x3fu;
	do {
		assert_true(*ref_n < GB_COMMAND_NAME_MAX);
		name[(*ref_n)++] = (char)(gb_command_pool[*ref_at] & 0x7f);
	} while ((gb_command_pool[(*ref_at)++] & 0x80) == 0);
	name[*ref_n] = '\0';
	return (enum gb_command_name)(head >> 6);
}

static void test_every_row_is_found(void **state)
{
	char name[GB_COMMAND_NAME_MAX + 1] = "", before[GB_COMMAND_NAME_MAX + 1];
	size_t at = 0, n = 0, count = 0;

	(void)state;
	for (; at < gb_command_pool_bytes; count++) {
		enum gb_command_name kind;

		memcpy(before, name, sizeof(before));
		if (count % GB_COMMAND_BLOCK == 0) {
			assert_int_equal(at, gb_command_blocks[count / GB_COMMAND_BLOCK]);
			assert_int_equal(gb_command_pool[at] & 0x3f, 0);
		}
		kind = next_row(&at, name, &n);
		if (strcmp(before, name) >= 0)
			fail_msg("%s before %s", before, name);
		if (kind == GB_NAME_UNKNOWN || gb_detect_command_name(gb_span_of(name, n)) != kind)
			fail_msg("%s is not found", name);
	}
	assert_int_equal(count, gb_command_count);
	assert_int_equal((count + GB_COMMAND_BLOCK - 1) / GB_COMMAND_BLOCK, gb_command_block_count);
	assert_true(count > 600);
}

/* Neither a row with a byte more, a byte less nor another byte is found, unless it is a row itself. */
static void test_neighbours(void **state)
{
	char name[GB_COMMAND_NAME_MAX + 2] = "";
	size_t at = 0, n = 0;

	(void)state;
	while (at < gb_command_pool_bytes) {
		next_row(&at, name, &n);
		name[n] = '\x7f';
		assert_int_equal(gb_detect_command_name(gb_span_of(name, n + 1)), GB_NAME_UNKNOWN);
		name[n] = '\0';
		assert_int_equal(gb_detect_command_name(gb_span_of(name, n + 1)), GB_NAME_UNKNOWN);
		name[n - 1] = (char)(name[n - 1] | 0x80);
		assert_int_equal(gb_detect_command_name(gb_span_of(name, n)), GB_NAME_UNKNOWN);
		name[n - 1] = (char)(name[n - 1] & 0x7f);
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
	        cmocka_unit_test(test_every_row_is_found),
	        cmocka_unit_test(test_neighbours),
	        cmocka_unit_test(test_kinds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
