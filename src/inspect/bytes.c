/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect/bytes.h"

#include "inspect/vector.h"

const uint32_t gb_byte_classes[256] = {
        [0x00 ... 0x08] = GB_BYTE_CONTROL,
        [0x09] = GB_BYTE_SPACE,
        [0x0a] = GB_BYTE_NEWLINE,
        [0x0b ... 0x0c] = GB_BYTE_CONTROL,
        [0x0d] = GB_BYTE_NEWLINE,
        [0x0e ... 0x1f] = GB_BYTE_CONTROL,
        [0x20] = GB_BYTE_SPACE,
        ['!'] = GB_BYTE_OTHER,
        ['"'] = GB_BYTE_DOUBLE,
        ['#'] = GB_BYTE_OTHER,
        ['$'] = GB_BYTE_DOLLAR,
        ['%'] = GB_BYTE_PERCENT,
        ['&'] = GB_BYTE_AMPERSAND,
        ['\''] = GB_BYTE_SINGLE,
        ['(' ... ')'] = GB_BYTE_PAREN,
        ['*'] = GB_BYTE_GLOB,
        ['+'] = GB_BYTE_PLUS,
        [',' ... '-'] = GB_BYTE_OTHER,
        ['.'] = GB_BYTE_DOT,
        ['/'] = GB_BYTE_SLASH,
        ['0' ... '9'] = GB_BYTE_ALNUM,
        [':'] = GB_BYTE_COLON,
        [';'] = GB_BYTE_SEMICOLON,
        ['<'] = GB_BYTE_ANGLE,
        ['='] = GB_BYTE_EQUAL,
        ['>'] = GB_BYTE_ANGLE,
        ['?'] = GB_BYTE_GLOB,
        ['@'] = GB_BYTE_OTHER,
        ['A' ... 'Z'] = GB_BYTE_ALNUM,
        ['['] = GB_BYTE_BRACKET,
        ['\\'] = GB_BYTE_BACKSLASH,
        [']'] = GB_BYTE_BRACKET,
        ['^'] = GB_BYTE_CARET,
        ['_'] = GB_BYTE_OTHER,
        ['`'] = GB_BYTE_BACKTICK,
        ['a' ... 'z'] = GB_BYTE_ALNUM,
        ['{'] = GB_BYTE_BRACE,
        ['|'] = GB_BYTE_PIPE,
        ['}'] = GB_BYTE_BRACE,
        ['~'] = GB_BYTE_OTHER,
        [0x7f] = GB_BYTE_CONTROL,
        [0x80 ... 0xff] = GB_BYTE_HIGH,
};

/* What a byte may be the first of, and the second; a pair is there when both say so. */
#define NAME (GB_PAIR_HASH | GB_PAIR_CALL)
#define MARK (GB_PAIR_HASH | GB_PAIR_VARIABLE)

static const uint16_t first_of[256] = {
        [0x00 ... 0x20] = MARK,
        ['!'] = MARK | GB_PAIR_NOT,
        ['"' ... '%'] = MARK,
        ['&'] = MARK | GB_PAIR_LOGICAL,
        ['\''] = MARK,
        ['('] = MARK | GB_PAIR_OPEN_DIGIT,
        [')' ... ','] = MARK,
        ['-'] = MARK | GB_PAIR_DASHES,
        ['.'] = MARK | GB_PAIR_DOTS,
        ['/'] = MARK | GB_PAIR_COMMENT,
        ['0' ... '9'] = NAME,
        [':' ... '@'] = MARK,
        ['A' ... 'B'] = NAME | GB_PAIR_OBJECT,
        ['C'] = NAME,
        ['D'] = NAME | GB_PAIR_HEXADECIMAL,
        ['E' ... 'Z'] = NAME,
        ['[' ... '^'] = MARK,
        ['_'] = NAME | GB_PAIR_UNDERSCORES,
        ['`'] = MARK,
        ['a' ... 'c'] = NAME,
        ['d'] = NAME | GB_PAIR_HEXADECIMAL,
        ['e'] = NAME | GB_PAIR_TOKEN,
        ['f'] = NAME,
        ['g'] = NAME | GB_PAIR_OBJECT,
        ['h' ... 'q'] = NAME,
        ['r'] = NAME | GB_PAIR_OBJECT | GB_PAIR_MEMBER,
        ['s' ... 'v'] = NAME,
        ['w'] = NAME | GB_PAIR_VIEW_STATE,
        ['x' ... 'z'] = NAME,
        ['{'] = MARK,
        ['|'] = MARK | GB_PAIR_LOGICAL,
        ['}' ... 0x7f] = MARK,
        [0x80 ... 0xff] = NAME,
};

