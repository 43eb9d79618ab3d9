/* SPDX-License-Identifier: Apache-2.0 */
/* Whole paths of XPath, and what XQuery adds to it: reading other documents, loops over nodes, declarations. */
#include "inspect/lex/cursor.h"
#include "inspect/lex/filter.h"

#define LOCATION_MAX 300u

static unsigned take_word(struct gb_cursor *cursor)
{
	return gb_words_find(&gb_xpath_words, gb_cursor_take_name(cursor, "-"));
}

/* node(), text(): tests that no name is. */
static bool take_node_test(struct gb_cursor *cursor)
{
	struct gb_cursor behind = *cursor;
	const struct gb_span name = gb_cursor_take_name(&behind, "-");

	if (!gb_span_equal(name, GB_SPAN("node")) && !gb_span_equal(name, GB_SPAN("text")) &&
	        !gb_span_equal(name, GB_SPAN("comment")) && !gb_span_equal(name, GB_SPAN("processing-instruction")))
		return false;
	if (!gb_cursor_take_text(&behind, GB_SPAN("()")))
		return false;
	*cursor = behind;
	return true;
}

/* [position()<3], [last()], [name()='a']: behind the bracket. Attributes are what tools that pick from pages ask for. */
static bool is_own_predicate(struct gb_cursor cursor)
{
	unsigned word;

	gb_cursor_skip_blanks(&cursor);
	word = take_word(&cursor);
	return (word & GB_XPATH_NULLARY) != 0 && (word & GB_XPATH_AXIS) == 0 &&
	       gb_cursor_take_text(&cursor, GB_SPAN("()"));
}

size_t gb_lex_xpath_location(struct gb_span whole)
{
	struct gb_cursor cursor = {.text = gb_span_sub(whole, 0, LOCATION_MAX)};
	unsigned axes = 0, tests = 0, predicates = 0;
	bool is_step = true, is_rooted = false;

	if (whole.n > LOCATION_MAX)
		return 0;
	is_rooted = gb_cursor_peek(&cursor, 0) == '/' && gb_cursor_peek(&cursor, 1) == '/';
	while (!gb_cursor_is_end(&cursor)) {
		const unsigned char c = gb_cursor_peek(&cursor, 0);
		struct gb_cursor behind = cursor;

		if (c == '/') {
			cursor.at++;
			is_step = true;
			continue;
		}
		if (!is_step) {
			if (c != '[')
				return 0;
			cursor.at++;
			predicates += is_own_predicate(cursor);
			while (!gb_cursor_is_end(&cursor) && gb_cursor_peek(&cursor, 0) != ']')
				cursor.at++;
			if (!gb_cursor_take(&cursor, ']'))
				return 0;
			continue;
		}
		is_step = false;
		if ((take_word(&behind) & GB_XPATH_AXIS) != 0 && gb_cursor_take_text(&behind, GB_SPAN("::"))) {
			axes++;
			cursor = behind;
		}
		if (gb_cursor_take(&cursor, '@')) {
			tests += is_rooted && gb_cursor_peek(&cursor, 0) == '*';
			if (!gb_cursor_take(&cursor, '*') && gb_cursor_take_name(&cursor, "-").n == 0)
				return 0;
		} else if (take_node_test(&cursor)) {
			tests += axes != 0 || gb_cursor_peek(&cursor, 0) == '/' || cursor.text.p[cursor.at - 3] == 'e';
		} else if (gb_cursor_take(&cursor, '*')) {
			tests += axes != 0;
		} else if (gb_cursor_take_text(&cursor, GB_SPAN("..")) || gb_cursor_take(&cursor, '.')) {
			continue;
		} else if (gb_cursor_take_name(&cursor, "-").n == 0) {
			return 0;
		}
	}
	/* An axis alone may be C++'s. */
	return predicates != 0 || (axes != 0 && (axes + tests > 1 || is_rooted)) ||
	                       (tests != 0 && axes + is_rooted != 0)
	               ? cursor.at
	               : 0;
}

