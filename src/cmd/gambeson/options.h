/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd/gambeson/options: one table a command. The table drives parsing and `--help` (and completion, and the check of the
 * man page); the command's code gets a filled settings struct and never sees argv.
 *
 * A command is one `const struct gb_command gb_cmd_NAME` in its own file, declared in commands.h and listed in main.c:
 *
 *	struct settings { bool json; uint64_t count; const char *output; struct gb_strings events; };
 *	static const struct gb_option options[] = {
 *		GB_FLAG(struct settings, json, "json", "print JSON"),
 *		GB_NUMBER(struct settings, count, "count", "N", "how often", .minimum = 1, .maximum = 10, .fallback = 1),
 *		GB_TEXT(struct settings, output, "output", "FILE", "where to write", .letter = 'o'),
 *		GB_LIST(struct settings, events, "event", "FILE", "an event"),
 *		{.name = NULL},
 *	};
 *	const struct gb_command gb_cmd_thing = {.name = "thing", .summary = "…", .options = options,
 *		.settings_bytes = sizeof(struct settings), .run = run};
 */
#ifndef GB_CMD_OPTIONS_H
#define GB_CMD_OPTIONS_H

#include "base/diag.h"
#include "base/span.h"

#include <stddef.h>

enum gb_option_kind {
	GB_OPTION_FLAG,   /* bool; takes no value */
	GB_OPTION_TEXT,   /* const char *; NULL when absent */
	GB_OPTION_CHOICE, /* const char *, one of `choices`; NULL when absent */
	GB_OPTION_NUMBER, /* uint64_t within minimum…maximum; `fallback` when absent */
	GB_OPTION_LIST,   /* struct gb_strings; may be given again and again */
};

/* Strings in the order given. The array is malloc'ed and freed by main; the strings belong to argv. */
struct gb_strings {
	const char **items;
	size_t count;
};

struct gb_option {
	const char *name; /* without the dashes; NULL ends a table */
	char letter;      /* 0: none */
	enum gb_option_kind kind;
	const char *value_name; /* "FILE" in --help; NULL for flags */
	const char *help;
	size_t offset;              /* of the field in the settings struct */
	const char *const *choices; /* NULL-terminated */
	uint64_t minimum, maximum, fallback;
};

/* Rows of an option table: settings type, field, option name, value name, help; then designated extras. */
#define GB_ROW(row_kind, type, field, row_name, row_value, row_help, ...)                                              \
	{                                                                                                              \
		.name = (row_name), .kind = (row_kind), .value_name = (row_value), .help = (row_help),                 \
		.offset = offsetof(type, field), ##__VA_ARGS__                                                         \
	}
#define GB_FLAG(type, field, name, help, ...) GB_ROW(GB_OPTION_FLAG, type, field, name, NULL, help, ##__VA_ARGS__)
#define GB_TEXT(type, field, name, value, help, ...)                                                                   \
	GB_ROW(GB_OPTION_TEXT, type, field, name, value, help, ##__VA_ARGS__)
#define GB_CHOICE(type, field, name, value, help, ...)                                                                 \
	GB_ROW(GB_OPTION_CHOICE, type, field, name, value, help, ##__VA_ARGS__)
#define GB_NUMBER(type, field, name, value, help, ...)                                                                 \
	GB_ROW(GB_OPTION_NUMBER, type, field, name, value, help, ##__VA_ARGS__)
#define GB_LIST(type, field, name, value, help, ...)                                                                   \
	GB_ROW(GB_OPTION_LIST, type, field, name, value, help, ##__VA_ARGS__)

#define GB_OPERANDS_ANY SIZE_MAX

struct gb_command {
	const char *name;     /* all its words: "local invoke" */
	const char *summary;  /* one line, lower case, no full stop */
	const char *operands; /* as in the usage line: "[EVENT...]"; NULL: none */
	const char *notes;    /* behind the options in --help, whole lines; NULL: none */
	size_t operands_min, operands_max;
	bool is_launcher; /* the first operand ends the options: all behind it belongs to a program to run */
	const struct gb_option *options;
	size_t settings_bytes;
	/* SETTINGS is zeroed, then filled from the table; OPERANDS borrows argv. Result: enum gb_exit. */
	int (*run)(const struct gb_command *self, void *settings, const struct gb_strings *operands);
	const struct gb_command *const *children; /* NULL-terminated; a command has `run` or children */
};

/* Fill SETTINGS (settings_bytes, zeroed here) and *ret_operands from ARGV[0…]. Result: 0; 1 when --help was asked for;
 * -EINVAL with one line in DIAG; -ENOMEM. In every case gb_options_free() releases what was allocated. */
__attribute__((warn_unused_result)) int gb_options_parse(const struct gb_command *command, int argc, char *const *argv,
        void *settings, struct gb_strings *ret_operands, struct gb_diag *diag);
void gb_options_free(const struct gb_command *command, void *settings, struct gb_strings *operands);

/* The help text of one command, on standard output. */
void gb_options_print_help(const struct gb_command *command);

/* The next example of the command of this whole name, without "gambeson "; NULL: there are no more. *ref_at begins as 0. */
const char *gb_examples_next(const char *command, size_t *ref_at);

/* The nearest of COUNT names to WORD, if near enough to be a slip of the finger; else NULL. */
const char *gb_options_nearest(const char *word, const char *const *names, size_t count);

#endif