static const uint16_t second_of[256] = {
        [0x00 ... 0x08] = GB_PAIR_NOT,
        [0x0e ... 0x1f] = GB_PAIR_NOT,
        ['!'] = GB_PAIR_NOT,
        ['"'] = GB_PAIR_NOT | GB_PAIR_MEMBER | GB_PAIR_OPEN_DIGIT,
        ['#'] = GB_PAIR_NOT | GB_PAIR_HASH,
        ['$' ... '%'] = GB_PAIR_NOT,
        ['&'] = GB_PAIR_NOT | GB_PAIR_LOGICAL,
        ['\''] = GB_PAIR_NOT | GB_PAIR_MEMBER | GB_PAIR_OPEN_DIGIT,
        ['('] = GB_PAIR_NOT | GB_PAIR_CALL,
        [')'] = GB_PAIR_NOT,
        ['*'] = GB_PAIR_NOT | GB_PAIR_COMMENT,
        ['+'] = GB_PAIR_NOT | GB_PAIR_OPEN_DIGIT,
        [','] = GB_PAIR_NOT,
        ['-'] = GB_PAIR_NOT | GB_PAIR_DASHES | GB_PAIR_OPEN_DIGIT,
        ['.'] = GB_PAIR_NOT | GB_PAIR_DOTS | GB_PAIR_MEMBER | GB_PAIR_OPEN_DIGIT,
        ['/'] = GB_PAIR_NOT,
        ['0'] = GB_PAIR_NOT | GB_PAIR_HEXADECIMAL | GB_PAIR_OPEN_DIGIT,
        ['1' ... '9'] = GB_PAIR_NOT | GB_PAIR_OPEN_DIGIT,
        [':' ... '?'] = GB_PAIR_NOT,
        ['@'] = GB_PAIR_NOT | GB_PAIR_VARIABLE | GB_PAIR_OPEN_DIGIT,
        ['A'] = GB_PAIR_NOT | GB_PAIR_OBJECT,
        ['B' ... 'D'] = GB_PAIR_NOT,
        ['E'] = GB_PAIR_NOT | GB_PAIR_VIEW_STATE,
        ['F' ... 'N'] = GB_PAIR_NOT,
        ['O'] = GB_PAIR_NOT | GB_PAIR_OBJECT,
        ['P' ... 'Z'] = GB_PAIR_NOT,
        ['['] = GB_PAIR_NOT | GB_PAIR_MEMBER,
        ['\\'] = GB_PAIR_NOT,
        [']'] = GB_PAIR_NOT | GB_PAIR_MEMBER,
        ['^'] = GB_PAIR_NOT,
        ['_'] = GB_PAIR_NOT | GB_PAIR_UNDERSCORES,
        ['`'] = GB_PAIR_NOT | GB_PAIR_OPEN_DIGIT,
        ['a' ... 'x'] = GB_PAIR_NOT,
        ['y'] = GB_PAIR_NOT | GB_PAIR_TOKEN,
        ['z' ... '{'] = GB_PAIR_NOT,
        ['|'] = GB_PAIR_NOT | GB_PAIR_LOGICAL,
        ['}' ... 0xff] = GB_PAIR_NOT,
};

const bool gb_byte_is_name[256] = {
        ['0' ... '9'] = true,
        ['A' ... 'Z'] = true,
        ['_'] = true,
        ['a' ... 'z'] = true,
        [0x80 ... 0xff] = true,
};

uint32_t gb_bytes_mask(struct gb_span s)
{
	uint32_t a = 0, b = 0, c = 0, d = 0;
	size_t at = 0;

	for (; at + 4 <= s.n; at += 4) {
		a |= gb_byte_classes[s.p[at]];
		b |= gb_byte_classes[s.p[at + 1]];
		c |= gb_byte_classes[s.p[at + 2]];
		d |= gb_byte_classes[s.p[at + 3]];
	}
	for (; at < s.n; at++)
		a |= gb_byte_classes[s.p[at]];
	return a | b | c | d;
}

