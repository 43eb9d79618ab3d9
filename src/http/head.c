/* SPDX-License-Identifier: Apache-2.0 */
#include "http/http.h"

#include <errno.h>

/* Where the head ends (behind its empty line), 0 when it does not yet, -EBADMSG on a bare CR, LF or a NUL. */
static ssize_t find_end(struct gb_span data)
{
	size_t line = 0;

	for (size_t at = 0; at < data.n; at++) {
		unsigned char c = data.p[at];

		if (c == '\0')
			return -EBADMSG;
		if (c == '\n' && (at == 0 || data.p[at - 1] != '\r'))
			return -EBADMSG;
		if (c != '\n' && at > 0 && data.p[at - 1] == '\r')
			return -EBADMSG;
		if (c != '\n')
			continue;
		if (at == line + 1)
			return (ssize_t)(at + 1);
		line = at + 1;
	}
	return 0;
}

/* tchar of RFC 9110 §5.6.2 */
static bool is_token(struct gb_span s)
{
	static const char marks[] = "!#$%&'*+-.^_`|~";

	for (size_t i = 0; i < s.n; i++)
		if (!gb_ascii_is_alpha(s.p[i]) && !gb_ascii_is_digit(s.p[i]) &&
		        gb_span_find_byte(GB_SPAN(marks), s.p[i], 0) >= sizeof(marks) - 1)
			return false;
	return s.n != 0;
}

static bool parse_version(struct gb_span s, unsigned *ret_minor)
{
	if (s.n != 8 || !gb_span_starts(s, GB_SPAN("HTTP/1.")) || (s.p[7] != '0' && s.p[7] != '1'))
		return false;
	*ret_minor = s.p[7] - '0';
	return true;
}

static bool parse_request_line(struct gb_span line, struct gb_http_head *head)
{
	size_t first = gb_span_find_byte(line, ' ', 0), last = gb_span_find_last_byte(line, ' ');

	if (first == SIZE_MAX || last <= first + 1)
		return false;
	head->method = gb_span_sub(line, 0, first);
	head->target = gb_span_sub(line, first + 1, last - first - 1);
	for (size_t i = 0; i < head->target.n; i++)
		if (head->target.p[i] <= ' ' || head->target.p[i] == 0x7f)
			return false;
	return is_token(head->method) && parse_version(gb_span_sub(line, last + 1, SIZE_MAX), &head->minor_version);
}

static bool parse_status_line(struct gb_span line, struct gb_http_head *head)
{
	uint64_t status;

	if (line.n < 12 || line.p[8] != ' ' || (line.n > 12 && line.p[12] != ' '))
		return false;
	if (!parse_version(gb_span_sub(line, 0, 8), &head->minor_version) ||
	        !gb_span_to_u64(gb_span_sub(line, 9, 3), &status) || status < 100)
		return false;
	head->status = (unsigned)status;
	return true;
}

static int parse_fields(struct gb_span rest, struct gb_http_head *head)
{
	while (rest.n > 2) {
		size_t end = gb_span_find_byte(rest, '\r', 0);
		struct gb_span line = gb_span_sub(rest, 0, end);
		size_t colon = gb_span_find_byte(line, ':', 0);

		if (head->field_count == GB_HTTP_FIELDS_MAX)
			return -EMSGSIZE;
		if (colon == SIZE_MAX || !is_token(gb_span_sub(line, 0, colon)))
			return -EBADMSG;
		head->fields[head->field_count++] = (struct gb_http_field){.name = gb_span_sub(line, 0, colon),
		        .value = gb_span_trim(gb_span_sub(line, colon + 1, SIZE_MAX))};
		rest = gb_span_sub(rest, end + 2, SIZE_MAX);
	}
	return 0;
}

/* Sets framing to what the fields say: length, chunked, or none of them (GB_HTTP_NO_BODY). */
static int read_framing(struct gb_http_head *head)
{
	bool has_length = false, has_coding = false;

	for (size_t i = 0; i < head->field_count; i++) {
		const struct gb_http_field *field = &head->fields[i];
		uint64_t length;

		if (gb_span_equal_nocase(field->name, GB_SPAN("content-length"))) {
			if (!gb_span_to_u64(field->value, &length) || length > INT64_MAX)
				return -EBADMSG;
			if (has_length && length != head->content_length)
				return -EBADMSG;
			has_length = true;
			head->content_length = length;
		}
		if (gb_span_equal_nocase(field->name, GB_SPAN("transfer-encoding"))) {
			if (has_coding || !gb_span_equal_nocase(field->value, GB_SPAN("chunked")))
				return -EBADMSG;
			has_coding = true;
		}
	}
	if (has_coding && (has_length || head->minor_version == 0))
		return -EBADMSG;
	head->framing = has_coding ? GB_HTTP_CHUNKED : has_length ? GB_HTTP_LENGTH : GB_HTTP_NO_BODY;
	return 0;
}

static ssize_t parse_head(
        struct gb_span data, bool (*parse_line)(struct gb_span, struct gb_http_head *), struct gb_http_head *head)
{
	ssize_t n = find_end(gb_span_sub(data, 0, GB_HTTP_HEAD_MAX));
	size_t line;
	int r;

	if (n <= 0)
		return n == 0 && data.n >= GB_HTTP_HEAD_MAX ? -EMSGSIZE : n;
	data.n = (size_t)n;
	head->field_count = 0;
	head->content_length = 0;
	line = gb_span_find_byte(data, '\r', 0);
	if (!parse_line(gb_span_sub(data, 0, line), head))
		return -EBADMSG;
	r = parse_fields(gb_span_sub(data, line + 2, SIZE_MAX), head);
	if (r == 0)
		r = read_framing(head);
	return r < 0 ? r : n;
}

ssize_t gb_http_request_parse(struct gb_span data, struct gb_http_head *ret_head)
{
	ret_head->status = 0;
	return parse_head(data, parse_request_line, ret_head);
}

ssize_t gb_http_response_parse(struct gb_span data, struct gb_span request_method, struct gb_http_head *ret_head)
{
	ssize_t n;

	ret_head->method = GB_SPAN_EMPTY;
	ret_head->target = GB_SPAN_EMPTY;
	n = parse_head(data, parse_status_line, ret_head);
	if (n <= 0)
		return n;
	if (ret_head->status < 200 || ret_head->status == 204 || ret_head->status == 304 ||
	        gb_span_equal(request_method, GB_SPAN("HEAD")))
		ret_head->framing = GB_HTTP_NO_BODY;
	else if (ret_head->framing == GB_HTTP_NO_BODY)
		ret_head->framing = GB_HTTP_UNTIL_CLOSE;
	return n;
}

struct gb_span gb_http_field_value(const struct gb_http_head *head, struct gb_span name)
{
	for (size_t i = 0; i < head->field_count; i++)
		if (gb_span_equal_nocase(head->fields[i].name, name))
			return head->fields[i].value;
	return GB_SPAN_EMPTY;
}
