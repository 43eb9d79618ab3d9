/* SPDX-License-Identifier: Apache-2.0 */
/* Programs and scripts as files hold them: several lines, of which the first ones declare what the others use. */
#include "inspect/bytes.h"
#include "inspect/cited_mention.h"

#define PROGRAM_BYTES        2048u
#define LINES_MIN            3u
#define DECLARED_MIN         2u
#define RULE_MAX             80u
#define STARTS(text, begins) gb_cited_starts_with_one(text, begins, sizeof(begins) / sizeof((begins)[0]))

bool gb_cited_starts_with_one(struct gb_span text, const char *const *begins, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (gb_span_starts(text, gb_span_cstr(begins[i])))
			return true;
	return false;
}

bool gb_cited_is_line_of_code(struct gb_span line)
{
	static const char *const begins[] = {"const ", "let ", "var ", "import ", "from ", "def ", "class ",
	        "function ", "export ", "async ", "public ", "private ", "protected ", "static ", "package ", "using ",
	        "require ", "#include", "fn ", "pub ", "use ", "func ", "type ", "interface ", "struct ", "enum ",
	        "module ", "my ", "sub ", "namespace ", "void ", "int ", "string ", "char ", "impl ", "'use strict'",
	        "\"use strict\"", "//", "/*", " *", "return ", "if (", "for (", "while (", "try {", "} else", "} catch",
	        "elif ", "else:", "@app.", "@router.", "@Get", "@Post", "@Override", "@Test", "@Request",
	        "try:", "except ", "with ", "await ", "app.", "module.exports", "console.", "local ", "end"};

	while (line.n != 0 && gb_ascii_is_space(line.p[0]) && line.p[0] != '\n')
		line = gb_span_sub(line, 1, SIZE_MAX);
	return STARTS(line, begins);
}

/* name=…: what a script keeps. */
static bool is_assignment(struct gb_span line)
{
	size_t at = 0;

	while (at < line.n && gb_byte_is_name[line.p[at]])
		at++;
	return at > 1 && at < line.n && line.p[at] == '=';
}

