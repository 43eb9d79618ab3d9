/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Options as an attack: a value that begins with a dash, or goes on with one behind a blank, and makes the program that
 * takes it run another or write where it should not. The option's name says that it runs what it is given, or its value
 * is a command.
 */
#include "inspect/bytes.h"
#include "inspect/detect/command.h"
#include "inspect/detect/file_known.h"

#define OPTION_TEXT_MAX 200u

#define S(text)                                                                                                        \
	{                                                                                                              \
		(const unsigned char *)(text), sizeof(text) - 1                                                        \
	}

/* Parts of names of options whose value is run: --use-askpass, -oProxyCommand, --checkpoint-action, --rsh, --pre. */
static const struct gb_span runners[] = {S("command"), S("exec"), S("askpass"), S("launcher"), S("pager"),
        S("upload-pack"), S("receive-pack"), S("uploadpack"), S("receivepack"), S("checkpoint-action"), S("rsh"),
        S("sshcommand"), S("ssh-cmd"), S("wrapper"), S("compress-program"), S("prefilter"), S("post-process"),
        S("script-filter"), S("editor"), S("diffcmd"), S("interpreter"), S("shell"), S("eval"), S("helper"),
        S("load-extension"), S("open-files-in")};

/* Names that nothing but a command ever follows: no matter which. */
static const struct gb_span strict_runners[] = {S("proxycommand"), S("localcommand"), S("checkpoint-action"),
        S("to-command"), S("use-compress-program"), S("unzip-command"), S("upload-pack"), S("receive-pack"),
        S("init-command"), S("sshcommand"), S("rsh-command"), S("knownhostscommand")};

/* Names of options whose value is code, or configuration that names some. */
static const struct gb_span loaders[] = {S("config"), S("conf"), S("rcfile"), S("init-file"), S("require"), S("import"),
        S("load"), S("load-module"), S("plugin"), S("extension"), S("script"), S("hook"), S("preload"),
        S("defaults-file"), S("defaults-extra-file"), S("module-path"), S("git-dir"), S("include"),
        S("with-exec-prefix"), S("exec-path"), S("pre"), S("startup-file")};

/* Settings of PHP that only an attack sets from outside, behind -d. */
static const struct gb_span settings[] = {S("allow_url_include"), S("allow_url_fopen"), S("auto_prepend_file"),
        S("auto_append_file"), S("disable_functions"), S("open_basedir"), S("cgi.force_redirect"), S("zend_extension")};

static bool is_name(unsigned char c)
{
	return gb_ascii_is_alpha(c) || gb_ascii_is_digit(c) || c == '-' || c == '_' || c == '.';
}

static bool holds(struct gb_span name, struct gb_span part)
{
	for (size_t at = 0; at + part.n <= name.n; at++)
		if (gb_span_equal_nocase(gb_span_sub(name, at, part.n), part))
			return true;
	return false;
}

static bool runs_value(struct gb_span name)
{
	for (size_t i = 0; i < sizeof(runners) / sizeof(runners[0]); i++)
		if (holds(name, runners[i]))
			return true;
	return false;
}

static bool is_any_of(struct gb_span name, const struct gb_span *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (gb_span_equal_nocase(name, names[i]))
			return true;
	return false;
}

#define IS_ANY_OF(name, names) is_any_of(name, names, sizeof(names) / sizeof((names)[0]))

/* An address, data, or where anybody may have put a file. */
static bool is_foreign_place(struct gb_span value)
{
	static const struct gb_span starts[] = {S("http://"), S("https://"), S("ftp://"), S("data:"), S("/tmp/"),
	        S("/var/tmp/"), S("/dev/shm/"), S("/proc/"), S("\\\\")};

	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
		if (gb_span_starts(value, starts[i]) && value.n > starts[i].n)
			return true;
	return false;
}

/* CMD, as manuals write what is to be put in. */
static bool is_placeholder(struct gb_span word)
{
	for (size_t i = 0; i < word.n; i++)
		if (!(word.p[i] >= 'A' && word.p[i] <= 'Z') && word.p[i] != '_' && word.p[i] != '-')
			return false;
	return true;
}

