/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a text shows anything of what SQL injection is made of: most do not, and are not read as SQL. */
#include "inspect/bytes.h"
#include "inspect/detect/sql.h"

#define NUMBER_COMPARED_MAX 12u

bool gb_detect_sql_is_number_continued(struct gb_span text)
{
	size_t at = text.n > 0 && text.p[0] == '-', end;

	if (at >= text.n || !gb_ascii_is_digit(text.p[at]))
		return false;
	while (at < text.n && (gb_ascii_is_digit(text.p[at]) || text.p[at] == '.'))
		at++;
	if (at + 1 < text.n && (text.p[at] | 0x20) == 'e' && gb_ascii_is_digit(text.p[at + 1]))
		for (at++; at < text.n && gb_ascii_is_digit(text.p[at]);)
			at++;
	while (at < text.n && gb_ascii_is_space(text.p[at]))
		at++;
	for (end = at; end < text.n && end - at < GB_SQL_WORD_MAX && gb_ascii_is_alpha(text.p[end]);)
		end++;
	return gb_sql_is_trigger(gb_sql_word_of(gb_span_sub(text, at, end - at))) ||
	       gb_sql_word_of(gb_span_sub(text, at, end - at)) == GB_SQL_ARITHMETIC;
}

/* don't, it's, O'Brien: an apostrophe within a word, with what English and names put behind it. */
static bool is_apostrophe(struct gb_span text, size_t at)
{
	size_t start = at, end = at + 1;
	struct gb_span behind;

	while (start > 0 && at - start < 2 && gb_byte_is_name[text.p[start - 1]])
		start--;
	while (end < text.n && end - at < GB_SQL_WORD_MAX && gb_byte_is_name[text.p[end]])
		end++;
	behind = gb_span_sub(text, at + 1, end - at - 1);
	if (start == at || behind.n == 0 || gb_ascii_is_digit(behind.p[0]))
		return false;
	if (behind.n == 1)
		return true;
	if (behind.n == 2 && (gb_span_equal(behind, GB_SPAN("ll")) || gb_span_equal(behind, GB_SPAN("re")) ||
	                             gb_span_equal(behind, GB_SPAN("ve"))))
		return true;
	return at - start == 1 && gb_sql_word_of(behind) == GB_SQL_UNKNOWN;
}

static bool has_quote(struct gb_span text, uint32_t mask)
{
	if ((mask & (GB_BYTE_DOUBLE | GB_BYTE_BACKTICK)) != 0)
		return true;
	if ((mask & GB_BYTE_SINGLE) == 0)
		return false;
	for (size_t at = gb_bytes_find(text, '\'', 0); at != SIZE_MAX; at = gb_bytes_find(text, '\'', at + 1))
		if (!is_apostrophe(text, at))
			return true;
	return false;
}

/* Words of SQL that a text has which is not SQL as it lies. */
enum seen {
	SEEN_JOIN = 1u << 0, /* or, and, where: a comparison must follow */
	SEEN_COMPARISON = 1u << 1,
	SEEN_STATEMENT = 1u << 2, /* behind ; */
	SEEN_CASE = 1u << 3,
	SEEN_WHEN = 1u << 4,
	SEEN_CERTAIN = 1u << 5,
};

static struct gb_span next_word(struct gb_span text, struct gb_span word)
{
	size_t at = (size_t)(word.p - text.p) + word.n, end;

	while (at < text.n && !gb_byte_is_name[text.p[at]])
		at++;
	for (end = at; end < text.n && end - at < GB_SQL_WORD_MAX && gb_byte_is_name[text.p[end]];)
		end++;
	return gb_span_sub(text, at, end - at);
}

/* xp_cmdshell, immediate, master..: what is executed, and not called as friends are. */
static bool is_procedure(struct gb_span word)
{
	enum gb_sql_word kind = gb_sql_word_of(word);

	return kind == GB_SQL_IMMEDIATE || kind == GB_SQL_CATALOG || kind == GB_SQL_DANGER ||
	       (word.n >= 3 && word.p[2] == '_');
}

