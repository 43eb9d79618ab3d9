/* SPDX-License-Identifier: Apache-2.0 */
/* Commands that are talked of: within sentences, Markdown, tables, recipes, records of what ran. */
#include "inspect/bytes.h"
#include "inspect/detect/command.h"

#define CODE_SPAN_MAX 160u
#define FENCE_MAX     24u
#define TEXT_MAX      512u
#define TAG_MAX       512u

/* Behind the backtick that closes what SIMPLE is in. */
static size_t span_end(struct gb_span text, const struct gb_detect_simple *simple)
{
	size_t close = gb_bytes_find(gb_span_sub(text, 0, simple->end + CODE_SPAN_MAX), '`', simple->end);

	return close == SIZE_MAX ? simple->end + 1 : close + 1;
}

/* SIMPLE stands behind a separator within `code` of a sentence. */
bool gb_detect_is_in_code_span(const struct gb_detect_reading *reading, const struct gb_detect_simple *simple)
{
	struct gb_span text = reading->text;
	size_t open = simple->from, close;

	if ((reading->mask & GB_BYTE_BACKTICK) == 0 || reading->prose_words < 3)
		return false;
	while (open > 0 && simple->from - open < CODE_SPAN_MAX && text.p[open - 1] != '`' && text.p[open - 1] != '\n')
		open--;
	if (open == 0 || text.p[open - 1] != '`' || gb_ascii_is_space(text.p[open]) || open == simple->from ||
	        (open > 1 && !gb_ascii_is_space(text.p[open - 2]) && text.p[open - 2] != '('))
		return false;
	close = span_end(text, simple);
	return close <= text.n && text.p[close - 1] == '`' && (close == text.n || !gb_ascii_is_alpha(text.p[close]));
}

/* `x': an old way to quote. The shell wants the end of the quote before the next backtick. */
static bool is_old_quote(struct gb_span text, size_t open)
{
	const size_t close = gb_bytes_find(text, '`', open + 1);
	struct gb_span inside = gb_span_sub(text, open + 1, close == SIZE_MAX ? SIZE_MAX : close - open - 1);
	unsigned quotes = 0;

	if (inside.n > CODE_SPAN_MAX)
		return false;
	for (size_t i = 0; i < inside.n; i++)
		quotes += inside.p[i] == '\'';
	return quotes % 2 != 0 && gb_bytes_find(inside, '"', 0) == SIZE_MAX &&
	       gb_bytes_find(inside, '\\', 0) == SIZE_MAX;
}

/* A commit's kind (`fix:`, `feat(x):`) or the mark of a list's item begins the text. */
static bool is_noted(struct gb_span text)
{
	size_t at = 0;

	if (text.n > 2 && (text.p[0] == '-' || text.p[0] == '*' || text.p[0] == '#') && text.p[1] == ' ')
		return true;
	while (at < text.n && at < FENCE_MAX && gb_ascii_is_alpha(text.p[at]))
		at++;
	if (at < 2 || at >= text.n)
		return false;
	if (text.p[at] == '(')
		for (at++; at < text.n && at < FENCE_MAX && text.p[at] != '\n' && text.p[at - 1] != ')';)
			at++;
	return at + 1 < text.n && text.p[at] == ':' && text.p[at + 1] == ' ';
}

/* "* `name` {type}": what an item of a list begins with. OPEN: of the backtick. */
static bool is_item(struct gb_span text, size_t open)
{
	if (open < 2 || text.p[open - 1] != ' ' || (text.p[open - 2] != '*' && text.p[open - 2] != '-'))
		return false;
	for (open -= 2; open > 0 && (text.p[open - 1] == ' ' || text.p[open - 1] == '\t');)
		open--;
	return open == 0 || text.p[open - 1] == '\n';
}

