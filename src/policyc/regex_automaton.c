/* SPDX-License-Identifier: Apache-2.0 */
/* Thompson's construction, then the sets of its states that can be reached together. */
#include "policyc/regex.h"

#include <errno.h>
#include <string.h>

#define NOWHERE UINT32_MAX

/* A state either takes one byte of a set and goes to `out`, or goes to `out` and `other` with none. */
struct state {
	const uint64_t *set; /* NULL: takes nothing */
	uint32_t out, other;
};

struct builder {
	struct gb_arena *arena;
	struct state states[GB_REGEX_NODES_MAX];
	uint32_t count;
	unsigned char classes[256];
	uint32_t class_count;
	struct gb_diag *diag;
};

/* States that the automaton may be in at once, as bits. */
#define WORDS (GB_REGEX_NODES_MAX / 64)

struct subset {
	uint64_t bits[WORDS];
};

#define SLOTS (2 * GB_REGEX_STATES_MAX)

struct subsets {
	struct subset *items[GB_REGEX_STATES_MAX];
	uint32_t count;
	uint32_t words;        /* that are in use */
	uint16_t slots[SLOTS]; /* by hash: index into `items` plus 1, or 0 */
};

struct gb_regex_node *gb_regex_node_new(struct gb_arena *arena, enum gb_regex_kind kind)
{
	struct gb_regex_node *node = gb_arena_take(arena, sizeof(*node));

	if (node != NULL)
		node->kind = kind;
	return node;
}

void gb_regex_node_append(struct gb_regex_node *parent, struct gb_regex_node *child)
{
	if (parent->last == NULL)
		parent->first = child;
	else
		parent->last->next = child;
	parent->last = child;
}

struct gb_regex_node *gb_regex_node_byte(struct gb_arena *arena, unsigned char c)
{
	struct gb_regex_node *node = gb_regex_node_new(arena, GB_REGEX_SET);

	if (node != NULL)
		node->set[c / 64] = (uint64_t)1 << c % 64;
	return node;
}

static int too_large(const struct builder *builder)
{
	return gb_diag_set(builder->diag, -EINVAL, 0, 0,
	        "the regular expression needs too many states (over %u); make its repetitions shorter, or fewer of "
	        "them "
	        "overlap",
	        GB_REGEX_STATES_MAX);
}

/* NOWHERE when there are too many. */
static uint32_t add_state(struct builder *builder, const uint64_t *set, uint32_t out, uint32_t other)
{
	if (builder->count == GB_REGEX_NODES_MAX)
		return NOWHERE;
	builder->states[builder->count] = (struct state){set, out, other};
	return builder->count++;
}

static uint32_t build(struct builder *builder, const struct gb_regex_node *node, uint32_t then);

/* The first of a list that is built from its end: each goes on to the next. */
static uint32_t build_sequence(struct builder *builder, const struct gb_regex_node *first, uint32_t then)
{
	const struct gb_regex_node *done = NULL;

	while (then != NOWHERE && done != first) {
		const struct gb_regex_node *node = first;

		while (node != NULL && node->next != done)
			node = node->next;
		if (node == NULL)
			break;
		then = build(builder, node, then);
		done = node;
	}
	return then;
}

static uint32_t build_choice(struct builder *builder, const struct gb_regex_node *first, uint32_t then)
{
	uint32_t start = NOWHERE;

	for (const struct gb_regex_node *node = first; node != NULL; node = node->next) {
		uint32_t branch = build(builder, node, then);

		if (branch == NOWHERE)
			return NOWHERE;
		start = start == NOWHERE ? branch : add_state(builder, NULL, start, branch);
		if (start == NOWHERE)
			return NOWHERE;
	}
	return start == NOWHERE ? then : start;
}

