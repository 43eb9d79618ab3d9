/* SPDX-License-Identifier: Apache-2.0 */
/* gambeson policy push: policy documents to a server, checked there first, and never over what others changed meanwhile. */
#include "cmd/gambeson/policy_commands.h"
#include "cmd/gambeson/policy_plan.h"

#include "base/cleanup.h"
#include "cmd/gambeson/policy_set.h"
#include "cmd/gambeson/screen.h"

#include <stdlib.h>
#include <string.h>

#define TRIES_MAX 50u /* documents whose effect on functions is asked for: seconds each, where there are thousands */

struct settings {
	struct gb_remote_settings remote;
	const char *comment;
	bool force, dry_run, prune;
};

static const struct gb_option options[] = {
        GB_REMOTE_OPTIONS(struct settings),
        GB_TEXT(struct settings, comment, "comment", "TEXT", "why, for the history and the audit log", .letter = 'm'),
        GB_FLAG(struct settings, dry_run, "dry-run", "check, show what would change, change nothing"),
        GB_FLAG(struct settings, force, "force", "also over what was changed on the server since it was pulled"),
        GB_FLAG(struct settings, prune, "prune", "delete from the server what is not in the folder"),
        {.name = NULL},
};

struct push {
	const struct gb_command *self;
	const struct settings *settings;
	struct gb_remote remote;
	struct gb_policy_locals locals;
	struct gb_policy_base base;
	struct gb_policy_plans plans;
	json_t *rows;
	bool is_refused;
};

/* A problem that the server has with LOCAL's text, as compilers print it. */
static void print_wrong(const struct gb_policy_local *local, const json_t *problem)
{
	const char *detail = json_string_value(json_object_get(problem, "detail"));

	(void)fflush(stdout);
	gb_screen_printf(stderr, "%s:%lld:%lld: ", local->path,
	        (long long)json_integer_value(json_object_get(problem, "line")),
	        (long long)json_integer_value(json_object_get(problem, "column")));
	(void)gb_screen_text(stderr, gb_span_cstr(detail != NULL ? detail : "the server refuses it"));
	(void)fputc('\n', stderr);
}

static json_t *body_of(const struct push *push, const struct gb_policy_local *local)
{
	json_t *body = json_pack("{s:s%}", "body", local->text, local->n);

	if (body != NULL && push->settings->comment != NULL)
		(void)json_object_set_new(body, "comment", json_string(push->settings->comment));
	return body;
}

/* All that would be made or changed, by itself and beside what the server has. */
static int check_all(struct push *push)
{
	static const unsigned expected[] = {422, 0};
	int status = GB_EXIT_OK, found = GB_EXIT_OK;

	for (size_t i = 0; status == GB_EXIT_OK && i < push->plans.count; i++) {
		const struct gb_policy_plan *plan = &push->plans.items[i];
		struct gb_remote_call call = {.method = "POST", .path = "/v1/policies/check", .expected = expected};
		json_t *answer = NULL;
		unsigned code = 0;

		gb_remote_progress(i, push->plans.count);
		if (plan->action != GB_POLICY_MAKE && plan->action != GB_POLICY_CHANGE)
			continue;
		call.body = body_of(push, plan->local);
		status = call.body == NULL
		                 ? gb_complain(push->self, GB_EXIT_USAGE, "%s is not UTF-8", plan->local->path)
		                 : gb_remote_call(&push->remote, &call, &code, &answer);
		if (status == GB_EXIT_OK && code == 422) {
			print_wrong(plan->local, answer);
			found = GB_EXIT_FINDINGS;
		}
		json_decref(answer);
	}
	gb_remote_progress(push->plans.count, push->plans.count);
	return status == GB_EXIT_OK ? found : status;
}

static void note(struct push *push, const struct gb_policy_plan *plan, const char *state, const char *why)
{
	gb_policy_remote_note(push->rows, state, plan->kind, plan->name, plan->revision,
	        plan->local == NULL ? NULL : plan->local->path, why);
}

/* PLAN's document, as it is now with revision REVISION, is what the folder knows. */
static void remember(struct push *push, struct gb_policy_plan *plan, int64_t revision)
{
	plan->revision = revision;
	gb_policy_base_set(&push->base, plan->kind, plan->name, revision, gb_policy_local_text(plan->local));
}

