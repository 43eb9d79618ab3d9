/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "inspect/bytes.h"
#include "inspect/decode/decode.h"

/* RFC 6265 §4.1.1: a token. */
static bool is_token_byte(unsigned char c)
{
	return c > ' ' && c < 0x7f &&
	       (gb_byte_classes[c] & (GB_BYTE_PAREN | GB_BYTE_ANGLE | GB_BYTE_BRACE | GB_BYTE_DOUBLE |
	                                     GB_BYTE_SEMICOLON | GB_BYTE_BACKSLASH | GB_BYTE_SLASH)) == 0 &&
	       c != '=' && c != ',';
}

bool gb_decode_is_cookies(struct gb_span s)
{
	struct gb_decode_field field;
	size_t at = 0, count = 0;

	while (gb_decode_cookie_next(s, &at, &field)) {
		if (field.name.n == 0)
			return false;
		for (size_t i = 0; i < field.name.n; i++)
			if (!is_token_byte(field.name.p[i]))
				return false;
		count++;
	}
	return count != 0;
}

bool gb_decode_cookie_next(struct gb_span cookies, size_t *ref_at, struct gb_decode_field *ret_field)
{
	size_t end, equal;
	struct gb_span one;

	*ret_field = (struct gb_decode_field){0};
	while (*ref_at < cookies.n && (cookies.p[*ref_at] == ';' || gb_ascii_is_space(cookies.p[*ref_at])))
		++*ref_at;
	if (*ref_at >= cookies.n)
		return false;
	end = gb_bytes_find(cookies, ';', *ref_at);
	end = end == SIZE_MAX ? cookies.n : end;
	one = gb_span_trim(gb_span_sub(cookies, *ref_at, end - *ref_at));
	*ref_at = end;
	equal = gb_bytes_find(one, '=', 0);
	if (equal == SIZE_MAX) {
		/* HttpOnly, Secure: a name of Set-Cookie; else a value without one. */
		ret_field->name = one;
		return true;
	}
	ret_field->name = gb_span_trim(gb_span_sub(one, 0, equal));
	ret_field->value = gb_span_trim(gb_span_sub(one, equal + 1, SIZE_MAX));
	if (ret_field->value.n >= 2 && ret_field->value.p[0] == '"' && gb_span_ends(ret_field->value, GB_SPAN("\"")))
		ret_field->value = gb_span_sub(ret_field->value, 1, ret_field->value.n - 2);
	return true;
}
