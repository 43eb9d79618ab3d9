/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/hole.h"

/* Each hole is a small automaton over bytes; a set of states is a bit mask. State 0 is the start and never accepts. */

static bool is_alnum(unsigned char c)
{
	return gb_ascii_is_alpha(c) || gb_ascii_is_digit(c);
}

/* Means nothing to a shell wherever it stands in a word, and is no slash. */
static bool is_inert(unsigned char c)
{
	switch (c) {
	case '_':
	case '-':
	case '.':
	case ',':
	case ':':
	case '@':
	case '%':
	case '+':
	case '=': return true;
	default: return is_alnum(c) || c >= 0x80;
	}
}

static bool is_path_byte(unsigned char c, enum gb_hole_place place)
{
	return place == GB_HOLE_IN_SHELL ? is_inert(c) : c >= 0x20 && c != 0x7f && c != '/';
}

static bool is_url_byte(unsigned char c, enum gb_hole_place place)
{
	if (place == GB_HOLE_IN_SHELL)
		return is_inert(c) || c == '/' || c == '?' || c == '#' || c == '~';
	return c > 0x20 && c != 0x7f;
}

static int step_word(int state, unsigned char c)
{
	if (state == 0)
		return is_alnum(c) || c == '_' || c >= 0x80 ? 1 : -1;
	return is_inert(c) ? 1 : -1;
}

/* 1 sign, 2 digits, 3 point, 4 digits behind it. */
static int step_number(int state, unsigned char c)
{
	if (gb_ascii_is_digit(c))
		return state >= 3 ? 4 : 2;
	if (state == 0 && (c == '-' || c == '+'))
		return 1;
	return state == 2 && c == '.' ? 3 : -1;
}

/* 1 inside a segment, 2 it is ".", 3 it is "..", 4 behind a slash. A ".." segment is never a benign variation, and a
 * leading '-' would be an option. */
static int step_path(int state, unsigned char c, enum gb_hole_place place)
{
	if (c == '/')
		return state == 3 ? -1 : 4;
	if (!is_path_byte(c, place) || (state == 0 && (c == '-' || c == '~')))
		return -1;
	if (c == '.' && state != 1 && state != 3)
		return state == 2 ? 3 : 2;
	return 1;
}

/* http or https only: file:, gopher: and their like turn a fetch into something else. 1–4 "http", 5 "s", 6 ":", 7 and
 * 8 "//", 9 the rest. */
static int step_url(int state, unsigned char c, enum gb_hole_place place)
{
	switch (state) {
	case 0: return gb_ascii_lower(c) == 'h' ? 1 : -1;
	case 1:
	case 2: return gb_ascii_lower(c) == 't' ? state + 1 : -1;
	case 3: return gb_ascii_lower(c) == 'p' ? 4 : -1;
	case 4:
		if (gb_ascii_lower(c) == 's')
			return 5;
		return c == ':' ? 6 : -1;
	case 5: return c == ':' ? 6 : -1;
	case 6:
	case 7: return c == '/' ? state + 1 : -1;
	default: return is_url_byte(c, place) ? 9 : -1;
	}
}

static int step(enum gb_blob_chunk_kind kind, int state, unsigned char c, enum gb_hole_place place)
{
	switch (kind) {
	case GB_BLOB_CHUNK_WORD: return step_word(state, c);
	case GB_BLOB_CHUNK_NUMBER: return step_number(state, c);
	case GB_BLOB_CHUNK_PATH: return step_path(state, c, place);
	case GB_BLOB_CHUNK_URL: return step_url(state, c, place);
	case GB_BLOB_CHUNK_LITERAL:
	case _GB_BLOB_CHUNK_MAX: break;
	}
	return -1;
}

static const uint16_t accepting[_GB_BLOB_CHUNK_MAX] = {
        [GB_BLOB_CHUNK_LITERAL] = 0,
        [GB_BLOB_CHUNK_WORD] = 1u << 1,
        [GB_BLOB_CHUNK_NUMBER] = 1u << 2 | 1u << 4,
        [GB_BLOB_CHUNK_PATH] = 1u << 1 | 1u << 2 | 1u << 4,
        [GB_BLOB_CHUNK_URL] = 1u << 9,
};

uint16_t gb_policy_hole_step(enum gb_blob_chunk_kind kind, enum gb_hole_place place, uint16_t states, unsigned char c)
{
	uint16_t next = 0;

	while (states != 0) {
		int to = step(kind, __builtin_ctz(states), c, place);

		if (to >= 0)
			next = (uint16_t)(next | 1u << to);
		states = (uint16_t)(states & (states - 1u));
	}
	return next;
}

bool gb_policy_hole_accepts(enum gb_blob_chunk_kind kind, uint16_t states)
{
	return kind < _GB_BLOB_CHUNK_MAX && (states & accepting[kind]) != 0;
}

bool gb_policy_hole_fits(enum gb_blob_chunk_kind kind, enum gb_hole_place place, struct gb_span s)
{
	uint16_t states = 1;

	for (size_t i = 0; i < s.n && states != 0; i++)
		states = gb_policy_hole_step(kind, place, states, s.p[i]);
	return gb_policy_hole_accepts(kind, states);
}
