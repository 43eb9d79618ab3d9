/* SPDX-License-Identifier: Apache-2.0 */
/* Script injection: the text read in each context of a page where an application may have put it. */
#include "inspect/bytes.h"
#include "inspect/detect/xss.h"
#include "inspect/prose.h"

#define SENTENCE_MAX   200u
#define ATTRIBUTES_MAX 24u
#define BARE_MAX       3u /* attributes without a value before one that convicts; more is prose */
#define LOOK_BACK_MAX  40u
#define UNFINISHED_MAX 64u
#define HANDLER_STEPS  1024u
#define STYLE_STEPS    256u
#define SCRIPT_STEPS   4u /* a byte */

static bool convict(struct gb_detect_hit *hit, const char *reason, size_t from, size_t end)
{
	*hit = (struct gb_detect_hit){.reason = reason, .from = from, .length = end > from ? end - from : 1};
	return true;
}

static bool has_tag(struct gb_span text)
{
	for (size_t at = gb_bytes_find(text, '<', 0); at != SIZE_MAX; at = gb_bytes_find(text, '<', at + 1))
		if (at + 1 < text.n && (gb_ascii_is_alpha(text.p[at + 1]) || text.p[at + 1] == 0 ||
		                               text.p[at + 1] == '/' || text.p[at + 1] == '!'))
			return true;
	return false;
}

/* §13.2.5.36 to 39: behind the quote that closes the attribute the text stands in, or the blank that ends an unquoted
 * one, further attributes follow. */
static bool find_attributes(struct gb_span text, size_t from, bool is_strict, struct gb_detect_hit *hit)
{
	struct gb_html html;
	struct gb_html_token token;
	unsigned bare = 0, total = 0;

	gb_html_start(&html, text, from, GB_HTML_BEFORE_ATTRIBUTE_NAME, false);
	/* var once = … */
	if (gb_span_starts(text, GB_SPAN("var ")) || gb_span_starts(text, GB_SPAN("let ")) ||
	        gb_span_starts(text, GB_SPAN("const ")))
		return false;
	while (gb_html_next(&html, &token) && token.kind == GB_HTML_ATTRIBUTE && total++ < ATTRIBUTES_MAX) {
		const char *reason = gb_xss_attribute(&token);
		size_t start = (size_t)(token.name.p - text.p);

		if (token.name.p[0] == '<')
			return false;
		bare += !token.has_equal;
		if (bare > (is_strict ? 1u : BARE_MAX))
			return false;
		if (reason == NULL)
			continue;
		if (is_strict && !gb_xss_acts(token.value))
			continue;
		return convict(hit, "xss_attribute_breakout", start, html.at);
	}
	return false;
}

static bool is_word_byte(unsigned char c)
{
	return gb_ascii_is_alpha(c) || gb_ascii_is_digit(c) || c == '_' || c == '-' || c == '.' || c == '$';
}

static bool is_value_end(unsigned char c)
{
	return c == '"' || c == '\'' || c == '`' || c == '/' || gb_ascii_is_space(c);
}

/* onx=code anywhere, where the code calls what only a browser has. */
static bool find_handler(const struct gb_detect_input *input, struct gb_detect_hit *hit)
{
	struct gb_span text = input->text;
	struct gb_xss_samples samples = gb_xss_samples_of(text);

	for (size_t equal = gb_bytes_find(text, '=', 0); equal != SIZE_MAX;
	        equal = gb_bytes_find(text, '=', equal + 1)) {
		size_t end = equal, start, from, hit_at, from_end;
		struct gb_span value;

		while (end > 0 && equal - end < 4 && gb_ascii_is_space(text.p[end - 1]))
			end--;
		start = end;
		while (start > 0 && end - start < LOOK_BACK_MAX && gb_ascii_is_alpha(text.p[start - 1]))
			start--;
		if (end - start < 4 || (start > 0 && is_word_byte(text.p[start - 1])))
			continue;
		if (gb_ascii_lower(text.p[start]) != 'o' || gb_ascii_lower(text.p[start + 1]) != 'n')
			continue;
		from = equal + 1;
		/* "onx= and nothing more: the page goes on with the value. */
		if (text.n - from <= 1 && text.n <= UNFINISHED_MAX && end - start >= 6 &&
		        (start == 0 || is_value_end(text.p[start - 1])) &&
		        gb_xss_handler(gb_span_sub(text, start, end - start), GB_SPAN("x()"), 0))
			return convict(hit, "xss_event_handler", start, equal + 1);
		while (from < text.n && (gb_ascii_is_space(text.p[from]) || text.p[from] == '"' ||
		                                text.p[from] == '\'' || text.p[from] == '`'))
			from++;
		if (!gb_detect_spend(input->work, HANDLER_STEPS))
			return false;
		value = gb_span_sub(text, from, 256);
		if (gb_xss_handler(gb_span_sub(text, start, end - start), value, 0) &&
		        !gb_xss_is_sample(&samples, start, &from_end) &&
		        gb_xss_code(value, 0, GB_XSS_BROKEN_OUT, &hit_at))
			return convict(hit, "xss_event_handler", start, from + hit_at + 1);
	}
	return false;
}

