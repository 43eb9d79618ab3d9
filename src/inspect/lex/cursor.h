/* SPDX-License-Identifier: Apache-2.0 */
/* inspect/lex/cursor: a place in a text, and the small steps that lexers by hand are made of. None goes behind the end. */
#ifndef GB_INSPECT_LEX_CURSOR_H
#define GB_INSPECT_LEX_CURSOR_H

#include "base/span.h"

struct gb_cursor {
	struct gb_span text;
	size_t at;
};

static inline unsigned char gb_cursor_peek(const struct gb_cursor *cursor, size_t ahead)
{
	return cursor->at + ahead < cursor->text.n ? cursor->text.p[cursor->at + ahead] : 0;
}

static inline bool gb_cursor_is_end(const struct gb_cursor *cursor)
{
	return cursor->at >= cursor->text.n;
}

static inline bool gb_cursor_take(struct gb_cursor *cursor, unsigned char c)
{
	if (gb_cursor_is_end(cursor) || cursor->text.p[cursor->at] != c)
		return false;
	cursor->at++;
	return true;
}

static inline bool gb_cursor_take_text(struct gb_cursor *cursor, struct gb_span word)
{
	if (!gb_span_equal(gb_span_sub(cursor->text, cursor->at, word.n), word))
		return false;
	cursor->at += word.n;
	return true;
}

/* One of the bytes of SET. */
static inline unsigned char gb_cursor_take_any(struct gb_cursor *cursor, const char *set)
{
	const unsigned char c = gb_cursor_peek(cursor, 0);

	for (; c != 0 && *set != 0; set++)
		if ((unsigned char)*set == c) {
			cursor->at++;
			return c;
		}
	return 0;
}

/* Blanks, NUL bytes, and comments like this one. True when there were any. */
bool gb_cursor_skip_blanks(struct gb_cursor *cursor);
/* Blanks and the bytes of SET, mixed. */
void gb_cursor_skip_any(struct gb_cursor *cursor, const char *set);
/* [A-Za-z_][A-Za-z0-9_]*, or empty; MORE are bytes that may stand behind the first. */
struct gb_span gb_cursor_take_name(struct gb_cursor *cursor, const char *more);
/* The name there, if it is WORD in any case, with no letter behind. */
bool gb_cursor_take_word(struct gb_cursor *cursor, struct gb_span word);
/* '…' or "…" on one line. */
bool gb_cursor_take_string(struct gb_cursor *cursor);
bool gb_cursor_take_number(struct gb_cursor *cursor);

#endif
