/* SPDX-License-Identifier: Apache-2.0 */
/* One simple command: is it there because somebody put it there? */
#include "inspect/bytes.h"
#include "inspect/detect/command.h"

#define VARIABLE_LOOKUPS_MAX 16u

static unsigned evidence(const struct gb_detect_simple *simple)
{
	return simple->options + simple->paths + simple->expansions + simple->redirections;
}

/* No letters or digits stand in front of what introduced the command: the text begins by breaking out. */
static bool is_first_thing(const struct gb_detect_reading *reading, const struct gb_detect_simple *simple)
{
	return simple->from <= reading->first_alnum;
}

bool gb_detect_is_long(struct gb_detect_reading *reading)
{
	gb_detect_measure(reading);
	return reading->prose_words > 24 || (reading->lines > 6 && reading->prose_words > 10);
}

static bool is_upper_case(struct gb_span word)
{
	for (size_t i = 0; i < word.n; i++)
		if (!(word.p[i] >= 'A' && word.p[i] <= 'Z') && word.p[i] != '_')
			return false;
	return word.n > 1;
}

/* Blanks on both sides of the substitution. */
static bool is_apart(const struct gb_detect_reading *reading, const struct gb_detect_simple *simple)
{
	struct gb_span text = reading->text;

	return simple->from > 0 && gb_ascii_is_space(text.p[simple->from - 1]) && simple->end + 1 < text.n &&
	       gb_ascii_is_space(text.p[simple->end + 1]);
}

static bool judge_substitution(
        struct gb_detect_reading *reading, const struct gb_detect_simple *simple, enum gb_command_name kind)
{
	if (simple->by == GB_BY_BACKTICK && (gb_detect_is_inline_code(reading, simple, kind) || reading->lines > 6))
		return false;
	if (simple->by == GB_BY_DOLLAR && gb_detect_is_in_code_span(reading, simple))
		return false;
	/* A word of a sentence, or a variable of make. */
	if (simple->words == 0 && simple->redirections == 0 && simple->by == GB_BY_DOLLAR && simple->pieces == 1 &&
	        (is_upper_case(gb_span_sub(reading->text, simple->name_at, simple->end - simple->name_at)) ||
	                (reading->prose_words >= 4 && is_apart(reading, simple))))
		return false;
	if (gb_detect_is_disguised(simple, kind))
		return gb_detect_convict(reading, "shell_substitution_disguised", simple->from, simple->end);
	if (kind >= GB_NAME_COMMAND && simple->prose == 0 && !(gb_detect_is_long(reading) && evidence(simple) == 0))
		return gb_detect_convict(reading, "shell_substitution_command", simple->from, simple->end);
	if (kind == GB_NAME_WORD &&
	        (simple->words == 0 || evidence(simple) > 0 || (simple->words == 1 && reading->prose_words <= 2)) &&
	        !gb_detect_is_long(reading))
		return gb_detect_convict(reading, "shell_substitution_command", simple->from, simple->end);
	if (!simple->has_word && simple->redirections > 0)
		return gb_detect_convict(reading, "shell_substitution_file", simple->from, simple->end);
	if (simple->has_word && simple->name_n == 0 && simple->has_expansion && simple->by != GB_BY_PROCESS)
		return gb_detect_convict(reading, "shell_substitution_nested", simple->from, simple->end);
	if (kind == GB_NAME_UNKNOWN && (simple->by != GB_BY_BACKTICK || reading->prose_words <= 3) &&
	        gb_detect_is_shell_shaped(reading, simple))
		return gb_detect_convict(reading, "shell_substitution_shape", simple->from, simple->end);
	if (simple->has_expansion && simple->name_n > 0 && simple->paths + simple->options > 0 &&
	        !gb_detect_is_long(reading))
		return gb_detect_convict(reading, "shell_substitution_disguised", simple->from, simple->end);
	return simple->options > 0 && simple->plain == 0 && simple->has_word && !gb_detect_is_long(reading) &&
	       simple->by != GB_BY_BACKTICK &&
	       gb_detect_convict(reading, "shell_substitution_command", simple->from, simple->end);
}

