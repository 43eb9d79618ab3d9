/* SPDX-License-Identifier: Apache-2.0 */
/* Which bytes are instructions and which are targets of jumps, by what the code around them tells. */
#include "site/x86_64/code.h"
#include "site/x86_64/lanes.h"

/* Walks that vote begin so far before. */
#define SHORT_DISTANCE 8u
#define SHORT_WINDOW   40u
#define LONG_DISTANCE  32u
#define LONG_WINDOW    128u
#define CLEARLY        3u /* so many votes for each against */

static uint32_t load32(const unsigned char *p)
{
	uint32_t value;

	__builtin_memcpy(&value, p, sizeof(value));
	return value;
}

static bool is_short_jump(unsigned char opcode)
{
	return (opcode & 0xf0u) == 0x70 || opcode == 0xeb || (opcode & 0xfcu) == 0xe0;
}

static bool is_long_jump(const unsigned char *text, size_t displacement_at)
{
	unsigned char before = text[displacement_at - 1];

	return before == 0xe8 || before == 0xe9 ||
	       ((before & 0xf0u) == 0x80 && displacement_at >= 2 && text[displacement_at - 2] == 0x0f);
}

/* x86 code read from a wrong byte falls into step within a few instructions: of the walks that begin a little before AT,
 * at least DISTANCE bytes and at most WINDOW, most meet it if it is the beginning of an instruction. */
struct votes {
	unsigned meets, passes;
	size_t from; /* where the longest walk that meets AT begins */
};

/* Whether LEFT further votes cannot turn the majority. */
static bool is_settled(const struct votes *votes, size_t left)
{
	return votes->meets > votes->passes + left || (votes->passes != 0 && votes->passes >= votes->meets + left);
}

enum thoroughness { TILL_MAJORITY, TILL_END };

static struct votes take_votes(
        struct gb_span text, size_t at, unsigned distance, unsigned window, enum thoroughness thoroughness)
{
	enum { LOST = 0, MEETS, PASSES };
	unsigned char ends[LONG_WINDOW]; /* of the walk from that many bytes + 1 before AT; shorter ones come first */
	size_t most = at < window ? at : window;
	struct votes votes = {0};

	for (size_t before = 1; before <= most; before++) {
		unsigned length = gb_code_length(gb_span_sub(text, at - before, 16));
		unsigned end = length == 0        ? LOST
		               : length == before ? MEETS
		               : length > before  ? PASSES
		                                  : ends[before - length - 1];

		ends[before - 1] = (unsigned char)end;
		if (before <= distance)
			continue;
		votes.meets += end == MEETS;
		votes.passes += end == PASSES;
		if (end == MEETS)
			votes.from = at - before;
		if (thoroughness == TILL_MAJORITY && is_settled(&votes, most - before))
			break;
	}
	return votes;
}

bool gb_code_is_instruction(struct gb_span text, size_t at)
{
	struct votes votes = take_votes(text, at, SHORT_DISTANCE, SHORT_WINDOW, TILL_MAJORITY);

	return votes.meets > votes.passes || votes.meets + votes.passes == 0;
}

enum gb_code_opinion gb_code_judge(struct gb_span text, size_t at, size_t *ret_from)
{
	struct votes votes = take_votes(text, at, SHORT_DISTANCE, SHORT_WINDOW, TILL_END), more;

	*ret_from = votes.from;
	if (votes.meets > CLEARLY * votes.passes)
		return GB_CODE_INSTRUCTION;
	if (votes.passes > CLEARLY * votes.meets)
		return GB_CODE_INSIDE;
	/* Rows of zeros before it, as long immediates have them, are instructions of their own from every other byte. */
	more = take_votes(text, at, LONG_DISTANCE, LONG_WINDOW, TILL_END);
	if (more.meets > CLEARLY * more.passes && votes.meets != 0)
		return GB_CODE_INSTRUCTION;
	return votes.meets + votes.passes == 0 && more.meets + more.passes == 0 ? GB_CODE_UNKNOWN : GB_CODE_INSIDE;
}

/* The short jump at P, if it is one, leads into the range. */
static bool jumps_to(struct gb_span text, size_t p, size_t from, size_t to)
{
	return (size_t)(p + 2 + (size_t)(int8_t)text.p[p + 1] - from) <= to - from && is_short_jump(text.p[p]) &&
	       (p < from || p > to) && gb_code_is_instruction(text, p); /* the range itself is straight */
}

static bool is_short_target(struct gb_span text, size_t from, size_t to)
{
	size_t p = from > 130 ? from - 130 : 0, high = to + 130 < text.n ? to + 130 : text.n;

	for (; p + GB_LANES + 1 <= high; p += GB_LANES)
		for (uint64_t hits = gb_lanes_short_jump(text.p + p, from - p, to - from); hits != 0; hits &= hits - 1)
			if (jumps_to(text, p + (size_t)__builtin_ctzll(hits) / GB_LANE_BITS, from, to))
				return true;
	for (; p + 2 <= high; p++)
		if (jumps_to(text, p, from, to))
			return true;
	return false;
}

/* The displacement at P, if it is one, leads from there into the range. */
static bool leads_to(struct gb_span text, size_t p, size_t from, size_t to)
{
	uint32_t landing = (uint32_t)(p + 4 - from) + load32(text.p + p);

	return landing <= to - from && is_long_jump(text.p, p) &&
	       gb_code_is_instruction(text, p - ((text.p[p - 1] & 0xf0u) == 0x80 ? 2 : 1));
}

static bool is_long_target(struct gb_span text, size_t from, size_t to, size_t reach)
{
	size_t low = from > reach + 2 ? from - reach : 2, p = low;
	size_t high = to + reach < text.n ? to + reach : text.n;

	for (; p + GB_LANES + 3 <= high; p += GB_LANES) {
		uint64_t hits;

		p = gb_lanes_long_jump(text.p, p, high, from, to - from, &hits);
		for (; hits != 0; hits &= hits - 1)
			if (leads_to(text, p + (size_t)__builtin_ctzll(hits) / GB_LANE_BITS, from, to))
				return true;
		if (p + GB_LANES + 3 > high)
			break;
	}
	for (; p + 4 <= high; p++)
		if (leads_to(text, p, from, to))
			return true;
	return false;
}

bool gb_code_is_target(struct gb_span text, size_t from, size_t to, size_t reach)
{
	return is_short_target(text, from, to) || (reach != 0 && is_long_target(text, from, to, reach));
}
