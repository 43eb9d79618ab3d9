/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PowerShell, by what no other language writes: cmdlets (an approved verb, a dash, a noun) where a command stands, static
 * calls of .NET's types, the call operator before a string or block, variables of the environment.
 */
#include "inspect/bytes.h"
#include "inspect/detect/command.h"

#include <string.h>

#define CMDLET_MAX    40u
#define CALL_MAX      160u
#define PROMPT_MAX    160u
#define STATEMENT_MAX 512u

static bool is_name(unsigned char c)
{
	return gb_ascii_is_alpha(c) || gb_ascii_is_digit(c) || c == '_';
}

/* Verbs that PowerShell approves, those that are used. */
bool gb_detect_is_verb(struct gb_span word)
{
	static const char verbs[] =
	        " add clear close compress connect convert convertfrom convertto copy disable disconnect "
	        "enable enter exit expand export find foreach format get group hide import install "
	        "invoke join limit measure mount move new open out pop publish push read receive "
	        "register remove rename reset resolve restart restore resume revoke save search select "
	        "send set show sort split start stop submit suspend tee test trace unblock uninstall "
	        "unregister update use wait where write ";
	struct gb_span list = gb_span_of(verbs, sizeof(verbs) - 1);

	for (size_t at = 0; at + word.n + 1 < list.n; at++)
		if (list.p[at] == ' ' && list.p[at + 1 + word.n] == ' ' &&
		        gb_span_equal_nocase(gb_span_sub(list, at + 1, word.n), word))
			return true;
	return false;
}

/* Get-ChildItem -Recurse …, in capitals from the first byte: written down as it is, behind nothing. */
static bool begins_as_statement(struct gb_span text)
{
	size_t dash = gb_bytes_find(gb_span_sub(text, 0, CMDLET_MAX), '-', 0);

	return dash != SIZE_MAX && dash + 2 < text.n && text.p[0] >= 'A' && text.p[0] <= 'Z' &&
	       text.p[dash + 1] >= 'A' && text.p[dash + 1] <= 'Z' && text.p[dash + 2] >= 'a' &&
	       gb_detect_is_verb(gb_span_sub(text, 0, dash));
}

/* Names by which a statement runs or fetches what it does not show. */
static bool reaches_out(struct gb_span text)
{
	static const char *const names[] = {"://", "::", "invoke", "iex", "iwr", "start-process", "start-job",
	        "start-bits", "new-object", "new-service", "new-local", "new-ps", "new-scheduled", "add-type", "add-mp",
	        "add-local", "encoded", "frombase64", "download", "cmd", "webclient", "localgroup", "mppreference",
	        "bypass", "unrestricted", "\\\\"};

	text = gb_span_sub(text, 0, STATEMENT_MAX);
	for (size_t at = 0; at < text.n; at++)
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
			if (gb_ascii_lower(text.p[at]) == (unsigned char)names[i][0] &&
			        gb_span_equal_nocase(gb_span_sub(text, at, strlen(names[i])), gb_span_cstr(names[i])))
				return true;
	return false;
}

/* Verbs of cmdlets that only show, in a text that begins with one: a line somebody writes for somebody else. */
static bool is_shown(struct gb_span text, struct gb_span verb)
{
	static const char *const verbs[] = {"get", "where", "sort", "select", "format", "measure", "group"};

	/* PS C:\> is what the shell asks with. */
	if (gb_span_starts(text, GB_SPAN("PS "))) {
		size_t prompt = gb_bytes_find_text(gb_span_sub(text, 0, PROMPT_MAX), GB_SPAN("> "), 0);

		text = prompt == SIZE_MAX ? text : gb_span_sub(text, prompt + 2, SIZE_MAX);
	}
	if (gb_span_starts(text, GB_SPAN("Where-")) || gb_span_starts(text, GB_SPAN("Select-")) ||
	        gb_span_starts(text, GB_SPAN("Sort-")))
		return gb_bytes_find(text, '|', 0) == SIZE_MAX && gb_bytes_find(text, ';', 0) == SIZE_MAX;
	if (begins_as_statement(text) && !reaches_out(text))
		return true;
	if (text.n == 0 || text.p[0] < 'A' || text.p[0] > 'Z' ||
	        !gb_span_equal_nocase(gb_span_sub(text, 0, 4), GB_SPAN("get-")))
		return false;
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (gb_span_equal_nocase(verb, gb_span_cstr(verbs[i])))
			return true;
	return false;
}

