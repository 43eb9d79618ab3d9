/* SPDX-License-Identifier: Apache-2.0 */
/* gambeson: dispatch. Finds the command of the words given, parses its options by its table, runs it. */
#include "cmd/gambeson/commands.h"
#include "cmd/gambeson/screen.h"

#include "base/cleanup.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct gb_command *const all_commands[] = {
        &gb_cmd_audit,
        &gb_cmd_backup,
        &gb_cmd_completion,
        &gb_cmd_events,
        &gb_cmd_exclusions,
        &gb_cmd_functions,
        &gb_cmd_ingest,
        &gb_cmd_inspect,
        &gb_cmd_layer,
        &gb_cmd_local,
        &gb_cmd_login,
        &gb_cmd_logout,
        &gb_cmd_policy,
        &gb_cmd_probe,
        &gb_cmd_profile,
        &gb_cmd_replay,
        &gb_cmd_rules,
        &gb_cmd_run,
        &gb_cmd_serve,
        &gb_cmd_tokens,
        &gb_cmd_users,
        &gb_cmd_version,
        NULL,
};

const struct gb_command gb_program = {
        .name = "",
        .summary = "gambeson: runtime protection for serverless functions",
        .children = all_commands,
        .notes = "'gambeson help COMMAND' describes one of them; docs/CLI.md tells what they are for.\n",
};

int gb_complain(const struct gb_command *command, enum gb_exit status, const char *format, ...)
{
	va_list args;

	fflush(stdout);
	fprintf(stderr, "gambeson%s%s: ", command->name[0] != '\0' ? " " : "", command->name);
	va_start(args, format);
	gb_screen_vprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	return (int)status;
}

bool gb_has_colour(int fd)
{
	const char *no_colour = getenv("NO_COLOR"), *terminal = getenv("TERM");

	return isatty(fd) == 1 && (no_colour == NULL || no_colour[0] == '\0') && terminal != NULL &&
	       strcmp(terminal, "dumb") != 0;
}

static const char *last_word(const struct gb_command *command)
{
	const char *space = strrchr(command->name, ' ');

	return space != NULL ? space + 1 : command->name;
}

static const struct gb_command *child_of_word(const struct gb_command *parent, const char *word)
{
	for (size_t i = 0; parent->children != NULL && parent->children[i] != NULL; i++)
		if (strcmp(last_word(parent->children[i]), word) == 0)
			return parent->children[i];
	return NULL;
}

static int unknown_command(const struct gb_command *parent, const char *word)
{
	const char *names[32];
	const char *nearest, *space = parent->name[0] != '\0' ? " " : "";
	size_t count = 0;

	while (count < 32 && parent->children[count] != NULL) {
		names[count] = last_word(parent->children[count]);
		count++;
	}
	nearest = gb_options_nearest(word, names, count);
	if (nearest != NULL)
		return gb_complain(parent, GB_EXIT_USAGE, "unknown command '%s'; did you mean '%s'?", word, nearest);
	return gb_complain(
	        parent, GB_EXIT_USAGE, "unknown command '%s'; see 'gambeson help%s%s'", word, space, parent->name);
}

static int print_help(const struct gb_command *command)
{
	gb_options_print_help(command);
	return GB_EXIT_OK;
}

static int run_command(const struct gb_command *command, int argc, char *const *argv)
{
	GB_CLEANUP(gb_freep) void *settings = calloc(1, command->settings_bytes + 1);
	struct gb_strings operands = {0};
	struct gb_diag diag = {0};
	int status, r;

	if (settings == NULL)
		return gb_complain(command, GB_EXIT_SYSTEM, "out of memory");
	r = gb_options_parse(command, argc, argv, settings, &operands, &diag);
	if (r == 0)
		status = command->run(command, settings, &operands);
	else if (r == 1)
		status = print_help(command);
	else if (r == -ENOMEM)
		status = gb_complain(command, GB_EXIT_SYSTEM, "out of memory");
	else
		status = gb_complain(command, GB_EXIT_USAGE, "%s", diag.message);
	gb_options_free(command, settings, &operands);
	return status;
}

static bool asks_for_help(const char *word)
{
	return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

static int dispatch(int argc, char *const *argv)
{
	const struct gb_command *command = &gb_program;
	bool is_help = argc > 1 && strcmp(argv[1], "help") == 0;
	int at = is_help ? 2 : 1;

	while (command->children != NULL && at < argc && argv[at][0] != '-') {
		const struct gb_command *child = child_of_word(command, argv[at]);

		if (child == NULL)
			return unknown_command(command, argv[at]);
		command = child;
		at++;
	}
	if (is_help)
		return print_help(command);
	if (command->run != NULL)
		return run_command(command, argc - at, argv + at);
	if (at < argc && asks_for_help(argv[at]))
		return print_help(command);
	if (at < argc && command == &gb_program && strcmp(argv[at], "--version") == 0)
		return run_command(&gb_cmd_version, 0, NULL);
	if (at < argc)
		return gb_complain(command, GB_EXIT_USAGE, "unknown option '%s'; see 'gambeson help%s%s'", argv[at],
		        command == &gb_program ? "" : " ", command->name);
	return gb_complain(command, GB_EXIT_USAGE, "a command is missing; see 'gambeson help%s%s'",
	        command == &gb_program ? "" : " ", command->name);
}

int main(int argc, char **argv)
{
	int status = dispatch(argc, argv);

	/* A full disk or a closed pipe must not look like success. */
	if (fflush(stdout) != 0 || ferror(stdout) != 0) {
		if (errno != EPIPE)
			fprintf(stderr, "gambeson: cannot write the output: %s\n", strerror(errno));
		return status == GB_EXIT_OK ? GB_EXIT_SYSTEM : status;
	}
	return status;
}
