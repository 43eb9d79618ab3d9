/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect/lex/sql_words.h"

#include <string.h>

enum gb_sql_word gb_sql_word_of(struct gb_span name)
{
	char lower[GB_SQL_WORD_MAX];
	size_t low, high;

	if (name.n == 0 || name.n > GB_SQL_WORD_MAX || name.p[0] >= 128)
		return GB_SQL_UNKNOWN;
	for (size_t i = 0; i < name.n; i++)
		lower[i] = (char)gb_ascii_lower(name.p[i]);
	low = gb_sql_starts[(unsigned char)lower[0]];
	high = gb_sql_starts[(unsigned char)lower[0] + 1];
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct gb_sql_row *row = &gb_sql_rows[middle];
		int order = memcmp(lower, row->name, name.n < row->length ? name.n : row->length);

		if (order == 0)
			order = (int)name.n - row->length;
		if (order == 0)
			return (enum gb_sql_word)row->word;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return GB_SQL_UNKNOWN;
}
