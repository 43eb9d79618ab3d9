/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect/bytes.h"

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

int gb_hex_value(unsigned char c)
{
	if (gb_ascii_is_digit(c))
		return c - '0';
	c = gb_ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}
