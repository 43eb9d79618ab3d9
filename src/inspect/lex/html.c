/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect/lex/html.h"

#include "inspect/bytes.h"

#define NESTED_RAW_MAX 256u

/* Elements whose text is no markup: §13.2.6.4 switches the tokenizer for them. */
static const char *const raw_elements[] = {
        "script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes", "plaintext", "handler"};

static bool is_blank(unsigned char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

static bool is_tag_start(struct gb_span text, size_t at)
{
	return text.p[at] == '<' && at + 1 < text.n &&
	       (gb_ascii_is_alpha(text.p[at + 1]) || (text.p[at + 1] == 0 && at + 2 < text.n));
}

struct gb_span gb_html_name(struct gb_span name, unsigned char *out, size_t cap)
{
	size_t n = 0;

	for (size_t i = 0; i < name.n && n < cap; i++)
		if (name.p[i] != 0)
			out[n++] = gb_ascii_lower(name.p[i]);
	return gb_span_of(out, n);
}

static bool is_raw_element(struct gb_span name)
{
	unsigned char lower[24];
	struct gb_span text = gb_html_name(name, lower, sizeof(lower));
	size_t colon = gb_span_find_last_byte(text, ':');

	/* In XML the element of XHTML has a prefix. */
	if (colon != SIZE_MAX)
		text = gb_span_sub(text, colon + 1, SIZE_MAX);
	for (size_t i = 0; i < sizeof(raw_elements) / sizeof(raw_elements[0]); i++)
		if (gb_span_equal(text, gb_span_cstr(raw_elements[i])))
			return true;
	return false;
}

void gb_html_start(struct gb_html *html, struct gb_span text, size_t at, enum gb_html_state state, bool is_nested)
{
	*html = (struct gb_html){.text = text, .at = at, .state = state, .is_nested = is_nested};
}

/* §13.2.5.8 Tag name state, from the byte at AT. */
static struct gb_span tag_name(struct gb_html *html)
{
	size_t start = html->at;

	while (html->at < html->text.n) {
		unsigned char c = html->text.p[html->at];

		if (is_blank(c) || c == '/' || c == '>' || (html->is_nested && c == '<'))
			break;
		html->at++;
	}
	return gb_span_sub(html->text, start, html->at - start);
}

static bool finish_comment(struct gb_html *html, size_t start, size_t end, size_t next, struct gb_html_token *token)
{
	token->kind = GB_HTML_COMMENT;
	token->value = gb_span_sub(html->text, start, end - start);
	html->at = html->is_nested ? start : next;
	return true;
}

/* §13.2.5.41 Bogus comment state. */
static bool bogus_comment(struct gb_html *html, struct gb_html_token *token)
{
	size_t start = html->at, end;

	if (html->is_nested) {
		html->at = start;
		token->kind = GB_HTML_COMMENT;
		token->value = gb_span_sub(html->text, start, 0);
		return true;
	}
	end = gb_bytes_find(html->text, '>', start);
	if (end == SIZE_MAX)
		return finish_comment(html, start, html->text.n, html->text.n, token);
	return finish_comment(html, start, end, end + 1, token);
}

/* §13.2.5.43 to 52: ends at -->, --!> or, when empty, at > and ->. */
static bool comment(struct gb_html *html, struct gb_html_token *token)
{
	struct gb_span text = html->text;
	size_t start = html->at, at = start;

	if (html->is_nested)
		return finish_comment(html, start, start, start, token);
	if (gb_span_starts(gb_span_sub(text, at, 1), GB_SPAN(">")))
		return finish_comment(html, at, at, at + 1, token);
	if (gb_span_starts(gb_span_sub(text, at, 2), GB_SPAN("->")))
		return finish_comment(html, at, at, at + 2, token);
	for (at = gb_bytes_find(text, '>', at); at != SIZE_MAX; at = gb_bytes_find(text, '>', at + 1)) {
		if (at >= start + 2 && text.p[at - 1] == '-' && text.p[at - 2] == '-')
			return finish_comment(html, start, at - 2, at + 1, token);
		if (at >= start + 3 && text.p[at - 1] == '!' && text.p[at - 2] == '-' && text.p[at - 3] == '-')
			return finish_comment(html, start, at - 3, at + 1, token);
	}
	return finish_comment(html, start, text.n, text.n, token);
}

/* §13.2.5.42 Markup declaration open state; CDATA (§13.2.5.69) only has a meaning in SVG and MathML, where what follows
 * its end is markup again. */
static bool declaration(struct gb_html *html, struct gb_html_token *token)
{
	struct gb_span rest = gb_span_sub(html->text, html->at, 8);

	if (gb_span_starts(rest, GB_SPAN("--"))) {
		html->at += 2;
		return comment(html, token);
	}
	return bogus_comment(html, token);
}

/* §13.2.5.6 Tag open state; AT is behind the <. False when it was only text. */
static bool tag_open(struct gb_html *html, struct gb_html_token *token)
{
	struct gb_span text = html->text;
	unsigned char c;

	if (html->at >= text.n)
		return false;
	c = text.p[html->at];
	if (gb_ascii_is_alpha(c) || c == 0) {
		token->kind = GB_HTML_TAG;
		token->name = tag_name(html);
		html->open = token->name;
		html->is_raw_next = is_raw_element(token->name);
		html->state = GB_HTML_BEFORE_ATTRIBUTE_NAME;
		return true;
	}
	if (c == '!' || c == '?') {
		html->at++;
		return c == '!' ? declaration(html, token) : bogus_comment(html, token);
	}
	if (c != '/')
		return false;
	/* §13.2.5.7 End tag open state. */
	html->at++;
	if (html->at >= text.n)
		return false;
	if (text.p[html->at] == '>') {
		html->at++;
		return false;
	}
	if (!gb_ascii_is_alpha(text.p[html->at]))
		return bogus_comment(html, token);
	token->kind = GB_HTML_CLOSE;
	token->name = tag_name(html);
	html->state = html->is_nested ? GB_HTML_DATA : GB_HTML_END_TAG;
	return true;
}

/* §13.2.5.1 Data state. */
static bool data(struct gb_html *html, struct gb_html_token *token)
{
	for (;;) {
		size_t angle = gb_bytes_find(html->text, '<', html->at);

		if (angle == SIZE_MAX) {
			html->at = html->text.n;
			return false;
		}
		html->at = angle + 1;
		if (tag_open(html, token))
			return true;
	}
}

/* An appropriate end tag: §13.2.5.11, 14 and 17. Without its end, at the end of the text, it may yet become one. */
static bool is_end_of(struct gb_span text, size_t at, struct gb_span name)
{
	size_t end = at + 2 + name.n;
	unsigned char c = end < text.n ? text.p[end] : '>';

	return at + 1 < text.n && text.p[at + 1] == '/' &&
	       gb_span_equal_nocase(gb_span_sub(text, at + 2, name.n), name) &&
	       (is_blank(c) || c == '/' || c == '>' || c == 0);
}

/* §13.2.5.2 to 4 and the end tags of such elements; a missing end tag lets the text run to the end. */
static bool raw_text(struct gb_html *html, struct gb_html_token *token)
{
	struct gb_span text = html->text;
	size_t start = html->at, at = start;
	size_t limit = html->is_nested && text.n - start > NESTED_RAW_MAX ? start + NESTED_RAW_MAX : text.n;

	html->state = GB_HTML_DATA;
	for (at = gb_bytes_find(text, '<', at); at != SIZE_MAX && at < limit; at = gb_bytes_find(text, '<', at + 1))
		if (is_end_of(text, at, html->open))
			break;
	if (at == SIZE_MAX || at > limit)
		at = limit;
	token->kind = GB_HTML_RAW;
	token->name = html->open;
	token->value = gb_span_sub(text, start, at - start);
	html->at = html->is_nested ? start : at;
	return true;
}

/* §13.2.5.36 and 37: quoted; a closing quote that never comes leaves the value open to the end. */
static void quoted_value(struct gb_html *html, struct gb_html_token *token)
{
	struct gb_span text = html->text;
	size_t start = ++html->at;

	while (html->at < text.n && text.p[html->at] != token->quote) {
		if (html->is_nested && is_tag_start(text, html->at))
			break;
		html->at++;
	}
	token->value = gb_span_sub(text, start, html->at - start);
	if (html->at < text.n && text.p[html->at] == token->quote)
		html->at++;
}

/* §13.2.5.38 Attribute value (unquoted) state. */
static void unquoted_value(struct gb_html *html, struct gb_html_token *token)
{
	struct gb_span text = html->text;
	size_t start = html->at;

	while (html->at < text.n && !is_blank(text.p[html->at]) && text.p[html->at] != '>' &&
	        !(html->is_nested && is_tag_start(text, html->at)))
		html->at++;
	token->value = gb_span_sub(text, start, html->at - start);
}

static void skip_blanks(struct gb_html *html)
{
	while (html->at < html->text.n && is_blank(html->text.p[html->at]))
		html->at++;
}

/* §13.2.5.33 Attribute name state, 34 after it, 35 before the value. */
static bool attribute(struct gb_html *html, struct gb_html_token *token)
{
	struct gb_span text = html->text;
	size_t start = html->at;

	/* An = at the start belongs to the name. */
	html->at++;
	while (html->at < text.n) {
		unsigned char c = text.p[html->at];

		if (is_blank(c) || c == '/' || c == '>' || c == '=' ||
		        (html->is_nested && is_tag_start(text, html->at)))
			break;
		html->at++;
	}
	token->kind = GB_HTML_ATTRIBUTE;
	token->name = gb_span_sub(text, start, html->at - start);
	token->value = gb_span_sub(text, html->at, 0);
	skip_blanks(html);
	if (html->at >= text.n || text.p[html->at] != '=')
		return true;
	token->has_equal = true;
	html->at++;
	skip_blanks(html);
	if (html->at < text.n && (text.p[html->at] == '"' || text.p[html->at] == '\'')) {
		token->quote = text.p[html->at];
		quoted_value(html, token);
	} else {
		unquoted_value(html, token);
	}
	return true;
}

/* §13.2.5.32 Before attribute name state, 39 after a quoted value, 40 self-closing: all go on to the next name. */
static bool before_attribute(struct gb_html *html, struct gb_html_token *token)
{
	struct gb_span text = html->text;

	while (html->at < text.n && (is_blank(text.p[html->at]) || text.p[html->at] == '/'))
		html->at++;
	if (html->at >= text.n)
		return false;
	if (text.p[html->at] == '>' || (html->is_nested && is_tag_start(text, html->at))) {
		token->kind = GB_HTML_TAG_END;
		token->value = gb_span_sub(text, html->at, 1);
		html->at += text.p[html->at] == '>';
		html->state = html->is_raw_next ? GB_HTML_RAW_TEXT : GB_HTML_DATA;
		html->is_raw_next = false;
		return true;
	}
	return attribute(html, token);
}

/* The attributes of an end tag mean nothing, but what stands in their quotes is no markup. */
static void skip_end_tag(struct gb_html *html)
{
	struct gb_html_token token;

	do
		token = (struct gb_html_token){.kind = GB_HTML_END};
	while (before_attribute(html, &token) && token.kind == GB_HTML_ATTRIBUTE);
	html->state = GB_HTML_DATA;
}

bool gb_html_next(struct gb_html *html, struct gb_html_token *ret_token)
{
	*ret_token = (struct gb_html_token){.kind = GB_HTML_END};
	if (html->state == GB_HTML_END_TAG)
		skip_end_tag(html);
	switch (html->state) {
	case GB_HTML_RAW_TEXT: return raw_text(html, ret_token);
	case GB_HTML_BEFORE_ATTRIBUTE_NAME: return before_attribute(html, ret_token);
	case GB_HTML_DATA:
	case GB_HTML_END_TAG:
	default: return data(html, ret_token);
	}
}
