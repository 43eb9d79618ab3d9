/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sums.h"

#include <errno.h>

#define BLOCK_BITS 8
#define BLOCK      (1 << BLOCK_BITS)

/* The sums of functions that have all but the last bits in common. */
struct block {
	int64_t number; /* of the first, without those bits */
	bool is_wanted[BLOCK];
	int64_t sums[BLOCK];
};

struct gb_tally {
	const struct gb_ids *functions;
	struct block **blocks;
	size_t count, cap;
	uint32_t *slots; /* by number: index plus one */
	size_t slot_count;
	struct block *last; /* that was asked for */
};

struct gb_tally *gb_tally_new(const struct gb_ids *functions)
{
	struct gb_tally *tally = calloc(1, sizeof *tally);

	if (tally != NULL)
		tally->functions = functions;
	return tally;
}

void gb_tally_free(struct gb_tally *tally)
{
	for (size_t i = 0; tally != NULL && i < tally->count; i++)
		free(tally->blocks[i]);
	if (tally != NULL) {
		free(tally->blocks);
		free(tally->slots);
	}
	free(tally);
}

static size_t slot_of(const struct gb_tally *tally, int64_t number)
{
	size_t slot = (size_t)((uint64_t)number * 0x9e3779b97f4a7c15u >> 32) & (tally->slot_count - 1);

	while (tally->slots[slot] != 0 && tally->blocks[tally->slots[slot] - 1]->number != number)
		slot = (slot + 1) & (tally->slot_count - 1);
	return slot;
}

static int grow(struct gb_tally *tally)
{
	size_t cap = tally->cap == 0 ? 64 : 2 * tally->cap;
	struct block **blocks = realloc(tally->blocks, cap * sizeof(struct block *));
	uint32_t *slots;

	if (blocks == NULL)
		return -ENOMEM;
	tally->blocks = blocks;
	slots = calloc(2 * cap, sizeof *slots);
	if (slots == NULL)
		return -ENOMEM;
	free(tally->slots);
	tally->slots = slots;
	tally->slot_count = 2 * cap;
	tally->cap = cap;
	for (size_t i = 0; i < tally->count; i++)
		tally->slots[slot_of(tally, blocks[i]->number)] = (uint32_t)i + 1;
	return 0;
}

static struct block *new_block(const struct gb_tally *tally, int64_t number)
{
	struct block *block = calloc(1, sizeof *block);

	if (block == NULL)
		return NULL;
	block->number = number;
	for (int i = 0; i < BLOCK; i++)
		block->is_wanted[i] =
		        tally->functions == NULL || gb_ids_have(tally->functions, number << BLOCK_BITS | i);
	return block;
}

static struct block *block_of(struct gb_tally *tally, int64_t number)
{
	size_t slot;

	if (tally->last != NULL && tally->last->number == number)
		return tally->last;
	if (tally->count == tally->cap && grow(tally) < 0)
		return NULL;
	slot = slot_of(tally, number);
	if (tally->slots[slot] == 0) {
		struct block *block = new_block(tally, number);

		if (block == NULL)
			return NULL;
		tally->blocks[tally->count++] = block;
		tally->slots[slot] = (uint32_t)tally->count;
	}
	tally->last = tally->blocks[tally->slots[slot] - 1];
	return tally->last;
}

int gb_tally_add(struct gb_tally *tally, int64_t hours, int64_t part, struct gb_span list, int64_t *ret_sum)
{
	struct gb_sums_reader reader = gb_sums_read(hours, part, list);

	*ret_sum = 0;
	while (gb_sums_next(&reader)) {
		struct block *block = block_of(tally, reader.function >> BLOCK_BITS);
		size_t at = (size_t)(reader.function & (BLOCK - 1));

		if (block == NULL)
			return -ENOMEM;
		if (block->is_wanted[at]) {
			block->sums[at] += reader.n;
			*ret_sum += reader.n;
		}
	}
	return 0;
}

int gb_tally_tell(struct gb_tally *tally, int (*on_sum)(void *context, int64_t function, int64_t n), void *context)
{
	int r = 0;

	for (size_t i = 0; i < tally->count; i++)
		for (int at = 0; at < BLOCK && r >= 0; at++) {
			struct block *block = tally->blocks[i];

			if (block->sums[at] != 0)
				r = on_sum(context, block->number << BLOCK_BITS | at, block->sums[at]);
			block->sums[at] = 0;
		}
	return r < 0 ? r : 0;
}
