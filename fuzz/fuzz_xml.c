/* SPDX-License-Identifier: Apache-2.0 */
/* The lexer of XML's markup, in UTF-8 and in both halves of UTF-16: each token lies behind the last and within the text. */
#include "inspect/lex/lex.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct gb_span text = gb_span_of(data, n);

	for (size_t run = 0; run < 3; run++) {
		size_t stride = run == 0 ? 1 : 2, at = run == 2 && n > 0 ? 1 : 0, last = at;
		struct gb_span part;

		while (gb_lex_xml_next(text, stride, &at, &part) != GB_XML_END) {
			if (at <= last || at > n || part.p < text.p + last || part.p + part.n > text.p + n)
				abort();
			last = at;
		}
	}
	return 0;
}
