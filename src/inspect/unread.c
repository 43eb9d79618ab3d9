/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect/unread.h"

#include "inspect/bytes.h"
#include "inspect/prose.h"
#include "inspect/unread_words.h"

#define BEFORE_MAX  4096u
#define BEHIND_MAX  1024u
#define WORD_MAX    24u
#define MODE_MAX    24u
#define TAIL_MIN    12u
#define RUN_MAX     2u /* words side by side that a language may have: a type and a name */
#define QUOTE_BYTES GB_SPAN("'\"`")

enum piece {
	PIECE_NONE = 0, /* the text's beginning, an operator, a bracket that opens */
	PIECE_WORD,     /* of no meaning in the language */
	PIECE_KEYWORD,
	PIECE_NUMBER,
	PIECE_STRING,
	PIECE_OPEN,  /* ( behind a blank */
	PIECE_CLOSE, /* ) or ] */
	PIECE_BRACE, /* } */
};

struct reading {
	enum gb_unread_language language;
	struct gb_span text;
	size_t from; /* of the attack */
	size_t head; /* its first byte that breaks out of nothing */
	size_t at;
	size_t start; /* of the piece read now */
	enum piece last, second, third;
	size_t last_n;      /* of a word */
	bool has_article;   /* the word read last is one */
	unsigned run, glue; /* words side by side; of them, those that hold sentences together */
	bool is_apart;      /* a blank stands before what is read now */
	bool was_apart;     /* and before the last piece */
	bool is_new_line;
	bool is_plain;       /* the word read last is of small letters, and none of SQL's or Cypher's */
	bool has_header;     /* if (x) y, for (x) y: a word behind a bracket is the language's */
	bool has_call;       /* a bracket was opened behind the attack's begin */
	bool is_equal;       /* = stands before */
	bool is_in;          /* IN stands before */
	unsigned char quote; /* that the value is put in, or 0 */
};

enum outcome {
	OUTCOME_GO_ON = 0,
	OUTCOME_LIVE, /* the attack is read, or who knows */
	OUTCOME_VOID,
};

static void take(struct reading *reading, enum piece piece)
{
	if (piece != PIECE_WORD)
		reading->run = reading->glue = 0;
	reading->was_apart = reading->is_apart;
	reading->third = reading->second;
	reading->second = reading->last;
	reading->last = piece;
	reading->is_apart = reading->is_new_line = reading->is_equal = reading->is_in = false;
}

static bool is_operand_end(enum piece piece)
{
	return piece == PIECE_CLOSE || piece == PIECE_STRING;
}

/* Whether the word read last stands behind a finished value, or a keyword does that stands there. */
static bool is_behind_operand(const struct reading *reading)
{
	return is_operand_end(reading->second) || (reading->second == PIECE_KEYWORD && is_operand_end(reading->third));
}

/* Whether PIECE cannot stand behind what was read last. */
static bool is_broken(const struct reading *reading, enum piece piece)
{
	const bool is_operand = piece == PIECE_WORD || piece == PIECE_NUMBER || piece == PIECE_STRING;

	if (!is_operand)
		return false;
	switch (reading->language) {
	case GB_UNREAD_SQL:
	case GB_UNREAD_CONDITION:
		/* Before the attack: 2024-01-01 10:00. Anywhere: maybe 5 hrs, 1 (tropical algebra). */
		if (piece == PIECE_NUMBER)
			return reading->last == PIECE_NUMBER && reading->is_apart && reading->at < reading->from;
		/* name.conf' in front of a string */
		if (piece == PIECE_STRING)
			return reading->last == PIECE_WORD && !reading->is_apart && reading->last_n > 2 &&
			       reading->at < reading->from;
		if (reading->is_in)
			return true;
		if (piece == PIECE_WORD && reading->last == PIECE_WORD && reading->second == PIECE_OPEN &&
		        reading->third == PIECE_NUMBER)
			return true;
		/* CASE in: f(a) rather than CASE */
		if (piece == PIECE_WORD && reading->last == PIECE_WORD && reading->second == PIECE_CLOSE &&
		        reading->glue != 0)
			return true;
		/* ``` behind a quote: ```sql */
		if (piece == PIECE_WORD && reading->last == PIECE_STRING && !reading->is_apart &&
		        reading->text.p[reading->start - 1] == '`')
			return true;
		return piece == PIECE_WORD && reading->last == PIECE_NUMBER && reading->second == PIECE_WORD &&
		       reading->is_apart && reading->was_apart;
	case GB_UNREAD_QUERY:
		/* { … } finds both */
		if (piece == PIECE_WORD && reading->last == PIECE_WORD && reading->second == PIECE_BRACE &&
		        !reading->is_new_line && reading->is_plain)
			return true;
		/* f(x) is the same */
		return piece == PIECE_WORD && reading->last == PIECE_WORD && reading->glue != 0 &&
		       !reading->is_new_line && is_behind_operand(reading);
	case GB_UNREAD_OBJECT:
	case GB_UNREAD_CODE:
		/* [Math]::Round(2) returns 2 */
		if (piece == PIECE_NUMBER)
			return reading->last == PIECE_WORD && reading->is_apart && is_behind_operand(reading);
		/* script: x'y' */
		if (piece == PIECE_STRING && reading->language == GB_UNREAD_OBJECT && !reading->is_apart &&
		        reading->last == PIECE_WORD && reading->text.p[reading->at] != '`')
			return true;
		if (piece != PIECE_WORD || reading->is_new_line || reading->has_header)
			return false;
		/* 'It's */
		if (reading->last == PIECE_STRING && !reading->is_apart)
			return true;
		/* f('x') gives you, f('x') is the same: two words at least */
		return reading->last == PIECE_WORD && is_behind_operand(reading);
	}
	return false;
}

