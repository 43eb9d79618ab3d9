/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect/bytes.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

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

/* Where a needle of two bytes and more may begin: its first byte and its last are looked for sixteen places at a time.
 * Returns the place, or SIZE_MAX and in *REF_AT the first place that was not looked at. */
static size_t find_both_ends(struct gb_span s, struct gb_span needle, size_t *ref_at)
{
#ifdef __SSE2__
	const __m128i first = _mm_set1_epi8((char)needle.p[0]), last = _mm_set1_epi8((char)needle.p[needle.n - 1]);

	for (; s.n - *ref_at >= needle.n + 15; *ref_at += 16) {
		const unsigned char *p = s.p + *ref_at;
		const __m128i a = _mm_loadu_si128((const __m128i *)(const void *)p);
		const __m128i b = _mm_loadu_si128((const __m128i *)(const void *)(p + needle.n - 1));
		unsigned both =
		        (unsigned)_mm_movemask_epi8(_mm_and_si128(_mm_cmpeq_epi8(a, first), _mm_cmpeq_epi8(b, last)));

		for (; both != 0; both &= both - 1) {
			const unsigned i = (unsigned)__builtin_ctz(both);

			if (memcmp(p + i + 1, needle.p + 1, needle.n - 2) == 0)
				return *ref_at + i;
		}
	}
#else
	(void)s;
	(void)needle;
	(void)ref_at;
#endif
	return SIZE_MAX;
}

size_t gb_bytes_find_text(struct gb_span s, struct gb_span needle, size_t from)
{
	const unsigned char *at;

	if (from >= s.n || needle.n > s.n - from)
		return SIZE_MAX;
	if (needle.n >= 2 && needle.n <= NEEDLE_MAX) {
		size_t place = find_both_ends(s, needle, &from);

		if (place != SIZE_MAX)
			return place;
	}
	at = memmem(s.p + from, s.n - from, needle.p, needle.n);
	return at != NULL ? (size_t)(at - s.p) : SIZE_MAX;
}

#ifdef __SSE2__
/* Sixteen bytes at a time: letters, digits and blanks are told by ranges, the few others are looked up one by one. */
static inline unsigned others_of(__m128i v, uint32_t *ret_mask)
{
	const __m128i letters = _mm_sub_epi8(_mm_or_si128(v, _mm_set1_epi8(0x20)), _mm_set1_epi8('a'));
	const __m128i digits = _mm_sub_epi8(v, _mm_set1_epi8('0'));
	const __m128i is_letter = _mm_cmpeq_epi8(_mm_min_epu8(letters, _mm_set1_epi8(25)), letters);
	const __m128i is_digit = _mm_cmpeq_epi8(_mm_min_epu8(digits, _mm_set1_epi8(9)), digits);
	const unsigned alnum = (unsigned)_mm_movemask_epi8(_mm_or_si128(is_letter, is_digit));
	const unsigned blanks = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(v, _mm_set1_epi8(' ')));

	*ret_mask = alnum | blanks << 16;
	return ~(alnum | blanks) & 0xffff;
}

size_t gb_bytes_scan_string(struct gb_span s, size_t at, uint32_t *ref_mask)
{
	uint32_t mask = 0;

	while (s.n - at >= 16) {
		const __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(s.p + at));
		const __m128i ends =
		        _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('"')), _mm_cmpeq_epi8(v, _mm_set1_epi8('\\')));
		const unsigned end = (unsigned)_mm_movemask_epi8(ends);
		const unsigned before = end != 0 ? (end & (0u - end)) - 1 : 0xffff;
		uint32_t known;
		unsigned others = others_of(v, &known) & before;

		mask |= (known & before) != 0 ? GB_BYTE_ALNUM : 0;
		mask |= (known >> 16 & before) != 0 ? GB_BYTE_SPACE : 0;
		for (; others != 0; others &= others - 1)
			mask |= gb_byte_classes[s.p[at + (unsigned)__builtin_ctz(others)]];
		if (end != 0) {
			*ref_mask |= mask;
			return at + (unsigned)__builtin_ctz(end);
		}
		at += 16;
	}
	for (; at < s.n && s.p[at] != '"' && s.p[at] != '\\'; at++)
		mask |= gb_byte_classes[s.p[at]];
	*ref_mask |= mask;
	return at;
}
#else
size_t gb_bytes_scan_string(struct gb_span s, size_t at, uint32_t *ref_mask)
{
	const uint32_t ends = GB_BYTE_DOUBLE | GB_BYTE_BACKSLASH;
	uint32_t mask = 0;

	for (; s.n - at >= 4; at += 4) {
		uint32_t four = gb_byte_classes[s.p[at]] | gb_byte_classes[s.p[at + 1]] | gb_byte_classes[s.p[at + 2]] |
		                gb_byte_classes[s.p[at + 3]];

		if ((four & ends) != 0)
			break;
		mask |= four;
	}
	for (; at < s.n && (gb_byte_classes[s.p[at]] & ends) == 0; at++)
		mask |= gb_byte_classes[s.p[at]];
	*ref_mask |= mask;
	return at;
}
#endif

bool gb_bytes_begin_object(struct gb_span word)
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
