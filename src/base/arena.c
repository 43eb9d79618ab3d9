/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_BYTES 16384u

struct block {
	struct block *next;
	size_t used, cap;
	_Alignas(16) unsigned char bytes[];
};

struct gb_arena {
	struct block *blocks;
};

struct gb_arena *gb_arena_new(void)
{
	return calloc(1, sizeof(struct gb_arena));
}

void gb_arena_free(struct gb_arena *arena)
{
	struct block *next;

	if (arena == NULL)
		return;
	for (struct block *block = arena->blocks; block != NULL; block = next) {
		next = block->next;
		free(block);
	}
	free(arena);
}

void gb_arena_freep(struct gb_arena **arena)
{
	gb_arena_free(*arena);
}

void *gb_arena_take(struct gb_arena *arena, size_t n)
{
	struct block *block = arena->blocks;
	size_t cap = BLOCK_BYTES;
	void *taken;

	if (n > SIZE_MAX / 2)
		return NULL;
	n = (n + 15) & ~(size_t)15;
	if (block == NULL || n > block->cap - block->used) {
		if (n > cap)
			cap = n;
		block = calloc(1, sizeof(*block) + cap);
		if (block == NULL)
			return NULL;
		block->cap = cap;
		block->next = arena->blocks;
		arena->blocks = block;
	}
	taken = block->bytes + block->used;
	block->used += n;
	return taken;
}

int gb_arena_grow(struct gb_arena *arena, void *items, size_t count, size_t *cap, size_t size)
{
	void *old, *grown;
	size_t wanted = *cap == 0 ? 8 : *cap * 2;

	if (count < *cap)
		return 0;
	if (wanted > SIZE_MAX / 4 / size)
		return -ENOMEM;
	grown = gb_arena_take(arena, wanted * size);
	if (grown == NULL)
		return -ENOMEM;
	memcpy(&old, items, sizeof(old));
	if (count != 0)
		memcpy(grown, old, count * size);
	memcpy(items, &grown, sizeof(grown));
	*cap = wanted;
	return 0;
}
