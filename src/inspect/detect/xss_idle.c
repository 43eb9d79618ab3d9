/* SPDX-License-Identifier: Apache-2.0 */
/* Script that does nothing, and script that has no words. */
#include "inspect/bytes.h"
#include "inspect/detect/xss.h"
#include "inspect/lex/script.h"

static const char *const idle_words[] = {"void", "return", "false", "true", "null", "undefined", "history", "back",
        "go", "forward", "window", "print", "close", "self"};

static bool is_idle_word(struct gb_span word)
{
	for (size_t i = 0; i < sizeof(idle_words) / sizeof(idle_words[0]); i++)
		if (gb_span_equal_nocase(word, gb_span_cstr(idle_words[i])))
			return true;
	return false;
}

bool gb_xss_is_idle(struct gb_span text)
{
	size_t at = 0;

	for (;;) {
		struct gb_script_token token;

		gb_script_next(text, &at, &token);
		if (token.kind == GB_SCRIPT_END)
			return true;
		if (token.kind == GB_SCRIPT_WORD && !is_idle_word(gb_span_sub(text, token.offset, token.length)))
			return false;
		if (token.kind == GB_SCRIPT_MARK && gb_bytes_find(GB_SPAN("();.-*/\"',#"), token.mark, 0) == SIZE_MAX)
			return false;
		if (token.kind != GB_SCRIPT_WORD && token.kind != GB_SCRIPT_MARK && token.kind != GB_SCRIPT_NUMBER &&
		        token.kind != GB_SCRIPT_LINE)
			return false;
	}
}

/* Code of brackets, signs and nothing else: [][(![]+[])[+[]]+…; a long run of these marks. */
#define SIGNS_MIN 40u

bool gb_xss_is_signs(struct gb_span text, size_t *ret_from)
{
	size_t run = 0, opened = 0, closed = 0, signs = 0;

	for (size_t at = 0; at < text.n; at++) {
		unsigned char c = text.p[at];

		if (c != '[' && c != ']' && c != '(' && c != ')' && c != '!' && c != '+' && c != '{' && c != '}') {
			run = opened = closed = signs = 0;
			continue;
		}
		opened += c == '[';
		closed += c == ']';
		signs += c == '!' || c == '+';
		/* Nested arrays have no signs, rows of signs no brackets. */
		if (++run >= SIGNS_MIN && opened > run / 8 && closed > run / 8 && signs > run / 8) {
			*ret_from = at + 1 - run;
			return true;
		}
	}
	return false;
}
