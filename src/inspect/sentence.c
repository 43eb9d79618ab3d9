/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Most of the bytes of ordinary events are prose, which has brackets and apostrophes as code has: where they stand tells
 * them apart. What is a sentence here, no detector but that of SQL convicts: an opening bracket follows a blank, a closing
 * one a word, an apostrophe stands within a word; and none of the words at a bracket is one that code calls.
 */
#include "inspect/sentence.h"

#include "activity/shell.h"
#include "inspect/sentence_scan.h"
#include "inspect/vector.h"

#define IMPORT_MAX  64u
#define TOKEN_MIN   8u
#define PLAIN_WORDS 10u /* as many as end the command detector's reading of quotes */

static unsigned char at(struct gb_span text, size_t i)
{
	return i < text.n && text.p[i] != '\n' ? text.p[i] : ' ';
}

/* The word from `start` to END; false when no sentence has it. */
static inline bool take_word(struct gb_sentence_scan *scan, size_t end)
{
	struct gb_span word = gb_span_of(scan->text.p + scan->start, end - scan->start);

	if (word.n == 0)
		return true;
	scan->words++;
	if (gb_sentence_is_ordinary(scan, word))
		scan->was = 0;
	else if (!gb_sentence_take_odd_word(scan, word))
		return false;
	if (!scan->has_letters)
		scan->has_letters = (word.p[0] | 0x20) > 'f' && (word.p[0] | 0x20) != 'x';
	scan->last = word;
	return true;
}

/* don't, they're, O'Brien: what follows is English's, or a name behind a single letter. */
static bool is_apostrophe(const struct gb_sentence_scan *scan, size_t i)
{
	struct gb_span text = scan->text, behind;
	size_t end = i + 1;

	if (i == scan->start || !gb_ascii_is_alpha(text.p[i - 1]))
		return false;
	while (end < text.n && end - i <= GB_SQL_WORD_MAX && gb_ascii_is_alpha(text.p[end]))
		end++;
	behind = gb_span_sub(text, i + 1, end - i - 1);
	if (behind.n == 1 || gb_span_equal(behind, GB_SPAN("ll")) || gb_span_equal(behind, GB_SPAN("re")) ||
	        gb_span_equal(behind, GB_SPAN("ve")))
		return !gb_byte_is_name[at(text, end)];
	return behind.n > 2 && i == scan->start + 1 && gb_sql_word_of(behind) == GB_SQL_UNKNOWN;
}

/* ( in front of a word, behind a blank and another word that code does not call. */
static bool is_opening(struct gb_sentence_scan *scan, size_t i)
{
	struct gb_span text = scan->text;
	size_t back = i;

	scan->has_brackets = true;
	if (!gb_byte_is_name[at(text, i + 1)] || text.p[i + 1] == '_')
		return false;
	while (back > 0 && text.p[back - 1] == ' ')
		back--;
	if (back == i)
		return i == 0;
	scan->is_hot |= (scan->was & GB_WAS_IN) != 0 || ((scan->was & GB_WAS_JOIN) != 0 && scan->is_leading);
	if ((scan->was & GB_WAS_JOIN) != 0) {
		gb_sentence_need_likes(scan);
		scan->is_hot |= scan->has_likes;
	}
	if (gb_byte_is_name[text.p[back - 1]])
		return (scan->was & GB_WAS_COMPOUND) == 0 && !gb_sentence_is_behind_name(scan, back);
	scan->has_groups |= text.p[back - 1] == ')';
	return text.p[back - 1] == ',' || text.p[back - 1] == ')';
}

/* ) behind a word that code does not call, before what ends a part of a sentence. */
static bool is_closing(struct gb_sentence_scan *scan, size_t i)
{
	struct gb_span text = scan->text;
	unsigned char behind = at(text, i + 1);

	scan->has_brackets = true;
	if (i == 0 ||
	        (!gb_byte_is_name[text.p[i - 1]] && text.p[i - 1] != '.' && text.p[i - 1] != '!' &&
	                text.p[i - 1] != '?') ||
	        gb_sentence_is_behind_name(scan, i))
		return false;
	if (behind == '.' || behind == ',' || behind == '!' || behind == '?' || behind == ':')
		return at(text, i + 2) == ' ';
	return behind == ' ';
}