/* Two and more spans of code, in a text that begins with a capital letter. */
static bool has_two_spans(struct gb_span text)
{
	unsigned count = 0;

	if (text.n > TEXT_MAX || text.p[0] < 'A' || text.p[0] > 'Z')
		return false;
	for (size_t i = 0; i < text.n; i++)
		count += text.p[i] == '`';
	return count >= 4 && count % 2 == 0;
}

/* Remove `name`: one word and nothing that it is to be done with, in a text that begins as texts do. */
static bool is_named_code(const struct gb_detect_reading *reading, const struct gb_detect_simple *simple)
{
	struct gb_span text = reading->text;
	const bool is_written = is_noted(text) || text.p[0] == '[' || (text.p[0] >= 'A' && text.p[0] <= 'Z');

	return simple->words == 0 && simple->redirections == 0 && simple->pieces == 1 && !simple->has_expansion &&
	       !simple->is_path && simple->name_at == simple->from + 1 &&
	       (reading->prose_words >= 2 || (is_written && reading->prose_words >= 1));
}

/* `code` in prose: blanks or punctuation around it, and words. */
bool gb_detect_is_inline_code(
        const struct gb_detect_reading *reading, const struct gb_detect_simple *simple, enum gb_command_name kind)
{
	size_t before = simple->from, after = span_end(reading->text, simple);
	bool is_open = before == 0 || reading->text.p[before - 1] == '`' ||
	               gb_ascii_is_space(reading->text.p[before - 1]) || reading->text.p[before - 1] == '(' ||
	               reading->text.p[before - 1] == '"';
	unsigned char next = after < reading->text.n ? reading->text.p[after] : ' ';

	if ((before > 0 && reading->text.p[before - 1] == '`') || next == '`' || is_old_quote(reading->text, before))
		return true;
	is_open |= before > 0 && reading->text.p[before - 1] == '[';
	if (is_item(reading->text, before) && (next == ' ' || next == ':' || next == '\n') && kind < GB_NAME_CERTAIN)
		return true;
	if (!is_open || gb_ascii_is_alpha(next) || next == '/')
		return false;
	return reading->prose_words >= 3 ||
	       (kind < GB_NAME_CERTAIN && reading->prose_words >= 1 &&
	               (is_noted(reading->text) || has_two_spans(reading->text))) ||
	       (kind < GB_NAME_CERTAIN && is_named_code(reading, simple));
}

/* Commands in a sentence are written with blanks around what joins them; `name & id` joins words. */
bool gb_detect_is_spoken_of(const struct gb_detect_reading *reading, const struct gb_detect_simple *simple)
{
	struct gb_span text = reading->text;
	size_t behind = simple->from;

	if (simple->by != GB_BY_AND && simple->by != GB_BY_PIPE && simple->by != GB_BY_AMPERSAND)
		return false;
	while (behind < text.n && text.p[behind] == text.p[simple->from])
		behind++;
	if (simple->from == 0 || behind == text.n || !gb_ascii_is_space(text.p[simple->from - 1]) ||
	        !gb_ascii_is_space(text.p[behind]))
		return false;
	return reading->prose_words >= 5 ||
	       (simple->by == GB_BY_AMPERSAND && simple->words == 0 && !simple->is_ended && simple->pieces == 1 &&
	               reading->prose_words <= 3 && reading->breaks == 1);
}

/* `name:` and an indented line: a rule of make, a key of YAML. */
bool gb_detect_is_recipe(const struct gb_detect_reading *reading, const struct gb_detect_simple *simple)
{
	struct gb_span before = gb_span_trim(gb_span_sub(reading->text, 0, simple->from));

	return simple->name_at > simple->from + 1 && gb_ascii_is_space(reading->text.p[simple->name_at - 1]) &&
	       before.n > 1 && before.n < 400 && before.p[before.n - 1] == ':';
}

