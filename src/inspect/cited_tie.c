/* SPDX-License-Identifier: Apache-2.0 */
/* How an attack is tied to what stands around it. */
#include "inspect/bytes.h"
#include "inspect/cited_mention.h"

#define PIECE_MAX      64u
#define CONTINUED_NEAR 3u /* words behind, one of which holds the sentence together */
#define IDEOGRAPH_LEAD 0xe3u

static bool is_kind(struct gb_span text, size_t from, size_t to, unsigned kinds)
{
	struct gb_span word = gb_cited_strip(gb_span_sub(text, from, to - from));

	return word.n != 0 && (gb_words_find(&gb_cited_words, word) & kinds) != 0;
}

static bool is_stop(struct gb_span text, size_t end)
{
	return gb_cited_is_of(GB_SPAN(".!?"), text.p[end - 1]) ||
	       gb_span_ends(gb_span_sub(text, 0, end), GB_SPAN("\xe3\x80\x82")) ||
	       gb_span_ends(gb_span_sub(text, 0, end), GB_SPAN("\xef\xbc\x81"));
}

static void tie_before(struct gb_span text, size_t from, bool is_bare, struct gb_cited_tie *ret_tie)
{
	size_t before = from, word;
	unsigned char last;

	while (before > 0 && gb_ascii_is_space(text.p[before - 1]))
		before--;
	if (before == 0)
		return;
	last = text.p[before - 1];
	for (word = before; word > 0 && before - word < PIECE_MAX && !gb_ascii_is_space(text.p[word - 1]);)
		word--;
	ret_tie->is_item = last == ',';
	ret_tie->is_appended = is_stop(text, before);
	ret_tie->is_led = gb_cited_is_of(GB_SPAN(":=()"), last) || (last == ',' && !is_bare) ||
	                  (last >= 0x80 && text.p[word] >= IDEOGRAPH_LEAD && !ret_tie->is_appended) ||
	                  is_kind(text, word, before, GB_CITED_LEAD) ||
	                  gb_bytes_find(gb_span_sub(text, word, before - word), '=', 0) != SIZE_MAX;
	ret_tie->is_attached = before == from && !ret_tie->is_led &&
	                       (last >= 0x80 || gb_byte_is_name[last] || gb_cited_is_of(GB_SPAN("'-"), last));
}

static bool is_continued(struct gb_span text, size_t at)
{
	if (at < text.n && gb_cited_is_of(GB_SPAN(".?!"), text.p[at]) &&
	        (at + 1 == text.n || gb_ascii_is_space(text.p[at + 1])))
		return true;
	while (at < text.n && gb_cited_is_of(GB_SPAN(" \t,:;)?"), text.p[at]))
		at++;
	/* A dash, an arrow. */
	if (gb_span_starts(gb_span_sub(text, at, 3), GB_SPAN("\xe2\x80\x93")) ||
	        gb_span_starts(gb_span_sub(text, at, 3), GB_SPAN("\xe2\x80\x94")) ||
	        gb_span_starts(gb_span_sub(text, at, 3), GB_SPAN("-> ")))
		at += 3;
	while (at < text.n && text.p[at] == ' ')
		at++;
	if (at == text.n || (text.p[at] < 'a' && !gb_span_starts(gb_span_sub(text, at, 2), GB_SPAN("I "))))
		return false;
	if (text.p[at] >= IDEOGRAPH_LEAD)
		return true;
	for (unsigned words = 0; words < CONTINUED_NEAR && at < text.n; words++) {
		size_t end = at;

		while (end < text.n && end - at < PIECE_MAX && !gb_ascii_is_space(text.p[end]))
			end++;
		if (is_kind(text, at, end, GB_CITED_GLUE | GB_CITED_TALK))
			return true;
		at = end + (end < text.n);
	}
	return false;
}

struct gb_cited_tie gb_cited_tie_of(const struct gb_cited_mention *mention)
{
	struct gb_cited_tie tie = {0};

	tie_before(mention->text, mention->from, mention->mark == GB_CITED_BARE, &tie);
	tie.is_continued = is_continued(mention->text, mention->to);
	/* An item of a list. */
	if (tie.is_item && mention->to < mention->text.n && mention->text.p[mention->to] == ',')
		tie.is_led = tie.is_continued = true;
	tie.is_at_end = gb_span_trim(gb_span_sub(mention->text, mention->to, SIZE_MAX)).n == 0;
	return tie;
}
