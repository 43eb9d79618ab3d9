/* SPDX-License-Identifier: Apache-2.0 */
/* Elements of a page as script injection sees them. */
#ifndef GB_INSPECT_DETECT_XSS_ELEMENT_H
#define GB_INSPECT_DETECT_XSS_ELEMENT_H

#include "inspect/detect/xss.h"

enum gb_xss_kind {
	GB_XSS_ELEMENT_OTHER = 0,
	GB_XSS_ELEMENT_SCRIPT,
	GB_XSS_ELEMENT_STYLE,
	GB_XSS_ELEMENT_FRAME, /* shows a foreign document, or runs a foreign program */
	GB_XSS_ELEMENT_LINK,
	GB_XSS_ELEMENT_BASE,
	GB_XSS_ELEMENT_META,
	GB_XSS_ELEMENT_ANIMATION, /* sets another element's attribute */
	GB_XSS_ELEMENT_PAGE,
	GB_XSS_ELEMENT_USE,
	GB_XSS_ELEMENT_FORM,
	GB_XSS_ELEMENT_INPUT,
};

struct gb_xss_element {
	enum gb_xss_kind kind;
	size_t from;
	enum gb_xss_url url; /* worst of its addresses */
	bool has_address;
	bool has_sizes;     /* a frame with a place on the page, as video sites give them out */
	bool is_module;     /* script type=module */
	bool is_data_block; /* script type=…json…: no script */
	bool is_header;     /* meta http-equiv of a header that loads or sets */
	bool is_script;     /* type of a script */
	bool is_broken_out; /* behind a > or an end tag that closes what the application opened */
	bool is_import;
	bool is_sheet;
	bool sets_script; /* attributeName is an address or an event */
	bool is_quoted;
	bool is_foreign_form; /* sends what is typed to another host */
	bool is_password;
};

/* The kind of the element called NAME, as written. */
enum gb_xss_kind gb_xss_kind_of(struct gb_span name);
/* Whether an attribute's local name is NAME, in any case. */
bool gb_xss_is_name(const struct gb_html_token *token, const char *name);
/* Whether the attribute's value is an address that is loaded. */
bool gb_xss_is_address(const struct gb_html_token *token);
/* Whether NEEDLE is in TEXT, in any case. TEXT should be short. */
bool gb_xss_has_nocase(struct gb_span text, struct gb_span needle);
/* Adds an attribute to what is known of its ELEMENT. */
void gb_xss_note_attribute(struct gb_xss_element *element, const struct gb_html_token *token);

#endif
