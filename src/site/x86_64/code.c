/* SPDX-License-Identifier: Apache-2.0 */
#include "site/x86_64/code.h"

#define VOTING_BYTES    40u
#define VOTING_DISTANCE 8u /* walks begin at least so far before */

/* How the rest of an instruction follows from its opcode. */
enum form {
	FORM_UNKNOWN = 0,
	FORM_PLAIN,       /* opcode only */
	FORM_MODRM,       /* ModRM operand */
	FORM_MODRM_IMM8,  /* and 1 byte */
	FORM_MODRM_IMM32, /* and 4 bytes */
	FORM_IMM8,
	FORM_IMM32,
	FORM_MOV_IMM, /* 4 bytes, or 8 with REX.W */
	FORM_GROUP3,  /* f6/f7: test has an immediate, the others have none */
};

#define RANGE(a, b, f) [(a)...(b)] = (f)
#define ARITHMETIC(o)  RANGE((o), (o) + 3, FORM_MODRM), [(o) + 4] = FORM_IMM8, [(o) + 5] = FORM_IMM32

/* Left out: what 64-bit mode refuses, VEX and EVEX. */
static const unsigned char one_byte_forms[256] = {ARITHMETIC(0x00), ARITHMETIC(0x08), ARITHMETIC(0x10),
        ARITHMETIC(0x18), ARITHMETIC(0x20), ARITHMETIC(0x28), ARITHMETIC(0x30), ARITHMETIC(0x38),
        RANGE(0x50, 0x5f, FORM_PLAIN), [0x63] = FORM_MODRM, [0x68] = FORM_IMM32, [0x69] = FORM_MODRM_IMM32,
        [0x6a] = FORM_IMM8, [0x6b] = FORM_MODRM_IMM8,
        RANGE(0x70, 0x7f, FORM_IMM8), [0x80] = FORM_MODRM_IMM8, [0x81] = FORM_MODRM_IMM32, [0x83] = FORM_MODRM_IMM8,
        RANGE(0x84, 0x8b, FORM_MODRM), [0x8d] = FORM_MODRM, RANGE(0x90, 0x99, FORM_PLAIN),
        RANGE(0xa4, 0xa7, FORM_PLAIN), [0xa8] = FORM_IMM8, [0xa9] = FORM_IMM32, RANGE(0xaa, 0xaf, FORM_PLAIN),
        RANGE(0xb0, 0xb7, FORM_IMM8), RANGE(0xb8, 0xbf, FORM_MOV_IMM),
        RANGE(0xc0, 0xc1, FORM_MODRM_IMM8), [0xc3] = FORM_PLAIN, [0xc6] = FORM_MODRM_IMM8, [0xc7] = FORM_MODRM_IMM32,
        [0xc9] = FORM_PLAIN, [0xcc] = FORM_PLAIN, RANGE(0xd0, 0xd3, FORM_MODRM), RANGE(0xd8, 0xdf, FORM_MODRM),
        RANGE(0xe8, 0xe9, FORM_IMM32), [0xeb] = FORM_IMM8, [0xf4] = FORM_PLAIN, RANGE(0xf6, 0xf7, FORM_GROUP3),
        RANGE(0xfc, 0xfd, FORM_PLAIN), RANGE(0xfe, 0xff, FORM_MODRM)};

/* The same behind 0f. */
static const unsigned char two_byte_forms[256] = {[0x05] = FORM_PLAIN,
        [0x0b] = FORM_PLAIN,
        [0x0d] = FORM_MODRM,
        RANGE(0x10, 0x1f, FORM_MODRM),
        RANGE(0x28, 0x2f, FORM_MODRM),
        [0x31] = FORM_PLAIN,
        RANGE(0x40, 0x6f, FORM_MODRM),
        RANGE(0x70, 0x73, FORM_MODRM_IMM8),
        RANGE(0x74, 0x76, FORM_MODRM),
        [0x77] = FORM_PLAIN,
        RANGE(0x7c, 0x7f, FORM_MODRM),
        RANGE(0x80, 0x8f, FORM_IMM32),
        RANGE(0x90, 0x9f, FORM_MODRM),
        [0xa2] = FORM_PLAIN,
        [0xa3] = FORM_MODRM,
        [0xa4] = FORM_MODRM_IMM8,
        [0xa5] = FORM_MODRM,
        [0xab] = FORM_MODRM,
        [0xac] = FORM_MODRM_IMM8,
        RANGE(0xad, 0xb1, FORM_MODRM),
        [0xb3] = FORM_MODRM,
        RANGE(0xb6, 0xb8, FORM_MODRM),
        [0xba] = FORM_MODRM_IMM8,
        RANGE(0xbb, 0xc1, FORM_MODRM),
        [0xc2] = FORM_MODRM_IMM8,
        [0xc3] = FORM_MODRM,
        RANGE(0xc4, 0xc6, FORM_MODRM_IMM8),
        [0xc7] = FORM_MODRM,
        RANGE(0xc8, 0xcf, FORM_PLAIN),
        RANGE(0xd0, 0xfe, FORM_MODRM)};

