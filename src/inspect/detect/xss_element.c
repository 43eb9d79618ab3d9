/* SPDX-License-Identifier: Apache-2.0 */
/* Elements of a page by what they do, and what their attributes tell of them together. */
#include "inspect/bytes.h"
#include "inspect/detect/xss_element.h"

#define NAME_MAX_BYTES 24u

static const struct {
	const char *name;
	enum gb_xss_kind kind;
} elements[] = {
        {"script", GB_XSS_ELEMENT_SCRIPT},
        {"handler", GB_XSS_ELEMENT_SCRIPT},
        {"style", GB_XSS_ELEMENT_STYLE},
        {"iframe", GB_XSS_ELEMENT_FRAME},
        {"frame", GB_XSS_ELEMENT_FRAME},
        {"object", GB_XSS_ELEMENT_FRAME},
        {"embed", GB_XSS_ELEMENT_FRAME},
        {"applet", GB_XSS_ELEMENT_FRAME},
        {"layer", GB_XSS_ELEMENT_FRAME},
        {"ilayer", GB_XSS_ELEMENT_FRAME},
        {"xml", GB_XSS_ELEMENT_FRAME},
        {"vmlframe", GB_XSS_ELEMENT_FRAME},
        {"import", GB_XSS_ELEMENT_FRAME},
        {"bgsound", GB_XSS_ELEMENT_FRAME},
        {"link", GB_XSS_ELEMENT_LINK},
        {"base", GB_XSS_ELEMENT_BASE},
        {"meta", GB_XSS_ELEMENT_META},
        {"set", GB_XSS_ELEMENT_ANIMATION},
        {"animate", GB_XSS_ELEMENT_ANIMATION},
        {"animatecolor", GB_XSS_ELEMENT_ANIMATION},
        {"animatetransform", GB_XSS_ELEMENT_ANIMATION},
        {"html", GB_XSS_ELEMENT_PAGE},
        {"head", GB_XSS_ELEMENT_PAGE},
        {"use", GB_XSS_ELEMENT_USE},
        {"feimage", GB_XSS_ELEMENT_USE},
        {"form", GB_XSS_ELEMENT_FORM},
        {"input", GB_XSS_ELEMENT_INPUT},
};

enum gb_xss_kind gb_xss_kind_of(struct gb_span name)
{
	unsigned char lower[NAME_MAX_BYTES];
	struct gb_span text = gb_html_name(name, lower, sizeof(lower));
	size_t colon = gb_span_find_last_byte(text, ':');

	if (colon != SIZE_MAX)
		text = gb_span_sub(text, colon + 1, SIZE_MAX);
	for (size_t i = 0; i < sizeof(elements) / sizeof(elements[0]); i++)
		if (gb_span_equal(text, gb_span_cstr(elements[i].name)))
			/* xsl:import, xs:import and the like are no element of a page; t:import was. */
			return elements[i].kind == GB_XSS_ELEMENT_FRAME && colon != SIZE_MAX && colon > 1
			               ? GB_XSS_ELEMENT_OTHER
			               : elements[i].kind;
	return GB_XSS_ELEMENT_OTHER;
}

bool gb_xss_has_nocase(struct gb_span text, struct gb_span needle)
{
	for (size_t at = 0; at + needle.n <= text.n; at++)
		if (gb_span_equal_nocase(gb_span_sub(text, at, needle.n), needle))
			return true;
	return false;
}

bool gb_xss_is_name(const struct gb_html_token *token, const char *name)
{
	struct gb_span text = token->name;
	size_t colon = gb_span_find_last_byte(text, ':');

	if (colon != SIZE_MAX)
		text = gb_span_sub(text, colon + 1, SIZE_MAX);
	return gb_span_equal_nocase(text, gb_span_cstr(name));
}

bool gb_xss_is_address(const struct gb_html_token *token)
{
	return gb_xss_is_name(token, "src") || gb_xss_is_name(token, "href") || gb_xss_is_name(token, "data") ||
	       gb_xss_is_name(token, "code") || gb_xss_is_name(token, "codebase") || gb_xss_is_name(token, "classid") ||
	       gb_xss_is_name(token, "archive") || gb_xss_is_name(token, "implementation");
}

void gb_xss_note_attribute(struct gb_xss_element *element, const struct gb_html_token *token)
{
	struct gb_span value = gb_span_sub(token->value, 0, 256);

	if (gb_xss_is_address(token) && value.n != 0) {
		enum gb_xss_url url = gb_xss_url(value);

		element->has_address = true;
		element->is_quoted = token->quote != 0;
		if (url > element->url)
			element->url = url;
		/* A base of script turns every link into code, whatever it is itself. */
		if (element->kind == GB_XSS_ELEMENT_BASE &&
		        gb_xss_has_nocase(gb_span_sub(value, 0, 16), GB_SPAN("script:")))
			element->url = GB_XSS_URL_SCRIPT;
	}
	element->has_sizes |= (gb_xss_is_name(token, "width") || gb_xss_is_name(token, "height") ||
	                              gb_xss_is_name(token, "allowfullscreen")) &&
	                      !gb_span_equal(value, GB_SPAN("0"));
	element->is_data_block |=
	        gb_xss_is_name(token, "type") &&
	        (gb_xss_has_nocase(value, GB_SPAN("json")) || gb_xss_has_nocase(value, GB_SPAN("template")));
	element->is_module |= gb_xss_is_name(token, "type") && gb_xss_has_nocase(value, GB_SPAN("module"));
	element->is_script |= gb_xss_is_name(token, "type") && (gb_xss_has_nocase(value, GB_SPAN("script")) ||
	                                                               gb_xss_has_nocase(value, GB_SPAN("less")));
	element->is_broken_out |=
	        gb_xss_is_name(token, "language") && gb_xss_has_nocase(gb_span_sub(value, 0, 2), GB_SPAN("vb"));
	element->is_import |= gb_xss_is_name(token, "rel") && gb_xss_has_nocase(value, GB_SPAN("import"));
	element->is_sheet |= gb_xss_is_name(token, "rel") && gb_xss_has_nocase(value, GB_SPAN("stylesheet"));
	element->is_header |=
	        gb_xss_is_name(token, "http-equiv") &&
	        (gb_xss_has_nocase(value, GB_SPAN("link")) || gb_xss_has_nocase(value, GB_SPAN("cookie")));
	element->sets_script |= gb_xss_is_name(token, "attributename") &&
	                        (gb_xss_has_nocase(value, GB_SPAN("href")) ||
	                                gb_xss_has_nocase(gb_span_sub(value, 0, 2), GB_SPAN("on")));
	element->is_foreign_form |= element->kind == GB_XSS_ELEMENT_FORM && gb_xss_is_name(token, "action") &&
	                            gb_xss_url(value) == GB_XSS_URL_EXTERNAL;
	element->is_password |= element->kind == GB_XSS_ELEMENT_INPUT && gb_xss_is_name(token, "type") &&
	                        gb_span_equal_nocase(value, GB_SPAN("password"));
}
