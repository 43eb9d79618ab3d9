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
#define CITED_BYTES       300u
#define QUERY_BYTES       1024u
#define LAYOUT_LINES      32u
#define PROMPT_MAX        24u
#define PLACE_STEPS       64u
#define TOKEN_STEPS       48u

struct scan {
	struct gb_span text;
	struct gb_detect_hit *hit;
	struct gb_detect_work *work;
	struct gb_sql_window window;
	struct gb_sql_place place;
	unsigned quotes[3]; /* ' " ` met so far */
	size_t first_blank; /* behind the first other byte */
	size_t first_byte;
	bool is_long;
	bool is_authored; /* a whole query with tables of its own */
	bool is_script;   /* begins with a statement that writes: others may follow */
};

bool gb_sql_is_trigger(enum gb_sql_word word)
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
	case GB_SQL_ON:
	case GB_SQL_JOIN:
	case GB_SQL_OUTER:
	case GB_SQL_FROM:
	case GB_SQL_DANGER: return true;
	default: return false;
	}
}

/* How long MySQL's comment that is none (with ! and a version) before AT is, with the blanks before it. */
static size_t length_of_version(struct gb_span text, size_t at)
{
	size_t from = at;

	while (from > 0 && gb_ascii_is_digit(text.p[from - 1]))
		from--;
	if (from < 3 || text.p[from - 1] != '!' || text.p[from - 2] != '*' || text.p[from - 3] != '/')
		return 0;
	for (from -= 3; from > 0 && gb_ascii_is_space(text.p[from - 1]);)
		from--;
	return at - from;
}

/* Over blanks and closed comments, back from AT. */
static size_t skip_back(struct gb_span text, size_t at)
{
	for (;;) {
		size_t open;

		while (at > 0 && gb_ascii_is_space(text.p[at - 1]))
			at--;
		if (at < 4 || at > NUMBER_PREFIX_MAX || text.p[at - 1] != '/' || text.p[at - 2] != '*')
			return at;
		for (open = at - 4; open > 0 && (text.p[open] != '/' || text.p[open + 1] != '*');)
			open--;
		if (text.p[open] != '/' || text.p[open + 1] != '*')
			return at;
		at = open;
	}
}

/* Whether all before AT is one value: 12, -1, x'), (1). */
static bool is_one_value(const struct scan *scan, size_t at)
{
	bool has_word = false;

	at = skip_back(scan->text, at);
	at -= length_of_version(scan->text, at);
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

/* Words between FROM and TO that only prose has. */
static unsigned count_prose(struct gb_span text, size_t from, size_t to)
{
	unsigned count = 0;

	to = to < text.n ? to : text.n;
	for (size_t at = from; at < to;) {
		size_t end = at;

		while (end < to && gb_byte_is_name[text.p[end]])
			end++;
		if (end - at >= 1 && end - at <= 7 && gb_sql_word_of(gb_span_sub(text, at, end - at)) == GB_SQL_PROSE)
			count++;
		at = end + 1;
	}
	return count;
}

/* A sentence that goes on behind what it cites: text about SQL. */
static bool is_cited(struct gb_span text, size_t at)
{
	const size_t before = at > CITED_BYTES ? at - CITED_BYTES : 0;

	return count_prose(text, before, at) >= 2 && count_prose(text, at, at + CITED_BYTES) != 0;
}

static bool convict(struct scan *scan, const char *reason, size_t from)
{
	size_t end = from + 1;

	if (reason == NULL || is_cited(scan->text, from))
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
	const bool is_inner = (scan->quotes[which] & 1) != 0;

	/* An apostrophe inside a word opens nothing. */
	if (which != 0 || at == 0 || at + 1 >= scan->text.n || !gb_ascii_is_alpha(scan->text.p[at - 1]) ||
	        !gb_ascii_is_alpha(scan->text.p[at + 1]))
		scan->quotes[which]++;
	open_place(scan, at + 1);
	scan->place.quote = scan->text.p[at];
	scan->place.is_inner = is_inner;
	scan->place.is_number = false;
	scan->place.has_blank_prefix = scan->first_blank < at;
	return convict(scan, gb_sql_judge_quote(&scan->place, &scan->window), at);
}

/* WITH x AS (SELECT …): a query of the text's author. */
static bool is_behind_as(struct gb_span text, size_t at)
{
	while (at > 0 && gb_ascii_is_space(text.p[at - 1]))
		at--;
	return at > 4 && gb_span_equal_nocase(gb_span_sub(text, at - 3, 3), GB_SPAN(" as"));
}

/* WORD and a blank. */
static bool is_word_at(struct gb_span text, size_t at, struct gb_span word)
{
	return at + word.n < text.n && gb_span_equal_nocase(gb_span_sub(text, at, word.n), word) &&
	       gb_ascii_is_space(text.p[at + word.n]);
}

/* SELECT a FROM b UNION …, from the first byte and outside of quotes: one query of the text's author. */
static bool is_joined_query(const struct scan *scan, size_t at)
{
	struct gb_span before = gb_span_sub(scan->text, 0, at);

	if (((scan->quotes[0] | scan->quotes[1] | scan->quotes[2]) & 1) != 0 || at > QUERY_BYTES ||
	        !is_word_at(before, 0, GB_SPAN("select")) || !is_word_at(scan->text, at, GB_SPAN("union")))
		return false;
	for (size_t i = 7; i < before.n; i++)
		if (gb_ascii_is_space(before.p[i]) && is_word_at(before, i + 1, GB_SPAN("from")))
			return true;
	return false;
}

static bool at_word(struct scan *scan, size_t at)
{
	scan->is_authored |= is_joined_query(scan, at);
	if (scan->is_authored && gb_byte_is_name[scan->text.p[at]])
		return false;
	if (scan->is_script && scan->text.p[at] == ';' &&
	        ((scan->quotes[0] | scan->quotes[1] | scan->quotes[2]) & 1) == 0)
		return false;
	if (scan->text.p[at] == '(' && is_behind_as(scan->text, at))
		return false;
	open_place(scan, at);
	return convict(scan, gb_sql_judge_word(&scan->place, &scan->window), at);
}

/* What the last place cost: its tokens, each of them read some times. */
static bool spend_window(struct scan *scan)
{
	const size_t steps = PLACE_STEPS + scan->window.count * TOKEN_STEPS + (scan->window.at - scan->place.at);

	scan->window.count = 0;
	return gb_detect_spend(scan->work, steps);
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
		else if (gb_ascii_is_alpha(c) && (!gb_byte_is_name[before] || gb_ascii_is_digit(before))) {
			size_t end;

			/* 1e0union: the exponent is the number's. */
			if (gb_ascii_is_digit(before) && (c == 'e' || c == 'E') && at + 1 < text.n &&
			        gb_ascii_is_digit(text.p[at + 1]))
				for (at++; at + 1 < text.n && gb_ascii_is_digit(text.p[at]);)
					at++;
			end = at;
			while (end < text.n && end - at < GB_SQL_WORD_MAX + 1 && gb_byte_is_name[text.p[end]])
				end++;
			if (!scan->is_authored && (gb_sql_is_trigger(gb_sql_word_of(gb_span_sub(text, at, end - at))) ||
			                                  gb_span_starts(gb_span_sub(text, end, 2), GB_SPAN("/*"))))
				is_found = at_word(scan, at);
			at = end > at ? end - 1 : at;
		}
		if (is_found)
			return true;
		if (scan->window.count != 0 && !spend_window(scan))
			return false;
		before = text.p[at];
	}
	return false;
}

