/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of a sentence share: sentence.c reads its marks, sentence_words.c its words. Private to these. */
#ifndef GB_INSPECT_SENTENCE_SCAN_H
#define GB_INSPECT_SENTENCE_SCAN_H

#include "inspect/detect/detect.h"
#include "inspect/bytes.h"
#include "inspect/lex/sql_words.h"
#include "inspect/sentence.h"

#define WORD_MAX 40u /* longer words may be an encoding */

/* What the last word was, which the next one ends. */
enum gb_sentence_was {
	GB_WAS_JOIN = 1u << 0,
	GB_WAS_GROUPING = 1u << 1, /* group, order */
	GB_WAS_IN = 1u << 2,
	GB_WAS_COMPOUND = 1u << 3, /* behind a hyphen: get-content */
	GB_WAS_LINE = 1u << 4,     /* a line ended behind it */
	GB_WAS_LIKE = 1u << 5,
};

struct gb_sentence_scan {
	struct gb_span text;
	struct gb_span first, last; /* words */
	size_t start;               /* of the word at hand */
	size_t line;                /* where the one at hand begins */
	size_t blanks;
	unsigned was;
	unsigned words;
	unsigned join; /* the word that a LIKE may follow */
	bool is_hot;   /* words that only SQL combines */
	bool has_figures;
	bool has_joins;   /* or, and, in, like */
	bool has_letters; /* that no number of base 16 has */
	bool has_likes;
	bool needs_likes;   /* a LIKE soon behind the last join makes it hot */
	bool has_leading;   /* a join is the first word */
	bool is_leading;    /* the last join was the first word */
	bool has_operators; /* joins in capitals, comparisons of cmd.exe */
	bool has_colons;
	bool has_values; /* that SQL computes: user */
	bool has_compound;
	bool has_brackets;
	bool has_groups; /* (a) (b) */
	bool has_cmdlet; /* where a command may stand, as PowerShell writes its own */
	unsigned apostrophes;
};

enum gb_script_name { GB_SCRIPT_NAME = 1 };
extern const struct gb_words gb_script_names;

/* Whether the last word ends before END and is a name of code. */
bool gb_sentence_is_behind_name(const struct gb_sentence_scan *scan, size_t end);
/* The join that was makes a condition if a comparison has come or comes. */
static inline void gb_sentence_need_likes(struct gb_sentence_scan *scan)
{
	scan->needs_likes = true;
	scan->is_hot |= (scan->was & GB_WAS_LIKE) != 0;
	scan->join = scan->words;
}

/* WORD, which is not gb_sentence_is_ordinary(): false when no sentence has it. */
bool gb_sentence_take_odd_word(struct gb_sentence_scan *scan, struct gb_span word);

/* WORD of three letters; if x leq y: how cmd.exe compares. */
static inline bool gb_sentence_is_batch_operator(struct gb_span word)
{
	const unsigned second = word.p[1] | 0x20u, last = word.p[2] | 0x20u;

	switch (word.p[0] | 0x20u) {
	case 'e': return second == 'q' && last == 'u';
	case 'n': return second == 'e' && last == 'q';
	case 'l': return (second == 's' && last == 's') || (second == 'e' && last == 'q');
	case 'g': return (second == 't' && last == 'r') || (second == 'e' && last == 'q');
	default: return false;
	}
}

/* A word of prose that means nothing to anybody, and ends what the one before it began: most do. */
static inline bool gb_sentence_is_ordinary(const struct gb_sentence_scan *scan, struct gb_span word)
{
	const unsigned char first = word.p[0], second = word.p[word.n > 1];

	return first >= 'A' && (second >= 'a' || word.n == 1) && word.n <= WORD_MAX && scan->last.n != 0 &&
	       (scan->was & (GB_WAS_GROUPING | GB_WAS_LINE)) == 0 && word.p[-1] != '-' &&
	       (first != 'a' || second != 'c') && (word.n != 3 || !gb_sentence_is_batch_operator(word)) &&
	       gb_words_find_made_for(&gb_sql_words, word) == 0;
}

#endif
