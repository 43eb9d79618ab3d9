/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values that are, from their begin or behind a break-out to their end, one statement or expression of a language: what is
 * printed is computed, the environment is named, a module or a file from elsewhere is loaded. Within more text the same
 * words mean nothing.
 */
#include "inspect/bytes.h"
#include "inspect/detect/code.h"
#include "inspect/lex/lex.h"

#define WHOLE_MAX 256u

/* Whether NAME is one of NAMES, which blanks part. */
static bool is_among(struct gb_span name, const char *names)
{
	while (*names != 0) {
		size_t n = 0;

		while (names[n] != 0 && names[n] != ' ')
			n++;
		if (gb_span_equal(name, gb_span_of(names, n)))
			return true;
		names += n + (names[n] == ' ');
	}
	return false;
}

static struct gb_span token_text(struct gb_span text, const struct gb_lex_code *token)
{
	return gb_span_sub(text, token->offset, token->length);
}

/* Whether nothing of the value's own is left at AT: brackets, quotes and signs that lead back into code, a comment. */
static bool is_end(struct gb_span text, size_t at)
{
	for (; at < text.n; at++) {
		if (text.p[at] == '#' || (text.p[at] == '/' && at + 1 < text.n && text.p[at + 1] == '/'))
			return true;
		if (gb_code_is_name_byte(text.p[at]) || text.p[at] >= 0x80)
			return false;
	}
	return true;
}

/* Offset behind what ends code of another: quotes, brackets, operators. */
static size_t behind_break(struct gb_span text)
{
	size_t at = 0;

	while (at < text.n &&
	        (text.p[at] == '\'' || text.p[at] == '"' || text.p[at] == ')' || text.p[at] == '}' ||
	                text.p[at] == ';' || text.p[at] == '.' || text.p[at] == '+' || text.p[at] == '|' ||
	                text.p[at] == '&' || text.p[at] == ',' || gb_ascii_is_space(text.p[at])))
		at++;
	return at;
}

/* What members of ROOT hold of the process and its environment; "" is any. NULL for other roots. */
static const char *members_of(struct gb_span root)
{
	if (gb_span_equal(root, GB_SPAN("process")))
		return "env argv version versions mainModule binding execPath cwd platform memoryUsage";
	if (is_among(root, "global globalThis this self root"))
		return "process";
	if (gb_span_equal(root, GB_SPAN("os")))
		return "environ environb";
	if (gb_span_equal(root, GB_SPAN("sys")))
		return "modules meta_path _getframe";
	if (gb_span_equal(root, GB_SPAN("require")))
		return "cache main";
	if (gb_span_equal(root, GB_SPAN("arguments")))
		return "callee";
	if (gb_span_equal(root, GB_SPAN("ENV")))
		return "to_a to_h to_hash inspect each map keys values fetch";
	if (gb_span_equal(root, GB_SPAN("Deno")))
		return "env run Command readTextFile readTextFileSync readDir readDirSync execPath cwd exit";
	if (gb_span_equal(root, GB_SPAN("Bun")))
		return "env spawn spawnSync";
	if (gb_span_equal(root, GB_SPAN("module")))
		return "require children constructor";
	if (gb_span_equal(root, GB_SPAN("Type")))
		return "GetType GetTypeFromProgID GetTypeFromCLSID";
	return gb_span_equal(root, GB_SPAN("ObjectSpace")) ? "" : NULL;
}

/* DB_PASSWORD, API_KEY: what a variable of the environment is called that holds a secret. */
static bool tells_secret(struct gb_span name)
{
	return gb_span_find(name, GB_SPAN("SEC"), 0) != SIZE_MAX ||
	       gb_span_find(name, GB_SPAN("PASS"), 0) != SIZE_MAX ||
	       gb_span_find(name, GB_SPAN("KEY"), 0) != SIZE_MAX ||
	       gb_span_find(name, GB_SPAN("TOKEN"), 0) != SIZE_MAX ||
	       gb_span_find(name, GB_SPAN("CRED"), 0) != SIZE_MAX;
}

