/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect/lex/words.h"

unsigned gb_words_find(const struct gb_words *words, struct gb_span name)
{
	unsigned char lower[GB_WORDS_LENGTH_MAX];
	size_t low, high, size = name.n + 1;
	unsigned place;

	if (name.n == 0 || name.n > words->longest)
		return 0;
	place = gb_words_place(name);
	if ((words->places[place >> 3] >> (place & 7) & 1) == 0)
		return 0;
	for (size_t i = 0; i < name.n; i++)
		lower[i] = gb_ascii_lower(name.p[i]);
	low = words->starts[name.n];
	high = words->starts[name.n + 1];
	while (low < high) {
		const size_t middle = low + (high - low) / size / 2 * size;
		const unsigned char *word = words->pool + middle;
		size_t same = 0;
		int order;

		while (same + 1 < name.n && lower[same] == word[same])
			same++;
		order = (int)lower[same] - word[same];
		if (order == 0)
			return word[name.n];
		if (order < 0)
			high = middle;
		else
			low = middle + size;
	}
	return 0;
}