/* ``` or ~~~ and the name of a language, alone on the first line: code in a document. */
bool gb_detect_is_fenced(struct gb_span text)
{
	size_t at = 3;

	if (!gb_span_starts(text, GB_SPAN("```")) && !gb_span_starts(text, GB_SPAN("~~~")))
		return false;
	while (at < text.n && at < FENCE_MAX &&
	        (gb_ascii_is_alpha(text.p[at]) || text.p[at] == '-' || text.p[at] == ' '))
		at++;
	return at < text.n && (text.p[at] == '\n' || text.p[at] == '\r');
}

/* name | 12 ++--: a row of a table of numbers; no command is called 12. */
bool gb_detect_is_row(struct gb_span text, const struct gb_detect_simple *simple)
{
	size_t at = simple->end, digits;

	if (!simple->is_ended || simple->by > GB_BY_NEWLINE)
		return false;
	while (at < text.n && (text.p[at] == ' ' || text.p[at] == '\t'))
		at++;
	if (at + 1 >= text.n || text.p[at] != '|' || text.p[at + 1] == '|')
		return false;
	for (at++; at < text.n && (text.p[at] == ' ' || text.p[at] == '\t');)
		at++;
	for (digits = at; digits < text.n && gb_ascii_is_digit(text.p[digits]);)
		digits++;
	return digits > at && (digits == text.n || gb_ascii_is_space(text.p[digits]));
}

bool gb_detect_is_of_windows(struct gb_span name)
{
	static const char *const names[] = {"arp", "attrib", "bitsadmin", "calc", "certutil", "cmd", "copy", "cscript",
	        "curl", "del", "dir", "echo", "erase", "find", "findstr", "ftp", "hostname", "icm", "iex", "ii",
	        "ipconfig", "irm", "iwr", "java", "mkdir", "more", "move", "mshta", "net", "netsh", "netstat", "node",
	        "nslookup", "pathping", "perl", "php", "ping", "powershell", "pwsh", "python", "reg", "ren", "rmdir",
	        "route", "ruby", "rundll32", "saps", "sc", "schtasks", "set", "shutdown", "sort", "ssh", "start",
	        "systeminfo", "taskkill", "tasklist", "tar", "timeout", "tracert", "tree", "type", "ver", "whoami",
	        "wmic", "wscript"};
	struct gb_span base = gb_span_basename(name);
	const size_t dash = gb_bytes_find(base, '-', 0);

	/* Invoke-Command and its like are PowerShell's. */
	if (gb_span_ends(base, GB_SPAN(".exe")) || (dash != SIZE_MAX && gb_detect_is_verb(gb_span_sub(base, 0, dash))))
		return true;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (gb_span_equal(base, gb_span_cstr(names[i])))
			return true;
	return false;
}

/* SIMPLE, in a text that begins with a tag, stands in one, where & and ; are of addresses and styles, or a tag stands where its
 * word would: <a href="/?a=1&b=2" title="30% java mug">, </a> | <a href='/x'>. */
bool gb_detect_is_in_tag(const struct gb_detect_reading *reading, const struct gb_detect_simple *simple)
{
	struct gb_span text = gb_span_sub(reading->text, 0, simple->from + TAG_MAX);
	size_t at = simple->from + 1, least = simple->from > TAG_MAX ? simple->from - TAG_MAX : 0;

	if (text.n < 4 || text.p[0] != '<' || !gb_ascii_is_alpha(text.p[1]) ||
	        gb_bytes_find(text, '>', simple->from) == SIZE_MAX)
		return false;
	while (at < text.n && gb_ascii_is_space(text.p[at]))
		at++;
	if (at + 1 < text.n && text.p[at] == '<' && (gb_ascii_is_alpha(text.p[at + 1]) || text.p[at + 1] == '/'))
		return true;
	for (at = simple->from; at > least && text.p[at] != '<'; at--)
		if (text.p[at] == '>')
			return false;
	return text.p[at] == '<' && at + 1 < text.n && gb_ascii_is_alpha(text.p[at + 1]);
}
