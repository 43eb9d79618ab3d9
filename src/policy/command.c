/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/command.h"

/* Position in an argument list. */
struct cursor {
	struct gb_span rest;
	size_t index; /* of the argument that `next` gives */
};

static bool next(struct cursor *cursor, struct gb_span *ret_argument)
{
	size_t end;

	if (cursor->rest.n == 0)
		return false;
	end = gb_span_find_byte(cursor->rest, '\0', 0);
	*ret_argument = gb_span_sub(cursor->rest, 0, end);
	cursor->rest = gb_span_sub(cursor->rest, end == SIZE_MAX ? cursor->rest.n : end + 1, SIZE_MAX);
	cursor->index++;
	return true;
}

/* Programs that start the program named by their operands. */
struct starter {
	char name[8];
	char value_letters[4];  /* short options that take the next argument when nothing follows the letter */
	uint8_t operands;       /* of its own, before the program */
	bool takes_assignments; /* NAME=VALUE before the program */
};

static const struct starter starters[] = {
        {"env", "uC", 0, true},
        {"timeout", "ks", 1, false},
        {"nice", "n", 0, false},
        {"nohup", "", 0, false},
        {"setsid", "", 0, false},
        {"stdbuf", "ioe", 0, false},
        {"time", "fo", 0, false},
        {"busybox", "", 0, false},
        {"toybox", "", 0, false},
};

/* Long options of starters and of the dynamic linker whose value is the next argument. */
static const char long_with_value[] = "--unset\0"
                                      "--chdir\0"
                                      "--signal\0"
                                      "--kill-after\0"
                                      "--adjustment\0"
                                      "--input\0"
                                      "--output\0"
                                      "--error\0"
                                      "--format\0"
                                      "--library-path\0"
                                      "--preload\0"
                                      "--argv0\0"
                                      "--audit\0"
                                      "--inhibit-rpath\0"
                                      "--glibc-hwcaps-prepend\0"
                                      "--glibc-hwcaps-mask\0"
                                      "--rcfile\0"
                                      "--init-file\0";

struct interpreter {
	char name[7];          /* head of the basename: python3.11 is python */
	char letters[5];       /* short options whose value is program text */
	char value_letters[4]; /* short options that take another value */
};

static const struct interpreter interpreters[] = {
        {"node", "ep", "rC"},
        {"python", "c", "WXm"},
        {"pypy", "c", "WXm"},
        {"perl", "eE", "IM"},
        {"ruby", "e", "IrC"},
        {"php", "rBRE", "cdz"},
        {"lua", "e", "l"},
};

static const char long_code[][8] = {"--eval", "--print", "--run"};

static bool has_letter(struct gb_span letters, unsigned char c)
{
	return gb_span_find_byte(letters, c, 0) != SIZE_MAX;
}

static bool is_shell(struct gb_span program)
{
	struct gb_span name = gb_span_basename(program);

	/* A login shell's argv[0]. */
	if (gb_span_starts(name, GB_SPAN("-")))
		name = gb_span_sub(name, 1, SIZE_MAX);
	return gb_span_is_one_of(name, "sh\0bash\0dash\0ash\0zsh\0ksh\0ksh93\0mksh\0rbash\0yash\0");
}

static const struct interpreter *interpreter_of(struct gb_span program)
{
	struct gb_span name = gb_span_basename(program);

	if (gb_span_equal(name, GB_SPAN("nodejs")))
		return &interpreters[0];
	for (size_t i = 0; i < sizeof(interpreters) / sizeof(interpreters[0]); i++) {
		struct gb_span begins = gb_span_cstr(interpreters[i].name), version;

		if (!gb_span_starts(name, begins))
			continue;
		version = gb_span_sub(name, begins.n, SIZE_MAX);
		while (version.n > 0 && (gb_ascii_is_digit(version.p[0]) || version.p[0] == '.' || version.p[0] == '-'))
			version = gb_span_sub(version, 1, SIZE_MAX);
		if (version.n == 0)
			return &interpreters[i];
	}
	return NULL;
}

static const struct starter *starter_of(struct gb_span program)
{
	static const struct starter linker = {"ld", "", 0, false};
	struct gb_span name = gb_span_basename(program);

	if (gb_span_starts(name, GB_SPAN("ld-linux")) || gb_span_starts(name, GB_SPAN("ld-musl")) ||
	        (gb_span_starts(name, GB_SPAN("ld-")) && gb_span_ends(name, GB_SPAN(".so"))))
		return &linker;
	for (size_t i = 0; i < sizeof(starters) / sizeof(starters[0]); i++)
		if (gb_span_equal(gb_span_cstr(starters[i].name), name))
			return &starters[i];
	return NULL;
}

static bool is_option(struct gb_span argument)
{
	return argument.n >= 2 && argument.p[0] == '-';
}

static bool is_assignment(struct gb_span argument)
{
	return gb_span_find_byte(argument, '=', 0) != SIZE_MAX;
}

/* Whether ARGUMENT, an option, takes the next argument with it. */
static bool takes_next(struct gb_span argument, struct gb_span value_letters)
{
	if (gb_span_starts(argument, GB_SPAN("--")))
		return gb_span_is_one_of(argument, long_with_value);
	return has_letter(value_letters, argument.p[argument.n - 1]);
}

