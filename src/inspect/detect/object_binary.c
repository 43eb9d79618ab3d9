/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Binary serialization formats, by their grammar's first bytes: a header alone is not enough, what follows must go on as
 * the format does, and where it can hold plain data, name something to call.
 */
#include "inspect/bytes.h"
#include "inspect/decode/decode.h"
#include "inspect/detect/object.h"

#define HEXADECIMAL_BYTES 160u /* of a stream in hexadecimal, likewise */
#define PREFIX_BYTES      384u /* of a stream in base64 that are decoded to be looked at */

static bool is_identifier(unsigned char c)
{
	return gb_ascii_is_alpha(c) || gb_ascii_is_digit(c) || c == '_' || c == '.';
}

/* Java: magic ac ed, version 0 5, then a type code of content. */
static bool is_java(struct gb_span s)
{
	return s.n >= 5 && s.p[0] == 0xac && s.p[1] == 0xed && s.p[2] == 0 && s.p[3] == 5 && s.p[4] >= 0x70 &&
	       s.p[4] <= 0x7e;
}

/* `module\nname\n` behind the opcode that imports. */
static size_t import_length(struct gb_span s, size_t at)
{
	size_t start = at;

	for (unsigned line = 0; line < 2; line++) {
		size_t from = at;

		while (at < s.n && is_identifier(s.p[at]) && at - from < 80)
			at++;
		if (at == from || at >= s.n || s.p[at] != '\n' || gb_ascii_is_digit(s.p[from]))
			return 0;
		at++;
	}
	return at - start;
}

/* What stands behind each of pickle's opcodes (pickletools.py): the kind of its argument; 0, there is no such opcode. */
enum pickle_argument {
	ARGUMENT_NONE = 1, /* and so many bytes more, up to 10 */
	ARGUMENT_LINE = 20,
	ARGUMENT_COUNTED_1, /* the length in so many bytes, then that many */
	ARGUMENT_COUNTED_4,
	ARGUMENT_COUNTED_8,
	ARGUMENT_NAMES, /* two lines: what is imported */
	ARGUMENT_IMPORT /* on the stack: the same */
};

static const unsigned char pickle_arguments[256] = {['('] = 1,
        ['.'] = 1,
        ['0'] = 1,
        ['1'] = 1,
        ['2'] = 1,
        ['N'] = 1,
        ['Q'] = 1,
        ['R'] = 1,
        ['a'] = 1,
        ['b'] = 1,
        ['d'] = 1,
        ['}'] = 1,
        ['e'] = 1,
        ['l'] = 1,
        [']'] = 1,
        ['o'] = 1,
        ['s'] = 1,
        ['t'] = 1,
        [')'] = 1,
        ['u'] = 1,
        [0x81] = 1,
        [0x85 ... 0x89] = 1,
        [0x8f ... 0x92] = 1,
        [0x94] = 1,
        [0x97] = 1,
        [0x98] = 1,
        ['K'] = 2,
        ['h'] = 2,
        ['q'] = 2,
        [0x80] = 2,
        [0x82] = 2,
        ['M'] = 3,
        [0x83] = 3,
        ['J'] = 5,
        ['j'] = 5,
        ['r'] = 5,
        [0x84] = 5,
        ['G'] = 9,
        [0x95] = 9,
        ['F'] = ARGUMENT_LINE,
        ['I'] = ARGUMENT_LINE,
        ['L'] = ARGUMENT_LINE,
        ['P'] = ARGUMENT_LINE,
        ['S'] = ARGUMENT_LINE,
        ['V'] = ARGUMENT_LINE,
        ['g'] = ARGUMENT_LINE,
        ['p'] = ARGUMENT_LINE,
        ['C'] = ARGUMENT_COUNTED_1,
        ['U'] = ARGUMENT_COUNTED_1,
        [0x8a] = ARGUMENT_COUNTED_1,
        [0x8c] = ARGUMENT_COUNTED_1,
        ['B'] = ARGUMENT_COUNTED_4,
        ['T'] = ARGUMENT_COUNTED_4,
        ['X'] = ARGUMENT_COUNTED_4,
        [0x8b] = ARGUMENT_COUNTED_4,
        [0x8d] = ARGUMENT_COUNTED_8,
        [0x8e] = ARGUMENT_COUNTED_8,
        [0x96] = ARGUMENT_COUNTED_8,
        ['c'] = ARGUMENT_NAMES,
        ['i'] = ARGUMENT_NAMES,
        [0x93] = ARGUMENT_IMPORT};

