/* SPDX-License-Identifier: Apache-2.0 */
/*
 * learn/boundaries: what data/boundaries.txt says. Private to learn.
 */
#ifndef GB_LEARN_BOUNDARIES_H
#define GB_LEARN_BOUNDARIES_H

#include "learn/store.h"

/* An activity that is never learned. */
struct gb_boundary_never {
	enum gb_activity_kind kind; /* GB_ACTIVITY_NONE: any */
	struct gb_span pattern;     /* empty: all of the kind */
};

struct gb_boundary_block {
	unsigned char ip[16];
	unsigned bits; /* of 128 */
};

struct gb_boundaries {
	struct gb_arena *arena;
	struct gb_span *vary, *packages, *hosts, *shared;
	size_t vary_count, vary_cap, package_count, package_cap, host_count, host_cap, shared_count, shared_cap;
	struct gb_boundary_never *never;
	size_t never_count, never_cap;
	struct gb_boundary_block *blocks;
	size_t block_count, block_cap;
};

/* Whether ITEM is one of those that are never learned; whether addresses of the AWS service SERVICE may be anybody's. */
bool gb_boundaries_never(const struct gb_boundaries *boundaries, const struct gb_profile_item *item);
bool gb_boundaries_shared(const struct gb_boundaries *boundaries, struct gb_span service);

#endif
