/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect/bytes.h"
#include "inspect/decode/decode.h"

#define SCHEME_MAX 16u /* Bearer, Basic, Negotiate */

/* Where the encoded part starts: behind a scheme and a blank, or behind the head of a data: address. SIZE_MAX: none. */
static size_t start_of(struct gb_span s)
{
	size_t at = 0;

	if (gb_span_starts(s, GB_SPAN("data:"))) {
		at = gb_bytes_find_text(gb_span_sub(s, 0, 128), GB_SPAN(";base64,"), 0);
		return at == SIZE_MAX ? SIZE_MAX : at + 8;
	}
	while (at < s.n && at < SCHEME_MAX && gb_ascii_is_alpha(s.p[at]))
		at++;
	return at != 0 && at < s.n && s.p[at] == ' ' ? at + 1 : 0;
}

bool gb_decode_is_token(struct gb_span s)
{
	size_t start = start_of(s);

	if (start == SIZE_MAX || s.n - start < 8)
		return false;
	/* The head of a signed token is JSON. */
	if (start == 0)
		return s.p[0] == 'e' && s.p[1] == 'y' && gb_bytes_find(s, '.', 2) != SIZE_MAX;
	for (size_t at = start; at < s.n; at++)
		if ((gb_byte_classes[s.p[at]] & (GB_BYTE_ALNUM | GB_BYTE_DOT | GB_BYTE_PLUS | GB_BYTE_SLASH |
		                                        GB_BYTE_EQUAL | GB_BYTE_OTHER)) == 0)
			return false;
	return true;
}

bool gb_decode_token_next(struct gb_span token, size_t *ref_at, struct gb_decode_field *ret_field)
{
	static const char *const names[] = {"header", "claims", "signature"};
	size_t at = *ref_at, end, part = 0, start = start_of(token);

	*ret_field = (struct gb_decode_field){0};
	if (start == SIZE_MAX)
		return false;
	at = at < start ? start : at;
	if (at >= token.n)
		return false;
	for (size_t i = start; i < at && part < 3; i++)
		part += token.p[i] == '.';
	end = gb_bytes_find(token, '.', at);
	end = end == SIZE_MAX ? token.n : end;
	*ref_at = end + 1;
	ret_field->value = gb_span_sub(token, at, end - at);
	/* One part alone is no signed token but credentials or data. */
	if (part < 3 && (part != 0 || end < token.n))
		ret_field->name = gb_span_cstr(names[part]);
	return part < 3;
}