static unsigned see(struct gb_span text, struct gb_span word)
{
	switch ((int)gb_sql_word_of(word)) {
	case GB_SQL_OR:
	case GB_SQL_AND:
	case GB_SQL_NILADIC:
	case GB_SQL_WHERE: return SEEN_JOIN;
	case GB_SQL_LIKE:
	case GB_SQL_IN: return SEEN_COMPARISON;
	case GB_SQL_UNION:
	case GB_SQL_SELECT:
	case GB_SQL_HAVING:
	case GB_SQL_COLLATE:
	case GB_SQL_PROCEDURE:
	case GB_SQL_DECLARE:
	case GB_SQL_WAITFOR:
	case GB_SQL_DANGER: return SEEN_CERTAIN;
	case GB_SQL_CATALOG: return word.n > 6 ? SEEN_CERTAIN : 0;
	case GB_SQL_CASE: return SEEN_CASE;
	case GB_SQL_WHEN: return SEEN_WHEN;
	case GB_SQL_EXECUTE: return is_procedure(next_word(text, word)) ? SEEN_CERTAIN : 0;
	case GB_SQL_GROUP:
	case GB_SQL_ORDER:
		/* With a comment in front of BY. */
		if ((size_t)(word.p - text.p) + word.n < text.n && word.p[word.n] == '/')
			return SEEN_JOIN;
		return gb_span_equal_nocase(next_word(text, word), GB_SPAN("by")) ? SEEN_CERTAIN : 0;
	case GB_SQL_DROP:
	case GB_SQL_INSERT:
	case GB_SQL_UPDATE:
	case GB_SQL_DELETE:
	case GB_SQL_SET:
	case GB_SQL_BEGIN:
	case GB_SQL_SHUTDOWN:
	case GB_SQL_STATEMENT: return SEEN_STATEMENT;
	default: return 0;
	}
}

static unsigned see_words(struct gb_span text)
{
	unsigned seen = 0;

	for (size_t at = 0, end; at < text.n && (seen & SEEN_CERTAIN) == 0; at = end + 1) {
		struct gb_span word;

		/* 1or: a number ends where a word begins. */
		while (at < text.n && gb_ascii_is_digit(text.p[at]))
			at++;
		for (end = at; end < text.n && gb_byte_is_name[text.p[end]];)
			end++;
		word = gb_span_sub(text, at, end - at);
		if (word.n < 3)
			seen |= gb_span_equal_nocase(word, GB_SPAN("or")) ? SEEN_JOIN : 0;
		else if (gb_words_may_have(&gb_sql_words, word))
			seen |= see(text, word);
	}
	return seen;
}

bool gb_detect_sql_is_hinted(struct gb_span text, uint32_t mask, uint32_t pairs)
{
	const uint32_t quiet = GB_BYTE_ALNUM | GB_BYTE_DOT | GB_BYTE_COLON | GB_BYTE_SLASH | GB_BYTE_OTHER |
	                       GB_BYTE_PLUS | GB_BYTE_GLOB;
	const uint32_t signs =
	        GB_PAIR_DASHES | GB_PAIR_COMMENT | GB_PAIR_HASH | GB_PAIR_VARIABLE | GB_PAIR_NOT | GB_PAIR_OPEN_DIGIT;
	unsigned seen;

	if ((mask & ~quiet) == 0 && (pairs & signs) == 0)
		return false;
	if ((pairs & (GB_PAIR_LOGICAL | GB_PAIR_CALL)) != 0 || has_quote(text, mask))
		return true;
	if ((pairs & signs) != 0 && (mask & (GB_BYTE_SPACE | GB_BYTE_PAREN | GB_BYTE_SEMICOLON | GB_BYTE_EQUAL)) != 0)
		return true;
	seen = see_words(text);
	if ((seen & SEEN_CERTAIN) != 0 || ((pairs & signs) != 0 && seen != 0))
		return true;
	if ((seen & SEEN_STATEMENT) != 0 && (mask & GB_BYTE_SEMICOLON) != 0)
		return true;
	if ((seen & SEEN_CASE) != 0 && (seen & SEEN_WHEN) != 0)
		return true;
	if ((seen & SEEN_COMPARISON) != 0 && ((seen & SEEN_JOIN) != 0 || (mask & GB_BYTE_PERCENT) != 0))
		return true;
	if ((seen & SEEN_JOIN) != 0 && (mask & (GB_BYTE_EQUAL | GB_BYTE_ANGLE | GB_BYTE_PIPE | GB_BYTE_AMPERSAND)) != 0)
		return true;
	text = gb_span_trim(text);
	if (text.n <= NUMBER_COMPARED_MAX &&
	        (mask & (GB_BYTE_EQUAL | GB_BYTE_PAREN | GB_BYTE_PIPE | GB_BYTE_AMPERSAND)) != 0)
		return true;
	return gb_detect_sql_is_number_continued(text) ||
	       (seen != 0 && (gb_span_equal_nocase(gb_span_sub(text, 0, 5), GB_SPAN("grant")) ||
	                             gb_span_equal_nocase(gb_span_sub(text, 0, 6), GB_SPAN("revoke"))));
}
