/* SPDX-License-Identifier: Apache-2.0 */
/* Markup: which elements and attributes run script. Harmless elements pass. */
#include "inspect/bytes.h"
#include "inspect/detect/capability.h"
#include "inspect/detect/xss_element.h"

struct markup {
	struct gb_html html;
	struct gb_xss_element element;
	bool is_open;
	bool has_foreign_form; /* what is typed into what follows goes to another host */
	bool has_tag;          /* some element began */
	bool is_script_closed; /* one was closed that had not begun: what follows stands outside the page's own */
	unsigned raw_closed;   /* elements with raw text that were closed and had not begun; bits */
	unsigned raw_closings; /* how many of them */
	bool is_page;          /* a whole document: its head's elements are its own */
	struct gb_xss_samples samples;
};

/* content="0;url=javascript:…", charset=utf-7 */
static const char *judge_meta(const struct markup *markup, const struct gb_html_token *token)
{
	struct gb_span value = gb_span_sub(token->value, 0, 256);
	size_t equal = gb_bytes_find(value, '=', 0);

	if (gb_xss_has_nocase(value, GB_SPAN("utf-7")) || gb_xss_has_nocase(value, GB_SPAN("utf7")))
		return "xss_encoded_markup";
	if (!gb_xss_is_name(token, "content"))
		return NULL;
	if (equal != SIZE_MAX) {
		enum gb_xss_url url = gb_xss_url(gb_span_sub(value, equal + 1, SIZE_MAX));

		if (url >= GB_XSS_URL_DATA)
			return "xss_script_url";
	}
	if (gb_bytes_find_text(value, GB_SPAN("//"), 0) != SIZE_MAX && value.n != 0 && gb_ascii_is_digit(value.p[0]) &&
	        !markup->is_page)
		return "xss_refresh";
	return NULL;
}

/* <img src='//h/?q= with no quote to close it: the page up to the next quote goes to the other host. */
static bool is_dangling(const struct markup *markup, const struct gb_html_token *token)
{
	struct gb_span text = markup->html.text, value = token->value;

	return token->quote != 0 && value.n > 0 && value.p + value.n == text.p + text.n &&
	       (value.p[value.n - 1] == '=' || value.p[value.n - 1] == '?') && gb_xss_url(value) == GB_XSS_URL_EXTERNAL;
}

/* <object data= and nothing more: the page goes on with the value. */
static bool is_unfinished(const struct markup *markup, const struct gb_html_token *token)
{
	enum gb_xss_kind kind = markup->element.kind;

	return token->has_equal && token->quote == 0 && token->value.n == 0 && markup->html.at == markup->html.text.n &&
	       markup->html.text.n <= 64 && gb_xss_is_address(token) &&
	       (kind == GB_XSS_ELEMENT_FRAME || kind == GB_XSS_ELEMENT_BASE || kind == GB_XSS_ELEMENT_SCRIPT ||
	               kind == GB_XSS_ELEMENT_LINK);
}

static const char *judge_attribute(struct markup *markup, const struct gb_html_token *token)
{
	struct gb_xss_element *element = &markup->element;
	const char *reason = gb_xss_attribute(token);

	gb_xss_note_attribute(element, token);
	if (reason != NULL)
		return reason;
	if (element->kind == GB_XSS_ELEMENT_META)
		return judge_meta(markup, token);
	if (element->kind == GB_XSS_ELEMENT_ANIMATION && element->sets_script &&
	        (gb_xss_is_name(token, "to") || gb_xss_is_name(token, "values") || gb_xss_is_name(token, "from")))
		return "xss_animation";
	if (gb_xss_is_name(token, "href") && gb_xss_is_disguised(token->value))
		return "xss_disguised_link";
	if (gb_xss_is_name(token, "formaction") && token->value.n != 0)
		return "xss_form_target";
	if (gb_xss_is_address(token) && is_dangling(markup, token))
		return "xss_dangling_markup";
	/* A framework's component that becomes a script. */
	if (gb_xss_is_name(token, "is") && gb_span_equal_nocase(token->value, GB_SPAN("script")))
		return "xss_script_element";
	if (is_unfinished(markup, token))
		return "xss_active_element";
	/* Links to documents that bring their own script. */
	if ((element->kind == GB_XSS_ELEMENT_OTHER || element->kind >= GB_XSS_ELEMENT_FORM) &&
	        (gb_xss_is_name(token, "href") || gb_xss_is_name(token, "action") ||
	                gb_xss_is_name(token, "handler")) &&
	        gb_xss_url(token->value) == GB_XSS_URL_DATA)
		return "xss_script_url";
	return NULL;
}

