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
	ret_field->name = gb_span_sub(form, *ref_at, equal - *ref_at);
	ret_field->file_name = GB_SPAN_EMPTY;
	ret_field->value = equal < end ? gb_span_sub(form, equal + 1, end - equal - 1) : gb_span_sub(form, end, 0);
	*ref_at = end + 1;
	return true;
}

/* End of the line at AT, its newline excluded. */
static size_t line_end(struct gb_span s, size_t at)
{
	size_t end = gb_bytes_find(s, '\n', at);

	return end == SIZE_MAX ? s.n : end;
}

static struct gb_span boundary_of(struct gb_span body)
{
	struct gb_span line = gb_span_sub(body, 0, line_end(body, 0));

	if (gb_span_ends(line, GB_SPAN("\r")))
		line.n--;
	return line;
}

bool gb_decode_is_multipart(struct gb_span s)
{
	struct gb_span boundary = boundary_of(s);

	/* RFC 2046 §5.1.1: a boundary has at most 70 bytes. */
	if (!gb_span_starts(s, GB_SPAN("--")) || boundary.n < 3 || boundary.n > 72)
		return false;
	return gb_bytes_find_text(gb_span_sub(s, 0, 1024), GB_SPAN("form-data"), 0) != SIZE_MAX;
}

/* Value of the parameter KEY ( name=" ) in a header line, quotes undone. */
static struct gb_span parameter(struct gb_span header, struct gb_span key)
{
	size_t at = gb_bytes_find_text(header, key, 0), end;

	if (at == SIZE_MAX)
		return GB_SPAN_EMPTY;
	at += key.n;
	end = gb_bytes_find(header, '"', at);
	return gb_span_sub(header, at, (end == SIZE_MAX ? header.n : end) - at);
}

bool gb_decode_multipart_next(struct gb_span body, size_t *ref_at, struct gb_decode_field *ret_field)
{
	struct gb_span boundary = boundary_of(body);
	size_t at = *ref_at, end, header_start;

	if (at >= body.n || !gb_span_starts(gb_span_sub(body, at, boundary.n), boundary))
		return false;
	at = line_end(body, at) + 1;
	header_start = at;
	while (at < body.n && body.p[at] != '\r' && body.p[at] != '\n')
		at = line_end(body, at) + 1;
	if (at > body.n)
		at = body.n;
	ret_field->name = parameter(gb_span_sub(body, header_start, at - header_start), GB_SPAN(" name=\""));
	ret_field->file_name = parameter(gb_span_sub(body, header_start, at - header_start), GB_SPAN("filename=\""));
	at = at < body.n ? line_end(body, at) + 1 : at;
	end = gb_bytes_find_text(body, boundary, at < body.n ? at : body.n);
	*ref_at = end == SIZE_MAX ? body.n : end;
	end = *ref_at;
	if (end < body.n && end > at && body.p[end - 1] == '\n')
		end--;
	if (end > at && end < body.n && body.p[end - 1] == '\r')
		end--;
	ret_field->value = gb_span_sub(body, at, end > at ? end - at : 0);
	return ret_field->name.n != 0 || ret_field->value.n != 0;
}