/* a{2,4} is aa(a(a)?)?; a{2,} is aaa*. */
static uint32_t build_repeat(struct builder *builder, const struct gb_regex_node *node, uint32_t then)
{
	uint32_t end = then;

	if (node->most == GB_REGEX_ANY_NUMBER) {
		uint32_t loop = add_state(builder, NULL, NOWHERE, then), body;

		body = loop == NOWHERE ? NOWHERE : build(builder, node->first, loop);
		if (body == NOWHERE)
			return NOWHERE;
		builder->states[loop].out = body;
		then = loop;
	}
	for (uint32_t i = node->least; node->most != GB_REGEX_ANY_NUMBER && i < node->most; i++) {
		uint32_t body = build(builder, node->first, then);

		then = body == NOWHERE ? NOWHERE : add_state(builder, NULL, body, end);
		if (then == NOWHERE)
			return NOWHERE;
	}
	for (uint32_t i = 0; i < node->least && then != NOWHERE; i++)
		then = build(builder, node->first, then);
	return then;
}

/* The state that matches NODE and goes on to THEN. The depth is that of the groups, which the parser limits. */
static uint32_t build(struct builder *builder, const struct gb_regex_node *node, uint32_t then)
{
	switch (node->kind) {
	case GB_REGEX_SET: return add_state(builder, node->set, then, NOWHERE);
	case GB_REGEX_SEQUENCE: return build_sequence(builder, node->first, then);
	case GB_REGEX_CHOICE: return build_choice(builder, node->first, then);
	case GB_REGEX_REPEAT: return build_repeat(builder, node, then);
	case GB_REGEX_EMPTY: break;
	}
	return then;
}

static bool set_has(const uint64_t *set, unsigned c)
{
	return (set[c / 64] >> c % 64 & 1) != 0;
}

/* Bytes that every set treats alike get one class. Of each set, what it takes of a class is split off. */
static void make_classes(struct builder *builder)
{
	builder->class_count = 1;
	for (uint32_t i = 0; i < builder->count; i++) {
		const uint64_t *set = builder->states[i].set;
		unsigned inside[256] = {0}, outside[256] = {0};
		unsigned char split[256] = {0};

		if (set == NULL)
			continue;
		for (unsigned c = 0; c < 256; c++)
			(set_has(set, c) ? inside : outside)[builder->classes[c]]++;
		for (unsigned c = 0; c < 256; c++) {
			unsigned char was = builder->classes[c];

			if (!set_has(set, c) || outside[was] == 0)
				continue;
			if (split[was] == 0)
				split[was] = (unsigned char)builder->class_count++;
			builder->classes[c] = split[was];
		}
	}
}

/* Add STATE to SUBSET, and where it leads to without a byte. */
static void add_reachable(const struct builder *builder, struct subset *subset, uint32_t state)
{
	uint32_t waiting[GB_REGEX_NODES_MAX];
	uint32_t count = 0;

	for (;;) {
		while (state != NOWHERE && (subset->bits[state / 64] >> state % 64 & 1) == 0) {
			subset->bits[state / 64] |= (uint64_t)1 << state % 64;
			if (builder->states[state].set != NULL)
				break;
			if (builder->states[state].other != NOWHERE)
				waiting[count++] = builder->states[state].other;
			state = builder->states[state].out;
		}
		if (count == 0)
			return;
		state = waiting[--count];
	}
}

/* Index of SUBSET among SUBSETS, added when it is new; GB_REGEX_STATES_MAX when there are too many, or -ENOMEM. */
static int number_of(struct builder *builder, struct subsets *subsets, const struct subset *subset)
{
	size_t bytes = subsets->words * sizeof(subset->bits[0]);
	size_t slot = gb_span_hash(gb_span_of(subset->bits, bytes)) % SLOTS;

	for (; subsets->slots[slot] != 0; slot = (slot + 1) % SLOTS)
		if (memcmp(subsets->items[subsets->slots[slot] - 1]->bits, subset->bits, bytes) == 0)
			return subsets->slots[slot] - 1;
	if (subsets->count == GB_REGEX_STATES_MAX)
		return GB_REGEX_STATES_MAX;
	subsets->items[subsets->count] = gb_arena_take(builder->arena, sizeof(*subset));
	if (subsets->items[subsets->count] == NULL)
		return -ENOMEM;
	memcpy(subsets->items[subsets->count]->bits, subset->bits, bytes);
	subsets->slots[slot] = (uint16_t)(subsets->count + 1);
	return (int)subsets->count++;
}

