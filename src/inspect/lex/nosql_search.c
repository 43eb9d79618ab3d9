/* SPDX-License-Identifier: Apache-2.0 */
/* Searches as Lucene, Elasticsearch and Solr read them from one line, and values
 * that leave the string of a JSON document. */
#include "inspect/lex/cursor.h"
#include "inspect/lex/nosql.h"

#define SEARCH_MAX   256u
#define DOCUMENT_MAX 2048u

/* What a field's name says of what it keeps; asked for only where a search is joined by what the caller adds to it. */
static bool is_guarded(struct gb_span field)
{
	static const char *const parts[] = {"password", "passwd", "secret", "admin", "token", "api_key", "apikey",
	        "ssn", "credit", "hidden", "private", "salary"};

	if (field.n != 0 && field.p[0] == '_' && field.n > 2)
		return true;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		for (size_t at = 0; at + 3 <= field.n; at++)
			if (gb_span_equal_nocase(
			            gb_span_sub(field, at, gb_span_cstr(parts[i]).n), gb_span_cstr(parts[i])))
				return true;
	return false;
}

/* `field:` what a search asks of it, and how much that is. */
struct term {
	struct gb_span field;
	bool is_all;       /* *:*, _exists_:x, x:*, x:[* TO *], x:/.*x/: whatever there is */
	bool is_role;      /* role:admin */
	bool is_lone_star; /* * */
};

static bool take_term(struct gb_cursor *cursor, struct term *ret_term)
{
	struct gb_span value;

	*ret_term = (struct term){0};
	if (gb_cursor_take(cursor, '*')) {
		ret_term->is_lone_star = !gb_cursor_take_text(cursor, GB_SPAN(":*"));
		ret_term->is_all = !ret_term->is_lone_star;
		return true;
	}
	ret_term->field = gb_cursor_take_name(cursor, ".-");
	if (ret_term->field.n == 0 || !gb_cursor_take(cursor, ':'))
		return false;
	ret_term->is_all = gb_span_equal(ret_term->field, GB_SPAN("_exists_")) && gb_cursor_peek(cursor, 0) > ' ';
	if (gb_cursor_take_text(cursor, GB_SPAN("[* TO *]")) || gb_cursor_take_text(cursor, GB_SPAN("/.*"))) {
		ret_term->is_all = true;
		return true;
	}
	if (gb_cursor_take(cursor, '*')) {
		const unsigned char c = gb_cursor_peek(cursor, 0);

		ret_term->is_all = c == 0 || c == ' ' || c == ')' || c == '"';
		return true;
	}
	value = gb_cursor_take_name(cursor, ".-*/");
	ret_term->is_role = gb_span_equal_nocase(gb_span_sub(ret_term->field, 0, 4), GB_SPAN("role")) &&
	                    (gb_span_equal_nocase(gb_span_sub(value, 0, 5), GB_SPAN("admin")) ||
	                            gb_span_equal_nocase(value, GB_SPAN("root")));
	return value.n != 0 || gb_cursor_peek(cursor, 0) == '"' || gb_cursor_peek(cursor, 0) == '/' ||
	       gb_ascii_is_digit(gb_cursor_peek(cursor, 0));
}

static bool take_join(struct gb_cursor *cursor, bool *ret_is_or)
{
	*ret_is_or = gb_cursor_take_text(cursor, GB_SPAN("OR ")) || gb_cursor_take_text(cursor, GB_SPAN("||")) ||
	             gb_cursor_take_text(cursor, GB_SPAN("OR("));
	if (*ret_is_or)
		return true;
	return gb_cursor_take_text(cursor, GB_SPAN("AND ")) || gb_cursor_take_text(cursor, GB_SPAN("&&"));
}

size_t gb_lex_nosql_search(struct gb_span whole)
{
	struct gb_cursor cursor = {.text = gb_span_sub(whole, 0, SEARCH_MAX)};
	unsigned quotes = 0, closed = 0, opened = 0;
	unsigned char before = 0; /* the last byte that is no blank */
	bool is_or = false, is_named = false;
	struct term term;

	while (!gb_cursor_is_end(&cursor)) {
		const unsigned char c = gb_cursor_peek(&cursor, 0);
		const bool is_apart = cursor.at == 0 || gb_ascii_is_space(cursor.text.p[cursor.at - 1]) ||
		                      cursor.text.p[cursor.at - 1] == ')' || cursor.text.p[cursor.at - 1] == '"';

		quotes += c == '"';
		opened += c == '(';
		if (c == ')' && opened == 0)
			closed++;
		opened -= c == ')' && opened != 0;
		if (cursor.at == 0 || !is_apart || !take_join(&cursor, &is_or)) {
			is_named = is_named || c == ':';
			before = gb_ascii_is_space(c) ? before : c;
			cursor.at++;
			continue;
		}
		gb_cursor_skip_any(&cursor, "(+");
		if (gb_cursor_take_text(&cursor, GB_SPAN("NOT ")))
			gb_cursor_skip_any(&cursor, "(+");
		if (!take_term(&cursor, &term))
			continue;
		/* The value's own quote or parenthesis was closed before. */
		if (term.is_all ||
		        (!term.is_lone_star && ((quotes % 2 != 0 && before == '"') || (closed != 0 && before == ')'))))
			return cursor.at;
		if (is_or && !is_named && term.field.n != 0 && (is_guarded(term.field) || term.is_role))
			return cursor.at;
		is_named = is_named || term.field.n != 0;
	}
	return 0;
}