/* Whether the text says NAME= before it uses $NAME. */
static bool is_set_before(struct gb_detect_reading *reading, const struct gb_detect_simple *simple)
{
	struct gb_span name = gb_span_sub(reading->text, simple->name_at + 1, 0);
	struct gb_span before = gb_span_sub(reading->text, 0, simple->from);
	size_t at;

	/* Each look-up reads the text: a text of nothing but variables must not make that quadratic. */
	while (simple->name_at + 1 + name.n < simple->end &&
	        (gb_ascii_is_alpha(name.p[name.n]) || gb_ascii_is_digit(name.p[name.n]) || name.p[name.n] == '_'))
		name.n++;
	if (!simple->is_variable || name.n == 0 || name.n >= 32 || reading->lookups++ >= VARIABLE_LOOKUPS_MAX)
		return false;
	at = gb_bytes_find_text(before, name, 0);

	return at != SIZE_MAX && at + name.n < before.n && before.p[at + name.n] == '=';
}

/* A value that no sentence or table has: 127.0.0.1, a@b.example, /x/y. */
static bool is_address(struct gb_span value)
{
	return gb_bytes_find(value, '@', 0) != SIZE_MAX || gb_bytes_find(value, '/', 0) != SIZE_MAX ||
	       (gb_bytes_find(value, '.', 0) != SIZE_MAX &&
	               gb_bytes_find(value, '.', gb_bytes_find(value, '.', 0) + 1) != SIZE_MAX);
}

/* `;date`, `| net user`, `5&start calc`: a word of English, but nothing of a sentence or of a table is around it. */
static bool is_bare_command(
        const struct gb_detect_reading *reading, const struct gb_detect_simple *simple, bool is_tight)
{
	size_t end = simple->end;
	struct gb_span rest = gb_span_trim(gb_span_sub(reading->text, end, SIZE_MAX));

	if (simple->has_upper || simple->name_n < 3 || simple->prose > 0 || reading->breaks > 3)
		return false;
	for (size_t i = 0; i < rest.n; i++)
		if (gb_ascii_is_alpha(rest.p[i]) || gb_ascii_is_digit(rest.p[i]))
			return rest.p[0] == '#';
	if (simple->words == simple->numbers)
		return is_tight || rest.n != 0 || is_address(gb_span_sub(reading->text, 0, simple->from));
	/* & host x1.example.net & */
	if (simple->words - simple->numbers == 1 && simple->plain == 0 &&
	        (is_first_thing(reading, simple) || is_tight) &&
	        is_address(gb_span_trim(gb_span_sub(reading->text, simple->name_at, end - simple->name_at))))
		return true;
	/* & type web.config */
	if (simple->words == 1 && simple->plain == 0 && simple->numbers == 0 && reading->prose_words <= 2 &&
	        is_first_thing(reading, simple) && reading->breaks <= 2)
		return true;
	return simple->words == 1 && simple->plain == 1 && reading->prose_words <= 2 &&
	       (is_tight || simple->by != GB_BY_SEMICOLON);
}

/* One word, of any kind, stands in front of what introduced the command. */
static bool is_behind_one_word(const struct gb_detect_reading *reading, const struct gb_detect_simple *simple)
{
	return simple->from != 0 && simple->from <= reading->head_end;
}

static bool judge_separated(
        struct gb_detect_reading *reading, const struct gb_detect_simple *simple, enum gb_command_name kind)
{
	const bool is_first = is_first_thing(reading, simple);
	const bool is_tight = simple->name_at > 0 && !gb_ascii_is_space(reading->text.p[simple->name_at - 1]);
	const bool is_short = reading->prose_words <= 4;
	const unsigned plain_max = is_first ? 4 : 2;
	const unsigned proof = evidence(simple) + (is_first ? simple->quoted : 0);
	const bool is_placed = is_first || gb_detect_is_behind_value(reading, simple);

