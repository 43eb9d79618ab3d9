/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect/unread.h"

#include "inspect/bytes.h"
#include "inspect/prose.h"
#include "inspect/unread_reading.h"
#include "inspect/unread_words.h"

#define BEFORE_MAX  4096u
#define BEHIND_MAX  1024u
#define WORD_MAX    24u
#define MODE_MAX    24u
#define TAIL_MIN    12u
#define RUN_MAX     2u /* words side by side that a language may have: a type and a name */
#define QUOTE_BYTES GB_SPAN("'\"`")

enum outcome {
	OUTCOME_GO_ON = 0,
	OUTCOME_LIVE, /* the attack is read, or who knows */
	OUTCOME_VOID,
};

static void take(struct gb_unread_reading *reading, enum gb_unread_piece piece)
{
	if (piece != GB_PIECE_WORD)
		reading->run = reading->glue = 0;
	reading->was_apart = reading->is_apart;
	reading->third = reading->second;
	reading->second = reading->last;
	reading->last = piece;
	reading->is_apart = reading->is_new_line = reading->is_equal = reading->is_in = false;
}

static enum outcome take_word(struct gb_unread_reading *reading)
{
	struct gb_span text = reading->text, word;
	size_t end = reading->at + 1;

	while (end < text.n && (gb_byte_is_name[text.p[end]] || text.p[end] >= 0x80))
		end++;
	word = gb_span_sub(text, reading->at, end - reading->at);
	reading->at = end;
	if (word.n <= WORD_MAX && gb_unread_is_keyword(reading->language, word)) {
		reading->has_header |=
		        !gb_unread_is_sql(reading->language) &&
		        (gb_span_equal_nocase(word, GB_SPAN("if")) || gb_span_equal_nocase(word, GB_SPAN("for")) ||
		                gb_span_equal_nocase(word, GB_SPAN("while")) ||
		                gb_span_equal_nocase(word, GB_SPAN("with")) ||
		                gb_span_equal_nocase(word, GB_SPAN("catch")));
		if (reading->quote == '`' && reading->third == GB_PIECE_NONE && reading->second == GB_PIECE_NONE &&
		        gb_unread_begins_statement(reading->language, word))
			return OUTCOME_VOID;
		take(reading, GB_PIECE_KEYWORD);
		reading->is_in = gb_unread_is_sql(reading->language) && gb_span_equal_nocase(word, GB_SPAN("in"));
		return OUTCOME_GO_ON;
	}
	/* IN BOOLEAN MODE, IN NATURAL LANGUAGE MODE, IN SHARE MODE */
	if (reading->is_in) {
		struct gb_span rest = gb_span_trim(gb_span_sub(text, end, MODE_MAX));

		reading->is_in = !gb_span_equal_nocase(gb_span_sub(rest, 0, 4), GB_SPAN("mode")) &&
		                 !gb_span_equal_nocase(gb_span_sub(rest, 0, 8), GB_SPAN("language"));
	}
	/* 0b1, 1d, 5th */
	if (reading->last == GB_PIECE_NUMBER && !reading->is_apart)
		return OUTCOME_GO_ON;
	if (gb_unread_is_broken(reading, GB_PIECE_WORD))
		return OUTCOME_VOID;
	/* The attack is no word of a sentence, and lines of a protocol are none. */
	if ((reading->is_new_line && reading->language == GB_UNREAD_QUERY) ||
	        (reading->at >= reading->head && reading->at - word.n <= reading->head))
		reading->run = reading->glue = 0;
	reading->run++;
	reading->glue += gb_unread_is_glue(reading->language, word);
	if (reading->glue != 0 && (reading->run > RUN_MAX || (reading->run == RUN_MAX && reading->has_article)))
		return OUTCOME_VOID;
	take(reading, GB_PIECE_WORD);
	reading->last_n = word.n;
	reading->has_article = gb_unread_is_article(word);
	reading->is_plain = reading->language == GB_UNREAD_QUERY && gb_unread_is_plain(word);
	return OUTCOME_GO_ON;
}

