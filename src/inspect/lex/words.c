/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect/lex/words.h"

unsigned gb_words_find(const struct gb_words *words, struct gb_span name)
{
	const unsigned char *entry, *end;
	unsigned bucket;

	if (name.n == 0 || name.n > words->longest)
		return 0;
	bucket = gb_words_place(name) & (words->buckets - 1);
	end = words->pool + words->starts[bucket + 1];
	for (entry = words->pool + words->starts[bucket]; entry < end; entry += entry[0] + 2) {
		size_t same = 0;

		if (entry[0] != name.n)
			continue;
		while (same < name.n && gb_ascii_lower(name.p[same]) == entry[1 + same])
			same++;
		if (same == name.n)
			return entry[1 + name.n];
	}
	return 0;
}
