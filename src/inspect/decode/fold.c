/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect/decode/decode.h"

/* ASCII that a code point is taken for by lenient software, 0 for nothing at all, or -1 when it stays. */
static int ascii_of(uint32_t code)
{
	if (code >= 0xff01 && code <= 0xff5e)
		return (int)(code - 0xfee0);
	switch (code) {
	case 0x2215: /* division slash */
	case 0x2044: /* fraction slash */
	case 0x29f8: return '/';
	case 0x2216: /* set minus */
	case 0x29f5:
	case 0xfe68: return '\\';
	case 0x2024: /* one dot leader */
	case 0xfe52: return '.';
	case 0x00a0:
	case 0x2002:
	case 0x2003:
	case 0x2009:
	case 0x3000: return ' ';
	case 0x200b: /* zero width */
	case 0x200c:
	case 0x200d:
	case 0x2060:
	case 0xfeff: return 0;
	default: return -1;
	}
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
		ascii = code < 0x80 ? (int)code : ascii_of(code);
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
