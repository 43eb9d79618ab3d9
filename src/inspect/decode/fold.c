/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect/decode/decode.h"

struct look_alike {
	uint32_t first, last; /* code points */
	int ascii;            /* of the first, the next follow; negated: of each */
};

/* What compatibility normalization (NFKC), best-fit conversion of code pages and lenient parsers make of these. */
static const struct look_alike look_alikes[] = {
        {0xa0, 0xa0, ' '},
        {0xad, 0xad, 0}, /* soft hyphen */
        {0x17f, 0x17f, 's'},
        {0x2b9, 0x2b9, '\''},
        {0x2ba, 0x2ba, '"'},
        {0x2bb, 0x2bd, -'\''},
        {0x2c8, 0x2c8, '\''},
        {0x37e, 0x37e, ';'},
        {0x2000, 0x200a, -' '},
        {0x200b, 0x200f, 0},
        {0x2018, 0x201b, -'\''},
        {0x201c, 0x201f, -'"'},
        {0x2024, 0x2024, '.'},
        {0x2028, 0x2029, -'\n'},
        {0x202a, 0x202e, 0}, /* marks of direction */
        {0x202f, 0x202f, ' '},
        {0x2032, 0x2032, '\''},
        {0x2033, 0x2033, '"'},
        {0x2035, 0x2035, '`'},
        {0x2039, 0x2039, '<'},
        {0x203a, 0x203a, '>'},
        {0x2044, 0x2044, '/'},
        {0x205f, 0x205f, ' '},
        {0x2060, 0x2064, 0},
        {0x2066, 0x2069, 0},
        {0x2070, 0x2070, '0'},
        {0x2074, 0x2079, '4'},
        {0x207a, 0x207a, '+'},
        {0x207c, 0x207c, '='},
        {0x207d, 0x207e, '('},
        {0x2080, 0x2089, '0'},
        {0x208a, 0x208a, '+'},
        {0x208c, 0x208c, '='},
        {0x208d, 0x208e, '('},
        {0x212a, 0x212a, 'K'},
        {0x2215, 0x2215, '/'},
        {0x2216, 0x2216, '\\'},
        {0x2223, 0x2223, '|'},
        {0x2236, 0x2236, ':'},
        {0x24b6, 0x24cf, 'A'},
        {0x24d0, 0x24e9, 'a'},
        {0x29f5, 0x29f5, '\\'},
        {0x29f8, 0x29f8, '/'},
        {0x3000, 0x3000, ' '},
        {0xfe00, 0xfe0f, 0}, /* variants */
        {0xfe50, 0xfe50, ','},
        {0xfe52, 0xfe52, '.'},
        {0xfe54, 0xfe54, ';'},
        {0xfe55, 0xfe55, ':'},
        {0xfe59, 0xfe5a, '('},
        {0xfe5b, 0xfe5b, '{'},
        {0xfe5c, 0xfe5c, '}'},
        {0xfe5f, 0xfe5f, '#'},
        {0xfe60, 0xfe60, '&'},
        {0xfe61, 0xfe62, '*'},
        {0xfe64, 0xfe64, '<'},
        {0xfe65, 0xfe65, '>'},
        {0xfe66, 0xfe66, '='},
        {0xfe68, 0xfe68, '\\'},
        {0xfe69, 0xfe6a, '$'},
        {0xfe6b, 0xfe6b, '@'},
        {0xfeff, 0xfeff, 0},
        {0xff01, 0xff5e, '!'},
};

/* Letters and digits of mathematics: alphabets of 52, digits of 10, one behind the other. */
static int mathematical(uint32_t code)
{
	if (code >= 0x1d400 && code <= 0x1d6a3) {
		uint32_t letter = (code - 0x1d400) % 52;

		return (int)(letter < 26 ? 'A' + letter : 'a' + letter - 26);
	}
	return code >= 0x1d7ce && code <= 0x1d7ff ? (int)('0' + (code - 0x1d7ce) % 10) : -1;
}

int gb_decode_look_alike(uint32_t code)
{
	size_t low = 0, high = sizeof(look_alikes) / sizeof(look_alikes[0]);

	if (code >= 0x10000)
		return mathematical(code);
	while (low < high) {
		size_t middle = (low + high) / 2;
		const struct look_alike *row = &look_alikes[middle];

		if (code > row->last)
			low = middle + 1;
		else if (code < row->first)
			high = middle;
		else if (row->ascii <= 0)
			return -row->ascii; /* the same one for all of the row */
		else
			return row->ascii + (int)(code - row->first);
	}
	return -1;
}

static bool is_tail(struct gb_span in, size_t at)
{
	return at < in.n && (in.p[at] & 0xc0) == 0x80;
}

/* The code point at AT, overlong spellings included; its length, or 1 with a code beyond Unicode for other bytes. */
static size_t code_at(struct gb_span in, size_t at, uint32_t *ret_code)
{
	unsigned char c = in.p[at];

	*ret_code = UINT32_MAX;
	if (c >= 0xc0 && c <= 0xdf && is_tail(in, at + 1)) {
		*ret_code = (uint32_t)(c & 0x1f) << 6 | (in.p[at + 1] & 0x3f);
		return 2;
	}
	if (c >= 0xe0 && c <= 0xef && is_tail(in, at + 1) && is_tail(in, at + 2)) {
		*ret_code = (uint32_t)(c & 0x0f) << 12 | (uint32_t)(in.p[at + 1] & 0x3f) << 6 | (in.p[at + 2] & 0x3f);
		return 3;
	}
	if (c >= 0xf0 && c <= 0xf7 && is_tail(in, at + 1) && is_tail(in, at + 2) && is_tail(in, at + 3)) {
		*ret_code = (uint32_t)(c & 0x07) << 18 | (uint32_t)(in.p[at + 1] & 0x3f) << 12 |
		            (uint32_t)(in.p[at + 2] & 0x3f) << 6 | (in.p[at + 3] & 0x3f);
		return 4;
	}
	return 1;
}

size_t gb_decode_fold(struct gb_span in, unsigned char *out)
{
	size_t n = 0;

	for (size_t at = 0; at < in.n;) {
		unsigned char c = in.p[at];
		uint32_t code;
		size_t length;
		int ascii;

		if (c == '\r') {
			/* CR and CRLF end a line for many readers as LF does. */
			if (at + 1 >= in.n || in.p[at + 1] != '\n')
				out[n++] = '\n';
			at++;
			continue;
		}
		if (c < 0x80) {
			out[n++] = c;
			at++;
			continue;
		}
		length = code_at(in, at, &code);
		ascii = code < 0x80 ? (int)code : gb_decode_look_alike(code);
		if (ascii > 0) {
			out[n++] = (unsigned char)ascii;
		} else if (ascii < 0 && !((c == 0xc0 || c == 0xc1) && length == 1)) {
			/* A lone lead byte of an overlong form (c0 2e) is dropped, as lenient decoders do. */
			for (size_t i = 0; i < length; i++)
				out[n++] = in.p[at + i];
		}
		at += length;
	}
	return n;
}