static enum outcome take_word(struct reading *reading)
{
	struct gb_span text = reading->text, word;
	size_t end = reading->at + 1;

	while (end < text.n && (gb_byte_is_name[text.p[end]] || text.p[end] >= 0x80))
		end++;
	word = gb_span_sub(text, reading->at, end - reading->at);
	reading->at = end;
	if (word.n <= WORD_MAX && gb_unread_is_keyword(reading->language, word)) {
		reading->has_header |=
		        gb_span_equal_nocase(word, GB_SPAN("if")) || gb_span_equal_nocase(word, GB_SPAN("for")) ||
		        gb_span_equal_nocase(word, GB_SPAN("while")) || gb_span_equal_nocase(word, GB_SPAN("with")) ||
		        gb_span_equal_nocase(word, GB_SPAN("catch"));
		take(reading, PIECE_KEYWORD);
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
	if (reading->last == PIECE_NUMBER && !reading->is_apart)
		return OUTCOME_GO_ON;
	if (is_broken(reading, PIECE_WORD))
		return OUTCOME_VOID;
	/* The attack is no word of a sentence, and lines of a protocol are none. */
	if ((reading->is_new_line && reading->language == GB_UNREAD_QUERY) ||
	        (reading->at >= reading->head && reading->at - word.n <= reading->head))
		reading->run = reading->glue = 0;
	reading->run++;
	reading->glue += gb_unread_is_glue(reading->language, word);
	if (reading->glue != 0 && (reading->run > RUN_MAX || (reading->run == RUN_MAX && reading->has_article)))
		return OUTCOME_VOID;
	take(reading, PIECE_WORD);
	reading->last_n = word.n;
	reading->has_article = gb_unread_is_article(word);
	reading->is_plain = gb_unread_is_plain(word);
	return OUTCOME_GO_ON;
}

static enum outcome take_number(struct reading *reading)
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
	if (is_broken(reading, PIECE_NUMBER) || (dots == 3 && reading->at < reading->from))
		return OUTCOME_VOID;
	reading->at = end;
	take(reading, PIECE_NUMBER);
	return OUTCOME_GO_ON;
}

/* `"}`, `" for 192.0.2.1 at noon`: more of a line or an object, no string that somebody compares with. */
static bool is_tail(struct gb_span text)
{
	return (text.n != 0 && gb_bytes_find(GB_SPAN("}]"), text.p[0], 0) != SIZE_MAX) ||
	       (text.n > TAIL_MIN && text.p[0] == ' ' && gb_bytes_find(gb_span_trim(text), ' ', 0) != SIZE_MAX);
}

/* A string that begins here. */
static enum outcome take_string(struct reading *reading)
{
	struct gb_span text = reading->text;
	const unsigned char quote = text.p[reading->at];
	const size_t open = reading->at;
	size_t close = gb_bytes_find(text, quote, open + 1);

	const bool is_around = open < reading->from && (close == SIZE_MAX || close >= reading->head);

