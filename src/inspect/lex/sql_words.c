/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect/lex/sql_words.h"

struct gb_span gb_sql_doubled_of(struct gb_span name)
{
	const size_t half = name.n / 2;

	if (name.n < 4 || name.n > 16 || (name.n & 1) != 0)
		return GB_SPAN_EMPTY;
	for (size_t at = 1; at < half; at++)
		if (gb_ascii_lower(name.p[at]) == gb_ascii_lower(name.p[0]) &&
		        gb_span_equal_nocase(gb_span_sub(name, 0, at), gb_span_sub(name, at, at)) &&
		        gb_span_equal_nocase(
		                gb_span_sub(name, at + half, half - at), gb_span_sub(name, 2 * at, half - at)))
			return gb_span_sub(name, at, half);
	return GB_SPAN_EMPTY;
}

enum gb_sql_word gb_sql_word_of(struct gb_span name)
{
	const enum gb_sql_word word = (enum gb_sql_word)gb_words_find(&gb_sql_words, name);

	return word != GB_SQL_UNKNOWN ? word : (enum gb_sql_word)gb_words_find(&gb_sql_words, gb_sql_doubled_of(name));
}
