/* SPDX-License-Identifier: Apache-2.0 */
#include "base/words.h"

#include "base/text.h"

#include <string.h>

#define WORD_MAX 40u

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
	unsigned least = a < b ? a : b;

	return least < c ? least : c;
}

/* Edits (insert, delete, replace) between A and B, case aside; both at most WORD_MAX. */
static unsigned distance(struct gb_span a, struct gb_span b)
{
	unsigned row[WORD_MAX + 1];

	for (unsigned j = 0; j <= b.n; j++)
		row[j] = j;
	for (size_t i = 1; i <= a.n; i++) {
		unsigned diagonal = row[0];

		row[0] = (unsigned)i;
		for (size_t j = 1; j <= b.n; j++) {
			unsigned above = row[j];
			unsigned cost = gb_ascii_lower(a.p[i - 1]) == gb_ascii_lower(b.p[j - 1]) ? 0 : 1;

			row[j] = min3(row[j] + 1, row[j - 1] + 1, diagonal + cost);
			diagonal = above;
		}
	}
	return row[b.n];
}

const char *gb_words_nearest(struct gb_span word, const char *const *names, size_t count)
{
	const char *nearest = NULL;
	unsigned least = UINT32_MAX;

	if (word.n == 0 || word.n > WORD_MAX)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		struct gb_span name = gb_span_cstr(names[i]);
		unsigned edits;

		if (name.n > WORD_MAX)
			continue;
		edits = distance(word, name);
		if (edits < least && edits * 2 <= name.n) {
			least = edits;
			nearest = names[i];
		}
	}
	return nearest;
}

void gb_words_join(const char *const *names, size_t count, char *buffer, size_t cap)
{
	struct gb_text text = gb_text_on(buffer, cap);

	for (size_t i = 0; i < count; i++) {
		if (i != 0)
			gb_text_add_cstr(&text, ", ");
		gb_text_add_cstr(&text, names[i]);
	}
	(void)gb_text_cstr(&text);
}
