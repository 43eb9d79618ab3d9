/* SPDX-License-Identifier: Apache-2.0 */
/* gambeson events: what a server has collected, and what comes. */
#include "cmd/gambeson/remote_follow.h"

#include <stdio.h>

struct settings {
	struct gb_remote_settings remote;
	const char *function, *account, *type, *class, *action, *severity, *status, *request, *source_ip, *text, *from,
	        *to;
	uint64_t limit;
	bool follow;
};

static const char *const severities[] = {"low", "medium", "high", "critical", NULL};
static const char *const actions[] = {"blocked", "observed", NULL};
static const char *const statuses[] = {"open", "false_alarm", "excepted", "resolved", NULL};

static const struct gb_option options[] = {
        GB_REMOTE_OPTIONS(struct settings),
        GB_TEXT(struct settings, function, "function", "ID", "of this function"),
        GB_TEXT(struct settings, account, "account", "ID", "of this account"),
        GB_TEXT(struct settings, type, "type", "NAME", "of this type, as 'SQL Injection Attack'"),
        GB_TEXT(struct settings, class, "class", "NAME", "of this class, as sqli"),
        GB_CHOICE(struct settings, action, "action", "ACTION", "blocked or observed", .choices = actions),
        GB_CHOICE(struct settings, severity, "severity", "SEVERITY", "low, medium, high or critical, at least",
                .choices = severities),
        GB_CHOICE(struct settings, status, "status", "STATUS", "open, false_alarm, excepted or resolved",
                .choices = statuses),
        GB_TEXT(struct settings, request, "request", "ID", "of this invocation"),
        GB_TEXT(struct settings, source_ip, "source-ip", "ADDR", "from this client"),
        GB_TEXT(struct settings, text, "text", "TEXT", "with this in it"),
        GB_TEXT(struct settings, from, "from", "TIME", "since then, as 2026-11-21T14:30:00Z or 2026-11-21"),
        GB_TEXT(struct settings, to, "to", "TIME", "before then"),
        GB_NUMBER(
                struct settings, limit, "limit", "N", "how many at most", .minimum = 1, .maximum = 500, .fallback = 50),
        GB_FLAG(struct settings, follow, "follow", "go on, and print what comes", .letter = 'f'),
        {.name = NULL},
};

static const struct gb_remote_column columns[] = {
        {"TIME", "time", GB_FIT_WHOLE},
        {"SEVERITY", "severity", GB_FIT_WHOLE},
        {"ACTION", "action", GB_FIT_SPARE},
        {"FUNCTION", "function_name", GB_FIT_CUT},
        {"TYPE", "type", GB_FIT_ANY},
        {"MESSAGE", "message", GB_FIT_CUT},
        {"ID", "id", GB_FIT_WHOLE},
        {NULL, NULL, GB_FIT_WHOLE},
};

static const char *query_path(struct gb_remote *remote, void *context, const char *path)
{
	const struct settings *settings = context;
	char limit[24];
	const struct {
		const char *name, *value;
	} members[] = {{"limit", limit}, {"function", settings->function}, {"account", settings->account},
	        {"type", settings->type}, {"class", settings->class}, {"action", settings->action},
	        {"severity", settings->severity}, {"status", settings->status}, {"request", settings->request},
	        {"source_ip", settings->source_ip}, {"text", settings->text}, {"from", settings->from},
	        {"to", settings->to}};

	(void)snprintf(limit, sizeof(limit), "%llu", (unsigned long long)settings->limit);
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		path = gb_remote_add(remote, path, members[i].name, members[i].value);
	return path;
}

static int run(const struct gb_command *self, void *context, const struct gb_strings *operands)
{
	const struct settings *settings = context;
	struct gb_remote remote;
	json_t *answer = NULL;
	int status = gb_remote_open(&remote, self, &settings->remote);

	(void)operands;
	if (status == GB_EXIT_OK && settings->follow)
		status = gb_remote_follow(&remote, query_path, context);
	else if (status == GB_EXIT_OK)
		status = gb_remote_ask(&remote, "GET", query_path(&remote, context, "/v1/events"), NULL, &answer);
	if (status == GB_EXIT_OK && answer != NULL && remote.is_json)
		gb_remote_print(answer, "events");
	else if (status == GB_EXIT_OK && answer != NULL)
		gb_remote_table(json_object_get(answer, "events"), columns);
	json_decref(answer);
	gb_remote_close(&remote);
	return status;
}

const struct gb_command gb_cmd_events = {
        .name = "events",
        .summary = "list events that a server has collected, the latest first",
        .options = options,
        .settings_bytes = sizeof(struct settings),
        .run = run,
};
