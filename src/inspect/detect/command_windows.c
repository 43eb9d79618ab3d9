/* SPDX-License-Identifier: Apache-2.0 */
/* What only Windows' command interpreter reads. */
#include "inspect/bytes.h"
#include "inspect/detect/command.h"
#include "inspect/lex/lex.h"

bool gb_detect_cmd_construct(struct gb_detect_reading *reading)
{
	struct gb_span text = reading->text;

	for (size_t at = 0; at + 6 < text.n; at++) {
		const unsigned char third = text.p[at + 2];
		const unsigned char c = text.p[at] | 0x20, next = text.p[at + 1] | 0x20;
		size_t length = 0;

		/* A variable of `for` has its percent sign. */
		if ((c == 'i' && next == 'f' && (third == ' ' || third == '\t')) ||
		        (c == 'f' && next == 'o' && (reading->mask & GB_BYTE_PERCENT) != 0))
			length = gb_lex_cmd_construct(text, at);
		if (length != 0)
			return gb_detect_convict(reading, "cmd_construct", at, at + length);
	}
	return false;
}

bool gb_detect_cmd_shell(struct gb_detect_reading *reading)
{
	struct gb_span text = reading->text;

	if ((reading->mask & GB_BYTE_SLASH) == 0)
		return false;
	for (size_t slash = gb_bytes_find(text, '/', 0); slash != SIZE_MAX;
	        slash = gb_bytes_find(text, '/', slash + 1)) {
		unsigned char letter = slash + 1 < text.n ? gb_ascii_lower(text.p[slash + 1]) : 0;
		struct gb_span before =
		        gb_span_trim(gb_span_sub(text, slash > 9 ? slash - 9 : 0, slash > 9 ? 9 : slash));

		if ((letter != 'c' && letter != 'k') || slash + 3 >= text.n || !gb_ascii_is_space(text.p[slash + 2]))
			continue;
		if (before.n >= 4 && gb_span_equal_nocase(gb_span_sub(before, before.n - 4, 4), GB_SPAN(".exe")))
			before.n -= 4;
		if (before.n < 3 || !gb_span_equal_nocase(gb_span_sub(before, before.n - 3, 3), GB_SPAN("cmd")))
			continue;
		if (before.n > 3 && (gb_ascii_is_alpha(before.p[before.n - 4]) || before.p[before.n - 4] == '_'))
			continue;
		if (gb_detect_is_long(reading))
			return false;
		return gb_detect_convict(reading, "cmd_shell", slash - 1, text.n < slash + 32 ? text.n : slash + 32);
	}
	return false;
}
