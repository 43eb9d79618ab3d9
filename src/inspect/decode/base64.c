/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect/decode/decode.h"

#define NO_DIGIT 0xffu

/* Value of a digit; the alphabets of base64 and base64url together. */
/* clang-format off */
static const unsigned char digits_of[256] = {
        [0 ... 42] = NO_DIGIT,
        [43] = 62, NO_DIGIT, 62, NO_DIGIT, 63, /* + - / */
        52, 53, 54, 55, 56, 57, 58, 59, 60, 61, [58 ... 64] = NO_DIGIT,
        [65] = 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25,
        [91 ... 94] = NO_DIGIT, 63, NO_DIGIT, /* _ */
        26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51,
        [123 ... 255] = NO_DIGIT,
};
/* clang-format on */

/* What a byte says of the text that has it. */
enum text_kind { KIND_TEXT, KIND_CONTROL, KIND_BEYOND };

static const unsigned char text_kinds[256] = {
        [0x01 ... 0x08] = KIND_CONTROL,
        [0x0e ... 0x1f] = KIND_CONTROL,
        [0x7f] = KIND_CONTROL,
        [0x80 ... 0xff] = KIND_BEYOND,
};

/* Bytes of the sequence of UTF-8 at AT, cut at the end or not, or 0 when it is none. */
static size_t sequence_at(const unsigned char *p, size_t n, size_t at)
{
	unsigned char c = p[at];
	size_t length = c >= 0xf0 && c <= 0xf4 ? 4 : c >= 0xe0 && c < 0xf0 ? 3 : c >= 0xc2 && c < 0xe0 ? 2 : 0;

	for (size_t i = 1; i < length && at + i < n; i++)
		if ((p[at + i] & 0xc0) != 0x80)
			return 0;
	return length;
}

/* Text has no control bytes but white space and zeros (UTF-16), and, beyond ASCII, only well-formed sequences or few
 * bytes. */
static bool is_text(const unsigned char *p, size_t n)
{
	size_t beyond = 0, broken = 0;

	/* The mark of UTF-16. */
	if (n >= 4 && ((p[0] == 0xff && p[1] == 0xfe) || (p[0] == 0xfe && p[1] == 0xff)))
		return true;
	for (size_t i = 0; i < n; i++) {
		size_t length;

		if (text_kinds[p[i]] == KIND_TEXT)
			continue;
		if (text_kinds[p[i]] == KIND_CONTROL)
			return false;
		length = sequence_at(p, n, i);
		beyond += length != 0 ? length : 1;
		broken += length == 0;
		if (broken != 0 && n >= 8 && beyond * 4 > n)
			return false;
		i += length != 0 ? length - 1 : 0;
	}
	return true;
}

/* As many groups of four digits as IN begins with; *RET_N is how many bytes they give. Of text that is to be, no more than up
 * to the first sign of binary data, which is mostly early: SIZE_MAX. Result: behind the groups. */
static size_t decode_groups(struct gb_span in, unsigned char *out, bool is_text_only, size_t *ret_n)
{
	size_t at = 0, n = 0;

	for (; in.n - at >= 4; at += 4) {
		const unsigned a = digits_of[in.p[at]], b = digits_of[in.p[at + 1]], c = digits_of[in.p[at + 2]],
		               d = digits_of[in.p[at + 3]];

		if (((a | b | c | d) & ~63u) != 0)
			break;
		out[n] = (unsigned char)(a << 2 | b >> 4);
		out[n + 1] = (unsigned char)(b << 4 | c >> 2);
		out[n + 2] = (unsigned char)(c << 6 | d);
		n += 3;
		if (is_text_only && (n == 6 || n == 24) && !is_text(out, n))
			return SIZE_MAX;
	}
	*ret_n = n;
	return at;
}

static size_t decode(struct gb_span in, unsigned char *out, bool is_text_only)
{
	size_t n, at = decode_groups(in, out, is_text_only, &n), digits = at;
	uint32_t bits = 0;
	unsigned held = 0, padding = 0;

	if (at == SIZE_MAX)
		return SIZE_MAX;
	for (; at < in.n; at++) {
		unsigned char c = in.p[at];
		unsigned value;

		if (c == '=') {
			padding++;
			continue;
		}
		if (c == '\r' || c == '\n')
			continue;
		value = digits_of[c];
		if (value == NO_DIGIT || padding != 0)
			return SIZE_MAX;
		digits++;
		bits = (bits << 6 | value) & 0xffffff;
		held += 6;
		if (held >= 8) {
			held -= 8;
			out[n++] = (unsigned char)(bits >> held);
		}
		if (is_text_only && (n == 6 || n == 24) && !is_text(out, n))
			return SIZE_MAX;
	}
	if (padding > 2 || digits % 4 == 1 || (is_text_only && !is_text(out, n)))
		return SIZE_MAX;
	return n;
}

bool gb_decode_is_utf8(struct gb_span bytes)
{
	for (size_t at = 0, length; at < bytes.n; at += length) {
		length = bytes.p[at] < 0x80 ? 1 : sequence_at(bytes.p, bytes.n, at);
		if (length == 0)
			return false;
	}
	return true;
}

bool gb_decode_is_text(struct gb_span bytes)
{
	return is_text(bytes.p, bytes.n);
}

size_t gb_decode_base64(struct gb_span in, unsigned char *out)
{
	return decode(in, out, true);
}

size_t gb_decode_base64_bytes(struct gb_span in, unsigned char *out)
{
	return decode(in, out, false);
}
