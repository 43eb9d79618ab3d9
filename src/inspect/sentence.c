/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Most of the bytes of ordinary events are prose, which has brackets and apostrophes as code has: where they stand tells
 * them apart. What is a sentence here, no detector but that of SQL convicts: an opening bracket follows a blank, a closing
 * one a word, an apostrophe stands within a word; and none of the words at a bracket is one that code calls.
 */
#include "inspect/sentence.h"

#include "activity/shell.h"
#include "inspect/bytes.h"
#include "inspect/detect/capability.h"
#include "inspect/detect/detect.h"
#include "inspect/lex/filter.h"
#include "inspect/lex/sql_words.h"
#include "inspect/value.h"
#include "inspect/vector.h"

#define WORD_MAX    40u /* longer words may be an encoding */
#define FIRST_MAX   12u /* the first one, where whole values begin */
#define FIGURES_MAX 16u
#define IMPORT_MAX  64u
#define TOKEN_MIN   8u
#define COMMAND_MAX 24u
#define PLAIN_WORDS 10u /* as many as end the command detector's reading of quotes */

/* What the last word was. */
enum {
	WAS_JOIN = 1u << 0,
	WAS_GROUPING = 1u << 1, /* group, order */
	WAS_IN = 1u << 2,
	WAS_COMPOUND = 1u << 3, /* behind a hyphen: get-content */
	WAS_LINE = 1u << 4,     /* a line ended behind it */
};

struct scan {
	struct gb_span text;
	struct gb_span first, last; /* words */
	size_t start;               /* of the word at hand */
	size_t line;                /* where the one at hand begins */
	size_t blanks;
	unsigned was;
	bool is_hot; /* words that only SQL combines */
	bool has_figures;
	bool has_joins;   /* or, and, in, like */
	bool has_letters; /* that no number of base 16 has */
	bool has_likes;
	bool needs_likes;   /* they make it hot */
	bool has_leading;   /* a join is the first word */
	bool is_leading;    /* the last join was the first word */
	bool has_operators; /* joins in capitals, comparisons of cmd.exe */
	bool has_colons;
	bool has_values; /* that SQL computes: user */
	bool has_compound;
	bool has_brackets;
	bool has_cmdlet; /* where a command may stand, as PowerShell writes its own */
	unsigned apostrophes;
};

static unsigned char at(struct gb_span text, size_t i)
{
	return i < text.n && text.p[i] != '\n' ? text.p[i] : ' ';
}

#define S(text)                                                                                                        \
	{                                                                                                              \
		(const unsigned char *)(text), sizeof(text) - 1                                                        \
	}

/* Names that script without markup calls or hands on, and the object whose members it reads. */
static bool is_of_script(struct gb_span word)
{
	static const struct gb_span names[] = {S("alert"), S("confirm"), S("prompt"), S("eval"), S("execscript"),
	        S("innerhtml"), S("outerhtml"), S("insertadjacenthtml"), S("srcdoc"), S("sendbeacon"),
	        S("createcontextualfragment"), S("sethtmlunsafe"), S("globaleval"), S("document"), S("constructor"),
	        S("function")};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (word.n == names[i].n && (word.p[0] | 0x20) == names[i].p[0] && gb_span_equal_nocase(word, names[i]))
			return true;
	return false;
}

