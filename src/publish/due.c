/* SPDX-License-Identifier: Apache-2.0 */
#include "publish/due.h"

#include <stdlib.h>

#define FIRST_SLOTS 1024u

static struct due *due_slot(struct due *dues, size_t cap, int64_t function)
{
	size_t at = (size_t)((uint64_t)function * 0x9e3779b97f4a7c15u >> 32) & (cap - 1);

	while (dues[at].function != 0 && dues[at].function != function)
		at = (at + 1) & (cap - 1);
	return &dues[at];
}

struct due *due_of(struct due_table *table, int64_t function)
{
	struct due *due;

	if (table->count * 4 >= table->cap * 3) {
		size_t cap = table->cap == 0 ? FIRST_SLOTS : table->cap * 2;
		struct due *grown = calloc(cap, sizeof(*grown));

		if (grown == NULL)
			return NULL;
		for (size_t i = 0; i < table->cap; i++)
			if (table->slots[i].function != 0)
				*due_slot(grown, cap, table->slots[i].function) = table->slots[i];
		free(table->slots);
		table->slots = grown;
		table->cap = cap;
	}
	due = due_slot(table->slots, table->cap, function);
	if (due->function == 0) {
		table->count++;
		*due = (struct due){.function = function, .epoch = -1};
	}
	return due;
}

void due_forget(struct due_table *table)
{
	free(table->slots);
	*table = (struct due_table){.slots = NULL};
}

uint64_t due_hash(const struct gb_function *function)
{
	const struct gb_span parts[] = {function->account, function->region, function->name, function->runtime,
	        function->group, function->tags, function->state, function->posture, function->mode};
	uint64_t hash = GB_HASH_START ^ (uint64_t)function->rules;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		hash = gb_span_hash_more(hash ^ parts[i].n, parts[i]);
	return hash;
}
