/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base64.h"

#include <errno.h>

void gb_base64_add_url(struct gb_text *text, struct gb_span s)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

	for (size_t at = 0; at < s.n; at += 3) {
		uint32_t held = (uint32_t)s.p[at] << 16;

		if (at + 1 < s.n)
			held |= (uint32_t)s.p[at + 1] << 8;
		if (at + 2 < s.n)
			held |= s.p[at + 2];
		for (size_t i = 0; i < 4 && i <= s.n - at; i++)
			gb_text_add_byte(text, (unsigned char)digits[held >> (18 - 6 * i) & 63u]);
	}
}

static int sextet(unsigned char c)
{
	if (gb_ascii_is_digit(c))
		return c - '0' + 52;
	if (gb_ascii_is_alpha(c))
		return c >= 'a' ? c - 'a' + 26 : c - 'A';
	if (c == '+' || c == '-')
		return 62;
	return c == '/' || c == '_' ? 63 : -1;
}

ssize_t gb_base64_decode(struct gb_span s, unsigned char *ret)
{
	uint32_t held = 0;
	unsigned bits = 0;
	size_t n = 0;

	if (s.n % 4 == 0)
		for (int padding = 0; padding < 2 && s.n > 0 && s.p[s.n - 1] == '='; padding++)
			s.n--;
	if (s.n % 4 == 1)
		return -EINVAL;
	for (size_t i = 0; i < s.n; i++) {
		int value = sextet(s.p[i]);

		if (value < 0)
			return -EINVAL;
		held = held << 6 | (uint32_t)value;
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			ret[n++] = (unsigned char)(held >> bits);
		}
	}
	return (held & ((1u << bits) - 1)) != 0 ? -EINVAL : (ssize_t)n;
}