/* Where SUBSET goes with a byte C. */
static void step(const struct builder *builder, const struct subset *subset, unsigned c, struct subset *ret_next)
{
	memset(ret_next, 0, sizeof(*ret_next));
	for (uint32_t word = 0; word < WORDS; word++) {
		for (uint64_t bits = subset->bits[word]; bits != 0; bits &= bits - 1) {
			const struct state *state = &builder->states[word * 64 + (uint32_t)__builtin_ctzll(bits)];

			if (state->set != NULL && set_has(state->set, c))
				add_reachable(builder, ret_next, state->out);
		}
	}
}

static int determine(struct builder *builder, struct subsets *subsets, struct gb_regex_automaton *automaton)
{
	unsigned char sample[256];

	for (unsigned c = 0; c < 256; c++)
		sample[builder->classes[c]] = (unsigned char)c;
	for (uint32_t from = 0; from < subsets->count; from++) {
		for (uint32_t class = 0; class < builder->class_count; class ++) {
			struct subset next;
			int number;

			step(builder, subsets->items[from], sample[class], &next);
			number = number_of(builder, subsets, &next);
			if (number < 0)
				return number;
			if (number == GB_REGEX_STATES_MAX)
				return too_large(builder);
			automaton->next[from * builder->class_count + class] = (uint16_t)number;
		}
	}
	automaton->state_count = subsets->count;
	return 0;
}

int gb_regex_compile(struct gb_arena *arena, const struct gb_regex_node *node, struct gb_regex_automaton *ret_automaton,
        struct gb_diag *diag)
{
	struct builder *builder = gb_arena_take(arena, sizeof(*builder));
	struct subsets *subsets = gb_arena_take(arena, sizeof(*subsets));
	struct subset start = {0};
	uint32_t end, first;
	int r;

	if (builder == NULL || subsets == NULL)
		return -ENOMEM;
	builder->arena = arena;
	builder->diag = diag;
	end = add_state(builder, NULL, NOWHERE, NOWHERE);
	first = build(builder, node, end);
	if (first == NOWHERE)
		return too_large(builder);
	make_classes(builder);
	subsets->words = (builder->count + 63) / 64;
	memcpy(ret_automaton->classes, builder->classes, sizeof(builder->classes));
	ret_automaton->class_count = builder->class_count;
	ret_automaton->next =
	        gb_arena_take(arena, (size_t)GB_REGEX_STATES_MAX * builder->class_count * sizeof(*ret_automaton->next));
	ret_automaton->accepts = gb_arena_take(arena, GB_REGEX_STATES_MAX * sizeof(*ret_automaton->accepts));
	if (ret_automaton->next == NULL || ret_automaton->accepts == NULL)
		return -ENOMEM;
	/* State 0 is the empty set: it refuses. */
	r = number_of(builder, subsets, &start);
	if (r < 0)
		return r;
	add_reachable(builder, &start, first);
	r = number_of(builder, subsets, &start);
	if (r < 0)
		return r;
	r = determine(builder, subsets, ret_automaton);
	if (r < 0)
		return r;
	for (uint32_t i = 0; i < subsets->count; i++)
		ret_automaton->accepts[i] = (subsets->items[i]->bits[end / 64] >> end % 64 & 1) != 0;
	return gb_regex_reduce(arena, ret_automaton);
}

bool gb_regex_matches(const struct gb_regex_automaton *automaton, struct gb_span text)
{
	uint32_t state = 1;

	for (size_t i = 0; i < text.n && state != 0; i++)
		state = automaton->next[state * automaton->class_count + automaton->classes[text.p[i]]];
	return automaton->accepts[state];
}
