/* SPDX-License-Identifier: Apache-2.0 */
/* Markup: which elements and attributes run script. Harmless elements pass. */
#include "inspect/bytes.h"
#include "inspect/detect/capability.h"
#include "inspect/detect/xss.h"

#define NAME_MAX_BYTES 24u

enum element_kind {
	ELEMENT_OTHER = 0,
	ELEMENT_SCRIPT,
	ELEMENT_STYLE,
	ELEMENT_FRAME, /* shows a foreign document, or runs a foreign program */
	ELEMENT_LINK,
	ELEMENT_BASE,
	ELEMENT_META,
	ELEMENT_ANIMATION, /* sets another element's attribute */
	ELEMENT_PAGE,
	ELEMENT_USE,
};

static const struct {
	const char *name;
	enum element_kind kind;
} elements[] = {
        {"script", ELEMENT_SCRIPT},
        {"handler", ELEMENT_SCRIPT},
        {"style", ELEMENT_STYLE},
        {"iframe", ELEMENT_FRAME},
        {"frame", ELEMENT_FRAME},
        {"object", ELEMENT_FRAME},
        {"embed", ELEMENT_FRAME},
        {"applet", ELEMENT_FRAME},
        {"layer", ELEMENT_FRAME},
        {"ilayer", ELEMENT_FRAME},
        {"xml", ELEMENT_FRAME},
        {"vmlframe", ELEMENT_FRAME},
        {"import", ELEMENT_FRAME},
        {"bgsound", ELEMENT_FRAME},
        {"link", ELEMENT_LINK},
        {"base", ELEMENT_BASE},
        {"meta", ELEMENT_META},
        {"set", ELEMENT_ANIMATION},
        {"animate", ELEMENT_ANIMATION},
        {"animatecolor", ELEMENT_ANIMATION},
        {"animatetransform", ELEMENT_ANIMATION},
        {"html", ELEMENT_PAGE},
        {"head", ELEMENT_PAGE},
        {"use", ELEMENT_USE},
        {"feimage", ELEMENT_USE},
};

struct element {
	enum element_kind kind;
	size_t from;
	enum gb_xss_url url; /* worst of its addresses */
	bool has_address;
	bool has_sizes;     /* a frame with a place on the page, as video sites give them out */
	bool is_data_block; /* script type=…json…: no script */
	bool is_header;     /* meta http-equiv of a header that loads or sets */
	bool is_script;     /* type of a script */
	bool is_broken_out; /* behind a > or an end tag that closes what the application opened */
	bool is_import;
	bool is_sheet;
	bool sets_script; /* attributeName is an address or an event */
	bool is_quoted;
};

struct markup {
	struct gb_html html;
	struct element element;
	bool is_open;
	bool has_tag;          /* some element began */
	bool is_script_closed; /* one was closed that had not begun: what follows stands outside the page's own */
	unsigned raw_closed;   /* elements with raw text that were closed and had not begun; bits */
	unsigned raw_closings; /* how many of them */
	bool is_page;          /* a whole document: its head's elements are its own */
	struct gb_xss_samples samples;
};

static enum element_kind kind_of(struct gb_span name)
{
	unsigned char lower[NAME_MAX_BYTES];
	struct gb_span text = gb_html_name(name, lower, sizeof(lower));
	size_t colon = gb_span_find_last_byte(text, ':');

	if (colon != SIZE_MAX)
		text = gb_span_sub(text, colon + 1, SIZE_MAX);
	for (size_t i = 0; i < sizeof(elements) / sizeof(elements[0]); i++)
		if (gb_span_equal(text, gb_span_cstr(elements[i].name)))
			/* xsl:import, xs:import and the like are no element of a page; t:import was. */
			return elements[i].kind == ELEMENT_FRAME && colon != SIZE_MAX && colon > 1 ? ELEMENT_OTHER
			                                                                           : elements[i].kind;
	return ELEMENT_OTHER;
}

static bool has_nocase(struct gb_span text, struct gb_span needle)
{
	for (size_t at = 0; at + needle.n <= text.n; at++)
		if (gb_span_equal_nocase(gb_span_sub(text, at, needle.n), needle))
			return true;
	return false;
}

