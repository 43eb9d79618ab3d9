/* SPDX-License-Identifier: Apache-2.0 */
/* Ways to an interpreter without a function's name: from an object to its type and on, variables that hold names. */
#include "inspect/bytes.h"
#include "inspect/detect/code.h"
#include "inspect/lex/lex.h"

static bool is_alone(const struct gb_code_reading *reading)
{
	return !gb_code_is_about(reading, GB_PLACE_BREAK);
}

/* constructor.constructor, ["constructor"]["constructor"]: from any value of JavaScript to Function. */
static bool find_constructor(const struct gb_code_reading *reading)
{
	const struct gb_span word = GB_SPAN("constructor");
	struct gb_span text = reading->text;
	size_t at = gb_bytes_find_text(text, word, 0);

	while (at != SIZE_MAX) {
		size_t next = gb_bytes_find_text(text, word, at + word.n);
		struct gb_span between;

		if (next == SIZE_MAX)
			return false;
		between = gb_span_sub(text, at + word.n, next - at - word.n);
		if (between.n >= 1 && between.n <= 8 && !gb_ascii_is_space(between.p[0])) {
			bool is_walk = true;

			for (size_t i = 0; i < between.n; i++)
				is_walk &= !gb_code_is_name_byte(between.p[i]) && between.p[i] != ',' &&
				           between.p[i] != ';';
			if (is_walk && is_alone(reading))
				return gb_code_convict(reading, "code_object_walk", at, next + word.n);
		}
		at = next;
	}
	return false;
}

/* .__subclasses__, ['__globals__'], .gi_frame: from any value of Python to all types. */
static bool find_underscores(const struct gb_code_reading *reading)
{
	static const char *const far[] = {
	        "subclasses", "globals", "builtins", "mro", "bases", "base", "import", "getattribute", "loader"};
	static const char *const frames[] = {
	        "gi_frame", "cr_frame", "ag_frame", "tb_frame", "f_back", "f_globals", "f_builtins", "func_globals"};
	struct gb_span text = reading->text;

	for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
		size_t at = gb_bytes_find_text(text, gb_span_cstr(frames[i]), 1);

		if (at != SIZE_MAX && text.p[at - 1] == '.' && is_alone(reading))
			return gb_code_convict(reading, "code_object_walk", at - 1, at + 8);
	}
	for (size_t at = gb_bytes_find_text(text, GB_SPAN("__"), 0); at != SIZE_MAX;
	        at = gb_bytes_find_text(text, GB_SPAN("__"), at + 2)) {
		size_t end = at + 2;
		struct gb_span name;

		while (end < text.n && end - at < 20 && gb_ascii_is_alpha(text.p[end]))
			end++;
		name = gb_span_sub(text, at + 2, end - at - 2);
		if (name.n == 0 || at == 0 || !gb_span_starts(gb_span_sub(text, end, 2), GB_SPAN("__")))
			continue;
		if (text.p[at - 1] != '.' && text.p[at - 1] != '\'' && text.p[at - 1] != '"')
			continue;
		for (size_t i = 0; i < sizeof(far) / sizeof(far[0]); i++)
			if (gb_span_equal(name, gb_span_cstr(far[i])) && is_alone(reading))
				return gb_code_convict(reading, "code_object_walk", at, end + 2);
	}
	return false;
}

/* global['pro'+'cess']['mainModule']: a member of what leads outside by a name that is put together, and used. */
static bool find_built_member(const struct gb_code_reading *reading)
{
	struct gb_span text = reading->text;
	size_t at = gb_bytes_find(text, '[', 1);

	for (; at != SIZE_MAX && text.n <= 1024; at = gb_bytes_find(text, '[', at + 1)) {
		size_t start = gb_code_name_start(text, at), next = at + 1, close;
		struct gb_span name = gb_span_sub(text, start, at - start);
		struct gb_lex_code token;

		if ((gb_capability_of(name) & (GB_CAPABILITY_HOST | GB_CAPABILITY_ROOT)) == 0 &&
		        !gb_span_equal(name, GB_SPAN("this")) && !gb_span_equal(name, GB_SPAN("GLOBALS")) &&
		        !gb_span_equal(name, GB_SPAN("_G")))
			continue;
		if (!gb_lex_code_next(text, &next, &token) || token.kind != GB_CODE_STRING)
			continue;
		close = gb_code_close(text, at);
		if (close == SIZE_MAX || close >= text.n || gb_code_place(text, start) < GB_PLACE_BREAK)
			continue;
		if ((text.p[close] == '[' || text.p[close] == '(' || text.p[close] == '.') && is_alone(reading))
			return gb_code_convict(reading, "code_object_walk", start, close + 1);
	}
	return false;
}