/* process.env.X, os.environ['X'], ENV.to_a: offset behind the chain at AT, or 0 when it is none. */
static size_t environment_end(struct gb_span text, size_t at)
{
	struct gb_lex_code token;
	const char *members;
	struct gb_span root;
	bool is_reached = false;
	size_t next;

	if (!gb_lex_code_next(text, &at, &token) || token.kind != GB_CODE_WORD)
		return 0;
	root = token_text(text, &token);
	members = members_of(root);
	if (members == NULL)
		return 0;
	for (next = at; gb_lex_code_next(text, &next, &token); next = at) {
		bool is_index = token.kind == GB_CODE_OPEN && !token.is_apart;
		struct gb_span name;

		if (token.kind != GB_CODE_MEMBER && !is_index)
			break;
		if (is_index && (is_reached || members[0] == 0 || gb_span_equal(root, GB_SPAN("ENV")))) {
			at = gb_code_close(text, token.offset);
			if (at == SIZE_MAX)
				return 0;
			is_reached = true;
			continue;
		}
		if (!gb_lex_code_next(text, &next, &token))
			return 0;
		name = token.kind == GB_CODE_STRING ? token.content : token_text(text, &token);
		if (!is_reached && members[0] != 0 && !is_among(name, members))
			return 0;
		/* process.env.NODE_ENV: a setting, which texts name; secrets are none. */
		if (is_reached && token.kind == GB_CODE_WORD && name.p[0] < 'a' && !tells_secret(name) &&
		        next == text.n)
			return 0;
		is_reached = true;
		at = is_index ? next + 1 : next;
	}
	return is_reached ? at : 0;
}

/* 7*7, "a"."b": constants and what joins them, from begin to end. WITHIN brackets a date and a range are sums too. */
static bool is_computed(struct gb_span text, bool is_within)
{
	struct gb_lex_code token, last = {0};
	unsigned joined = 0;
	size_t at = 0;

	while (gb_lex_code_next(text, &at, &token)) {
		unsigned char c = text.p[token.offset];
		bool is_literal = token.kind == GB_CODE_NUMBER || token.kind == GB_CODE_STRING;

		if (c == '(' || c == ')')
			continue;
		if (is_literal == (last.kind == GB_CODE_NUMBER || last.kind == GB_CODE_STRING))
			return false;
		if (!is_literal && c != '*' && c != '+' && c != '.' && !(is_within && token.kind == GB_CODE_ARITHMETIC))
			return false;
		joined += !is_literal;
		last = token;
	}
	return joined != 0 && last.kind != GB_CODE_ARITHMETIC && last.kind != GB_CODE_MEMBER;
}

/* md5(7), open('x').read(), __builtins__: what is only handed over to be seen. */
static bool is_shown(struct gb_span text)
{
	struct gb_lex_code token, open;
	struct gb_span name;
	bool has_digit = false;
	size_t at = 0, end = environment_end(text, 0);

	if (end != 0)
		return is_end(text, end);
	if (!gb_lex_code_next(text, &at, &token) || token.kind != GB_CODE_WORD)
		return false;
	name = token_text(text, &token);
	if (at == text.n)
		return name.n > 4 && gb_span_starts(name, GB_SPAN("__")) && gb_span_ends(name, GB_SPAN("__"));
	if (!gb_lex_code_next(text, &at, &open) || text.p[open.offset] != '(' || open.is_apart)
		return false;
	end = gb_code_close(text, open.offset);
	for (size_t i = 0; i < name.n; i++)
		has_digit |= gb_ascii_is_digit(name.p[i]);
	if (has_digit)
		return end == text.n && gb_lex_code_next(text, &at, &token) && token.kind <= GB_CODE_STRING &&
		       token.kind != GB_CODE_WORD;
	return gb_span_equal(name, GB_SPAN("open")) || (gb_capability_of(name) & GB_CAPABILITY_FUNCTION) != 0;
}

static bool is_printer(struct gb_span name)
{
	return is_among(name, "print echo die exit var_dump print_r printf println say disp write Write puts p pp");
}