/* Bytes of the opcode at AT with its argument, which is of KIND. SIZE_MAX: it goes beyond the end. */
static size_t opcode_length(struct gb_span s, size_t at, enum pickle_argument kind)
{
	const size_t width = kind == ARGUMENT_COUNTED_1 ? 1 : kind == ARGUMENT_COUNTED_4 ? 4 : 8;
	size_t n = 0;

	if (kind < ARGUMENT_LINE)
		return (size_t)kind;
	if (kind == ARGUMENT_LINE) {
		size_t end = gb_bytes_find(s, '\n', at);

		return end == SIZE_MAX ? SIZE_MAX : end + 1 - at;
	}
	if (s.n - at <= width)
		return SIZE_MAX;
	for (size_t i = width; i > 0; i--)
		n = n << 8 | s.p[at + i];
	return n > s.n - at - 1 - width ? SIZE_MAX : n + 1 + width;
}

/* Opcodes that put a text onto the stack, or get one back. */
static bool is_text_opcode(unsigned char c)
{
	return c == 'X' || c == 'U' || c == 'T' || c == 'S' || c == 'V' || c == 'h' || c == 'g' || c == 'j' ||
	       c == 0x8c || c == 0x8d;
}

/* Python's pickle from protocol 2 on: only one that imports a name can do harm. Up to there each byte is an opcode or one's
 * argument; an import from the stack finds two texts there. */
static bool is_pickle(struct gb_span s)
{
	if (s.n < 4 || s.p[0] != 0x80 || s.p[1] < 2 || s.p[1] > 5)
		return false;
	for (size_t at = 2, length, texts = 0; at < s.n; at += length) {
		const enum pickle_argument kind = pickle_arguments[s.p[at]];

		texts += is_text_opcode(s.p[at]);
		if ((kind == ARGUMENT_IMPORT && texts > 1) || (kind == ARGUMENT_NAMES && import_length(s, at + 1) != 0))
			return true;
		if (kind == 0 || kind >= ARGUMENT_NAMES)
			return false;
		length = opcode_length(s, at, kind);
		if (length == SIZE_MAX)
			return false;
	}
	return false;
}

/* Pickle's text protocol: the import stands first, or behind marks and arguments; the stream ends with a full stop. */
static bool is_text_pickle(struct gb_span s, size_t *ret_from, size_t *ret_length)
{
	size_t limit = s.n < PREFIX_BYTES ? s.n : PREFIX_BYTES;

	if (s.n < 8 || (s.p[s.n - 1] != '.' && s.n < HEXADECIMAL_BYTES) || gb_bytes_find(s, '\n', 0) == SIZE_MAX)
		return false;
	for (size_t at = 0; at < limit; at++) {
		size_t length, next;
		bool is_start = at == 0 || s.p[at - 1] == '\n' || s.p[at - 1] == '(';

		if (!is_start || (s.p[at] != 'c' && s.p[at] != 'i'))
			continue;
		length = import_length(s, at + 1);
		next = at + 1 + length;
		if (length == 0 || next >= s.n)
			continue;
		if (s.p[at] == 'i' && s.p[0] != '(')
			continue;
		if ((s.p[next] == '(' && next + 1 < s.n &&
		            gb_bytes_find(GB_SPAN("SVIFLXcd(NKUlt"), s.p[next + 1], 0) != SIZE_MAX) ||
		        (s.p[next] == 'p' && next + 1 < s.n && gb_ascii_is_digit(s.p[next + 1])) ||
		        (s.p[next] == 'q' && next + 2 < s.n && s.p[next + 2] == '(') || s.p[next] == 'R' ||
		        s.p[next] == 't' || s.p[next] == '.' || s.p[next] == 0x85) {
			*ret_from = at;
			*ret_length = length + 1;
			return true;
		}
	}
	return false;
}

