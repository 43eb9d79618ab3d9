/* SPDX-License-Identifier: Apache-2.0 */
#include "site/x86_64/code.h"

#define LENGTH_MAX 16u /* more than any instruction has */

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

/* Left out: what 64-bit mode refuses. */
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

/* Bytes of a ModRM operand (ModRM, SIB, displacement), by mode and register. */
static const unsigned char operand_lengths[32] = {
        1, 1, 1, 1, 2, 5, 1, 1, 2, 2, 2, 2, 3, 2, 2, 2, 5, 5, 5, 5, 6, 5, 5, 5, 1, 1, 1, 1, 1, 1, 1, 1};

/* Of the one at P, of whose bytes 2 can be read. */
static inline unsigned operand_length(const unsigned char *p)
{
	bool has_displacement_only = (p[0] & 0xc7u) == 0x04 && (p[1] & 7u) == 5;

	return operand_lengths[(p[0] >> 6) * 8u + (p[0] & 7u)] + (has_displacement_only ? 4u : 0u);
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

/* What stands before the operands. */
struct opcode {
	unsigned value, rex;
	enum { MAP_ONE_BYTE = 0, MAP_0F, MAP_0F38, MAP_0F3A } map;
	bool is_short;  /* 16-bit operands: immediates of 2 bytes */
	bool is_vector; /* VEX or EVEX */
	enum form form;
};

static enum form form_of(const struct opcode *opcode)
{
	unsigned value = opcode->value;

	switch (opcode->map) {
	case MAP_ONE_BYTE: return (enum form)one_byte_forms[value];
	case MAP_0F: break;
	case MAP_0F38: return FORM_MODRM;
	case MAP_0F3A: return FORM_MODRM_IMM8;
	}
	if (!opcode->is_vector)
		return (enum form)two_byte_forms[value];
	if (value == 0x77)
		return FORM_PLAIN;
	return (value >= 0x70 && value <= 0x73) || value == 0xc2 || (value >= 0xc4 && value <= 0xc6) ? FORM_MODRM_IMM8
	                                                                                             : FORM_MODRM;
}

static bool is_vector_prefix(unsigned char byte)
{
	return byte == 0xc5 || byte == 0xc4 || byte == 0x62;
}

/* c5 P; c4 P P; 62 P P P: prefixes of vector instructions, which have escapes and REX in them. Result: their bytes, 0
 * when they are something else. */
static unsigned vector_prefix(const unsigned char *p, size_t n, struct opcode *ret_opcode)
{
	unsigned length = p[0] == 0xc5 ? 2 : p[0] == 0xc4 ? 3 : p[0] == 0x62 ? 4 : 0;
	unsigned map = length == 2 ? MAP_0F : n > 1 ? p[1] & 0x1fu : 0;

	if (length == 4)
		map &= 0x0fu;
	if (length == 0 || n <= length || map < MAP_0F || map > MAP_0F3A)
		return 0;
	*ret_opcode = (struct opcode){.value = p[length], .map = map, .is_vector = true};
	return length;
}

/* Operand size, repetition, lock, segments (3e is also notrack, f2 also bnd). */
static bool is_prefix(unsigned char byte)
{
	return byte == 0x66 || byte == 0xf0 || byte == 0xf2 || byte == 0xf3 || byte == 0x2e || byte == 0x3e ||
	       byte == 0x64 || byte == 0x65;
}

/* Prefixes and opcode at the start of CODE. Result: their bytes, 0 when they are not known or cut short. */
static unsigned read_opcode(struct gb_span code, struct opcode *ret_opcode)
{
	struct opcode opcode = {0};
	unsigned at = 0, length;

	while (at < code.n && at < 4 && is_prefix(code.p[at])) {
		opcode.is_short = opcode.is_short || code.p[at] == 0x66;
		at++;
	}
	length = at < code.n && is_vector_prefix(code.p[at]) ? vector_prefix(code.p + at, code.n - at, ret_opcode) : 0;
	if (length != 0) {
		ret_opcode->form = form_of(ret_opcode);
		return at + length + 1;
	}
	if (at < code.n && (code.p[at] & 0xf0u) == 0x40)
		opcode.rex = code.p[at++];
	if (code.n < at + 3)
		return 0;
	opcode.value = code.p[at++];
	if (opcode.value == 0x0f) {
		opcode.value = code.p[at++];
		opcode.map = opcode.value == 0x38 ? MAP_0F38 : opcode.value == 0x3a ? MAP_0F3A : MAP_0F;
		if (opcode.map != MAP_0F)
			opcode.value = code.p[at++];
	}
	opcode.form = form_of(&opcode);
	*ret_opcode = opcode;
	return opcode.form == FORM_UNKNOWN ? 0 : at;
}

/* What a decoded instruction leaves for whoever wants to know more than its length. */
struct shape {
	struct opcode opcode;
	unsigned operands_at;
	bool is_relative;
};

static inline unsigned decode(struct gb_span code, struct shape *ret_shape)
{
	unsigned at = read_opcode(code, &ret_shape->opcode), operands_at = at;
	enum form form = at == 0 ? FORM_UNKNOWN : ret_shape->opcode.form;

	ret_shape->is_relative = false;
	ret_shape->operands_at = at;
	if (at == 0)
		return 0;
	if (form == FORM_MODRM || form == FORM_MODRM_IMM8 || form == FORM_MODRM_IMM32 || form == FORM_GROUP3) {
		if (code.n < at + 2)
			return 0;
		ret_shape->is_relative = (code.p[at] & 0xc7u) == 0x05;
		at += operand_length(code.p + at);
	}
	at += immediate_length(form, (ret_shape->opcode.rex & 8) != 0, ret_shape->opcode.is_short,
	        ret_shape->opcode.value, operands_at < code.n ? code.p[operands_at] : 0);
	return at > code.n ? 0 : at;
}

/* Of the instructions that are mostly met, one without prefixes other than REX at P; 0: any other. */
static inline unsigned common_length(const unsigned char *p)
{
	bool is_wide = (p[0] & 0xf8u) == 0x48, has_rex = (p[0] & 0xf0u) == 0x40;
	const unsigned char *forms = one_byte_forms;
	unsigned length = 1, operand;

	p += has_rex;
	length += has_rex;
	if (p[0] == 0x0f) {
		if (p[1] == 0x38 || p[1] == 0x3a)
			return 0;
		forms = two_byte_forms;
		p++;
		length++;
	}
	operand = operand_length(p + 1);
	switch ((enum form)forms[p[0]]) {
	case FORM_PLAIN: return length;
	case FORM_MODRM: return length + operand;
	case FORM_MODRM_IMM8: return length + operand + 1;
	case FORM_MODRM_IMM32: return length + operand + 4;
	case FORM_IMM8: return length + 1;
	case FORM_IMM32: return length + 4;
	case FORM_MOV_IMM: return length + (is_wide ? 8 : 4);
	case FORM_GROUP3: return length + operand + (((p[1] >> 3) & 7u) > 1 ? 0 : p[0] == 0xf6 ? 1 : 4);
	case FORM_UNKNOWN: break;
	}
	return 0;
}

unsigned gb_code_length(struct gb_span code)
{
	struct shape shape;
	unsigned length = code.n >= LENGTH_MAX ? common_length(code.p) : 0;

	return length != 0 ? length : decode(code, &shape);
}

struct gb_code_instruction gb_code_decode(struct gb_span code)
{
	struct gb_code_instruction i = {0};
	struct shape shape;
	const struct opcode *opcode = &shape.opcode;
	unsigned operands_at;

	i.length = decode(code, &shape);
	if (i.length == 0)
		return i;
	operands_at = shape.operands_at;
	if (opcode->map <= MAP_0F && !opcode->is_vector &&
	        is_branch(opcode->value, opcode->map == MAP_0F, operands_at < code.n ? code.p[operands_at] : 0)) {
		i.spoils_eax = true;
		return i;
	}
	i.is_movable = !shape.is_relative;
	if (opcode->map == MAP_ONE_BYTE && operands_at + 5 < code.n)
		note_eax(&i, opcode->value, opcode->rex, code.p + operands_at);
	else if (opcode->map != MAP_ONE_BYTE)
		i.spoils_eax = opcode->is_vector || opcode->map != MAP_0F ||
		               (opcode->value >= 0x40 && opcode->value <= 0xc1 && opcode->value != 0x57 &&
		                       opcode->value != 0x6f && opcode->value != 0x7f);
	return i;
}
