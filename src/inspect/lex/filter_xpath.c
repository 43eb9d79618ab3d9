/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect/lex/cursor.h"
#include "inspect/lex/filter.h"

#define CONSTRUCT_MAX 300u

static unsigned take_word(struct gb_cursor *cursor)
{
	return gb_words_find(&gb_xpath_words, gb_cursor_take_name(cursor, "-"));
}

static bool is_node_start(unsigned char c)
{
	return gb_ascii_is_alpha(c) || c == '*' || c == '@' || c == '.';
}

static bool take_axis(struct gb_cursor *cursor)
{
	struct gb_cursor behind = *cursor;

	if ((take_word(&behind) & GB_XPATH_AXIS) == 0)
		return false;
	gb_cursor_skip_blanks(&behind);
	if (!gb_cursor_take_text(&behind, GB_SPAN("::")))
		return false;
	*cursor = behind;
	return true;
}

/* A function that is given nodes, and its open parenthesis. */
static bool take_call(struct gb_cursor *cursor)
{
	struct gb_cursor behind = *cursor;

	if ((take_word(&behind) & GB_XPATH_NODES) == 0)
		return false;
	gb_cursor_skip_blanks(&behind);
	if (!gb_cursor_take(&behind, '('))
		return false;
	gb_cursor_skip_blanks(&behind);
	*cursor = behind;
	return true;
}

static bool take_step(struct gb_cursor *cursor)
{
	gb_cursor_skip_any(cursor, "(");
	if (take_axis(cursor))
		return true;
	if (gb_cursor_take(cursor, '/')) {
		const unsigned char c = gb_cursor_peek(cursor, 0);

		return c == '/' || is_node_start(c);
	}
	if (gb_cursor_take(cursor, '@'))
		return gb_ascii_is_alpha(gb_cursor_peek(cursor, 0)) || gb_cursor_peek(cursor, 0) == '*';
	return gb_cursor_take(cursor, '.');
}

/* position() =, true() or: the function is behind the cursor's word. */
static bool is_empty_call(struct gb_cursor *cursor)
{
	unsigned char c;

	if (!gb_cursor_take(cursor, '('))
		return false;
	gb_cursor_skip_blanks(cursor);
	if (!gb_cursor_take(cursor, ')'))
		return false;
	gb_cursor_skip_blanks(cursor);
	c = gb_cursor_peek(cursor, 0);
	return gb_cursor_take_any(cursor, "=!<>])+|,") != 0 ||
	       ((c | 0x20) == 'o' && gb_cursor_take_word(cursor, GB_SPAN("or"))) ||
	       ((c | 0x20) == 'a' && gb_cursor_take_word(cursor, GB_SPAN("and")));
}

static bool take_equal(struct gb_cursor *cursor)
{
	gb_cursor_skip_blanks(cursor);
	gb_cursor_take_any(cursor, "!<>");
	return gb_cursor_take(cursor, '=');
}

/* A word, and what makes it one of XPath alone: position() =, contains(, self::, user/name =, some $x in. */
static bool take_own_word(struct gb_cursor *cursor)
{
	const struct gb_cursor start = *cursor;
	const struct gb_span name = gb_cursor_take_name(cursor, "-");
	const unsigned word = gb_words_find(&gb_xpath_words, name);
	unsigned steps = 0;

	if (name.n == 0)
		return false;
	if (gb_cursor_skip_blanks(cursor) && gb_cursor_take(cursor, '$') &&
	        (gb_span_equal(name, GB_SPAN("some")) || gb_span_equal(name, GB_SPAN("every")) ||
	                gb_span_equal(name, GB_SPAN("for")) || gb_span_equal(name, GB_SPAN("let"))))
		return gb_cursor_take_name(cursor, "-").n != 0;
	if ((word & GB_XPATH_AXIS) != 0 && gb_cursor_take_text(cursor, GB_SPAN("::")))
		return true;
	if (gb_cursor_peek(cursor, 0) == '(') {
		struct gb_cursor behind = *cursor;

		if ((word & GB_XPATH_NULLARY) != 0 && is_empty_call(&behind)) {
			*cursor = behind;
			return true;
		}
		if ((word & (GB_XPATH_OWN | GB_XPATH_READS)) == 0)
			return false;
		gb_cursor_take(cursor, '(');
		gb_cursor_skip_blanks(cursor);
		return (word & GB_XPATH_OWN) != 0 || gb_cursor_take_any(cursor, "'\"") != 0;
	}
	*cursor = start;
	for (; gb_cursor_take_name(cursor, "-").n != 0; steps++) {
		if (gb_cursor_take(cursor, '[') && (!gb_cursor_take_number(cursor) || !gb_cursor_take(cursor, ']')))
			return false;
		if (!gb_cursor_take(cursor, '/'))
			break;
	}
	return steps > 0 && take_equal(cursor);
}

