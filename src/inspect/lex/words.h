/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inspect/lex/words: words packed into one string of bytes, made from a file of data/ by tools/make-words when the project
 * is built. A word costs its letters and four bytes more.
 */
#ifndef GB_INSPECT_LEX_WORDS_H
#define GB_INSPECT_LEX_WORDS_H

#include "base/span.h"

#define GB_WORDS_LENGTH_MAX 32u

struct gb_words {
	/* Of each word its length, its letters and its kind; words whose places agree modulo BUCKETS lie together. */
	const unsigned char *pool;
	/* Where each of these begins in the pool, and where the last one ends. */
	const uint16_t *starts;
	/* 2,048 bits: the places that gb_words_may_have() asks for. */
	const unsigned char *filter;
	unsigned buckets; /* a power of two */
	unsigned longest;
};

/* What NAME, in any case, is: the kind that the file gives it, above 0; 0 when it is none of the words. */
unsigned gb_words_find(const struct gb_words *words, struct gb_span name);

/* Where NAME, not empty, has its bit in a filter and its bucket. */
static inline unsigned gb_words_place(struct gb_span name)
{
	const unsigned at =
	        (name.p[0] | 0x20u) * 3 + (name.p[name.n > 1] | 0x20u) * 37 + (name.p[name.n - 1] | 0x20u) * 151;

	return (at + (unsigned)name.n * 19) & 2047;
}

/* gb_words_find(), for who has NAME's PLACE; NAME is not empty. */
unsigned gb_words_find_at(const struct gb_words *words, struct gb_span name, unsigned place);

/* The bit at PLACE: false when no word of the kinds that the table was made for has it. */
static inline bool gb_words_has_place(const struct gb_words *words, unsigned place)
{
	return (words->filter[place >> 3] >> (place & 7) & 1) != 0;
}

/* Whether NAME may be a word of the kinds that the table was made for: false is certain, true worth a search. */
static inline bool gb_words_may_have(const struct gb_words *words, struct gb_span name)
{
	return name.n != 0 && name.n <= words->longest && gb_words_has_place(words, gb_words_place(name));
}

/* gb_words_find() of the kinds that the table was made for; others may be found or not. */
static inline unsigned gb_words_find_made_for(const struct gb_words *words, struct gb_span name)
{
	unsigned place;

	if (name.n == 0 || name.n > words->longest)
		return 0;
	place = gb_words_place(name);
	return gb_words_has_place(words, place) ? gb_words_find_at(words, name, place) : 0;
}

#endif
