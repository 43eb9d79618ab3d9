/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect/unread.h"

#include "inspect/bytes.h"
#include "inspect/lex/sql_words.h"
#include "inspect/prose.h"

#define BEFORE_MAX  4096u
#define BEHIND_MAX  1024u
#define WORD_MAX    24u
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
};

struct reading {
	enum gb_unread_language language;
	struct gb_span text;
	size_t from; /* of the attack */
	size_t head; /* its first byte that breaks out of nothing */
	size_t at;
	enum piece last, second, third;
	unsigned run, glue; /* words side by side; of them, those that hold sentences together */
	bool is_apart;      /* a blank stands before what is read now */
	bool was_apart;     /* and before the last piece */
	bool is_new_line;
	bool has_header; /* if (x) y, for (x) y: a word behind a bracket is the language's */
	bool has_call;   /* a bracket was opened behind the attack's begin */
	bool is_equal;   /* = stands before */
};

enum outcome {
	OUTCOME_GO_ON = 0,
	OUTCOME_LIVE, /* the attack is read, or who knows */
	OUTCOME_VOID,
};

static bool in_words(struct gb_span word, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (gb_span_equal_nocase(word, gb_span_cstr(words[i])))
			return true;
	return false;
}

static bool is_keyword(enum gb_unread_language language, struct gb_span word)
{
	static const char *const script[] = {"var", "let", "const", "new", "return", "throw", "typeof", "function",
	        "class", "extends", "in", "of", "else", "if", "for", "while", "do", "void", "delete", "instanceof",
	        "async", "await", "yield", "try", "catch", "finally", "case", "import", "export", "default", "from",
	        "as", "static", "get", "set", "with", "switch", "break", "continue"};
	static const char *const code[] = {"and", "or", "not", "is", "if", "then", "end", "unless", "until", "print",
	        "puts", "echo", "def", "lambda", "pass", "raise", "assert", "del", "global", "except", "elif", "public",
	        "private", "begin", "rescue", "use", "require", "include", "my", "our", "xor"};

	if (language == GB_UNREAD_SQL) {
		enum gb_sql_word kind = gb_sql_word_of(word);

		return kind != GB_SQL_UNKNOWN && kind != GB_SQL_PROSE;
	}
	return in_words(word, script, sizeof(script) / sizeof(script[0])) ||
	       (language == GB_UNREAD_CODE && in_words(word, code, sizeof(code) / sizeof(code[0])));
}

static void take(struct reading *reading, enum piece piece)
{
	if (piece != PIECE_WORD)
		reading->run = reading->glue = 0;
	reading->was_apart = reading->is_apart;
	reading->third = reading->second;
	reading->second = reading->last;
	reading->last = piece;
	reading->is_apart = reading->is_new_line = reading->is_equal = false;
}

/* Words of sentences that statements have too. */
static bool is_sentence_glue(enum gb_unread_language language, struct gb_span word)
{
	static const char *const words[] = {"a", "an", "of", "to", "after", "before", "instead", "without", "some",
	        "every", "has", "does", "each", "either", "since", "through"};

	return gb_prose_is_glue(word) && ((language != GB_UNREAD_SQL && language != GB_UNREAD_QUERY) ||
	                                         !in_words(word, words, sizeof(words) / sizeof(words[0])));
}

static bool is_operand_end(enum piece piece)
{
	return piece == PIECE_CLOSE || piece == PIECE_STRING;
}