/* Bytes of the ModRM operand at P (ModRM, SIB, displacement); 0 when cut short. */
static unsigned operand_length(struct gb_span rest, bool *ret_is_relative)
{
	unsigned mod, rm, length = 1;

	if (rest.n < 2)
		return 0;
	mod = rest.p[0] >> 6;
	rm = rest.p[0] & 7u;
	*ret_is_relative = mod == 0 && rm == 5;
	if (mod == 3)
		return 1;
	if (rm == 4) {
		length = 2;
		if (mod == 0 && (rest.p[1] & 7u) == 5)
			length += 4;
	}
	if (mod == 1)
		length += 1;
	else if (mod == 2 || *ret_is_relative)
		length += 4;
	return length;
}

static uint32_t load32(const unsigned char *p)
{
	uint32_t value;

	__builtin_memcpy(&value, p, sizeof(value));
	return value;
}

/* What the instruction OPCODE with OPERANDS does to eax. Only what compilers put before a system call is told apart. */
static void note_eax(struct gb_code_instruction *i, unsigned opcode, unsigned rex, const unsigned char *operands)
{
	unsigned reg = (operands[0] >> 3) & 7u, rm = operands[0] & 7u, mod = operands[0] >> 6;

	if (opcode == 0xb8 && (rex & 0x9) == 0) {
		i->sets_eax = true;
		i->eax = load32(operands);
	} else if (opcode == 0xc7 && operands[0] == 0xc0 && (rex & 1) == 0) {
		i->sets_eax = true;
		i->eax = load32(operands + 1);
	} else if ((opcode == 0x31 || opcode == 0x33) && operands[0] == 0xc0 && (rex & 5) == 0) {
		i->sets_eax = true;
		i->eax = 0;
	} else if ((opcode == 0x8b || opcode == 0x8d || opcode == 0x63 || opcode == 0x03 || opcode == 0x0b ||
	                   opcode == 0x23 || opcode == 0x2b || opcode == 0x33) &&
	           reg == 0 && (rex & 4) == 0) {
		i->spoils_eax = true;
	} else if (opcode >= 0xb8 && opcode <= 0xbf) {
		i->spoils_eax = opcode == 0xb8 && (rex & 1) == 0;
	} else if (mod == 3 && rm == 0 && (rex & 1) == 0 && opcode != 0x39 && opcode != 0x3b && opcode != 0x85 &&
	           opcode != 0x84 && opcode != 0x38 && opcode != 0x8b && opcode != 0x8d && opcode != 0x63 &&
	           !(opcode == 0x83 && reg == 7) && !(opcode == 0x81 && reg == 7)) {
		i->spoils_eax = true;
	} else if (opcode == 0x58 || opcode == 0x98 || opcode == 0x05 || opcode == 0x0d || opcode == 0x25 ||
	           opcode == 0x2d || opcode == 0x35 || (opcode >= 0x91 && opcode <= 0x97) || opcode == 0xb0) {
		i->spoils_eax = (rex & 1) == 0;
	}
}

/* Jumps, calls, returns, traps and system calls: known in length, but not to be moved, and what is in eax behind them is
 * unknown (behind a conditional jump that is not taken it is not, but the number may as well be set for both roads). */
static bool is_branch(unsigned opcode, bool is_two_byte, unsigned modrm)
{
	unsigned reg = (modrm >> 3) & 7u;

	if (is_two_byte)
		return opcode == 0x05 || opcode == 0x0b || (opcode & 0xf0u) == 0x80;
	return (opcode & 0xf0u) == 0x70 || opcode == 0xc3 || opcode == 0xcc || opcode == 0xe8 || opcode == 0xe9 ||
	       opcode == 0xeb || opcode == 0xf4 || (opcode == 0xff && reg >= 2 && reg <= 5);
}

static unsigned immediate_length(enum form form, bool is_wide, bool is_short, unsigned opcode, unsigned modrm)
{
	unsigned full = is_short ? 2 : 4;

	switch (form) {
	case FORM_MODRM_IMM8:
	case FORM_IMM8: return 1;
	case FORM_MODRM_IMM32:
	case FORM_IMM32: return full;
	case FORM_MOV_IMM: return is_wide ? 8 : full;
	case FORM_GROUP3:
		if (((modrm >> 3) & 7u) > 1)
			return 0;
		return opcode == 0xf6 ? 1 : full;
	case FORM_UNKNOWN:
	case FORM_PLAIN:
	case FORM_MODRM: break;
	}
	return 0;
}