/* Behind a first term that asks for whatever there is: `*:* OR x:y`, `secret:* AND …`. Alone, `*:*` is what clients ask for when
 * nobody asked for anything. */
size_t gb_lex_nosql_search_all(struct gb_span whole)
{
	struct gb_cursor cursor = {.text = gb_span_sub(whole, 0, SEARCH_MAX)};
	struct term term;
	bool is_or;

	gb_cursor_skip_any(&cursor, "(+");
	if (!take_term(&cursor, &term) || !(term.is_all || term.is_lone_star))
		return 0;
	gb_cursor_skip_any(&cursor, ")");
	if (gb_cursor_is_end(&cursor))
		return 0;
	return take_join(&cursor, &is_or) && !gb_cursor_is_end(&cursor) && (term.is_all || take_term(&cursor, &term)) &&
	                       (term.field.n != 0 || term.is_all)
	               ? cursor.at
	               : 0;
}

/* Parsers of Solr that only rank, or compare with a field that they name; others join, compute or read. */
static bool is_plain_parser(struct gb_span name)
{
	return gb_span_is_one_of(name, "lucene\0dismax\0edismax\0prefix\0term\0terms\0field\0bbox\0geofilt\0boost\0");
}

/* {!join from=…}, {!xmlparser v=…}: Solr's own parameters in front of a value. */
size_t gb_lex_nosql_local_parameters(struct gb_span whole, size_t from)
{
	struct gb_cursor cursor = {.text = gb_span_sub(whole, from, SEARCH_MAX)};
	struct gb_span name;

	if (!gb_cursor_take_text(&cursor, GB_SPAN("{!")))
		return 0;
	name = gb_cursor_take_name(&cursor, ".");
	if (name.n < 3 || name.p[0] < 'a' || is_plain_parser(name))
		return 0;
	if (gb_cursor_take(&cursor, '='))
		return gb_span_equal(name, GB_SPAN("type")) ? cursor.at : 0;
	if (gb_cursor_take(&cursor, '}'))
		return gb_cursor_peek(&cursor, 0) != '}' && !gb_cursor_is_end(&cursor) ? cursor.at : 0;
	if (!gb_cursor_skip_blanks(&cursor) || gb_cursor_take_name(&cursor, ".").n == 0)
		return 0;
	return gb_cursor_take(&cursor, '=') ? cursor.at : 0;
}

/* A string up to its quote, which is taken; false where the text, or its line, ends within. */
static bool take_rest_of_string(struct gb_cursor *cursor)
{
	for (; !gb_cursor_is_end(cursor) && cursor->text.p[cursor->at] != '\n'; cursor->at++) {
		if (gb_cursor_take(cursor, '"'))
			return true;
		if (cursor->text.p[cursor->at] == '\\' && cursor->at + 1 < cursor->text.n)
			cursor->at++;
	}
	return false;
}

static bool take_scalar(struct gb_cursor *cursor)
{
	return gb_cursor_take_number(cursor) || gb_cursor_take_word(cursor, GB_SPAN("true")) ||
	       gb_cursor_take_word(cursor, GB_SPAN("false")) || gb_cursor_take_word(cursor, GB_SPAN("null"));
}

/* // and what it cuts off, a NUL, or nothing. */
static bool is_cut_off(struct gb_cursor *cursor)
{
	gb_cursor_skip_blanks(cursor);
	return gb_cursor_is_end(cursor) || gb_cursor_take_text(cursor, GB_SPAN("//")) || gb_cursor_take(cursor, '#');
}

/* Commas, colons, brackets, strings and numbers where JSON has them, from behind the string that was left on to the one
 * that the application closes. */
size_t gb_lex_nosql_document(struct gb_span whole, size_t from)
{
	struct gb_cursor cursor = {.text = gb_span_sub(whole, from, DOCUMENT_MAX)};
	unsigned members = 0, closes = 0, opens = 0;
	bool is_value = true; /* one stands before */
	bool is_colon = false;

	if (whole.n - from > DOCUMENT_MAX)
		return 0;
	while (!is_cut_off(&cursor)) {
		const unsigned char c = gb_cursor_peek(&cursor, 0);

		if (is_value) {
			if (c != ',' && c != '}' && c != ']' && !(c == ':' && !is_colon && (members | opens) != 0))
				return 0;
			cursor.at++;
			closes += c == '}' || c == ']';
			members += c == ':';
			is_colon = c == ':';
			is_value = c == '}' || c == ']';
			continue;
		}
		if (gb_cursor_take_any(&cursor, "{[") != 0) {
			opens++;
			gb_cursor_skip_blanks(&cursor);
			is_value = gb_cursor_take_any(&cursor, "}]") != 0;
			is_colon = false;
			continue;
		}
		if (gb_cursor_take(&cursor, '"')) {
			struct gb_cursor behind;

			/* The application's own quote closes this one. */
			if (!take_rest_of_string(&cursor))
				return members != 0 && gb_cursor_is_end(&cursor) ? cursor.at : 0;
			behind = cursor;
			gb_cursor_skip_blanks(&behind);
			if (!is_colon && gb_cursor_peek(&behind, 0) == ':') {
				cursor.at = behind.at + 1;
				members++;
				is_colon = true;
				continue;
			}
			is_value = true;
			continue;
		}
		if (!take_scalar(&cursor))
			return 0;
		is_value = true;
	}
	return members != 0 && is_value && closes != 0 ? cursor.at : 0;
}
