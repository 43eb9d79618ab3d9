/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Snippets: a text that begins with a whole command and goes on in the manner of people who write commands for each other
 * (`make && make install`, `ps aux | grep x`) was not put behind anything. Injections break out of a value.
 */
#include "activity/shell.h"
#include "inspect/bytes.h"
#include "inspect/detect/command.h"

#define PROMPT_MAX   60u
#define SCHEDULE_MAX 512u

static bool is_blank_at(struct gb_span text, size_t at)
{
	return at >= text.n || gb_ascii_is_space(text.p[at]);
}

/* git add . && git commit: the same tool once more. */
static bool goes_on_with(struct gb_span text, struct gb_span word)
{
	size_t at = gb_bytes_find_text(gb_span_sub(text, 0, 200), GB_SPAN(" && "), word.n);

	return at != SIZE_MAX && gb_span_equal(gb_span_sub(text, at + 4, word.n), word) &&
	       is_blank_at(text, at + 4 + word.n);
}

void gb_detect_note_script(struct gb_detect_reading *reading)
{
	const struct gb_detect_simple *first = &reading->levels[0];
	struct gb_span text = reading->text, word;
	enum gb_command_name kind;

	if (reading->is_script || first->by != GB_BY_START || first->from != 0 || !first->has_word)
		return;
	word = gb_span_sub(text, 0, 0);
	while (word.n < text.n && word.n < GB_SIMPLE_NAME_MAX && !gb_ascii_is_space(text.p[word.n]))
		word.n++;
	/* if …; for …; RUN … of a container's recipe. */
	if (gb_shell_is_reserved(word) || gb_span_equal(word, GB_SPAN("RUN"))) {
		reading->is_script = word.n > 1;
		return;
	}
	if (first->name_at != 0 || first->has_quotes || first->has_escapes || first->has_expansion || first->has_glob ||
	        first->has_braces || first->has_upper || first->name_n != word.n)
		return;
	kind = gb_detect_word_kind(word);
	if (gb_span_starts(word, GB_SPAN("./")) && word.n > 3)
		reading->is_script = true;
	else if (first->words > 0)
		reading->is_script = kind >= GB_NAME_COMMAND ||
		                     (kind == GB_NAME_WORD && (first->switches > 0 || goes_on_with(text, word)));
}

/* Five fields of a timetable: minute, hour, day, month, day of the week. */
static bool is_timetable(struct gb_span text)
{
	size_t at = 0;

	for (unsigned field = 0; field < 5; field++) {
		size_t start = at;

		while (at < text.n && at - start < 24 &&
		        (gb_ascii_is_digit(text.p[at]) || gb_bytes_find(GB_SPAN("*/,-"), text.p[at], 0) != SIZE_MAX))
			at++;
		if (at == start || at >= text.n || (text.p[at] != ' ' && text.p[at] != '\t'))
			return false;
		while (at < text.n && (text.p[at] == ' ' || text.p[at] == '\t'))
			at++;
	}
	return at < text.n;
}

/* for …; do …: a loop or a condition from the first byte, with the blanks that people write. */
static bool is_written_compound(struct gb_span text)
{
	static const struct gb_span words[] = {{(const unsigned char *)"for ", 4}, {(const unsigned char *)"while ", 6},
	        {(const unsigned char *)"until ", 6}, {(const unsigned char *)"if ", 3}};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (gb_span_starts(text, words[i]))
			return gb_bytes_find_text(text, GB_SPAN("; do "), 4) != SIZE_MAX ||
			       gb_bytes_find_text(text, GB_SPAN("; then "), 3) != SIZE_MAX;
	return false;
}

/* ~/proj $ make, root@host:~# ls: what a shell asks with, and a command. */
static bool is_prompt(struct gb_span text)
{
	size_t at = 0;

	while (at < text.n && at < PROMPT_MAX &&
	        (gb_byte_is_name[text.p[at]] || gb_bytes_find(GB_SPAN("@:~/.-[]"), text.p[at], 0) != SIZE_MAX))
		at++;
	if (at < 2 || gb_bytes_find(gb_span_sub(text, 0, at), '~', 0) == SIZE_MAX)
		return false;
	at += at < text.n && text.p[at] == ' ';
	return at + 3 < text.n && (text.p[at] == '$' || text.p[at] == '#') && text.p[at + 1] == ' ' &&
	       gb_ascii_is_alpha(text.p[at + 2]);
}