/* SELECT a\nFROM b\nWHERE c: laid out in lines as people write queries for each other. */
static bool is_laid_out(struct gb_span text)
{
	size_t line = gb_bytes_find(text, '\n', 0);

	for (unsigned lines = 1; line != SIZE_MAX && lines <= LAYOUT_LINES; lines++) {
		if (gb_span_equal_nocase(gb_span_sub(text, line + 1, 5), GB_SPAN("from ")))
			return gb_bytes_find(text, '\n', line + 1) != SIZE_MAX &&
			       gb_span_equal_nocase(gb_span_sub(text, 0, 7), GB_SPAN("select "));
		line = gb_bytes_find(text, '\n', line + 1);
	}
	return false;
}

/* INSERT INTO …; UPDATE a SET …; */
static bool begins_as_script(struct gb_span text)
{
	static const char *const heads[] = {"insert into ", "create table ", "create index ", "create view ",
	        "create unique ", "alter table ", "explain ", "start transaction", "begin;"};

	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
		if (gb_span_equal_nocase(gb_span_sub(text, 0, strlen(heads[i])), gb_span_cstr(heads[i])))
			return true;
	return gb_span_equal_nocase(gb_span_sub(text, 0, 7), GB_SPAN("update ")) &&
	       gb_bytes_find_text(gb_span_sub(text, 0, NUMBER_PREFIX_MAX), GB_SPAN(" = "), 7) != SIZE_MAX;
}

/* mysql> SELECT … */
static bool is_prompt(struct gb_span text)
{
	size_t at = 0;

	while (at < text.n && at < PROMPT_MAX && gb_byte_is_name[text.p[at]])
		at++;
	return at > 2 && gb_span_starts(gb_span_sub(text, at, 2), GB_SPAN("> ")) && at + 2 < text.n &&
	       gb_ascii_is_alpha(text.p[at + 2]);
}

/* WITH x AS (SELECT …) … */
static bool is_authored(struct gb_span text)
{
	size_t open;

	if (is_laid_out(text) || is_prompt(text))
		return true;
	if (!gb_span_equal_nocase(gb_span_sub(text, 0, 5), GB_SPAN("with ")))
		return false;
	for (open = gb_bytes_find(gb_span_sub(text, 0, NUMBER_PREFIX_MAX), '(', 0); open != SIZE_MAX;
	        open = gb_bytes_find(gb_span_sub(text, 0, NUMBER_PREFIX_MAX), '(', open + 1))
		if (is_behind_as(text, open))
			return true;
	return false;
}

bool gb_detect_sql(const struct gb_detect_input *input, struct gb_detect_hit *ret_hit)
{
	struct scan scan;

	if (!input->is_strict && !gb_detect_sql_is_hinted(input->text, input->mask, input->pairs))
		return false;
	scan.text = input->text;
	scan.hit = ret_hit;
	scan.work = input->work;
	scan.window.count = 0;
	memset(scan.quotes, 0, sizeof(scan.quotes));
	scan.first_blank = scan.first_byte = SIZE_MAX;
	scan.is_long = count_prose(input->text, 0, PROSE_BYTES) >= PROSE_WORDS;
	scan.is_script = !input->is_strict && begins_as_script(input->text);
	scan.is_authored = !input->is_strict && (scan.is_script || is_authored(input->text));
	if (!scan.is_long) {
		open_place(&scan, 0);
		scan.place.is_start = true;
		if (convict(&scan, gb_sql_judge_start(&scan.place, &scan.window), 0))
			return true;
	}
	return scan_text(&scan);
}
