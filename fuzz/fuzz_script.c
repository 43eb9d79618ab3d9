/* SPDX-License-Identifier: Apache-2.0 */
/* The lexers of script and of code in general: each token lies behind the last and within the text; all ends. */
#include "inspect/lex/lex.h"
#include "inspect/lex/script.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check_script(struct gb_span text)
{
	size_t at = 0, last = 0;

	for (;;) {
		struct gb_script_token token;

		gb_script_next(text, &at, &token);
		if (token.offset < last || token.offset + token.length > text.n || at > text.n)
			abort();
		if (token.kind == GB_SCRIPT_END)
			return;
		if (token.length == 0 || at <= last)
			abort();
		if (token.kind == GB_SCRIPT_STRING &&
		        (token.length < 2 || text.p[token.offset] != text.p[token.offset + token.length - 1]))
			abort();
		last = at;
	}
}

static void check_code(struct gb_span text)
{
	struct gb_lex_code token;
	size_t at = 0, last = 0;

	while (gb_lex_code_next(text, &at, &token)) {
		if (token.offset < last || token.length == 0 || token.offset + token.length != at || at > text.n)
			abort();
		if (token.content.n != 0 &&
		        (token.content.p < text.p + token.offset || token.content.p + token.content.n > text.p + at))
			abort();
		last = at;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	check_script(gb_span_of(data, n));
	check_code(gb_span_of(data, n));
	return 0;
}
