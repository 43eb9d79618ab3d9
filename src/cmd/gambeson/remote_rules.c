/* SPDX-License-Identifier: Apache-2.0 */
/* gambeson rules, gambeson exclusions: those of a server, beside its documents. */
#include "cmd/gambeson/remote_rules.h"

#include "base/cleanup.h"
#include "cmd/gambeson/rule_entry.h"

#include <stdlib.h>
#include <string.h>

const char *gb_rules_list_name(const struct gb_command *command)
{
	return strncmp(command->name, "exclusions", 10) == 0 ? "exclusion" : "rule";
}

struct list_settings {
	struct gb_remote_settings remote;
	const char *function, *scope;
	uint64_t limit;
};

static const char *const scopes[] = {"account", "group", "function", NULL};

static const struct gb_option list_options[] = {
        GB_REMOTE_OPTIONS(struct list_settings),
        GB_TEXT(struct list_settings, function, "function", "NAME",
                "those that are for this function: its name, or id"),
        GB_CHOICE(struct list_settings, scope, "scope", "KIND", "those of accounts, groups or functions",
                .choices = scopes),
        GB_NUMBER(struct list_settings, limit, "limit", "N", "how many at most", .minimum = 1, .maximum = 100000,
                .fallback = 500),
        {.name = NULL},
};

/* Whom RULE is for, in words. */
static json_t *scope_text(const json_t *rule)
{
	const json_t *scope = json_object_get(rule, "scope");
	const char *kind = json_string_value(json_object_get(scope, "kind"));
	const char *name = json_string_value(json_object_get(rule, "function_name"));

	if (name == NULL)
		name = json_string_value(json_object_get(scope, "name"));
	if (name == NULL)
		name = json_string_value(json_object_get(scope, "function"));
	return name == NULL ? json_string("all functions") : json_sprintf("%s %s", kind != NULL ? kind : "", name);
}

/* Where RULE stands. */
static json_t *origin_text(const json_t *rule)
{
	const json_t *document = json_object_get(rule, "document");
	const char *kind = json_string_value(json_object_get(document, "kind"));
	const char *name = json_string_value(json_object_get(document, "name"));

	return kind == NULL || name == NULL ? json_string("its own") : json_sprintf("%s %s", kind, name);
}

static void print_rules(const json_t *rules)
{
	static const struct gb_remote_column columns[] = {{"ID", "id", GB_FIT_WHOLE},
	        {"WHAT", "activity", GB_FIT_SPARE}, {"ENTRY", "entry_text", GB_FIT_CUT},
	        {"FOR", "scope_text", GB_FIT_CUT}, {"REASON", "reason", GB_FIT_ANY}, {"AUTHOR", "author", GB_FIT_ANY},
	        {"EXPIRES", "expires", GB_FIT_SPARE}, {"STATE", "state", GB_FIT_WHOLE},
	        {"IN", "origin_text", GB_FIT_ANY}, {NULL, NULL, GB_FIT_WHOLE}};
	json_t *rows = json_array();
	const json_t *rule;
	size_t i;

	json_array_foreach(rules, i, rule)
	{
		json_t *row = json_copy((json_t *)(uintptr_t)rule);
		char *text = json_dumps(json_object_get(rule, "entry"), 0);

		(void)json_object_set_new(row, "entry_text", json_string(text != NULL ? text : ""));
		(void)json_object_set_new(row, "scope_text", scope_text(rule));
		(void)json_object_set_new(row, "origin_text", origin_text(rule));
		free(text);
		(void)json_array_append_new(rows, row);
	}
	gb_remote_table(rows, columns);
	json_decref(rows);
}

