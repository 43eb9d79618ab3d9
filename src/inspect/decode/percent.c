/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect/bytes.h"
#include "inspect/decode/decode.h"

size_t gb_decode_put_utf8(uint32_t code, unsigned char *out)
{
	if (code < 0x80) {
		out[0] = (unsigned char)code;
		return 1;
	}
	if (code < 0x800) {
		out[0] = (unsigned char)(0xc0 | code >> 6);
		out[1] = (unsigned char)(0x80 | (code & 0x3f));
		return 2;
	}
	if (code < 0x10000) {
		out[0] = (unsigned char)(0xe0 | code >> 12);
		out[1] = (unsigned char)(0x80 | (code >> 6 & 0x3f));
		out[2] = (unsigned char)(0x80 | (code & 0x3f));
		return 3;
	}
	out[0] = (unsigned char)(0xf0 | code >> 18);
	out[1] = (unsigned char)(0x80 | (code >> 12 & 0x3f));
	out[2] = (unsigned char)(0x80 | (code >> 6 & 0x3f));
	out[3] = (unsigned char)(0x80 | (code & 0x3f));
	return 4;
}

/* Value of N hexadecimal digits at AT, or -1. */
static int64_t hex_at(struct gb_span in, size_t at, size_t n)
{
	int64_t value = 0;

	if (at > in.n || n > in.n - at)
		return -1;
	for (size_t i = 0; i < n; i++) {
		int digit = gb_hex_value(in.p[at + i]);

		if (digit < 0)
			return -1;
		value = value * 16 + digit;
	}
	return value;
}

static size_t decode(struct gb_span in, unsigned char *out, bool plus_is_blank, bool *ret_changed)
{
	size_t n = 0;
	bool changed = false;

	for (size_t at = 0; at < in.n;) {
		unsigned char c = in.p[at];
		int64_t code;

		if (c == '+' && plus_is_blank) {
			out[n++] = ' ';
			at++;
			changed = true;
		} else if (c == '%' && (code = hex_at(in, at + 1, 2)) >= 0) {
			out[n++] = (unsigned char)code;
			at += 3;
			changed = true;
		} else if (c == '%' && at + 1 < in.n && gb_ascii_lower(in.p[at + 1]) == 'u' &&
		           (code = hex_at(in, at + 2, 4)) >= 0) {
			n += gb_decode_put_utf8((uint32_t)code, out + n);
			at += 6;
			changed = true;
		} else {
			out[n++] = c;
			at++;
		}
	}
	*ret_changed = changed;
	return n;
}

size_t gb_decode_percent(struct gb_span in, unsigned char *out)
{
	bool changed;

	return decode(in, out, false, &changed);
}

size_t gb_decode_percent_plus(struct gb_span in, unsigned char *out, bool *ret_changed)
{
	return decode(in, out, true, ret_changed);
}
