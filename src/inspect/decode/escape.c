/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect/bytes.h"
#include "inspect/decode/decode.h"

#define PLUS_BYTES 64u   /* of a form with +, to know one */
#define UTF7_MAX   1024u /* of one run */

/* Up to MAX hexadecimal digits at AT; their number in *ret_n. */
static uint32_t hex_run(struct gb_span in, size_t at, size_t max, size_t *ret_n)
{
	uint32_t value = 0;
	size_t n = 0;

	while (n < max && at + n < in.n && gb_hex_value(in.p[at + n]) >= 0) {
		value = value * 16 + (uint32_t)gb_hex_value(in.p[at + n]);
		n++;
	}
	*ret_n = n;
	return value;
}

/* \uXXXX at AT (of the backslash), with the second half of a surrogate pair. Bytes read, or 0. */
static size_t unicode_at(struct gb_span in, size_t at, uint32_t *ret_code)
{
	size_t n;
	uint32_t code = hex_run(in, at + 2, 4, &n), low;

	if (n != 4)
		return 0;
	*ret_code = code;
	if (code < 0xd800 || code > 0xdfff)
		return 6;
	*ret_code = 0xfffd;
	if (code > 0xdbff || at + 7 >= in.n || in.p[at + 6] != '\\' || in.p[at + 7] != 'u')
		return 6;
	low = hex_run(in, at + 8, 4, &n);
	if (n != 4 || low < 0xdc00 || low > 0xdfff)
		return 6;
	*ret_code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
	return 12;
}

/* The byte that a one-letter escape stands for, or -1. */
static int simple_escape(unsigned char c)
{
	switch (c) {
	case 'n': return '\n';
	case 'r': return '\r';
	case 't': return '\t';
	case 'b': return '\b';
	case 'f': return '\f';
	case '\\':
	case '/':
	case '"': return c;
	default: return -1;
	}
}

size_t gb_decode_json(struct gb_span in, unsigned char *out)
{
	size_t n = 0;

	for (size_t at = 0; at < in.n;) {
		uint32_t code;
		size_t taken;
		int simple;

		if (in.p[at] != '\\' || at + 1 >= in.n) {
			size_t end = gb_bytes_find(in, '\\', at + 1);

			end = end == SIZE_MAX ? in.n : end;
			memcpy(out + n, in.p + at, end - at);
			n += end - at;
			at = end;
		} else if ((simple = simple_escape(in.p[at + 1])) >= 0) {
			out[n++] = (unsigned char)simple;
			at += 2;
		} else if (in.p[at + 1] == 'u' && (taken = unicode_at(in, at, &code)) != 0) {
			n += gb_decode_put_utf8(code, out + n);
			at += taken;
		} else {
			out[n++] = in.p[at++];
		}
	}
	return n;
}

/* Escape at the backslash AT: writes its bytes to OUT, returns how many it read (0: none known), *ret_n written. */
static size_t escape_at(struct gb_span in, size_t at, unsigned char *out, size_t *ret_n)
{
	unsigned char c = in.p[at + 1];
	uint32_t code;
	size_t digits, taken;
	int simple = simple_escape(c);

	*ret_n = 1;
	if (c == '\'' || (simple >= 0 && c != 'b' && c != 'f')) {
		out[0] = c == '\'' ? c : (unsigned char)simple;
		return 2;
	}
	if (c == 'x') {
		out[0] = (unsigned char)hex_run(in, at + 2, 2, &digits);
		return digits == 2 ? 4 : 0;
	}
	if (c == 'u' && at + 2 < in.n && in.p[at + 2] == '{') {
		code = hex_run(in, at + 3, 6, &digits);
		if (digits == 0 || code > 0x10ffff || at + 3 + digits >= in.n || in.p[at + 3 + digits] != '}')
			return 0;
		*ret_n = gb_decode_put_utf8(code, out);
		return digits + 4;
	}
	if (c == 'u' && (taken = unicode_at(in, at, &code)) != 0) {
		*ret_n = gb_decode_put_utf8(code, out);
		return taken;
	}
	if (c >= '0' && c <= '3' && at + 3 < in.n && in.p[at + 2] >= '0' && in.p[at + 2] <= '7' &&
	        in.p[at + 3] >= '0' && in.p[at + 3] <= '7') {
		out[0] = (unsigned char)((c - '0') << 6 | (in.p[at + 2] - '0') << 3 | (in.p[at + 3] - '0'));
		return 4;
	}
	/* \74: shorter, for signs only; \12 and \60 may be a reference or a folder. */
	if (c >= '4' && c <= '7' && at + 2 < in.n && in.p[at + 2] >= '0' && in.p[at + 2] <= '7') {
		out[0] = (unsigned char)((c - '0') << 3 | (in.p[at + 2] - '0'));
		return gb_ascii_is_digit(out[0]) ? 0 : 3;
	}
	return 0;
}

