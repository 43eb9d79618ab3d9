/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Header injection: a value of one line that goes on with a line of a protocol's head: a field, a status, a request. A
 * text of several lines, or one that begins as a head itself, is none.
 */
#include "inspect/bytes.h"
#include "inspect/detect/header.h"

#define FIRST_LINE_MAX 400u
#define WORDS_MAX      6u /* blanks in a value of one line */

/* A line of SMTP, Redis or memcached, as only a client of theirs writes it. */
static bool is_protocol_line(struct gb_span line)
{
	static const char *const starts[] = {
	        "RCPT TO:<", "MAIL FROM:<", "CONFIG SET ", "SLAVEOF ", "FLUSHALL", "flush_all"};
	size_t numbers = 0;

	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
		if (gb_span_starts(line, gb_span_cstr(starts[i])))
			return true;
	/* SMTP's verbs in any case. */
	if (gb_span_equal_nocase(gb_span_sub(line, 0, 9), GB_SPAN("rcpt to:<")) ||
	        gb_span_equal_nocase(gb_span_sub(line, 0, 11), GB_SPAN("mail from:<")))
		return true;
	/* set KEY FLAGS TIME BYTES */
	if (!gb_span_starts(line, GB_SPAN("set ")) && !gb_span_starts(line, GB_SPAN("add ")))
		return false;
	for (size_t i = 4; i + 1 < line.n; i++)
		numbers += line.p[i] == ' ' && gb_ascii_is_digit(line.p[i + 1]);
	return numbers == 3 && gb_ascii_is_digit(line.p[line.n - 1]);
}

/* METHOD /path HTTP/1.1 */
static bool is_request(struct gb_span line)
{
	size_t n = 0;

	while (n < line.n && line.p[n] >= 'A' && line.p[n] <= 'Z')
		n++;
	return n >= 3 && n <= 9 && n + 1 < line.n && line.p[n] == ' ' &&
	       (line.p[n + 1] == '/' || line.p[n + 1] == '*' ||
	               gb_span_starts(gb_span_sub(line, n + 1, 4), GB_SPAN("http"))) &&
	       gb_bytes_find_text(line, GB_SPAN(" HTTP/"), n) != SIZE_MAX;
}

static bool is_head_line(struct gb_span line)
{
	return gb_header_is_field(line) || is_protocol_line(line) || gb_span_starts(line, GB_SPAN("HTTP/")) ||
	       is_request(line);
}

/* Letters whose last byte is a line's end to whoever cuts them to one: U+560D U+560A, U+010D U+010A. */
static size_t find_cut_letters(struct gb_span text, size_t *ret_behind)
{
	static const struct gb_span pairs[] = {{(const unsigned char *)"\xe5\x98\x8d\xe5\x98\x8a", 6},
	        {(const unsigned char *)"\xe5\x98\x8a\xe5\x98\x8d", 6}, {(const unsigned char *)"\xc4\x8d\xc4\x8a", 4}};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		size_t at = gb_bytes_find_text(text, pairs[i], 0);

		if (at != SIZE_MAX) {
			*ret_behind = at + pairs[i].n;
			return at;
		}
	}
	return SIZE_MAX;
}

/* What a client puts into one line of a request itself; there a line's end is none of its own. */
static bool is_of_request(enum gb_origin origin)
{
	return origin == GB_ORIGIN_PATH || origin == GB_ORIGIN_QUERY || origin == GB_ORIGIN_HEADER ||
	       origin == GB_ORIGIN_COOKIE;
}

/* Whether FIRST, what stands before the line's end, is a sentence or ends as one does that lines follow. */
static bool is_sentence(struct gb_span first, enum gb_origin origin)
{
	unsigned blanks = 0;

	if (first.n > FIRST_LINE_MAX || (first.n > 0 && first.p[first.n - 1] == ':'))
		return true;
	/* a HTTP/1.1: the rest of a request's first line */
	if (gb_span_ends(first, GB_SPAN(" HTTP/1.1")) || gb_span_ends(first, GB_SPAN(" HTTP/1.0")))
		return first.p[0] >= 'A' && first.p[0] <= 'Z' && is_request(first);
	for (size_t i = 1; i < first.n; i++)
		blanks += gb_ascii_is_space(first.p[i]);
	return blanks > (is_of_request(origin) ? WORDS_MAX : 0);
}

bool gb_detect_header_injection(const struct gb_detect_input *input, struct gb_detect_hit *ret_hit)
{
	struct gb_span text = input->text;
	size_t first = gb_bytes_find(text, '\n', 0), returned = gb_bytes_find(text, '\r', 0), behind = 0;

	if (input->origin == GB_ORIGIN_BODY || input->origin == GB_ORIGIN_MESSAGE)
		return false;
	first = returned < first ? returned : first;
	if (first == SIZE_MAX && (input->mask & GB_BYTE_HIGH) != 0) {
		first = find_cut_letters(text, &behind);
		if (first == SIZE_MAX || !is_head_line(gb_span_sub(text, behind, FIRST_LINE_MAX)))
			return false;
		*ret_hit = (struct gb_detect_hit){.reason = "header_line", .from = first, .length = text.n - first};
		return true;
	}
	if (first == SIZE_MAX || is_sentence(gb_span_sub(text, 0, first), input->origin))
		return false;
	/* A head that ends at once, and the body of an answer. */
	if (is_of_request(input->origin) && gb_span_starts(gb_span_sub(text, first, 6), GB_SPAN("\r\n\r\n<")) &&
	        first + 5 < text.n && gb_ascii_is_alpha(text.p[first + 5])) {
		*ret_hit = (struct gb_detect_hit){.reason = "header_body", .from = first, .length = 6};
		return true;
	}
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
