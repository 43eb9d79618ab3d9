/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect/decode/decode.h"

static int digit_value(unsigned char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+' || c == '-')
		return 62;
	if (c == '/' || c == '_')
		return 63;
	return -1;
}

/* Text has no control bytes but white space and, beyond ASCII, only well-formed sequences, few of them. */
static bool is_text(const unsigned char *p, size_t n)
{
	size_t beyond = 0;

	for (size_t i = 0; i < n; i++) {
		if (p[i] >= 0x80)
			beyond++;
		else if ((p[i] < 0x20 && !gb_ascii_is_space(p[i]) && p[i] != 0) || p[i] == 0x7f)
			return false;
	}
	return n < 8 || beyond * 4 <= n;
}

/* IS_TEXT_ONLY stops at the first sign of binary data, which is mostly early. */
static size_t decode(struct gb_span in, unsigned char *out, bool is_text_only)
{
	uint32_t bits = 0;
	unsigned held = 0, padding = 0;
	size_t n = 0, digits = 0;

	for (size_t at = 0; at < in.n; at++) {
		unsigned char c = in.p[at];
		int value;

		if (c == '=') {
			padding++;
			continue;
		}
		if (c == '\r' || c == '\n')
			continue;
		value = digit_value(c);
		if (value < 0 || padding != 0)
			return SIZE_MAX;
		digits++;
		bits = (bits << 6 | (uint32_t)value) & 0xffffff;
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

size_t gb_decode_base64(struct gb_span in, unsigned char *out)
{
	return decode(in, out, true);
}

size_t gb_decode_base64_bytes(struct gb_span in, unsigned char *out)
{
	return decode(in, out, false);
}
