/* SPDX-License-Identifier: Apache-2.0 */
/* gambeson exclusions from-event: an exception for what a server has told of. */
#include "base/cleanup.h"
#include "cmd/gambeson/remote_rules.h"
#include "cmd/gambeson/rule_entry.h"
#include "cmd/gambeson/screen.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct settings {
	struct gb_remote_settings remote;
	const char *reason, *expires;
	uint64_t pick;
	bool yes;
};

static const struct gb_option options[] = {
        GB_REMOTE_OPTIONS(struct settings),
        GB_NUMBER(struct settings, pick, "pick", "N", "make the draft with this number", .minimum = 1, .maximum = 1000,
                .fallback = 0),
        GB_FLAG(struct settings, yes, "yes", "make the first, which is the narrowest", .letter = 'y'),
        GB_TEXT(struct settings, reason, "reason", "TEXT", "why (default: what the draft says of itself)",
                .letter = 'm'),
        GB_TEXT(struct settings, expires, "expires", "TIME", "its last day, as 2026-12-01, or a moment"),
        {.name = NULL},
};

static void print_drafts(const json_t *drafts)
{
	const json_t *draft;
	size_t i;

	json_array_foreach(drafts, i, draft)
	{
		const char *warning = json_string_value(json_object_get(draft, "warning"));
		GB_CLEANUP(gb_freep) char *entry = json_dumps(json_object_get(draft, "entry"), 0);

		(void)printf("%2zu  ", i + 1);
		(void)gb_screen_text(stdout, gb_span_cstr(json_string_value(json_object_get(draft, "title"))));
		(void)fputs("\n    ", stdout);
		(void)gb_screen_text(stdout, gb_span_cstr(entry));
		if (warning != NULL) {
			(void)fputs("\n    beware: ", stdout);
			(void)gb_screen_text(stdout, gb_span_cstr(warning));
		}
		(void)putchar('\n');
	}
}

/* Which draft a person at the terminal wants: 1 and on; 0: none. */
static size_t ask_which(size_t count)
{
	char line[32];
	char *end;
	unsigned long number;

	(void)fflush(stdout);
	(void)fprintf(stderr, "which, 1 to %zu, or nothing: ", count);
	if (fgets(line, sizeof(line), stdin) == NULL)
		return 0;
	number = strtoul(line, &end, 10);
	return end == line || *end != '\n' || number > count ? 0 : number;
}

/* The number of the draft to make in *ret_number; 0: none, they were shown. Result: enum gb_exit. */
static int choose(
        const struct gb_remote *remote, const struct settings *settings, const json_t *drafts, size_t *ret_number)
{
	size_t count = json_array_size(drafts);

	*ret_number = settings->pick != 0 ? settings->pick : settings->yes ? 1 : 0;
	if (*ret_number > count)
		return gb_complain(remote->command, GB_EXIT_USAGE, "--pick: there are %zu drafts", count);
	if (*ret_number != 0)
		return GB_EXIT_OK;
	if (remote->is_json)
		gb_rules_print(remote, drafts);
	else
		print_drafts(drafts);
	if (!remote->is_json && isatty(STDIN_FILENO) == 1)
		*ret_number = ask_which(count);
	else
		(void)fprintf(stderr, "nothing was made: say --pick N, or --yes for the first\n");
	return GB_EXIT_OK;
}

static int make(struct gb_remote *remote, const struct settings *settings, const json_t *draft)
{
	static const char *const members[] = {"list", "scope", "entry"};
	json_t *body = json_object(), *title = json_object_get(draft, "title");
	int status;

	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		(void)json_object_set(body, members[i], json_object_get(draft, members[i]));
	if (settings->reason != NULL)
		(void)json_object_set_new(body, "reason", json_string(settings->reason));
	else if (json_is_string(title))
		(void)json_object_set(body, "reason", title);
	status = gb_rule_expires_put(remote->command, settings->expires, body);
	if (status == GB_EXIT_OK)
		return gb_rules_send(remote, "POST", "/v1/rules", body);
	json_decref(body);
	return status;
}

/* The event has its exception now; a token that may not say so has made it all the same. */
static int mark(struct gb_remote *remote, const char *path)
{
	static const unsigned expected[] = {403, 404, 0};
	const struct gb_remote_call call = {.method = "PATCH",
	        .path = path,
	        .body = json_pack("{s:s}", "status", "excepted"),
	        .expected = expected};
	unsigned code = 0;
	int status = gb_remote_call(remote, &call, &code, NULL);

	if (status == GB_EXIT_OK && code >= 400)
		(void)fprintf(stderr, "the event is not marked as excepted: the token may not change events\n");
	return status;
}

static int from_event(struct gb_remote *remote, const struct settings *settings, const char *id)
{
	char event[256], path[300];
	const char *escaped = gb_remote_escape(remote, id);
	json_t *answer = NULL;
	const json_t *drafts;
	size_t number = 0;
	int status;

	if (escaped == NULL || (size_t)snprintf(event, sizeof(event), "/v1/events/%s", escaped) >= sizeof(event))
		return gb_complain(remote->command, GB_EXIT_USAGE, "this is no event's id");
	(void)snprintf(path, sizeof(path), "%s/exceptions", event);
	status = gb_remote_ask(remote, "GET", path, NULL, &answer);
	drafts = json_object_get(answer, "exceptions");
	if (status == GB_EXIT_OK && json_array_size(drafts) == 0) {
		(void)fputs("no exception can be made: ", stderr);
		(void)gb_screen_text(stderr, gb_span_cstr(json_string_value(json_object_get(answer, "note"))));
		(void)fputc('\n', stderr);
		status = GB_EXIT_FINDINGS;
	} else if (status == GB_EXIT_OK) {
		status = choose(remote, settings, drafts, &number);
	}
	if (status == GB_EXIT_OK && number != 0)
		status = make(remote, settings, json_array_get(drafts, number - 1));
	if (status == GB_EXIT_OK && number != 0)
		status = mark(remote, event);
	json_decref(answer);
	return status;
}

static int run(const struct gb_command *self, void *context, const struct gb_strings *operands)
{
	const struct settings *settings = context;
	struct gb_remote remote;
	int status = gb_remote_open(&remote, self, &settings->remote);

	if (status == GB_EXIT_OK)
		status = from_event(&remote, settings, operands->items[0]);
	gb_remote_close(&remote);
	return status;
}

const struct gb_command gb_exclusions_from_event = {
        .name = "exclusions from-event",
        .summary = "make an exception from an event: drafts, from narrow to wide",
        .operands = "EVENT",
        .operands_min = 1,
        .operands_max = 1,
        .options = options,
        .settings_bytes = sizeof(struct settings),
        .run = run,
        .notes = "EVENT is its id, from 'gambeson events'. On a terminal it asks which draft is to be made; elsewhere "
                 "it shows them, and\n"
                 "makes one with --pick or --yes. The event is then marked as excepted.\n",
};
