/* SPDX-License-Identifier: Apache-2.0 */
/* gambeson events: what a server has collected, and what comes. */
#include "cmd/gambeson/remote.h"
#include "cmd/gambeson/screen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define FOLLOW_NS  1000000000L
#define ID_BYTES   26u
#define RECENT_MAX 2048u

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
                struct settings, limit, "limit", "N", "at most so many", .minimum = 1, .maximum = 500, .fallback = 50),
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

static const char *query_path(struct gb_remote *remote, const struct settings *settings, const char *from)
{
	char limit[24];
	const struct {
		const char *name, *value;
	} members[] = {{"limit", limit}, {"function", settings->function}, {"account", settings->account},
	        {"type", settings->type}, {"class", settings->class}, {"action", settings->action},
	        {"severity", settings->severity}, {"status", settings->status}, {"request", settings->request},
	        {"source_ip", settings->source_ip}, {"text", settings->text}, {"from", from}, {"to", settings->to}};
	const char *path = "/v1/events";

	(void)snprintf(limit, sizeof(limit), "%llu", (unsigned long long)settings->limit);
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		path = gb_remote_add(remote, path, members[i].name, members[i].value);
	return path;
}

/* What was printed while following, so that nothing is twice. */
struct recent {
	char ids[RECENT_MAX][ID_BYTES + 1];
	size_t count;
	char latest[40]; /* time of the latest */
};

static bool is_new(struct recent *recent, const json_t *event)
{
	const char *id = json_string_value(json_object_get(event, "id"));
	const char *time = json_string_value(json_object_get(event, "time"));

	if (id == NULL || time == NULL)
		return false;
	for (size_t i = 0; i < recent->count && i < RECENT_MAX; i++)
		if (strcmp(recent->ids[i], id) == 0)
			return false;
	(void)snprintf(recent->ids[recent->count++ % RECENT_MAX], ID_BYTES + 1, "%s", id);
	if (strcmp(time, recent->latest) > 0)
		(void)snprintf(recent->latest, sizeof(recent->latest), "%s", time);
	return true;
}

static void print_event(const json_t *event, bool is_json)
{
	static const char *const members[] = {"time", "severity", "action", "function_name", "message"};

	if (is_json) {
		gb_remote_print_line(event);
		return;
	}
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		const char *text = json_string_value(json_object_get(event, members[i]));

		if (text != NULL && text[0] != '\0') {
			(void)gb_screen_text(stdout, gb_span_cstr(text));
			(void)fputs("  ", stdout);
		}
	}
	(void)putchar('\n');
}

/* The oldest first, those that were not printed yet. */
static void print_new(struct recent *recent, const json_t *events, bool is_json)
{
	for (size_t i = json_array_size(events); i > 0; i--)
		if (is_new(recent, json_array_get(events, i - 1)))
			print_event(json_array_get(events, i - 1), is_json);
	(void)fflush(stdout);
}

static int follow(struct gb_remote *remote, const struct settings *settings)
{
	struct recent *recent = calloc(1, sizeof(*recent));
	int status = recent == NULL ? GB_EXIT_SYSTEM : GB_EXIT_OK;

	if (recent != NULL && settings->from != NULL)
		(void)snprintf(recent->latest, sizeof(recent->latest), "%s", settings->from);
	while (status == GB_EXIT_OK && ferror(stdout) == 0) {
		json_t *answer = NULL;

		status = gb_remote_ask(remote, "GET", query_path(remote, settings, recent->latest), NULL, &answer);
		if (status == GB_EXIT_OK)
			print_new(recent, json_object_get(answer, "events"), remote->is_json);
		json_decref(answer);
		(void)nanosleep(&(struct timespec){.tv_nsec = FOLLOW_NS - 1}, NULL);
	}
	free(recent);
	return status;
}

static int run(const struct gb_command *self, void *context, const struct gb_strings *operands)
{
	const struct settings *settings = context;
	struct gb_remote remote;
	json_t *answer = NULL;
	int status = gb_remote_open(&remote, self, &settings->remote);

	(void)operands;
	if (status == GB_EXIT_OK && settings->follow)
		status = follow(&remote, settings);
	else if (status == GB_EXIT_OK)
		status = gb_remote_ask(&remote, "GET", query_path(&remote, settings, settings->from), NULL, &answer);
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
        .summary = "events that a server has collected, the latest first",
        .options = options,
        .settings_bytes = sizeof(struct settings),
        .run = run,
};