static bool holds_net_header(struct gb_span s, size_t limit)
{
	static const unsigned char header[] = {0, 1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 1, 0, 0, 0};
	size_t at = gb_bytes_find_text(s, gb_span_of(header, sizeof(header)), 0);

	return at != SIZE_MAX && at <= limit;
}

/* Ruby's Marshal: version 4.8, then an object, class or user-defined type, or one within a container. */
static bool is_marshal(struct gb_span s)
{
	if (s.n < 5 || s.p[0] != 4 || s.p[1] != 8)
		return false;
	if (gb_bytes_find(GB_SPAN("oUuCSe"), s.p[2], 0) != SIZE_MAX && (s.p[3] == ':' || s.p[3] == ';'))
		return true;
	if ((s.p[2] == 'c' || s.p[2] == 'm') && gb_ascii_is_alpha(s.p[4]))
		return true;
	/* References to classes within a container. */
	for (size_t at = 3; at + 6 < s.n && at < 16; at++)
		if ((s.p[at] == 'c' || s.p[at] == 'm') && s.p[at + 1] > 7 && s.p[at + 2] >= 'A' && s.p[at + 2] <= 'Z' &&
		        gb_bytes_find_text(gb_span_sub(s, at + 2, s.p[at + 1] - 5u), GB_SPAN("::"), 0) != SIZE_MAX)
			return true;
	for (size_t at = 2; at + 4 < s.n; at++) {
		size_t n = s.p[at + 2] > 5 ? s.p[at + 2] - 5u : 0;

		if ((s.p[at] == 'o' || s.p[at] == 'U' || s.p[at] == 'u') && s.p[at + 1] == ':' && n > 1 &&
		        n <= s.n - at - 3 && s.p[at + 3] >= 'A' && s.p[at + 3] <= 'Z' && is_identifier(s.p[at + 2 + n]))
			return true;
	}
	return false;
}

static const char *reason_of(struct gb_span bytes)
{
	size_t from, length;

	if (is_java(bytes))
		return "object_java";
	if (is_pickle(bytes))
		return "object_pickle";
	if (bytes.n > 13 && holds_net_header(bytes, 0))
		return "object_net";
	if (bytes.n > 16 && bytes.p[0] == 0xff && bytes.p[1] == 1 && holds_net_header(bytes, 12))
		return "object_net_view_state";
	if (is_marshal(bytes))
		return "object_ruby";
	return is_text_pickle(bytes, &from, &length) ? "object_pickle" : NULL;
}

/* A run of base64's digits at AT, decoded as far as needed. */
static const char *reason_of_base64(struct gb_span text, size_t at)
{
	unsigned char out[PREFIX_BYTES];
	size_t n = 0, count;
	struct gb_span run = gb_span_sub(text, at, PREFIX_BYTES);

	while (n < run.n && (gb_ascii_is_alpha(run.p[n]) || gb_ascii_is_digit(run.p[n]) || run.p[n] == '+' ||
	                            run.p[n] == '/' || run.p[n] == '-' || run.p[n] == '_'))
		n++;
	n -= n % 4;
	if (n < 8)
		return NULL;
	count = gb_decode_base64_bytes(gb_span_sub(run, 0, n), out);
	return count == SIZE_MAX ? NULL : reason_of(gb_span_of(out, count));
}

/* First digits in base64 of the formats above. */
static bool may_be_base64(struct gb_span text, size_t at)
{
	static const struct gb_span starts[] = {{(const unsigned char *)"rO0AB", 5}, {(const unsigned char *)"gA", 2},
	        {(const unsigned char *)"AAEAAAD", 7}, {(const unsigned char *)"/wE", 3},
	        {(const unsigned char *)"BAh", 3}};

	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
		if (gb_span_starts(gb_span_sub(text, at, 8), starts[i]))
			return true;
	return false;
}

static bool is_hexadecimal_java(struct gb_span text, size_t at)
{
	return gb_span_equal_nocase(gb_span_sub(text, at, 9), GB_SPAN("aced00057")) && at + 10 < text.n &&
	       gb_hex_value(text.p[at + 9]) >= 0 && gb_hex_value(text.p[at + 9]) < 15;
}