struct gb_code_instruction gb_code_decode(struct gb_span code)
{
	struct gb_code_instruction i = {0};
	bool is_short = false, is_relative = false, is_two_byte = false;
	unsigned at = 0, rex = 0, opcode, operands_at, length;
	enum form form;

	while (at < code.n && at < 4 &&
	        (code.p[at] == 0x64 || code.p[at] == 0x66 || code.p[at] == 0xf2 || code.p[at] == 0xf3 ||
	                code.p[at] == 0x2e)) {
		is_short = is_short || code.p[at] == 0x66;
		at++;
	}
	if (at < code.n && (code.p[at] & 0xf0u) == 0x40)
		rex = code.p[at++];
	if (code.n < at + 2)
		return i;
	opcode = code.p[at++];
	if (opcode == 0x0f) {
		is_two_byte = true;
		opcode = code.p[at++];
		form = (enum form)two_byte_forms[opcode];
	} else {
		form = (enum form)one_byte_forms[opcode];
	}
	if (form == FORM_UNKNOWN)
		return i;
	operands_at = at;
	if (form == FORM_MODRM || form == FORM_MODRM_IMM8 || form == FORM_MODRM_IMM32 || form == FORM_GROUP3) {
		length = operand_length(gb_span_sub(code, at, code.n), &is_relative);
		if (length == 0)
			return i;
		at += length;
	}
	at += immediate_length(form, (rex & 8) != 0, is_short, opcode, operands_at < code.n ? code.p[operands_at] : 0);
	if (at > code.n)
		return i;
	i.length = at;
	if (is_branch(opcode, is_two_byte, operands_at < code.n ? code.p[operands_at] : 0)) {
		i.spoils_eax = true;
		return i;
	}
	i.is_movable = !is_relative;
	if (!is_two_byte && operands_at + 5 < code.n)
		note_eax(&i, opcode, rex, code.p + operands_at);
	else if (is_two_byte && operands_at < code.n)
		i.spoils_eax = opcode >= 0x40 && opcode <= 0xbf && opcode != 0x57 && opcode != 0x6f && opcode != 0x7f;
	return i;
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
 * most meet it if it is the beginning of an instruction. */
bool gb_code_is_instruction(struct gb_span text, size_t at, size_t *ret_from)
{
	enum { LOST = 0, MEETS, PASSES };
	unsigned char
	        ends[VOTING_BYTES]; /* of the walk from that many bytes + 1 before AT; shorter ones are known first */
	size_t most = at < VOTING_BYTES ? at : VOTING_BYTES;
	unsigned votes[3] = {0};

	for (size_t before = 1; before <= most; before++) {
		unsigned length = gb_code_decode(gb_span_sub(text, at - before, 16)).length;
		unsigned end = length == 0        ? LOST
		               : length == before ? MEETS
		               : length > before  ? PASSES
		                                  : ends[before - length - 1];

		ends[before - 1] = (unsigned char)end;
		if (before <= VOTING_DISTANCE)
			continue;
		votes[end]++;
		if (end == MEETS && ret_from != NULL)
			*ret_from = at - before;
	}
	return votes[MEETS] > votes[PASSES] || (votes[MEETS] + votes[PASSES] == 0 && ret_from == NULL);
}

static bool is_short_target(struct gb_span text, size_t from, size_t to)
{
	size_t width = to - from;
	size_t low = from > 130 ? from - 130 : 0, high = to + 130 < text.n ? to + 130 : text.n;

	for (size_t p = low; p + 2 <= high; p++) {
		if ((size_t)(p + 2 + (size_t)(int8_t)text.p[p + 1] - from) > width || !is_short_jump(text.p[p]))
			continue;
		if ((p < from || p > to) && gb_code_is_instruction(text, p, NULL)) /* the range itself is straight */
			return true;
	}
	return false;
}

static bool is_long_target(struct gb_span text, size_t from, size_t to, size_t reach)
{
	size_t width = to - from, low = from > reach + 2 ? from - reach : 2;
	size_t high = to + reach < text.n ? to + reach : text.n;

	for (size_t p = low; p + 4 <= high; p++) {
		uint32_t landing = (uint32_t)(p + 4 - from) + load32(text.p + p);

		if (landing <= width && is_long_jump(text.p, p) &&
		        gb_code_is_instruction(text, p - ((text.p[p - 1] & 0xf0u) == 0x80 ? 2 : 1), NULL))
			return true;
	}
	return false;
}

bool gb_code_is_target(struct gb_span text, size_t from, size_t to, size_t reach)
{
	return is_short_target(text, from, to) || (reach != 0 && is_long_target(text, from, to, reach));
}