/* The server says no to a plan that it found good a moment ago. */
static int refused(struct push *push, const struct gb_policy_plan *plan, unsigned code, const json_t *answer)
{
	if (code == 422 && plan->local != NULL)
		print_wrong(plan->local, answer);
	note(push, plan, "refused", code == 422 ? "the server finds it wrong" : "changed on the server just now");
	push->is_refused = true;
	return GB_EXIT_OK;
}

static int carry_out(struct push *push, struct gb_policy_plan *plan)
{
	static const unsigned expected[] = {404, 412, 422, 0};
	struct gb_remote_call call = {.method = plan->action == GB_POLICY_DELETE ? "DELETE" : "PUT",
	        .path = gb_policy_remote_path(&push->remote, plan->kind, plan->name),
	        .body = plan->action == GB_POLICY_DELETE ? NULL : body_of(push, plan->local),
	        .revision = plan->revision != 0 ? plan->revision : GB_REMOTE_NEW,
	        .expected = expected};
	json_t *answer = NULL;
	unsigned code = 0;
	int status = gb_remote_call(&push->remote, &call, &code, &answer);

	if (status == GB_EXIT_OK && code >= 400) {
		status = refused(push, plan, code, answer);
	} else if (status == GB_EXIT_OK && plan->action == GB_POLICY_DELETE) {
		remember(push, plan, 0);
		note(push, plan, "deleted", NULL);
	} else if (status == GB_EXIT_OK) {
		remember(push, plan, json_integer_value(json_object_get(answer, "revision")));
		note(push, plan, plan->action == GB_POLICY_MAKE ? "new" : "changed", NULL);
	}
	json_decref(answer);
	return status;
}

/* Why one of ANSWER's functions could get no policy. */
static const char *reason_of(const json_t *answer)
{
	const json_t *example;
	size_t i;

	json_array_foreach(json_object_get(answer, "examples"), i, example)
	{
		const char *reason = json_string_value(json_object_get(example, "refused"));

		if (reason != NULL)
			return reason;
	}
	return "";
}

/* What the server says that PLAN would do to functions, in the last row. */
static int try_plan(struct push *push, const struct gb_policy_plan *plan)
{
	static const unsigned expected[] = {403, 404, 422, 0};
	struct gb_remote_call call = {.method = "POST", .path = "/v1/policies/dry-run", .expected = expected};
	json_t *row = json_array_get(push->rows, json_array_size(push->rows) - 1), *answer = NULL, *why;
	unsigned code = 0;
	int status;

	call.body = plan->local != NULL ? body_of(push, plan->local)
	                                : json_pack("{s:{s:s, s:s}}", "remove", "kind", plan->kind, "name", plan->name);
	(void)json_object_del(call.body, "comment");
	status = gb_remote_call(&push->remote, &call, &code, &answer);
	if (status == GB_EXIT_OK && code == 200) {
		(void)json_object_set(row, "functions", json_object_get(answer, "changed"));
		if (json_integer_value(json_object_get(answer, "refused")) > 0) {
			why = json_sprintf("%lld functions could get no policy any more: %s",
			        (long long)json_integer_value(json_object_get(answer, "refused")), reason_of(answer));
			(void)json_object_set_new(row, "why", why);
		}
	}
	json_decref(answer);
	return status;
}

/* Nothing is done when something may not be: all of it is noted only. */
static int note_all(struct push *push)
{
	static const char *const words[] = {[GB_POLICY_KEEP] = "unchanged",
	        [GB_POLICY_MAKE] = "would be new",
	        [GB_POLICY_CHANGE] = "would change",
	        [GB_POLICY_DELETE] = "would be deleted",
	        [GB_POLICY_REFUSE] = "refused"};
	size_t tries = 0;
	int status = GB_EXIT_OK;

	for (size_t i = 0; status == GB_EXIT_OK && i < push->plans.count; i++) {
		const struct gb_policy_plan *plan = &push->plans.items[i];

		note(push, plan, words[plan->action], plan->why);
		if (push->settings->dry_run && plan->action != GB_POLICY_KEEP && plan->action != GB_POLICY_REFUSE &&
		        tries++ < TRIES_MAX)
			status = try_plan(push, plan);
	}
	return status;
}

