/* SPDX-License-Identifier: Apache-2.0 */
/* Constructs of Windows' cmd, read by hand: as an automaton they would be ten times the size. */
#include "inspect/lex/lex.h"

/* Longest construct looked for; keeps every attempt short. */
#define CONSTRUCT_MAX 300u

struct cursor {
	struct gb_span text;
	size_t at;
};

static unsigned char peek(const struct cursor *cursor)
{
	return cursor->at < cursor->text.n ? cursor->text.p[cursor->at] : 0;
}

static bool is_blank(unsigned char c)
{
	return c == ' ' || c == '\t';
}

/* Blanks; false when there are none. */
static bool take_blanks(struct cursor *cursor)
{
	size_t start = cursor->at;

	while (is_blank(peek(cursor)))
		cursor->at++;
	return cursor->at > start;
}

static bool take_word(struct cursor *cursor, struct gb_span word)
{
	if (!gb_span_equal_nocase(gb_span_sub(cursor->text, cursor->at, word.n), word))
		return false;
	cursor->at += word.n;
	return true;
}

static bool take_byte(struct cursor *cursor, unsigned char c)
{
	if (peek(cursor) != c)
		return false;
	cursor->at++;
	return true;
}

/* "…" on one line. */
static bool take_quoted(struct cursor *cursor)
{
	size_t close = gb_span_find_byte(cursor->text, '"', cursor->at + 1);

	if (peek(cursor) != '"' || close == SIZE_MAX ||
	        gb_span_find_byte(gb_span_sub(cursor->text, cursor->at, close - cursor->at), '\n', 0) != SIZE_MAX)
		return false;
	cursor->at = close + 1;
	return true;
}

/* Bytes up to a blank, a line's end or C; false when there are none. */
static bool take_until(struct cursor *cursor, unsigned char c)
{
	size_t start = cursor->at;

	while (peek(cursor) != 0 && peek(cursor) != '\n' && peek(cursor) != c && !is_blank(peek(cursor)))
		cursor->at++;
	return cursor->at > start;
}

/* `"x"`, `%x%`, `x`. */
static bool take_operand(struct cursor *cursor)
{
	return take_quoted(cursor) || take_until(cursor, '=');
}

/* for /f "delims=" %i in ('dir') do */
static bool take_for(struct cursor *cursor)
{
	size_t close;

	if (!take_word(cursor, GB_SPAN("for")) || !take_blanks(cursor))
		return false;
	while (peek(cursor) == '/') {
		cursor->at++;
		if (!gb_ascii_is_alpha(peek(cursor)))
			return false;
		cursor->at++;
		if (!take_blanks(cursor))
			return false;
		if (peek(cursor) == '%' || peek(cursor) == '/')
			continue;
		take_byte(cursor, '\\');
		if (!take_quoted(cursor) && !take_until(cursor, '%'))
			return false;
		if (!take_blanks(cursor))
			return false;
	}
	if (!take_byte(cursor, '%'))
		return false;
	take_byte(cursor, '%');
	if (!take_until(cursor, '%') || !take_blanks(cursor) || !take_word(cursor, GB_SPAN("in")))
		return false;
	take_blanks(cursor);
	if (!take_byte(cursor, '('))
		return false;
	/* The last parenthesis of the line that `do` follows. */
	for (close = cursor->at; close < cursor->text.n && cursor->text.p[close] != '\n'; close++) {
		struct cursor behind = {.text = cursor->text, .at = close + 1};
		unsigned char next;

		if (cursor->text.p[close] != ')')
			continue;
		take_blanks(&behind);
		if (!take_word(&behind, GB_SPAN("do")))
			continue;
		next = peek(&behind);
		if (behind.at == behind.text.n || gb_ascii_is_alpha(next) || gb_ascii_is_digit(next) || next == '_')
			continue;
		cursor->at = behind.at + 1;
		return true;
	}
	return false;
}

static bool take_comparison(struct cursor *cursor)
{
	static const struct gb_span words[] = {{(const unsigned char *)"equ", 3}, {(const unsigned char *)"neq", 3},
	        {(const unsigned char *)"lss", 3}, {(const unsigned char *)"leq", 3}, {(const unsigned char *)"gtr", 3},
	        {(const unsigned char *)"geq", 3}};
	const bool is_quoted = peek(cursor) == '"';
	const bool is_marked = is_quoted || peek(cursor) == '%';
	bool is_apart;

	if (!take_operand(cursor))
		return false;
	is_apart = take_blanks(cursor);
	if (is_marked && take_word(cursor, GB_SPAN("=="))) {
		take_blanks(cursor);
		return is_quoted ? take_quoted(cursor) : take_operand(cursor);
	}
	for (size_t i = 0; is_apart && i < sizeof(words) / sizeof(words[0]); i++)
		if (take_word(cursor, words[i]))
			return take_blanks(cursor) && take_operand(cursor);
	return false;
}

/* if not exist C:\x … */
static bool take_if(struct cursor *cursor)
{
	size_t start;

	if (!take_word(cursor, GB_SPAN("if")) || !take_blanks(cursor))
		return false;
	if (take_word(cursor, GB_SPAN("/i")) && !take_blanks(cursor))
		return false;
	start = cursor->at;
	if (!take_word(cursor, GB_SPAN("not")) || !take_blanks(cursor))
		cursor->at = start;
	start = cursor->at;
	if ((take_word(cursor, GB_SPAN("exist")) || take_word(cursor, GB_SPAN("defined"))) && take_blanks(cursor)) {
		if (!take_operand(cursor))
			return false;
	} else {
		cursor->at = start;
		if (take_word(cursor, GB_SPAN("errorlevel")) && take_blanks(cursor) &&
		        gb_ascii_is_digit(peek(cursor))) {
			while (gb_ascii_is_digit(peek(cursor)))
				cursor->at++;
		} else {
			cursor->at = start;
			if (!take_comparison(cursor))
				return false;
		}
	}
	if (!take_blanks(cursor))
		return false;
	return gb_ascii_is_alpha(peek(cursor)) || peek(cursor) == '(' || peek(cursor) == '"' || peek(cursor) == '@';
}

size_t gb_lex_cmd_construct(struct gb_span text, size_t from)
{
	struct cursor cursor = {.text = gb_span_sub(text, from, CONSTRUCT_MAX)};
	unsigned char c = gb_ascii_lower(peek(&cursor));

	if (from > 0 && (gb_ascii_is_alpha(text.p[from - 1]) || text.p[from - 1] == '_'))
		return 0;
	if (c == 'f' ? take_for(&cursor) : c == 'i' && take_if(&cursor))
		return cursor.at;
	return 0;
}
