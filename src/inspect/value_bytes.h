/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of inspect/value share: value.c, value_header.c, address.c. Private to these. */
#ifndef GB_INSPECT_VALUE_BYTES_H
#define GB_INSPECT_VALUE_BYTES_H

#include "inspect/detect/detect.h"
#include "inspect/bytes.h"
#include "inspect/value.h"

#define LOWER  (1u << 0)
#define UPPER  (1u << 1)
#define DIGIT  (1u << 2)
#define HYPHEN (1u << 3)
#define DOT    (1u << 4)
#define LOW    (1u << 5) /* _ */
#define LETTER (LOWER | UPPER)
#define ALNUM  (LETTER | DIGIT)

extern const unsigned char gb_value_kinds[256];

/* Offset behind the bytes of SET that begin at AT. */
static inline size_t run(struct gb_span text, size_t at, unsigned set)
{
	while (at < text.n && (gb_value_kinds[text.p[at]] & set) != 0)
		at++;
	return at;
}

static inline bool is_at(struct gb_span text, size_t at, unsigned char c)
{
	return at < text.n && text.p[at] == c;
}

/* Whether WORD is one that begins what a database is to do. */
bool gb_value_is_statement(struct gb_span word);
/* Whether TEXT decodes to text. */
bool gb_value_is_encoded(struct gb_span text);

#endif
