/* SPDX-License-Identifier: Apache-2.0 */
/* gambeson completion: what shells complete, from the tables of all commands. */
#include "cmd/gambeson/commands.h"

#include <stdio.h>
#include <string.h>

/* Options and words that may follow COMMAND. */
static void print_words(const struct gb_command *command)
{
	for (size_t i = 0; command->children != NULL && command->children[i] != NULL; i++) {
		const char *name = command->children[i]->name, *space = strrchr(name, ' ');

		(void)printf(" %s", space != NULL ? space + 1 : name);
	}
	for (const struct gb_option *option = command->options; option != NULL && option->name != NULL; option++)
		(void)printf(" --%s", option->name);
	(void)fputs(" --help", stdout);
}

/* One line for each command: its words, '|', what may follow. Tables are two deep. */
static void print_table(const struct gb_command *command)
{
	(void)printf("%s|", command->name);
	print_words(command);
	(void)putchar('\n');
	for (size_t i = 0; command->children != NULL && command->children[i] != NULL; i++)
		print_table(command->children[i]);
}

static const char bash_head[] = "# bash: . <(gambeson completion bash)\n"
                                "_gambeson_table='";
static const char bash_tail[] =
        "'\n"
        "_gambeson() {\n"
        "\tlocal word=${COMP_WORDS[COMP_CWORD]} path= best= line i\n"
        "\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
        "\t\tcase ${COMP_WORDS[i]} in -*) continue ;; esac\n"
        "\t\twhile IFS= read -r line; do\n"
        "\t\t\t[ \"${line%%|*}\" = \"$path${path:+ }${COMP_WORDS[i]}\" ] && { path=${line%%|*}; break; }\n"
        "\t\tdone <<<\"$_gambeson_table\"\n"
        "\tdone\n"
        "\twhile IFS= read -r line; do [ \"${line%%|*}\" = \"$path\" ] && best=${line#*|}; done "
        "<<<\"$_gambeson_table\"\n"
        "\tmapfile -t COMPREPLY < <(compgen -W \"$best\" -- \"$word\")\n"
        "\t[ ${#COMPREPLY[@]} = 0 ] && mapfile -t COMPREPLY < <(compgen -f -- \"$word\")\n"
        "}\n"
        "complete -o filenames -F _gambeson gambeson\n";

static void print_fish(const struct gb_command *command, const char *condition)
{
	char under[256];

	for (size_t i = 0; command->children != NULL && command->children[i] != NULL; i++) {
		const struct gb_command *child = command->children[i];
		const char *space = strrchr(child->name, ' '), *name = space != NULL ? space + 1 : child->name;

		(void)printf("complete -c gambeson -n '%s' -f -a %s -d \"%s\"\n", condition, name, child->summary);
		if (space != NULL)
			(void)snprintf(under, sizeof(under),
			        "__fish_seen_subcommand_from %.*s; and __fish_seen_subcommand_from %s",
			        (int)(space - child->name), child->name, name);
		else
			(void)snprintf(under, sizeof(under), "__fish_seen_subcommand_from %s", name);
		for (const struct gb_option *option = child->options; option != NULL && option->name != NULL; option++)
			(void)printf("complete -c gambeson -n '%s' -l %s%s\n", under, option->name,
			        option->kind == GB_OPTION_FLAG ? "" : " -r");
		print_fish(child, under);
	}
}

static int run(const struct gb_command *self, void *settings, const struct gb_strings *operands)
{
	const char *shell = operands->items[0];

	(void)settings;
	if (strcmp(shell, "bash") == 0 || strcmp(shell, "zsh") == 0) {
		if (strcmp(shell, "zsh") == 0)
			(void)fputs(
			        "# zsh: . <(gambeson completion zsh)\nautoload -U +X bashcompinit && bashcompinit\n",
			        stdout);
		(void)fputs(bash_head, stdout);
		print_table(&gb_program);
		(void)fputs(bash_tail, stdout);
	} else if (strcmp(shell, "fish") == 0) {
		(void)fputs("# fish: gambeson completion fish | source\n", stdout);
		print_fish(&gb_program, "__fish_use_subcommand");
	} else {
		return gb_complain(
		        self, GB_EXIT_USAGE, "'%s' is no shell that is known here: bash, zsh or fish", shell);
	}
	return GB_EXIT_OK;
}

static const struct gb_option options[] = {{.name = NULL}};

const struct gb_command gb_cmd_completion = {
        .name = "completion",
        .summary = "print a completion script for a shell",
        .operands = "bash|zsh|fish",
        .operands_min = 1,
        .operands_max = 1,
        .options = options,
        .settings_bytes = 1,
        .run = run,
};