	/* ; ls is what the unit is called */
	if (simple->glue != 0 && proof == 0 && kind < GB_NAME_CERTAIN && simple->words >= 2)
		return false;
	if (kind < GB_NAME_CERTAIN && gb_detect_is_fenced(reading->text))
		return false;
	if (reading->is_list || gb_detect_is_joined_word(reading, simple, kind) ||
	        (!is_placed && gb_detect_is_spoken_of(reading, simple)) || gb_detect_is_in_code_span(reading, simple))
		return false;
	if ((simple->prose > 0 && !is_first) || (simple->is_capitalised && proof == 0))
		return false;
	if (simple->by == GB_BY_PIPE && kind < GB_NAME_CERTAIN && simple->words == 0 && !is_tight &&
	        reading->pipes >= 3)
		return false;
	if (gb_detect_is_disguised(simple, kind) && !gb_detect_is_long(reading))
		return gb_detect_convict(reading, "shell_separator_disguised", simple->from, simple->end);
	if (gb_detect_is_long(reading) &&
	        (reading->lines > 8 || kind < GB_NAME_COMMAND || proof == 0 || simple->plain > 0))
		return false;
	if (kind == GB_NAME_CERTAIN && (proof > 0 || simple->words <= 1 || is_placed || is_short) && simple->plain <= 4)
		return gb_detect_convict(reading, "shell_separator_command", simple->from, simple->end);
	if (kind == GB_NAME_COMMAND && proof == 0 && !is_first && gb_detect_is_only_named(reading, simple, is_placed))
		return false;
	if (kind == GB_NAME_COMMAND &&
	        ((proof > 0 && simple->plain <= 4) || ((is_first || is_tight || is_short) && simple->plain <= 3)))
		return gb_detect_convict(reading, "shell_separator_command", simple->from, simple->end);
	if (kind == GB_NAME_WORD && proof > 0 && simple->plain <= plain_max && (is_first || is_tight || is_short))
		return gb_detect_convict(reading, "shell_separator_command", simple->from, simple->end);
	if (kind == GB_NAME_WORD && is_placed && is_bare_command(reading, simple, is_tight))
		return gb_detect_convict(reading, "shell_separator_command", simple->from, simple->end);
	if (kind == GB_NAME_WORD && is_behind_one_word(reading, simple) &&
	        (simple->switches > 0 || gb_detect_has_verb(reading, simple)) && simple->plain <= 4)
		return gb_detect_convict(reading, "shell_separator_command", simple->from, simple->end);
	if (simple->has_expansion && simple->name_n == 0 &&
	        (reading->has_assignment || simple->runs_argument || is_set_before(reading, simple)))
		return gb_detect_convict(reading, "shell_variable_command", simple->from, simple->end);
	/* ;$SHELL -c x */
	if (simple->is_variable && simple->switches > 0 && (is_tight || is_placed) && reading->prose_words <= 2)
		return gb_detect_convict(reading, "shell_variable_command", simple->from, simple->end);
	if (simple->has_expansion && simple->name_n > 0 && (is_tight || is_placed) &&
	        simple->expansions + simple->paths > 0)
		return gb_detect_convict(reading, "shell_separator_disguised", simple->from, simple->end);
	if (kind == GB_NAME_UNKNOWN && gb_detect_is_shell_shaped(reading, simple))
		return gb_detect_convict(reading, "shell_separator_shape", simple->from, simple->end);
	return kind == GB_NAME_UNKNOWN && simple->has_word && simple->options > 0 && is_first && simple->plain <= 3 &&
	       simple->name_n > 1 && gb_detect_convict(reading, "shell_separator_option", simple->from, simple->end);
}

