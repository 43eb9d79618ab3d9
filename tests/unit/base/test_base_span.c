/* SPDX-License-Identifier: Apache-2.0 */
#include "base/span.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void words_of_a_list(void **state)
{
	static const struct {
		struct gb_span span;
		const char *words;
		bool is_one;
	} rows[] = {
	        {GB_SPAN("sh"), "bash\0sh\0zsh\0", true},
	        {GB_SPAN("bash"), "bash\0sh\0zsh\0", true},
	        {GB_SPAN("zsh"), "bash\0sh\0zsh\0", true},
	        {GB_SPAN("ash"), "bash\0sh\0zsh\0", false},
	        {GB_SPAN("bas"), "bash\0sh\0zsh\0", false},
	        {GB_SPAN("sh\0zsh"), "bash\0sh\0zsh\0", false},
	        {GB_SPAN(""), "bash\0sh\0zsh\0", false},
	        {GB_SPAN("sh"), "", false},
	        {GB_SPAN(""), "", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (gb_span_is_one_of(rows[i].span, rows[i].words) != rows[i].is_one)
			fail_msg("row %zu", i);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(words_of_a_list)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