/* Whether the last word ends before END and is a name of code. */
static bool is_behind_name(const struct scan *scan, size_t end)
{
	return scan->last.n != 0 && scan->last.p + scan->last.n == scan->text.p + end &&
	       (gb_capability_of(scan->last) != 0 || is_of_script(scan->last) ||
	               (gb_words_may_have(&gb_xpath_words, scan->last) &&
	                       gb_words_find(&gb_xpath_words, scan->last) != 0));
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
static void note_join(struct scan *scan)
{
	const size_t start = (size_t)(scan->last.p - scan->text.p);

	scan->is_leading = scan->last.n == 0;
	scan->has_leading |= scan->is_leading;
	scan->needs_likes |= scan->is_leading || (start > 0 && scan->text.p[start - 1] == '\'');
	scan->has_joins = true;
	scan->was |= WAS_JOIN;
}

static bool is_like(struct gb_span word)
{
	return word.n == 4 && (word.p[0] | 0x20) == 'l' && (word.p[1] | 0x20) == 'i' && (word.p[2] | 0x20) == 'k' &&
	       (word.p[3] | 0x20) == 'e';
}

/* Words that gb_detect_sql_is_hinted() goes by; false for one that no sentence is asked about. */
static bool note_sql(struct scan *scan, struct gb_span word)
{
	if (word.n == 2 && (word.p[0] | 0x20) == 'i' && (word.p[1] | 0x20) == 'n') {
		scan->has_joins = true;
		scan->is_hot |= word.p > scan->text.p && word.p[-1] == '(';
		scan->was |= WAS_IN;
		return true;
	}
	if (is_common_join(word)) {
		/* title: x OR y, a search. */
		scan->has_operators |= word.p[0] < 'a' && word.p[1] < 'a';
		note_join(scan);
		return true;
	}
	switch (is_like(word) ? GB_SQL_LIKE : (int)gb_words_find(&gb_sql_words, word)) {
	case GB_SQL_UNION: return false;
	case GB_SQL_LIKE:
	case GB_SQL_IN:
		scan->has_likes = true;
		scan->is_hot |= word.p > scan->text.p && word.p[-1] == '(';
		note_join(scan);
		break;
	case GB_SQL_OR:
	case GB_SQL_AND:
	case GB_SQL_WHERE:
	case GB_SQL_WHEN: note_join(scan); break;
	case GB_SQL_NILADIC: scan->has_values = scan->has_joins = true; break;
	case GB_SQL_GROUP:
	case GB_SQL_ORDER: scan->was |= WAS_GROUPING; break;
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

/* if x leq y: how cmd.exe compares. */
static bool is_batch_operator(struct gb_span word)
{
	const unsigned char last = word.p[2] | 0x20;

	return (last == 'q' || last == 'u' || last == 's' || last == 'r') &&
	       gb_value_is_among(word, "equ neq lss leq gtr geq");
}

/* A word of prose that means nothing to anybody, nor does the one before it: most do not. */
static inline bool is_ordinary(const struct scan *scan, struct gb_span word)
{
	const unsigned char first = word.p[0], second = word.p[word.n > 1];

	return word.n > 1 && word.n <= WORD_MAX && first > '9' && second >= 'a' && (first != 'a' || second != 'c') &&
	       scan->last.n != 0 && scan->was == 0 && word.p[-1] != '-' && (word.n != 3 || !is_batch_operator(word)) &&
	       !gb_words_may_have(&gb_sql_words, word);
}

static bool is_command(struct gb_span word)
{
	unsigned char lower[COMMAND_MAX];

	if (word.n > sizeof(lower))
		return false;
	for (size_t i = 0; i < word.n; i++)
		lower[i] = gb_ascii_lower(word.p[i]);
	return gb_detect_command_name(gb_span_of(lower, word.n)) != GB_NAME_UNKNOWN;
}

/* What a line of its own makes a command, of a shell or of a store. */
static bool begins_command(struct gb_span word)
{
	/* python3, cp1251 */
	for (size_t i = 0; i < word.n; i++)
		if (gb_ascii_is_digit(word.p[i]))
			return true;
	return is_command(word) || gb_shell_is_reserved(word) ||
	       gb_value_is_among(word, "set add get append prepend cas delete incr decr touch stats flushall slaveof "
	                               "replicaof import from require print");
}

static bool take_odd_word(struct scan *scan, struct gb_span word)
{
	const bool is_figure = gb_ascii_is_digit(word.p[0]);

	if (scan->last.n == 0)
		scan->first = word;
	if (word.n > WORD_MAX || (scan->start == 0 && word.n > FIRST_MAX))
		return false;
	if ((scan->was & WAS_LINE) != 0 && (is_figure || begins_command(word)))
		return false;
	scan->is_hot |= (scan->was & WAS_GROUPING) != 0 && gb_span_equal_nocase(word, GB_SPAN("by"));
	scan->was = scan->start > 0 && scan->text.p[scan->start - 1] == '-' ? WAS_COMPOUND : 0;
	scan->has_compound |= scan->was != 0;
	scan->has_operators |= word.n == 3 && is_batch_operator(word);
	if (!is_figure)
		return word.n == 1 || (!gb_bytes_begin_object(word) &&
		                              (!gb_words_may_have(&gb_sql_words, word) || note_sql(scan, word)));
	scan->has_figures = true;
	scan->is_hot |= scan->start == 0 || !is_figures(word);
	return true;
}

/* The word from `start` to END; false when no sentence has it. */
static inline bool take_word(struct scan *scan, size_t end)
{
	struct gb_span word = gb_span_of(scan->text.p + scan->start, end - scan->start);
	const unsigned char first = word.n != 0 ? word.p[0] | 0x20 : 0;

	if (word.n == 0)
		return true;
	if (!is_ordinary(scan, word) && !take_odd_word(scan, word))
		return false;
	scan->has_letters |= first > 'f' && first != 'x';
	scan->last = word;
	return true;
}

/* don't, they're, O'Brien: what follows is English's, or a name behind a single letter. */
static bool is_apostrophe(const struct scan *scan, size_t i)
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
static bool is_opening(struct scan *scan, size_t i)
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
	scan->is_hot |= (scan->was & WAS_IN) != 0 || ((scan->was & WAS_JOIN) != 0 && scan->is_leading);
	scan->needs_likes |= (scan->was & WAS_JOIN) != 0;
	if (gb_byte_is_name[text.p[back - 1]])
		return (scan->was & WAS_COMPOUND) == 0 && !is_behind_name(scan, back);
	return text.p[back - 1] == ',';
}

/* ) behind a word that code does not call, before what ends a part of a sentence. */
static bool is_closing(struct scan *scan, size_t i)
{
	struct gb_span text = scan->text;
	unsigned char behind = at(text, i + 1);

	scan->has_brackets = true;
	if (i == 0 ||
	        (!gb_byte_is_name[text.p[i - 1]] && text.p[i - 1] != '.' && text.p[i - 1] != '!' &&
	                text.p[i - 1] != '?') ||
	        is_behind_name(scan, i))
		return false;
	if (behind == '.' || behind == ',' || behind == '!' || behind == '?' || behind == ':')
		return at(text, i + 2) == ' ';
	return behind == ' ';
}

/* Stops: each ends a part, and a blank or another of them follows; or it parts figures: 3.5, 1,000, 10:30. */
static bool is_stop(struct scan *scan, size_t i)
{
	struct gb_span text = scan->text;
	unsigned char c = text.p[i], before = i > 0 ? text.p[i - 1] : ' ', behind = at(text, i + 1);

	if (c != '?' && c != '!' && gb_ascii_is_digit(before) && gb_ascii_is_digit(behind))
		return true;
	if (before == ' ' || before == '(' || is_behind_name(scan, i))
		return false;
	scan->needs_likes |= (scan->was & WAS_JOIN) != 0 && c != ',';
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
static bool is_hyphen(struct scan *scan, size_t i)
{
	struct gb_span text = scan->text;
	unsigned char before = i > 0 ? text.p[i - 1] : '-', behind = i + 1 < text.n ? text.p[i + 1] : '-';

	if (scan->first.n == scan->last.n && scan->first.p == scan->last.p && gb_ascii_is_digit(text.p[0]))
		return false;
	if (before == ' ') {
		scan->needs_likes |= (scan->was & WAS_JOIN) != 0;
		return behind == ' ' && (scan->was & WAS_COMPOUND) == 0;
	}
	scan->has_cmdlet |= (scan->start == scan->line || text.p[scan->start - 1] == '(') && i > scan->start + 1;
	return gb_byte_is_name[before] && before != '_' && gb_byte_is_name[behind] && behind != '_';
}

static bool take_mark(struct scan *scan, size_t i)
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

static bool scan_text(struct scan *scan)
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
				scan->was |= WAS_LINE;
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
static bool may_be_command(const struct scan *scan)
{
	if (scan->has_cmdlet && (scan->has_brackets || scan->apostrophes != 0 || scan->line != 0))
		return true;
	return scan->apostrophes != 0 && scan->has_compound && count_plain_words(scan->text) < PLAIN_WORDS &&
	       (scan->has_brackets || is_command(scan->first) || gb_shell_is_reserved(scan->first));
}

static bool is_hinted(const struct scan *scan)
{
	return scan->is_hot || (scan->has_leading && scan->has_brackets) ||
	       gb_span_equal_nocase(scan->first, GB_SPAN("grant")) ||
	       gb_span_equal_nocase(scan->first, GB_SPAN("revoke")) ||
	       (scan->has_figures && (scan->has_joins || scan->has_brackets)) ||
	       ((scan->has_values || scan->needs_likes) && scan->has_likes);
}

enum gb_sentence gb_sentence_read(struct gb_span text, uint32_t mask)
{
	struct scan scan = {.text = text};

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
