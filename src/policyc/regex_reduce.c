/* SPDX-License-Identifier: Apache-2.0 */
/* Moore's algorithm: states are told apart only by what follows from them. */
#include "policyc/regex.h"

#include <errno.h>
#include <string.h>

#define SLOTS (2 * GB_REGEX_STATES_MAX)

static bool is_same_group(const struct gb_regex_automaton *automaton, const uint16_t *groups, uint32_t a, uint32_t b)
{
	uint32_t n = automaton->class_count;

	if (groups[a] != groups[b])
		return false;
	for (uint32_t class = 0; class < n; class ++)
		if (groups[automaton->next[a * n + class]] != groups[automaton->next[b * n + class]])
			return false;
	return true;
}

static size_t hash_of(const struct gb_regex_automaton *automaton, const uint16_t *groups, uint32_t state)
{
	uint32_t n = automaton->class_count;
	uint64_t hash = groups[state];

	for (uint32_t class = 0; class < n; class ++)
		hash = (hash ^ groups[automaton->next[state * n + class]]) * 0x9e3779b97f4a7c15u;
	return (size_t)(hash >> 32);
}

/* One round: GROUPS split by where their states go; of each new group LEADS has a state. Result: how many there are. */
static uint32_t split(
        const struct gb_regex_automaton *automaton, const uint16_t *groups, uint16_t *ret_groups, uint32_t *leads)
{
	uint16_t slots[SLOTS] = {0};
	uint32_t count = 0;

	for (uint32_t state = 0; state < automaton->state_count; state++) {
		size_t slot = hash_of(automaton, groups, state) % SLOTS;

		while (slots[slot] != 0 && !is_same_group(automaton, groups, leads[slots[slot] - 1u], state))
			slot = (slot + 1) % SLOTS;
		if (slots[slot] == 0) {
			leads[count++] = state;
			slots[slot] = (uint16_t)count;
		}
		ret_groups[state] = (uint16_t)(slots[slot] - 1);
	}
	return count;
}

/* The group of state 0, which refuses, stays number 0, since it is the first that is found. */
static void renumber(struct gb_regex_automaton *automaton, const uint16_t *groups, const uint32_t *leads,
        uint32_t count, uint16_t *next, bool *accepts, uint16_t *names, uint32_t *order)
{
	uint32_t n = automaton->class_count, found = 2;

	memset(names, 0, count * sizeof(*names));
	order[0] = leads[0];
	order[1] = leads[groups[1]];
	names[groups[1]] = groups[1] == 0 ? 0 : 1;
	for (uint32_t at = 1; at < found; at++) {
		for (uint32_t class = 0; class < n; class ++) {
			uint16_t group = groups[automaton->next[order[at] * n + class]];

			if (group != 0 && names[group] == 0) {
				names[group] = (uint16_t)found;
				order[found++] = leads[group];
			}
			next[at * n + class] = names[group];
		}
		accepts[at] = automaton->accepts[order[at]];
	}
	memset(next, 0, n * sizeof(*next));
	accepts[0] = false;
	automaton->state_count = found;
}

/* Classes that no state tells apart any more become one; numbered by their first byte. */
static void merge_classes(struct gb_regex_automaton *automaton)
{
	uint32_t n = automaton->class_count, count = 0;
	unsigned char names[256], first[256];
	bool is_named[256] = {false};

	for (unsigned c = 0; c < 256; c++) {
		unsigned char class = automaton->classes[c];
		uint32_t other = 0;

		if (is_named[class])
			continue;
		for (; other < count; other++) {
			uint32_t state = 0;

			while (state < automaton->state_count &&
			        automaton->next[state * n + class] == automaton->next[state * n + first[other]])
				state++;
			if (state == automaton->state_count)
				break;
		}
		if (other == count)
			first[count++] = class;
		names[class] = (unsigned char)other;
		is_named[class] = true;
	}
	for (uint32_t state = 0; state < automaton->state_count; state++) {
		uint16_t row[256];

		for (uint32_t class = 0; class < count; class ++)
			row[class] = automaton->next[state * n + first[class]];
		memcpy(automaton->next + state * count, row, count * sizeof(*row));
	}
	for (unsigned c = 0; c < 256; c++)
		automaton->classes[c] = names[automaton->classes[c]];
	automaton->class_count = count;
}

int gb_regex_reduce(struct gb_arena *arena, struct gb_regex_automaton *automaton)
{
	size_t states = automaton->state_count + 2u;
	uint16_t *groups = gb_arena_take(arena, states * sizeof(*groups));
	uint16_t *finer = gb_arena_take(arena, states * sizeof(*finer));
	uint32_t *leads = gb_arena_take(arena, states * sizeof(*leads));
	uint32_t *order = gb_arena_take(arena, states * sizeof(*order));
	uint16_t *next = gb_arena_take(arena, states * automaton->class_count * sizeof(*next));
	bool *accepts = gb_arena_take(arena, states * sizeof(*accepts));
	uint32_t count = 2, more;

	if (groups == NULL || finer == NULL || leads == NULL || order == NULL || next == NULL || accepts == NULL)
		return -ENOMEM;
	for (uint32_t state = 0; state < automaton->state_count; state++)
		groups[state] = automaton->accepts[state] ? 1 : 0;
	while ((more = split(automaton, groups, finer, leads)) > count) {
		uint16_t *swap = groups;

		groups = finer;
		finer = swap;
		count = more;
	}
	renumber(automaton, finer, leads, more, next, accepts, groups, order);
	automaton->next = next;
	automaton->accepts = accepts;
	merge_classes(automaton);
	return 0;
}
