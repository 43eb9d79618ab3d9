/* SPDX-License-Identifier: Apache-2.0 */
/* Libraries: any bytes, since packaged ones come from anybody. Whatever is found lies within the text; asking the frames
 * finds no more calls than there are. */
#include "site/site.h"

#include <stdlib.h>

#define SITES_MAX 64u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check(int is_true)
{
	if (!is_true)
		abort();
}

/* Pairs of bytes that are the instruction, which overlap nowhere. */
static size_t calls_in(struct gb_span text)
{
	size_t count = 0;

	for (size_t i = 0; i + 1 < text.n; i++)
		count += text.p[i] == 0x0f && text.p[i + 1] == 0x05;
	return count;
}

static void find(struct gb_site_image *image, bool may_hold_data)
{
	struct gb_site sites[SITES_MAX];
	size_t unpatchable = 0, patchable = 0, known;
	int found;

	image->may_hold_data = may_hold_data;
	image->tells_unpatchable = may_hold_data;
	found = gb_site_find(image, sites, SITES_MAX, &unpatchable);
	if (found < 0)
		return;
	known = unpatchable;
	for (int i = 0; i < found; i++) {
		uint64_t from = sites[i].offset - image->text_address;

		check(may_hold_data || sites[i].shape != GB_SITE_UNPATCHABLE);
		if (sites[i].shape == GB_SITE_UNPATCHABLE) {
			check(unpatchable-- > 0);
			continue;
		}
		patchable++;
		check(sites[i].length >= 3 && sites[i].length <= 32);
		check(from + sites[i].length + 2 <= image->text.n);
		check(sites[i].number == GB_SITE_NUMBER_UNKNOWN || gb_site_is_watched(sites[i].number));
	}
	check(patchable + known <= calls_in(image->text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct gb_span file = gb_span_of(data, n);
	struct gb_site_image image;
	uint64_t function;

	(void)gb_site_program_kind(file);
	if (gb_site_image_of_file(file, &image) < 0)
		return 0;
	for (uint64_t at = image.text_address; at < image.text_address + image.text.n; at += 1 + image.text.n / 64)
		if (gb_site_frames_find(&image.frames, at, &function))
			check(function <= at);
	find(&image, false);
	find(&image, true);
	return 0;
}
