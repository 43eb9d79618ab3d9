/* SPDX-License-Identifier: Apache-2.0 */
/*
 * learn/ranges: blocks of addresses. Private to learn.
 */
#ifndef GB_LEARN_RANGES_H
#define GB_LEARN_RANGES_H

#include "learn/boundaries.h"

struct gb_range {
	struct gb_boundary_block block;
	struct gb_span text, service, region;
};

struct gb_ranges {
	struct gb_arena *arena;
	struct gb_range *items;
	size_t count, cap;
};

/* TEXT is ADDRESS/BITS. */
bool gb_learn_block_parse(struct gb_span text, struct gb_boundary_block *ret);
bool gb_learn_block_holds(const struct gb_boundary_block *block, const unsigned char ip[16]);

#endif