/* doc('http://…'), doc("a.xml")//b: a function that reads, and an address, a path or a step. */
static bool take_reading(struct gb_cursor *cursor)
{
	const unsigned word = take_word(cursor);
	size_t start, end;
	struct gb_span address;

	if ((word & GB_XPATH_READS) == 0 || !gb_cursor_take(cursor, '('))
		return false;
	gb_cursor_skip_blanks(cursor);
	if (gb_cursor_take_text(cursor, GB_SPAN("concat(")))
		gb_cursor_skip_blanks(cursor);
	start = cursor->at + 1;
	if (!gb_cursor_take_string(cursor))
		return false;
	end = cursor->at - 1;
	address = gb_span_sub(cursor->text, start, end - start);
	if (address.n == 0)
		return false;
	gb_cursor_skip_blanks(cursor);
	return gb_span_find(address, GB_SPAN("://"), 0) != SIZE_MAX || address.p[0] == '/' ||
	       gb_cursor_peek(cursor, 0) == '|' || (gb_cursor_take(cursor, ')') && gb_cursor_peek(cursor, 0) == '/');
}

/* for $x in //y return …, let $x := //y, some $x in … satisfies. */
static bool take_loop(struct gb_cursor *cursor)
{
	const struct gb_span name = gb_cursor_take_name(cursor, "");
	const bool is_let = gb_span_equal(name, GB_SPAN("let"));

	if (!is_let && !gb_span_equal(name, GB_SPAN("for")) && !gb_span_equal(name, GB_SPAN("some")) &&
	        !gb_span_equal(name, GB_SPAN("every")))
		return false;
	if (!gb_cursor_skip_blanks(cursor) || !gb_cursor_take(cursor, '$') || gb_cursor_take_name(cursor, "-").n == 0)
		return false;
	gb_cursor_skip_blanks(cursor);
	if (is_let ? !gb_cursor_take_text(cursor, GB_SPAN(":=")) : !gb_cursor_take_word(cursor, GB_SPAN("in")))
		return false;
	gb_cursor_skip_blanks(cursor);
	return gb_cursor_take(cursor, '/') || gb_cursor_take(cursor, '$') || (take_word(cursor) & GB_XPATH_READS) != 0;
}

/* declare namespace x="…", xquery version "…". */
static bool take_declaration(struct gb_cursor *cursor)
{
	const struct gb_span name = gb_cursor_take_name(cursor, "");
	struct gb_span what;

	if (!gb_cursor_skip_blanks(cursor))
		return false;
	what = gb_cursor_take_name(cursor, "");
	if (!gb_cursor_skip_blanks(cursor))
		return false;
	if (gb_span_equal(name, GB_SPAN("xquery")))
		return gb_span_equal(what, GB_SPAN("version")) && gb_cursor_take_any(cursor, "\"'") != 0;
	if (!gb_span_equal(name, GB_SPAN("declare")))
		return false;
	if (gb_span_equal(what, GB_SPAN("variable")))
		return gb_cursor_take(cursor, '$');
	if (gb_span_equal(what, GB_SPAN("function")))
		return gb_cursor_take_name(cursor, ":-").n != 0 && gb_cursor_take(cursor, '(');
	return gb_span_equal(what, GB_SPAN("namespace")) && gb_cursor_take_name(cursor, "-").n != 0 &&
	       gb_cursor_take(cursor, '=');
}

size_t gb_lex_xquery(struct gb_span whole, size_t from)
{
	const struct gb_cursor start = {.text = gb_span_sub(whole, from, LOCATION_MAX)};
	struct gb_cursor cursor = start;

	if (take_reading(&cursor))
		return cursor.at;
	cursor = start;
	if (take_loop(&cursor))
		return cursor.at;
	cursor = start;
	return take_declaration(&cursor) ? cursor.at : 0;
}
