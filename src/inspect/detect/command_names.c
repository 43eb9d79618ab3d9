/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect/detect/command_names.h"

#define LAST        0x80u /* on the last byte of a name */
#define COMMAND_MAX 24u   /* no name is longer */

/* Compares NAME from byte *REF_MATCHED on with the row's rest at POOL[AT]; *REF_MATCHED moves over what is equal, *ref_at
 * behind the row. */
static int compare_rest(struct gb_span name, size_t *ref_at, size_t *ref_matched)
{
	size_t at = *ref_at, matched = *ref_matched;
	int order = 0;

	for (;; at++) {
		unsigned char c = gb_command_pool[at];

		if (order == 0) {
			order = matched < name.n ? (int)name.p[matched] - (int)(c & ~LAST) : -1;
			matched += order == 0;
		}
		if ((c & LAST) != 0)
			break;
	}
	*ref_at = at + 1;
	*ref_matched = matched;
	return order == 0 && matched < name.n ? 1 : order;
}

static enum gb_command_name find_in_block(struct gb_span name, size_t block)
{
	size_t at = gb_command_blocks[block];
	size_t end = block + 1 < gb_command_block_count ? gb_command_blocks[block + 1] : gb_command_pool_bytes;
	size_t matched = 0;

	while (at < end) {
		unsigned char head = gb_command_pool[at++];
		size_t shared = head & 0x3f;
		int order;

		/* Rows rise: one that shares less than what NAME matched lies behind it, one that shares more, before. */
		if (shared < matched)
			return GB_NAME_UNKNOWN;
		if (shared > matched) {
			while ((gb_command_pool[at++] & LAST) == 0)
				;
			continue;
		}
		order = compare_rest(name, &at, &matched);
		if (order <= 0)
			return order == 0 ? (enum gb_command_name)(head >> 6) : GB_NAME_UNKNOWN;
	}
	return GB_NAME_UNKNOWN;
}

/* False is certain. */
static bool may_be_name(struct gb_span name)
{
	const unsigned at = name.p[0] * 31u + name.p[name.n > 1] * 331u + name.p[name.n / 2] * 1031u +
	                    name.p[name.n - 1] * 67u + (unsigned)name.n * 509u;

	return (gb_command_filter[at / 8 % GB_COMMAND_FILTER_BYTES] >> at % 8 & 1) != 0;
}

enum gb_command_name gb_detect_command_name(struct gb_span name)
{
	size_t low = 0, high = gb_command_block_count;

	if (name.n == 0 || name.n > GB_COMMAND_NAME_MAX || !may_be_name(name))
		return GB_NAME_UNKNOWN;
	/* The last block that does not begin behind NAME. */
	while (high - low > 1) {
		size_t middle = low + (high - low) / 2, at = gb_command_blocks[middle] + 1u, matched = 0;

		if (compare_rest(name, &at, &matched) < 0)
			high = middle;
		else
			low = middle;
	}
	return find_in_block(name, low);
}

bool gb_detect_is_command(struct gb_span word)
{
	unsigned char lower[COMMAND_MAX];

	if (word.n > sizeof(lower))
		return false;
	for (size_t i = 0; i < word.n; i++)
		lower[i] = gb_ascii_lower(word.p[i]);
	return gb_detect_command_name(gb_span_of(lower, word.n)) != GB_NAME_UNKNOWN;
}