static bool convict(struct gb_detect_hit *hit, const char *reason, size_t from, size_t length)
{
	*hit = (struct gb_detect_hit){.reason = reason, .from = from, .length = length};
	return true;
}

/* Where a value may begin: the text, or behind = : , quotes and blanks. */
static bool find_start(struct gb_span text, struct gb_detect_hit *hit)
{
	unsigned char before = ' ';

	for (size_t at = 0; at + 8 <= text.n; before = text.p[at++]) {
		unsigned char c = text.p[at];
		const char *reason;

		if (c != 'r' && c != 'g' && c != 'A' && c != '/' && c != 'B' && c != 'a')
			continue;
		if (is_identifier(before) || before == '/' || before == '+' || before == '-')
			continue;
		if (is_hexadecimal_java(text, at))
			return convict(hit, "object_java", at, 10);
		if (!may_be_base64(text, at))
			continue;
		reason = reason_of_base64(text, at);
		if (reason != NULL)
			return convict(hit, reason, at, 8);
	}
	return false;
}

/* The whole text is digits of a stream in hexadecimal. */
static const char *reason_of_hexadecimal(struct gb_span text)
{
	unsigned char out[HEXADECIMAL_BYTES];
	size_t n = 0;

	if (text.n < 16 || gb_hex_value(text.p[0]) < 0 ||
	        gb_bytes_find(GB_SPAN("80acAC00042863"), text.p[0], 0) == SIZE_MAX)
		return NULL;
	for (; n < sizeof(out) && 2 * n + 1 < text.n; n++) {
		int high = gb_hex_value(text.p[2 * n]), low = gb_hex_value(text.p[2 * n + 1]);

		if (high < 0 || low < 0)
			return NULL;
		out[n] = (unsigned char)(high << 4 | low);
	}
	return reason_of(gb_span_of(out, n));
}

bool gb_detect_object_whole(const struct gb_detect_input *input, struct gb_detect_hit *hit)
{
	struct gb_span text = gb_span_trim(input->text);
	const char *reason = NULL;

	if (text.n < 16 || (input->mask & ~(GB_BYTE_ALNUM | GB_BYTE_PLUS | GB_BYTE_SLASH | GB_BYTE_EQUAL |
	                                          GB_BYTE_OTHER | GB_BYTE_SPACE)) != 0)
		return false;
	/* Digits of an import's opcode, `c` or `(c`, in base64; the text formats else show themselves when decoded. */
	if (text.p[0] == 'Y' || text.p[0] == 'K')
		reason = reason_of_base64(text, 0);
	else if ((input->mask & ~(GB_BYTE_ALNUM | GB_BYTE_SPACE)) == 0)
		reason = reason_of_hexadecimal(text);
	return reason != NULL && convict(hit, reason, 0, 8);
}

bool gb_detect_object_binary(const struct gb_detect_input *input, struct gb_detect_hit *hit)
{
	/* ac ed 00 05 taken for Latin-1 on its way into JSON. */
	static const unsigned char java_utf8[] = {0xc2, 0xac, 0xc3, 0xad, 0, 5};
	struct gb_span text = input->text;
	const char *reason;
	size_t from, length;

	if ((input->mask & (GB_BYTE_HIGH | GB_BYTE_CONTROL)) != 0) {
		reason = reason_of(gb_span_sub(text, 0, 4096));
		if (reason == NULL && gb_span_starts(text, gb_span_of(java_utf8, sizeof(java_utf8))))
			reason = "object_java";
		if (reason != NULL)
			return convict(hit, reason, 0, text.n < 8 ? text.n : 8);
	}
	if ((input->mask & GB_BYTE_NEWLINE) != 0) {
		struct gb_span trimmed = gb_span_trim(text);

		if (is_text_pickle(trimmed, &from, &length))
			return convict(hit, "object_pickle", from + (size_t)(trimmed.p - text.p), length);
	}
	return (input->pairs & (GB_PAIR_OBJECT | GB_PAIR_VIEW_STATE | GB_PAIR_HEXADECIMAL)) != 0 &&
	       find_start(text, hit);
}
