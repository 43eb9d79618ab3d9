/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect/lex/filter.h"
#include "inspect/lex/cursor.h"

#define CONSTRUCT_MAX 300u

static struct gb_cursor open_at(struct gb_span whole, size_t from)
{
	return (struct gb_cursor){.text = gb_span_sub(whole, from, CONSTRUCT_MAX)};
}

static void skip_spaces(struct gb_cursor *cursor)
{
	while (gb_ascii_is_space(gb_cursor_peek(cursor, 0)))
		cursor->at++;
}

/* An attribute's name or number, its options, a matching rule, and what compares. */
static bool take_item(struct gb_cursor *cursor)
{
	struct gb_cursor behind = *cursor;

	/* (:dn:2.4.6:=x) asks all attributes. */
	if (gb_cursor_peek(&behind, 0) != ':' && !gb_ascii_is_digit(gb_cursor_peek(&behind, 0)) &&
	        gb_cursor_take_name(&behind, ".;-").n == 0)
		return false;
	while (gb_ascii_is_digit(gb_cursor_peek(&behind, 0)) || gb_cursor_peek(&behind, 0) == '.')
		behind.at++;
	skip_spaces(&behind);
	while (gb_cursor_peek(&behind, 0) == ':' && gb_cursor_peek(&behind, 1) != '=') {
		behind.at++;
		while (gb_ascii_is_digit(gb_cursor_peek(&behind, 0)) || gb_cursor_peek(&behind, 0) == '.')
			behind.at++;
		gb_cursor_take_name(&behind, ".-");
	}
	gb_cursor_take_any(&behind, "<>~:");
	if (!gb_cursor_take(&behind, '=') || gb_cursor_peek(&behind, 0) == '=' || gb_cursor_peek(&behind, 0) == '>')
		return false;
	*cursor = behind;
	return true;
}

static unsigned take_opens(struct gb_cursor *cursor)
{
	unsigned count = 0;

	for (; gb_cursor_take(cursor, '('); count++)
		skip_spaces(cursor);
	return count;
}

static unsigned char take_logic(struct gb_cursor *cursor)
{
	const unsigned char logic = gb_cursor_take_any(cursor, "&|!");

	if (logic != 0)
		skip_spaces(cursor);
	return logic;
}

size_t gb_lex_ldap_break_out(struct gb_span whole, size_t from)
{
	struct gb_cursor cursor = open_at(whole, from);
	bool is_apart = false;
	unsigned opens;
	unsigned char before, within;

	do {
		if (gb_cursor_take(&cursor, ')'))
			is_apart = false;
		else
			break;
		while (gb_ascii_is_space(gb_cursor_peek(&cursor, 0))) {
			is_apart = true;
			cursor.at++;
		}
	} while (true);
	if (cursor.at == 0)
		return 0;
	if (gb_cursor_peek(&cursor, 0) == 0 && !gb_cursor_is_end(&cursor))
		return cursor.at;
	before = take_logic(&cursor);
	opens = take_opens(&cursor);
	within = opens != 0 ? take_logic(&cursor) : 0;
	if (within != 0 &&
	        (gb_cursor_is_end(&cursor) || gb_cursor_peek(&cursor, 0) == '(' || gb_cursor_peek(&cursor, 0) == ')'))
		return cursor.at;
	if (opens != 0 && gb_cursor_is_end(&cursor))
		return is_apart || before != 0 ? 0 : cursor.at;
	if (opens == 0 && (before == 0 || is_apart))
		return 0;
	if (!take_item(&cursor))
		return 0;
	/* a) (b=c) is a list; (b=*) is none. */
	if (is_apart && before == 0 && within == 0) {
		skip_spaces(&cursor);
		return gb_cursor_take(&cursor, '*') ? cursor.at : 0;
	}
	return cursor.at;
}

size_t gb_lex_ldap_operator(struct gb_span whole, size_t from)
{
	struct gb_cursor cursor = open_at(whole, from);
	unsigned operators = 0;

	while (gb_cursor_take(&cursor, '(')) {
		skip_spaces(&cursor);
		if (take_logic(&cursor) == 0)
			return operators != 0 && take_item(&cursor) ? cursor.at : 0;
		operators++;
	}
	return operators != 0 && gb_cursor_is_end(&cursor) ? cursor.at : 0;
}

size_t gb_lex_ldap_presence(struct gb_span whole)
{
	struct gb_cursor cursor = {.text = gb_span_sub(whole, 0, CONSTRUCT_MAX)};
	unsigned items = 0, operators = 0;

	while (!gb_cursor_is_end(&cursor)) {
		gb_cursor_skip_any(&cursor, "()");
		if (gb_cursor_is_end(&cursor))
			break;
		if (gb_cursor_take_any(&cursor, "&|!") != 0) {
			operators++;
			continue;
		}
		if (!take_item(&cursor) || !gb_cursor_take(&cursor, '*'))
			return 0;
		if (!gb_cursor_is_end(&cursor) && gb_cursor_peek(&cursor, 0) != ')')
			return 0;
		items++;
	}
	return items > 1 && operators != 0 ? cursor.at : 0;
}

/* What an item asks for, of bytes that no template of an application leaves open; false when there is no such item. */
static bool take_asked(struct gb_cursor *cursor, struct gb_span *ret_name, bool *ret_is_presence)
{
	const size_t from = cursor->at;
	size_t start;

	if (!take_item(cursor))
		return false;
	*ret_name = gb_span_sub(cursor->text, from, cursor->at - from);
	for (start = cursor->at; !gb_cursor_is_end(cursor) && gb_cursor_peek(cursor, 0) != ')'; cursor->at++)
		if (gb_cursor_take_any(cursor, "{}$%<>(") != 0)
			return false;
	*ret_is_presence = cursor->at == start + 1 && cursor->text.p[start] == '*';
	return cursor->at > start;
}

size_t gb_lex_ldap_choice(struct gb_span whole)
{
	struct gb_cursor cursor = {.text = gb_span_sub(whole, 0, CONSTRUCT_MAX)};
	struct gb_span name, last = GB_SPAN_EMPTY;
	unsigned presences = 0, repeats = 0;
	bool has_or = false, is_presence;

	while (!gb_cursor_is_end(&cursor)) {
		gb_cursor_skip_any(&cursor, "()");
		if (gb_cursor_is_end(&cursor))
			break;
		if (gb_cursor_peek(&cursor, 0) == '|' || gb_cursor_peek(&cursor, 0) == '&') {
			has_or |= gb_cursor_take_any(&cursor, "|&") == '|';
			last = GB_SPAN_EMPTY;
			continue;
		}
		gb_cursor_take(&cursor, '!');
		gb_cursor_skip_any(&cursor, "(");
		if (!take_asked(&cursor, &name, &is_presence))
			return 0;
		/* What kind of entry is anybody's question. */
		if (gb_span_equal_nocase(gb_span_sub(name, 0, 6), GB_SPAN("object")))
			continue;
		presences += is_presence;
		repeats += last.n != 0 && gb_span_equal_nocase(name, last);
		last = name;
	}
	return has_or && presences + repeats != 0 ? cursor.at : 0;
}