/* Whether PIECE cannot stand behind what was read last. */
static bool is_broken(const struct reading *reading, enum piece piece)
{
	const bool is_operand = piece == PIECE_WORD || piece == PIECE_NUMBER || piece == PIECE_STRING;

	if (!is_operand)
		return false;
	switch (reading->language) {
	case GB_UNREAD_SQL:
		/* Before the attack: 2024-01-01 10:00. Anywhere: maybe 5 hrs, 1 (tropical algebra). */
		if (piece == PIECE_NUMBER)
			return reading->last == PIECE_NUMBER && reading->is_apart && reading->at < reading->from;
		if (piece == PIECE_WORD && reading->last == PIECE_WORD && reading->second == PIECE_OPEN &&
		        reading->third == PIECE_NUMBER)
			return true;
		return piece == PIECE_WORD && reading->last == PIECE_NUMBER && reading->second == PIECE_WORD &&
		       reading->is_apart && reading->was_apart;
	case GB_UNREAD_QUERY: return false;
	case GB_UNREAD_OBJECT:
	case GB_UNREAD_CODE:
		if (piece != PIECE_WORD || reading->is_new_line || reading->has_header)
			return false;
		/* 'It's */
		if (reading->last == PIECE_STRING && !reading->is_apart)
			return true;
		/* f('x') gives you, f('x') is the same: two words at least */
		return reading->last == PIECE_WORD &&
		       (is_operand_end(reading->second) ||
		               (reading->second == PIECE_KEYWORD && is_operand_end(reading->third)));
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
	if (word.n <= WORD_MAX && is_keyword(reading->language, word)) {
		reading->has_header |=
		        gb_span_equal_nocase(word, GB_SPAN("if")) || gb_span_equal_nocase(word, GB_SPAN("for")) ||
		        gb_span_equal_nocase(word, GB_SPAN("while")) || gb_span_equal_nocase(word, GB_SPAN("with")) ||
		        gb_span_equal_nocase(word, GB_SPAN("catch"));
		take(reading, PIECE_KEYWORD);
		return OUTCOME_GO_ON;
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
	reading->glue += is_sentence_glue(reading->language, word);
	if (reading->run > RUN_MAX && reading->glue != 0)
		return OUTCOME_VOID;
	take(reading, PIECE_WORD);
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
	if (is_around && reading->language != GB_UNREAD_SQL) {
		reading->at++;
		take(reading, PIECE_NONE);
		return OUTCOME_GO_ON;
	}
	if (is_around || (reading->language == GB_UNREAD_SQL && open == reading->from && open != 0))
		return OUTCOME_VOID;
	if (close == SIZE_MAX)
		return reading->language == GB_UNREAD_SQL && reading->is_equal && !reading->has_call &&
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
	return gb_span_starts(rest, language == GB_UNREAD_SQL ? GB_SPAN("--") : GB_SPAN("//"));
}

static enum outcome take_sign(struct reading *reading)
{
	const unsigned char c = reading->text.p[reading->at];

	/* What may begin an expression of its own within a text. */
	if (c == '\\' || (reading->language == GB_UNREAD_CODE && reading->at < reading->head &&
	                         (c == '{' || c == '<' || c == '%')))
		return OUTCOME_LIVE;
	/* A regular expression, with quotes as it likes. */
	if (c == '/' && reading->language != GB_UNREAD_SQL && reading->last != PIECE_WORD &&
	        reading->last != PIECE_CLOSE && reading->last != PIECE_NUMBER)
		return OUTCOME_LIVE;
	if (reading->language == GB_UNREAD_SQL) {
		/* What stands before it was a statement of its own. */
		if (c == ';' && reading->at > reading->from)
			return OUTCOME_LIVE;
		/* 1=1 HTTP/1.1: a name for the value, and it goes on */
		if (gb_bytes_find(GB_SPAN("/:<>=?&|^"), c, 0) != SIZE_MAX && reading->last == PIECE_WORD &&
		        (reading->second == PIECE_NUMBER || reading->second == PIECE_STRING))
			return OUTCOME_VOID;
	}
	reading->at++;
	reading->has_call |= c == '(' && reading->at > reading->head;
	take(reading, c == ')' || c == ']' ? PIECE_CLOSE : c == '(' && reading->is_apart ? PIECE_OPEN : PIECE_NONE);
	reading->is_equal = c == '=';
	return OUTCOME_GO_ON;
}

static enum outcome take_piece(struct reading *reading)
{
	struct gb_span rest = gb_span_sub(reading->text, reading->at, SIZE_MAX);
	const unsigned char c = rest.p[0];

	if (gb_ascii_is_space(c) || gb_span_starts(rest, GB_SPAN("\xc2\xa0"))) {
		reading->is_apart = true;
		reading->is_new_line |= c == '\n';
		reading->at += c >= 0x80 ? 2 : 1;
		return OUTCOME_GO_ON;
	}
	if (is_comment(reading->language, rest))
		return OUTCOME_LIVE;
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
	struct reading reading = {.language = language, .text = text, .from = from, .head = head};
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
	if (language == GB_UNREAD_SQL)
		head += head < text.n && gb_bytes_find(QUOTE_BYTES, text.p[head], 0) != SIZE_MAX;
	else
		while (head < text.n && !gb_byte_is_name[text.p[head]] && text.p[head] < 0x80)
			head++;
	for (size_t i = 0; i < sizeof(quotes); i++)
		if (!is_void_in(language, text, from, head, quotes[i]))
			return false;
	return true;
}
