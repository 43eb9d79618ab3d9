/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of the code injection detector. */
#ifndef GB_INSPECT_DETECT_CODE_H
#define GB_INSPECT_DETECT_CODE_H

#include "inspect/detect/capability.h"
#include "inspect/detect/detect.h"

/* A text that is read as code, and what is known of it. */
struct gb_code_reading {
	struct gb_span text; /* without blanks around */
	uint32_t mask;
	struct gb_code_measure *measure; /* filled when it is asked for */
	struct gb_detect_hit *hit;
	struct gb_detect_work *work;
};

enum gb_code_place {
	GB_PLACE_PROSE = 0, /* a word of a sentence stands before */
	GB_PLACE_CODE,      /* behind an operator, a bracket, a keyword */
	GB_PLACE_BREAK,     /* behind what ends the code that the value is put in: `';`, `1;`, `name=` */
	GB_PLACE_ENTRY,     /* the text begins here */
};

/* Always true, for returning. */
bool gb_code_convict(const struct gb_code_reading *reading, const char *reason, size_t from, size_t end);

/* Where the code that begins at OFFSET stands. Looks at most at 64 bytes before it. */
enum gb_code_place gb_code_place(struct gb_span text, size_t offset);

/* Offset behind the bracket that closes the one at OPEN, or SIZE_MAX. Looks at most at 2,048 bytes. */
size_t gb_code_close(struct gb_span text, size_t open);

/* Whether the text is more than a few lines or words: pasted code, a bug report. */
bool gb_code_is_about(const struct gb_code_reading *reading, enum gb_code_place place);

bool gb_code_find_call(const struct gb_code_reading *reading); /* code_call.c */
/* code_function.c: of the call whose name begins at START. */
bool gb_code_judge_special(
        const struct gb_code_reading *reading, size_t start, size_t paren, unsigned kinds, bool is_member);
bool gb_code_find_whole(const struct gb_code_reading *reading);    /* code_whole.c */
bool gb_code_find_java(const struct gb_code_reading *reading);     /* code_java.c */
bool gb_code_find_variable(const struct gb_code_reading *reading); /* code_variable.c */
bool gb_code_find_walk(const struct gb_code_reading *reading);     /* code_walk.c */
bool gb_code_find_markup(const struct gb_code_reading *reading);   /* code_markup.c */

#endif
