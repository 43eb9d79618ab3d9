/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect/lex/nosql.h"
#include "inspect/lex/cursor.h"

/* No construct here is longer; keeps work linear however many beginnings a text has. */
#define CONSTRUCT_MAX 200u

static unsigned word_of(struct gb_span name)
{
	return gb_words_find(&gb_nosql_words, name);
}

static struct gb_cursor open_at(struct gb_span whole, size_t from)
{
	return (struct gb_cursor){.text = gb_span_sub(whole, from, CONSTRUCT_MAX)};
}

static bool take_operator(struct gb_cursor *cursor)
{
	unsigned word;

	if (!gb_cursor_take(cursor, '$'))
		return false;
	word = word_of(gb_cursor_take_name(cursor, ""));
	return (word & GB_NOSQL_OPERATOR) != 0 ||
	       ((word & GB_NOSQL_BRACKETED) != 0 && gb_cursor_peek(cursor, 0) == ']');
}

size_t gb_lex_nosql_operator(struct gb_span whole, size_t from)
{
	struct gb_cursor cursor = open_at(whole, from);

	return take_operator(&cursor) ? cursor.at : 0;
}

size_t gb_lex_nosql_pair(struct gb_span whole, size_t from)
{
	struct gb_cursor cursor = open_at(whole, from), type;

	if (!take_operator(&cursor))
		return 0;
	gb_cursor_take_any(&cursor, "\"'");
	gb_cursor_skip_blanks(&cursor);
	if (!gb_cursor_take(&cursor, ':') || gb_cursor_peek(&cursor, 0) == ':')
		return 0;
	/* A variable of GraphQL and its type. */
	type = cursor;
	gb_cursor_skip_any(&type, "[");
	if (gb_cursor_peek(&type, 0) >= 'A' && gb_cursor_peek(&type, 0) <= 'Z') {
		gb_cursor_take_name(&type, "");
		gb_cursor_skip_blanks(&type);
		if (gb_cursor_peek(&type, 0) != '(')
			return 0;
	}
	return cursor.at;
}

/* sleep(…), Math.…, this[…] */
static bool take_call(struct gb_cursor *cursor)
{
	struct gb_cursor behind = *cursor;
	const unsigned word = word_of(gb_cursor_take_name(&behind, "$"));

	if (word == 0)
		return false;
	gb_cursor_skip_blanks(&behind);
	if (!((word & GB_NOSQL_CALL) != 0 && gb_cursor_take(&behind, '(')) &&
	        !((word & GB_NOSQL_HOST) != 0 && gb_cursor_take_any(&behind, ".[") != 0))
		return false;
	*cursor = behind;
	return true;
}

static bool take_value(struct gb_cursor *cursor)
{
	return gb_cursor_take_string(cursor) || gb_cursor_take_number(cursor) ||
	       gb_cursor_take_name(cursor, "$").n != 0;
}

/* `==` and its kind; with HAS_ORDER also `<` and its kind. */
static bool take_comparison(struct gb_cursor *cursor, bool has_order)
{
	if (gb_cursor_take_text(cursor, GB_SPAN("==")) || gb_cursor_take_text(cursor, GB_SPAN("!=")) ||
	        (has_order && gb_cursor_take_any(cursor, "<>") != 0)) {
		gb_cursor_take(cursor, '=');
		return true;
	}
	return false;
}

static bool take_compared(struct gb_cursor *cursor, bool has_quote)
{
	struct gb_cursor behind = *cursor;
	bool is_literal;

	if (!take_value(&behind))
		return false;
	is_literal = !gb_ascii_is_alpha(gb_cursor_peek(cursor, 0));
	gb_cursor_skip_blanks(&behind);
	if (!take_comparison(&behind, has_quote && is_literal))
		return false;
	*cursor = behind;
	return true;
}

static bool take_constant(struct gb_cursor *cursor)
{
	return gb_cursor_take_word(cursor, GB_SPAN("true")) || gb_cursor_take_text(cursor, GB_SPAN("!0")) ||
	       gb_cursor_take_number(cursor);
}