/* [[ $a = b ]] && … */
static bool is_written_test(struct gb_span text)
{
	size_t close = gb_bytes_find_text(gb_span_sub(text, 0, 2 * PROMPT_MAX), GB_SPAN(" ]] "), 2);

	return gb_span_starts(text, GB_SPAN("[[ ")) && close != SIZE_MAX &&
	       (gb_span_starts(gb_span_sub(text, close + 4, 2), GB_SPAN("&&")) ||
	               gb_span_starts(gb_span_sub(text, close + 4, 2), GB_SPAN("||")));
}

/* case "$1" in … */
static bool is_choice(struct gb_span text)
{
	return gb_span_starts(text, GB_SPAN("case ")) &&
	       gb_bytes_find_text(gb_span_sub(text, 0, PROMPT_MAX), GB_SPAN(" in "), 5) != SIZE_MAX &&
	       gb_bytes_find_text(text, GB_SPAN(";;"), 5) != SIZE_MAX;
}

/* @echo off and lines behind it; for %%f in (…): a sign that is doubled in files of commands only. */
static bool is_batch(struct gb_span text)
{
	return (gb_span_equal_nocase(gb_span_sub(text, 0, 9), GB_SPAN("@echo off")) &&
	               gb_bytes_find(gb_span_sub(text, 0, 11), '\n', 9) != SIZE_MAX) ||
	       gb_span_equal_nocase(gb_span_sub(text, 0, 13), GB_SPAN("if not exist ")) ||
	       gb_span_equal_nocase(gb_span_sub(text, 0, 7), GB_SPAN("for /f ")) ||
	       (gb_span_equal_nocase(gb_span_sub(text, 0, 4), GB_SPAN("for ")) &&
	               gb_bytes_find_text(gb_span_sub(text, 0, PROMPT_MAX), GB_SPAN(" %%"), 3) != SIZE_MAX);
}

bool gb_detect_is_snippet(struct gb_span text)
{
	return text.n > 12 &&
	       (gb_span_starts(text, GB_SPAN("#!/")) || gb_span_starts(text, GB_SPAN("# ")) ||
	               gb_span_starts(text, GB_SPAN("$ ")) || gb_span_starts(text, GB_SPAN("[ -")) ||
	               is_written_test(text) || is_choice(text) || is_batch(text) ||
	               (gb_span_starts(text, GB_SPAN("PS ")) &&
	                       gb_bytes_find_text(gb_span_sub(text, 0, 120), GB_SPAN("> "), 0) != SIZE_MAX) ||
	               is_timetable(text) || is_written_compound(text) || is_prompt(text));
}

/* What a snippet of this kind has no reason to hand anything to. */
static bool takes_commands(const struct gb_detect_simple *simple)
{
	static const char *const names[] = {"sh", "bash", "dash", "zsh", "ksh", "ash", "nc", "ncat", "netcat", "telnet",
	        "socat", "perl", "python", "python3", "ruby", "php", "node", "powershell", "pwsh", "cmd"};
	struct gb_span base = gb_span_basename(gb_span_of(simple->name, simple->name_n));

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (gb_span_equal(base, gb_span_cstr(names[i])))
			return true;
	return false;
}

