/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd/gambeson/screen: text from outside, shown to a person. Control characters never reach the terminal: an attack
 * that Gambeson shows must not repaint the screen of the one who looks at it.
 */
#ifndef GB_CMD_SCREEN_H
#define GB_CMD_SCREEN_H

#include "base/span.h"

#include <stdarg.h>
#include <stdio.h>

enum gb_colour {
	GB_COLOUR_NONE = 0,
	GB_COLOUR_DIM,
	GB_COLOUR_BOLD,
	GB_COLOUR_RED,
	GB_COLOUR_YELLOW,
	GB_COLOUR_GREEN,
};

/* Switch colour on; nothing when IS_COLOURED is false. GB_COLOUR_NONE switches back. */
void gb_screen_colour(FILE *out, bool is_coloured, enum gb_colour colour);

/* As fprintf(), but that nothing in it repaints the terminal: line feeds and tabs stay, all else goes through gb_screen_text(). For what has names of
 * files, or was read from files and servers, in it. */
__attribute__((format(__printf__, 2, 3))) void gb_screen_printf(FILE *out, const char *format, ...);
__attribute__((format(__printf__, 2, 0))) void gb_screen_vprintf(FILE *out, const char *format, va_list args);

/* S with control characters and bytes that are no UTF-8 written as \n, \t, \xNN, and characters that hide or turn text as
 * \u{202e}. Result: columns used; an East Asian character takes two. */
size_t gb_screen_text(FILE *out, struct gb_span s);

/* The beginning of S, as gb_screen_text() would write it, that takes at most COLUMNS: bytes of S, and in *ret_columns what they take. */
size_t gb_screen_fit(struct gb_span s, size_t columns, size_t *ret_columns);

/* VALUE on one line behind INDENT blanks, and under it a line that marks LENGTH bytes at FROM. Of a long value, the
 * part around the mark. The marks are text, so they are there without colour too. On a terminal that is narrower, in
 * rows of its width, each with its marks under it. */
void gb_screen_evidence(FILE *out, bool is_coloured, unsigned indent, struct gb_span value, size_t from, size_t length);

#endif
