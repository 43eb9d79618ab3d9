/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Command injection: read the text as a shell would, in the three places where it may have been put (bare, inside '…',
 * inside "…"), cut it into simple commands, and judge each by what introduced it, what its word is, and whether its
 * arguments look like arguments or like prose.
 */
#include "inspect/bytes.h"
#include "inspect/detect/command.h"

#include <stddef.h>
#include <string.h>

bool gb_detect_convict(struct gb_detect_reading *reading, const char *reason, size_t from, size_t end)
{
	*reading->hit = (struct gb_detect_hit){.reason = reason, .from = from, .length = end > from ? end - from : 1};
	return true;
}

static void measure_prose(struct gb_detect_reading *reading)
{
	struct gb_span text = reading->text;
	size_t letters = 0, others = 0;

	reading->lines = 1;
	reading->first_alnum = reading->first_brace = SIZE_MAX;
	for (size_t i = 0; i <= text.n; i++) {
		unsigned char c = i < text.n ? text.p[i] : ' ';

		reading->pipes += c == '|';
		if (i < reading->first_alnum && (gb_ascii_is_alpha(c) || gb_ascii_is_digit(c) || c >= 0x80))
			reading->first_alnum = i;
		if (c == '{' && i < reading->first_brace)
			reading->first_brace = i;
		if (gb_ascii_is_alpha(c) || c >= 0x80 || c == '\'') {
			letters++;
			continue;
		}
		if (gb_ascii_is_space(c)) {
			reading->prose_words += letters > 1 && others == 0;
			letters = others = 0;
			reading->lines += c == '\n';
			continue;
		}
		others += !(c == ',' || c == '.' || c == '-' || c == '!' || c == '?');
	}
}

/* system("…"), exec('…'): a function of a programming language that runs a command, with one as its argument. */
static bool find_call(struct gb_detect_reading *reading)
{
	static const char *const functions[] = {"system", "exec", "shell_exec", "passthru", "popen", "proc_open",
	        "pcntl_exec", "execsync", "spawn", "spawnsync", "check_output", "eval"};
	struct gb_span text = reading->text;

	for (size_t paren = gb_bytes_find(text, '(', 0); paren != SIZE_MAX;
	        paren = gb_bytes_find(text, '(', paren + 1)) {
		size_t start = paren, at = paren + 1, end;
		char word[GB_SIMPLE_NAME_MAX];
		size_t n = 0;
		bool is_function = false;

		while (start > 0 && paren - start < 16 &&
		        (gb_ascii_is_alpha(text.p[start - 1]) || text.p[start - 1] == '_'))
			start--;
		for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
			is_function |= gb_span_equal_nocase(
			        gb_span_sub(text, start, paren - start), gb_span_cstr(functions[i]));
		if (!is_function)
			continue;
		while (at < text.n && (gb_ascii_is_space(text.p[at]) || text.p[at] == '\\'))
			at++;
		if (at >= text.n || (text.p[at] != '\'' && text.p[at] != '"' && text.p[at] != '`'))
			continue;
		at++;
		for (end = at; end < text.n && n < sizeof(word); end++) {
			unsigned char c = gb_ascii_lower(text.p[end]);

			if (c == '/')
				n = 0;
			else if (gb_ascii_is_alpha(c) || gb_ascii_is_digit(c) || c == '_' || c == '-' || c == '.')
				word[n++] = (char)c;
			else
				break;
		}
		if (gb_detect_command_name(gb_span_of(word, n)) != GB_NAME_UNKNOWN)
			return gb_detect_convict(reading, "code_runs_command", start, end);
	}
	return false;
}

/* `<cat /etc/passwd`: lists put < in front of a command; markup would close it. */
static bool find_input_command(struct gb_detect_reading *reading)
{
	struct gb_span text = reading->text;
	size_t end = 1;

	if (text.n < 3 || text.p[0] != '<' || gb_bytes_find(text, '>', 0) != SIZE_MAX)
		return false;
	while (end < text.n && gb_ascii_is_alpha(text.p[end]))
		end++;
	return gb_detect_command_name(gb_span_sub(text, 1, end - 1)) >= GB_NAME_COMMAND &&
	       gb_detect_convict(reading, "shell_input_command", 0, end);
}

static bool find_fixed(struct gb_detect_reading *reading)
{
	struct gb_span text = reading->text;
	size_t at;

	if ((reading->mask & GB_BYTE_ANGLE) != 0 &&
	        (at = gb_bytes_find_text(text, GB_SPAN("<!--#exec"), 0)) != SIZE_MAX)
		return gb_detect_convict(reading, "ssi_exec", at, at + 9);
	/* A function exported to the environment whose text goes on behind the body: CVE-2014-6271. */
	if (gb_span_starts(text, GB_SPAN("() {")) || gb_span_starts(text, GB_SPAN("(){")))
		return gb_detect_convict(reading, "shell_function_import", 0, text.n < 64 ? text.n : 64);
	if (gb_detect_cmd_shell(reading) || find_input_command(reading))
		return true;
	if ((reading->mask & (GB_BYTE_AMPERSAND | GB_BYTE_ANGLE)) != 0 && !gb_detect_is_long(reading) &&
	        (at = gb_bytes_find_text(text, GB_SPAN("/dev/tcp/"), 0)) != SIZE_MAX)
		return gb_detect_convict(reading, "shell_network_device", at, at + 9);
	return false;
}

bool gb_detect_command(const struct gb_detect_input *input, struct gb_detect_hit *ret_hit)
{
	const uint32_t shell = GB_BYTE_SEMICOLON | GB_BYTE_AMPERSAND | GB_BYTE_PIPE | GB_BYTE_BACKTICK |
	                       GB_BYTE_DOLLAR | GB_BYTE_NEWLINE | GB_BYTE_ANGLE | GB_BYTE_BRACE;
	struct gb_detect_reading reading;

	memset(&reading, 0, offsetof(struct gb_detect_reading, levels));
	reading.text = input->text;
	reading.mask = input->mask;
	reading.hit = ret_hit;

	/* Without any of these only a short text can be a command, written in disguise. */
	if ((input->mask & (shell | GB_BYTE_PAREN | GB_BYTE_PERCENT)) == 0 && input->text.n > 160)
		return false;
	measure_prose(&reading);
	if (find_fixed(&reading))
		return true;
	if ((input->mask & (GB_BYTE_PAREN | GB_BYTE_PERCENT)) != 0 && gb_detect_cmd_construct(&reading))
		return true;
	if ((input->mask & GB_BYTE_PAREN) != 0 && find_call(&reading))
		return true;
	if ((input->mask & shell) != 0 || (input->text.n < 512 && reading.prose_words < 6)) {
		if (gb_detect_read(&reading, 0))
			return true;
	}
	if ((input->mask & shell) == 0)
		return false;
	if ((input->mask & GB_BYTE_SINGLE) != 0 && gb_detect_read(&reading, '\''))
		return true;
	return (input->mask & GB_BYTE_DOUBLE) != 0 && gb_detect_read(&reading, '"');
}