/* What nobody writes but in XPath. */
static bool take_own(struct gb_cursor *cursor)
{
	struct gb_cursor behind = *cursor;

	if (take_own_word(&behind))
		goto found;
	behind = *cursor;
	if (gb_cursor_take(&behind, '/')) {
		if (gb_cursor_take(&behind, '/') ? is_node_start(gb_cursor_peek(&behind, 0))
		                                 : gb_cursor_take(&behind, '*') || take_axis(&behind))
			goto found;
		return false;
	}
	if (gb_cursor_take_text(&behind, GB_SPAN("../")))
		goto found;
	if (gb_cursor_take(&behind, '@') &&
	        (gb_cursor_take(&behind, '*') || gb_cursor_take_name(&behind, "-").n != 0) && take_equal(&behind))
		goto found;
	return false;
found:
	*cursor = behind;
	return true;
}

static bool take_test(struct gb_cursor *cursor)
{
	struct gb_cursor behind;

	if (take_own(cursor))
		return true;
	if (!take_call(cursor))
		return false;
	behind = *cursor;
	if (take_step(&behind) || (take_call(cursor) && (behind = *cursor, take_step(&behind)))) {
		*cursor = behind;
		return true;
	}
	return false;
}

/* Behind | or union. HAS_CLOSED: something was closed before it. */
static bool take_further_path(struct gb_cursor *cursor, bool has_closed)
{
	gb_cursor_skip_blanks(cursor);
	if (gb_cursor_peek(cursor, 0) == '/') {
		gb_cursor_take(cursor, '/');
		gb_cursor_take(cursor, '/');
		return has_closed || is_node_start(gb_cursor_peek(cursor, 0));
	}
	if (!has_closed)
		return false;
	if (take_axis(cursor) || gb_cursor_take_any(cursor, "*.") != 0)
		return true;
	if (gb_cursor_take(cursor, '(')) {
		gb_cursor_skip_blanks(cursor);
		return gb_cursor_take(cursor, '/');
	}
	return gb_cursor_take_name(cursor, "-").n != 0 && gb_cursor_take(cursor, '[');
}

size_t gb_lex_xpath_break_out(struct gb_span whole, size_t from)
{
	struct gb_cursor cursor = {.text = gb_span_sub(whole, from, CONSTRUCT_MAX)}, behind;
	bool has_closed = false;

	gb_cursor_skip_any(&cursor, ")]");
	for (size_t i = 0; i < cursor.at; i++)
		has_closed |= cursor.text.p[i] == ')' || cursor.text.p[i] == ']';
	behind = cursor;
	if (gb_cursor_take_word(&behind, GB_SPAN("or")) || gb_cursor_take_word(&behind, GB_SPAN("and"))) {
		if (!gb_cursor_skip_blanks(&behind) && gb_cursor_peek(&behind, 0) != '(')
			return 0;
	} else if (gb_cursor_take(&behind, '|') || gb_cursor_take_word(&behind, GB_SPAN("union"))) {
		return take_further_path(&behind, has_closed) ? behind.at : 0;
	} else if (has_closed && gb_cursor_take(&behind, '/')) {
		return gb_cursor_take_any(&behind, "/*.@") != 0 || take_axis(&behind) ? behind.at : 0;
	} else if (gb_cursor_take_any(&behind, "=+,") == 0) {
		return 0;
	}
	gb_cursor_skip_blanks(&behind);
	cursor = behind;
	if (!gb_cursor_take_word(&behind, GB_SPAN("not")) || gb_cursor_peek(&behind, 0) == '-')
		behind = cursor;
	gb_cursor_skip_any(&behind, "(");
	return take_test(&behind) ? behind.at : 0;
}

size_t gb_lex_xpath_function(struct gb_span whole, size_t from)
{
	struct gb_cursor cursor = {.text = gb_span_sub(whole, from, CONSTRUCT_MAX)}, behind;

	if (!take_call(&cursor))
		return 0;
	gb_cursor_take(&cursor, '(');
	take_call(&cursor);
	behind = cursor;
	if (take_axis(&behind) || gb_cursor_take_text(&behind, GB_SPAN("../")) ||
	        gb_cursor_take_text(&behind, GB_SPAN("@*")))
		return behind.at;
	if (!gb_cursor_take(&cursor, '/'))
		return 0;
	gb_cursor_take(&cursor, '/');
	if (is_node_start(gb_cursor_peek(&cursor, 0)))
		return cursor.at + 1;
	gb_cursor_skip_blanks(&cursor);
	return gb_cursor_take(&cursor, ')') ? cursor.at : 0;
}