/* `echo = /green`: a setting of that name. */
static bool is_assigned(const struct gb_detect_reading *reading, const struct gb_detect_simple *simple)
{
	size_t at = simple->name_at + simple->name_n;

	while (at < reading->text.n && (reading->text.p[at] == ' ' || reading->text.p[at] == '\t'))
		at++;
	return at + 1 < reading->text.n && reading->text.p[at] == '=' &&
	       (reading->text.p[at + 1] == ' ' || reading->text.p[at + 1] == '\t');
}

static bool judge_newline(
        struct gb_detect_reading *reading, const struct gb_detect_simple *simple, enum gb_command_name kind)
{
	if (gb_detect_is_fenced(reading->text))
		return false;
	if (is_first_thing(reading, simple)) {
		/* Markup and queries open a brace, then begin a line: { \n id \n }. */
		if (reading->first_brace < simple->from)
			return false;
		return judge_separated(reading, simple, kind);
	}
	/* Apt 3: a line of an address; Unix tells capitals from small letters. */
	if (simple->is_capitalised || reading->is_list || is_assigned(reading, simple))
		return false;
	if (reading->lines > 4 || simple->prose > 0 || reading->prose_words > 8 || gb_detect_is_recipe(reading, simple))
		return false;
	if (kind == GB_NAME_UNKNOWN)
		return (gb_detect_is_disguised(simple, kind) || gb_detect_is_shell_shaped(reading, simple)) &&
		       gb_detect_convict(reading, "shell_newline_shape", simple->from, simple->end);
	if (kind == GB_NAME_COMMAND && evidence(simple) == 0 &&
	        gb_detect_is_only_named(reading, simple, gb_detect_is_behind_value(reading, simple)))
		return false;
	if (kind == GB_NAME_COMMAND && reading->lines <= 3 && simple->plain <= 1 && simple->words <= 3 &&
	        gb_detect_is_behind_value(reading, simple))
		return gb_detect_convict(reading, "shell_newline_command", simple->from, simple->end);
	if (kind == GB_NAME_WORD && (simple->switches + simple->rooted == 0 || simple->plain > 0 ||
	                                    !gb_detect_is_behind_value(reading, simple)))
		return false;
	if (simple->plain > (kind == GB_NAME_CERTAIN || evidence(simple) > 0))
		return false;
	if (evidence(simple) + simple->numbers == 0 && kind < GB_NAME_CERTAIN &&
	        (simple->words > 0 || reading->prose_words > 3))
		return false;
	return gb_detect_convict(reading, "shell_newline_command", simple->from, simple->end);
}

/* {cat,/etc/passwd}: the first item a program, another one an argument; {id,name} lists words. */
static bool is_brace_command(const struct gb_detect_simple *simple, enum gb_command_name kind)
{
	struct gb_span name = gb_span_of(simple->name, simple->name_n);
	size_t comma = gb_bytes_find(name, ',', 0);

	if (kind == GB_NAME_CERTAIN)
		return true;
	for (; comma != SIZE_MAX; comma = gb_bytes_find(name, ',', comma + 1)) {
		unsigned char c = comma + 1 < name.n ? name.p[comma + 1] : 0;

		if (c == '/' || c == '-' || c == '~')
			return gb_ascii_is_alpha(name.p[1]);
		if (kind != GB_NAME_UNKNOWN && !gb_ascii_is_alpha(c))
			return true;
	}
	return false;
}