/* The value is a program's name, alone or with arguments, a path, or shell text. */
static bool is_command(struct gb_span value, bool *ret_has_arguments)
{
	size_t end = 0;
	struct gb_span word;

	value = gb_span_trim(value);
	while (value.n != 0 && (value.p[0] == '"' || value.p[0] == '\'' || value.p[0] == '|' || value.p[0] == '!' ||
	                               value.p[0] == '`'))
		value = gb_span_sub(value, 1, value.n);
	while (end < value.n && !gb_ascii_is_space(value.p[end]) &&
	        gb_bytes_find(GB_SPAN("\"'`;|&><($"), value.p[end], 0) == SIZE_MAX)
		end++;
	word = gb_span_sub(value, 0, end);
	*ret_has_arguments = end < value.n;
	/* exec=sh */
	if (gb_bytes_find(word, '=', 0) != SIZE_MAX)
		word = gb_span_sub(word, gb_bytes_find(word, '=', 0) + 1, word.n);
	if (word.n == 0 || word.n >= GB_SIMPLE_NAME_MAX || is_placeholder(word))
		return false;
	return gb_detect_word_kind(word) != GB_NAME_UNKNOWN ||
	       (word.n > 4 && (word.p[0] == '/' || word.p[0] == '.') && gb_bytes_find(word, '/', 1) != SIZE_MAX);
}

/* -oProxyCommand, --to-command, core.sshCommand. */
static bool runs_strictly(struct gb_span name)
{
	if (name.n > 1 && name.p[0] == 'o')
		name = IS_ANY_OF(gb_span_sub(name, 1, SIZE_MAX), strict_runners) ? gb_span_sub(name, 1, SIZE_MAX)
		                                                                 : name;
	if (gb_span_starts(name, GB_SPAN("core.")))
		name = gb_span_sub(name, 5, SIZE_MAX);
	return IS_ANY_OF(name, strict_runners);
}

/* -javaagent:x.jar, -enc SQBFAFgA: a value behind a colon, or a script in base64. */
static bool judge_special(struct gb_detect_reading *reading, size_t from)
{
	static const struct gb_span agents[] = {S("javaagent"), S("agentpath"), S("agentlib")};
	struct gb_span text = reading->text, name, value;
	size_t at = from + 1, start;

	if (gb_span_starts(gb_span_sub(text, at, 2), GB_SPAN("J-")))
		at += 2;
	for (start = at; at < text.n && gb_ascii_is_alpha(text.p[at]);)
		at++;
	name = gb_span_sub(text, start, at - start);
	if (at + 4 >= text.n)
		return false;
	if (text.p[at] == ':' && IS_ANY_OF(name, agents))
		return gb_detect_convict(reading, "option_loads_code", from, text.n);
	if (text.p[at] != ' ' || name.n < 1 || name.n > 14 ||
	        !gb_span_equal_nocase(name, gb_span_sub(GB_SPAN("encodedcommand"), 0, name.n)))
		return false;
	/* UTF-16 in base64: two digits of eight are A. */
	value = gb_span_trim(gb_span_sub(text, at, SIZE_MAX));
	for (size_t i = 0; i < value.n; i++)
		if ((gb_byte_classes[value.p[i]] & (GB_BYTE_ALNUM | GB_BYTE_PLUS | GB_BYTE_SLASH | GB_BYTE_EQUAL)) == 0)
			return false;
	return value.n >= 12 && value.p[4] == 'A' && value.p[7] == 'A' &&
	       gb_detect_convict(reading, "option_runs_command", from, text.n);
}

