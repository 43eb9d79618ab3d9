/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/gambeson/zip.h"

#include <archive.h>
#include <archive_entry.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void test_round_trip(void **state)
{
	const struct gb_zip_file files[] = {
	        {"bootstrap", 0755, GB_SPAN("#!/bin/sh\n")},
	        {"gambeson/empty", 0644, GB_SPAN("")},
	        {"gambeson/data", 0600, GB_SPAN("\0\1\2")},
	};
	struct archive *archive = archive_read_new();
	struct archive_entry *entry;
	unsigned char *zip;
	size_t zip_n;

	(void)state;
	assert_int_equal(gb_zip_build(files, 3, &zip, &zip_n, NULL), 0);
	assert_int_equal(archive_read_support_format_zip(archive), ARCHIVE_OK);
	assert_int_equal(archive_read_open_memory(archive, zip, zip_n), ARCHIVE_OK);
	for (size_t i = 0; i < 3; i++) {
		char data[64];

		assert_int_equal(archive_read_next_header(archive, &entry), ARCHIVE_OK);
		assert_string_equal(archive_entry_pathname(entry), files[i].name);
		assert_int_equal(archive_read_data(archive, data, sizeof(data)), files[i].data.n);
		assert_memory_equal(data, files[i].data.p, files[i].data.n);
	}
	assert_int_equal(archive_read_next_header(archive, &entry), ARCHIVE_EOF);
	assert_int_equal(archive_read_free(archive), ARCHIVE_OK);
	free(zip);
}

static void test_same_bytes(void **state)
{
	const struct gb_zip_file file = {"a", 0755, GB_SPAN("some text, some text, some text")};
	unsigned char *first, *second;
	size_t first_n, second_n;

	(void)state;
	assert_int_equal(setenv("TZ", "Asia/Tokyo", 1), 0);
	assert_int_equal(gb_zip_build(&file, 1, &first, &first_n, NULL), 0);
	assert_int_equal(setenv("TZ", "America/Lima", 1), 0);
	assert_int_equal(gb_zip_build(&file, 1, &second, &second_n, NULL), 0);
	assert_int_equal(first_n, second_n);
	assert_memory_equal(first, second, first_n);
	free(first);
	free(second);
}

/* Data that deflate cannot make smaller must fit too. */
static void test_incompressible(void **state)
{
	size_t n = 1000000;
	unsigned char *noise = malloc(n), *zip;
	uint64_t seed = 1;
	struct gb_zip_file file = {"noise", 0644, {noise, n}};
	size_t zip_n;

	(void)state;
	assert_non_null(noise);
	for (size_t i = 0; i < n; i++) {
		seed = seed * 6364136223846793005u + 1442695040888963407u;
		noise[i] = (unsigned char)(seed >> 56);
	}
	assert_int_equal(gb_zip_build(&file, 1, &zip, &zip_n, NULL), 0);
	assert_true(zip_n >= n);
	free(zip);
	free(noise);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_round_trip),
	        cmocka_unit_test(test_same_bytes),
	        cmocka_unit_test(test_incompressible),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
