/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/shape.h"

#include "policy/hole.h"

/* A set of positions in the argument, 0 to GB_SHAPE_TEXT_MAX. */
struct positions {
	uint64_t bits[GB_SHAPE_TEXT_MAX / 64 + 1];
};

static bool positions_has(const struct positions *set, size_t at)
{
	return (set->bits[at / 64] >> (at % 64) & 1u) != 0;
}

static void positions_add(struct positions *set, size_t at)
{
	set->bits[at / 64] |= 1ull << (at % 64);
}

/* From each position in FROM over LITERAL to *ret_to. */
static void pass_literal(
        const struct positions *from, struct gb_span literal, struct gb_span text, struct positions *ret_to)
{
	for (size_t word = 0; word <= text.n / 64; word++) {
		uint64_t bits = from->bits[word];

		for (; bits != 0; bits &= bits - 1) {
			size_t at = word * 64 + (size_t)__builtin_ctzll(bits);

			if (gb_span_starts(gb_span_sub(text, at, SIZE_MAX), literal))
				positions_add(ret_to, at + literal.n);
		}
	}
}

/* All starts at once: the automaton's states of every start that is still alive travel along the text together. */
static void pass_hole(const struct positions *from, enum gb_blob_chunk_kind kind, enum gb_hole_place place,
        struct gb_span text, struct positions *ret_to)
{
	uint16_t states = 0;

	for (size_t at = 0; at <= text.n; at++) {
		if (at > 0)
			states = gb_policy_hole_step(kind, place, states, text.p[at - 1]);
		if (gb_policy_hole_accepts(kind, states))
			positions_add(ret_to, at);
		if (positions_has(from, at))
			states |= 1u;
	}
}

static bool chunks_match(const struct gb_policy *policy, const struct gb_blob_argument *argument, struct gb_span text)
{
	const struct gb_blob_chunk *chunks = part_elements(policy, policy->header->chunks);
	enum gb_hole_place place = argument->kind == GB_BLOB_ARGUMENT_SHELL ? GB_HOLE_IN_SHELL : GB_HOLE_IN_ARGUMENT;
	struct positions sets[2];
	size_t n = argument->chunk_count;

	chunks += argument->first_chunk;
	if (n == 0)
		return text.n == 0;
	if (chunks[0].kind == GB_BLOB_CHUNK_LITERAL && !gb_span_starts(text, blob_text(policy, chunks[0].text)))
		return false;
	if (chunks[n - 1].kind == GB_BLOB_CHUNK_LITERAL && !gb_span_ends(text, blob_text(policy, chunks[n - 1].text)))
		return false;
	if (n == 1 && chunks[0].kind == GB_BLOB_CHUNK_LITERAL)
		return text.n == chunks[0].text.n;
	if (text.n > GB_SHAPE_TEXT_MAX)
		return false;
	__builtin_memset(&sets[0], 0, sizeof(sets[0]));
	positions_add(&sets[0], 0);
	for (size_t i = 0; i < n; i++) {
		struct positions *to = &sets[(i + 1) % 2];

		__builtin_memset(to, 0, sizeof(*to));
		if (chunks[i].kind == GB_BLOB_CHUNK_LITERAL)
			pass_literal(&sets[i % 2], blob_text(policy, chunks[i].text), text, to);
		else
			pass_hole(&sets[i % 2], (enum gb_blob_chunk_kind)chunks[i].kind, place, text, to);
	}
	return positions_has(&sets[n % 2], text.n);
}

/* Take the next argument off *rest; false when there is none. *ret_is_cut: its NUL is missing. */
static bool argument_next(struct gb_span *rest, struct gb_span *ret_text, bool *ret_is_cut)
{
	size_t end = gb_span_find_byte(*rest, '\0', 0);

	if (rest->n == 0)
		return false;
	*ret_is_cut = end == SIZE_MAX;
	*ret_text = gb_span_sub(*rest, 0, end);
	*rest = gb_span_sub(*rest, *ret_is_cut ? rest->n : end + 1, SIZE_MAX);
	return true;
}

static bool name_matches(struct gb_span name, struct gb_span argument)
{
	return name.n == 0 || gb_span_equal(name, argument) || gb_span_equal(name, gb_span_basename(argument));
}

bool gb_policy_shape_matches(
        const struct gb_policy *policy, const struct gb_blob_process *process, struct gb_span arguments)
{
	const struct gb_blob_argument *shape = part_elements(policy, policy->header->arguments);
	struct gb_span text = GB_SPAN_EMPTY;
	bool is_cut = false;

	shape += process->first_argument;
	(void)argument_next(&arguments, &text, &is_cut);
	if (!name_matches(blob_text(policy, process->name), text))
		return false;
	for (size_t i = 0; i < process->argument_count; i++) {
		if (shape[i].kind == GB_BLOB_ARGUMENT_REST)
			return true;
		/* A cut argument could be the harmless head of anything. */
		if (is_cut || !argument_next(&arguments, &text, &is_cut) || is_cut)
			return false;
		if (shape[i].kind != GB_BLOB_ARGUMENT_ANY && !chunks_match(policy, &shape[i], text))
			return false;
	}
	return arguments.n == 0 && !is_cut;
}