/* env's -S and --split-string: the value is a command line of its own. */
static bool is_split(const struct starter *starter, struct gb_span argument, struct gb_span *ret_inline)
{
	size_t s;

	if (!starter->takes_assignments)
		return false;
	if (gb_span_starts(argument, GB_SPAN("--split-string"))) {
		*ret_inline = gb_span_sub(argument, sizeof("--split-string=") - 1, SIZE_MAX);
		return true;
	}
	if (gb_span_starts(argument, GB_SPAN("--")))
		return false;
	s = gb_span_find_byte(argument, 'S', 1);
	*ret_inline = s == SIZE_MAX ? GB_SPAN_EMPTY : gb_span_sub(argument, s + 1, SIZE_MAX);
	return s != SIZE_MAX;
}

/* Pass over the arguments of STARTER itself. *ret_program is the program that it starts. */
static bool pass_starter(const struct starter *starter, struct cursor *cursor, struct gb_span *ret_program,
        struct gb_command_text *ret_split)
{
	unsigned operands = starter->operands;
	struct gb_span argument, text;
	bool options_ended = false;

	while (next(cursor, &argument)) {
		if (!options_ended && gb_span_equal(argument, GB_SPAN("--"))) {
			options_ended = true;
		} else if (!options_ended && is_option(argument)) {
			if (is_split(starter, argument, &text)) {
				if (text.n == 0 && !next(cursor, &text))
					return false;
				*ret_split = (struct gb_command_text){GB_COMMAND_SHELL, text, cursor->index - 1};
				return false;
			}
			if (takes_next(argument, gb_span_cstr(starter->value_letters)) && !next(cursor, &text))
				return false;
		} else if (starter->takes_assignments && is_assignment(argument)) {
			continue;
		} else if (operands > 0) {
			operands--;
		} else {
			*ret_program = argument;
			return true;
		}
	}
	return false;
}

/* sh [-abc…] [-o option] [+x] [--long] TEXT: TEXT is the first operand, if there was a c among the options. */
static struct gb_command_text shell_text(struct cursor *cursor)
{
	struct gb_span argument, value;
	bool has_c = false;

	while (next(cursor, &argument)) {
		if (gb_span_equal(argument, GB_SPAN("--")) || gb_span_equal(argument, GB_SPAN("-"))) {
			if (!has_c || !next(cursor, &argument))
				break;
			return (struct gb_command_text){GB_COMMAND_SHELL, argument, cursor->index - 1};
		}
		if (gb_span_starts(argument, GB_SPAN("--"))) {
			if (takes_next(argument, GB_SPAN_EMPTY))
				(void)next(cursor, &value);
			continue;
		}
		if (argument.n >= 2 && (argument.p[0] == '-' || argument.p[0] == '+')) {
			has_c = has_c || (argument.p[0] == '-' && has_letter(argument, 'c'));
			if (has_letter(argument, 'o') || has_letter(argument, 'O'))
				(void)next(cursor, &value);
			continue;
		}
		if (has_c)
			return (struct gb_command_text){GB_COMMAND_SHELL, argument, cursor->index - 1};
		break;
	}
	return (struct gb_command_text){0};
}

/* The value of a long option: behind its '=', or the next argument. */
static bool long_value(struct gb_span argument, struct cursor *cursor, struct gb_span *ret_text)
{
	for (size_t i = 0; i < sizeof(long_code) / sizeof(long_code[0]); i++) {
		struct gb_span option = gb_span_cstr(long_code[i]);

		if (gb_span_equal(argument, option))
			return next(cursor, ret_text);
		if (gb_span_starts(argument, option) && argument.p[option.n] == '=') {
			*ret_text = gb_span_sub(argument, option.n + 1, SIZE_MAX);
			return true;
		}
	}
	return false;
}

static struct gb_command_text interpreter_text(const struct interpreter *interpreter, struct cursor *cursor)
{
	struct gb_span argument, text;

	while (next(cursor, &argument)) {
		if (!is_option(argument) || gb_span_equal(argument, GB_SPAN("--")))
			break;
		if (gb_span_starts(argument, GB_SPAN("--"))) {
			if (long_value(argument, cursor, &text))
				return (struct gb_command_text){GB_COMMAND_CODE, text, cursor->index - 1};
			continue;
		}
		for (size_t i = 1; i < argument.n; i++) {
			text = gb_span_sub(argument, i + 1, SIZE_MAX);
			if (has_letter(gb_span_cstr(interpreter->letters), argument.p[i])) {
				/* node's -pe: the last letter's argument. */
				if (text.n == 1 && has_letter(gb_span_cstr(interpreter->letters), text.p[0]))
					continue;
				if (text.n == 0 && !next(cursor, &text))
					break;
				return (struct gb_command_text){GB_COMMAND_CODE, text, cursor->index - 1};
			}
			if (has_letter(gb_span_cstr(interpreter->value_letters), argument.p[i])) {
				if (text.n == 0)
					(void)next(cursor, &text);
				break;
			}
		}
	}
	return (struct gb_command_text){0};
}

struct gb_command_text gb_policy_command(const struct gb_activity *activity)
{
	struct cursor cursor = {.rest = activity->arguments};
	struct gb_command_text split = {0};
	struct gb_span program, name;

	if (!next(&cursor, &name))
		name = activity->subject;
	program = activity->subject;
	/* The file says what runs, unless one file is many programs: then argv[0] does. */
	if (!is_shell(program) && starter_of(program) == NULL && interpreter_of(program) == NULL)
		program = name;
	else if (is_shell(name) && starter_of(program) != NULL)
		program = name;
	/* Each round takes an argument: ends. */
	for (;;) {
		const struct starter *starter;
		const struct interpreter *interpreter;

		if (is_shell(program))
			return shell_text(&cursor);
		interpreter = interpreter_of(program);
		if (interpreter != NULL)
			return interpreter_text(interpreter, &cursor);
		starter = starter_of(program);
		if (starter == NULL || !pass_starter(starter, &cursor, &program, &split))
			return split;
	}
}
