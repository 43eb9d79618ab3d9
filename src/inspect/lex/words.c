/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect/lex/words.h"

/* Whether NAME, in any case, is what begins at LOWER. */
static bool is_word(struct gb_span name, const unsigned char *lower)
{
	for (size_t i = 0; i < name.n; i++) {
		const unsigned differs = (unsigned)name.p[i] ^ lower[i];

		if (differs != 0 && (differs != 0x20 || lower[i] < 'a' || lower[i] > 'z'))
			return false;
	}
	return true;
}

unsigned gb_words_find_at(const struct gb_words *words, struct gb_span name, unsigned place)
{
	const unsigned bucket = place & (words->buckets - 1);
	const unsigned char *entry = words->pool + words->starts[bucket],
	                    *end = words->pool + words->starts[bucket + 1];

	for (; entry < end; entry += entry[0] + 2)
		if (entry[0] == name.n && is_word(name, entry + 1))
			return entry[1 + name.n];
	return 0;
}

unsigned gb_words_find(const struct gb_words *words, struct gb_span name)
{
	return name.n == 0 || name.n > words->longest ? 0 : gb_words_find_at(words, name, gb_words_place(name));
}
