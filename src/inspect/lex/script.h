/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inspect/lex/script: tokens of JavaScript, coarse: enough to tell calls, member access and assignments from prose. The
 * inside of a template literal is cut like code; a regular expression's slashes are marks. Pure, no allocation.
 */
#ifndef GB_INSPECT_LEX_SCRIPT_H
#define GB_INSPECT_LEX_SCRIPT_H

#include "base/span.h"

enum gb_script_kind {
	GB_SCRIPT_END = 0,
	GB_SCRIPT_WORD,
	GB_SCRIPT_NUMBER,
	GB_SCRIPT_STRING, /* quoted, closed on the same line */
	GB_SCRIPT_MARK,   /* one byte of punctuation, a lone quote, a backtick */
	GB_SCRIPT_ARROW,  /* => */
	GB_SCRIPT_LINE,   /* line break */
	GB_SCRIPT_OTHER,
};

struct gb_script_token {
	enum gb_script_kind kind;
	unsigned char mark; /* of a mark: its byte; `?.` is '.' */
	size_t offset;
	size_t length;
	bool is_joined; /* nothing stands before it: no blank, no comment */
};

/* The token at *REF_AT, blanks and comments skipped, which moves behind it. Each byte is read a bounded number of times
 * as long as *REF_AT only grows. */
void gb_script_next(struct gb_span text, size_t *ref_at, struct gb_script_token *ret_token);

#endif