static bool judge_option(struct gb_detect_reading *reading, size_t from)
{
	struct gb_span text = reading->text, name, value;
	size_t at = from + 1, start;
	bool is_long, has_arguments, is_set;

	is_long = at < text.n && text.p[at] == '-';
	at += is_long;
	start = at;
	while (at < text.n && is_name(text.p[at]))
		at++;
	name = gb_span_sub(text, start, at - start);
	/* -oProxyCommand=… -c core.sshCommand=… -o ProxyCommand=… */
	if (!is_long && name.n == 1 && at < text.n && gb_ascii_is_space(text.p[at])) {
		size_t inner;

		while (at < text.n && gb_ascii_is_space(text.p[at]))
			at++;
		inner = at;

		while (at < text.n && is_name(text.p[at]))
			at++;
		if (at >= text.n || text.p[at] != '=')
			return false;
		name = gb_span_sub(text, inner, at - inner);
	}
	is_set = at < text.n && text.p[at] == '=';
	if (name.n < 2 || (!is_set && !(at < text.n && gb_ascii_is_space(text.p[at]))))
		return false;
	value = gb_span_sub(text, at + 1, OPTION_TEXT_MAX);
	if (IS_ANY_OF(name, loaders) && is_foreign_place(gb_span_trim(value)))
		return gb_detect_convict(reading, "option_loads_code", from, text.n);
	if (is_set && IS_ANY_OF(name, settings))
		return gb_detect_convict(reading, "option_loads_code", from, text.n);
	if (is_set && value.n != 0 && value.p[0] > ' ' && !is_placeholder(value) && runs_strictly(name))
		return gb_detect_convict(reading, "option_runs_command", from, text.n);
	if (runs_value(name) && is_command(value, &has_arguments) && (is_set || has_arguments))
		return gb_detect_convict(reading, "option_runs_command", from, text.n);
	return is_set && is_command(value, &has_arguments) && has_arguments &&
	       gb_bytes_find(gb_span_trim(value), ' ', 0) != SIZE_MAX &&
	       gb_bytes_find(GB_SPAN("\"'|!`"), value.p[0], 0) != SIZE_MAX &&
	       gb_detect_convict(reading, "option_runs_command", from, text.n);
}

/* find's -exec and what it ends with. */
static bool is_exec(struct gb_detect_reading *reading, size_t from)
{
	static const struct gb_span names[] = {S("exec"), S("execdir"), S("ok"), S("okdir")};
	struct gb_span text = reading->text, rest;
	bool is_named = false;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		is_named |= gb_span_equal(gb_span_sub(text, from + 1, names[i].n), names[i]) &&
		            from + 1 + names[i].n < text.n && gb_ascii_is_space(text.p[from + 1 + names[i].n]);
	if (!is_named)
		return false;
	rest = gb_span_trim(text);
	if (rest.n < 3 || gb_bytes_find(GB_SPAN(";+"), rest.p[rest.n - 1], 0) == SIZE_MAX)
		return false;
	return (gb_ascii_is_space(rest.p[rest.n - 2]) || rest.p[rest.n - 2] == '\\') &&
	       gb_detect_convict(reading, "option_runs_command", from, text.n);
}

/* Where a script would be run, or a key or a timetable believed: a server's folder, cron's, a home's .ssh. */
static bool is_live_place(struct gb_span path)
{
	static const struct gb_span endings[] = {S(".php"), S(".phtml"), S(".jsp"), S(".jspx"), S(".asp"), S(".aspx"),
	        S(".cgi"), S(".war"), S("authorized_keys"), S("/.bashrc"), S("/.profile"), S("/.bash_profile"),
	        S("/.zshrc"), S("/.gitconfig"), S("/.npmrc")};

	if (path.n < 4 || (path.p[0] != '/' && !(path.n > 4 && path.p[1] == ':' && path.p[2] == '\\')))
		return false;
	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
		if (path.n > endings[i].n &&
		        gb_span_equal_nocase(gb_span_sub(path, path.n - endings[i].n, SIZE_MAX), endings[i]))
			return true;
	return gb_span_starts(path, GB_SPAN("/etc/cron")) || gb_span_starts(path, GB_SPAN("/etc/ld.so"));
}

/* Words of TEXT from FROM on, all of them: -o /var/www/x.php, -X/var/www/x.php, --log=/etc/cron.d/x, -d @/etc/passwd,
 * -e sh -c …. */
