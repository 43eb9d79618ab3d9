/* SPDX-License-Identifier: Apache-2.0 */
/* collect/seen: a bounded set of hashes of what came a short time ago. Private to collect. */
#ifndef GB_COLLECT_SEEN_H
#define GB_COLLECT_SEEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct seen {
	uint64_t *hashes; /* 0: free */
	size_t count, mask;
};

bool seen_has(const struct seen *seen, uint64_t hash);
/* What does not fit any more is not added. */
void seen_add(struct seen *seen, uint64_t hash);
void seen_free(struct seen *seen);

#endif