/* Verb-Noun around the dash at DASH where a command may stand. Written in capitals it is one; else arguments must show it. */
static bool judge_cmdlet(struct gb_detect_reading *reading, size_t dash)
{
	struct gb_span text = reading->text, rest;
	size_t start = dash, end = dash + 1, before;
	bool is_start, is_pascal;

	while (start > 0 && dash - start < CMDLET_MAX && gb_ascii_is_alpha(text.p[start - 1]))
		start--;
	while (end < text.n && end - dash < CMDLET_MAX && is_name(text.p[end]))
		end++;
	if (end - dash < 4 || start == dash || !gb_detect_is_verb(gb_span_sub(text, start, dash - start)) ||
	        is_shown(text, gb_span_sub(text, start, dash - start)))
		return false;
	is_pascal = text.p[start] >= 'A' && text.p[start] <= 'Z' && text.p[dash + 1] >= 'A' &&
	            text.p[dash + 1] <= 'Z' && text.p[dash + 2] >= 'a';
	for (before = start; before > 0 && (gb_ascii_is_space(text.p[before - 1]) && text.p[before - 1] != '\n');)
		before--;
	is_start = before == 0;
	if (!is_start && gb_bytes_find(GB_SPAN(";|&(={`\n\"'"), text.p[before - 1], 0) == SIZE_MAX)
		return false;
	/* Set-Cookie: a=b */
	if (end < text.n && text.p[end] == ':')
		return false;
	/* `Set-Cookie`: a name in quotes. */
	if (!is_start && end < text.n && before == start && text.p[end] == text.p[before - 1])
		return false;
	rest = gb_span_sub(text, end, text.n);
	/* Of the blanks behind it, one. */
	while (rest.n > 1 && gb_ascii_is_space(rest.p[0]) && gb_ascii_is_space(rest.p[1]))
		rest = gb_span_sub(rest, 1, rest.n);
	/* Whole values are commands when they have arguments as commands have. */
	if (rest.n > 1 && gb_ascii_is_space(rest.p[0]) &&
	        (gb_bytes_find(GB_SPAN("-$'\"({\\"), rest.p[1], 0) != SIZE_MAX || (rest.n > 2 && rest.p[2] == ':') ||
	                (gb_ascii_is_digit(rest.p[1]) && is_pascal) ||
	                gb_bytes_find_text(gb_span_sub(rest, 0, 60), GB_SPAN(" -"), 0) != SIZE_MAX ||
	                gb_bytes_find_text(gb_span_sub(rest, 0, 60), GB_SPAN("://"), 0) != SIZE_MAX))
		return gb_detect_convict(reading, "powershell_command", start, end);
	if (is_start || !is_pascal || reading->is_list)
		return false;
	/* A hyphen in a title has its blank: `Tea; Get-Together`. */
	if (rest.n != 0 && gb_ascii_is_space(rest.p[0]) && gb_span_trim(rest).n != 0 && rest.p[1] != '|' &&
	        rest.p[1] != '#')
		return (before == 1 || gb_bytes_find(gb_span_trim(gb_span_sub(text, 0, before)), ' ', 0) == SIZE_MAX) &&
		       gb_bytes_find_text(text, GB_SPAN("-"), end) == SIZE_MAX && is_name(rest.p[1]) &&
		       end - dash > 4 && gb_detect_convict(reading, "powershell_command", start, end);
	return gb_detect_convict(reading, "powershell_command", start, end);
}

/* [System.Diagnostics.Process]::Start( */
static bool judge_static(struct gb_detect_reading *reading, size_t colons)
{
	struct gb_span text = reading->text;
	size_t start = colons, end = colons + 2;

	if (start < 3 || text.p[start - 1] != ']' || end >= text.n || !gb_ascii_is_alpha(text.p[end]))
		return false;
	for (start--; start > 0 && colons - start < 120 && (is_name(text.p[start - 1]) || text.p[start - 1] == '.');)
		start--;
	if (start == 0 || text.p[start - 1] != '[' || !gb_ascii_is_alpha(text.p[start]))
		return false;
	while (end < text.n && is_name(text.p[end]))
		end++;
	return gb_detect_convict(reading, "powershell_type", start - 1, end);
}

