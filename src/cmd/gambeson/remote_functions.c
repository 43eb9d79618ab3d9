/* SPDX-License-Identifier: Apache-2.0 */
/* gambeson functions: those that a server knows. */
#include "cmd/gambeson/remote.h"

#include <string.h>

struct list_settings {
	struct gb_remote_settings remote;
	const char *account, *region, *state, *group, *text, *sort;
	uint64_t limit;
};

static const char *const states[] = {"unprotected", "learning", "detecting", "blocking", NULL};
static const char *const postures[] = {"policy", "off", "detect", "block", NULL};

static const struct gb_option list_options[] = {
        GB_REMOTE_OPTIONS(struct list_settings),
        GB_TEXT(struct list_settings, account, "account", "ID", "of this account"),
        GB_TEXT(struct list_settings, region, "region", "NAME", "of this region"),
        GB_CHOICE(struct list_settings, state, "state", "STATE", "in this state", .choices = states),
        GB_TEXT(struct list_settings, group, "group", "NAME", "of this group"),
        GB_TEXT(struct list_settings, text, "text", "TEXT", "with this in the name"),
        GB_TEXT(struct list_settings, sort, "sort", "MEMBER",
                "name, last_event, learning or first_seen; -name the other way"),
        GB_NUMBER(struct list_settings, limit, "limit", "N", "how many at most", .minimum = 1, .maximum = 500,
                .fallback = 100),
        {.name = NULL},
};

static const struct gb_remote_column columns[] = {
        {"ID", "id", GB_FIT_WHOLE},
        {"NAME", "name", GB_FIT_CUT},
        {"ACCOUNT", "account", GB_FIT_WHOLE},
        {"REGION", "region", GB_FIT_SPARE},
        {"STATE", "state", GB_FIT_WHOLE},
        {"LEARNED", "learning_percent", GB_FIT_SPARE},
        {"GROUP", "group", GB_FIT_ANY},
        {"LAST EVENT", "last_event", GB_FIT_SPARE},
        {NULL, NULL, GB_FIT_WHOLE},
};

static int list(const struct gb_command *self, void *context, const struct gb_strings *operands)
{
	const struct list_settings *settings = context;
	struct gb_remote remote;
	char limit[24];
	const char *path;
	json_t *answer = NULL;
	int status = gb_remote_open(&remote, self, &settings->remote);

	(void)operands;
	(void)snprintf(limit, sizeof(limit), "%llu", (unsigned long long)settings->limit);
	if (status == GB_EXIT_OK) {
		path = gb_remote_add(&remote, "/v1/functions", "limit", limit);
		path = gb_remote_add(&remote, path, "account", settings->account);
		path = gb_remote_add(&remote, path, "region", settings->region);
		path = gb_remote_add(&remote, path, "state", settings->state);
		path = gb_remote_add(&remote, path, "group", settings->group);
		path = gb_remote_add(&remote, path, "text", settings->text);
		path = gb_remote_add(&remote, path, "sort", settings->sort);
		status = gb_remote_ask(&remote, "GET", path, NULL, &answer);
	}
	if (status == GB_EXIT_OK && remote.is_json)
		gb_remote_print(answer, "functions");
	else if (status == GB_EXIT_OK)
		gb_remote_table(json_object_get(answer, "functions"), columns);
	if (status == GB_EXIT_OK && json_object_get(answer, "next") != NULL)
		(void)fprintf(stderr, "there are %lld in all: --limit, or filter them\n",
		        (long long)json_integer_value(json_object_get(answer, "total")));
	json_decref(answer);
	gb_remote_close(&remote);
	return status;
}

struct set_settings {
	struct gb_remote_settings remote;
	const char *group, *mode;
};

static const struct gb_option set_options[] = {
        GB_REMOTE_OPTIONS(struct set_settings),
        GB_TEXT(struct set_settings, group, "group", "NAME", "put it into this group"),
        GB_CHOICE(struct set_settings, mode, "mode", "MODE", "off, detect, block, or policy: as its policies say",
                .choices = postures),
        {.name = NULL},
};

static int set(const struct gb_command *self, void *context, const struct gb_strings *operands)
{
	const struct set_settings *settings = context;
	struct gb_remote remote;
	int status = gb_remote_open(&remote, self, &settings->remote);

	if (status == GB_EXIT_OK && settings->group == NULL && settings->mode == NULL)
		status = gb_complain(self, GB_EXIT_USAGE, "nothing to change: say --group or --mode");
	for (size_t i = 0; status == GB_EXIT_OK && i < operands->count; i++) {
		json_t *body = json_object();
		const char *id = gb_remote_escape(&remote, operands->items[i]);
		char path[256];

		if (settings->group != NULL)
			(void)json_object_set_new(body, "group", json_string(settings->group));
		if (settings->mode != NULL)
			(void)json_object_set_new(body, "posture",
			        json_string(strcmp(settings->mode, "policy") == 0 ? "" : settings->mode));
		(void)snprintf(path, sizeof(path), "/v1/functions/%s", id != NULL ? id : "");
		status = gb_remote_ask(&remote, "PATCH", path, body, NULL);
	}
	gb_remote_close(&remote);
	return status;
}

static const struct gb_command gb_cmd_functions_list = {
        .name = "functions list",
        .summary = "list functions that a server knows",
        .options = list_options,
        .settings_bytes = sizeof(struct list_settings),
        .run = list,
};

static const struct gb_command gb_cmd_functions_set = {
        .name = "functions set",
        .summary = "change the group or the mode of functions",
        .operands = "ID...",
        .operands_min = 1,
        .operands_max = GB_OPERANDS_ANY,
        .options = set_options,
        .settings_bytes = sizeof(struct set_settings),
        .run = set,
};

static const struct gb_command *const children[] = {&gb_cmd_functions_list, &gb_cmd_functions_set, NULL};

const struct gb_command gb_cmd_functions = {
        .name = "functions",
        .summary = "list functions of a server, set their group or mode",
        .children = children,
};
