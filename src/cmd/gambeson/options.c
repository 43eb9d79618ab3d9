/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/gambeson/options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HELP_COLUMN        26
#define NEAREST_NAME_BYTES 32u

/* Add to LIST; LIST owns the array only. Returns 0 or -ENOMEM. */
static int add_string(struct gb_strings *list, const char *item)
{
	const char **grown = reallocarray(list->items, list->count + 1, sizeof(*grown));

	if (grown == NULL)
		return -ENOMEM;
	list->items = grown;
	list->items[list->count++] = item;
	return 0;
}

/* Edit distance of two short words: insertions, deletions and changed letters. */
static size_t distance(const char *a, const char *b)
{
	size_t row[NEAREST_NAME_BYTES + 1];
	size_t a_n = strlen(a), b_n = strlen(b);

	if (a_n > NEAREST_NAME_BYTES || b_n > NEAREST_NAME_BYTES)
		return SIZE_MAX;
	for (size_t j = 0; j <= b_n; j++)
		row[j] = j;
	for (size_t i = 1; i <= a_n; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= b_n; j++) {
			size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
			size_t least = row[j] < row[j - 1] ? row[j] + 1 : row[j - 1] + 1;

			diagonal = row[j];
			row[j] = changed < least ? changed : least;
		}
	}
	return row[b_n];
}

const char *gb_options_nearest(const char *word, const char *const *names, size_t count)
{
	const char *best = NULL;
	size_t best_distance = strlen(word) / 3 + 1;

	for (size_t i = 0; i < count; i++) {
		size_t d = distance(word, names[i]);

		if (strncmp(names[i], word, strlen(word)) == 0 && strlen(word) >= 3)
			d = 0;
		if (d <= best_distance && (best == NULL || d < best_distance)) {
			best = names[i];
			best_distance = d;
		}
	}
	return best;
}

static const struct gb_option *option_of_name(const struct gb_command *command, struct gb_span name)
{
	for (const struct gb_option *o = command->options; o != NULL && o->name != NULL; o++)
		if (gb_span_equal(gb_span_cstr(o->name), name))
			return o;
	return NULL;
}

static const struct gb_option *option_of_letter(const struct gb_command *command, char letter)
{
	for (const struct gb_option *o = command->options; o != NULL && o->name != NULL; o++)
		if (o->letter != 0 && o->letter == letter)
			return o;
	return NULL;
}

static int unknown_option(const struct gb_command *command, const char *word, struct gb_diag *diag)
{
	const char *names[64] = {"help"};
	const char *nearest;
	size_t count = 1;

	for (const struct gb_option *o = command->options; o != NULL && o->name != NULL && count < 64; o++)
		names[count++] = o->name;
	nearest = strncmp(word, "--", 2) == 0 ? gb_options_nearest(word + 2, names, count) : NULL;
	if (nearest != NULL)
		return gb_diag_set(diag, -EINVAL, 0, 0, "unknown option '%s'; did you mean '--%s'?", word, nearest);
	return gb_diag_set(diag, -EINVAL, 0, 0, "unknown option '%s'; see 'gambeson %s --help'", word, command->name);
}

static int set_choice(const struct gb_option *o, const char **field, const char *value, struct gb_diag *diag)
{
	char all[160] = "";
	size_t used = 0;

	for (size_t i = 0; o->choices[i] != NULL; i++) {
		if (strcmp(o->choices[i], value) == 0) {
			*field = o->choices[i];
			return 0;
		}
		if (used < sizeof(all))
			used += (size_t)snprintf(
			        all + used, sizeof(all) - used, "%s'%s'", i == 0 ? "" : ", ", o->choices[i]);
	}
	return gb_diag_set(diag, -EINVAL, 0, 0, "--%s: '%s' is not one of %s", o->name, value, all);
}

static int set_number(const struct gb_option *o, uint64_t *field, const char *value, struct gb_diag *diag)
{
	uint64_t number;

	if (!gb_span_to_u64(gb_span_cstr(value), &number) || number < o->minimum || number > o->maximum)
		return gb_diag_set(diag, -EINVAL, 0, 0, "--%s: '%s' is not a whole number from %llu to %llu", o->name,
		        value, (unsigned long long)o->minimum, (unsigned long long)o->maximum);
	*field = number;
	return 0;
}

static int set_value(const struct gb_option *o, void *settings, const char *value, struct gb_diag *diag)
{
	void *field = (char *)settings + o->offset;

	switch (o->kind) {
	case GB_OPTION_FLAG: *(bool *)field = true; return 0;
	case GB_OPTION_TEXT:
		if (value[0] == '\0')
			return gb_diag_set(
			        diag, -EINVAL, 0, 0, "--%s needs a %s that is not empty", o->name, o->value_name);
		*(const char **)field = value;
		return 0;
	case GB_OPTION_CHOICE: return set_choice(o, field, value, diag);
	case GB_OPTION_NUMBER: return set_number(o, field, value, diag);
	case GB_OPTION_LIST: return add_string(field, value);
	}
	return -EINVAL;
}