uint32_t gb_bytes_pairs(struct gb_span s)
{
	unsigned pairs, even = 0, odd = 0;
	size_t at = 1;

	if (s.n == 0)
		return 0;
	pairs = (unsigned)first_of[' '] & second_of[s.p[0]];
	for (; at + 2 <= s.n; at += 2) {
		even |= (unsigned)first_of[s.p[at - 1]] & second_of[s.p[at]];
		odd |= (unsigned)first_of[s.p[at]] & second_of[s.p[at + 1]];
	}
	if (at < s.n)
		even |= (unsigned)first_of[s.p[at - 1]] & second_of[s.p[at]];
	return pairs | even | odd;
}

#define NEEDLE_MAX                                                                                                     \
	32u /* longer ones might be compared at each byte: the C library's search is linear whatever the bytes */

/* Whether NEEDLE, of two bytes and more, begins at one of the sixteen places from AT on: its first byte and its last are
 * looked for at once. Result: the place, or SIZE_MAX. */
static inline size_t find_in_block(struct gb_span s, struct gb_span needle, size_t at)
{
	const unsigned char *p = s.p + at;
	unsigned both = gb_vector_bits(gb_vector_equal(gb_vector_load(p), needle.p[0]) &
	                               gb_vector_equal(gb_vector_load(p + needle.n - 1), needle.p[needle.n - 1]));

	for (; both != 0; both &= both - 1) {
		const unsigned i = (unsigned)__builtin_ctz(both);

		if (memcmp(p + i + 1, needle.p + 1, needle.n - 2) == 0)
			return at + i;
	}
	return SIZE_MAX;
}

/* In fewer than sixteen places. */
static size_t find_in_few(struct gb_span s, struct gb_span needle, size_t from)
{
	for (size_t at = from; at + needle.n <= s.n; at++)
		if (s.p[at] == needle.p[0] && memcmp(s.p + at + 1, needle.p + 1, needle.n - 1) == 0)
			return at;
	return SIZE_MAX;
}

size_t gb_bytes_find_text(struct gb_span s, struct gb_span needle, size_t from)
{
	const unsigned char *at;
	size_t place, last;

	if (from >= s.n || needle.n > s.n - from)
		return SIZE_MAX;
	if (needle.n < 2 || needle.n > NEEDLE_MAX) {
		at = memmem(s.p + from, s.n - from, needle.p, needle.n);
		return at != NULL ? (size_t)(at - s.p) : SIZE_MAX;
	}
	if (s.n - from < needle.n + GB_VECTOR_BYTES - 1)
		return find_in_few(s, needle, from);
	for (last = s.n - needle.n - (GB_VECTOR_BYTES - 1); from < last; from += GB_VECTOR_BYTES) {
		place = find_in_block(s, needle, from);
		if (place != SIZE_MAX)
			return place;
	}
	/* The last block overlaps the one before. */
	return find_in_block(s, needle, last);
}

bool gb_bytes_begin_known_object(struct gb_span word)
{
	return gb_span_starts(word, GB_SPAN("rO0")) || gb_span_starts(word, GB_SPAN("gA")) ||
	       gb_span_starts(word, GB_SPAN("AAE")) || gb_span_starts(word, GB_SPAN("BAh")) ||
	       (word.n >= 4 && gb_span_equal_nocase(gb_span_sub(word, 0, 4), GB_SPAN("aced")));
}

bool gb_bytes_have_spellings(struct gb_span text)
{
	for (size_t at = 0; at < text.n; at++) {
		unsigned char c = text.p[at];

		if (c == '\r' || (c >= 0xc0 && (c <= 0xc2 || c == 0xc5 || c == 0xca || c == 0xcb || c == 0xcd ||
		                                       c == 0xe0 || c == 0xe2 || c == 0xe3 || c == 0xef || c == 0xf0)))
			return true;
	}
	return false;
}

int gb_hex_value(unsigned char c)
{
	if (gb_ascii_is_digit(c))
		return c - '0';
	c = gb_ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

size_t gb_bytes_find_fence(struct gb_span text, size_t at)
{
	for (; (at = gb_bytes_find_text(text, GB_SPAN("```"), at)) != SIZE_MAX; at += 3) {
		size_t line = at;

		while (line > 0 && (text.p[line - 1] == ' ' || text.p[line - 1] == '\t'))
			line--;
		if (line == 0 || text.p[line - 1] == '\n')
			return at;
	}
	return SIZE_MAX;
}
