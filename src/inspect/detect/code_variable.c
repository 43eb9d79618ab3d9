/* SPDX-License-Identifier: Apache-2.0 */
/* Names of functions and variables that code puts together or takes out of values: PHP's and Perl's ways. */
#include "inspect/bytes.h"
#include "inspect/detect/code.h"
#include "inspect/lex/lex.h"

static bool is_alone(const struct gb_code_reading *reading)
{
	return !gb_code_is_about(reading, GB_PLACE_BREAK);
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
	/* ${\`id`}, ${\($x)}: a reference of Perl's. */
	at = gb_bytes_find_text(text, GB_SPAN("${\\"), 0);
	if (at != SIZE_MAX && at + 3 < text.n && (text.p[at + 3] == '`' || text.p[at + 3] == '(') && is_alone(reading))
		return gb_code_convict(reading, "code_variable_evaluated", at, at + 4);
	/* $$a(…), $ENV{X} */
	if (text.n > 5 && text.n <= 128 && text.p[0] == '$') {
		for (at = 1; at < text.n && (gb_code_is_name_byte(text.p[at]) || text.p[at] == '$'); at++)
			continue;
		if ((text.p[1] == '$' && at > 2 && at < text.n && text.p[at] == '(' && text.p[text.n - 1] != ' ') ||
		        (gb_span_starts(text, GB_SPAN("$ENV{")) && gb_bytes_find(text, ' ', 0) == SIZE_MAX))
			return gb_code_convict(reading, "code_variable_called", 0, at + 1);
	}
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

/* @{[ … ]}, qx{…} and %x{…}, qx/…/: Perl's and Ruby's ways to put a result into a string. */
static bool find_quoted_command(const struct gb_code_reading *reading)
{
	struct gb_span text = reading->text;
	size_t at = gb_bytes_find_text(text, GB_SPAN("@{"), 0), close;

	if (at != SIZE_MAX && is_alone(reading)) {
		size_t bracket = at + 2;

		while (bracket < text.n && gb_ascii_is_space(text.p[bracket]))
			bracket++;
		if (bracket < text.n && text.p[bracket] == '[')
			return gb_code_convict(reading, "code_expression_in_string", at, bracket + 1);
	}
	for (at = gb_bytes_find(text, 'x', 1); at != SIZE_MAX && text.n <= 512; at = gb_bytes_find(text, 'x', at + 1)) {
		unsigned char quote = at + 1 < text.n ? text.p[at + 1] : 0;

		if ((text.p[at - 1] != 'q' && text.p[at - 1] != '%') || quote == 0)
			continue;
		if (quote != '{' && quote != '/' && quote != '|' && quote != '!' && quote != '[' && quote != '<')
			continue;
		close = gb_bytes_find(text,
		        quote == '{'   ? '}'
		        : quote == '[' ? ']'
		        : quote == '<' ? '>'
		                       : quote,
		        at + 2);
		if (close != SIZE_MAX && close > at + 3 && gb_code_place(text, at - 1) >= GB_PLACE_BREAK &&
		        is_alone(reading))
			return gb_code_convict(reading, "code_text_executed", at - 1, at + 2);
	}
	return false;
}

bool gb_code_find_variable(const struct gb_code_reading *reading)
{
	if ((reading->mask & GB_BYTE_PAREN) != 0 && (find_joined_name(reading) || find_print(reading)))
		return true;
	if ((reading->mask & GB_BYTE_DOLLAR) != 0 && find_variable(reading))
		return true;
	return find_quoted_command(reading);
}
