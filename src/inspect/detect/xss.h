/* SPDX-License-Identifier: Apache-2.0 */
/* inspect/detect/xss: the parts of the judgement of script injection: code, addresses and style sheets, markup. */
#ifndef GB_INSPECT_DETECT_XSS_H
#define GB_INSPECT_DETECT_XSS_H

#include "inspect/detect/detect.h"
#include "inspect/lex/html.h"

/* Where a piece of script would stand. */
enum gb_xss_place {
	GB_XSS_WHOLE, /* the value alone: must be code from its first token on, and call what only an attack calls */
	GB_XSS_BROKEN_OUT, /* behind a quote that ends a string */
	GB_XSS_TEMPLATE,   /* in {{ }} or in an attribute of a framework */
};

/* Whether TEXT from FROM on is script that reaches a browser's interfaces; *ret_hit_at is the offset of what does. Stops at
 * the first words of prose. */
bool gb_xss_code(struct gb_span text, size_t from, enum gb_xss_place place, size_t *ret_hit_at);
/* Whether TEXT calls, assigns or throws at all: for places where any script is foreign. */
bool gb_xss_acts(struct gb_span text);
/* Whether TEXT is script that does nothing: empty, void(0), return false, history.back(). */
bool gb_xss_is_idle(struct gb_span text);
/* Whether TEXT is prose, or holds no word, number or string at all. */
bool gb_xss_is_wordy(struct gb_span text);
/* Whether TEXT holds script spelled with brackets and signs only. */
bool gb_xss_is_signs(struct gb_span text, size_t *ret_from);

enum gb_xss_url {
	GB_XSS_URL_PLAIN = 0,
	GB_XSS_URL_EXTERNAL, /* another host's: http://h, //h */
	GB_XSS_URL_DATA,     /* data: of a type that a browser runs in a frame: HTML, XML, SVG, script */
	GB_XSS_URL_SCRIPT,   /* javascript: and its like, with code that is not idle */
};
/* What a browser makes of the value of an address: blanks and control bytes in the scheme do not count. */
enum gb_xss_url gb_xss_url(struct gb_span value);
/* Whether a declaration or style sheet holds what older browsers ran: expression(), bindings, behaviours, script addresses; in
 * an element, any sheet that it imports. */
bool gb_xss_style(struct gb_span css, bool is_element);
/* Whether the host of an address is spelled so that a reader does not know it: one number, hexadecimal, percent. */
bool gb_xss_is_disguised(struct gb_span url);

/* Whether NAME=VALUE is an event handler with something to run. NAME as written. */
bool gb_xss_handler(struct gb_span name, struct gb_span value, unsigned char quote);
/* Whether an attribute of any element runs script, by itself. The reason, or NULL. */
const char *gb_xss_attribute(const struct gb_html_token *attribute);
/* Closed fenced blocks of a text that is Markdown with words of prose before the first; the last one looked for. */
struct gb_xss_samples {
	struct gb_span text;
	size_t from, to;
	bool has_fences;
};
struct gb_xss_samples gb_xss_samples_of(struct gb_span text);
/* Whether AT is in such a block, whose end is then *ret_end. AT must only grow: linear. */
bool gb_xss_is_sample(struct gb_xss_samples *samples, size_t at, size_t *ret_end);

/* Markup of the text as a page's. In strict mode samples in fences of Markdown count too. */
bool gb_xss_markup(const struct gb_detect_input *input, bool is_nested, struct gb_detect_hit *ret_hit);

#endif
