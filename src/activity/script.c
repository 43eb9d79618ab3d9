/* SPDX-License-Identifier: Apache-2.0 */
#include "activity/script.h"

/* An interpreter: how its name begins (a version may follow), which letters of short options hold code or a module,
 * and which take the next argument as their value. */
struct interpreter {
	char name[7];
	char code[3];
	char value[4];
};

static const struct interpreter interpreters[] = {
        {"sh", "c", "oO"},
        {"bash", "c", "oO"},
        {"dash", "c", "o"},
        {"ash", "c", "o"},
        {"zsh", "c", "o"},
        {"ksh", "c", "o"},
        {"python", "cm", "WX"},
        {"pypy", "cm", "WX"},
        {"perl", "eE", ""},
        {"ruby", "e", "rI"},
        {"node", "ep", "rC"},
        {"php", "r", "cdz"},
        {"lua", "e", "l"},
        {"tclsh", "", ""},
};

static bool is_version(struct gb_span rest)
{
	for (size_t i = 0; i < rest.n; i++)
		if (!gb_ascii_is_digit(rest.p[i]) && rest.p[i] != '.' && rest.p[i] != '-')
			return false;
	return true;
}

static const struct interpreter *interpreter_of(struct gb_span path)
{
	struct gb_span name = gb_span_basename(path);

	if (gb_span_equal(name, GB_SPAN("nodejs")))
		name.n = 4;
	for (size_t i = 0; i < sizeof(interpreters) / sizeof(interpreters[0]); i++) {
		struct gb_span begins = gb_span_cstr(interpreters[i].name);

		if (gb_span_starts(name, begins) && is_version(gb_span_sub(name, begins.n, name.n)))
			return &interpreters[i];
	}
	return NULL;
}

static struct gb_span next_argument(struct gb_span *rest)
{
	struct gb_span argument = gb_span_sub(*rest, 0, gb_span_find_byte(*rest, '\0', 0));

	*rest = gb_span_sub(*rest, argument.n + 1, rest->n);
	return argument;
}

static bool has_letter(const char *letters, unsigned char c)
{
	return gb_span_find_byte(gb_span_cstr(letters), c, 0) != SIZE_MAX;
}

enum option {
	OPTION_PLAIN = 0,
	OPTION_CODE,
	OPTION_WITH_VALUE, /* in the next argument */
	OPTION_INPUT,
};

static enum option option_of(const struct interpreter *interpreter, struct gb_span option)
{
	if (gb_span_starts(option, GB_SPAN("--")))
		return gb_span_starts(option, GB_SPAN("--eval")) || gb_span_starts(option, GB_SPAN("--print")) ||
		                       gb_span_starts(option, GB_SPAN("--run"))
		               ? OPTION_CODE
		               : OPTION_PLAIN;
	for (size_t i = 1; i < option.n; i++) {
		if (has_letter(interpreter->code, option.p[i]))
			return OPTION_CODE;
		if (has_letter(interpreter->value, option.p[i]))
			return i + 1 == option.n ? OPTION_WITH_VALUE : OPTION_PLAIN;
		if (option.p[i] == 's' && has_letter(interpreter->value, 'o'))
			return OPTION_INPUT;
	}
	return OPTION_PLAIN;
}

enum gb_script_place gb_script_of(struct gb_span program, struct gb_span arguments, struct gb_span *ret_file)
{
	struct gb_span rest = arguments, first = next_argument(&rest);
	const struct interpreter *interpreter = interpreter_of(program);

	if (interpreter == NULL)
		interpreter = interpreter_of(first);
	if (interpreter == NULL)
		return GB_SCRIPT_NONE;
	while (rest.n != 0) {
		struct gb_span argument = next_argument(&rest);
		bool is_end = gb_span_equal(argument, GB_SPAN("--"));

		if (is_end && rest.n == 0)
			break;
		if (is_end)
			argument = next_argument(&rest);
		if (!is_end && gb_span_equal(argument, GB_SPAN("-")))
			return GB_SCRIPT_INPUT;
		if (is_end || argument.n == 0 || (argument.p[0] != '-' && argument.p[0] != '+')) {
			*ret_file = argument;
			return GB_SCRIPT_FILE;
		}
		switch (option_of(interpreter, argument)) {
		case OPTION_CODE: return GB_SCRIPT_NONE;
		case OPTION_INPUT: return GB_SCRIPT_INPUT;
		case OPTION_WITH_VALUE: (void)next_argument(&rest); break;
		case OPTION_PLAIN: break;
		}
	}
	return GB_SCRIPT_INPUT;
}
