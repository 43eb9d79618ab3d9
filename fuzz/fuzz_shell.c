/* SPDX-License-Identifier: Apache-2.0 */
/* The shell lexer: tokens tile the text, closers have openers, and the flow question has an answer for every range. */
#include "activity/shell.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check(int is_true)
{
	if (!is_true)
		abort();
}

static void check_tokens(struct gb_shell_lexer *lexer, size_t n)
{
	struct gb_shell_token token;
	size_t at = 0;

	while (gb_shell_next(lexer, &token)) {
		check(token.offset == at && token.length > 0);
		check(token.kind > GB_SHELL_END && token.kind < _GB_SHELL_KIND_MAX);
		check(token.opener == SIZE_MAX || token.opener < token.offset);
		check(token.depth < GB_SHELL_DEPTH_MAX);
		at += token.length;
	}
	check(at == n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct gb_span text = gb_span_of(data, n);
	struct gb_shell_lexer lexer;

	gb_shell_start(&lexer, text);
	check_tokens(&lexer, n);
	gb_shell_start_quoted(&lexer, text, '\'');
	check_tokens(&lexer, n);
	gb_shell_start_quoted(&lexer, text, '"');
	check_tokens(&lexer, n);
	for (size_t from = 0; from < n && from < 16; from++) {
		struct gb_shell_harm harm = gb_shell_flow(text, from, n - from),
		                     same = gb_shell_flow(text, from, SIZE_MAX);
		struct gb_shell_harm half = gb_shell_flow(text, from, (n - from) / 2);

		check(harm.reason >= GB_R_NONE && harm.reason < _GB_REASON_MAX);
		check((harm.reason == GB_R_NONE) == (harm.length == 0));
		check(harm.reason == GB_R_NONE || (harm.from >= from && harm.from + harm.length <= n));
		check(half.reason == GB_R_NONE ||
		        (half.length > 0 && half.from >= from && half.from + half.length <= from + (n - from) / 2));
		check(same.reason == harm.reason && same.from == harm.from && same.length == harm.length);
		check(gb_shell_flow(text, from, 0).reason == GB_R_NONE);
	}
	return 0;
}
