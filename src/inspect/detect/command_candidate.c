/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether a text is worth reading as a shell: one pass that looks at each place where a command could begin, whatever the
 * quotes around it, and at the word there. False only when no reading could convict: each such word is plain and no
 * program's name. Whatever needs a closer look is a candidate.
 */
#include "activity/shell.h"
#include "inspect/bytes.h"
#include "inspect/detect/command.h"

/* Bytes behind which the shell may take a command. \r is more than it needs. */
#define INTRODUCERS                                                                                                    \
	(GB_BYTE_SEMICOLON | GB_BYTE_AMPERSAND | GB_BYTE_PIPE | GB_BYTE_NEWLINE | GB_BYTE_PAREN | GB_BYTE_BRACE)
/* Bytes of words as they are written: no quotes, escapes, expansions. */
#define WORD_BYTES                                                                                                     \
	(GB_BYTE_ALNUM | GB_BYTE_OTHER | GB_BYTE_DOT | GB_BYTE_COLON | GB_BYTE_PLUS | GB_BYTE_PERCENT | GB_BYTE_HIGH | \
	        GB_BYTE_GLOB | GB_BYTE_BRACKET | GB_BYTE_SLASH | GB_BYTE_EQUAL)

/* How far arguments are followed. */
#define ARGUMENTS_MAX 256u

static uint32_t class_at(struct gb_span text, size_t at)
{
	return at < text.n ? gb_byte_classes[text.p[at]] : GB_BYTE_NEWLINE;
}

static size_t run_end(struct gb_span text, size_t at, uint32_t classes)
{
	while (at < text.n && (gb_byte_classes[text.p[at]] & classes) != 0)
		at++;
	return at;
}

/* Behind a word that ends at AT, up to the next command: an argument that begins as options, paths and expansions do, or
 * a redirection. Within parentheses a newline may be a mere blank; then what is far is taken for one. */
static bool has_shell_argument(struct gb_span text, size_t at, uint32_t mask)
{
	const uint32_t signs = GB_BYTE_SLASH | GB_BYTE_DOLLAR | GB_BYTE_BACKTICK | GB_BYTE_BACKSLASH | GB_BYTE_ANGLE;
	const bool has_parens = (mask & GB_BYTE_PAREN) != 0;
	const uint32_t ends = GB_BYTE_SEMICOLON | GB_BYTE_AMPERSAND | GB_BYTE_PIPE | (has_parens ? 0 : GB_BYTE_NEWLINE);
	const size_t start = at;

	for (; at < text.n; at++) {
		uint32_t class = gb_byte_classes[text.p[at]];

		if ((class & ends) != 0)
			return false;
		if ((class & signs) != 0 || at - start > (has_parens ? 1u : 4u) * ARGUMENTS_MAX)
			return true;
		if (text.p[at] == '-' && (class_at(text, at - 1) & ~(GB_BYTE_ALNUM | GB_BYTE_OTHER | GB_BYTE_DOT)) != 0)
			return true;
	}
	return false;
}

/* The word at *REF_AT, where a command may begin; *ref_at moves behind it. */
static bool is_candidate(struct gb_span text, uint32_t text_mask, size_t *ref_at)
{
	const size_t start = *ref_at, end = run_end(text, start, WORD_BYTES);
	const struct gb_span word = gb_span_sub(text, start, end - start);
	const uint32_t next = class_at(text, end);
	uint32_t mask = 0;

	*ref_at = end;
	if (word.n == 0)
		return (next & INTRODUCERS) == 0;
	if ((next & (INTRODUCERS | GB_BYTE_SPACE)) == 0)
		return true;
	/* who)ami: what such a word is depends on what was opened before. */
	if ((next & (GB_BYTE_PAREN | GB_BYTE_BRACE)) != 0 && (class_at(text, end + 1) & WORD_BYTES) != 0)
		return true;
	for (size_t i = 0; i < word.n; i++)
		mask |= gb_byte_classes[word.p[i]];
	/* Behind an assignment the command is still to come. */
	if ((mask & GB_BYTE_EQUAL) != 0 && (next & GB_BYTE_SPACE) != 0)
		return true;
	/* /???/b?n and ./x; a name is needed at the start of the text only. */
	if ((mask & GB_BYTE_SLASH) != 0 && ((mask & (GB_BYTE_GLOB | GB_BYTE_BRACKET)) != 0 || start != 0))
		return true;
	if (start != 0 && has_shell_argument(text, end, text_mask))
		return true;
	return gb_shell_is_reserved(word) || gb_detect_word_kind(word) != GB_NAME_UNKNOWN;
}

/* What a place in the text shows beyond the word behind it: true for all that the pass does not follow. */
static bool is_special(struct gb_span text, size_t at, uint32_t mask)
{
	unsigned char before = at > 0 ? text.p[at - 1] : 0;
	size_t behind;

	switch (text.p[at]) {
	case '`': return true;
	case '$':
		return (class_at(text, at + 1) & (GB_BYTE_BRACE | GB_BYTE_SINGLE)) != 0 ||
		       (at + 1 < text.n && text.p[at + 1] == 'I');
	case '{': return (class_at(text, at + 1) & (GB_BYTE_SPACE | GB_BYTE_NEWLINE)) == 0;
	/* Alone it is a byte of a word to the shell. */
	case '\r': return at + 1 < text.n && text.p[at + 1] != '\n';
	case '(':
		/* A substitution; and f() { … }, as a function may call itself. */
		behind = run_end(text, at + 1, GB_BYTE_SPACE);
		return before == '$' || before == '<' || before == '>' ||
		       ((mask & GB_BYTE_BRACE) != 0 && behind < text.n && text.p[behind] == ')');
	default: return false;
	}
}

bool gb_detect_has_candidate(struct gb_span text, uint32_t mask)
{
	const uint32_t asked = INTRODUCERS | GB_BYTE_BACKTICK | GB_BYTE_DOLLAR;
	bool is_begun = false; /* letters or digits stand in front */
	size_t opened = 0;
	size_t at = run_end(text, 0, GB_BYTE_SPACE);

	if (is_candidate(text, mask, &at))
		return true;
	for (size_t i = 0; i < at && !is_begun; i++)
		is_begun = (gb_byte_classes[text.p[i]] & (GB_BYTE_ALNUM | GB_BYTE_HIGH)) != 0;
	if (!is_begun)
		return true;
	while (at < text.n) {
		uint32_t class = gb_byte_classes[text.p[at]];

		if ((class & asked) == 0) {
			at++;
			continue;
		}
		if (is_special(text, at, mask) || (text.p[at] == ')' && opened == 0))
			return true;
		opened += (size_t)(text.p[at] == '(') - (text.p[at] == ')');
		at++;
		if ((class & INTRODUCERS) == 0)
			continue;
		at = run_end(text, at, GB_BYTE_SPACE);
		if (at < text.n && is_candidate(text, mask, &at))
			return true;
	}
	return false;
}
