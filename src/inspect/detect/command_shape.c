/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What convicts a command whose name nobody has written down: how the word is written, that all behind it are options,
 * paths, redirections and expansions, and expansions that no other language has.
 */
#include "inspect/bytes.h"
#include "inspect/detect/command.h"

#define PATH_MAX_BYTES 512u
#define VALUE_HEAD_MAX 128u /* longer runs without blanks are no words */

bool gb_detect_is_behind_value(const struct gb_detect_reading *reading, const struct gb_detect_simple *simple)
{
	struct gb_span before = gb_span_sub(reading->text, 0, simple->from);
	bool has_other = false;

	/* Blanks and the other half of an operator may stand between. */
	if (simple->from > reading->head_end) {
		if (simple->from - reading->head_end > 4)
			return false;
		while (before.n > reading->head_end &&
		        gb_bytes_find(GB_SPAN(" \t\r\n;|&"), before.p[before.n - 1], 0) != SIZE_MAX)
			before.n--;
		if (before.n > reading->head_end)
			return false;
	}
	/* Before the text is trimmed: that looks at all of its blanks. */
	if (before.n > 4 * VALUE_HEAD_MAX)
		return true;
	before = gb_span_trim(before);
	if (before.n <= 2 || before.n > VALUE_HEAD_MAX)
		return true;
	for (size_t i = 0; i < before.n; i++)
		has_other |= !gb_ascii_is_alpha(before.p[i]);
	return has_other;
}

/* The word is a path to something that can be run: ./x, ~/x, /tmp/x, C:\x.exe, \\host\x.bat. */
static bool is_program_path(struct gb_span text, const struct gb_detect_simple *simple)
{
	static const struct gb_span roots[] = {{(const unsigned char *)"/tmp/", 5}, {(const unsigned char *)"/bin/", 5},
	        {(const unsigned char *)"/usr/", 5}, {(const unsigned char *)"/opt/", 5},
	        {(const unsigned char *)"/sbin/", 6}, {(const unsigned char *)"/home/", 6},
	        {(const unsigned char *)"/var/", 5}, {(const unsigned char *)"/dev/shm/", 9},
	        {(const unsigned char *)"/root/", 6}};
	static const struct gb_span endings[] = {{(const unsigned char *)".exe", 4}, {(const unsigned char *)".bat", 4},
	        {(const unsigned char *)".cmd", 4}, {(const unsigned char *)".ps1", 4},
	        {(const unsigned char *)".vbs", 4}, {(const unsigned char *)".com", 4}};
	struct gb_span word = gb_span_sub(text, simple->name_at, 0);
	struct gb_span name = gb_span_of(simple->name, simple->name_n);

	if (!simple->has_word)
		return false;
	while (simple->name_at + word.n < text.n && simple->name_at + word.n < simple->end && word.n < PATH_MAX_BYTES &&
	        !gb_ascii_is_space(text.p[simple->name_at + word.n]))
		word.n++;
	if (simple->is_name_cut || simple->has_glob || name.n < 3)
		return false;
	if (gb_span_starts(name, GB_SPAN("./")) || gb_span_starts(name, GB_SPAN("../")) ||
	        gb_span_starts(name, GB_SPAN("~/")))
		return gb_ascii_is_alpha(name.p[name.n - 1]) || gb_ascii_is_digit(name.p[name.n - 1]);
	for (size_t i = 0; i < sizeof(roots) / sizeof(roots[0]); i++)
		if (gb_span_starts(name, roots[i]) && name.n > roots[i].n)
			return true;
	if (!(gb_ascii_is_alpha(word.p[0]) && word.n > 6 && word.p[1] == ':' && word.p[2] == '\\') &&
	        !(word.p[0] == '\\' && word.p[1] == '\\'))
		return false;
	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
		if (word.n > endings[i].n && gb_span_equal_nocase(gb_span_sub(word, word.n - 4, 4), endings[i]))
			return true;
	return false;
}

