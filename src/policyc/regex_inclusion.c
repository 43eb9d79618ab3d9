/* SPDX-License-Identifier: Apache-2.0 */
#include "policyc/regex.h"

#include <errno.h>

/* Two automata walked side by side: pairs of states, each once. */
struct walk {
	const struct gb_regex_automaton *a, *b;
	uint32_t *pairs; /* a's state * b's number of states + b's */
	bool *is_seen;
	size_t count;
};

static void meet(struct walk *walk, uint32_t a, uint32_t b)
{
	uint32_t pair = a * walk->b->state_count + b;

	/* What A refuses whatever comes is no text of its language. */
	if (a == 0 || walk->is_seen[pair])
		return;
	walk->is_seen[pair] = true;
	walk->pairs[walk->count++] = pair;
}

int gb_regex_is_within(struct gb_arena *arena, const struct gb_regex_automaton *a, const struct gb_regex_automaton *b)
{
	size_t cap = (size_t)a->state_count * b->state_count;
	struct walk walk = {.a = a, .b = b};

	walk.pairs = gb_arena_take(arena, cap * sizeof(*walk.pairs));
	walk.is_seen = gb_arena_take(arena, cap * sizeof(*walk.is_seen));
	if (walk.pairs == NULL || walk.is_seen == NULL)
		return -ENOMEM;
	meet(&walk, 1, 1);
	for (size_t i = 0; i < walk.count; i++) {
		uint32_t in_a = walk.pairs[i] / b->state_count, in_b = walk.pairs[i] % b->state_count;

		if (a->accepts[in_a] && !b->accepts[in_b])
			return 0;
		for (unsigned c = 0; c < 256; c++)
			meet(&walk, a->next[in_a * a->class_count + a->classes[c]],
			        b->next[in_b * b->class_count + b->classes[c]]);
	}
	return 1;
}
