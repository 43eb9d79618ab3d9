/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SQL injection: find the places where SQL may begin inside a value (behind a quote that closes the application's string,
 * behind the number that the value was to be, at an operator or keyword that joins more to a statement), read what follows
 * as SQL of any dialect, and judge whether it goes on as SQL does, and as a sentence does not.
 */
#include "inspect/bytes.h"
#include "inspect/detect/sql.h"

#include <string.h>

#define NUMBER_PREFIX_MAX 64u
#define PROSE_WORDS       4u
#define PROSE_BYTES       2048u

struct scan {
	struct gb_span text;
	struct gb_detect_hit *hit;
	struct gb_sql_window window;
	struct gb_sql_place place;
	unsigned quotes[3]; /* ' " ` met so far */
	size_t first_blank; /* behind the first other byte */
	size_t first_byte;
	bool is_long;
};

static bool is_word_byte(unsigned char c)
{
	return gb_ascii_is_alpha(c) || gb_ascii_is_digit(c) || c == '_' || c >= 0x80;
}

static bool is_trigger(enum gb_sql_word word)
{
	switch ((int)word) {
	case GB_SQL_OR:
	case GB_SQL_AND:
	case GB_SQL_UNION:
	case GB_SQL_SELECT:
	case GB_SQL_HAVING:
	case GB_SQL_GROUP:
	case GB_SQL_ORDER:
	case GB_SQL_LIMIT:
	case GB_SQL_INTO:
	case GB_SQL_PROCEDURE:
	case GB_SQL_WAITFOR:
	case GB_SQL_CASE:
	case GB_SQL_EXECUTE:
	case GB_SQL_DECLARE:
	case GB_SQL_FROM:
	case GB_SQL_DANGER: return true;
	default: return false;
	}
}

/* Whether all before AT is one value: 12, -1, x'), (1). */
static bool is_one_value(const struct scan *scan, size_t at)
{
	bool has_word = false;

	while (at > 0 && gb_ascii_is_space(scan->text.p[at - 1]))
		at--;
	if (at == 0 || at > NUMBER_PREFIX_MAX || scan->first_blank < at)
		return false;
	for (size_t i = 0; i < at; i++) {
		unsigned char c = scan->text.p[i];

		/* A URL has no blanks either. */
		if (c == '/' || c == '=' || c == '?' || c == '&' || c == '|' || c == ';' || c == '<' || c == '>')
			return false;
		has_word |= gb_ascii_is_digit(c) || (c == ')' && i == 0) || c == '\'' || c == '"';
	}
	return has_word;
}

static bool convict(struct scan *scan, const char *reason, size_t from)
{
	size_t end = from + 1;

	if (reason == NULL)
		return false;
	if (scan->window.count != 0) {
		const struct gb_sql_token *last = &scan->window.tokens[scan->window.count - 1];

		end = last->from + last->length;
	}
	*scan->hit = (struct gb_detect_hit){.reason = reason, .from = from, .length = end > from ? end - from : 1};
	return true;
}

static void open_place(struct scan *scan, size_t at)
{
	scan->place = (struct gb_sql_place){.text = scan->text,
	        .at = at,
	        .is_long = scan->is_long,
	        .is_number = is_one_value(scan, at),
	        .is_start = scan->first_byte >= at};
	gb_sql_window_open(&scan->window, scan->text, at);
}

static bool at_quote(struct scan *scan, size_t at, unsigned which)
{
	const bool is_inner = (scan->quotes[which]++ & 1) != 0;

	open_place(scan, at + 1);
	scan->place.quote = scan->text.p[at];
	scan->place.is_inner = is_inner;
	scan->place.is_number = false;
	scan->place.has_blank_prefix = scan->first_blank < at;
	return convict(scan, gb_sql_judge_quote(&scan->place, &scan->window), at);
}

static bool at_word(struct scan *scan, size_t at)
{
	open_place(scan, at);
	return convict(scan, gb_sql_judge_word(&scan->place, &scan->window), at);
}