/* A word as names of programs are written: lower case, digits, - _ . + */
static bool is_program_word(const struct gb_detect_simple *simple)
{
	if (simple->name_n < 2 || simple->is_name_cut || simple->has_upper || simple->has_glob || simple->has_braces ||
	        !gb_ascii_is_alpha((unsigned char)simple->name[0]))
		return false;
	for (size_t i = 1; i < simple->name_n; i++) {
		unsigned char c = (unsigned char)simple->name[i];

		if (!gb_ascii_is_alpha(c) && !gb_ascii_is_digit(c) && c != '-' && c != '_' && c != '.' && c != '+')
			return false;
	}
	return simple->name[simple->name_n - 1] != '.';
}

/* python_version<"3.9": an operator between a name and a value. */
static bool is_comparison(struct gb_span text, const struct gb_detect_simple *simple)
{
	size_t at = simple->name_at + simple->name_n;

	while (at < text.n && text.p[at] == ' ')
		at++;
	if (at + 1 >= text.n || (text.p[at] != '<' && text.p[at] != '>'))
		return false;
	at += text.p[at + 1] == '=' ? 2 : 1;
	while (at < text.n && text.p[at] == ' ')
		at++;
	return at < text.n && (gb_ascii_is_digit(text.p[at]) || text.p[at] == '"' || text.p[at] == '\'');
}

bool gb_detect_is_shell_shaped(struct gb_detect_reading *reading, const struct gb_detect_simple *simple)
{
	const bool is_substitution = simple->by >= GB_BY_DOLLAR;
	const bool is_tight = simple->name_at > 0 && !gb_ascii_is_space(reading->text.p[simple->name_at - 1]);
	const bool is_placed =
	        is_substitution || gb_detect_is_behind_value(reading, simple) || simple->from <= reading->first_alnum;
	const bool is_path = is_program_path(reading->text, simple);
	const unsigned proof = simple->switches + simple->rooted + simple->redirections + simple->expansions;

	if (!simple->has_word || simple->plain > 0 || simple->prose > 0 || gb_detect_is_long(reading) ||
	        (simple->by == GB_BY_PIPE && reading->pipes >= 3))
		return false;
	if (is_path && (is_placed || is_tight)) {
		struct gb_span before = gb_span_sub(reading->text, 0, simple->from);

		if (is_substitution || proof > 0)
			return true;
		/* A list of paths has one in front as well. */
		return reading->breaks <= 2 && gb_bytes_find(before, '/', 0) == SIZE_MAX &&
		       gb_bytes_find(before, '\\', 0) == SIZE_MAX;
	}
	/* `. /tmp/x` reads a script. */
	if (simple->name_n == 1 && simple->name[0] == '.')
		return simple->words == 1 && simple->rooted == 1 && (is_placed || is_tight);
	if (!is_program_word(simple) || proof == 0 ||
	        (proof == simple->redirections && is_comparison(reading->text, simple)))
		return false;
	if (is_placed)
		return true;
	if (simple->by == GB_BY_AMPERSAND || simple->by == GB_BY_NEWLINE)
		return false;
	return is_tight && reading->prose_words <= 4;
}

