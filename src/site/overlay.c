/* SPDX-License-Identifier: Apache-2.0 */
#include "site/overlay.h"

#include "site/detour.h"

#include <string.h>

#define PAGE_BYTES 4096u
#define PAGES_MAX  512u /* with sites */
#define GAP_MAX    256u /* pages without a site that are taken along */
#define GAP_MIN    8u   /* less is not worth a mapping of its own */

static size_t page_up(size_t n)
{
	return (n + PAGE_BYTES - 1) & ~(size_t)(PAGE_BYTES - 1);
}

/* The pages that have sites, from the first. Sites are in the order of their addresses. */
struct pages {
	size_t count;
	uint16_t numbers[PAGES_MAX];
};

static bool list_pages(const struct gb_site_image *image, const struct gb_site_table *table, struct pages *pages)
{
	if (image->segment_address % PAGE_BYTES != 0 || image->segment.n / PAGE_BYTES >= UINT16_MAX)
		return false;
	pages->count = 0;
	for (size_t i = 0; i < table->count; i++) {
		uint64_t from = table->sites[i].offset - image->segment_address;
		uint64_t end = from + gb_detour_site_bytes(&table->sites[i]);

		if (table->sites[i].offset < image->segment_address || end > image->segment.n)
			return false;
		for (uint64_t page = from / PAGE_BYTES; page <= (end - 1) / PAGE_BYTES; page++) {
			if (pages->count != 0 && pages->numbers[pages->count - 1] >= page)
				continue;
			if (pages->count == PAGES_MAX)
				return false;
			pages->numbers[pages->count++] = (uint16_t)page;
		}
	}
	return pages->count != 0;
}

/* Runs of pages with gaps of at most GAP between them; false when there are too many. */
static bool find_runs(const struct pages *pages, size_t gap, uint32_t text_address, struct gb_overlay *overlay)
{
	overlay->run_count = 0;
	for (size_t i = 0; i < pages->count; i++) {
		uint32_t address = text_address + pages->numbers[i] * PAGE_BYTES;

		if (i == 0 || pages->numbers[i] - pages->numbers[i - 1] > (int)gap + 1) {
			if (overlay->run_count == GB_OVERLAY_RUNS_MAX)
				return false;
			overlay->runs[overlay->run_count++].address = address;
		}
		overlay->runs[overlay->run_count - 1].bytes =
		        address + PAGE_BYTES - overlay->runs[overlay->run_count - 1].address;
	}
	return true;
}

static bool choose_runs(const struct pages *pages, uint32_t text_address, struct gb_overlay *overlay)
{
	for (size_t gap = GAP_MIN; gap <= GAP_MAX; gap++)
		if (find_runs(pages, gap, text_address, overlay))
			return true;
	return false;
}

/* Give every part its place. */
static bool lay_out(const struct gb_site_table *table, size_t cap, size_t *used, struct gb_overlay *overlay)
{
	size_t detours = GB_DETOUR_POINTER_BYTES + GB_DETOUR_TABLE_BYTES + GB_DETOUR_BYTES_MAX, at = *used;

	for (size_t i = 0; i < table->count; i++)
		detours += gb_detour_bytes(&table->sites[i]);
	overlay->detours_at = (uint32_t)at;
	overlay->detours_bytes = (uint32_t)page_up(detours);
	at += overlay->detours_bytes;
	for (unsigned i = 0; i < overlay->run_count; i++) {
		overlay->runs[i].code_at = (uint32_t)at;
		at += overlay->runs[i].bytes;
	}
	*used = at;
	return at <= cap;
}

static unsigned char *copy_of(const struct gb_overlay *overlay, const unsigned char *code_bytes, uint32_t offset)
{
	for (unsigned i = 0; i < overlay->run_count; i++) {
		const struct gb_overlay_run *run = &overlay->runs[i];

		if (offset >= run->address && offset - run->address < run->bytes)
			return (unsigned char *)(uintptr_t)code_bytes + run->code_at + (offset - run->address);
	}
	return NULL;
}

/* All addresses are as if the library were loaded at 0: only distances matter. */
static void write_code(const struct gb_site_image *image, const struct gb_site_table *table, unsigned char *bytes,
        const struct gb_overlay *overlay)
{
	uintptr_t pointers = (uintptr_t)0 - GB_OVERLAY_DISTANCE, table_at = pointers + GB_DETOUR_POINTER_BYTES;
	unsigned char *table_to = bytes + overlay->detours_at + GB_DETOUR_POINTER_BYTES;
	struct gb_detours w = {.p = table_to + GB_DETOUR_TABLE_BYTES,
	        .end = bytes + overlay->detours_at + overlay->detours_bytes,
	        .at = table_at + GB_DETOUR_TABLE_BYTES,
	        .pointers = pointers,
	        .table = table_at};

	gb_detour_put_table(table_to);
	for (unsigned i = 0; i < overlay->run_count; i++) {
		const struct gb_overlay_run *run = &overlay->runs[i];
		struct gb_span own = gb_span_sub(image->segment, run->address - image->segment_address, run->bytes);

		memcpy(bytes + run->code_at, own.p, own.n); /* the rest of the last page stays zero */
	}
	for (size_t i = 0; i < table->count; i++) {
		const struct gb_site *site = &table->sites[i];
		struct gb_detour_place place = {.original = image->segment.p + (site->offset - image->segment_address),
		        .patched = copy_of(overlay, bytes, site->offset),
		        .at = site->offset};

		if (place.patched == NULL || !gb_detour_put(&w, site, &place))
			break; /* cannot be: laid out for all */
	}
}

bool gb_overlay_make(const struct gb_site_image *image, const struct gb_site_table *table, struct gb_overlay_code *code,
        struct gb_overlay *ret_overlay)
{
	struct gb_overlay overlay = {
	        .text_address = (uint32_t)image->segment_address, .text_bytes = (uint32_t)image->segment.n};
	struct pages pages;
	size_t used = code->used;

	memcpy(overlay.build_id, table->build_id, sizeof(overlay.build_id));
	if (!list_pages(image, table, &pages) || !choose_runs(&pages, overlay.text_address, &overlay) ||
	        !lay_out(table, code->cap, &used, &overlay))
		return false;
	if (code->about_to_write != NULL)
		code->about_to_write(code->bytes + code->used, used - code->used);
	write_code(image, table, code->bytes, &overlay);
	code->used = used;
	*ret_overlay = overlay;
	return true;
}
