/* SPDX-License-Identifier: Apache-2.0 */
/* Texts and attributes of XML documents. Not a parser: what a lenient one would hand to an application is enough. */
#include "base/text.h"
#include "inspect/bytes.h"
#include "inspect/decode/decode.h"

static bool is_name_byte(unsigned char c)
{
	return gb_ascii_is_alpha(c) || gb_ascii_is_digit(c) || c == '_' || c == '-' || c == '.' || c == ':' ||
	       c >= 0x80;
}

static struct gb_span name_at(struct gb_span s, size_t at)
{
	size_t end = at;

	while (end < s.n && is_name_byte(s.p[end]))
		end++;
	return gb_span_sub(s, at, end - at);
}

/* Behind the next END from AT on, or the end of S. */
static size_t behind(struct gb_span s, size_t at, struct gb_span end)
{
	size_t found = gb_bytes_find_text(s, end, at < s.n ? at : s.n);

	return found == SIZE_MAX ? s.n : found + end.n;
}

/* What is no element at AT: comment, instruction, document type (with its own declarations). Behind it, or AT. */
static size_t skip_others(struct gb_span s, size_t at)
{
	struct gb_span rest = gb_span_sub(s, at, 9);

	if (gb_span_starts(rest, GB_SPAN("<!--")))
		return behind(s, at + 4, GB_SPAN("-->"));
	if (gb_span_starts(rest, GB_SPAN("<?")))
		return behind(s, at + 2, GB_SPAN("?>"));
	if (gb_span_starts(rest, GB_SPAN("<!")) && !gb_span_starts(rest, GB_SPAN("<![CDATA["))) {
		size_t end = behind(s, at, GB_SPAN(">")), bracket = gb_bytes_find(gb_span_sub(s, 0, end), '[', at);

		return bracket != SIZE_MAX ? behind(s, bracket, GB_SPAN("]>")) : end;
	}
	return at;
}

/* Elements of web pages: text around markup there is for people, and is judged as such. */
static bool is_page(struct gb_span root)
{
	static const char names[] =
	        " a abbr article b blockquote body br button center code dd div dl dt em embed figure font "
	        "footer form frame h1 h2 h3 h4 h5 h6 head header hr html i iframe img input label "
	        "li link main math meta nav noscript object ol option p pre s script section select "
	        "small span strong style sub sup svg table tbody td textarea th tr tt u ul var video ";
	char word[16];
	size_t n = root.n;

	if (n > sizeof(word) - 2)
		return false;
	word[0] = ' ';
	for (size_t i = 0; i < n; i++)
		word[1 + i] = (char)gb_ascii_lower(root.p[i]);
	word[n + 1] = ' ';
	return gb_bytes_find_text(gb_span_of(names, sizeof(names) - 1), gb_span_of(word, n + 2), 0) != SIZE_MAX;
}

bool gb_decode_is_markup(struct gb_span s)
{
	struct gb_span text = gb_span_trim(s), root;
	size_t at = 0, next;

	if (text.n < 8 || text.p[0] != '<' || text.p[text.n - 1] != '>')
		return false;
	while ((next = skip_others(text, at)) != at) {
		at = next;
		while (at < text.n && gb_ascii_is_space(text.p[at]))
			at++;
	}
	if (at + 2 >= text.n || text.p[at] != '<')
		return false;
	root = name_at(text, at + 1);
	if (root.n == 0 || is_page(root))
		return false;
	/* One element alone is rather a piece of a page. */
	next = gb_bytes_find(text, '<', at + 1 + root.n);
	if (next == SIZE_MAX || next + 1 >= text.n || text.p[next + 1] == '/')
		return false;
	/* What starts with an element ends with it. */
	if (text.p[text.n - 2] == '/')
		return true;
	at = text.n - 1;
	while (at > 0 && gb_ascii_is_space(text.p[at - 1]))
		at--;
	return at > root.n + 2 && gb_span_equal(gb_span_sub(text, at - root.n, root.n), root) &&
	       text.p[at - root.n - 1] == '/' && text.p[at - root.n - 2] == '<';
}

/* The next attribute of the element that is open; false at its end. */
static bool attribute_next(struct gb_span s, struct gb_decode_markup *markup, struct gb_decode_field *ret_field)
{
	while (markup->at < s.n && s.p[markup->at] != '>') {
		struct gb_span name = name_at(s, markup->at);
		size_t at = markup->at + name.n, end;
		unsigned char quote;

		if (name.n == 0) {
			markup->at++;
			continue;
		}
		while (at < s.n && gb_ascii_is_space(s.p[at]))
			at++;
		markup->at = at;
		if (at >= s.n || s.p[at] != '=')
			continue;
		at++;
		while (at < s.n && gb_ascii_is_space(s.p[at]))
			at++;
		quote = at < s.n ? s.p[at] : 0;
		markup->at = at;
		if (quote != '"' && quote != '\'')
			continue;
		end = gb_bytes_find(s, quote, at + 1);
		end = end == SIZE_MAX ? s.n : end;
		markup->at = end < s.n ? end + 1 : s.n;
		ret_field->owner = markup->element;
		ret_field->name = name;
		ret_field->value = gb_span_sub(s, at + 1, end - at - 1);
		return true;
	}
	markup->is_in_tag = false;
	markup->at += markup->at < s.n;
	return false;
}

bool gb_decode_markup_next(struct gb_span s, struct gb_decode_markup *markup, struct gb_decode_field *ret_field)
{
	*ret_field = (struct gb_decode_field){0};
	while (markup->at < s.n) {
		size_t at = markup->at, next;

		if (markup->is_in_tag) {
			if (attribute_next(s, markup, ret_field))
				return true;
			continue;
		}
		if (gb_span_starts(gb_span_sub(s, at, 9), GB_SPAN("<![CDATA["))) {
			next = behind(s, at, GB_SPAN("]]>"));
			markup->at = next;
			ret_field->name = markup->element;
			ret_field->is_verbatim = true;
			ret_field->value = gb_span_sub(s, at + 9, next - at > 12 ? next - at - 12 : 0);
			return true;
		}
		if ((next = skip_others(s, at)) != at) {
			markup->at = next;
			continue;
		}
		if (s.p[at] == '<' && at + 1 < s.n) {
			struct gb_span name = name_at(s, at + 1);

			if (name.n != 0) {
				markup->element = name;
				markup->is_in_tag = true;
				markup->at = at + 1 + name.n;
				continue;
			}
			if (s.p[at + 1] == '/') {
				markup->at = behind(s, at, GB_SPAN(">"));
				continue;
			}
		}
		next = gb_bytes_find(s, '<', at + 1);
		next = next == SIZE_MAX ? s.n : next;
		markup->at = next;
		ret_field->name = markup->element;
		ret_field->value = gb_span_trim(gb_span_sub(s, at, next - at));
		if (ret_field->value.n != 0)
			return true;
	}
	return false;
}
