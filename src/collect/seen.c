/* SPDX-License-Identifier: Apache-2.0 */
#include "collect/seen.h"

#include <stdlib.h>

#define SLOTS_FIRST 1024u
#define SLOTS_MAX   (1u << 21)

/* The slot of HASH, or the free one where it would be. */
static size_t slot_of(const struct seen *seen, uint64_t hash)
{
	size_t at = (size_t)(hash ^ hash >> 32) & seen->mask;

	while (seen->hashes[at] != 0 && seen->hashes[at] != hash)
		at = (at + 1) & seen->mask;
	return at;
}

bool seen_has(const struct seen *seen, uint64_t hash)
{
	return seen->hashes != NULL && seen->hashes[slot_of(seen, hash | 1)] != 0;
}

static bool grow(struct seen *seen)
{
	size_t slots = seen->hashes == NULL ? SLOTS_FIRST : (seen->mask + 1) * 2;
	struct seen larger = {.count = seen->count, .mask = slots - 1};

	if (slots > SLOTS_MAX)
		return false;
	larger.hashes = calloc(slots, sizeof(*larger.hashes));
	if (larger.hashes == NULL)
		return false;
	for (size_t i = 0; seen->hashes != NULL && i <= seen->mask; i++)
		if (seen->hashes[i] != 0)
			larger.hashes[slot_of(&larger, seen->hashes[i])] = seen->hashes[i];
	free(seen->hashes);
	*seen = larger;
	return true;
}

void seen_add(struct seen *seen, uint64_t hash)
{
	size_t at;

	if ((seen->hashes == NULL || seen->count * 2 > seen->mask) && !grow(seen))
		return;
	at = slot_of(seen, hash | 1);
	if (seen->hashes[at] == 0) {
		seen->hashes[at] = hash | 1;
		seen->count++;
	}
}

void seen_free(struct seen *seen)
{
	free(seen->hashes);
	*seen = (struct seen){.hashes = NULL};
}
