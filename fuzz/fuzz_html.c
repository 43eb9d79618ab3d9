/* SPDX-License-Identifier: Apache-2.0 */
/* The tokenizer of HTML: whatever the text and the state it begins in, it only moves forward, ends, and gives parts of
 * the text. */
#include "inspect/lex/html.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check_part(struct gb_span text, struct gb_span part)
{
	if (part.n != 0 && (part.p < text.p || part.p + part.n > text.p + text.n))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const enum gb_html_state states[] = {GB_HTML_DATA, GB_HTML_BEFORE_ATTRIBUTE_NAME};
	struct gb_span text = gb_span_of(data, n);

	for (unsigned run = 0; run < 4; run++) {
		struct gb_html html;
		struct gb_html_token token;
		size_t count = 0, last = 0;

		gb_html_start(&html, text, 0, states[run / 2], run % 2 != 0);
		while (gb_html_next(&html, &token)) {
			unsigned char name[24];

			/* A tag's end and the text behind it may come at one place. */
			if (html.at < last || html.at > n || ++count > 3 * n + 4)
				abort();
			last = html.at;
			check_part(text, token.name);
			check_part(text, token.value);
			if (gb_html_name(token.name, name, sizeof(name)).n > sizeof(name))
				abort();
		}
	}
	return 0;
}