/* One page more into RULES; the place behind it in CURSOR, empty at the end. */
static int read_page(struct gb_remote *remote, const struct list_settings *settings, const char *function,
        json_t *rules, char **cursor)
{
	const char *path = gb_remote_add(remote, "/v1/rules", "list", gb_rules_list_name(remote->command)), *next;
	json_t *answer = NULL;
	int status;

	path = gb_remote_add(remote, path, "limit", settings->limit < 100 ? "50" : "500");
	path = gb_remote_add(remote, path, "function", function);
	path = gb_remote_add(remote, path, "scope", settings->scope);
	path = gb_remote_add(remote, path, "cursor", *cursor);
	status = gb_remote_ask(remote, "GET", path, NULL, &answer);
	free(*cursor);
	*cursor = NULL;
	if (status == GB_EXIT_OK) {
		next = json_string_value(json_object_get(answer, "next"));
		*cursor = next != NULL ? strdup(next) : NULL;
		if (json_array_size(json_object_get(answer, "items")) == 0) {
			free(*cursor);
			*cursor = NULL;
		}
		(void)json_array_extend(rules, json_object_get(answer, "items"));
	}
	json_decref(answer);
	return status;
}

static int list(const struct gb_command *self, void *context, const struct gb_strings *operands)
{
	const struct list_settings *settings = context;
	struct gb_remote remote;
	json_t *rules = json_array();
	GB_CLEANUP(gb_freep) char *cursor = NULL;
	char function[32] = "";
	int status = gb_remote_open(&remote, self, &settings->remote);

	(void)operands;
	if (status == GB_EXIT_OK && settings->function != NULL)
		status = gb_rule_function(&remote, settings->function, function);
	do {
		if (status == GB_EXIT_OK)
			status = read_page(&remote, settings, function, rules, &cursor);
	} while (status == GB_EXIT_OK && cursor != NULL && json_array_size(rules) < settings->limit);
	if (status == GB_EXIT_OK && (cursor != NULL || json_array_size(rules) > settings->limit))
		(void)fprintf(stderr, "there are more: --limit, or filter them\n");
	while (json_array_size(rules) > settings->limit)
		(void)json_array_remove(rules, json_array_size(rules) - 1);
	if (status == GB_EXIT_OK)
		gb_rules_print(&remote, rules);
	json_decref(rules);
	gb_remote_close(&remote);
	return status;
}

void gb_rules_print(const struct gb_remote *remote, const json_t *rules)
{
	const json_t *rule;
	size_t i;

	if (!remote->is_json) {
		print_rules(rules);
		return;
	}
	json_array_foreach(rules, i, rule) gb_remote_print_line(rule);
}

struct remove_settings {
	struct gb_remote_settings remote;
};

static const struct gb_option remove_options[] = {GB_REMOTE_OPTIONS(struct remove_settings), {.name = NULL}};

static int remove_all(const struct gb_command *self, void *context, const struct gb_strings *operands)
{
	const struct remove_settings *settings = context;

	return gb_remote_delete_all(self, &settings->remote, operands, "/v1/rules");
}

#define LISTING(word, text)                                                                                            \
	{                                                                                                              \
		.name = (word), .summary = (text), .options = list_options,                                            \
		.settings_bytes = sizeof(struct list_settings), .run = list                                            \
	}
#define REMOVING(word, text)                                                                                           \
	{                                                                                                              \
		.name = (word), .summary = (text), .operands = "ID...", .operands_min = 1,                             \
		.operands_max = GB_OPERANDS_ANY, .options = remove_options,                                            \
		.settings_bytes = sizeof(struct remove_settings), .run = remove_all                                    \
	}

static const struct gb_command rules_list = LISTING("rules list", "list rules, those in documents too");
static const struct gb_command rules_remove = REMOVING("rules remove", "delete rules");
static const struct gb_command exclusions_list = LISTING("exclusions list", "list exclusions, those in documents too");
static const struct gb_command exclusions_remove = REMOVING("exclusions remove", "delete exclusions");

static const struct gb_command *const rules_commands[] = {
        &rules_list, &gb_rules_add, &gb_rules_edit, &rules_remove, &gb_rules_preview, NULL};
static const struct gb_command *const exclusions_commands[] = {&exclusions_list, &gb_exclusions_add,
        &gb_exclusions_edit, &exclusions_remove, &gb_exclusions_preview, &gb_exclusions_from_event, NULL};

const struct gb_command gb_cmd_rules = {.name = "rules",
        .summary = "list and change rules: what functions may not do, beside a server's documents",
        .children = rules_commands};
const struct gb_command gb_cmd_exclusions = {.name = "exclusions",
        .summary = "list and change exclusions: what functions may do although a policy forbids it",
        .children = exclusions_commands};