/* A value that script goes on with behind || and &&. */
static bool take_operand(struct gb_cursor *cursor, bool has_quote)
{
	struct gb_cursor behind;
	unsigned char c;

	if (take_call(cursor) || take_compared(cursor, has_quote))
		return true;
	behind = *cursor;
	if (gb_cursor_take_word(&behind, GB_SPAN("new")) && gb_cursor_skip_blanks(&behind) &&
	        gb_cursor_take_name(&behind, "").n != 0)
		goto found;
	behind = *cursor;
	if (gb_cursor_take_word(&behind, GB_SPAN("typeof")))
		goto found;
	if (gb_cursor_take(&behind, '/')) {
		/* /…/.test( */
		while ((c = gb_cursor_peek(&behind, 0)) > ' ' && c != '/')
			behind.at++;
		if (!gb_cursor_take(&behind, '/'))
			return false;
		gb_cursor_take_name(&behind, "");
		if (gb_cursor_take_text(&behind, GB_SPAN(".test")) || gb_cursor_take_text(&behind, GB_SPAN(".exec")))
			goto found;
		return false;
	}
	if (!take_constant(&behind))
		return false;
	gb_cursor_skip_blanks(&behind);
	if (gb_cursor_take_any(&behind, ";}") != 0 || gb_cursor_take_text(&behind, GB_SPAN("//")) ||
	        gb_cursor_take_text(&behind, GB_SPAN("&&")) || gb_cursor_take_text(&behind, GB_SPAN("||")))
		goto found;
	return false;
found:
	*cursor = behind;
	return true;
}

static bool take_binding(struct gb_cursor *cursor)
{
	struct gb_cursor behind = *cursor;

	if (!gb_cursor_take_word(&behind, GB_SPAN("var")) && !gb_cursor_take_word(&behind, GB_SPAN("let")) &&
	        !gb_cursor_take_word(&behind, GB_SPAN("const")))
		return false;
	if (!gb_cursor_skip_blanks(&behind) || gb_cursor_take_name(&behind, "$").n == 0)
		return false;
	*cursor = behind;
	return true;
}

/* In the parentheses of `while` and its kind. */
static bool take_condition(struct gb_cursor *cursor, bool has_quote)
{
	return take_call(cursor) || take_compared(cursor, has_quote) || gb_cursor_take_any(cursor, "!;(1") != 0 ||
	       gb_cursor_take_word(cursor, GB_SPAN("true")) || take_binding(cursor);
}

/* RETURN has been read: a value comes, or its parenthesis or quote; a sentence would go on with a word. */
static bool take_returned(struct gb_cursor *cursor)
{
	const bool is_apart = gb_cursor_skip_blanks(cursor);
	const unsigned char c = gb_cursor_peek(cursor, 0);

	if (gb_cursor_take_any(cursor, "('\"!;") != 0 || gb_ascii_is_digit(c))
		return true;
	if (!is_apart || gb_cursor_is_end(cursor))
		return false;
	if (c < 'a' || c > 'z')
		return true;
	return gb_cursor_take_word(cursor, GB_SPAN("true")) || gb_cursor_take_word(cursor, GB_SPAN("false")) ||
	       gb_cursor_take_word(cursor, GB_SPAN("this")) || gb_cursor_take_word(cursor, GB_SPAN("null")) ||
	       gb_cursor_take_word(cursor, GB_SPAN("new")) || take_call(cursor);
}

/* name = new X, name = function, name = sleep(…) */
static bool take_assigned(struct gb_cursor *cursor)
{
	gb_cursor_skip_blanks(cursor);
	if (!gb_cursor_take(cursor, '='))
		return false;
	gb_cursor_skip_blanks(cursor);
	return gb_cursor_take_word(cursor, GB_SPAN("new")) || gb_cursor_take_word(cursor, GB_SPAN("function")) ||
	       take_call(cursor);
}

static bool take_statement(struct gb_cursor *cursor, bool has_quote)
{
	struct gb_span name;

	if (take_call(cursor))
		return true;
	if (take_binding(cursor)) {
		gb_cursor_skip_blanks(cursor);
		return gb_cursor_take_any(cursor, "=;,") != 0;
	}
	name = gb_cursor_take_name(cursor, "$");
	if (name.n == 0)
		return false;
	if (gb_span_equal_nocase(name, GB_SPAN("return")))
		return take_returned(cursor);
	if (gb_span_equal_nocase(name, GB_SPAN("function"))) {
		gb_cursor_skip_blanks(cursor);
		gb_cursor_take_name(cursor, "$");
		gb_cursor_skip_blanks(cursor);
		return gb_cursor_take(cursor, '(');
	}
	if (gb_span_equal_nocase(name, GB_SPAN("throw")))
		return gb_cursor_skip_blanks(cursor) && take_value(cursor);
	if (gb_span_equal_nocase(name, GB_SPAN("do")) || gb_span_equal_nocase(name, GB_SPAN("try"))) {
		gb_cursor_skip_blanks(cursor);
		return gb_cursor_take(cursor, '{');
	}
	if (gb_span_equal_nocase(name, GB_SPAN("while")) || gb_span_equal_nocase(name, GB_SPAN("for")) ||
	        gb_span_equal_nocase(name, GB_SPAN("if")) || gb_span_equal_nocase(name, GB_SPAN("with")) ||
	        gb_span_equal_nocase(name, GB_SPAN("switch"))) {
		gb_cursor_skip_blanks(cursor);
		if (!gb_cursor_take(cursor, '('))
			return false;
		gb_cursor_skip_blanks(cursor);
		return take_condition(cursor, has_quote);
	}
	return take_assigned(cursor);
}