/* What programs that are attacks reach for. */
static bool is_live(struct gb_span program)
{
	static const char *const names[] = {"/bin/", "/etc/", "whoami", "http://", "https://", "socket", "base64",
	        "eval(", "cmd.exe", "/dev/", "atob", "powershell", "id'", "id\"", "cookie", "passwd"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (gb_bytes_find_text(program, gb_span_cstr(names[i]), 0) != SIZE_MAX)
			return true;
	return false;
}

/* Lines of TEXT that begin as no other file's do: a recipe of a container's, of make, a file of commands of Windows, of
 * PowerShell. */
static bool is_recipe(struct gb_span text)
{
	static const char *const container[] = {"FROM ", "RUN ", "COPY ", "ENV ", "WORKDIR ", "CMD ", "ENTRYPOINT ",
	        "ADD ", "ARG ", "EXPOSE ", "USER ", "LABEL ", "HEALTHCHECK ", "VOLUME "};
	static const char *const first[] = {"FROM ", "ARG ", "@echo off", ".PHONY", "$", "param(", "function ", "<#",
	        "Set-StrictMode", "if [ ", "if [[ ", "set -e"};
	static const char *const shell[] = {"if ", "for ", "$", "setlocal", "set ", "exit", ":", "else", "fi", "done",
	        ")", "}", "echo ", "Get-", "Set-", "Write-", "Invoke-", "foreach", "try", "catch", "local ", "export ",
	        "cd "};
	unsigned instructions = 0, rules = 0, lines = 0, steps = 0;
	unsigned char before = 0;

	if (!STARTS(text, first) && gb_bytes_find(gb_span_sub(text, 0, RULE_MAX), ':', 0) == SIZE_MAX)
		return false;
	for (size_t at = 0; at < text.n; at = gb_cited_next_line(text, at)) {
		const struct gb_span line = gb_span_sub(text, at, SIZE_MAX);

		lines++;
		instructions += STARTS(line, container);
		/* name: …, then a line that a tab begins. */
		rules += line.p[0] == '\t' && before != 0 && before != '\t';
		steps += is_assignment(line) || STARTS(gb_span_trim(gb_span_sub(line, 0, RULE_MAX)), shell) ||
		         (before != 0 && gb_cited_is_of(GB_SPAN("$# \t"), line.p[0]));
		before = line.p[0];
	}
	if (gb_span_starts(text, GB_SPAN("FROM ")) || gb_span_starts(text, GB_SPAN("ARG ")))
		return instructions >= LINES_MIN && 2 * instructions >= lines;
	if (rules != 0 && lines > LINES_MIN && gb_bytes_find_text(text, GB_SPAN(":\n\t"), 0) != SIZE_MAX)
		return true;
	return STARTS(text, first) && lines >= LINES_MIN && 2 * steps >= lines;
}

/* #!/bin/sh and lines behind it: a script as a file holds it. */
bool gb_cited_is_script_file(const struct gb_cited_mention *mention)
{
	const struct gb_span text = gb_span_sub(mention->text, 0, PROGRAM_BYTES);
	unsigned lines = 0;

	if (!gb_span_starts(text, GB_SPAN("#!/")) && !gb_span_starts(text, GB_SPAN("#! /")) && !is_recipe(text))
		return false;
	for (size_t at = 0; at < text.n; at = gb_cited_next_line(text, at))
		lines++;
	return lines >= LINES_MIN && gb_bytes_find_text(text, GB_SPAN("/dev/tcp"), 0) == SIZE_MAX &&
	       gb_bytes_find_text(text, GB_SPAN("/etc/passwd"), 0) == SIZE_MAX &&
	       gb_bytes_find_text(text, GB_SPAN("/etc/shadow"), 0) == SIZE_MAX &&
	       gb_bytes_find_text(text, GB_SPAN("| sh"), 0) == SIZE_MAX &&
	       gb_bytes_find_text(text, GB_SPAN("|sh"), 0) == SIZE_MAX &&
	       gb_bytes_find_text(text, GB_SPAN("| bash"), 0) == SIZE_MAX;
}

/* Several lines from the first byte on, some of which declare. */
static bool is_code(struct gb_span text)
{
	unsigned lines = 0, declared = 0;
	size_t at = 0;

	while (at < text.n && gb_ascii_is_space(text.p[at]))
		at++;
	if (!gb_cited_is_line_of_code(gb_span_sub(text, at, SIZE_MAX)))
		return false;
	for (; at < text.n; at = gb_cited_next_line(text, at)) {
		lines += text.p[at] != '\n';
		declared += gb_cited_is_line_of_code(gb_span_sub(text, at, SIZE_MAX));
	}
	return lines >= LINES_MIN && declared >= DECLARED_MIN && 4 * declared >= lines;
}

bool gb_cited_is_program(const struct gb_cited_mention *mention)
{
	const struct gb_span text = gb_span_sub(mention->text, 0, PROGRAM_BYTES);

	return gb_cited_is_script_file(mention) || (is_code(text) && !is_live(text));
}

bool gb_cited_is_path_of_program(const struct gb_cited_mention *mention)
{
	return gb_cited_is_script_file(mention) || is_code(gb_span_sub(mention->text, 0, PROGRAM_BYTES));
}

/* const child = spawn(…); child.on(…): what is called gets a name, by which the program goes on. */
bool gb_cited_is_declared(const struct gb_cited_mention *mention)
{
	static const char *const begins[] = {"const ", "let ", "var "};
	const struct gb_span text = gb_span_sub(mention->text, 0, PROGRAM_BYTES);
	size_t at, end;

	if (!STARTS(text, begins) || is_live(text))
		return false;
	at = gb_bytes_find(text, ' ', 0) + 1;
	end = gb_cited_name_end(text, at);
	for (size_t next = end;
	        end > at + 1 && (next = gb_bytes_find_text(text, gb_span_sub(text, at, end - at), next)) != SIZE_MAX;
	        next++)
		if (gb_cited_is_of(GB_SPAN(" ;{(\n"), text.p[next - 1]) && next + end - at < text.n &&
		        text.p[next + end - at] == '.')
			return true;
	return false;
}
