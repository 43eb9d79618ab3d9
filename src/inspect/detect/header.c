/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Header injection: a value of one line that goes on with a line of a protocol's head: a field, a status, a request. A
 * text of several lines, or one that begins as a head itself, is none.
 */
#include "inspect/bytes.h"
#include "inspect/detect/detect.h"

#define FIRST_LINE_MAX 400u

static const char *const fields[] = {"set-cookie", "location", "content-type", "content-length", "content-disposition",
        "content-encoding", "transfer-encoding", "host", "connection", "cookie", "refresh", "link", "server",
        "last-modified", "cache-control", "access-control-allow-origin", "authorization", "referer", "user-agent",
        "bcc", "cc", "to", "subject", "reply-to", "mime-version", "origin", "expect", "upgrade", "etag", "pragma"};

static bool is_name(unsigned char c)
{
	return gb_ascii_is_alpha(c) || gb_ascii_is_digit(c) || c == '-' || c == '_';
}

static bool is_field(struct gb_span line)
{
	size_t n = 0;

	while (n < line.n && is_name(line.p[n]))
		n++;
	if (n < 2 || n >= line.n || line.p[n] != ':')
		return false;
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (gb_span_equal_nocase(gb_span_sub(line, 0, n), gb_span_cstr(fields[i])))
			return true;
	/* X-Anything and Any-Thing: the names of one's own, each part with its capital. */
	if (n > 4 && n + 1 < line.n && line.p[n + 1] == ' ' && line.p[0] >= 'A' && line.p[0] <= 'Z') {
		size_t dash = gb_bytes_find(gb_span_sub(line, 0, n), '-', 1);

		if (dash != SIZE_MAX && line.p[dash + 1] >= 'A' && line.p[dash + 1] <= 'Z')
			return true;
	}
	return n > 3 && gb_ascii_lower(line.p[0]) == 'x' && line.p[1] == '-';
}

/* A line of SMTP, Redis or memcached, as only a client of theirs writes it. */
static bool is_protocol_line(struct gb_span line)
{
	static const char *const starts[] = {
	        "RCPT TO:<", "MAIL FROM:<", "CONFIG SET ", "SLAVEOF ", "FLUSHALL", "flush_all"};
	size_t numbers = 0;

	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
		if (gb_span_starts(line, gb_span_cstr(starts[i])))
			return true;
	/* set KEY FLAGS TIME BYTES */
	if (!gb_span_starts(line, GB_SPAN("set ")) && !gb_span_starts(line, GB_SPAN("add ")))
		return false;
	for (size_t i = 4; i + 1 < line.n; i++)
		numbers += line.p[i] == ' ' && gb_ascii_is_digit(line.p[i + 1]);
	return numbers == 3 && gb_ascii_is_digit(line.p[line.n - 1]);
}

static bool is_head_line(struct gb_span line)
{
	if (is_field(line) || is_protocol_line(line))
		return true;
	return gb_span_starts(line, GB_SPAN("HTTP/")) ||
	       ((gb_span_starts(line, GB_SPAN("GET /")) || gb_span_starts(line, GB_SPAN("POST /"))) &&
	               gb_bytes_find_text(line, GB_SPAN(" HTTP/"), 0) != SIZE_MAX);
}

bool gb_detect_header_injection(const struct gb_detect_input *input, struct gb_detect_hit *ret_hit)
{
	struct gb_span text = input->text;
	size_t first = gb_bytes_find(text, '\n', 0), returned = gb_bytes_find(text, '\r', 0);

	if (input->origin == GB_ORIGIN_BODY || input->origin == GB_ORIGIN_MESSAGE)
		return false;
	first = returned < first ? returned : first;
	if (first == SIZE_MAX || first > FIRST_LINE_MAX || (first > 0 && text.p[first - 1] == ':'))
		return false;
	/* A sentence, or a head, in the first line. */
	for (size_t i = 0; i < first; i++)
		if (gb_ascii_is_space(text.p[i]) && i != 0)
			return false;
	for (unsigned line = 0; line < 4; line++) {
		size_t end;

		while (first < text.n && gb_ascii_is_space(text.p[first]))
			first++;
		end = first;
		while (end < text.n && text.p[end] != '\n' && text.p[end] != '\r' && end - first < FIRST_LINE_MAX)
			end++;
		if (is_head_line(gb_span_sub(text, first, end - first))) {
			*ret_hit =
			        (struct gb_detect_hit){.reason = "header_line", .from = first, .length = end - first};
			return true;
		}
		first = end;
	}
	return false;
}
