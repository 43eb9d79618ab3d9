/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect/decode/decode.h"

#define UNITS_MIN 3u /* without a mark */

/* Without a mark, text of western letters shows itself: every other byte is zero. */
static bool has_zeros_at(struct gb_span in, size_t first)
{
	size_t zeros = 0, others = 0;

	for (size_t i = 0; i + 1 < in.n; i += 2) {
		zeros += in.p[i + first] == 0;
		others += in.p[i + 1 - first] == 0;
	}
	return in.n / 2 >= UNITS_MIN && zeros * 10 >= in.n / 2 * 8 && others == 0;
}

static uint32_t unit_at(struct gb_span in, size_t at, bool is_big)
{
	return is_big ? in.p[at] * 256u + in.p[at + 1] : in.p[at + 1] * 256u + in.p[at];
}

static size_t put(uint32_t code, unsigned char *out)
{
	int ascii = code >= 0x80 ? gb_decode_look_alike(code) : -1;

	if (ascii == 0)
		return 0;
	if (ascii > 0)
		code = (uint32_t)ascii;
	return gb_decode_put_utf8(code < 0x800 ? code : 0xbf, out);
}

size_t gb_decode_utf16(struct gb_span in, unsigned char *out)
{
	bool is_big = in.n >= 4 && in.p[0] == 0xfe && in.p[1] == 0xff;
	bool is_marked = is_big || (in.n >= 4 && in.p[0] == 0xff && in.p[1] == 0xfe);
	size_t n = 0, units = 0, plain = 0;

	/* A zero too few at the end is forgiven, as lenient readers do. */
	if (!is_marked) {
		is_big = has_zeros_at(in, 0);
		if (!is_big && !has_zeros_at(in, 1))
			return SIZE_MAX;
	}
	for (size_t at = is_marked ? 2 : 0; at + 1 < in.n; at += 2) {
		uint32_t code = unit_at(in, at, is_big);

		if (code >= 0xd800 && code <= 0xdbff && at + 3 < in.n) {
			uint32_t low = unit_at(in, at + 2, is_big);

			if (low >= 0xdc00 && low <= 0xdfff) {
				code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
				at += 2;
			}
		}
		units++;
		plain += code < 0x80 || gb_decode_look_alike(code) >= 0;
		n += put(code, out + n);
	}
	/* A mark before other bytes hides nothing: they are no UTF-16. */
	return plain * 2 >= units ? n : SIZE_MAX;
}
