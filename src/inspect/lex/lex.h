/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inspect/lex: lexers of the languages that attacks are written in, beside the shell's (activity/shell.h). Pure, bounded,
 * no allocation.
 */
#ifndef GB_INSPECT_LEX_H
#define GB_INSPECT_LEX_H

#include "base/span.h"

/* Length of the construct of Windows' cmd that begins at FROM: `for %x in (…) do`, `if exist …`, `if "a"=="b" …`; or 0.
 * Looks at most at 300 bytes. */
size_t gb_lex_cmd_construct(struct gb_span text, size_t from);

/* A run of text that could be a path: name segments between slashes and backslashes. */
struct gb_lex_path {
	size_t offset;
	size_t length;
	unsigned segments;
	unsigned ups;              /* segments of two and more dots */
	unsigned dots;             /* segments of one dot */
	unsigned longest_ups;      /* ups one behind the other */
	bool is_absolute;          /* begins with a separator or a drive */
	bool has_mixed_separators; /* / and \ both */
	bool has_name_behind_up;
	struct gb_span first_name; /* the first name behind the last up; without ups, the first */
	struct gb_span last_name;
	bool is_nul_ended; /* a NUL stands right behind */
};

/* The next path at or after *REF_AT, which moves behind it; false at the end. Only runs with a separator count. */
bool gb_lex_path_next(struct gb_span text, size_t *ref_at, struct gb_lex_path *ret_path);

#endif
