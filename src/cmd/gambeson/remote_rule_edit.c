/* SPDX-License-Identifier: Apache-2.0 */
/* gambeson rules add | edit, gambeson exclusions add | edit */
#include "cmd/gambeson/remote_rules.h"
#include "cmd/gambeson/rule_entry.h"
#include "cmd/gambeson/screen.h"

#include <string.h>

struct add_settings {
	struct gb_remote_settings remote;
	struct gb_rule_scope scope;
	const char *reason, *expires;
};

static const struct gb_option add_options[] = {
        GB_REMOTE_OPTIONS(struct add_settings),
        GB_RULE_SCOPE_OPTIONS(struct add_settings, scope),
        GB_TEXT(struct add_settings, reason, "reason", "TEXT", "why, for those who find it", .letter = 'm'),
        GB_TEXT(struct add_settings, expires, "expires", "TIME", "its last day, as 2026-12-01, or a moment"),
        {.name = NULL},
};

int gb_rules_send(struct gb_remote *remote, const char *method, const char *path, json_t *body)
{
	json_t *answer = NULL, *list;
	int status = gb_remote_ask(remote, method, path, body, &answer);

	if (status == GB_EXIT_OK && answer != NULL) {
		list = json_pack("[O]", answer);
		gb_rules_print(remote, list);
		json_decref(list);
	}
	json_decref(answer);
	return status;
}

/* What is to be made, of the command line. Result: enum gb_exit; *ret_body is the caller's. */
static int read_body(struct gb_remote *remote, const struct add_settings *settings, const char *text, json_t **ret_body)
{
	json_t *scope = NULL, *entry = NULL;
	int status = gb_rule_entry_read(remote->command, text, &entry);

	*ret_body = NULL;
	if (status == GB_EXIT_OK)
		status = gb_rule_scope_read(remote, &settings->scope, &scope);
	if (status == GB_EXIT_OK)
		*ret_body = json_pack(
		        "{s:s, s:O, s:O}", "list", gb_rules_list_name(remote->command), "scope", scope, "entry", entry);
	if (status == GB_EXIT_OK && settings->reason != NULL)
		(void)json_object_set_new(*ret_body, "reason", json_string(settings->reason));
	if (status == GB_EXIT_OK)
		status = gb_rule_expires_put(remote->command, settings->expires, *ret_body);
	if (status != GB_EXIT_OK) {
		json_decref(*ret_body);
		*ret_body = NULL;
	}
	json_decref(entry);
	json_decref(scope);
	return status;
}

static int add(const struct gb_command *self, void *context, const struct gb_strings *operands)
{
	const struct add_settings *settings = context;
	struct gb_remote remote;
	json_t *body;
	int status = gb_remote_open(&remote, self, &settings->remote);

	if (status == GB_EXIT_OK)
		status = read_body(&remote, settings, operands->items[0], &body);
	if (status == GB_EXIT_OK)
		status = gb_rules_send(&remote, "POST", "/v1/rules", body);
	gb_remote_close(&remote);
	return status;
}

static void print_preview(const json_t *answer)
{
	static const struct gb_remote_column columns[] = {{"FUNCTION", "function_name", GB_FIT_CUT},
	        {"KIND", "kind", GB_FIT_WHOLE}, {"SUBJECT", "subject", GB_FIT_CUT}, {"BEFORE", "before", GB_FIT_WHOLE},
	        {"AFTER", "after", GB_FIT_WHOLE}, {"EVENT", "event", GB_FIT_SPARE}, {NULL, NULL, GB_FIT_WHOLE}};
	const char *conflict = json_string_value(json_object_get(answer, "conflict"));
	const json_t *examples = json_object_get(answer, "examples");

	(void)printf("%lld of %lld recorded events and activities of %lld functions would change%s\n",
	        (long long)json_integer_value(json_object_get(answer, "changed")),
	        (long long)json_integer_value(json_object_get(answer, "examined")),
	        (long long)json_integer_value(json_object_get(answer, "functions")),
	        json_is_true(json_object_get(answer, "truncated")) ? "; there is more than was looked at" : "");
	if (conflict != NULL) {
		(void)fputs("conflict: ", stdout);
		(void)gb_screen_text(stdout, gb_span_cstr(conflict));
		(void)putchar('\n');
	}
	if (json_array_size(examples) != 0)
		gb_remote_table(examples, columns);
}