static bool is_name(const struct gb_html_token *token, const char *name)
{
	struct gb_span text = token->name;
	size_t colon = gb_span_find_last_byte(text, ':');

	if (colon != SIZE_MAX)
		text = gb_span_sub(text, colon + 1, SIZE_MAX);
	return gb_span_equal_nocase(text, gb_span_cstr(name));
}

static bool is_address(const struct gb_html_token *token)
{
	return is_name(token, "src") || is_name(token, "href") || is_name(token, "data") || is_name(token, "code") ||
	       is_name(token, "codebase") || is_name(token, "classid") || is_name(token, "archive") ||
	       is_name(token, "implementation");
}

static void note_attribute(struct element *element, const struct gb_html_token *token)
{
	struct gb_span value = gb_span_sub(token->value, 0, 256);

	if (is_address(token) && value.n != 0) {
		enum gb_xss_url url = gb_xss_url(value);

		element->has_address = true;
		element->is_quoted = token->quote != 0;
		if (url > element->url)
			element->url = url;
		/* A base of script turns every link into code, whatever it is itself. */
		if (element->kind == ELEMENT_BASE && has_nocase(gb_span_sub(value, 0, 16), GB_SPAN("script:")))
			element->url = GB_XSS_URL_SCRIPT;
	}
	element->has_sizes |=
	        (is_name(token, "width") || is_name(token, "height") || is_name(token, "allowfullscreen")) &&
	        !gb_span_equal(value, GB_SPAN("0"));
	element->is_data_block |= is_name(token, "type") &&
	                          (has_nocase(value, GB_SPAN("json")) || has_nocase(value, GB_SPAN("template")));
	element->is_script |=
	        is_name(token, "type") && (has_nocase(value, GB_SPAN("script")) || has_nocase(value, GB_SPAN("less")));
	element->is_broken_out |= is_name(token, "language") && has_nocase(gb_span_sub(value, 0, 2), GB_SPAN("vb"));
	element->is_import |= is_name(token, "rel") && has_nocase(value, GB_SPAN("import"));
	element->is_sheet |= is_name(token, "rel") && has_nocase(value, GB_SPAN("stylesheet"));
	element->is_header |= is_name(token, "http-equiv") &&
	                      (has_nocase(value, GB_SPAN("link")) || has_nocase(value, GB_SPAN("cookie")));
	element->sets_script |=
	        is_name(token, "attributename") &&
	        (has_nocase(value, GB_SPAN("href")) || has_nocase(gb_span_sub(value, 0, 2), GB_SPAN("on")));
}

/* content="0;url=javascript:…", charset=utf-7 */
static const char *judge_meta(const struct markup *markup, const struct gb_html_token *token)
{
	struct gb_span value = gb_span_sub(token->value, 0, 256);
	size_t equal = gb_bytes_find(value, '=', 0);

	if (has_nocase(value, GB_SPAN("utf-7")) || has_nocase(value, GB_SPAN("utf7")))
		return "xss_encoded_markup";
	if (!is_name(token, "content"))
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
	enum element_kind kind = markup->element.kind;

	return token->has_equal && token->quote == 0 && token->value.n == 0 && markup->html.at == markup->html.text.n &&
	       markup->html.text.n <= 64 && is_address(token) &&
	       (kind == ELEMENT_FRAME || kind == ELEMENT_BASE || kind == ELEMENT_SCRIPT || kind == ELEMENT_LINK);
}

static const char *judge_attribute(struct markup *markup, const struct gb_html_token *token)
{
	struct element *element = &markup->element;
	const char *reason = gb_xss_attribute(token);

	note_attribute(element, token);
	if (reason != NULL)
		return reason;
	if (element->kind == ELEMENT_META)
		return judge_meta(markup, token);
	if (element->kind == ELEMENT_ANIMATION && element->sets_script &&
	        (is_name(token, "to") || is_name(token, "values") || is_name(token, "from")))
		return "xss_animation";
	if (is_name(token, "href") && gb_xss_is_disguised(token->value))
		return "xss_disguised_link";
	if (is_name(token, "formaction") && token->value.n != 0)
		return "xss_form_target";
	if (is_address(token) && is_dangling(markup, token))
		return "xss_dangling_markup";
	/* A framework's component that becomes a script. */
	if (is_name(token, "is") && gb_span_equal_nocase(token->value, GB_SPAN("script")))
		return "xss_script_element";
	if (is_unfinished(markup, token))
		return "xss_active_element";
	/* Links to documents that bring their own script. */
	if (element->kind == ELEMENT_OTHER &&
	        (is_name(token, "href") || is_name(token, "action") || is_name(token, "handler")) &&
	        gb_xss_url(token->value) == GB_XSS_URL_DATA)
		return "xss_script_url";
	return NULL;
}