static bool judge_words(struct gb_detect_reading *reading, size_t from)
{
	struct gb_span text = reading->text, option = GB_SPAN_EMPTY;
	bool is_shell = false;

	for (size_t at = from; at < text.n;) {
		size_t start, end, value;
		struct gb_span word;

		while (at < text.n && gb_ascii_is_space(text.p[at]))
			at++;
		for (start = at; at < text.n && !gb_ascii_is_space(text.p[at]);)
			at++;
		end = at;
		word = gb_span_sub(text, start, end - start);
		if (word.n == 0)
			break;
		if (is_shell && (gb_span_equal(word, GB_SPAN("-c")) || gb_span_equal_nocase(word, GB_SPAN("/c"))))
			return gb_detect_convict(reading, "option_runs_command", from, text.n);
		is_shell = option.n == 2 && word.n <= 14 &&
		           (gb_span_ends(word, GB_SPAN("sh")) || gb_span_starts(word, GB_SPAN("cmd"))) &&
		           gb_detect_word_kind(word) != GB_NAME_UNKNOWN;
		value = gb_bytes_find(word, '=', 0);
		if (word.p[0] != '-')
			value = 0;
		else if (value != SIZE_MAX)
			value++;
		else
			value = word.n > 3 && word.p[1] != '-' ? gb_bytes_find(word, '/', 2) : SIZE_MAX;
		/* A path of its own belongs to the option before it. */
		if (value != SIZE_MAX && (word.p[0] == '-' || option.n != 0)) {
			struct gb_span path = gb_span_sub(word, value, SIZE_MAX);

			if (is_live_place(path))
				return gb_detect_convict(reading, "option_writes_file", from, text.n);
			if (word.p[0] != '-' && !IS_ANY_OF(gb_span_sub(option, 2, SIZE_MAX), loaders) &&
			        gb_detect_is_known_file(path))
				return gb_detect_convict(reading, "option_reads_file", from, text.n);
			if (path.n > 2 && path.p[0] == '@' && gb_detect_is_known_file(gb_span_sub(path, 1, SIZE_MAX)))
				return gb_detect_convict(reading, "option_reads_file", from, text.n);
		}
		option = word.p[0] == '-' ? word : GB_SPAN_EMPTY;
	}
	return false;
}

bool gb_detect_option(struct gb_detect_reading *reading)
{
	struct gb_span text = reading->text;
	size_t start = 0;
	unsigned looked = 0;

	if (text.n > OPTION_TEXT_MAX || (reading->mask & GB_BYTE_NEWLINE) != 0)
		return false;
	while (start < text.n && (gb_ascii_is_space(text.p[start]) || text.p[start] == '"' || text.p[start] == '\''))
		start++;
	for (size_t at = gb_bytes_find(text, '-', start); at != SIZE_MAX && looked < 8;
	        at = gb_bytes_find(text, '-', at + 1)) {
		bool is_apart = at > 0 &&
		                (gb_ascii_is_space(text.p[at - 1]) || text.p[at - 1] == '"' || text.p[at - 1] == '\'');
		/* ssh://-oProxyCommand=x, user@-oProxyCommand=x: where a host's name should be. */
		bool is_host = at > 1 && text.p[at + (at + 1 < text.n)] == 'o' &&
		               (text.p[at - 1] == '@' || (text.p[at - 1] == '/' && text.p[at - 2] == '/'));

		if (at != start && !is_apart && !is_host)
			continue;
		looked++;
		if (is_exec(reading, at) || (is_host && judge_option(reading, at)) ||
		        (at == start && judge_special(reading, at)))
			return true;
		/* Behind a value, not behind the words of a sentence or of a whole command. */
		if (at == start || text.p[start] == '-' ||
		        gb_bytes_find(gb_span_sub(text, 0, at - 1), ' ', start) == SIZE_MAX)
			if (judge_option(reading, at) || (looked == 1 && judge_words(reading, at)))
				return true;
	}
	return false;
}