/* & "x", & { x }, .('i'+'ex'), &$x: an operator where a command may stand, then something to call. */
static bool judge_call(struct gb_detect_reading *reading, size_t at)
{
	struct gb_span text = reading->text;
	size_t before = at, behind = at + 1;
	unsigned char c;
	size_t close;

	while (before > 0 && gb_ascii_is_space(text.p[before - 1]))
		before--;
	if (before != 0 && gb_bytes_find(GB_SPAN(";|({=\n"), text.p[before - 1], 0) == SIZE_MAX)
		return false;
	while (behind < text.n && gb_ascii_is_space(text.p[behind]))
		behind++;
	if (behind + 2 >= text.n || (text.p[at] == '.' && behind != at + 1 && text.p[behind] != '('))
		return false;
	c = text.p[behind];
	if (c == '(') {
		/* Strings put together, or a value that is looked up. */
		c = text.p[behind + 1];
		if (c != '\'' && c != '"' && c != '$')
			return false;
		close = gb_bytes_find(gb_span_sub(text, 0, behind + CALL_MAX), ')', behind);
		return close != SIZE_MAX &&
		       (c == '$' || gb_bytes_find(gb_span_sub(text, 0, close), c, behind + 2) != SIZE_MAX) &&
		       gb_detect_convict(reading, "powershell_call", at, close);
	}
	if (c == '{') {
		close = gb_bytes_find(gb_span_sub(text, 0, behind + CALL_MAX), '}', behind);
		return before != 0 && close != SIZE_MAX && gb_detect_convict(reading, "powershell_call", at, close);
	}
	if ((c == '\'' || c == '"') && before != 0) {
		close = gb_bytes_find(gb_span_sub(text, 0, behind + CALL_MAX), c, behind + 1);
		return close != SIZE_MAX && close > behind + 1 && text.p[at] == '&' &&
		       gb_detect_convict(reading, "powershell_call", at, close);
	}
	return c == '$' && text.p[at] == '&' && before != 0 &&
	       gb_detect_convict(reading, "powershell_call", at, behind + 2);
}

/* $env:NAME, ${env:NAME} */
static bool judge_environment(struct gb_detect_reading *reading, size_t dollar)
{
	struct gb_span text = reading->text;
	size_t before = dollar;

	if (!gb_span_equal_nocase(gb_span_sub(text, dollar + 1, 4), GB_SPAN("env:")) || dollar + 6 >= text.n ||
	        !gb_ascii_is_alpha(text.p[dollar + 5]))
		return false;
	while (before > 0 && gb_ascii_is_space(text.p[before - 1]))
		before--;
	return before > 0 && gb_bytes_find(GB_SPAN(";|&"), text.p[before - 1], 0) != SIZE_MAX &&
	       gb_detect_convict(reading, "powershell_environment", dollar, dollar + 6);
}

/* | % { … } */
static bool judge_each(struct gb_detect_reading *reading, size_t at)
{
	struct gb_span text = reading->text;
	size_t before = at, behind = at + 1;

	while (before > 0 && gb_ascii_is_space(text.p[before - 1]))
		before--;
	while (behind < text.n && gb_ascii_is_space(text.p[behind]))
		behind++;
	return before > 0 && text.p[before - 1] == '|' && behind + 1 < text.n && text.p[behind] == '{' &&
	       text.p[behind + 1] != '{' && text.p[behind + 1] != '%' &&
	       gb_detect_convict(reading, "powershell_call", before - 1, behind + 1);
}

/* [char]105, [char[]](105,101) */
static bool judge_cast(struct gb_detect_reading *reading, size_t at)
{
	struct gb_span text = reading->text;

	if (!gb_span_equal_nocase(gb_span_sub(text, at + 1, 4), GB_SPAN("char")) || at + 6 >= text.n)
		return false;
	return ((text.p[at + 5] == ']' && gb_ascii_is_digit(text.p[at + 6])) ||
	               gb_span_starts(gb_span_sub(text, at + 5, 5), GB_SPAN("[]](")) ||
	               gb_span_starts(gb_span_sub(text, at + 5, 4), GB_SPAN("](0x"))) &&
	       gb_detect_convict(reading, "powershell_type", at, at + 6);
}

bool gb_detect_powershell(struct gb_detect_reading *reading)
{
	struct gb_span text = reading->text;

	for (size_t at = 0; at < text.n; at++) {
		unsigned char c = text.p[at];
		bool is_found = false;

		if (c != '-' && c != ':' && c != '&' && c != '.' && c != '$' && c != '%' && c != '[')
			continue;
		if (c == '-' && at > 1 && at + 3 < text.n && gb_ascii_is_alpha(text.p[at - 1]) &&
		        gb_ascii_is_alpha(text.p[at + 1]))
			is_found = judge_cmdlet(reading, at);
		else if (c == ':' && at + 1 < text.n && text.p[at + 1] == ':')
			is_found = judge_static(reading, at);
		else if (c == '&' || (c == '.' && at + 1 < text.n && (text.p[at + 1] == '(' || text.p[at + 1] == '{')))
			is_found = judge_call(reading, at);
		else if (c == '$')
			is_found = judge_environment(reading, at);
		else if (c == '%')
			is_found = judge_each(reading, at);
		else if (c == '[')
			is_found = judge_cast(reading, at);
		if (is_found)
			return !gb_detect_is_long(reading);
	}
	return false;
}
