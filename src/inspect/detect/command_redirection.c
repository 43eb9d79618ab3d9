/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A redirection at a value's end: what was one word of a command becomes a file that is written, or read. The operator,
 * one path that leads into a system's tree, a home or a server's folder, and nothing behind it but the end or what closes
 * the application's own text.
 */
#include "inspect/bytes.h"
#include "inspect/detect/command.h"
#include "inspect/detect/file_known.h"

#define REDIRECTED_MAX 200u

#define S(text)                                                                                                        \
	{                                                                                                              \
		(const unsigned char *)(text), sizeof(text) - 1                                                        \
	}

static bool is_one_of_starts(struct gb_span text, const struct gb_span *starts, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (gb_span_starts(text, starts[i]) && text.n > starts[i].n)
			return true;
	return false;
}

/* Where PATH leads is no place of a site or a menu. */
static bool is_of_system(struct gb_span path)
{
	static const struct gb_span roots[] = {S("/etc/"), S("/var/"), S("/tmp/"), S("/home/"), S("/usr/"), S("/root/"),
	        S("/opt/"), S("/srv/"), S("/dev/"), S("/proc/"), S("/bin/"), S("/run/"), S("/www/"), S("/app/"),
	        S("/mnt/"), S("/sys/"), S("/lib/"), S("/boot/"), S("~/"), S("$HOME/"), S("${HOME}/"), S("../")};

	return is_one_of_starts(path, roots, sizeof(roots) / sizeof(roots[0])) ||
	       (path.n > 4 && gb_ascii_is_alpha(path.p[0]) && path.p[1] == ':' && path.p[2] == '\\');
}

/* x.php, .htaccess, x.jsp: what a server runs or obeys, in whatever folder the command is. */
static bool is_of_server(struct gb_span path)
{
	static const struct gb_span endings[] = {
	        S(".php"), S(".phtml"), S(".jsp"), S(".jspx"), S(".asp"), S(".aspx"), S(".cgi"), S(".htaccess")};

	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
		if (gb_span_ends(path, endings[i]))
			return true;
	return false;
}

/* Nothing, one word, or quotes and separators stand before the operator. */
static bool is_behind_word(struct gb_span before)
{
	before = gb_span_trim(before);
	for (size_t i = 0; i < before.n; i++)
		if (gb_ascii_is_space(before.p[i]) || before.p[i] == '<' || before.p[i] == '>')
			return false;
	return before.n == 0 || (before.p[before.n - 1] != '-' && before.p[before.n - 1] != '=');
}

/* The end, or what closes a quote, cuts the rest off or goes on with a command. */
static bool is_end(struct gb_span rest)
{
	rest = gb_span_trim(rest);
	return rest.n == 0 || gb_bytes_find(GB_SPAN("'\"#;|&)`"), rest.p[0], 0) != SIZE_MAX;
}

static bool judge_operator(struct gb_detect_reading *reading, size_t from)
{
	struct gb_span text = reading->text, target;
	const unsigned char sign = text.p[from];
	size_t at = from + 1, start, head = from;

	while (at < text.n && (text.p[at] == sign || text.p[at] == '|'))
		at++;
	while (at < text.n && gb_ascii_is_space(text.p[at]))
		at++;
	if (at < text.n && (text.p[at] == '"' || text.p[at] == '\''))
		at++;
	for (start = at; at < text.n && !gb_ascii_is_space(text.p[at]) &&
	                 gb_bytes_find(GB_SPAN("'\"#;|&<>`("), text.p[at], 0) == SIZE_MAX;)
		at++;
	target = gb_span_sub(text, start, at - start);
	/* 2>, &> */
	while (head > 0 && (text.p[head - 1] == '&' || (gb_ascii_is_digit(text.p[head - 1]) && from - head < 1)))
		head--;
	if (target.n < 4 || !is_behind_word(gb_span_sub(text, 0, head)) || !is_end(gb_span_sub(text, at, SIZE_MAX)))
		return false;
	if (sign == '<')
		return gb_detect_is_known_file(target) && gb_detect_convict(reading, "shell_redirection", from, at);
	return (is_of_system(target) || is_of_server(target)) &&
	       gb_detect_convict(reading, "shell_redirection", from, at);
}

bool gb_detect_redirection(struct gb_detect_reading *reading)
{
	struct gb_span text = reading->text;
	unsigned looked = 0;

	if ((reading->mask & GB_BYTE_ANGLE) == 0 || text.n > REDIRECTED_MAX ||
	        (reading->mask & (GB_BYTE_SLASH | GB_BYTE_BACKSLASH | GB_BYTE_DOT)) == 0)
		return false;
	for (size_t at = 0; at < text.n && looked < 4; at++) {
		if (text.p[at] != '>' && text.p[at] != '<')
			continue;
		looked++;
		if (judge_operator(reading, at))
			return true;
		while (at + 1 < text.n && text.p[at + 1] == text.p[at])
			at++;
	}
	return false;
}
