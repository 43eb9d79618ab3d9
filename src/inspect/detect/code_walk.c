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

/* .__subclasses__, ['__globals__']: from any value of Python to all types. */
static bool find_underscores(const struct gb_code_reading *reading)
{
	static const char *const far[] = {
	        "subclasses", "globals", "builtins", "mro", "bases", "base", "import", "getattribute", "loader"};
	struct gb_span text = reading->text;

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

/* class.module.classLoader…, (#_memberAccess…), @java.lang.Runtime@…, getClass().forName(…): Java's expression languages. */
static bool find_java(const struct gb_code_reading *reading)
{
	struct gb_span text = reading->text;
	size_t at = gb_bytes_find_text(text, GB_SPAN("#_memberAccess"), 0), next;

	if (at != SIZE_MAX && is_alone(reading))
		return gb_code_convict(reading, "code_object_walk", at, at + 14);
	if (text.n > 3 && text.p[0] == '(' && text.p[1] == '#' && gb_ascii_is_alpha(text.p[2])) {
		for (next = 3; next < text.n && gb_code_is_name_byte(text.p[next]); next++)
			continue;
		if (next < text.n && (text.p[next] == '=' || text.p[next] == '[' || text.p[next] == '.') &&
		        is_alone(reading))
			return gb_code_convict(reading, "code_object_walk", 0, next + 1);
	}
	if (gb_span_starts(text, GB_SPAN("class.")) || gb_span_starts(text, GB_SPAN("class["))) {
		at = gb_bytes_find_text(gb_span_sub(text, 0, 64), GB_SPAN("lassLoader"), 0);
		if (at != SIZE_MAX && gb_bytes_find(gb_span_sub(text, 0, at), ' ', 0) == SIZE_MAX)
			return gb_code_convict(reading, "code_object_walk", 0, at + 10);
	}
	for (at = gb_bytes_find_text(text, GB_SPAN("@java"), 0); at != SIZE_MAX;
	        at = gb_bytes_find_text(text, GB_SPAN("@java"), at + 1)) {
		for (next = at + 1; next < text.n && next - at < 100; next++)
			if (!gb_code_is_name_byte(text.p[next]) && text.p[next] != '.')
				break;
		if (next < text.n && text.p[next] == '@' && is_alone(reading))
			return gb_code_convict(reading, "code_type_named", at, next + 1);
	}
	at = gb_bytes_find_text(text, GB_SPAN(".getClass()."), 0);
	if (at == SIZE_MAX)
		return false;
	for (next = at + 12; next < text.n && next - at < 44 && gb_code_is_name_byte(text.p[next]); next++)
		continue;
	return (gb_capability_of(gb_span_sub(text, at + 12, next - at - 12)) & GB_CAPABILITY_WALK) != 0 &&
	       is_alone(reading) && gb_code_convict(reading, "code_object_walk", at, next);
}

/* Length of PHP's name of an array of the request at AT, or 0. */
static size_t superglobal_length(struct gb_span text, size_t at)
{
	static const char *const names[] = {
	        "$_GET", "$_POST", "$_COOKIE", "$_SERVER", "$_REQUEST", "$_FILES", "$_ENV", "$_SESSION", "$GLOBALS"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct gb_span name = gb_span_cstr(names[i]);
		size_t end = at + name.n;

		if (gb_span_equal(gb_span_sub(text, at, name.n), name) &&
		        (end == text.n || !gb_code_is_name_byte(text.p[end])))
			return name.n;
	}
	return 0;
}

/* $a='system';$a('id'); a function's name in a variable that is called. */
static bool find_named_variable(const struct gb_code_reading *reading)
{
	struct gb_span text = reading->text;
	size_t start = gb_bytes_find(text, '$', 0), at = start, end;
	struct gb_lex_code name, equal, value, next;

	if (text.n > 512 || !gb_lex_code_next(text, &at, &name) || !gb_lex_code_next(text, &at, &equal) ||
	        !gb_lex_code_next(text, &at, &value) || value.kind != GB_CODE_STRING || text.p[equal.offset] != '=' ||
	        (gb_capability_of(value.content) & (GB_CAPABILITY_FUNCTION | GB_CAPABILITY_WORD)) == 0)
		return false;
	for (at = gb_bytes_find(text, '$', at); at != SIZE_MAX; at = gb_bytes_find(text, '$', end)) {
		end = at;
		if (!gb_lex_code_next(text, &end, &next))
			return false;
		if (end < text.n && text.p[end] == '(')
			return gb_code_convict(reading, "code_name_called", start, end + 1);
	}
	return false;
}

/* ${name}(…), ${'name'}: PHP takes the variable's name, and the function's, out of a value. */
static bool find_variable(const struct gb_code_reading *reading)
{
	struct gb_span text = reading->text;
	size_t at, close, length;
	unsigned char c;

	for (at = gb_bytes_find_text(text, GB_SPAN("${@"), 0); at != SIZE_MAX; at = SIZE_MAX)
		if (is_alone(reading))
			return gb_code_convict(reading, "code_variable_evaluated", at, at + 3);
	/* {${f()}}: an expression in a text of PHP. */
	at = gb_bytes_find_text(text, GB_SPAN("{${"), 0);
	if (at != SIZE_MAX && at <= 16 && gb_bytes_find(text, '(', at) != SIZE_MAX && is_alone(reading))
		return gb_code_convict(reading, "code_variable_evaluated", at, at + 3);
	at = gb_bytes_find(text, '$', 0);
	if (at == SIZE_MAX)
		return false;
	if ((reading->mask & GB_BYTE_PAREN) != 0 && find_named_variable(reading))
		return true;
	length = superglobal_length(text, at);
	if (gb_code_place(text, at) < GB_PLACE_BREAK && (length == 0 || at > 16))
		return false;
	if (length != 0 && (at + length == text.n || text.p[at + length] == '[') && is_alone(reading))
		return gb_code_convict(reading, "code_request_variable", at, at + length);
	if (at + 2 >= text.n || text.p[at + 1] != '{')
		return false;
	close = gb_code_close(text, at + 1);
	if (close == SIZE_MAX)
		return false;
	c = text.p[at + 2];
	if ((c == '\'' || c == '"') && close == text.n)
		return gb_code_convict(reading, "code_variable_evaluated", at, close);
	while (close < text.n && text.p[close] == '[') {
		size_t next = gb_code_close(text, close);

		if (next == SIZE_MAX)
			return false;
		close = next;
	}
	if (close >= text.n || text.p[close] != '(')
		return false;
	length = gb_code_close(text, close);
	if (length == SIZE_MAX || text.n - length > 1 || !is_alone(reading))
		return false;
	return gb_code_convict(reading, "code_variable_called", at, length);
}

/* ('sys'.'tem')('id'): a name put together, then called. */
static bool find_joined_name(const struct gb_code_reading *reading)
{
	struct gb_lex_code token;
	unsigned strings = 0;
	size_t at = 0, before;

	if (!gb_lex_code_next(reading->text, &at, &token) || token.kind != GB_CODE_OPEN)
		return false;
	for (;;) {
		before = at;
		if (!gb_lex_code_next(reading->text, &at, &token))
			return false;
		if (token.kind == GB_CODE_CLOSE)
			break;
		/* ~ of bytes that are no text gives a name too. */
		strings += token.kind == GB_CODE_STRING ||
		           (token.kind == GB_CODE_WORD && reading->text.p[token.offset] >= 0x80) ||
		           (token.kind == GB_CODE_ARITHMETIC && reading->text.p[token.offset] == '~');
		if (token.kind != GB_CODE_STRING && token.kind != GB_CODE_MEMBER && token.kind != GB_CODE_ARITHMETIC &&
		        !(token.kind == GB_CODE_OTHER || reading->text.p[token.offset] >= 0x80))
			return false;
	}
	return strings >= 2 && at > before && at < reading->text.n && reading->text.p[at] == '(' &&
	       gb_code_convict(reading, "code_name_called", 0, at + 1);
}

/* echo md5(1);: a statement of PHP, with its end, that prints what a function gives. */
static bool find_print(const struct gb_code_reading *reading)
{
	struct gb_span text = reading->text;
	struct gb_lex_code token;
	size_t at = 0, close;

	if (text.n > 128 || text.p[text.n - 1] != ';')
		return false;
	if (!gb_lex_code_next(text, &at, &token) ||
	        (!gb_span_equal_nocase(gb_span_sub(text, 0, at), GB_SPAN("echo")) &&
	                !gb_span_equal_nocase(gb_span_sub(text, 0, at), GB_SPAN("print"))))
		return false;
	if (!gb_lex_code_next(text, &at, &token) || token.kind != GB_CODE_WORD || at >= text.n || text.p[at] != '(')
		return false;
	close = gb_code_close(text, at);
	return close == text.n - 1 && gb_code_convict(reading, "code_result_printed", 0, text.n);
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
		        !gb_span_equal(name, GB_SPAN("this")) && !gb_span_equal(name, GB_SPAN("GLOBALS")))
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

bool gb_code_find_walk(const struct gb_code_reading *reading)
{
	struct gb_span text = reading->text;
	size_t at;

	if ((reading->mask & GB_BYTE_PAREN) != 0 &&
	        (find_joined_name(reading) || find_print(reading) || find_function_at_once(reading)))
		return true;
	if ((reading->mask & GB_BYTE_DOLLAR) != 0 && find_variable(reading))
		return true;
	/* Perl's way to put an expression into a string. */
	if ((reading->mask & GB_BYTE_BRACKET) != 0 && (reading->mask & GB_BYTE_BRACE) != 0 &&
	        (at = gb_bytes_find_text(text, GB_SPAN("@{"), 0)) != SIZE_MAX && is_alone(reading)) {
		size_t bracket = at + 2;

		while (bracket < text.n && gb_ascii_is_space(text.p[bracket]))
			bracket++;
		if (bracket < text.n && text.p[bracket] == '[')
			return gb_code_convict(reading, "code_expression_in_string", at, bracket + 1);
	}
	/* qx{…} and %x{…}: Perl's and Ruby's quotes that run a command. */
	if ((reading->mask & GB_BYTE_BRACE) != 0 && (at = gb_bytes_find_text(text, GB_SPAN("x{"), 1)) != SIZE_MAX &&
	        (text.p[at - 1] == 'q' || text.p[at - 1] == '%') && gb_code_place(text, at - 1) >= GB_PLACE_BREAK &&
	        is_alone(reading))
		return gb_code_convict(reading, "code_text_executed", at - 1, at + 2);
	if ((reading->mask & GB_BYTE_BRACKET) != 0 && find_built_member(reading))
		return true;
	if ((reading->mask & GB_BYTE_OTHER) != 0 && find_underscores(reading))
		return true;
	return find_constructor(reading) || find_java(reading);
}