static enum outcome take_number(struct gb_unread_reading *reading)
{
	struct gb_span text = reading->text;
	unsigned dots = 0;
	size_t end = reading->at;

	if (text.p[end] == '0' && end + 2 < text.n && (text.p[end + 1] | 0x20) == 'x')
		for (end += 2; end < text.n && gb_hex_value(text.p[end]) >= 0;)
			end++;
	else
		for (; end < text.n && (gb_ascii_is_digit(text.p[end]) || text.p[end] == '.'); end++)
			dots += text.p[end] == '.';
	/* 1e0union */
	if (end + 1 < text.n && (text.p[end] | 0x20) == 'e' && gb_ascii_is_digit(text.p[end + 1]))
		for (end++; end < text.n && gb_ascii_is_digit(text.p[end]);)
			end++;
	/* 192.0.2.1 */
	if (gb_unread_is_broken(reading, GB_PIECE_NUMBER) || (dots == 3 && reading->at < reading->from))
		return OUTCOME_VOID;
	reading->at = end;
	take(reading, GB_PIECE_NUMBER);
	return OUTCOME_GO_ON;
}

/* `"}`, `" for 192.0.2.1 at noon`: more of a line or an object, no string that somebody compares with. */
static bool is_tail(struct gb_span text)
{
	return (text.n != 0 && gb_bytes_find(GB_SPAN("}]"), text.p[0], 0) != SIZE_MAX) ||
	       (text.n > TAIL_MIN && text.p[0] == ' ' && gb_bytes_find(gb_span_trim(text), ' ', 0) != SIZE_MAX);
}

/* A string that begins here. */
static enum outcome take_string(struct gb_unread_reading *reading)
{
	struct gb_span text = reading->text;
	const unsigned char quote = text.p[reading->at];
	const size_t open = reading->at;
	size_t close = gb_bytes_find(text, quote, open + 1);

	const bool is_around = open < reading->from && (close == SIZE_MAX || close >= reading->head);

	if (gb_unread_is_broken(reading, GB_PIECE_STRING))
		return OUTCOME_VOID;
	/* What stands in a string may be code of another interpreter: sh -c "…". */
	if (is_around && !gb_unread_is_sql(reading->language)) {
		reading->at++;
		take(reading, GB_PIECE_NONE);
		return OUTCOME_GO_ON;
	}
	if (is_around || (gb_unread_is_sql(reading->language) && open == reading->from && open != 0))
		return OUTCOME_VOID;
	/* The value's own quote is closed by what the application goes on with; no other is. */
	if (close == SIZE_MAX && gb_unread_is_sql(reading->language) && reading->quote != 0 &&
	        reading->quote != quote &&
	        (is_tail(gb_span_sub(text, open + 1, SIZE_MAX)) ||
	                (open + 1 == text.n && gb_bytes_find(text, quote, 0) < open)))
		return OUTCOME_VOID;
	if (close == SIZE_MAX)
		return gb_unread_is_sql(reading->language) && reading->is_equal && !reading->has_call &&
		                       gb_prose_is_sentence(gb_span_sub(text, open + 1, SIZE_MAX))
		               ? OUTCOME_VOID
		               : OUTCOME_LIVE;
	if (gb_bytes_find(gb_span_sub(text, 0, close), '\\', open) != SIZE_MAX)
		return OUTCOME_LIVE;
	if (quote == '`' && gb_bytes_find_text(gb_span_sub(text, 0, close), GB_SPAN("${"), open) != SIZE_MAX)
		return OUTCOME_LIVE;
	reading->at = close + 1;
	take(reading, GB_PIECE_STRING);
	return OUTCOME_GO_ON;
}

