/* SPDX-License-Identifier: Apache-2.0 */
/* What the whole of a short value shows to be no attack at all: lists of words, the text of markup, bounds of a search. */
#include "inspect/bytes.h"
#include "inspect/cited.h"
#include "inspect/cited_mention.h"
#include "inspect/detect/detect.h"

#define LIST_BYTES   160u
#define PARTS_MIN    3u
#define PART_WORDS   4u
#define BETWEEN_TAGS 80u
#define RANGE_BYTES  120u
#define BOUND_MAX    40u
#define PRICE_DIGITS 3u

struct list {
	unsigned parts;
	unsigned commands; /* of these, that begin with the name of one */
};

/* A part from AT to TO: plain words, and not many. */
static bool add_part(struct gb_span text, size_t at, size_t to, struct list *ref_list)
{
	unsigned words = 0;

	for (size_t end; at < to; at = end) {
		while (at < to && text.p[at] == ' ')
			at++;
		for (end = at; end < to && text.p[end] != ' ';)
			end++;
		/* Names in capitals are those of things. */
		ref_list->commands += end > at && words++ == 0 && text.p[at] >= 'a' &&
		                      gb_detect_is_command(gb_cited_strip(gb_span_sub(text, at, end - at)));
	}
	ref_list->parts++;
	return words != 0 && words <= PART_WORDS;
}

/* Fish & chips; mushy peas; id required: three and more parts of words, most of which are no commands. */
static bool is_word_list(const struct gb_cited_mention *mention)
{
	const struct gb_span text = gb_span_trim(mention->text);
	struct list list = {0};
	size_t start = 0;

	if (text.n > LIST_BYTES || text.n == 0 || !gb_ascii_is_alpha(text.p[0]))
		return false;
	for (size_t at = 0; at < text.n; at++) {
		const unsigned char c = text.p[at];

		if (c == ';' || c == '|' || c == '&') {
			if (at + 1 >= text.n || text.p[at + 1] != ' ' || (c != ';' && text.p[at - 1] != ' ') ||
			        !add_part(text, start, at, &list))
				return false;
			start = at + 1;
		} else if (!gb_ascii_is_alpha(c) && c < 0x80 && c != ' ' &&
		           !((c == '.' || c == ',' || c == '\'' || c == '?' || c == '!') && at + 1 <= text.n) &&
		           !(c == '-' && at > 0 && gb_ascii_is_alpha(text.p[at - 1]))) {
			return false;
		}
	}
	return add_part(text, start, text.n, &list) && list.parts >= PARTS_MIN && 2 * list.commands <= list.parts;
}

/* <li>Cut & paste</li>: what a shell would read from is not there, and what stands before the sign does not run. */
static bool is_text_of_markup(const struct gb_cited_mention *mention)
{
	const struct gb_span text = mention->text;
	size_t at = mention->from;

	if (gb_bytes_find(gb_span_sub(text, 0, mention->from), '>', 0) == SIZE_MAX ||
	        gb_bytes_find(gb_span_sub(text, 0, mention->from), '<', 0) == SIZE_MAX)
		return false;
	while (at < text.n && gb_cited_is_of(GB_SPAN(";|& "), text.p[at]))
		at++;
	for (size_t start = at; at < text.n && at - start < BETWEEN_TAGS; at++) {
		if (text.p[at] == '<')
			return at > start && at + 2 < text.n && text.p[at + 1] == '/' &&
			       gb_ascii_is_alpha(text.p[at + 2]);
		if (!gb_byte_is_name[text.p[at]] && !gb_cited_is_of(GB_SPAN(" .,!?'-"), text.p[at]))
			return false;
	}
	return false;
}

/* }, and on the next line a member: the rest of a document as it was printed. */
static bool is_rest_of_document(const struct gb_cited_mention *mention)
{
	const struct gb_span text = gb_span_trim(mention->text);
	size_t at = 1;

	if (!gb_cited_has_reason(mention, "nosql_bare_break_out") || text.n < 8 || text.p[0] != '}' ||
	        gb_bytes_find(text, '$', 0) != SIZE_MAX)
		return false;
	while (at < text.n && gb_cited_is_of(GB_SPAN("}],"), text.p[at]))
		at++;
	if (at < text.n && text.p[at] == '\r')
		at++;
	if (at >= text.n || text.p[at] != '\n')
		return false;
	while (at < text.n && gb_ascii_is_space(text.p[at]))
		at++;
	return at < text.n && gb_cited_is_of(GB_SPAN("\"{"), text.p[at]);
}

static bool is_name(struct gb_span word)
{
	for (size_t i = 0; i < word.n; i++)
		if (!gb_ascii_is_alpha(word.p[i]))
			return false;
	return word.n > 1;
}