bool gb_detect_has_verb(const struct gb_detect_reading *reading, const struct gb_detect_simple *simple)
{
	static const struct {
		const char *program, *verbs;
	} programs[] = {
	        {"git", " add am apply checkout clone commit config fetch grep init log merge pull push rebase remote "
	                "reset "
	                "show submodule "},
	        {"npm", " ci exec i install publish run x "},
	        {"yarn", " add dlx exec install run "},
	        {"docker", " build compose cp exec images kill load pull push rm rmi run save "},
	        {"pip", " download install "},
	        {"gem", " install "},
	        {"cargo", " build install run "},
	        {"go", " build get install run "},
	        {"helm", " delete get install upgrade "},
	        {"composer", " install require "},
	};
	struct gb_span rest = gb_span_sub(reading->text, simple->name_at + simple->name_n, 24);
	struct gb_span name = gb_span_of(simple->name, simple->name_n);
	size_t n = 1;

	if (simple->words < 2 || simple->has_quotes || simple->has_expansion || rest.n < 3 || rest.p[0] != ' ')
		return false;
	while (n < rest.n && rest.p[n] != ' ')
		n++;
	if (n == rest.n)
		return false;
	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++)
		if (gb_span_equal(name, gb_span_cstr(programs[i].program)))
			return gb_bytes_find_text(gb_span_cstr(programs[i].verbs), gb_span_sub(rest, 0, n + 1), 0) !=
			       SIZE_MAX;
	return false;
}

/* The colon at *REF_AT and a number, maybe negative; *ref_at moves behind it. */
static bool take_number(struct gb_span text, size_t *ref_at)
{
	size_t at = *ref_at + 1, start;

	while (at < text.n && (text.p[at] == ' ' || text.p[at] == '-'))
		at++;
	for (start = at; at < text.n && gb_ascii_is_digit(text.p[at]);)
		at++;
	*ref_at = at;
	return at > start;
}

/* ${x:0:1} ${x: -3:2} ${x//a/b} ${x,,} ${x^^} ${x##a} ${x%%a} ${x@P} */
static size_t slice_length(struct gb_span text, size_t from)
{
	size_t at = from + 2, start, close;
	unsigned char c;

	at += at < text.n && (text.p[at] == '!' || text.p[at] == '#');
	start = at;
	while (at < text.n && (gb_ascii_is_alpha(text.p[at]) || gb_ascii_is_digit(text.p[at]) || text.p[at] == '_' ||
	                              ((text.p[at] == '@' || text.p[at] == '*') && at == start)))
		at++;
	if (at == start || at + 2 >= text.n)
		return 0;
	close = gb_bytes_find(gb_span_sub(text, 0, at + 80), '}', at);
	if (close == SIZE_MAX)
		return 0;
	c = text.p[at];
	if (c == ':')
		return take_number(text, &at) && at < close && text.p[at] == ':' && take_number(text, &at) &&
		                       at == close
		               ? close + 1 - from
		               : 0;
	if (text.p[at + 1] == c && (c == ',' || c == '^') && at + 2 == close)
		return close + 1 - from;
	if (text.p[at + 1] == c && (c == '%' || c == '#') && close > at + 2)
		return close + 1 - from;
	if (c == '/' && text.p[at + 1] == '/' && close > at + 2 &&
	        gb_bytes_find(gb_span_sub(text, 0, close), '/', at + 2) != SIZE_MAX)
		return close + 1 - from;
	return c == '@' && at + 2 == close && gb_bytes_find(GB_SPAN("PEQAUuL"), text.p[at + 1], 0) != SIZE_MAX
	               ? close + 1 - from
	               : 0;
}

/* $'\x63' $'\143' $'…' */
static size_t escaped_length(struct gb_span text, size_t from)
{
	for (size_t at = from + 2; at + 2 < text.n && at < from + 60 && text.p[at] != '\''; at++) {
		unsigned char c = text.p[at + 1];

		if (text.p[at] == '\\' && ((c == 'x' && gb_hex_value(text.p[at + 2]) >= 0) ||
		                                  (c == 'u' && gb_hex_value(text.p[at + 2]) >= 0) ||
		                                  (c >= '0' && c <= '7' && gb_ascii_is_digit(text.p[at + 2]))))
			return at + 2 - from;
	}
	return 0;
}

size_t gb_detect_shell_expansion(struct gb_span text, size_t from)
{
	if (text.p[from] != '$' || from + 4 >= text.n)
		return 0;
	if (text.p[from + 1] == '{')
		return slice_length(text, from);
	return text.p[from + 1] == '\'' ? escaped_length(text, from) : 0;
}