/* void(0)" and the like: the code of a link that does nothing, up to the quote that ends it. */
static bool is_idle_link(struct gb_span code)
{
	size_t end = 0;
	int open = 0;

	while (end < code.n && code.p[end] != '"' && code.p[end] != '\'' && code.p[end] != '>' && code.p[end] != '\n') {
		open += code.p[end] == '(';
		open -= code.p[end] == ')';
		end++;
	}
	return end > 0 && end < code.n && open == 0 && gb_xss_is_idle(gb_span_sub(code, 0, end));
}

/* (data:text/html…, ="data:…: a page in an address that something is handed. */
static bool is_data_page(struct gb_span text, size_t colon)
{
	static const struct gb_span page = {(const unsigned char *)"data:text/html", 14};
	struct gb_span rest;

	if (colon < 5 || !gb_span_equal_nocase(gb_span_sub(text, colon - 4, page.n), page) ||
	        gb_bytes_find(GB_SPAN("('\"=<[]"), text.p[colon - 5], 0) == SIZE_MAX)
		return false;
	rest = gb_span_sub(text, colon, 256);
	return gb_bytes_find(rest, '<', 0) != SIZE_MAX || gb_bytes_find_text(rest, GB_SPAN(";base64"), 0) != SIZE_MAX ||
	       gb_bytes_find_text(rest, GB_SPAN("%3"), 0) != SIZE_MAX;
}

/* Words of a sentence, and a blank, stand before START on its line. */
static bool is_behind_sentence(struct gb_span text, size_t start)
{
	size_t line = start;

	while (line > 0 && start - line < SENTENCE_MAX && text.p[line - 1] != '\n')
		line--;
	return start > line && text.p[start - 1] == ' ' && gb_prose_is_sentence(gb_span_sub(text, line, start - line));
}

/* An address with a script's scheme as the value itself or as the value of something: x=javascript:… */
static bool find_url(const struct gb_detect_input *input, struct gb_detect_hit *hit)
{
	struct gb_span text = input->text;

	struct gb_span page = GB_SPAN("data:text/html");

	if (gb_span_equal_nocase(gb_span_sub(gb_span_trim(text), 0, page.n), page) &&
	        (gb_bytes_find(text, '<', 0) != SIZE_MAX ||
	                gb_bytes_find_text(text, GB_SPAN(";base64"), 0) != SIZE_MAX))
		return convict(hit, "xss_script_url", 0, page.n);
	for (size_t colon = gb_bytes_find(text, ':', 0); colon != SIZE_MAX;
	        colon = gb_bytes_find(text, ':', colon + 1)) {
		size_t start = colon, letters = 0;
		struct gb_span value;

		if (is_data_page(text, colon))
			return convict(hit, "xss_script_url", colon - 4, colon + 10);
		if (colon < 6 || gb_ascii_lower(text.p[colon - 1]) != 't')
			continue;
		while (start > 0 && colon - start < LOOK_BACK_MAX && letters < 10 &&
		        (gb_ascii_is_alpha(text.p[start - 1]) || text.p[start - 1] <= 0x20)) {
			start--;
			letters += text.p[start] > 0x20;
			if (gb_ascii_lower(text.p[start]) == 'j' || gb_ascii_lower(text.p[start]) == 'v')
				if (letters >= 8 && gb_xss_url(gb_span_sub(text, start, 256)) == GB_XSS_URL_SCRIPT)
					break;
		}
		value = gb_span_sub(text, start, 256);
		if (is_idle_link(gb_span_sub(text, colon + 1, 64)))
			continue;
		if (gb_xss_url(value) != GB_XSS_URL_SCRIPT)
			continue;
		if (!gb_detect_spend(input->work, HANDLER_STEPS))
			return false;
		/* "drag this to your bookmarks: javascript:…": a link's address begins with its scheme. */
		if (input->mask != 0 && (input->mask & GB_BYTE_ANGLE) == 0 && is_behind_sentence(text, start))
			continue;
		if (gb_xss_acts(gb_span_sub(text, colon + 1, 256)) ||
		        gb_bytes_find_text(gb_span_sub(text, colon + 1, 256), GB_SPAN("/*"), 0) != SIZE_MAX)
			return convict(hit, "xss_script_url", start, colon + 1);
	}
	return false;
}

