/* SPDX-License-Identifier: Apache-2.0 */
/* One of several: strings of a list, items of a document, rows of a table. */
#include "inspect/bytes.h"
#include "inspect/cited_mention.h"

#define BEFORE_BYTES  400u
#define PROGRAM_BYTES 2048u
#define ITEMS_MIN     3u
#define ITEM_BYTES    48u

/* ["…", "…", "…"]: the attack is one of several short strings, of a list that is open before it and closed behind it. */
bool gb_cited_is_listed(const struct gb_cited_mention *mention)
{
	const struct gb_span text = mention->text;
	size_t open = mention->from, at;
	unsigned items = 0;

	while (open > 0 && mention->from - open < BEFORE_BYTES && text.p[open - 1] != '[' && text.p[open - 1] != '\n')
		open--;
	if (open == 0 || text.p[open - 1] != '[')
		return false;
	for (at = open; at < text.n;) {
		const unsigned char quote = text.p[at];
		size_t close;

		if (quote != '"' && quote != '\'')
			return false;
		for (close = at + 1; close < text.n && close - at < ITEM_BYTES; close++)
			if (text.p[close] == quote && close + 1 < text.n &&
			        gb_cited_is_of(GB_SPAN(",]"), text.p[close + 1]))
				break;
		if (close >= text.n || text.p[close] != quote)
			return false;
		items++;
		at = close + 1;
		if (at < text.n && text.p[at] == ']')
			return items >= ITEMS_MIN && at > mention->from;
		while (at < text.n && (text.p[at] == ',' || gb_ascii_is_space(text.p[at])))
			at++;
	}
	return false;
}

/* - …, 1. …, * …: an item; where its text begins, else AT. */
static size_t item_start(struct gb_span text, size_t at)
{
	size_t start = at;

	while (start < text.n && text.p[start] == ' ')
		start++;
	at = start;
	while (at < text.n && gb_ascii_is_digit(text.p[at]))
		at++;
	if (at + 1 < text.n && text.p[at + 1] == ' ' &&
	        gb_cited_is_of(at > start ? GB_SPAN(".)") : GB_SPAN("-*"), text.p[at]))
		return at + 2;
	return start;
}

/* Items of a list of which other lines talk, or strings of a list in a file; rows of a table with its head. */
bool gb_cited_is_listed_line(const struct gb_cited_mention *mention)
{
	const struct gb_span text = gb_span_sub(mention->text, 0, PROGRAM_BYTES);
	const size_t own = gb_cited_line_start(text, mention->from);
	struct gb_cited_prose prose = {0};
	unsigned items = 0, strings = 0;
	bool is_own = false;

	if (own > 0 && own < text.n && text.p[own] == '|' && text.p[0] == '|' &&
	        gb_bytes_find_text(text, GB_SPAN("\n|--"), 0) < own)
		return true;
	for (size_t at = 0, next; at < text.n; at = next) {
		const size_t item = item_start(text, at);

		next = gb_cited_next_line(text, at);
		if (item < at + 2 || item >= text.n || (text.p[item - 1] != ' ' || item - at < 2)) {
			gb_cited_prose_add(text, at, next, &prose);
			continue;
		}
		if (gb_cited_is_of(GB_SPAN(".)-*"), text.p[item - 2])) {
			items++;
			strings += gb_cited_is_of(GB_SPAN("\"'`"), text.p[item]);
			is_own |= at == own;
		}
	}
	return items >= 2 && is_own && ((strings >= 2 && own > 0) || (prose.words >= 2 && prose.talk != 0));
}
