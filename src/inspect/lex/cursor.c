/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect/lex/cursor.h"

static bool is_one_of(unsigned char c, const char *set)
{
	for (; *set != 0; set++)
		if ((unsigned char)*set == c)
			return true;
	return false;
}

bool gb_cursor_skip_blanks(struct gb_cursor *cursor)
{
	const size_t start = cursor->at;

	for (;;) {
		const unsigned char c = gb_cursor_peek(cursor, 0);

		if (gb_cursor_is_end(cursor))
			break;
		if (gb_ascii_is_space(c) || c == 0) {
			cursor->at++;
			continue;
		}
		if (c == '/' && gb_cursor_peek(cursor, 1) == '*') {
			size_t at = cursor->at + 2;

			while (at + 1 < cursor->text.n && (cursor->text.p[at] != '*' || cursor->text.p[at + 1] != '/'))
				at++;
			if (at + 1 >= cursor->text.n)
				break;
			cursor->at = at + 2;
			continue;
		}
		break;
	}
	return cursor->at != start;
}

void gb_cursor_skip_any(struct gb_cursor *cursor, const char *set)
{
	do
		gb_cursor_skip_blanks(cursor);
	while (gb_cursor_take_any(cursor, set) != 0);
}

struct gb_span gb_cursor_take_name(struct gb_cursor *cursor, const char *more)
{
	const size_t start = cursor->at;

	if (!gb_ascii_is_alpha(gb_cursor_peek(cursor, 0)) && gb_cursor_peek(cursor, 0) != '_')
		return GB_SPAN_EMPTY;
	for (cursor->at++; !gb_cursor_is_end(cursor); cursor->at++) {
		const unsigned char c = gb_cursor_peek(cursor, 0);

		if (!gb_ascii_is_alpha(c) && !gb_ascii_is_digit(c) && c != '_' && !is_one_of(c, more))
			break;
	}
	return gb_span_sub(cursor->text, start, cursor->at - start);
}

bool gb_cursor_take_word(struct gb_cursor *cursor, struct gb_span word)
{
	struct gb_cursor behind = *cursor;

	if (!gb_span_equal_nocase(gb_cursor_take_name(&behind, ""), word))
		return false;
	*cursor = behind;
	return true;
}

bool gb_cursor_take_string(struct gb_cursor *cursor)
{
	const unsigned char quote = gb_cursor_peek(cursor, 0);

	if (quote != '\'' && quote != '"')
		return false;
	for (size_t at = cursor->at + 1; at < cursor->text.n; at++) {
		const unsigned char c = cursor->text.p[at];

		if (c == '\r' || c == '\n')
			return false;
		if (c == quote) {
			cursor->at = at + 1;
			return true;
		}
	}
	return false;
}

bool gb_cursor_take_number(struct gb_cursor *cursor)
{
	const size_t start = cursor->at;

	while (gb_ascii_is_digit(gb_cursor_peek(cursor, 0)))
		cursor->at++;
	if (cursor->at == start)
		return false;
	if (gb_cursor_peek(cursor, 0) == '.' && gb_ascii_is_digit(gb_cursor_peek(cursor, 1)))
		for (cursor->at++; gb_ascii_is_digit(gb_cursor_peek(cursor, 0));)
			cursor->at++;
	return true;
}
