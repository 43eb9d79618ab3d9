/* SPDX-License-Identifier: Apache-2.0 */
/* gambeson run: any program under the agent, in this terminal, with this environment. */
#include "cmd/gambeson/commands.h"
#include "cmd/gambeson/function.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

struct settings {
	struct gb_protection protection;
};

static const struct gb_option options[] = {
        GB_PROTECTION_OPTIONS(struct settings),
        {.name = NULL},
};

static int fill(const struct settings *settings, const struct gb_strings *operands, struct gb_words *argv,
        struct gb_words *environment, struct gb_diag *diag)
{
	const struct gb_protection *protection = &settings->protection;
	struct gb_parts parts;
	int r = gb_parts_find(&parts, protection->agent, protection->sensor, diag);

	for (char **variable = environ; *variable != NULL && r == 0; variable++)
		r = gb_words_add(environment, "%s", *variable);
	if (r == 0)
		r = gb_protection_apply(protection, &parts, environment, diag);
	if (r == 0)
		r = gb_words_add(argv, "%s", parts.agent);
	if (r == 0)
		r = gb_words_add(argv, "run");
	if (r == 0)
		r = gb_words_add(argv, "--");
	for (size_t i = 0; i < operands->count && r == 0; i++)
		r = gb_words_add(argv, "%s", operands->items[i]);
	return r;
}

static int run(const struct gb_command *self, void *settings_memory, const struct gb_strings *operands)
{
	struct gb_words argv = {0}, environment = {0};
	struct gb_diag diag = {0};
	int r = fill(settings_memory, operands, &argv, &environment, &diag);
	int status;

	if (r == 0) {
		(void)execve(argv.items[0], argv.items, environment.items);
		status = gb_complain(self, GB_EXIT_SYSTEM, "cannot start '%s': %s", argv.items[0], strerror(errno));
	} else if (r == -ENOENT || r == -EINVAL) {
		status = gb_complain(self, GB_EXIT_USAGE, "%s", diag.message);
	} else {
		status = gb_complain(self, GB_EXIT_SYSTEM, "%s", diag.message[0] != '\0' ? diag.message : strerror(-r));
	}
	gb_words_free(&argv);
	gb_words_free(&environment);
	return status;
}

const struct gb_command gb_cmd_run = {
        .name = "run",
        .summary = "run any program under the agent",
        .operands = "[--] PROGRAM [ARGUMENTS...]",
        .notes = "Exit status: the program's own, once it has been started.\n",
        .operands_min = 1,
        .operands_max = GB_OPERANDS_ANY,
        .is_launcher = true,
        .options = options,
        .settings_bytes = sizeof(struct settings),
        .run = run,
};