/* A declaration without its element: x:expression(…), -moz-binding:url(…). Looks at a window around each parenthesis. */
static bool find_style(const struct gb_detect_input *input, struct gb_detect_hit *hit)
{
	struct gb_span text = input->text;

	for (size_t open = gb_bytes_find(text, '(', 0); open != SIZE_MAX; open = gb_bytes_find(text, '(', open + 1)) {
		unsigned char before = open > 0 ? gb_ascii_lower(text.p[open - 1]) : 0;
		size_t from = open > 64 ? open - 64 : 0;
		struct gb_span window = gb_span_sub(text, from, open + 1 - from);

		if ((before != 'n' && before != 'l') || gb_bytes_find(window, ':', 0) == SIZE_MAX)
			continue;
		if (!gb_detect_spend(input->work, STYLE_STEPS))
			return false;
		if (gb_xss_style(window, false))
			return convict(hit, "xss_style", from, open + 1);
	}
	return false;
}

/* Behind the first quote of a kind: an operator, then code. */
static bool find_string_breakout(const struct gb_detect_input *input, unsigned char quote, struct gb_detect_hit *hit)
{
	struct gb_span text = input->text;
	size_t at = gb_bytes_find(text, quote, 0), hit_at, start = at;
	bool is_operator, is_found;

	if (at == SIZE_MAX)
		return false;
	at++;
	while (at < text.n &&
	        (gb_ascii_is_space(text.p[at]) || text.p[at] == ')' || text.p[at] == ']' || text.p[at] == '}'))
		at++;
	if (at >= text.n)
		return false;
	is_operator = gb_bytes_find(GB_SPAN(";-+*/,|&^?:<>=%"), text.p[at], 0) != SIZE_MAX;
	if (!is_operator && at == start + 1)
		return false;
	hit_at = at;
	is_found = gb_xss_code(text, at, GB_XSS_BROKEN_OUT, &hit_at);
	if (!gb_detect_spend(input->work, (hit_at - at) * SCRIPT_STEPS) || !is_found)
		return false;
	if (!is_operator && hit_at != at)
		return false;
	return convict(hit, "xss_script_string", start, hit_at + 1);
}

static bool find_template(struct gb_span text, struct gb_detect_hit *hit)
{
	for (size_t at = gb_bytes_find_text(text, GB_SPAN("{{"), 0); at != SIZE_MAX;) {
		size_t end = gb_bytes_find_text(text, GB_SPAN("}}"), at), hit_at;
		struct gb_span inside = gb_span_sub(text, at + 2, end == SIZE_MAX ? SIZE_MAX : end - at - 2);

		if (gb_xss_code(inside, 0, GB_XSS_TEMPLATE, &hit_at))
			return convict(hit, "xss_template_expression", at, at + 2 + hit_at + 1);
		at = end == SIZE_MAX ? SIZE_MAX : gb_bytes_find_text(text, GB_SPAN("{{"), end);
	}
	return false;
}

/* < and > in UTF-7 (RFC 2152), and in 7-bit reading of ¼ and ¾. */
static bool find_encoded(const struct gb_detect_input *input, struct gb_detect_hit *hit)
{
	struct gb_span text = input->text;
	size_t at;

	if ((input->mask & GB_BYTE_PLUS) != 0) {
		at = gb_bytes_find_text(text, GB_SPAN("+ADw-"), 0);
		if (at != SIZE_MAX && gb_bytes_find_text(text, GB_SPAN("+AD4"), at) != SIZE_MAX)
			return convict(hit, "xss_encoded_markup", at, at + 5);
	}
	if ((input->mask & GB_BYTE_HIGH) == 0)
		return false;
	for (at = gb_bytes_find(text, 0xbc, 0); at != SIZE_MAX; at = gb_bytes_find(text, 0xbc, at + 1))
		if (gb_span_equal_nocase(gb_span_sub(text, at + 1, 6), GB_SPAN("script")) &&
		        gb_bytes_find(gb_span_sub(text, at, 64), 0xbe, 0) != SIZE_MAX)
			return convict(hit, "xss_encoded_markup", at, at + 7);
	return false;
}