/* sh -c '…', powershell -enc …: a shell that is handed its commands. */
static bool is_interpreter_with_code(const struct gb_detect_reading *reading, const struct gb_detect_simple *simple)
{
	struct gb_span text = reading->text;
	struct gb_span base = gb_span_basename(gb_span_of(simple->name, simple->name_n));
	const bool is_power = gb_span_starts(base, GB_SPAN("powershell")) || gb_span_starts(base, GB_SPAN("pwsh"));
	size_t at;

	if (!simple->has_word || simple->words < 2 || reading->prose_words > 12 || simple->prose > 0 ||
	        (!is_power && !gb_span_ends(base, GB_SPAN("sh"))))
		return false;
	at = gb_bytes_find_text(gb_span_sub(text, 0, simple->end), GB_SPAN(" -"), simple->name_at);
	if (at == SIZE_MAX || at + 3 >= text.n)
		return false;
	if (is_power)
		return gb_bytes_find(GB_SPAN("ceEnwCNW"), text.p[at + 2], 0) != SIZE_MAX;
	return base.n >= 2 && base.n <= 4 && gb_span_ends(base, GB_SPAN("sh")) && simple->quoted > 0 &&
	       gb_bytes_find(gb_span_sub(text, at, 5), 'c', 0) != SIZE_MAX &&
	       (text.p[at + 3] == ' ' || text.p[at + 4] == ' ') && gb_detect_command_name(base) != GB_NAME_UNKNOWN;
}

/* Nothing introduced it: the whole text would have to be the command. Only what no plain text looks like. */
static bool judge_start(
        struct gb_detect_reading *reading, const struct gb_detect_simple *simple, enum gb_command_name kind)
{
	struct gb_span name = gb_span_of(simple->name, simple->name_n);

	/* {"a":1}#/route: a shell expands what has a comma. */
	if (simple->has_braces && simple->name[0] == '{' && gb_bytes_find(name, ',', 0) == SIZE_MAX)
		return false;
	if (simple->has_braces && simple->name[0] == '{' && simple->words == 0 && is_brace_command(simple, kind))
		return gb_detect_convict(reading, "shell_brace_command", simple->from, simple->end);
	if (gb_detect_is_long(reading))
		return false;
	if (simple->is_variable && simple->redirections > 0)
		return gb_detect_convict(reading, "shell_variable_command", simple->from, simple->end);
	/* /b?n/c?t /etc/passwd */
	if (kind == GB_NAME_UNKNOWN && gb_detect_is_disguised(simple, kind) && simple->plain == 0 &&
	        simple->rooted + simple->switches + simple->expansions > 0)
		return gb_detect_convict(reading, "shell_disguised_command", simple->from, simple->end);
	if (kind != GB_NAME_UNKNOWN && simple->has_glob && simple->is_path && simple->name[0] == '/' &&
	        simple->words > 0 && simple->plain == 0)
		return gb_detect_convict(reading, "shell_disguised_command", simple->from, simple->end);
	if (is_interpreter_with_code(reading, simple))
		return gb_detect_convict(reading, "shell_interpreter", simple->from, simple->end);
	if (simple->is_path && simple->name[0] == '/' && simple->options > 0 && kind >= GB_NAME_COMMAND &&
	        simple->prose == 0)
		return gb_detect_convict(reading, "shell_program_command", simple->from, simple->end);
	if (kind != GB_NAME_UNKNOWN && gb_detect_is_disguised(simple, kind) && simple->is_path && simple->options > 0)
		return gb_detect_convict(reading, "shell_disguised_command", simple->from, simple->end);
	if (kind == GB_NAME_UNKNOWN)
		return false;
	/* curl | bash: a way to install that people talk of; without an address it fetches nothing. */
	if (simple->is_ended && simple->words == 0 &&
	        (gb_span_equal(name, GB_SPAN("curl")) || gb_span_equal(name, GB_SPAN("wget"))))
		return false;
	if (simple->is_ended && reading->text.p[0] != '<' && !reading->is_list &&
	        ((kind == GB_NAME_CERTAIN && simple->words == 0) ||
	                (kind >= GB_NAME_COMMAND && evidence(simple) > 0)) &&
	        simple->plain <= 1 && simple->prose == 0 && !simple->is_capitalised)
		return gb_detect_convict(reading, "shell_command_list", simple->from, simple->end);
	if (simple->has_quotes && kind == GB_NAME_WORD && simple->pieces > 2 && simple->rooted + simple->switches > 0)
		return gb_detect_convict(reading, "shell_disguised_command", simple->from, simple->end);
	if (simple->has_quotes && kind >= GB_NAME_COMMAND &&
	        (simple->pieces > 2 || (simple->pieces > 1 && evidence(simple) > 0)))
		return gb_detect_convict(reading, "shell_disguised_command", simple->from, simple->end);
	if (simple->has_escapes && kind >= GB_NAME_WORD && evidence(simple) > 0)
		return gb_detect_convict(reading, "shell_disguised_command", simple->from, simple->end);
	/* Sleep$Script6 */
	return simple->has_expansion && simple->name_n > 1 && !simple->is_capitalised &&
	       (kind >= GB_NAME_COMMAND || simple->rooted + simple->switches > 0) &&
	       gb_detect_convict(reading, "shell_disguised_command", simple->from, simple->end);
}