static int preview(const struct gb_command *self, void *context, const struct gb_strings *operands)
{
	const struct add_settings *settings = context;
	struct gb_remote remote;
	json_t *body, *answer = NULL;
	int status = gb_remote_open(&remote, self, &settings->remote);

	if (status == GB_EXIT_OK)
		status = read_body(&remote, settings, operands->items[0], &body);
	if (status == GB_EXIT_OK)
		status = gb_remote_ask(&remote, "POST", "/v1/rules/preview", body, &answer);
	if (status == GB_EXIT_OK && remote.is_json)
		gb_remote_print(answer, NULL);
	else if (status == GB_EXIT_OK)
		print_preview(answer);
	json_decref(answer);
	gb_remote_close(&remote);
	return status;
}

struct edit_settings {
	struct gb_remote_settings remote;
	const char *entry, *reason, *expires;
};

static const struct gb_option edit_options[] = {
        GB_REMOTE_OPTIONS(struct edit_settings),
        GB_TEXT(struct edit_settings, entry, "entry", "ENTRY", "another entry"),
        GB_TEXT(struct edit_settings, reason, "reason", "TEXT", "another reason", .letter = 'm'),
        GB_TEXT(struct edit_settings, expires, "expires", "TIME", "another last day, a moment, or never"),
        {.name = NULL},
};

static int edit(const struct gb_command *self, void *context, const struct gb_strings *operands)
{
	const struct edit_settings *settings = context;
	struct gb_remote remote;
	json_t *body = json_object(), *entry = NULL;
	const char *id;
	char path[256];
	int status = gb_remote_open(&remote, self, &settings->remote);

	if (status == GB_EXIT_OK && settings->entry == NULL && settings->reason == NULL && settings->expires == NULL)
		status = gb_complain(self, GB_EXIT_USAGE, "nothing to change: say --entry, --reason or --expires");
	if (status == GB_EXIT_OK && settings->entry != NULL)
		status = gb_rule_entry_read(self, settings->entry, &entry);
	if (status == GB_EXIT_OK)
		status = gb_rule_expires_put(self, settings->expires, body);
	if (entry != NULL)
		(void)json_object_set_new(body, "entry", entry);
	if (settings->reason != NULL)
		(void)json_object_set_new(body, "reason", json_string(settings->reason));
	if (status == GB_EXIT_OK) {
		id = gb_remote_escape(&remote, operands->items[0]);
		(void)snprintf(path, sizeof(path), "/v1/rules/%s", id != NULL ? id : "");
		status = gb_rules_send(&remote, "PATCH", path, json_incref(body));
	}
	json_decref(body);
	gb_remote_close(&remote);
	return status;
}

#define ENTRY_NOTE                                                                                                     \
	"ENTRY is as one of `rules` or `exclusions` in a policy document, in YAML or JSON: 'files: {read: "            \
	"[/etc/hosts]}'; @FILE:\n"                                                                                     \
	"what is in the file; -: standard input. docs/POLICY.md has all of them.\n"

#define ADDING(word, text, function)                                                                                   \
	{                                                                                                              \
		.name = (word), .summary = (text), .operands = "ENTRY", .operands_min = 1, .operands_max = 1,          \
		.options = add_options, .settings_bytes = sizeof(struct add_settings), .run = (function),              \
		.notes = ENTRY_NOTE                                                                                    \
	}
#define EDITING(word, text)                                                                                            \
	{                                                                                                              \
		.name = (word), .summary = (text), .operands = "ID", .operands_min = 1, .operands_max = 1,             \
		.options = edit_options, .settings_bytes = sizeof(struct edit_settings), .run = edit,                  \
		.notes = ENTRY_NOTE                                                                                    \
	}

const struct gb_command gb_rules_add = ADDING("rules add", "make a rule", add);
const struct gb_command gb_rules_preview =
        ADDING("rules preview", "show what a rule would have changed of what is recorded; make nothing", preview);
const struct gb_command gb_rules_edit = EDITING("rules edit", "change a rule");
const struct gb_command gb_exclusions_add = ADDING("exclusions add", "make an exclusion", add);
const struct gb_command gb_exclusions_preview = ADDING(
        "exclusions preview", "show what an exclusion would have changed of what is recorded; make nothing", preview);
const struct gb_command gb_exclusions_edit = EDITING("exclusions edit", "change an exclusion");