/* Stops: each ends a part, and a blank or another of them follows; or it parts figures: 3.5, 1,000, 10:30. */
static bool is_stop(struct gb_sentence_scan *scan, size_t i)
{
	struct gb_span text = scan->text;
	unsigned char c = text.p[i], before = i > 0 ? text.p[i - 1] : ' ', behind = at(text, i + 1);

	if (c != '?' && c != '!' && gb_ascii_is_digit(before) && gb_ascii_is_digit(behind))
		return true;
	if (before == ' ' || before == '(' || gb_sentence_is_behind_name(scan, i))
		return false;
	if ((scan->was & GB_WAS_JOIN) != 0 && c != ',')
		gb_sentence_need_likes(scan);
	scan->is_hot |= c == '!' && behind != ' ';
	scan->has_colons |= c == ':';
	/* A head of a request: Host: x. */
	if (c == ':' && scan->line != 0 && gb_bytes_find(gb_span_sub(text, 0, i), ' ', scan->line) == SIZE_MAX)
		return false;
	/* javascript: and its like. */
	if (c == ':' && (before | 0x20) == 't' && scan->last.n >= 6)
		return false;
	/* e.g., U.S. */
	if (c == '.' && i == scan->start + 1 && gb_ascii_is_alpha(behind) && at(text, i + 2) == '.')
		return true;
	if (c != ',' && c != ':' && (behind == '.' || behind == '!' || behind == '?' || behind == ')'))
		return true;
	return behind == ' ';
}

/* A hyphen within a word, a dash between two. What begins with a figure and goes on with a dash may be code. */
static bool is_hyphen(struct gb_sentence_scan *scan, size_t i)
{
	struct gb_span text = scan->text;
	unsigned char before = i > 0 ? text.p[i - 1] : '-', behind = i + 1 < text.n ? text.p[i + 1] : '-';

	if (scan->first.n == scan->last.n && scan->first.p == scan->last.p && gb_ascii_is_digit(text.p[0]))
		return false;
	if (before == ' ') {
		if ((scan->was & GB_WAS_JOIN) != 0)
			gb_sentence_need_likes(scan);
		return behind == ' ' && (scan->was & GB_WAS_COMPOUND) == 0;
	}
	scan->has_cmdlet |= (scan->start == scan->line || text.p[scan->start - 1] == '(') && i > scan->start + 1;
	return gb_byte_is_name[before] && before != '_' && gb_byte_is_name[behind] && behind != '_';
}

static bool take_mark(struct gb_sentence_scan *scan, size_t i)
{
	switch (scan->text.p[i]) {
	case '\'': scan->apostrophes++; return is_apostrophe(scan, i);
	case '(': return is_opening(scan, i);
	case ')': return is_closing(scan, i);
	case '-': return is_hyphen(scan, i);
	case '.':
	case ',':
	case ':':
	case '?':
	case '!': return is_stop(scan, i);
	default: return false;
	}
}

struct block {
	unsigned marks; /* bytes that are in no word, as bits */
	unsigned blanks;
	bool has_number; /* 0x: of base 16 */
};

static struct block block_at(struct gb_span text, size_t from)
{
	const size_t n = text.n - from;
	const gb_vector v = n >= GB_VECTOR_BYTES ? gb_vector_load(text.p + from) : gb_vector_load_few(text.p + from, n);
	const unsigned within = n >= GB_VECTOR_BYTES ? 0xffffu : (1u << n) - 1;
	const unsigned crosses = gb_vector_bits(gb_vector_equal(v | gb_vector_of(0x20), 'x'));

	return (struct block){
	        .marks = ~gb_vector_bits(gb_vector_alnum(v) | v) & within,
	        .blanks = gb_vector_bits(gb_vector_equal(v, ' ')) & within,
	        .has_number = crosses != 0 && ((crosses & gb_vector_bits(gb_vector_equal(v, '0')) << 1) != 0 ||
	                                              ((crosses & 1) != 0 && from > 0 && text.p[from - 1] == '0')),
	};
}

