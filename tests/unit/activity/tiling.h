/* SPDX-License-Identifier: Apache-2.0 */
/* What holds of the tokens of any text; to be included once. */
#ifndef GB_TESTS_ACTIVITY_TILING_H
#define GB_TESTS_ACTIVITY_TILING_H

#include "activity/shell.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

/* They follow one another without gap or overlap, each has a kind, and opens behind what opened it. */
static void check_tiling(struct gb_span text)
{
	struct gb_shell_lexer lexer;
	struct gb_shell_token token;
	size_t at = 0;

	gb_shell_start(&lexer, text);
	while (gb_shell_next(&lexer, &token)) {
		assert_int_equal(token.offset, at);
		assert_true(token.length > 0);
		assert_true(token.kind > GB_SHELL_END && token.kind < _GB_SHELL_KIND_MAX);
		assert_true(token.opener == SIZE_MAX || token.opener < token.offset);
		at += token.length;
	}
	assert_int_equal(at, text.n);
}

#endif
