/* SPDX-License-Identifier: Apache-2.0 */
/* What only Windows' command interpreter reads. */
#include "inspect/bytes.h"
#include "inspect/detect/command.h"
#include "inspect/lex/lex.h"
#include "inspect/prose.h"

static bool is_name(unsigned char c)
{
	return gb_ascii_is_alpha(c) || gb_ascii_is_digit(c) || c == '_' || c == '(' || c == ')';
}

/* %VAR:~5,2% or !VAR:a=b!: a piece of a variable; %VAR% /c and &!VAR!: a variable that is run. */
static bool find_variable(struct gb_detect_reading *reading, unsigned char sign)
{
	struct gb_span text = reading->text;

	for (size_t at = gb_bytes_find(text, sign, 0); at != SIZE_MAX; at = gb_bytes_find(text, sign, at + 1)) {
		size_t end = at + 1, close, before = at;

		while (end < text.n && end - at < 32 && is_name(text.p[end]))
			end++;
		if (end - at < 2 || end >= text.n || gb_ascii_is_digit(text.p[at + 1]))
			continue;
		if (text.p[end] == ':' && end + 2 < text.n && text.p[end + 1] == '~') {
			for (close = end + 2; close < text.n && (gb_ascii_is_digit(text.p[close]) ||
			                                                text.p[close] == '-' || text.p[close] == ',');)
				close++;
			if (close < text.n && close > end + 2 && text.p[close] == sign)
				return gb_detect_convict(reading, "cmd_variable_slice", at, close + 1);
		}
		if (text.p[end] != sign)
			continue;
		while (before > 0 && gb_ascii_is_space(text.p[before - 1]))
			before--;
		close = end + 1;
		while (close + 1 < text.n && gb_ascii_is_space(text.p[close]) && gb_ascii_is_space(text.p[close + 1]))
			close++;
		if ((before == 0 || gb_bytes_find(GB_SPAN("&|(\n"), text.p[before - 1], 0) != SIZE_MAX) &&
		        ((close + 2 < text.n && gb_ascii_is_space(text.p[close]) && text.p[close + 1] == '/' &&
		                 gb_ascii_is_alpha(text.p[close + 2])) ||
		                (sign == '!' && before != 0 && text.p[before - 1] != '\n') ||
		                (close < text.n && text.p[close] == sign && before != 0 && is_name(text.p[close + 1]))))
			return gb_detect_convict(reading, "cmd_variable_command", at, close);
	}
	return false;
}

bool gb_detect_cmd_construct(struct gb_detect_reading *reading)
{
	struct gb_span text = reading->text;

	if ((reading->mask & GB_BYTE_PERCENT) != 0 && find_variable(reading, '%'))
		return true;
	if ((reading->mask & GB_BYTE_AMPERSAND) != 0 && find_variable(reading, '!'))
		return true;

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

/* cmd.exe /c was used to …; the task runs cmd /c start: a word that is no command behind it, or a sentence before it. SLASH:
 * of /c. */
static bool is_told(struct gb_span text, size_t slash)
{
	struct gb_span behind = gb_span_trim(gb_span_sub(text, slash + 2, 64));
	size_t end = 0, before = slash;
	unsigned words = 0;
	bool is_command = false;

	while (end < behind.n && gb_ascii_is_alpha(behind.p[end]))
		end++;
	if (gb_prose_is_glue(gb_span_sub(behind, 0, end)) ||
	        (gb_prose_is_sentence(gb_span_trim(gb_span_sub(text, slash + 2, SIZE_MAX))) &&
	                gb_detect_word_kind(gb_span_sub(behind, 0, end)) == GB_NAME_UNKNOWN))
		return true;
	/* Words alone stand between it and the beginning, or a line of a log. */
	while (before > 0 && !gb_ascii_is_space(text.p[before - 1]))
		before--;
	while (before > 0 && gb_ascii_is_space(text.p[before - 1]))
		before--;
	while (before > 0 && !gb_ascii_is_space(text.p[before - 1]))
		before--;
	for (size_t at = before; at > 0 && words < 8; words++) {
		struct gb_span word;
		size_t stop;

		while (at > 0 && (gb_ascii_is_space(text.p[at - 1]) || (words == 0 && text.p[at - 1] == ':')))
			at--;
		stop = at;
		while (at > 0 && gb_ascii_is_alpha(text.p[at - 1]))
			at--;
		word = gb_span_sub(text, at, stop - at);
		if (word.n == 0 || (at > 0 && !gb_ascii_is_space(text.p[at - 1])))
			break;
		if (gb_prose_is_glue(word))
			return true;
		is_command |= gb_detect_word_kind(word) != GB_NAME_UNKNOWN && !gb_span_equal(word, GB_SPAN("call"));
	}
	return words >= 2 && !is_command;
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
		if (is_told(text, slash))
			continue;
		return gb_detect_convict(reading, "cmd_shell", slash - 1, text.n < slash + 32 ? text.n : slash + 32);
	}
	return false;
}