/* 2 or more = discount: a comparison of two words, which are not the same. */
static bool is_loose_comparison(const struct gb_cited_mention *mention)
{
	const struct gb_span text = gb_span_trim(mention->text);
	const size_t equal = gb_bytes_find(text, '=', 0);
	size_t start, end;

	if (!gb_cited_has_reason(mention, "sql_boolean") || equal == SIZE_MAX || equal < 3 || equal + 3 > text.n ||
	        text.p[equal - 1] != ' ' || text.p[equal + 1] != ' ' ||
	        (gb_bytes_mask(text) & ~(GB_BYTE_ALNUM | GB_BYTE_SPACE | GB_BYTE_EQUAL | GB_BYTE_DOT)) != 0)
		return false;
	for (start = equal - 1; start > 0 && text.p[start - 1] != ' ';)
		start--;
	for (end = equal + 2; end < text.n && text.p[end] != ' ';)
		end++;
	return is_name(gb_span_sub(text, start, equal - 1 - start)) &&
	       is_name(gb_span_sub(text, equal + 2, end - equal - 2)) &&
	       !gb_span_equal_nocase(
	               gb_span_sub(text, start, equal - 1 - start), gb_span_sub(text, equal + 2, end - equal - 2));
}

bool gb_cited_is_plain(const struct gb_cited_mention *mention)
{
	switch ((int)mention->attack_class) {
	case GB_CLASS_COMMAND_INJECTION: return is_word_list(mention) || is_text_of_markup(mention);
	case GB_CLASS_SQL_INJECTION: return is_loose_comparison(mention);
	case GB_CLASS_NOSQL_INJECTION: return is_rest_of_document(mention);
	default: return false;
	}
}

/* A number that is more than zero, or a day: what a password cannot be compared with to its harm. Where it ends, else AT. */
static size_t bound_end(struct gb_span json, size_t at, bool *ret_is_day)
{
	size_t end = at;

	*ret_is_day = false;
	if (end < json.n && json.p[end] == '"') {
		static const char shape[] = "dddd-dd-dd";

		for (size_t i = 0; i < sizeof(shape) - 1; i++) {
			const unsigned char c = ++end < json.n ? json.p[end] : 0;

			if (shape[i] == 'd' ? !gb_ascii_is_digit(c) : c != '-')
				return at;
		}
		for (end++; end < json.n && end - at < BOUND_MAX && json.p[end] != '"'; end++)
			if (!gb_ascii_is_digit(json.p[end]) && !gb_cited_is_of(GB_SPAN("T:.Z+- "), json.p[end]))
				return at;
		*ret_is_day = true;
		return end < json.n && json.p[end] == '"' ? end + 1 : at;
	}
	if (end >= json.n || json.p[end] < '1' || json.p[end] > '9')
		return at;
	while (end < json.n && (gb_ascii_is_digit(json.p[end]) || json.p[end] == '.'))
		end++;
	return end;
}

static size_t skip_blanks(struct gb_span json, size_t at)
{
	while (at < json.n && gb_ascii_is_space(json.p[at]))
		at++;
	return at;
}

/* "$gte": or "$lt": from AT on: where its value begins, else AT. */
static size_t bound_start(struct gb_span json, size_t at, bool *ret_is_lower)
{
	size_t end;

	if (!gb_span_starts(gb_span_sub(json, at, 2), GB_SPAN("\"$")))
		return at;
	end = at + 2;
	if (end + 3 >= json.n || (json.p[end] != 'g' && json.p[end] != 'l') || json.p[end + 1] != 't')
		return at;
	*ret_is_lower = json.p[end] == 'g';
	end += 2 + (json.p[end + 2] == 'e');
	if (end >= json.n || json.p[end] != '"')
		return at;
	end = skip_blanks(json, end + 1);
	return end < json.n && json.p[end] == ':' ? skip_blanks(json, end + 1) : at;
}

bool gb_cited_is_range(struct gb_span json, size_t at)
{
	unsigned lower = 0, upper = 0, days = 0;
	bool is_price = false;
	size_t open = at < json.n ? at : json.n;

	while (open > 0 && at - open < RANGE_BYTES && json.p[open - 1] != '{')
		open--;
	if (open == 0 || json.p[open - 1] != '{')
		return false;
	for (at = skip_blanks(json, open); at < json.n;) {
		bool is_lower = false, is_day;
		const size_t start = bound_start(json, at, &is_lower), end = bound_end(json, start, &is_day);

		if (start == at || end == start)
			return false;
		lower += is_lower;
		upper += !is_lower;
		days += is_day;
		/* More than one, and no more than any secret number. */
		is_price = !is_day && end - start <= PRICE_DIGITS && (end - start > 1 || json.p[start] > '1');
		at = skip_blanks(json, end);
		if (at < json.n && json.p[at] == '}')
			return lower <= 1 && upper <= 1 && (lower + upper == 2 || days == 1 || is_price);
		if (at >= json.n || json.p[at] != ',')
			return false;
		at = skip_blanks(json, at + 1);
	}
	return false;
}