/* One option at ARGV[*at], which begins with '-'; *at is moved onto its last word. Result: 0, 1 for help, or an error. */
static int parse_option(
        const struct gb_command *command, int argc, char *const *argv, int *at, void *settings, struct gb_diag *diag)
{
	const char *word = argv[*at], *value = NULL;
	const struct gb_option *o;

	if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
		return 1;
	if (word[1] == '-') {
		value = strchr(word, '=');
		o = option_of_name(command,
		        value != NULL ? gb_span_of(word + 2, (size_t)(value - word - 2)) : gb_span_cstr(word + 2));
		value = value != NULL ? value + 1 : NULL;
	} else {
		o = option_of_letter(command, word[1]);
		value = word[2] != '\0' ? word + 2 : NULL;
	}
	if (o == NULL)
		return unknown_option(command, word, diag);
	if (o->kind == GB_OPTION_FLAG && value != NULL)
		return gb_diag_set(
		        diag, -EINVAL, 0, 0, "option '--%s' takes no value; leave '%s' away", o->name, value);
	if (o->kind != GB_OPTION_FLAG && value == NULL) {
		if (*at + 1 >= argc)
			return gb_diag_set(diag, -EINVAL, 0, 0, "option '--%s' needs a value: --%s %s", o->name,
			        o->name, o->value_name);
		value = argv[++*at];
	}
	return set_value(o, settings, value, diag);
}

static int check_operands(const struct gb_command *command, const struct gb_strings *operands, struct gb_diag *diag)
{
	if (operands->count > command->operands_max)
		return gb_diag_set(diag, -EINVAL, 0, 0, "unexpected argument '%s'; see 'gambeson %s --help'",
		        operands->items[command->operands_max], command->name);
	if (operands->count < command->operands_min)
		return gb_diag_set(
		        diag, -EINVAL, 0, 0, "something is missing: gambeson %s %s", command->name, command->operands);
	return 0;
}

int gb_options_parse(const struct gb_command *command, int argc, char *const *argv, void *settings,
        struct gb_strings *ret_operands, struct gb_diag *diag)
{
	bool only_operands = false;

	memset(settings, 0, command->settings_bytes);
	*ret_operands = (struct gb_strings){0};
	for (const struct gb_option *o = command->options; o != NULL && o->name != NULL; o++)
		if (o->kind == GB_OPTION_NUMBER)
			*(uint64_t *)(void *)((char *)settings + o->offset) = o->fallback;
	for (int i = 0; i < argc; i++) {
		int r;

		if (!only_operands && strcmp(argv[i], "--") == 0) {
			only_operands = true;
			continue;
		}
		if (!only_operands && argv[i][0] == '-' && argv[i][1] != '\0') {
			r = parse_option(command, argc, argv, &i, settings, diag);
		} else {
			only_operands = only_operands || command->is_launcher;
			r = add_string(ret_operands, argv[i]);
		}
		if (r != 0)
			return r;
	}
	return check_operands(command, ret_operands, diag);
}

void gb_options_free(const struct gb_command *command, void *settings, struct gb_strings *operands)
{
	for (const struct gb_option *o = command->options; o != NULL && o->name != NULL; o++)
		if (o->kind == GB_OPTION_LIST) {
			struct gb_strings *list = (struct gb_strings *)(void *)((char *)settings + o->offset);

			free(list->items);
			*list = (struct gb_strings){0};
		}
	free(operands->items);
	*operands = (struct gb_strings){0};
}

static void print_option(const struct gb_option *o)
{
	char head[80];
	int n = snprintf(head, sizeof(head), "  --%s%s%s", o->name, o->value_name != NULL ? " " : "",
	        o->value_name != NULL ? o->value_name : "");

	if (o->letter != 0)
		n = snprintf(head, sizeof(head), "  -%c, --%s%s%s", o->letter, o->name,
		        o->value_name != NULL ? " " : "", o->value_name != NULL ? o->value_name : "");
	if (n < HELP_COLUMN)
		printf("%-*s%s", HELP_COLUMN, head, o->help);
	else
		printf("%s\n%*s%s", head, HELP_COLUMN, "", o->help);
	if (o->kind == GB_OPTION_NUMBER && o->fallback != 0)
		printf(" (default %llu)", (unsigned long long)o->fallback);
	if (o->kind == GB_OPTION_LIST)
		printf("; may be repeated");
	putchar('\n');
}

static void print_children(const struct gb_command *command)
{
	printf("\ncommands:\n");
	for (size_t i = 0; command->children[i] != NULL; i++)
		printf("  %-*s%s\n", HELP_COLUMN - 2, command->children[i]->name, command->children[i]->summary);
}

static void print_examples(const char *command)
{
	size_t at = 0;

	for (const char *line, *heading = "\nexamples:\n"; (line = gb_examples_next(command, &at)) != NULL;
	        heading = "")
		printf("%s  gambeson %s\n", heading, line);
}

void gb_options_print_help(const struct gb_command *command)
{
	printf("%s\n\nusage: gambeson%s%s%s", command->summary, command->name[0] != '\0' ? " " : "", command->name,
	        command->children != NULL ? " COMMAND" : "");
	printf(" [OPTIONS]%s%s\n", command->operands != NULL ? " " : "",
	        command->operands != NULL ? command->operands : "");
	if (command->children != NULL)
		print_children(command);
	printf("\noptions:\n");
	for (const struct gb_option *o = command->options; o != NULL && o->name != NULL; o++)
		print_option(o);
	printf("  %-*s%s\n", HELP_COLUMN - 2, "-h, --help", "print this");
	if (command->notes != NULL)
		printf("\n%s", command->notes);
	print_examples(command->name);
}
