/* SPDX-License-Identifier: Apache-2.0 */
/* Names by which code reaches out of an expression (data/capabilities.txt), and where in a text code stands. */
#ifndef GB_INSPECT_DETECT_CAPABILITY_H
#define GB_INSPECT_DETECT_CAPABILITY_H

#include "inspect/lex/words.h"

#define GB_CAPABILITY_NAME_MAX 31u

enum gb_capability {
	GB_CAPABILITY_FUNCTION = 1u << 0,
	GB_CAPABILITY_WORD = 1u << 1,
	GB_CAPABILITY_ROOT = 1u << 2,
	GB_CAPABILITY_REACH = 1u << 3,
	GB_CAPABILITY_MEMBER = 1u << 4,
	GB_CAPABILITY_WALK = 1u << 5,
	GB_CAPABILITY_OBJECT = 1u << 6,
	GB_CAPABILITY_HOST = 1u << 7,
};

/* Kinds of NAME, in any case, as a mask of enum gb_capability; 0 for one that is not in the table. */
unsigned gb_capability_of(struct gb_span name);

extern const struct gb_words gb_capability_words;

/* How much of a text is prose: words of letters alone between blanks. */
struct gb_code_measure {
	unsigned prose_words;
	unsigned lines;
};
struct gb_code_measure gb_code_measure(struct gb_span text);

static inline bool gb_code_is_name_byte(unsigned char c)
{
	return gb_ascii_is_alpha(c) || gb_ascii_is_digit(c) || c == '_';
}

/* Offset of the first byte of the name that ends before END; END when none does. Looks at most at 32 bytes. */
size_t gb_code_name_start(struct gb_span text, size_t end);

#endif