/* The text begins with a script's tag and is no sentence about it. */
static bool begins_with_script(const struct markup *markup)
{
	struct gb_span text = markup->html.text;
	struct gb_code_measure measure;

	if (markup->element.kind != GB_XSS_ELEMENT_SCRIPT || markup->element.from > 1 || text.n > 256 ||
	        markup->element.is_data_block)
		return false;
	measure = gb_code_measure(text);
	return measure.prose_words <= 1;
}

/* All attributes are known. */
static const char *judge_element(struct markup *markup)
{
	const struct gb_xss_element *element = &markup->element;

	if (element->kind == GB_XSS_ELEMENT_SCRIPT && begins_with_script(markup))
		return "xss_script_element";
	if (element->kind == GB_XSS_ELEMENT_SCRIPT)
		return (element->has_address && !element->is_data_block) || element->is_broken_out
		               ? "xss_script_element"
		               : NULL;
	if (element->kind == GB_XSS_ELEMENT_META)
		return element->is_header ? "xss_active_element" : NULL;
	markup->has_foreign_form |= element->is_foreign_form;
	if (element->is_password && markup->has_foreign_form)
		return "xss_form_target";
	if (element->kind == GB_XSS_ELEMENT_OTHER || element->kind == GB_XSS_ELEMENT_PAGE ||
	        element->kind >= GB_XSS_ELEMENT_FORM || !element->has_address)
		return NULL;
	if (element->url >= GB_XSS_URL_DATA)
		return "xss_script_url";
	if (element->kind == GB_XSS_ELEMENT_FRAME)
		return element->has_sizes && element->is_quoted ? NULL : "xss_active_element";
	if (element->kind == GB_XSS_ELEMENT_LINK && element->is_import)
		return "xss_active_element";
	if (element->url != GB_XSS_URL_EXTERNAL || markup->is_page)
		return NULL;
	if (element->kind == GB_XSS_ELEMENT_LINK)
		return element->is_sheet ? "xss_active_element" : NULL;
	return element->kind == GB_XSS_ELEMENT_BASE ? "xss_base" : NULL;
}

/* An element that is closed, or whose text begins at once, and holds no prose as in "the <script> tag". */
static bool is_complete(const struct markup *markup, const struct gb_html_token *token)
{
	struct gb_span text = markup->html.text;
	size_t end = (size_t)(token->value.p - text.p) + token->value.n;
	bool is_closed = end < text.n && text.p[end] == '<';
	bool is_joined = token->value.n > 1 && token->value.p[0] > 0x20;

	if (token->value.n == 0 || token->value.p[0] == ' ')
		return false;
	/* The whole value is one such element, whatever its text. */
	if (is_closed && markup->element.from == 0 && gb_bytes_find(text, '>', end) == text.n - 1)
		return true;
	return (is_closed || is_joined) && !gb_xss_is_wordy(token->value);
}

/* A module's first statement: to a browser that was not told so, an error in the script as a whole, and nothing of it runs
 * (ECMA-262 §16.1: only a Module has ImportDeclaration and ExportDeclaration). Components of Vue and Svelte begin so. */
static bool is_unmarked_module(const struct markup *markup, struct gb_span script)
{
	struct gb_span word = gb_span_take_word(&script);
	unsigned char next;

	script = gb_span_trim(script);
	next = script.n == 0 ? 0 : script.p[0];
	if (markup->element.is_module)
		return false;
	/* import(…) and import.meta are expressions. */
	if (gb_span_equal(word, GB_SPAN("import")))
		return gb_ascii_is_alpha(next) || next == '{' || next == '*' || next == '"' || next == '\'';
	return gb_span_equal(word, GB_SPAN("export")) && gb_span_starts(script, GB_SPAN("default "));
}

static const char *judge_raw(const struct markup *markup, const struct gb_html_token *token)
{
	if (markup->element.kind == GB_XSS_ELEMENT_SCRIPT && is_unmarked_module(markup, token->value))
		return NULL;
	if (markup->element.kind == GB_XSS_ELEMENT_SCRIPT && !markup->element.is_data_block)
		return gb_xss_acts(token->value) || is_complete(markup, token) ? "xss_script_element" : NULL;
	if (markup->element.kind == GB_XSS_ELEMENT_STYLE && markup->element.is_script)
		return gb_xss_acts(token->value) ? "xss_script_element" : NULL;
	if (markup->element.kind == GB_XSS_ELEMENT_STYLE)
		return gb_xss_style(token->value, true) ? "xss_style" : NULL;
	return NULL;
}

