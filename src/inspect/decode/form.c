/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect/bytes.h"
#include "inspect/decode/decode.h"

static bool is_name_byte(unsigned char c)
{
	return gb_ascii_is_alpha(c) || gb_ascii_is_digit(c) || c == '_' || c == '-' || c == '.' || c == '[' ||
	       c == ']' || c == '%' || c == '+' || c == ':' || c == '$' || c == '*' || c == '@';
}

bool gb_decode_is_form(struct gb_span s)
{
	size_t at = 0;

	if (s.n < 3)
		return false;
	while (at < s.n) {
		size_t start = at;

		while (at < s.n && is_name_byte(s.p[at]))
			at++;
		if (at == start || at - start > 128 || at >= s.n || s.p[at] != '=')
			return false;
		/* A first name that starts with $ or % is rather an expression than a field. */
		if (start == 0 && !gb_ascii_is_alpha(s.p[0]) && s.p[0] != '_')
			return false;
		while (at < s.n && s.p[at] != '&') {
			if (s.p[at] <= ' ')
				return false;
			at++;
		}
		at++;
	}
	return true;
}

bool gb_decode_form_next(struct gb_span form, size_t *ref_at, struct gb_decode_field *ret_field)
{
	size_t end, equal;

	if (*ref_at >= form.n)
		return false;
	end = gb_bytes_find(form, '&', *ref_at);
	if (end == SIZE_MAX)
		end = form.n;
	equal = gb_bytes_find(gb_span_sub(form, 0, end), '=', *ref_at);
	if (equal == SIZE_MAX)
		equal = end;
	*ret_field = (struct gb_decode_field){.name = gb_span_sub(form, *ref_at, equal - *ref_at)};
	ret_field->value = equal < end ? gb_span_sub(form, equal + 1, end - equal - 1) : gb_span_sub(form, end, 0);
	*ref_at = end + 1;
	return true;
}

struct gb_span gb_decode_query_of(struct gb_span s)
{
	size_t mark = gb_bytes_find(s, '?', 0);
	struct gb_span query;

	if (mark == SIZE_MAX || mark + 3 >= s.n)
		return GB_SPAN_EMPTY;
	/* A fragment goes with the last field. */
	query = gb_span_sub(s, mark + 1, SIZE_MAX);
	return gb_decode_is_form(query) ? query : GB_SPAN_EMPTY;
}