/* <!ATTLIST img onerror CDATA "…">: a handler that every element of the name gets. */
static bool find_default_handler(struct gb_span text, struct gb_detect_hit *hit)
{
	size_t at = gb_bytes_find_text(text, GB_SPAN("<!ATTLIST"), 0), next, start;

	for (next = at; at != SIZE_MAX && (next = gb_bytes_find_text(text, GB_SPAN(" CDATA"), next + 1)) != SIZE_MAX;) {
		for (start = next; start > at && gb_ascii_is_alpha(text.p[start - 1]); start--)
			continue;
		if (gb_xss_handler(gb_span_sub(text, start, next - start), GB_SPAN("x()"), '"'))
			return convict(hit, "xss_event_handler", start, next);
	}
	return false;
}

static bool find_in_attribute(const struct gb_detect_input *input, struct gb_detect_hit *hit)
{
	static const unsigned char quotes[] = {'"', '\'', '`'};
	struct gb_span text = input->text;
	size_t at;

	for (size_t i = 0; i < sizeof(quotes); i++) {
		at = gb_bytes_find(text, quotes[i], 0);
		if (at != SIZE_MAX && find_attributes(text, at + 1, false, hit))
			return true;
	}
	for (at = 0; at < text.n && !gb_ascii_is_space(text.p[at]); at++)
		;
	if (at < text.n && find_attributes(text, at, true, hit))
		return true;
	return find_attributes(text, 0, true, hit) || find_handler(input, hit);
}

/* document.cookie, window.location: the value is nothing but what an attack on a page reads. */
static bool find_bare_member(const struct gb_detect_input *input, struct gb_detect_hit *hit)
{
	struct gb_span text = gb_span_trim(input->text);
	static const char *const values[] = {"document.cookie", "document.write", "document.domain",
	        "document.location", "window.location", "window.name", "location.hash", "localstorage.token"};

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		if (gb_span_equal_nocase(text, gb_span_cstr(values[i])))
			return convict(hit, "xss_script_code", 0, input->text.n);
	return false;
}

bool gb_detect_xss(const struct gb_detect_input *input, struct gb_detect_hit *ret_hit)
{
	const uint32_t needed = GB_BYTE_ANGLE | GB_BYTE_SINGLE | GB_BYTE_DOUBLE | GB_BYTE_BACKTICK | GB_BYTE_PAREN |
	                        GB_BYTE_BRACKET | GB_BYTE_EQUAL | GB_BYTE_PLUS;
	const uint32_t callable = GB_BYTE_PAREN | GB_BYTE_BACKTICK | GB_BYTE_EQUAL | GB_BYTE_BRACKET | GB_BYTE_DOT;
	struct gb_span text = input->text;
	size_t hit_at = 0;
	bool is_found;

	if ((input->mask & needed) == 0)
		return text.n >= 11 && text.n <= 24 && input->origin != GB_ORIGIN_KEY &&
		       find_bare_member(input, ret_hit);
	if ((input->mask & GB_BYTE_ANGLE) != 0 && has_tag(text) &&
	        (gb_xss_markup(input, false, ret_hit) || gb_xss_markup(input, true, ret_hit) ||
	                find_default_handler(text, ret_hit)))
		return true;
	if ((input->mask & GB_BYTE_EQUAL) != 0 && find_in_attribute(input, ret_hit))
		return true;
	if ((input->mask & GB_BYTE_COLON) != 0 && find_url(input, ret_hit))
		return true;
	if ((input->mask & GB_BYTE_COLON) != 0 && (input->mask & GB_BYTE_PAREN) != 0 && find_style(input, ret_hit))
		return true;
	if ((input->mask & GB_BYTE_BRACKET) != 0 && gb_xss_is_signs(text, &hit_at))
		return convict(ret_hit, "xss_script_code", hit_at, hit_at + 1);
	if ((input->mask & (GB_BYTE_PLUS | GB_BYTE_HIGH)) != 0 && find_encoded(input, ret_hit))
		return true;
	if ((input->mask & GB_BYTE_BRACE) != 0 && find_template(text, ret_hit))
		return true;
	if ((input->mask & callable) == 0)
		return false;
	if (((input->mask & GB_BYTE_SINGLE) != 0 && find_string_breakout(input, '\'', ret_hit)) ||
	        ((input->mask & GB_BYTE_DOUBLE) != 0 && find_string_breakout(input, '"', ret_hit)) ||
	        ((input->mask & GB_BYTE_BACKTICK) != 0 && find_string_breakout(input, '`', ret_hit)))
		return true;
	is_found = gb_xss_code(text, 0, GB_XSS_WHOLE, &hit_at);
	return gb_detect_spend(input->work, hit_at * SCRIPT_STEPS) && is_found &&
	       convict(ret_hit, "xss_script_code", hit_at, hit_at + 1);
}