static bool convict(struct markup *markup, const char *reason, struct gb_detect_hit *hit)
{
	size_t from = markup->element.from, end;

	if (reason == NULL)
		return false;
	if (gb_xss_is_sample(&markup->samples, from, &end)) {
		markup->is_open = false;
		if (markup->html.at < end)
			gb_html_start(&markup->html, markup->html.text, end, GB_HTML_DATA, markup->html.is_nested);
		return false;
	}
	*hit = (struct gb_detect_hit){.reason = reason, .from = from, .length = markup->html.at - from};
	return true;
}

/* The text ends a tag or a raw element that it did not begin: what follows was put behind the application's markup. */
static bool is_behind_close(struct markup *markup, size_t from)
{
	struct gb_span text = markup->html.text;

	while (from > 0 && text.p[from - 1] <= 0x20)
		from--;
	return !markup->has_tag && from > 0 && text.p[from - 1] == '>' &&
	       (from == 1 || text.p[from - 2] == '"' || text.p[from - 2] == '\'' || text.p[from - 2] == '`');
}

/* </title></style></textarea>: ends of raw text of several kinds that none began; which is needed is not known. */
static bool is_polyglot_end(struct markup *markup, const struct gb_html_token *token)
{
	static const char *const names[] = {
	        "title", "style", "textarea", "script", "noscript", "xmp", "noembed", "template"};

	if (markup->has_tag)
		return false;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (gb_xss_is_name(token, names[i]) && (markup->raw_closed & 1u << i) == 0) {
			markup->raw_closed |= 1u << i;
			markup->raw_closings++;
		}
	markup->is_script_closed |= gb_xss_is_name(token, "script");
	return markup->raw_closings >= 3;
}

/* <?xml-stylesheet href="data:…"?>; "#" is the document itself. Feeds name a
 * style sheet of their own honestly. */
static bool is_transformed(struct gb_span instruction)
{
	struct gb_span head = gb_span_sub(instruction, 0, 128);

	if (gb_span_starts(head, GB_SPAN("import ")) && gb_xss_has_nocase(head, GB_SPAN("implementation")))
		return true;
	return gb_xss_has_nocase(gb_span_sub(head, 0, 16), GB_SPAN("xml-stylesheet")) &&
	       (gb_xss_has_nocase(head, GB_SPAN("data:")) || gb_xss_has_nocase(head, GB_SPAN("script:")) ||
	               gb_xss_has_nocase(head, GB_SPAN("\"#\"")));
}

#define TAG_STEPS       512u
#define ATTRIBUTE_STEPS 128u

bool gb_xss_markup(const struct gb_detect_input *input, bool is_nested, struct gb_detect_hit *ret_hit)
{
	const struct gb_span text = input->text;
	struct markup markup = {.samples = gb_xss_samples_of(input->is_strict ? GB_SPAN_EMPTY : text)};
	struct gb_html_token token;

	gb_html_start(&markup.html, text, 0, GB_HTML_DATA, is_nested);
	for (;;) {
		bool is_more = gb_html_next(&markup.html, &token);
		const char *reason = NULL;

		if (!gb_detect_spend(input->work, token.kind == GB_HTML_TAG ? TAG_STEPS : ATTRIBUTE_STEPS))
			return false;
		if (token.kind == GB_HTML_ATTRIBUTE) {
			reason = judge_attribute(&markup, &token);
		} else if (markup.is_open && token.kind != GB_HTML_RAW) {
			reason = judge_element(&markup);
			markup.is_open = false;
		} else if (token.kind == GB_HTML_RAW) {
			reason = judge_raw(&markup, &token);
		}
		if (token.kind == GB_HTML_COMMENT && is_transformed(token.value))
			reason = "xss_style";
		if (token.kind == GB_HTML_CLOSE && is_polyglot_end(&markup, &token))
			reason = "xss_raw_text_ended";
		if (convict(&markup, reason, ret_hit))
			return true;
		if (!is_more)
			return false;
		if (token.kind == GB_HTML_TAG) {
			markup.element = (struct gb_xss_element){.kind = gb_xss_kind_of(token.name)};
			markup.element.from = (size_t)(token.name.p - text.p) - 1;
			markup.element.is_broken_out =
			        is_behind_close(&markup, markup.element.from) || markup.is_script_closed;
			markup.is_page |= markup.element.kind == GB_XSS_ELEMENT_PAGE;
			markup.is_open = true;
			markup.has_tag = true;
		}
	}
}