/* A word that no rule minds as long as it is no program's name. */
static bool is_plain_word(const struct gb_detect_simple *simple)
{
	return simple->has_word && !simple->has_glob && !simple->has_expansion && !simple->is_path &&
	       !simple->has_escapes && !simple->has_braces &&
	       simple->options + simple->rooted + simple->redirections + simple->expansions == 0;
}

#define COMMAND_STEPS 512u

bool gb_detect_judge(struct gb_detect_reading *reading, const struct gb_detect_simple *simple)
{
	enum gb_command_name kind;
	struct gb_span name = gb_span_of(simple->name, simple->name_n);

	if (!simple->has_word && simple->redirections == 0)
		return false;
	if (gb_detect_is_row(reading->text, simple))
		return false;
	/* a (b || c): behind a word, a bracket is an error to every shell but Windows', and nothing of the line is run. */
	if (reading->is_torn && simple->by <= GB_BY_PIPE && simple->name_n != 0 && !simple->has_expansion &&
	        !gb_detect_is_of_windows(gb_span_of(simple->name, simple->name_n)))
		return false;
	if (!gb_detect_spend(reading->work, COMMAND_STEPS))
		return false;
	if (simple->by >= GB_BY_SEMICOLON && simple->by <= GB_BY_NEWLINE && gb_detect_is_in_tag(reading, simple))
		return false;
	kind = gb_detect_simple_kind(simple);
	if (simple == &reading->levels[0] || simple->by >= GB_BY_DOLLAR)
		gb_detect_note_script(reading);
	if (reading->function.n != 0 && simple->name_n != 0 && gb_span_equal_nocase(name, reading->function)) {
		reading->self_calls++;
		reading->is_self_joined |= simple->by == GB_BY_PIPE || simple->by == GB_BY_AMPERSAND;
	}
	if (reading->self_calls >= 2 && reading->is_self_joined)
		return gb_detect_convict(reading, "shell_fork_bomb", 0, simple->end);
	/* f(){ …; };f */
	if (reading->function.n != 0 && simple->by == GB_BY_SEMICOLON && simple->words == 0 && simple->pieces == 1 &&
	        simple->from > 0 && reading->text.p[simple->from - 1] == '}' &&
	        gb_span_equal_nocase(name, reading->function) && !gb_detect_is_long(reading))
		return gb_detect_convict(reading, "shell_function_call", simple->from, simple->end);
	if (kind == GB_NAME_UNKNOWN && is_plain_word(simple))
		return false;
	gb_detect_measure(reading);
	if (reading->is_script && !gb_detect_is_disguised(simple, kind) && gb_detect_is_routine(reading, simple))
		return false;
	switch (simple->by) {
	case GB_BY_START: return judge_start(reading, simple, kind);
	case GB_BY_NEWLINE: return judge_newline(reading, simple, kind);
	case GB_BY_SEMICOLON:
	case GB_BY_AMPERSAND:
	case GB_BY_AND:
	case GB_BY_OR:
	case GB_BY_PIPE: return judge_separated(reading, simple, kind);
	case GB_BY_DOLLAR:
	case GB_BY_BACKTICK:
	case GB_BY_PROCESS: return judge_substitution(reading, simple, kind);
	}
	return false;
}