/* U+0027 at AT, and the blank between it and another. Bytes read, or 0. */
static size_t code_point_at(struct gb_span in, size_t at, unsigned char *out, size_t *ret_n)
{
	size_t digits, end;
	uint32_t code;

	if (in.n - at < 6 || gb_ascii_lower(in.p[at]) != 'u' || in.p[at + 1] != '+')
		return 0;
	/* Four digits at least; what stands behind those of ASCII is text. */
	code = hex_run(in, at + 2, 4, &digits);
	if (digits < 4)
		return 0;
	if (code >= 0x80)
		code = hex_run(in, at + 2, 6, &digits);
	if (code > 0x10ffff)
		return 0;
	*ret_n = gb_decode_put_utf8(code, out);
	end = at + 2 + digits;
	if (end + 6 < in.n && in.p[end] == ' ' && gb_ascii_lower(in.p[end + 1]) == 'u' && in.p[end + 2] == '+')
		end++;
	return end - at;
}

/* The six bits of a digit of base64, or -1. */
static int sextet(unsigned char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (gb_ascii_is_digit(c))
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* +ADw-: ASCII in UTF-7 (RFC 2152) at the + AT, with the - that ends it. Bytes read, or 0. */
static size_t utf7_at(struct gb_span in, size_t at, unsigned char *out, size_t *ret_n)
{
	uint32_t bits = 0;
	unsigned count = 0;
	size_t n = 0, end = at + 1;

	for (; end < in.n && sextet(in.p[end]) >= 0; end++) {
		bits = (bits << 6 | (uint32_t)sextet(in.p[end])) & 0x3fffff;
		count += 6;
		if (count < 16)
			continue;
		count -= 16;
		if ((bits >> count & 0xffff) == 0 || (bits >> count & 0xffff) >= 0x80)
			return 0;
		out[n++] = (unsigned char)(bits >> count);
	}
	if (n == 0 || end >= in.n || in.p[end] != '-' || count >= 6 || (bits & ((1u << count) - 1)) != 0)
		return 0;
	*ret_n = n;
	return end + 1 - at;
}

bool gb_decode_has_plus_forms(struct gb_span in)
{
	for (size_t at = gb_bytes_find(in, '+', 0); at != SIZE_MAX; at = gb_bytes_find(in, '+', at + 1)) {
		unsigned char out[PLUS_BYTES];
		size_t n;

		if (at > 0 && code_point_at(in, at - 1, out, &n) != 0)
			return true;
		if (at + 3 < in.n && in.p[at + 1] == 'A' && in.p[at + 2] >= 'A' && in.p[at + 2] <= 'H' &&
		        utf7_at(gb_span_sub(in, 0, at + PLUS_BYTES), at, out, &n) != 0)
			return true;
	}
	return false;
}

/* 0x2e, 0x2f and 0x5c: path traversal lists spell . / \ so for applications that read such numbers. */
static int path_number_at(struct gb_span in, size_t at)
{
	size_t digits;
	uint32_t code;

	if (in.n - at < 4 || in.p[at] != '0' || gb_ascii_lower(in.p[at + 1]) != 'x')
		return -1;
	code = hex_run(in, at + 2, 2, &digits);
	return digits == 2 && (code == '.' || code == '/' || code == '\\') ? (int)code : -1;
}

size_t gb_decode_escapes(struct gb_span in, unsigned char *out)
{
	size_t n = 0;

	for (size_t at = 0; at < in.n;) {
		size_t taken = 0, written = 0;
		int number;

		if (in.p[at] == '\\' && at + 1 < in.n)
			taken = escape_at(in, at, out + n, &written);
		else if (in.p[at] == '+')
			taken = utf7_at(gb_span_sub(in, 0, at + UTF7_MAX), at, out + n, &written);
		else if (gb_ascii_lower(in.p[at]) == 'u')
			taken = code_point_at(in, at, out + n, &written);
		else if ((number = path_number_at(in, at)) >= 0) {
			out[n] = (unsigned char)number;
			taken = 4;
			written = 1;
		}
		if (taken == 0) {
			out[n++] = in.p[at++];
			continue;
		}
		at += taken;
		n += written;
	}
	return n;
}
