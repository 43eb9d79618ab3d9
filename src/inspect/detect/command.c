/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Command injection: read the text as a shell would, in the three places where it may have been put (bare, inside '…',
 * inside "…"), cut it into simple commands, and judge each by what introduced it, what its word is, and whether its
 * arguments look like arguments or like prose.
 */
#include "activity/shell.h"
#include "inspect/bytes.h"
#include "inspect/detect/code.h"
#include "inspect/detect/command.h"

#include <stddef.h>
#include <string.h>

bool gb_detect_convict(struct gb_detect_reading *reading, const char *reason, size_t from, size_t end)
{
	*reading->hit = (struct gb_detect_hit){.reason = reason, .from = from, .length = end > from ? end - from : 1};
	return true;
}

#define ROWS_MAX 2048u

/* Two words at most in each of three and more items between one kind of separator: `name|type|date`, tags. TEXT has
 * letters, blanks, colons, commas and separators only. */
static bool is_list(struct gb_span text)
{
	const unsigned char separator = gb_bytes_find(text, ';', 0) != SIZE_MAX ? ';' : '|';
	unsigned items = 1, words = 0;
	unsigned char before = ' ';

	if (text.n < 3 || !gb_ascii_is_alpha(text.p[0]) || !gb_ascii_is_alpha(text.p[1]))
		return false;
	for (size_t i = 0; i < text.n; before = text.p[i++]) {
		unsigned char c = text.p[i];

		if (c == ';' || c == '|') {
			if (c != separator || words == 0 || words > 2)
				return false;
			items++;
			words = 0;
		} else if (c == ':' && items == 1) {
			words = 0;
		} else if (c == ':' || c == '\n') {
			return false;
		}
		words += gb_ascii_is_alpha(c) && !gb_ascii_is_alpha(before);
	}
	return items >= 3 && words > 0 && words <= 2;
}

/* Lines of as many cells each, of three words at most: a file of values, a table of Markdown. One line is a row when it begins
 * and ends with the separator. TEXT has letters, digits, blanks, colons, signs of words and separators only. */
static bool is_rows(struct gb_span text)
{
	const unsigned char separator = gb_bytes_find(text, '|', 0) != SIZE_MAX ? '|' : ';';
	unsigned lines = 0, first = 0, count = 0, words = 0;
	unsigned char before = '\n';

	text = gb_span_trim(text);
	if (text.n == 0 || text.n > ROWS_MAX)
		return false;
	for (size_t i = 0; i <= text.n; i++) {
		unsigned char c = i < text.n ? text.p[i] : '\n';

		if (c == '\n' || c == separator) {
			count += c == separator;
			words = 0;
		} else if (c == ';' || (!gb_ascii_is_space(c) && gb_ascii_is_space(before) && ++words > 3)) {
			return false;
		}
		if (c == '\n') {
			first = lines++ == 0 ? count : first;
			if (count != first || count == 0)
				return false;
			count = 0;
		}
		before = c == separator ? ' ' : c;
	}
	return lines > 1 || (text.p[0] == '|' && text.p[text.n - 1] == '|' && first >= 3);
}

void gb_detect_measure(struct gb_detect_reading *reading)
{
	struct gb_span text = reading->text;
	size_t letters = 0, others = 0;

	if (reading->is_measured)
		return;
	reading->is_measured = true;
	reading->lines = 1;
	if ((reading->mask & ~(GB_BYTE_ALNUM | GB_BYTE_SPACE | GB_BYTE_SEMICOLON | GB_BYTE_PIPE | GB_BYTE_COLON |
	                             GB_BYTE_OTHER | GB_BYTE_NEWLINE | GB_BYTE_DOT | GB_BYTE_HIGH)) == 0)
		reading->is_list =
		        is_rows(text) ||
		        ((reading->mask & (GB_BYTE_NEWLINE | GB_BYTE_DOT | GB_BYTE_HIGH)) == 0 && is_list(text));
	reading->first_alnum = reading->first_brace = SIZE_MAX;
	while (reading->head_end < text.n && gb_ascii_is_space(text.p[reading->head_end]))
		reading->head_end++;
	while (reading->head_end < text.n && !gb_ascii_is_space(text.p[reading->head_end]))
		reading->head_end++;
	for (size_t i = 0; i <= text.n; i++) {
		unsigned char c = i < text.n ? text.p[i] : ' ';

		reading->breaks += (c == ';' || c == '|' || c == '&' || c == '\n') && (i == 0 || text.p[i - 1] != c);
		if (gb_ascii_is_alpha(c) || c >= 0x80 || c == '\'') {
			if (c != '\'' && i < reading->first_alnum)
				reading->first_alnum = i;
			letters++;
			continue;
		}
		if (gb_ascii_is_space(c)) {
			reading->prose_words += letters > 1 && others == 0;
			letters = others = 0;
			reading->lines += c == '\n';
			continue;
		}
		if (gb_ascii_is_digit(c) && i < reading->first_alnum)
			reading->first_alnum = i;
		if (c == '{' && i < reading->first_brace)
			reading->first_brace = i;
		reading->pipes += c == '|';
		others += !(c == ',' || c == '.' || c == '-' || c == '!' || c == '?');
	}
}