	if (is_broken(reading, PIECE_STRING))
		return OUTCOME_VOID;
	/* What stands in a string may be code of another interpreter: sh -c "…". */
	if (is_around && !gb_unread_is_sql(reading->language)) {
		reading->at++;
		take(reading, PIECE_NONE);
		return OUTCOME_GO_ON;
	}
	if (is_around || (gb_unread_is_sql(reading->language) && open == reading->from && open != 0))
		return OUTCOME_VOID;
	/* The value's own quote is closed by what the application goes on with; no other is. */
	if (close == SIZE_MAX && gb_unread_is_sql(reading->language) && reading->quote != 0 &&
	        reading->quote != quote && is_tail(gb_span_sub(text, open + 1, SIZE_MAX)))
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
	take(reading, PIECE_STRING);
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

static enum outcome take_sign(struct reading *reading)
{
	const unsigned char c = reading->text.p[reading->at];

	/* What may begin an expression of its own within a text. */
	if (c == '\\' || (reading->language == GB_UNREAD_CODE && reading->at < reading->head &&
	                         (c == '{' || c == '<' || c == '%')))
		return OUTCOME_LIVE;
	/* A regular expression, with quotes as it likes. */
	if (c == '/' && !gb_unread_is_sql(reading->language) && reading->last != PIECE_WORD &&
	        reading->last != PIECE_CLOSE && reading->last != PIECE_NUMBER && reading->last != PIECE_STRING)
		return OUTCOME_LIVE;
	if (gb_unread_is_sql(reading->language)) {
		/* What stands before it was a statement of its own. */
		if (c == ';' && reading->at > reading->from && reading->language == GB_UNREAD_SQL)
			return OUTCOME_LIVE;
		/* exception: text */
		if (c == ':' && reading->quote == 0 && reading->at < reading->from && reading->last == PIECE_WORD &&
		        !reading->is_apart && reading->at + 1 < reading->text.n &&
		        reading->text.p[reading->at + 1] == ' ')
			return OUTCOME_VOID;
		/* label:select */
		if (c == ':' && reading->at + 1 < reading->text.n &&
		        gb_ascii_is_alpha(reading->text.p[reading->at + 1]))
			return OUTCOME_LIVE;
		/* 1=1 HTTP/1.1: a name for the value, and it goes on */
		if (gb_bytes_find(GB_SPAN("/:<>=?&|^"), c, 0) != SIZE_MAX && reading->last == PIECE_WORD &&
		        (reading->second == PIECE_NUMBER || reading->second == PIECE_STRING))
			return OUTCOME_VOID;
	}
	/* The aggregation { … } */
	if (reading->language == GB_UNREAD_QUERY && (c == '{' || c == '[') && reading->last == PIECE_WORD &&
	        reading->second == PIECE_WORD && reading->at <= reading->head)
		return OUTCOME_VOID;
	/* script: a -> b */
	if (reading->language == GB_UNREAD_OBJECT && c == '-' && reading->at + 1 < reading->text.n &&
	        reading->text.p[reading->at + 1] == '>')
		return OUTCOME_VOID;
	reading->at++;
	reading->has_call |= c == '(' && reading->at > reading->head;
	take(reading, c == ')' || c == ']'            ? PIECE_CLOSE
	              : c == '(' && reading->is_apart ? PIECE_OPEN
	              : c == '}'                      ? PIECE_BRACE
	                                              : PIECE_NONE);
	reading->is_equal = c == '=';
	return OUTCOME_GO_ON;
}

/* A comment of SQL's before the attack; to other dialects # and -- may be operators. */
static enum outcome skip_comment(struct reading *reading)
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
	take(reading, PIECE_NONE);
	return OUTCOME_GO_ON;
}

static enum outcome take_piece(struct reading *reading)
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
static bool is_void_in(
        enum gb_unread_language language, struct gb_span text, size_t from, size_t head, unsigned char quote)
{
	struct reading reading = {.language = language, .text = text, .from = from, .head = head, .quote = quote};
	enum outcome outcome = OUTCOME_GO_ON;

	if (quote != 0) {
		reading.at = gb_bytes_find(text, quote, 0);
		if (reading.at == SIZE_MAX || reading.at >= head)
			return true;
		if (gb_bytes_find(gb_span_sub(text, 0, reading.at), '\\', 0) != SIZE_MAX)
			return false;
		reading.at++;
		reading.last = PIECE_STRING;
	}
	while (outcome == OUTCOME_GO_ON && reading.at < text.n)
		outcome = take_piece(&reading);
	return outcome == OUTCOME_VOID;
}

bool gb_unread_is_void(enum gb_unread_language language, struct gb_span text, size_t from)
{
	static const unsigned char quotes[] = {0, '\'', '"', '`'};
	size_t head = from;

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
		if (!is_void_in(language, text, from, head, quotes[i]))
			return false;
	return true;
}