/* The text begins with a script's tag and is no sentence about it. */
static bool begins_with_script(const struct markup *markup)
{
	struct gb_span text = markup->html.text;
	struct gb_code_measure measure;

	if (markup->element.kind != ELEMENT_SCRIPT || markup->element.from > 1 || text.n > 256 ||
	        markup->element.is_data_block)
		return false;
	measure = gb_code_measure(text);
	return measure.prose_words <= 1;
}

/* All attributes are known. */
static const char *judge_element(struct markup *markup)
{
	const struct element *element = &markup->element;

	if (element->kind == ELEMENT_SCRIPT && begins_with_script(markup))
		return "xss_script_element";
	if (element->kind == ELEMENT_SCRIPT)
		return (element->has_address && !element->is_data_block) || element->is_broken_out
		               ? "xss_script_element"
		               : NULL;
	if (element->kind == ELEMENT_META)
		return element->is_header ? "xss_active_element" : NULL;
	if (element->kind == ELEMENT_OTHER || element->kind == ELEMENT_PAGE || !element->has_address)
		return NULL;
	if (element->url >= GB_XSS_URL_DATA)
		return "xss_script_url";
	if (element->kind == ELEMENT_FRAME)
		return element->has_sizes && element->is_quoted ? NULL : "xss_active_element";
	if (element->kind == ELEMENT_LINK && element->is_import)
		return "xss_active_element";
	if (element->url != GB_XSS_URL_EXTERNAL || markup->is_page)
		return NULL;
	if (element->kind == ELEMENT_LINK)
		return element->is_sheet ? "xss_active_element" : NULL;
	return element->kind == ELEMENT_BASE ? "xss_base" : NULL;
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

static const char *judge_raw(const struct markup *markup, const struct gb_html_token *token)
{
	if (markup->element.kind == ELEMENT_SCRIPT && !markup->element.is_data_block)
		return gb_xss_acts(token->value) || is_complete(markup, token) ? "xss_script_element" : NULL;
	if (markup->element.kind == ELEMENT_STYLE && markup->element.is_script)
		return gb_xss_acts(token->value) ? "xss_script_element" : NULL;
	if (markup->element.kind == ELEMENT_STYLE)
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
		if (is_name(token, names[i]) && (markup->raw_closed & 1u << i) == 0) {
			markup->raw_closed |= 1u << i;
			markup->raw_closings++;
		}
	markup->is_script_closed |= is_name(token, "script");
	return markup->raw_closings >= 3;
}

/* <?xml-stylesheet href="data:…"?>; "#" is the document itself. Feeds name a
 * style sheet of their own honestly. */
static bool is_transformed(struct gb_span instruction)
{
	struct gb_span head = gb_span_sub(instruction, 0, 128);

	if (gb_span_starts(head, GB_SPAN("import ")) && has_nocase(head, GB_SPAN("implementation")))
		return true;
	return has_nocase(gb_span_sub(head, 0, 16), GB_SPAN("xml-stylesheet")) &&
	       (has_nocase(head, GB_SPAN("data:")) || has_nocase(head, GB_SPAN("script:")) ||
	               has_nocase(head, GB_SPAN("\"#\"")));
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
			markup.element = (struct element){.kind = kind_of(token.name)};
			markup.element.from = (size_t)(token.name.p - text.p) - 1;
			markup.element.is_broken_out =
			        is_behind_close(&markup, markup.element.from) || markup.is_script_closed;
			markup.is_page |= markup.element.kind == ELEMENT_PAGE;
			markup.is_open = true;
			markup.has_tag = true;
		}
	}
}
