/* SPDX-License-Identifier: Apache-2.0 */
/* Multipart bodies (RFC 2046, RFC 7578) as lenient readers take them: any case, LF or CRLF, any quoting of parameters, a
 * preamble. Parts that are multipart themselves come out whole and are taken apart by the next look. */
#include "inspect/bytes.h"
#include "inspect/decode/decode.h"

#define PREAMBLE_MAX 1024u
#define BOUNDARY_MAX 72u /* RFC 2046 §5.1.1: 70, behind two dashes */

/* End of the line at AT, its newline excluded. */
static size_t line_end(struct gb_span s, size_t at)
{
	size_t end = gb_bytes_find(s, '\n', at);

	return end == SIZE_MAX ? s.n : end;
}

static struct gb_span line_at(struct gb_span s, size_t at)
{
	struct gb_span line = gb_span_sub(s, at, line_end(s, at) - at);

	return gb_span_ends(line, GB_SPAN("\r")) ? gb_span_sub(line, 0, line.n - 1) : line;
}

/* Whether S starts with WORD, which is in lower case, in any case. */
static bool starts_folded(struct gb_span s, struct gb_span word)
{
	if (s.n < word.n)
		return false;
	for (size_t i = 0; i < word.n; i++)
		if (gb_ascii_lower(s.p[i]) != word.p[i])
			return false;
	return true;
}

/* The line with the first boundary: it has a header behind it. Empty when there is none near the begin. */
static struct gb_span boundary_of(struct gb_span body)
{
	for (size_t at = 0; at < body.n && at < PREAMBLE_MAX; at = line_end(body, at) + 1) {
		struct gb_span line = line_at(body, at);
		size_t next = line_end(body, at) + 1;

		if (line.n < 3 || line.n > BOUNDARY_MAX || line.p[0] != '-' || line.p[1] != '-')
			continue;
		if (next < body.n && starts_folded(gb_span_sub(body, next, 8), GB_SPAN("content-")))
			return line;
	}
	return GB_SPAN_EMPTY;
}

bool gb_decode_is_multipart(struct gb_span s)
{
	if (!gb_span_starts(s, GB_SPAN("--")) &&
	        gb_bytes_find_text(gb_span_sub(s, 0, PREAMBLE_MAX), GB_SPAN("\n--"), 0) == SIZE_MAX)
		return false;
	return boundary_of(s).n != 0;
}

/* The value at AT of a parameter: quoted either way, or up to a semicolon. Moves behind it. */
static struct gb_span parameter_value(struct gb_span header, size_t *ref_at)
{
	size_t at = *ref_at, end;
	unsigned char quote = at < header.n ? header.p[at] : 0;

	if (quote == '"' || quote == '\'') {
		for (end = ++at; end < header.n && header.p[end] != quote; end++)
			end += header.p[end] == '\\' && end + 1 < header.n && header.p[end + 1] == quote;
		*ref_at = end < header.n ? end + 1 : header.n;
		end = end < header.n ? end : header.n;
		return gb_span_sub(header, at, end - at);
	}
	end = gb_bytes_find(header, ';', at);
	end = end == SIZE_MAX ? header.n : end;
	*ref_at = end;
	return gb_span_trim(gb_span_sub(header, at, end - at));
}

/* RFC 5987: charset'language'value. */
static struct gb_span extended_value(struct gb_span value)
{
	size_t first = gb_bytes_find(value, '\'', 0);
	size_t second = first == SIZE_MAX ? SIZE_MAX : gb_bytes_find(value, '\'', first + 1);

	return second == SIZE_MAX ? value : gb_span_sub(value, second + 1, SIZE_MAX);
}

static void take_parameters(struct gb_span header, struct gb_decode_field *ref_field)
{
	size_t at = 0;

	while ((at = gb_bytes_find(header, ';', at)) != SIZE_MAX) {
		struct gb_span rest, value;
		size_t equal;

		at++;
		while (at < header.n && gb_ascii_is_space(header.p[at]))
			at++;
		rest = gb_span_sub(header, at, SIZE_MAX);
		equal = gb_bytes_find(rest, '=', 0);
		if (equal == SIZE_MAX)
			return;
		at += equal + 1;
		while (at < header.n && gb_ascii_is_space(header.p[at]))
			at++;
		value = parameter_value(header, &at);
		if (starts_folded(rest, GB_SPAN("filename*")))
			ref_field->extended_name = extended_value(value);
		else if (starts_folded(rest, GB_SPAN("filename")))
			ref_field->file_name = value;
		else if (starts_folded(rest, GB_SPAN("name")))
			ref_field->name = value;
	}
}

/* The header lines from AT on, with lines that continue them; returns where the part's content starts. */
static size_t take_headers(struct gb_span body, size_t at, struct gb_decode_field *ref_field)
{
	while (at < body.n && line_at(body, at).n != 0) {
		size_t start = at, end = line_end(body, at);

		while (end + 1 < body.n && (body.p[end + 1] == ' ' || body.p[end + 1] == '\t'))
			end = line_end(body, end + 1);
		if (starts_folded(gb_span_sub(body, start, 20), GB_SPAN("content-disposition:")))
			take_parameters(gb_span_sub(body, start, end - start), ref_field);
		at = end + 1;
	}
	at = at < body.n ? line_end(body, at) + 1 : body.n;
	return at < body.n ? at : body.n;
}

/* Where BOUNDARY starts a line from AT on, or the end. */
static size_t boundary_at(struct gb_span body, struct gb_span boundary, size_t at)
{
	while ((at = gb_bytes_find_text(body, boundary, at)) != SIZE_MAX) {
		if (at == 0 || body.p[at - 1] == '\n')
			return at;
		at++;
	}
	return body.n;
}

bool gb_decode_multipart_next(struct gb_span body, size_t *ref_at, struct gb_decode_field *ret_field)
{
	struct gb_span boundary = boundary_of(body);
	size_t at = boundary.n != 0 ? boundary_at(body, boundary, *ref_at) : body.n, end;

	*ret_field = (struct gb_decode_field){0};
	if (at >= body.n || gb_span_starts(gb_span_sub(body, at + boundary.n, 2), GB_SPAN("--")))
		return false;
	at = take_headers(body, line_end(body, at) + 1, ret_field);
	end = boundary_at(body, boundary, at);
	*ref_at = end;
	if (end < body.n && end > at)
		end--;
	if (end < body.n && end > at && body.p[end - 1] == '\r')
		end--;
	ret_field->value = gb_span_sub(body, at, end - at);
	return true;
}
