/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base/words: help with misspelt words.
 */
#ifndef GB_BASE_WORDS_H
#define GB_BASE_WORDS_H

#include "base/span.h"

/* The one of COUNT names that is near enough to WORD to be what was meant, else NULL. */
const char *gb_words_nearest(struct gb_span word, const char *const *names, size_t count);

/* "a, b, c" into BUFFER, cut where it ends. */
void gb_words_join(const char *const *names, size_t count, char *buffer, size_t cap);

#endif