static bool is_comment(enum gb_unread_language language, struct gb_span rest)
{
	if (gb_span_starts(rest, GB_SPAN("/*")))
		return true;
	if (rest.p[0] == '#')
		return true;
	return gb_span_starts(rest, gb_unread_is_sql(language) ? GB_SPAN("--") : GB_SPAN("//"));
}

static enum outcome take_sign(struct gb_unread_reading *reading)
{
	const unsigned char c = reading->text.p[reading->at];

	/* What may begin an expression of its own within a text. */
	if (c == '\\' || (reading->language == GB_UNREAD_CODE && reading->at < reading->head &&
	                         (c == '{' || c == '<' || c == '%')))
		return OUTCOME_LIVE;
	/* A regular expression, with quotes as it likes. */
	if (c == '/' && !gb_unread_is_sql(reading->language) && reading->last != GB_PIECE_WORD &&
	        reading->last != GB_PIECE_CLOSE && reading->last != GB_PIECE_NUMBER && reading->last != GB_PIECE_STRING)
		return OUTCOME_LIVE;
	if (gb_unread_is_sql(reading->language)) {
		/* What stands before it was a statement of its own. */
		if (c == ';' && reading->at > reading->from && reading->language == GB_UNREAD_SQL)
			return OUTCOME_LIVE;
		/* exception: text */
		if (c == ':' && reading->quote == 0 && reading->at < reading->from && reading->last == GB_PIECE_WORD &&
		        !reading->is_apart && reading->at + 1 < reading->text.n &&
		        reading->text.p[reading->at + 1] == ' ')
			return OUTCOME_VOID;
		/* label:select */
		if (c == ':' && reading->at + 1 < reading->text.n &&
		        gb_ascii_is_alpha(reading->text.p[reading->at + 1]))
			return OUTCOME_LIVE;
		/* = 12? no */
		if (c == '?' && reading->last == GB_PIECE_NUMBER && !reading->is_apart && reading->at > reading->from)
			return OUTCOME_VOID;
		/* 1=1 HTTP/1.1: a name for the value, and it goes on */
		if (gb_bytes_find(GB_SPAN("/:<>=?&|^"), c, 0) != SIZE_MAX && reading->last == GB_PIECE_WORD &&
		        (reading->second == GB_PIECE_NUMBER || reading->second == GB_PIECE_STRING))
			return OUTCOME_VOID;
	}
	/* Example: { … } */
	if (reading->language == GB_UNREAD_QUERY && c == ':' && reading->last == GB_PIECE_WORD &&
	        reading->second == GB_PIECE_NONE && reading->at < reading->head && reading->text.p[0] >= 'A' &&
	        reading->text.p[0] <= 'Z' && reading->at == reading->last_n &&
	        gb_span_starts(gb_span_sub(reading->text, reading->at, 3), GB_SPAN(": {")))
		return OUTCOME_VOID;
	/* The aggregation { … } */
	if (reading->language == GB_UNREAD_QUERY && (c == '{' || c == '[') && reading->last == GB_PIECE_WORD &&
	        reading->second == GB_PIECE_WORD && reading->at <= reading->head)
		return OUTCOME_VOID;
	/* script: a -> b */
	if (reading->language == GB_UNREAD_OBJECT && c == '-' && reading->at + 1 < reading->text.n &&
	        reading->text.p[reading->at + 1] == '>')
		return OUTCOME_VOID;
	/* f(x) is not.: no language lets a text end so. */
	if (c == '.' && reading->language != GB_UNREAD_SQL && reading->at + 1 == reading->text.n &&
	        reading->at > reading->head && reading->is_whole && reading->was_apart &&
	        (reading->last == GB_PIECE_WORD || reading->last == GB_PIECE_KEYWORD))
		return OUTCOME_VOID;
	reading->at++;
	reading->has_call |= c == '(' && reading->at > reading->head;
	take(reading, c == ')' || c == ']'            ? GB_PIECE_CLOSE
	              : c == '(' && reading->is_apart ? GB_PIECE_OPEN
	              : c == '}'                      ? GB_PIECE_BRACE
	                                              : GB_PIECE_NONE);
	reading->is_equal = c == '=';
	return OUTCOME_GO_ON;
}