/* (function(){…})(): the whole text is a function that is called at once, or one that reaches for the process. */
static bool find_function_at_once(const struct gb_code_reading *reading)
{
	struct gb_span text = reading->text, rest;
	struct gb_lex_code token, last = {0};
	size_t at = 0;

	if (text.n > 4096 || text.n < 16 || (text.p[0] != '(' && text.p[0] != '!'))
		return false;
	rest = gb_span_sub(text, text.n - 4, 4);
	if (gb_span_find(rest, GB_SPAN("()"), 0) == SIZE_MAX)
		return false;
	at = text.p[0] == '!' ? 1 : 0;
	while (at < text.n && (text.p[at] == '(' || gb_ascii_is_space(text.p[at])))
		at++;
	if (text.n <= 256 && at > 0 &&
	        (gb_span_starts(gb_span_sub(text, at, 8), GB_SPAN("function")) ||
	                gb_bytes_find_text(gb_span_sub(text, 0, 24), GB_SPAN("=>"), at) != SIZE_MAX) &&
	        !gb_code_is_about(reading, GB_PLACE_ENTRY))
		return gb_code_convict(reading, "code_function_at_once", 0, text.n);
	at = 0;
	while (gb_lex_code_next(text, &at, &token)) {
		bool is_process = last.kind == GB_CODE_WORD && token.kind == GB_CODE_MEMBER &&
		                  gb_span_equal(gb_span_sub(text, last.offset, last.length), GB_SPAN("process"));
		bool is_module = token.kind == GB_CODE_STRING && last.kind == GB_CODE_OPEN &&
		                 (gb_capability_of(token.content) & GB_CAPABILITY_ROOT) != 0;

		if ((is_process || is_module) && !gb_code_is_about(reading, GB_PLACE_ENTRY))
			return gb_code_convict(reading, "code_function_at_once", 0, at);
		last = token;
	}
	return false;
}

/* setTimeout(function(){…}): the whole text hands on a function that fetches and reads what the process holds. */
static bool find_scheduled(const struct gb_code_reading *reading)
{
	static const struct gb_span heads[] = {{(const unsigned char *)"setTimeout(", 11},
	        {(const unsigned char *)"setInterval(", 12}, {(const unsigned char *)"setImmediate(", 13},
	        {(const unsigned char *)"queueMicrotask(", 15}, {(const unsigned char *)"process.nextTick(", 17},
	        {(const unsigned char *)"async()=>", 9}, {(const unsigned char *)"async () =>", 11}};
	struct gb_span text = gb_span_trim(reading->text);

	if (text.n > 512 || gb_bytes_find(text, '\n', 0) != SIZE_MAX)
		return false;
	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
		if (gb_span_starts(text, heads[i]))
			return gb_bytes_find_text(text, GB_SPAN("process.env"), heads[i].n) != SIZE_MAX &&
			       (gb_bytes_find_text(text, GB_SPAN("require("), heads[i].n) != SIZE_MAX ||
			               gb_bytes_find_text(text, GB_SPAN("fetch("), heads[i].n) != SIZE_MAX ||
			               gb_bytes_find_text(text, GB_SPAN("import("), heads[i].n) != SIZE_MAX) &&
			       gb_code_convict(reading, "code_function_at_once", 0, text.n);
	return false;
}

bool gb_code_find_walk(const struct gb_code_reading *reading)
{
	if ((reading->mask & GB_BYTE_PAREN) != 0 && (find_function_at_once(reading) || find_scheduled(reading)))
		return true;
	if ((reading->mask & GB_BYTE_BRACKET) != 0 && find_built_member(reading))
		return true;
	if ((reading->mask & GB_BYTE_OTHER) != 0 && find_underscores(reading))
		return true;
	return find_constructor(reading) || gb_code_find_java(reading);
}
