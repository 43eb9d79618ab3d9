/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect/bytes.h"
#include "inspect/decode/decode.h"

#define HEX_BYTES_MIN 6u

static bool is_separator(unsigned char c)
{
	return c == ' ' || c == ',' || c == ':' || c == '-' || c == '\n' || c == '\r' || c == '\t' || c == ';';
}

/* Random bytes are hardly ever printable for long, so what gives text was text. */
size_t gb_decode_hex(struct gb_span in, unsigned char *out)
{
	size_t n = 0;

	for (size_t at = 0; at < in.n;) {
		int high, low;

		if (is_separator(in.p[at])) {
			at++;
			continue;
		}
		if (in.n - at >= 4 && (in.p[at + 1] == 'x' || in.p[at + 1] == 'X') &&
		        (in.p[at] == '0' || in.p[at] == '\\'))
			at += 2;
		high = gb_hex_value(in.p[at]);
		low = at + 1 < in.n ? gb_hex_value(in.p[at + 1]) : -1;
		if (high < 0 || low < 0)
			return SIZE_MAX;
		out[n++] = (unsigned char)(high * 16 + low);
		/* Most digits are numbers and sums; they are told by the first bytes. */
		if (n == HEX_BYTES_MIN && !gb_decode_is_text(gb_span_of(out, n)))
			return SIZE_MAX;
		at += 2;
	}
	return n >= HEX_BYTES_MIN && gb_decode_is_text(gb_span_of(out, n)) ? n : SIZE_MAX;
}

size_t gb_decode_numbers(struct gb_span in, unsigned char *out)
{
	/* A comma in front is where a window was cut. */
	size_t n = 0, at = in.n != 0 && in.p[0] == ',';

	while (at < in.n) {
		bool is_negative;
		unsigned value = 0, digits = 0;

		while (at < in.n && gb_ascii_is_space(in.p[at]))
			at++;
		is_negative = at < in.n && in.p[at] == '-';
		at += is_negative;
		while (at < in.n && gb_ascii_is_digit(in.p[at]) && digits < 4) {
			value = value * 10 + (in.p[at++] - '0');
			digits++;
		}
		while (at < in.n && gb_ascii_is_space(in.p[at]))
			at++;
		if (digits == 0 || value > (is_negative ? 128u : 255u) || (at < in.n && in.p[at] != ','))
			return SIZE_MAX;
		at++;
		out[n++] = (unsigned char)(is_negative ? 256 - value : value);
	}
	return n;
}