/* print(…), echo …;, console.log(…): a statement that shows something, and nothing else is there. */
static bool find_shown(const struct gb_code_reading *reading, size_t start)
{
	struct gb_span text = reading->text, name, inside;
	struct gb_lex_code token;
	size_t at = start, end;

	if (!gb_lex_code_next(text, &at, &token) || token.kind != GB_CODE_WORD)
		return false;
	name = token_text(text, &token);
	while (at + 1 < text.n && text.p[at] == '.' && gb_ascii_is_alpha(text.p[at + 1])) {
		at++;
		if (!gb_lex_code_next(text, &at, &token))
			return false;
		name = token_text(text, &token);
	}
	if (at >= text.n)
		return false;
	if (text.p[at] == '(') {
		if (!is_printer(name) &&
		        !is_among(name, "list str repr dict dir sorted stringify keys values entries log inspect"))
			return false;
		end = gb_code_close(text, at);
		if (end == SIZE_MAX || !is_end(text, end))
			return false;
		inside = gb_span_trim(gb_span_sub(text, at + 1, end - at - 2));
		return ((is_printer(name) && is_computed(inside, true)) || is_shown(inside)) &&
		       gb_code_convict(reading, "code_result_printed", start, end);
	}
	if (!is_among(name, "print echo puts p pp say println") || !gb_ascii_is_space(text.p[at]))
		return false;
	for (end = at; end < text.n && text.p[end] != ';'; end++)
		continue;
	inside = gb_span_trim(gb_span_sub(text, at, end - at));
	return is_end(text, end) &&
	       (is_computed(inside, false) || is_shown(inside) ||
	               (is_among(inside, "ENV $0 $$ __FILE__") && gb_ascii_is_alpha(name.p[0]))) &&
	       gb_code_convict(reading, "code_result_printed", start, end);
}

/* import os, from os import *, import pty;…: a module that leads outside, and nothing else on the line. */
static bool find_import(const struct gb_code_reading *reading, size_t start)
{
	static const char modules[] =
	        "os subprocess sys pty socket ctypes shutil importlib builtins pickle marshal posix "
	        "platform __builtin__ commands";
	struct gb_span text = reading->text;
	struct gb_lex_code token;
	size_t at = start;
	bool is_from;

	if (!gb_lex_code_next(text, &at, &token))
		return false;
	is_from = gb_span_equal(token_text(text, &token), GB_SPAN("from"));
	if (!is_from && !gb_span_equal(token_text(text, &token), GB_SPAN("import")))
		return false;
	if (!gb_lex_code_next(text, &at, &token) || !is_among(token_text(text, &token), modules))
		return false;
	if (is_from)
		return gb_lex_code_next(text, &at, &token) &&
		       gb_span_equal(token_text(text, &token), GB_SPAN("import")) &&
		       gb_lex_code_next(text, &at, &token) &&
		       (text.p[token.offset] == '*' ||
		               (gb_capability_of(token_text(text, &token)) &
		                       (GB_CAPABILITY_FUNCTION | GB_CAPABILITY_WORD | GB_CAPABILITY_MEMBER |
		                               GB_CAPABILITY_REACH)) != 0) &&
		       gb_code_convict(reading, "code_module_reached", start, at);
	if (at < text.n && text.p[at] != ';' && !is_end(text, at))
		return false;
	return gb_code_convict(reading, "code_module_reached", start, at);
}

/* include "php://input", require('http://…'): a program's file from elsewhere. */
static bool find_include(const struct gb_code_reading *reading, size_t start)
{
	struct gb_span text = reading->text, name;
	struct gb_lex_code token;
	size_t at = start;

	if (!gb_lex_code_next(text, &at, &token))
		return false;
	if (!is_among(token_text(text, &token), "include include_once require require_once load source"))
		return false;
	if (!gb_lex_code_next(text, &at, &token) ||
	        (text.p[token.offset] == '(' && !gb_lex_code_next(text, &at, &token)))
		return false;
	name = token.content;
	if (token.kind != GB_CODE_STRING || !is_end(text, at))
		return false;
	return (gb_span_find(gb_span_sub(name, 0, 16), GB_SPAN("://"), 0) != SIZE_MAX ||
	               gb_span_starts(name, GB_SPAN("data:")) || gb_span_starts(name, GB_SPAN("//")) ||
	               gb_span_starts(name, GB_SPAN("\\\\"))) &&
	       gb_code_convict(reading, "code_module_reached", start, at);
}