/* Whether the call whose name begins at START is talked of: words of a sentence before it and around. */
static bool is_in_sentence(struct gb_span text, size_t start, struct gb_code_measure *measure)
{
	while (start > 0 && (gb_code_is_name_byte(text.p[start - 1]) || text.p[start - 1] == '.'))
		start--;
	if (gb_code_place(text, start) != GB_PLACE_PROSE)
		return false;
	if (measure->lines == 0)
		*measure = gb_code_measure(text);
	return measure->prose_words >= 3;
}

/* system("…"), exec('…'): a function of a programming language that runs a command, with one as its argument. */
static bool find_call(struct gb_detect_reading *reading)
{
	static const char *const functions[] = {"system", "exec", "shell_exec", "passthru", "popen", "proc_open",
	        "pcntl_exec", "execsync", "spawn", "spawnsync", "check_output", "eval"};
	struct gb_span text = reading->text;
	struct gb_code_measure measure = {0};

	for (size_t paren = gb_bytes_find(text, '(', 0); paren != SIZE_MAX;
	        paren = gb_bytes_find(text, '(', paren + 1)) {
		size_t start = paren, at = paren + 1, end;
		char word[GB_SIMPLE_NAME_MAX];
		size_t n = 0;
		bool is_function = false;

		while (start > 0 && paren - start < 16 &&
		        (gb_ascii_is_alpha(text.p[start - 1]) || text.p[start - 1] == '_'))
			start--;
		if (paren - start < 4)
			continue;
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
		if (gb_detect_command_name(gb_span_of(word, n)) != GB_NAME_UNKNOWN &&
		        !is_in_sentence(text, start, &measure))
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

/* x='() { :;}; …': the same, on its way into an environment. */
static bool find_exported_function(struct gb_detect_reading *reading)
{
	struct gb_span text = reading->text;

	for (size_t at = gb_bytes_find_text(text, GB_SPAN("()"), 1); at != SIZE_MAX;
	        at = gb_bytes_find_text(text, GB_SPAN("()"), at + 2)) {
		size_t brace = at + 2 < text.n && text.p[at + 2] == ' ' ? at + 3 : at + 2, close;

		if (gb_bytes_find(GB_SPAN("\"'="), text.p[at - 1], 0) == SIZE_MAX || brace >= text.n ||
		        text.p[brace] != '{')
			continue;
		close = gb_bytes_find(gb_span_sub(text, 0, brace + 60), '}', brace);
		if (close != SIZE_MAX && close + 2 < text.n && text.p[close + 1] == ';' &&
		        gb_bytes_find(GB_SPAN("\"';"), text.p[close + 2], 0) == SIZE_MAX)
			return gb_detect_convict(reading, "shell_function_import", at, close);
	}
	return false;
}

/* ${run{…}}: what a mail server expands. ext::sh …: an address of git's that is a command. */
static bool find_foreign(struct gb_detect_reading *reading)
{
	static const char *const items[] = {"run{", "readsocket{", "readfile{", "perl{", "dlfunc{"};
	struct gb_span text = reading->text;

	struct gb_span head = gb_span_trim(gb_span_sub(text, 0, 64));

	if (gb_span_starts(head, GB_SPAN("ext::")) && head.n > 6 && !gb_ascii_is_space(head.p[5]))
		return gb_detect_convict(reading, "shell_transport", 0, text.n < 64 ? text.n : 64);
	if ((reading->mask & GB_BYTE_BRACE) == 0)
		return false;
	for (size_t at = gb_bytes_find_text(text, GB_SPAN("${"), 0); at != SIZE_MAX;
	        at = gb_bytes_find_text(text, GB_SPAN("${"), at + 2))
		for (size_t i = 0; i < sizeof(items) / sizeof(items[0]); i++)
			if (gb_span_starts(gb_span_sub(text, at + 2, 12), gb_span_cstr(items[i])))
				return gb_detect_convict(reading, "mail_expansion", at, at + 6);
	return false;
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
	if ((reading->mask & GB_BYTE_PAREN) != 0 && (reading->mask & GB_BYTE_BRACE) != 0 &&
	        find_exported_function(reading))
		return true;
	if ((reading->mask & (GB_BYTE_DOLLAR | GB_BYTE_COLON)) != 0 && find_foreign(reading))
		return true;
	if (gb_detect_cmd_shell(reading) || find_input_command(reading) || gb_detect_redirection(reading) ||
	        gb_detect_option(reading) || gb_detect_powershell(reading))
		return true;
	if ((reading->mask & GB_BYTE_SLASH) != 0 && (reading->mask & (GB_BYTE_AMPERSAND | GB_BYTE_ANGLE)) != 0 &&
	        ((at = gb_bytes_find_text(text, GB_SPAN("/dev/tcp/"), 0)) != SIZE_MAX ||
	                (at = gb_bytes_find_text(text, GB_SPAN("/dev/udp/"), 0)) != SIZE_MAX) &&
	        !gb_detect_is_long(reading))
		return gb_detect_convict(reading, "shell_network_device", at, at + 9);
	return false;
}

#define SHELL_BYTES                                                                                                    \
	(GB_BYTE_SEMICOLON | GB_BYTE_AMPERSAND | GB_BYTE_PIPE | GB_BYTE_BACKTICK | GB_BYTE_DOLLAR | GB_BYTE_NEWLINE |  \
	        GB_BYTE_ANGLE | GB_BYTE_BRACE)

static bool is_shell(struct gb_span word)
{
	return word.n >= 2 && word.n <= 14 &&
	       (gb_span_ends(word, GB_SPAN("sh")) ||
	               gb_span_equal_nocase(gb_span_sub(word, 0, 10), GB_SPAN("powershell"))) &&
	       gb_detect_word_kind(word) != GB_NAME_UNKNOWN;
}

/* Without a byte of the shell's the whole text would have to be one command, its word written in disguise (judge_start):
 * quoted, escaped, or as a path. False where that cannot be, true where the text must be read to know. */
static bool may_be_disguised(struct gb_span text, uint32_t mask)
{
	size_t start = 0, end;

	if ((mask & (GB_BYTE_SINGLE | GB_BYTE_DOUBLE | GB_BYTE_BACKSLASH | GB_BYTE_CARET | GB_BYTE_SLASH)) == 0)
		return false;
	if ((mask & GB_BYTE_PAREN) != 0)
		return true;
	while (start < text.n && (gb_byte_classes[text.p[start]] & GB_BYTE_SPACE) != 0)
		start++;
	for (end = start; end < text.n; end++) {
		uint32_t class = gb_byte_classes[text.p[end]];

		if ((class & GB_BYTE_SPACE) != 0)
			break;
		if ((class & (GB_BYTE_SINGLE | GB_BYTE_DOUBLE | GB_BYTE_BACKSLASH | GB_BYTE_CARET | GB_BYTE_SLASH |
		                     GB_BYTE_EQUAL)) != 0)
			return true;
	}
	/* Behind `if` or `time` the command is still to come; bash -c '…', powershell -e …: handed over as text. */
	return gb_shell_is_reserved(gb_span_sub(text, start, end - start)) ||
	       is_shell(gb_span_sub(text, start, end - start));
}

bool gb_detect_command(const struct gb_detect_input *input, struct gb_detect_hit *ret_hit)
{
	const bool has_shell = (input->mask & SHELL_BYTES) != 0;
	const struct gb_span head = gb_span_trim(gb_span_sub(input->text, 0, 8));
	const bool may_be_option =
	        (input->mask & GB_BYTE_OTHER) != 0 && input->text.n <= 200 &&
	        (gb_span_starts(head, GB_SPAN("-")) ||
	                ((input->mask & GB_BYTE_EQUAL) != 0 && gb_bytes_find(input->text, '-', 0) != SIZE_MAX));
	/* Levels are cleared when they are begun: 2 KB that most texts never touch. */
	__attribute__((uninitialized)) struct gb_detect_reading reading;

	/* A plain path, nothing behind it. */
	if ((input->mask & ~(GB_BYTE_ALNUM | GB_BYTE_SLASH | GB_BYTE_DOT)) == 0)
		return false;
	/* Without any of these only a short text can be a command, written in disguise. */
	if (!has_shell && !may_be_option && !gb_span_starts(head, GB_SPAN("ext::")) &&
	        (input->mask & (GB_BYTE_PAREN | GB_BYTE_PERCENT)) == 0 &&
	        (input->text.n > 160 ||
	                ((input->mask & GB_BYTE_SLASH) == 0 && !may_be_disguised(input->text, input->mask))))
		return false;
	memset(&reading, 0, offsetof(struct gb_detect_reading, levels));
	reading.text = input->text;
	/* What ends a string of C in front of an ending ends the command as well. */
	while (reading.text.n != 0 && reading.text.p[reading.text.n - 1] == 0)
		reading.text.n--;
	reading.mask = input->mask;
	reading.hit = ret_hit;
	reading.work = input->work;
	if (find_fixed(&reading))
		return true;
	if ((input->mask & (GB_BYTE_PAREN | GB_BYTE_PERCENT | GB_BYTE_AMPERSAND | GB_BYTE_PIPE)) != 0 &&
	        gb_detect_cmd_construct(&reading))
		return true;
	if ((input->mask & GB_BYTE_PAREN) != 0 && find_call(&reading))
		return true;
	if (!has_shell) {
		if (input->text.n >= 512 || !may_be_disguised(input->text, input->mask))
			return false;
		gb_detect_measure(&reading);
		return reading.prose_words < 10 && gb_detect_read(&reading, 0);
	}
	if (!gb_detect_has_candidate(input->text, input->mask))
		return false;
	if (gb_detect_read(&reading, 0))
		return true;
	if (reading.is_script)
		return false;
	if ((input->mask & GB_BYTE_SINGLE) != 0 && gb_detect_read(&reading, '\''))
		return true;
	return (input->mask & GB_BYTE_DOUBLE) != 0 && gb_detect_read(&reading, '"');
}
