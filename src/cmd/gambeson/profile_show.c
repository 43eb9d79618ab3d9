/* SPDX-License-Identifier: Apache-2.0 */
/* gambeson profile show: how far learning is, and what was seen. */
#include "cmd/gambeson/profile.h"
#include "cmd/gambeson/screen.h"

#include "base/cleanup.h"

#include <jansson.h>
#include <stdio.h>

struct settings {
	bool json, all;
	struct gb_profile_choice choice;
};

static const struct gb_option options[] = {
        GB_FLAG(struct settings, json, "json", "print JSON"),
        GB_FLAG(struct settings, all, "all", "what is learned too, not only what needs review"),
        GB_PROFILE_CHOICE_ROWS(struct settings, choice),
        {.name = NULL},
};

static bool is_rare(const struct gb_learn_group *group)
{
	return group->invocations <= 1 && !group->is_start;
}

/* What a person may want to say something about. */
static bool wants_look(const struct gb_learn_group *group)
{
	return group->entries->status != GB_LEARN_LEARNED || group->is_carried || is_rare(group);
}

static const char *note_of(const struct gb_learn_group *group)
{
	enum gb_learn_status status = group->entries->status;

	if (group->is_carried && status == GB_LEARN_LEARNED)
		return "carried";
	return status == GB_LEARN_LEARNED && is_rare(group) ? "rare" : gb_learn_status_name(status);
}

static void print_span(struct gb_span s, size_t max)
{
	(void)gb_screen_text(stdout, gb_span_sub(s, 0, max));
	if (s.n > max)
		fputs("...", stdout);
}

static void print_group(const struct gb_learn_group *group)
{
	const struct gb_learn_entry *entry = group->entries;

	printf("%s  %-8s %6llu  %s ", entry->id, note_of(group), (unsigned long long)group->invocations,
	        gb_activity_kind_name(entry->kind));
	print_span(entry->pattern, 300);
	if (entry->object.n != 0) {
		putchar(' ');
		print_span(entry->object, 300);
	}
	for (size_t i = 1; i < entry->argument_count; i++) {
		putchar(' ');
		print_span(entry->arguments[i], 200);
	}
	putchar('\n');
}

static void print_text(const struct settings *settings, const struct gb_profile_session *session,
        const struct gb_learn_decision *decision)
{
	const struct gb_learn_view *view = session->view;
	struct gb_span function = gb_profile_function(session->profile);
	size_t shown = 0;

	gb_screen_printf(stdout, "function  %.*s\nversion   %.*s\n", (int)(function.n != 0 ? function.n : 1),
	        function.n != 0 ? (const char *)function.p : "?",
	        (int)(view->version_name.n != 0 ? view->version_name.n : 1),
	        view->version_name.n != 0 ? (const char *)view->version_name.p : "?");
	printf("seen      %zu different things in %llu invocations of %zu sandboxes; %zu shapes of events\n",
	        view->group_count, (unsigned long long)view->invocations, view->sandboxes, view->shapes);
	printf("expected  about %.0f different things\n", decision->behaviours);
	printf("bound     %.3g %% (%.3g %% are wanted); %llu of %llu invocations set aside showed what the others did "
	       "not\n",
	        100 * decision->bound, 100 * view->settings.epsilon, (unsigned long long)decision->novel,
	        (unsigned long long)decision->tested);
	gb_learn_decision_print(decision, &view->settings, stdout);
	for (size_t i = 0; i < view->group_count; i++) {
		if (!settings->all && !wants_look(&view->groups[i]))
			continue;
		if (shown++ == 0)
			printf("\n%-16s  %-8s %6s  %s\n", "id", "status", "seen", "what");
		print_group(&view->groups[i]);
	}
}

static json_t *string_of(struct gb_span s)
{
	return s.n == 0 ? json_string("") : json_stringn((const char *)s.p, s.n);
}

static json_t *group_json(const struct gb_learn_group *group)
{
	const struct gb_learn_entry *entry = group->entries;
	json_t *object = json_pack("{s:s,s:s,s:b,s:s,s:o,s:I,s:I}", "id", entry->id, "status",
	        gb_learn_status_name(entry->status), "carried", (int)group->is_carried, "kind",
	        gb_activity_kind_name(entry->kind), "subject", string_of(entry->pattern), "invocations",
	        (json_int_t)group->invocations, "names", (json_int_t)group->count);

	if (entry->object.n != 0)
		json_object_set_new(object, "object", string_of(entry->object));
	if (entry->argument_count != 0) {
		json_t *list = json_array();

		for (size_t i = 0; i < entry->argument_count; i++)
			json_array_append_new(list, string_of(entry->arguments[i]));
		json_object_set_new(object, "arguments", list);
	}
	return object;
}

static void print_json(const struct settings *settings, const struct gb_profile_session *session,
        const struct gb_learn_decision *decision)
{
	const struct gb_learn_view *view = session->view;
	json_t *items = json_array(), *all;

	for (size_t i = 0; i < view->group_count; i++)
		if (settings->all || wants_look(&view->groups[i]))
			json_array_append_new(items, group_json(&view->groups[i]));
	all = json_pack("{s:o,s:o,s:I,s:I,s:I,s:I,s:b,s:i,s:I,s:f,s:f,s:f,s:o}", "function",
	        string_of(gb_profile_function(session->profile)), "version", string_of(view->version_name), "things",
	        (json_int_t)view->group_count, "invocations", (json_int_t)view->invocations, "sandboxes",
	        (json_int_t)view->sandboxes, "shapes", (json_int_t)view->shapes, "done", (int)decision->is_done,
	        "percent", (int)decision->percent, "needed",
	        (json_int_t)(decision->needed > INT64_MAX ? INT64_MAX : decision->needed), "bound", decision->bound,
	        "rate", decision->rate, "expected", decision->behaviours, "items", items);
	json_dumpf(all, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(all);
}

static int run(const struct gb_command *self, void *settings_memory, const struct gb_strings *operands)
{
	const struct settings *settings = settings_memory;
	struct gb_profile_session session = {0};
	struct gb_learn_decision decision;
	int status = gb_profile_session_read_all(self, &session, operands);

	if (status == GB_EXIT_OK)
		status = gb_profile_session_look(self, &session, &settings->choice);
	if (status == GB_EXIT_OK)
		status = gb_profile_session_decide(self, &session, &decision);
	if (status == GB_EXIT_OK && settings->json)
		print_json(settings, &session, &decision);
	else if (status == GB_EXIT_OK)
		print_text(settings, &session, &decision);
	gb_profile_session_done(&session);
	return status;
}

const struct gb_command gb_cmd_profile_show = {
        .name = "profile show",
        .summary = "show how far learning is, what needs review and, with --all, everything that was seen",
        .operands = "PROFILE|LOG...",
        .operands_min = 1,
        .operands_max = GB_OPERANDS_ANY,
        .options = options,
        .settings_bytes = sizeof(struct settings),
        .run = run,
};
