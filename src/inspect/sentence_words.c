/* SPDX-License-Identifier: Apache-2.0 */
/* The words of a sentence: which SQL combines, which code calls, which begin a command. */
#include "activity/shell.h"
#include "inspect/detect/capability.h"
#include "inspect/detect/detect.h"
#include "inspect/lex/filter.h"
#include "inspect/sentence_scan.h"
#include "inspect/value.h"

#define FIRST_MAX     12u /* the first word, where whole values begin */
#define FIGURES_MAX   16u
#define OPERAND_WORDS 8u /* between a join and the comparison: or not binary name like */

bool gb_sentence_is_behind_name(const struct gb_sentence_scan *scan, size_t end)
{
	const struct gb_span last = scan->last;
	unsigned place;

	if (last.n == 0 || last.p + last.n != scan->text.p + end)
		return false;
	place = gb_words_place(last);
	return (gb_words_has_place(&gb_capability_words, place) && gb_capability_of(last) != 0) ||
	       (gb_words_has_place(&gb_script_names, place) && gb_words_find(&gb_script_names, last) != 0) ||
	       (gb_words_has_place(&gb_xpath_words, place) && gb_words_find(&gb_xpath_words, last) != 0);
}

static bool is_figures(struct gb_span word)
{
	if (word.n > FIGURES_MAX)
		return false;
	for (size_t i = 0; i < word.n; i++)
		if (!gb_ascii_is_digit(word.p[i]))
			return false;
	return true;
}

/* or, and, in: no search for the commonest. */
static bool is_common_join(struct gb_span word)
{
	const unsigned first = word.p[0] | 0x20u, second = word.p[1] | 0x20u;

	if (word.n == 2)
		return first == 'o' && second == 'r';
	return word.n == 3 && first == 'a' && second == 'n' && (word.p[2] | 0x20u) == 'd';
}

/* A condition goes on: in front of everything with the application's own, behind a quote, before a mark. With two operands
 * around a comparison it is one. */
static void note_join(struct gb_sentence_scan *scan, bool is_comparison)
{
	size_t start;

	scan->is_leading = scan->last.n == 0;
	start = scan->is_leading ? 0 : (size_t)(scan->last.p - scan->text.p);
	scan->has_leading |= scan->is_leading;
	if (scan->is_leading ? !is_comparison : start > 0 && scan->text.p[start - 1] == '\'')
		gb_sentence_need_likes(scan);
	scan->join = scan->words;
	scan->has_joins = true;
	scan->was |= GB_WAS_JOIN;
}

static bool is_like(struct gb_span word)
{
	return word.n == 4 && (word.p[0] | 0x20) == 'l' && (word.p[1] | 0x20) == 'i' && (word.p[2] | 0x20) == 'k' &&
	       (word.p[3] | 0x20) == 'e';
}

/* Words that gb_detect_sql_is_hinted() goes by; false for one that no sentence is asked about. */
static bool note_sql(struct gb_sentence_scan *scan, struct gb_span word)
{
	if (word.n == 2 && (word.p[0] | 0x20) == 'i' && (word.p[1] | 0x20) == 'n') {
		scan->has_joins = true;
		scan->is_hot |= word.p > scan->text.p && word.p[-1] == '(';
		scan->was |= GB_WAS_IN;
		return true;
	}
	if (is_common_join(word)) {
		/* title: x OR y, a search. */
		scan->has_operators |= word.p[0] < 'a' && word.p[1] < 'a';
		note_join(scan, false);
		return true;
	}
	switch (is_like(word) ? GB_SQL_LIKE : (int)gb_words_find(&gb_sql_words, word)) {
	case GB_SQL_UNION: return false;
	case GB_SQL_LIKE:
	case GB_SQL_IN:
		scan->has_likes = true;
		scan->is_hot |= scan->needs_likes && scan->words - scan->join <= OPERAND_WORDS;
		scan->is_hot |= word.p > scan->text.p && word.p[-1] == '(';
		note_join(scan, true);
		scan->was |= GB_WAS_LIKE;
		break;
	case GB_SQL_OR:
	case GB_SQL_AND:
	case GB_SQL_WHERE:
	case GB_SQL_WHEN: note_join(scan, false); break;
	case GB_SQL_NILADIC: scan->has_values = scan->has_joins = true; break;
	case GB_SQL_GROUP:
	case GB_SQL_ORDER: scan->was |= GB_WAS_GROUPING; break;
	case GB_SQL_SELECT:
	case GB_SQL_HAVING:
	case GB_SQL_COLLATE:
	case GB_SQL_PROCEDURE:
	case GB_SQL_DECLARE:
	case GB_SQL_WAITFOR:
	case GB_SQL_DANGER:
	case GB_SQL_CATALOG:
	case GB_SQL_CASE:
	case GB_SQL_EXECUTE: scan->is_hot = true; break;
	default: break;
	}
	return true;
}

/* What a line of its own makes a command, of a shell or of a store. */
static bool begins_command(struct gb_span word)
{
	/* python3, cp1251 */
	for (size_t i = 0; i < word.n; i++)
		if (gb_ascii_is_digit(word.p[i]))
			return true;
	return gb_detect_is_command(word) || gb_shell_is_reserved(word) ||
	       gb_value_is_among(word, "set add get append prepend cas delete incr decr touch stats flushall slaveof "
	                               "replicaof import from require print");
}

bool gb_sentence_take_odd_word(struct gb_sentence_scan *scan, struct gb_span word)
{
	const bool is_figure = gb_ascii_is_digit(word.p[0]);

	if (scan->last.n == 0)
		scan->first = word;
	if (word.n > WORD_MAX || (scan->start == 0 && word.n > FIRST_MAX))
		return false;
	if ((scan->was & GB_WAS_LINE) != 0 && (is_figure || begins_command(word)))
		return false;
	scan->is_hot |= (scan->was & GB_WAS_GROUPING) != 0 && gb_span_equal_nocase(word, GB_SPAN("by"));
	scan->was = scan->start > 0 && scan->text.p[scan->start - 1] == '-' ? GB_WAS_COMPOUND : 0;
	scan->has_compound |= scan->was != 0;
	scan->has_operators |= word.n == 3 && gb_sentence_is_batch_operator(word);
	if (!is_figure)
		return word.n == 1 || (!gb_bytes_begin_object(word) &&
		                              (!gb_words_may_have(&gb_sql_words, word) || note_sql(scan, word)));
	scan->has_figures = true;
	scan->is_hot |= !is_figures(word) || (scan->start == 0 && gb_detect_sql_is_number_continued(scan->text));
	return true;
}