/* A comment of SQL's before the attack; to other dialects # and -- may be operators. */
static enum outcome skip_comment(struct gb_unread_reading *reading)
{
	struct gb_span text = reading->text;
	size_t end;

	if (text.p[reading->at] == '/') {
		end = gb_bytes_find_text(text, GB_SPAN("*/"), reading->at + 2);
		if (end == SIZE_MAX || end >= reading->from)
			return OUTCOME_LIVE;
		reading->at = end + 2;
		return OUTCOME_GO_ON;
	}
	reading->at++;
	take(reading, GB_PIECE_NONE);
	return OUTCOME_GO_ON;
}

static enum outcome take_piece(struct gb_unread_reading *reading)
{
	struct gb_span rest = gb_span_sub(reading->text, reading->at, SIZE_MAX);
	const unsigned char c = rest.p[0];

	reading->start = reading->at;
	if (gb_ascii_is_space(c) || gb_span_starts(rest, GB_SPAN("\xc2\xa0"))) {
		reading->is_apart = true;
		reading->is_new_line |= c == '\n';
		reading->at += c >= 0x80 ? 2 : 1;
		return OUTCOME_GO_ON;
	}
	if (is_comment(reading->language, rest)) {
		if (!gb_unread_is_sql(reading->language) || reading->at >= reading->from)
			return OUTCOME_LIVE;
		return skip_comment(reading);
	}
	if (gb_bytes_find(QUOTE_BYTES, c, 0) != SIZE_MAX)
		return take_string(reading);
	if (gb_ascii_is_digit(c))
		return take_number(reading);
	if (gb_ascii_is_alpha(c) || c == '_' || c == '$' || c >= 0x80)
		return c == '$' && rest.n > 1 && rest.p[1] == '{' ? OUTCOME_LIVE : take_word(reading);
	return take_sign(reading);
}

/* The text within QUOTE, or bare. */
static bool is_void_in(enum gb_unread_language language, struct gb_span text, size_t from, size_t head,
        unsigned char quote, bool is_whole)
{
	struct gb_unread_reading reading = {
	        .language = language, .text = text, .from = from, .head = head, .quote = quote, .is_whole = is_whole};
	enum outcome outcome = OUTCOME_GO_ON;

	if (quote != 0) {
		reading.at = gb_bytes_find(text, quote, 0);
		if (reading.at == SIZE_MAX || reading.at >= head)
			return true;
		if (gb_bytes_find(gb_span_sub(text, 0, reading.at), '\\', 0) != SIZE_MAX)
			return false;
		reading.at++;
		reading.last = GB_PIECE_STRING;
	}
	while (outcome == OUTCOME_GO_ON && reading.at < text.n)
		outcome = take_piece(&reading);
	return outcome == OUTCOME_VOID;
}

bool gb_unread_is_void(enum gb_unread_language language, struct gb_span text, size_t from)
{
	static const unsigned char quotes[] = {0, '\'', '"', '`'};
	size_t head = from;
	const bool is_whole = text.n <= from + BEHIND_MAX;

	if (from > BEFORE_MAX)
		return false;
	text = gb_span_sub(text, 0, from + BEHIND_MAX);
	/* Without the quotes and brackets that the attack breaks out by. */
	if (gb_unread_is_sql(language))
		head += head < text.n && gb_bytes_find(QUOTE_BYTES, text.p[head], 0) != SIZE_MAX;
	else
		while (head < text.n && !gb_byte_is_name[text.p[head]] && text.p[head] < 0x80)
			head++;
	for (size_t i = 0; i < sizeof(quotes); i++)
		if (!is_void_in(language, text, from, head, quotes[i], is_whole))
			return false;
	return true;
}