static int carry_out_all(struct push *push)
{
	int status = GB_EXIT_OK, saved;

	for (size_t i = 0; status == GB_EXIT_OK && i < push->plans.count; i++) {
		struct gb_policy_plan *plan = &push->plans.items[i];

		gb_remote_progress(i, push->plans.count);
		if (plan->action == GB_POLICY_KEEP) {
			remember(push, plan, plan->revision);
			note(push, plan, "unchanged", NULL);
		} else {
			status = carry_out(push, plan);
		}
	}
	gb_remote_progress(push->plans.count, push->plans.count);
	saved = gb_policy_base_save(push->self, &push->base, push->remote.server);
	return status == GB_EXIT_OK ? saved : status;
}

static int push_all(struct push *push)
{
	int status = gb_policy_plans_make(
	        &push->remote, &push->locals, &push->base, push->settings->force, push->settings->prune, &push->plans);

	for (size_t i = 0; i < push->plans.count; i++)
		push->is_refused |= push->plans.items[i].action == GB_POLICY_REFUSE;
	if (status == GB_EXIT_OK)
		status = check_all(push);
	for (size_t i = 0; status == GB_EXIT_OK && i < push->plans.count; i++)
		status = push->remote.is_json ? status : gb_policy_plan_show(push->self, &push->plans.items[i]);
	if (status != GB_EXIT_OK)
		return status;
	if (push->is_refused || push->settings->dry_run)
		status = note_all(push);
	else
		status = carry_out_all(push);
	gb_policy_remote_tell(&push->remote, push->rows);
	if (status == GB_EXIT_OK && push->is_refused)
		status = gb_complain(push->self, GB_EXIT_FINDINGS,
		        "what is refused was not pushed%s: pull what is there into another folder to compare, then say "
		        "--force",
		        push->settings->dry_run ? "" : ", nor what came with it");
	return status;
}

static int load(struct push *push, const struct gb_strings *operands)
{
	char folder[GB_POLICY_FOLDER_BYTES_MAX];
	int status;

	for (size_t i = 0; i < operands->count; i++)
		if (strcmp(operands->items[i], "-") == 0)
			return gb_complain(push->self, GB_EXIT_USAGE, "name files or a folder, not standard input");
	if (push->settings->prune && (operands->count != 1 || !gb_policy_is_folder(operands->items[0])))
		return gb_complain(push->self, GB_EXIT_USAGE,
		        "--prune deletes what is not in a folder: name one folder, and nothing else");
	status = gb_policy_locals_load(push->self, operands, true, &push->locals);
	if (status == GB_EXIT_OK && push->locals.count == 0)
		return gb_complain(
		        push->self, GB_EXIT_USAGE, "no policy (*.yaml, *.yml, *.json) in %s", operands->items[0]);
	if (status != GB_EXIT_OK)
		return status;
	gb_policy_base_folder(operands->items[0], folder);
	return gb_policy_base_open(push->self, folder, push->remote.server, &push->base);
}

static int run(const struct gb_command *self, void *context, const struct gb_strings *operands)
{
	const struct settings *settings = context;
	struct push push = {.self = self, .settings = settings, .rows = json_array()};
	int status = gb_remote_open(&push.remote, self, &settings->remote);

	if (status == GB_EXIT_OK)
		status = load(&push, operands);
	if (status == GB_EXIT_OK)
		status = push_all(&push);
	gb_policy_plans_done(&push.plans);
	json_decref(push.rows);
	gb_policy_base_done(&push.base);
	gb_policy_locals_done(&push.locals);
	gb_remote_close(&push.remote);
	return status;
}

const struct gb_command gb_policy_push_command = {
        .name = "policy push",
        .summary = "put policy documents on a server",
        .operands = "FILE|FOLDER...",
        .notes = "One document a file. All are checked, here and by the server, and what changes is shown; nothing is "
                 "pushed when one is\n"
                 "wrong, or was changed on the server since 'gambeson policy pull'. Exit status: 0 pushed, or with "
                 "--dry-run: would\n"
                 "be; 1 a document is wrong or refused; 2 usage; 3 a server that does not answer, a file that cannot "
                 "be read.\n",
        .operands_min = 1,
        .operands_max = GB_OPERANDS_ANY,
        .options = options,
        .settings_bytes = sizeof(struct settings),
        .run = run,
};