/* system 'id';, Sys.command "id", execute request("x"): a function called without brackets. */
static bool find_bare_call(const struct gb_code_reading *reading, size_t start)
{
	struct gb_span text = reading->text, word;
	struct gb_lex_code token;
	size_t at = start;

	do {
		if (!gb_lex_code_next(text, &at, &token) || token.kind != GB_CODE_WORD)
			return false;
		word = token_text(text, &token);
	} while (at < text.n && text.p[at] == '.' && at++ < text.n);
	if (!is_among(word,
	            "system exec passthru shell_exec eval execute executeglobal popen command spawn print puts") ||
	        !gb_lex_code_next(text, &at, &token) || !token.is_apart)
		return false;
	if (token.kind == GB_CODE_WORD)
		return gb_span_equal_nocase(token_text(text, &token), GB_SPAN("request")) && at < text.n &&
		       text.p[at] == '(' && gb_code_convict(reading, "code_function_called", start, at);
	if (token.kind != GB_CODE_STRING || !is_end(text, at))
		return false;
	word = gb_span_basename(gb_span_sub(token.content, 0, gb_span_find_byte(token.content, ' ', 0)));
	if (gb_detect_command_name(word) < (text.p[token.offset] == '`' ? GB_NAME_WORD : GB_NAME_COMMAND))
		return false;
	return gb_code_convict(reading, "code_function_called", start, at);
}

/* (slurp "/x"), (clojure.java.shell/sh "id"), [exec id]: calls of Lisps and of Tcl. */
static bool find_list(const struct gb_code_reading *reading)
{
	struct gb_span text = reading->text, name;
	struct gb_lex_code token;
	unsigned signs = 0;
	size_t at = 1;

	if (text.n < 8 || gb_code_close(text, 0) != text.n)
		return false;
	for (; at < text.n && at < 48 && !gb_ascii_is_space(text.p[at]); at++) {
		unsigned char c = text.p[at];

		if (!gb_code_is_name_byte(c) && c != '-' && c != '/' && c != '.')
			return false;
		signs += at > 2 && (c == '-' || c == '/' || c == '.');
	}
	name = gb_span_sub(text, 1, at - 1);
	if (!gb_lex_code_next(text, &at, &token))
		return false;
	if (text.p[0] == '[') {
		if (gb_span_equal(name, GB_SPAN("open")))
			return token.content.n > 1 && token.content.p[0] == '|' &&
			       gb_code_convict(reading, "code_function_called", 0, at);
		return gb_span_equal(name, GB_SPAN("exec")) &&
		       gb_detect_command_name(token_text(text, &token)) >= GB_NAME_COMMAND &&
		       gb_code_convict(reading, "code_function_called", 0, at);
	}
	/* (co-owner "Smith") */
	if (signs == 1 && gb_bytes_find(name, '/', 0) == SIZE_MAX &&
	        gb_detect_command_name(gb_span_basename(token.content)) < GB_NAME_COMMAND)
		return false;
	if (signs == 0 && !is_among(name, "eval slurp spit load system exec sh"))
		return false;
	return (token.kind == GB_CODE_STRING || token.kind == GB_CODE_NUMBER ||
	               (text.p[token.offset] == '(' && signs == 0)) &&
	       !gb_code_is_about(reading, GB_PLACE_ENTRY) && gb_code_convict(reading, "code_function_called", 0, at);
}

bool gb_code_find_whole(const struct gb_code_reading *reading)
{
	struct gb_span text = reading->text;
	size_t start = behind_break(text), end;

	if (text.n > WHOLE_MAX || start == text.n)
		return false;
	if (text.p[0] == '(' || text.p[0] == '[')
		return find_list(reading);
	if (!gb_ascii_is_alpha(text.p[start]) && text.p[start] != '$')
		return false;
	end = environment_end(text, start);
	if (end != 0 && is_end(text, end))
		return gb_code_convict(reading, "code_environment_named", start, end);
	return find_shown(reading, start) || find_import(reading, start) || find_include(reading, start) ||
	       find_bare_call(reading, start);
}