/* name: with or without quotes. */
static bool take_key(struct gb_cursor *cursor)
{
	gb_cursor_take_any(cursor, "\"'");
	gb_cursor_take(cursor, '$');
	if (gb_cursor_take_name(cursor, "").n == 0)
		return false;
	gb_cursor_take_any(cursor, "\"'");
	gb_cursor_skip_blanks(cursor);
	return gb_cursor_take(cursor, ':');
}

/* `, $where: …`: the next member, of operators; the comma has been read. */
static bool take_member(struct gb_cursor *cursor)
{
	size_t dollar;

	gb_cursor_skip_any(cursor, "{");
	dollar = cursor->at + (gb_cursor_peek(cursor, 0) == '"' || gb_cursor_peek(cursor, 0) == '\'');
	return dollar < cursor->text.n && cursor->text.p[dollar] == '$' && take_key(cursor);
}

/* `}, {name: {$ne…`: the next document of a list; the brace has been read. */
static bool take_document(struct gb_cursor *cursor)
{
	gb_cursor_skip_blanks(cursor);
	if (!gb_cursor_take(cursor, ','))
		return false;
	gb_cursor_skip_blanks(cursor);
	if (!gb_cursor_take(cursor, '{') && gb_cursor_peek(cursor, 0) != '\'' && gb_cursor_peek(cursor, 0) != '"')
		return false;
	gb_cursor_skip_blanks(cursor);
	if (!take_key(cursor))
		return false;
	gb_cursor_skip_blanks(cursor);
	if (gb_cursor_take(cursor, '{')) {
		gb_cursor_skip_blanks(cursor);
		gb_cursor_take_any(cursor, "\"'");
		return gb_cursor_take(cursor, '$');
	}
	/* {name: 1}: what of each document is to be given out. */
	return gb_cursor_take_any(cursor, "/$'\"[01") != 0 || gb_cursor_take_word(cursor, GB_SPAN("true"));
}

/* `}).limit(`: the call is closed, and its result called; FROM is at the first bracket that closes. */
static size_t take_chained(struct gb_cursor cursor)
{
	bool has_closed = false;

	while (!gb_cursor_is_end(&cursor)) {
		gb_cursor_skip_blanks(&cursor);
		if (gb_cursor_take(&cursor, ')'))
			has_closed = true;
		else if (gb_cursor_take_any(&cursor, "}]") == 0)
			break;
	}
	if (!has_closed || !gb_cursor_take(&cursor, '.') || gb_cursor_take_name(&cursor, "$").n < 2)
		return 0;
	return gb_cursor_take(&cursor, '(') ? cursor.at : 0;
}

size_t gb_lex_nosql_break_out(struct gb_span whole, size_t from, bool has_quote)
{
	struct gb_cursor cursor = open_at(whole, from), closed;
	bool is_found = false;
	unsigned char c;

	if (has_quote && take_chained(cursor) != 0)
		return take_chained(cursor);
	gb_cursor_skip_any(&cursor, ")]");
	closed = cursor;
	if (gb_cursor_take(&closed, '}') && take_document(&closed))
		return closed.at;
	gb_cursor_skip_any(&cursor, ")}]");
	if (gb_cursor_take_text(&cursor, GB_SPAN("||")) || gb_cursor_take_text(&cursor, GB_SPAN("&&"))) {
		gb_cursor_skip_any(&cursor, "!(");
		return take_operand(&cursor, has_quote) ? cursor.at : 0;
	}
	c = gb_cursor_take_any(&cursor, ";,+*-");
	if (c == ';') {
		gb_cursor_skip_any(&cursor, ";}");
		is_found = take_statement(&cursor, has_quote);
	} else if (c == ',') {
		is_found = take_member(&cursor);
	} else if (c != 0) {
		gb_cursor_skip_any(&cursor, "(");
		is_found = take_call(&cursor);
	}
	return is_found ? cursor.at : 0;
}
