/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inspect/chance: text, or bytes that are printable by chance? Compressed data, pictures, keys and sums have runs of
 * printable bytes, and some identifiers are base64 of such; judged as text they would be read as commands and queries.
 */
#ifndef GB_INSPECT_CHANCE_H
#define GB_INSPECT_CHANCE_H

#include "base/span.h"

/* Evidence is counted in bits; each halves the chance that noise passes. So many are asked of what was decoded on trial. */
#define GB_CHANCE_BITS 13u

/* How much likelier a letter is behind another in words than in noise, in half bits; the last row is of first letters. */
extern const signed char gb_chance_letter_pairs[27][26];

/*
 * Whether a stretch of TEXT is so much more likely to be text or a program's words than noise that noise of AMONG bytes has
 * such a stretch somewhere with a chance of 2 to the minus BITS at most. Reads no further than it must.
 */
bool gb_chance_is_text(struct gb_span text, size_t among, unsigned bits);

/* Whether TEXT, of digits of base64 alone, is a key or sum rather than words, a path or a number. */
bool gb_chance_is_key(struct gb_span text);

/* Whether FIELD of DATA, a message by its form, is text. */
bool gb_chance_is_field(struct gb_span data, struct gb_span field);

/* Whether RUN, all the printable bytes at its place in the binary DATA, is text: not noise, and not numbers that change
 * little from one to the next, as those of pictures and sounds do. IS_FIELD: it is one by gb_chance_field(). */
bool gb_chance_is_text_run(struct gb_span data, struct gb_span run, bool is_field);

/* The field that the printable bytes from AT on for N bytes in DATA are, but for its length and what may stand behind it; or
 * nothing: no length stands before them, and no zero before or behind. One run of noise in 16 has any. */
struct gb_span gb_chance_field(struct gb_span data, size_t at, size_t n);

#endif
