/* SPDX-License-Identifier: Apache-2.0 */
/*
 * site/frames: which addresses are inside of functions, by the table that unwinders search (.eh_frame_hdr, as linkers
 * write it: Linux Standard Base, Core, 10.6.2). A library's executable part may hold tables of numbers between them.
 */
#include "site/site.h"

#define VERSION        1u
#define RELATIVE_4     0x1bu /* 4 bytes, relative to themselves */
#define COUNT_4        0x03u
#define TABLE_4        0x3bu /* 4 bytes, relative to the header */
#define ENTRIES_AT     12u
#define ENTRY_BYTES    8u
#define RECORD_BYTES   16u /* length, pointer to the common part, first address, how many bytes */
#define FIRST_ADDRESS  8u
#define FUNCTION_BYTES 12u

static uint32_t load(const unsigned char *p)
{
	uint32_t value;

	__builtin_memcpy(&value, p, sizeof(value));
	return value;
}

/* Addresses are counted from the header's; the differences are less than 2 GB. */
static uint32_t entry(const struct gb_site_frames *frames, size_t index, unsigned field)
{
	return load(frames->header.p + ENTRIES_AT + index * ENTRY_BYTES + field * 4u);
}

static size_t entry_count(const struct gb_site_frames *frames)
{
	const unsigned char *p = frames->header.p;
	size_t count;

	if (frames->header.n < ENTRIES_AT || p[0] != VERSION || p[1] != RELATIVE_4 || p[2] != COUNT_4 ||
	        p[3] != TABLE_4)
		return 0;
	count = load(p + 8);
	return count <= (frames->header.n - ENTRIES_AT) / ENTRY_BYTES ? count : 0;
}

bool gb_site_frames_find(const struct gb_site_frames *frames, uint64_t address, uint64_t *ret_function)
{
	int32_t wanted = (int32_t)(uint32_t)(address - frames->address);
	size_t low = 0, high = entry_count(frames);
	uint64_t record_at;
	struct gb_span record;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if ((int32_t)entry(frames, middle, 0) <= wanted)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0)
		return false;
	record_at = frames->address + (uint64_t)(int64_t)(int32_t)entry(frames, low - 1, 1) - frames->part_address;
	record = gb_span_sub(
	        frames->part, record_at > frames->part.n ? frames->part.n : (size_t)record_at, RECORD_BYTES);
	if (record.n < RECORD_BYTES)
		return false;
	/* The address in the record is relative to its own place, as that in the table says too: so it has 4 bytes. */
	if ((uint32_t)(frames->part_address + record_at + FIRST_ADDRESS + load(record.p + FIRST_ADDRESS)) !=
	        (uint32_t)(frames->address + entry(frames, low - 1, 0)))
		return false;
	*ret_function = frames->address + (uint64_t)(int64_t)(int32_t)entry(frames, low - 1, 0);
	return address - *ret_function < load(record.p + FUNCTION_BYTES);
}