/* What a snippet ends with when something failed. */
static bool says_only(const struct gb_detect_simple *simple)
{
	static const char *const names[] = {"echo", "exit", "true", "return", "printf"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (gb_span_equal(gb_span_of(simple->name, simple->name_n), gb_span_cstr(names[i])))
			return simple->expansions + simple->redirections == 0;
	return false;
}

/* python3 -m json.tool: what it is handed are no commands. */
static bool runs_module(struct gb_span text, const struct gb_detect_simple *simple)
{
	struct gb_span command = gb_span_sub(text, simple->name_at, simple->end - simple->name_at);

	return gb_span_starts(command, GB_SPAN("python")) &&
	       gb_bytes_find_text(command, GB_SPAN(" -m "), 0) != SIZE_MAX;
}

/* `a; b`, `a | b`, `a && b` with the blanks that people write. */
static bool is_written_operator(struct gb_span text, size_t at)
{
	const unsigned char c = text.p[at];
	const size_t n = at + 1 < text.n && text.p[at + 1] == c ? 2 : 1;

	if (at == 0 || at + n >= text.n || text.p[at + n] != ' ')
		return false;
	if (c == ';')
		return n == 1 && (gb_byte_is_name[text.p[at - 1]] ||
		                         gb_bytes_find(GB_SPAN(".*/"), text.p[at - 1], 0) != SIZE_MAX);
	return (c == '|' || (c == '&' && n == 2)) && text.p[at - 1] == ' ';
}

/* What an attacker reads first. */
static bool names_system(struct gb_span text, const struct gb_detect_simple *simple)
{
	struct gb_span command = gb_span_sub(text, simple->from, simple->end - simple->from);

	return gb_bytes_find_text(command, GB_SPAN("/etc/"), 0) != SIZE_MAX ||
	       gb_bytes_find_text(command, GB_SPAN("/proc/"), 0) != SIZE_MAX ||
	       gb_bytes_find_text(command, GB_SPAN("://"), 0) != SIZE_MAX ||
	       (simple->expansions != 0 && !gb_span_ends(command, GB_SPAN("$?")) &&
	               (!gb_span_starts(command, GB_SPAN("echo $")) || simple->by != GB_BY_START));
}

/* On a line of a timetable, which is all of the text: anything but what opens a way in, or comes from elsewhere. */
static bool is_scheduled(struct gb_span text, const struct gb_detect_simple *simple)
{
	static const char *const live[] = {"://", "/dev/tcp", "/etc/passwd", "/etc/shadow", "nc ", "ncat ", "socat ",
	        "telnet ", "base64", " -c ", " -e ", "curl ", "wget "};

	if (gb_bytes_find(gb_span_trim(text), '\n', 0) != SIZE_MAX ||
	        (takes_commands(simple) && simple->rooted == 0 && !(simple->is_path && simple->plain != 0)))
		return false;
	for (size_t i = 0; i < sizeof(live) / sizeof(live[0]); i++)
		if (gb_bytes_find_text(text, gb_span_cstr(live[i]), 0) != SIZE_MAX)
			return false;
	return true;
}

bool gb_detect_is_routine(const struct gb_detect_reading *reading, const struct gb_detect_simple *simple)
{
	struct gb_span text = reading->text;
	size_t at;

	if (text.n < SCHEDULE_MAX && is_timetable(text) && is_scheduled(text, simple))
		return true;

	if (takes_commands(simple) && !runs_module(text, simple))
		return false;
	switch (simple->by) {
	case GB_BY_START:
		/* What follows it decides. */
		for (at = simple->end; at < text.n && text.p[at] == ' ';)
			at++;
		if (at > simple->end && at + 2 < text.n && (text.p[at] == '|' || text.p[at + 1] == '&') &&
		        is_blank_at(text, at + (text.p[at] == text.p[at + 1] ? 2 : 1)))
			return true;
		return simple->is_ended && is_written_operator(text, simple->ended_at) && !names_system(text, simple);
	case GB_BY_AND:
	case GB_BY_PIPE:
		at = simple->from;
		return at > 0 && is_blank_at(text, at - 1) &&
		       is_blank_at(text, at + (text.p[at] == text.p[at + 1] ? 2 : 1));
	case GB_BY_SEMICOLON:
		if (is_written_operator(text, simple->from) && !names_system(text, simple))
			return true;
		/* Behind `then` and the like. */
		for (at = simple->from + 1; at < simple->name_at; at++)
			if (gb_ascii_is_alpha(text.p[at]))
				return true;
		return false;
	case GB_BY_NEWLINE: return true;
	case GB_BY_DOLLAR:
	case GB_BY_BACKTICK: return simple->words == 0;
	case GB_BY_OR:
		/* … || echo missing */
		return is_blank_at(text, simple->from + 2) && says_only(simple);
	case GB_BY_AMPERSAND:
	case GB_BY_PROCESS: break;
	}
	return false;
}
