/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inspect/lex/html: tokenizer of HTML as a browser cuts it (HTML standard §13.2.5; the states name their section). Pure,
 * no allocation, linear: it only moves forward.
 */
#ifndef GB_INSPECT_LEX_HTML_H
#define GB_INSPECT_LEX_HTML_H

#include "base/span.h"

enum gb_html_kind {
	GB_HTML_END = 0,
	GB_HTML_TAG,       /* <name: its attributes follow */
	GB_HTML_ATTRIBUTE, /* name, value; quote is 0 for an unquoted value */
	GB_HTML_TAG_END,   /* > of a start tag */
	GB_HTML_CLOSE,     /* </name …> */
	GB_HTML_RAW,       /* text in a script or style element and their like; name is the element's */
	GB_HTML_COMMENT,   /* <!-- … -->, and all that a browser takes for one: <!…>, <?…>, </ …> */
};

struct gb_html_token {
	enum gb_html_kind kind;
	struct gb_span name;
	struct gb_span value;
	unsigned char quote;
	bool has_equal; /* of an attribute: whether a value was given */
};

enum gb_html_state {
	GB_HTML_DATA = 0,              /* §13.2.5.1 */
	GB_HTML_RAW_TEXT,              /* §13.2.5.2 to 4 */
	GB_HTML_BEFORE_ATTRIBUTE_NAME, /* §13.2.5.32 */
	GB_HTML_END_TAG                /* the same, of an end tag */
};

struct gb_html {
	struct gb_span text;
	size_t at;
	enum gb_html_state state;
	/* Every < with a letter begins a tag, wherever it stands: in an attribute's value, a comment, a script. For text that
	 * lands in another context than the data state, and for markup that is parsed a second time. */
	bool is_nested;
	bool is_raw_next; /* the open tag's text is raw */
	struct gb_span open;
};

/* Text of a whole page, or, from BEFORE_ATTRIBUTE_NAME, what follows a value's closing quote. */
void gb_html_start(struct gb_html *html, struct gb_span text, size_t at, enum gb_html_state state, bool is_nested);
/* The next token; false at the end. Names and values are as written: case, NUL bytes and references kept. */
bool gb_html_next(struct gb_html *html, struct gb_html_token *ret_token);

/* NAME in lower case and without NUL bytes, in OUT of CAP bytes; cut off when longer. */
struct gb_span gb_html_name(struct gb_span name, unsigned char *out, size_t cap);

#endif