/* Counts words that only prose has, in the first part of the text. */
static bool is_prose(struct gb_span text)
{
	unsigned count = 0;
	size_t n = text.n < PROSE_BYTES ? text.n : PROSE_BYTES;

	for (size_t at = 0; at < n;) {
		size_t end = at;

		while (end < n && is_word_byte(text.p[end]))
			end++;
		if (end - at >= 1 && end - at <= 7 && gb_sql_word_of(gb_span_sub(text, at, end - at)) == GB_SQL_PROSE)
			count++;
		at = end + 1;
	}
	return count >= PROSE_WORDS;
}

static bool scan_text(struct scan *scan)
{
	struct gb_span text = scan->text;
	unsigned char before = 0;

	for (size_t at = 0; at < text.n; at++) {
		const unsigned char c = text.p[at];
		bool is_found = false;

		if (gb_ascii_is_space(c)) {
			if (scan->first_byte < at && scan->first_blank == SIZE_MAX)
				scan->first_blank = at;
		} else if (scan->first_byte == SIZE_MAX) {
			scan->first_byte = at;
		}
		if (c == '\'')
			is_found = at_quote(scan, at, 0);
		else if (c == '"')
			is_found = at_quote(scan, at, 1);
		else if (c == '`')
			is_found = at_quote(scan, at, 2);
		else if (c == ';' || (c == '(' && at + 6 < text.n) ||
		         ((c == '|' || c == '&') && at + 1 < text.n && text.p[at + 1] == c))
			is_found = at_word(scan, at);
		else if (gb_ascii_is_alpha(c) && (!is_word_byte(before) || gb_ascii_is_digit(before))) {
			size_t end = at;

			while (end < text.n && end - at < GB_SQL_WORD_MAX + 1 && is_word_byte(text.p[end]))
				end++;
			if (is_trigger(gb_sql_word_of(gb_span_sub(text, at, end - at))))
				is_found = at_word(scan, at);
			at = end - 1;
		}
		if (is_found)
			return true;
		before = text.p[at];
	}
	return false;
}

bool gb_detect_sql_is_hinted(struct gb_span text)
{
	for (size_t at = 0; at + 1 < text.n; at++) {
		const unsigned char c = gb_ascii_lower(text.p[at]), next = gb_ascii_lower(text.p[at + 1]);

		if (c == 's' && next == 'e' && gb_span_equal_nocase(gb_span_sub(text, at, 6), GB_SPAN("select")))
			return true;
		if (c == 'b' && next == 'e' && gb_span_equal_nocase(gb_span_sub(text, at, 7), GB_SPAN("between")))
			return true;
		if (c == 'b' && next == 'y' && at + 2 < text.n && text.p[at + 2] == ' ')
			return true;
		if (c == 'l' && next == 'i' && gb_span_equal_nocase(gb_span_sub(text, at, 4), GB_SPAN("like")))
			return true;
		if ((c == '-' && next == '-') || text.p[at] == '@' || text.p[at] == '#' || text.p[at] == '!')
			return true;
	}
	return false;
}

bool gb_detect_sql(const struct gb_detect_input *input, struct gb_detect_hit *ret_hit)
{
	const uint32_t marks = GB_BYTE_SINGLE | GB_BYTE_DOUBLE | GB_BYTE_BACKTICK | GB_BYTE_PAREN | GB_BYTE_SEMICOLON |
	                       GB_BYTE_EQUAL | GB_BYTE_ANGLE | GB_BYTE_PIPE | GB_BYTE_AMPERSAND | GB_BYTE_GLOB |
	                       GB_BYTE_SLASH;
	struct scan scan;

	/* Words alone are SQL only with some of its own among them. */
	if ((input->mask & marks) == 0 && !gb_detect_sql_is_hinted(input->text))
		return false;
	scan.text = input->text;
	scan.hit = ret_hit;
	memset(scan.quotes, 0, sizeof(scan.quotes));
	scan.first_blank = scan.first_byte = SIZE_MAX;
	scan.is_long = is_prose(input->text);
	if (!scan.is_long) {
		open_place(&scan, 0);
		scan.place.is_start = true;
		if (convict(&scan, gb_sql_judge_start(&scan.place, &scan.window), 0))
			return true;
	}
	return scan_text(&scan);
}