static bool scan_text(struct gb_sentence_scan *scan)
{
	for (size_t from = 0; from < scan->text.n; from += GB_VECTOR_BYTES) {
		const struct block block = block_at(scan->text, from);

		if (block.has_number)
			return false;
		for (unsigned marks = block.marks; marks != 0; marks &= marks - 1) {
			const size_t i = from + (unsigned)__builtin_ctz(marks);

			if (!take_word(scan, i))
				return false;
			if ((block.blanks & marks & (0u - marks)) != 0) {
				scan->blanks++;
			} else if (scan->text.p[i] == '\n') {
				scan->blanks++;
				scan->was |= GB_WAS_LINE;
				scan->line = i + 1;
			} else if (!take_mark(scan, i)) {
				return false;
			}
			scan->start = i + 1;
		}
	}
	return take_word(scan, scan->text.n);
}

/* Words of letters alone between blanks: what the command detector counts, or fewer. */
static unsigned count_plain_words(struct gb_span text)
{
	unsigned count = 0;

	for (size_t from = 0, end; from < text.n && count < PLAIN_WORDS; from = end + 1) {
		bool is_plain = true;

		for (end = from; end < text.n && text.p[end] != ' '; end++)
			is_plain &= gb_ascii_is_alpha(text.p[end]) || text.p[end] >= 0x80;
		count += is_plain && end - from > 1;
	}
	return count;
}

/* What a shell reads as quotes begins with a command, or a bracket; cat-like's … it's. */
static bool may_be_command(const struct gb_sentence_scan *scan)
{
	/* On a line of its own ) ends a pattern, and ( begins a command. */
	if (scan->has_groups && scan->line != 0)
		return true;
	if (scan->has_cmdlet && (scan->has_brackets || scan->apostrophes != 0 || scan->line != 0))
		return true;
	return scan->apostrophes != 0 && scan->has_compound && count_plain_words(scan->text) < PLAIN_WORDS &&
	       (scan->has_brackets || gb_detect_is_command(scan->first) || gb_shell_is_reserved(scan->first));
}

static bool is_hinted(const struct gb_sentence_scan *scan)
{
	return scan->is_hot || (scan->has_leading && scan->has_brackets) ||
	       gb_span_equal_nocase(scan->first, GB_SPAN("grant")) ||
	       gb_span_equal_nocase(scan->first, GB_SPAN("revoke")) ||
	       (scan->has_figures && ((scan->has_joins && scan->has_likes) || scan->has_brackets)) ||
	       (scan->has_values && scan->has_likes);
}

enum gb_sentence gb_sentence_read(struct gb_span text, uint32_t mask)
{
	struct gb_sentence_scan scan = {.text = text};

	if (text.n < 3 || text.n > GB_SENTENCE_MAX || text.p[0] <= ' ' || text.p[text.n - 1] <= ' ' ||
	        text.p[0] == '-' || !scan_text(&scan) || !scan.has_letters ||
	        (scan.blanks == 0 && (mask & GB_BYTE_HIGH) == 0))
		return GB_SENTENCE_NONE;
	/* A module of Python's. */
	if (text.n < IMPORT_MAX && (gb_span_starts(text, GB_SPAN("import ")) || gb_span_starts(text, GB_SPAN("from "))))
		return GB_SENTENCE_NONE;
	/* A head and a word may be credentials; print ENV. */
	if ((scan.blanks == 1 && scan.last.n >= TOKEN_MIN) || gb_span_equal(scan.last, GB_SPAN("ENV")))
		return GB_SENTENCE_NONE;
	if (may_be_command(&scan) || (scan.has_operators && (scan.has_colons || scan.has_brackets)))
		return GB_SENTENCE_NONE;
	return is_hinted(&scan) ? GB_SENTENCE_HINTED : GB_SENTENCE_TAME;
}
