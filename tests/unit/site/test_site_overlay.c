/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fd.h"
#include "site/detour.h"
#include "jump.h"
#include "site/overlay.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define PAGE_BYTES    4096u
#define TOO_FEW_BYTES 2u /* for any jump */

static const char *const libraries[] = {LIBRARY_PATHS};

static struct gb_site_table table;
static unsigned char room[1u << 20] __attribute__((aligned(4096)));

static void open_library(const char *path, char **data, struct gb_site_image *image)
{
	size_t n;
	int found;

	assert_int_equal(gb_fd_read_file(path, 64u << 20, data, &n), 0);
	assert_int_equal(gb_site_image_of_file(gb_span_of(*data, n), image), 0);
	found = gb_site_find(image, table.sites, sizeof(table.sites) / sizeof(table.sites[0]), NULL);
	assert_true(found > 10);
	table.count = (uint32_t)found;
}

static bool is_replaced(uint32_t address)
{
	for (size_t i = 0; i < table.count; i++)
		if (address >= table.sites[i].offset &&
		        address - table.sites[i].offset < gb_detour_site_bytes(&table.sites[i]))
			return true;
	return false;
}

/* Where the run that holds ADDRESS has it; NULL when none does. */
static const unsigned char *in_run(const struct gb_overlay *overlay, uint32_t address)
{
	for (unsigned i = 0; i < overlay->run_count; i++)
		if (address >= overlay->runs[i].address && address - overlay->runs[i].address < overlay->runs[i].bytes)
			return room + overlay->runs[i].code_at + (address - overlay->runs[i].address);
	return NULL;
}

static void runs_are_pages_of_the_text(const struct gb_site_image *image, const struct gb_overlay *overlay, size_t used)
{
	uint32_t end = (uint32_t)image->segment_address;
	size_t code_end = overlay->detours_at + overlay->detours_bytes;

	assert_in_range(overlay->run_count, 1, GB_OVERLAY_RUNS_MAX);
	assert_int_equal(overlay->text_address, image->segment_address);
	assert_int_equal(overlay->text_bytes, image->segment.n);
	for (unsigned i = 0; i < overlay->run_count; i++) {
		const struct gb_overlay_run *run = &overlay->runs[i];

		assert_int_equal(run->address % PAGE_BYTES + run->bytes % PAGE_BYTES + run->code_at % PAGE_BYTES, 0);
		assert_true(run->bytes != 0 && run->address >= end);
		assert_int_equal(run->code_at, code_end);
		end = run->address + run->bytes;
		code_end += run->bytes;
	}
	assert_true(end < image->segment_address + image->segment.n + PAGE_BYTES);
	assert_int_equal(code_end, used);
}

static void only_sites_are_changed(const struct gb_site_image *image, const struct gb_overlay *overlay)
{
	for (unsigned i = 0; i < overlay->run_count; i++) {
		const struct gb_overlay_run *run = &overlay->runs[i];
		struct gb_span rest =
		        gb_span_sub(image->segment, run->address - image->segment_address, image->segment.n);
		const unsigned char *original = rest.p;

		for (uint32_t at = 0; at < run->bytes && at < rest.n; at++)
			if (room[run->code_at + at] != original[at] && !is_replaced(run->address + at))
				fail_msg("byte at 0x%x", run->address + at);
	}
}

static void sites_lead_to_detours(const struct gb_overlay *overlay)
{
	int64_t first = -(int64_t)GB_OVERLAY_DISTANCE, last = first + overlay->detours_bytes;

	for (size_t i = 0; i < table.count; i++) {
		uint32_t site = table.sites[i].offset;
		const unsigned char *code = in_run(overlay, site);
		int64_t target;

		if (code == NULL || !jump_target(code, site, &target)) {
			fail_msg("site 0x%x has no jump", site);
			return;
		}
		if (target < first || target >= last)
			fail_msg("site 0x%x leads to %lld", site, (long long)target);
		assert_int_not_equal(room[overlay->detours_at + (size_t)(target - first)], 0);
	}
}

static unsigned char *written_from;
static size_t written_bytes;

static void note_writing(unsigned char *from, size_t n)
{
	written_from = from;
	written_bytes = n;
}

static void overlays_of_libraries(void **state)
{
	struct gb_overlay_code code = {.bytes = room, .cap = sizeof(room), .about_to_write = note_writing};

	(void)state;
	for (size_t i = 0; i < sizeof(libraries) / sizeof(libraries[0]); i++) {
		struct gb_overlay overlay;
		struct gb_site_image image;
		char *data = NULL;

		size_t before = code.used;

		open_library(libraries[i], &data, &image);
		if (!gb_overlay_make(&image, &table, &code, &overlay))
			fail_msg("%s", libraries[i]);
		assert_ptr_equal(written_from, room + before);
		assert_int_equal(written_bytes, code.used - before);
		runs_are_pages_of_the_text(&image, &overlay, code.used);
		only_sites_are_changed(&image, &overlay);
		sites_lead_to_detours(&overlay);
		free(data);
	}
}

static void what_does_not_fit_is_left(void **state)
{
	struct gb_overlay_code code = {.bytes = room, .cap = 8 * PAGE_BYTES, .used = PAGE_BYTES};
	struct gb_overlay overlay = {.run_count = 77};
	struct gb_site_image image;
	char *data = NULL;

	(void)state;
	open_library(libraries[0], &data, &image);
	memset(room, 0xaa, sizeof(room));
	assert_false(gb_overlay_make(&image, &table, &code, &overlay));
	table.sites[0].offset = (uint32_t)(image.segment_address + image.segment.n - TOO_FEW_BYTES);
	code.cap = sizeof(room);
	assert_false(gb_overlay_make(&image, &table, &code, &overlay));
	table.sites[0].offset = (uint32_t)image.segment_address - 1;
	assert_false(gb_overlay_make(&image, &table, &code, &overlay));
	assert_int_equal(code.used, PAGE_BYTES);
	assert_int_equal(overlay.run_count, 77);
	for (size_t i = 0; i < sizeof(room); i++)
		assert_int_equal(room[i], 0xaa);
	free(data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(overlays_of_libraries),
	        cmocka_unit_test(what_does_not_fit_is_left),
	};

	return cmocka_run_group_tests_name("site overlay", tests, NULL, NULL);
}
