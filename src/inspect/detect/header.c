/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Header injection: a value of one line that goes on with a line of a protocol's head: a field, a status, a request. A
 * text of several lines, or one that begins as a head itself, is none.
 */
#include "inspect/bytes.h"
#include "inspect/detect/header.h"

#define FIRST_LINE_MAX 400u
#define WORDS_MAX      6u /* blanks in a value of one line */
#define LINES_MAX      4u /* behind it */

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

/* body.email, Records[0].body.subject: what a form asks for in one line, and what becomes a line of a mail's head. */
static bool is_one_line(struct gb_span path)
{
	static const struct gb_span ends[] = {{(const unsigned char *)"mail", 4}, {(const unsigned char *)"subject", 7},
	        {(const unsigned char *)"name", 4}, {(const unsigned char *)"title", 5},
	        {(const unsigned char *)"sender", 6}, {(const unsigned char *)"receiver", 8},
	        {(const unsigned char *)"recipient", 9}};
	size_t start = path.n;
	struct gb_span name;

	while (start > 0 && path.p[start - 1] != '.' && path.p[start - 1] != ']')
		start--;
	name = gb_span_sub(path, start, SIZE_MAX);
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (name.n >= ends[i].n &&
		        gb_span_equal_nocase(gb_span_sub(name, name.n - ends[i].n, SIZE_MAX), ends[i]))
			return true;
	return gb_span_equal_nocase(name, GB_SPAN("to")) || gb_span_equal_nocase(name, GB_SPAN("from")) ||
	       gb_span_equal_nocase(name, GB_SPAN("cc"));
}

/* Whether FIRST is one word, that no text of several lines begins with: no list of a head, part of a multipart body, calendar. */
static bool is_lone_word(struct gb_span first)
{
	return first.n != 0 && gb_bytes_find(first, ' ', 0) == SIZE_MAX && gb_bytes_find(first, ':', 0) == SIZE_MAX &&
	       !gb_span_starts(first, GB_SPAN("--"));
}

/* How a value in a body, where lines are a text's own, brings a head along. */
enum bringing {
	BRINGS_NOTHING = 0,
	BRINGS_PROTOCOL, /* what nobody writes into a text, right behind */
	BRINGS_ANY,      /* the value fills one line */
};

static enum bringing bringing_of(struct gb_span first, struct gb_span path)
{
	if (!is_lone_word(first))
		return is_one_line(path) && !gb_header_is_field(first) ? BRINGS_ANY : BRINGS_NOTHING;
	return is_one_line(path) || gb_bytes_find(first, '@', 1) != SIZE_MAX ? BRINGS_ANY : BRINGS_PROTOCOL;
}

/* Whether FIRST, what stands before the line's end, is a sentence or ends as one does that lines follow. */
static bool is_sentence(struct gb_span first, bool may_have_words)
{
	unsigned blanks = 0;

	if (first.n > FIRST_LINE_MAX || (first.n > 0 && first.p[first.n - 1] == ':'))
		return true;
	/* a HTTP/1.1: the rest of a request's first line */
	if (gb_span_ends(first, GB_SPAN(" HTTP/1.1")) || gb_span_ends(first, GB_SPAN(" HTTP/1.0")))
		return first.p[0] >= 'A' && first.p[0] <= 'Z' && is_request(first);
	for (size_t i = 1; i < first.n; i++)
		blanks += gb_ascii_is_space(first.p[i]);
	return blanks > (may_have_words ? WORDS_MAX : 0);
}

bool gb_detect_header_injection(const struct gb_detect_input *input, struct gb_detect_hit *ret_hit)
{
	struct gb_span text = input->text;
	const bool is_body = input->origin == GB_ORIGIN_BODY || input->origin == GB_ORIGIN_MESSAGE;
	size_t first = gb_bytes_find(text, '\n', 0), returned = gb_bytes_find(text, '\r', 0), behind = 0;
	enum bringing brings = BRINGS_ANY;

	first = returned < first ? returned : first;
	if (is_body)
		brings = bringing_of(gb_span_sub(text, 0, first), input->path);
	if (brings == BRINGS_NOTHING)
		return false;
	if (first == SIZE_MAX && (input->mask & GB_BYTE_HIGH) != 0) {
		first = find_cut_letters(text, &behind);
		if (first == SIZE_MAX || !is_head_line(gb_span_sub(text, behind, FIRST_LINE_MAX)))
			return false;
		*ret_hit = (struct gb_detect_hit){.reason = "header_line", .from = first, .length = text.n - first};
		return true;
	}
	if (first == SIZE_MAX || is_sentence(gb_span_sub(text, 0, first),
	                                 is_of_request(input->origin) || (is_body && brings == BRINGS_ANY)))
		return false;
	/* A head that ends at once, and the body of an answer. */
	if (is_of_request(input->origin) && gb_span_starts(gb_span_sub(text, first, 6), GB_SPAN("\r\n\r\n<")) &&
	        first + 5 < text.n && gb_ascii_is_alpha(text.p[first + 5])) {
		*ret_hit = (struct gb_detect_hit){.reason = "header_body", .from = first, .length = 6};
		return true;
	}
	for (unsigned line = 0; line < (is_body ? 1 : LINES_MAX); line++) {
		struct gb_span line_text;
		size_t end;

		while (first < text.n && gb_ascii_is_space(text.p[first]))
			first++;
		end = first;
		while (end < text.n && text.p[end] != '\n' && text.p[end] != '\r' && end - first < FIRST_LINE_MAX)
			end++;
		line_text = gb_span_sub(text, first, end - first);
		if (brings == BRINGS_PROTOCOL ? gb_header_is_protocol(line_text) : is_head_line(line_text)) {
			*ret_hit =
			        (struct gb_detect_hit){.reason = "header_line", .from = first, .length = end - first};
			return true;
		}
		first = end;
	}
	return false;
}
