/* SPDX-License-Identifier: Apache-2.0 */
/* gambeson policy test: a policy held against a list of activities and what is expected of each. */
#include "cmd/gambeson/policy_commands.h"

#include "base/cleanup.h"
#include "base/fd.h"
#include "cmd/gambeson/policy_case.h"
#include "cmd/gambeson/policy_file.h"
#include "cmd/gambeson/policy_judge.h"
#include "cmd/gambeson/screen.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct settings {
	struct gb_strings policies;
	struct gb_policy_target target;
};

/* The policies, turned to the function of the last case; what was read of a file. */
struct session {
	const struct gb_command *self;
	const struct settings *settings;
	struct gb_policy_judge judge;
	bool is_resolved; /* for the function of the command line */
	struct gb_arena *arena;
	struct gb_policyc_node *root;
	size_t number, failed;
};

static void print_name(const struct gb_policy_case *of)
{
	for (size_t i = 0; i < of->name.n; i++) {
		unsigned char c = of->name.p[i];

		putchar(c < ' ' || c == '#' || c == 0x7f ? ' ' : c);
	}
	putchar('\n');
}

static bool judge_case(struct session *session, const char *path, const struct gb_policy_case *of)
{
	struct gb_policy_judgement judgement;
	struct gb_policy_place places[GB_POLICY_PLACES_MAX];
	const struct gb_verdict *verdict = &judgement.verdict;
	bool is_good;
	int count;

	gb_policy_judge(&session->judge, &of->activity, &judgement);
	is_good = verdict->decision == of->expect && (!of->has_control || verdict->control == of->control);
	printf("%s %zu - ", is_good ? "ok" : "not ok", ++session->number);
	print_name(of);
	if (is_good)
		return true;
	session->failed++;
	printf("# %s:%u: expected %s%s%s; it is %s by %s: %s\n", path, of->node->line, gb_decision_text(of->expect),
	        of->has_control ? " by " : "", of->has_control ? gb_control_name(of->control) : "",
	        gb_decision_text(verdict->decision),
	        verdict->control == GB_CONTROL_NONE ? gb_policy_step_name(judgement.decider)
	                                            : gb_control_name(verdict->control),
	        verdict->reason == GB_R_NONE ? "let pass" : gb_reason_facts(verdict->reason)->name);
	count = gb_policy_judge_find(&session->judge, &of->activity, judgement.decider, places);
	for (int i = 0; i < count; i++)
		printf("#   %s '%s', %s: %s (%s:%u)\n", places[i].noun, places[i].name == NULL ? "" : places[i].name,
		        places[i].field, places[i].text, places[i].origin.file == NULL ? "-" : places[i].origin.file,
		        places[i].origin.line);
	return false;
}

static int run_case(struct session *session, const char *path, const struct gb_policy_case *of)
{
	int status = GB_EXIT_OK;

	if (of->has_function || !session->is_resolved) {
		status = gb_policy_judge_resolve(session->self, &session->judge, &of->target);
		if (status != GB_EXIT_OK) {
			fprintf(stderr, "%s:%u: the case has no policy to be held against\n", path, of->node->line);
			return status;
		}
		session->is_resolved = !of->has_function;
	}
	(void)judge_case(session, path, of);
	return GB_EXIT_OK;
}

/* All cases of a file are read before one is judged. */
static int walk(struct session *session, const char *path, bool is_judging)
{
	int status = GB_EXIT_OK;

	for (const struct gb_policyc_node *node = session->root->first; node != NULL && status == GB_EXIT_OK;
	        node = node->next) {
		struct gb_policy_case of;
		int r = gb_policy_case_read(session->arena, node, &session->settings->target, &of);

		if (r == -ENOMEM) {
			status = gb_complain(session->self, GB_EXIT_SYSTEM, "out of memory");
		} else if (r < 0) {
			gb_screen_printf(stderr, "%s:%u:%u: %s\n", path, of.diag.line, of.diag.column, of.diag.message);
			status = GB_EXIT_USAGE;
		} else if (is_judging) {
			status = run_case(session, path, &of);
		}
		gb_activity_case_done(&of.activity);
	}
	return status;
}

static int run_file(struct session *session, const char *path)
{
	GB_CLEANUP(gb_freep) char *data = NULL;
	struct gb_diag diag = {0};
	size_t n = 0;
	int status = gb_policy_file_read(session->self, path, &data, &n), r;

	if (status != GB_EXIT_OK)
		return status;
	session->root = NULL;
	r = gb_policyc_tree_parse(session->arena, gb_span_of(data, n), 1, &session->root, &diag);
	if (r == -ENOMEM)
		return gb_complain(session->self, GB_EXIT_SYSTEM, "out of memory");
	if (r == 0 && (session->root == NULL || session->root->kind != GB_POLICYC_LIST || session->root->first == NULL))
		r = gb_diag_set(&diag, -EINVAL, session->root == NULL ? 1 : session->root->line, 1,
		        "a list of cases is expected here: - {name: …, activity: …, expect: …}");
	if (r < 0) {
		gb_screen_printf(stderr, "%s:%u:%u: %s\n", path, diag.line, diag.column, diag.message);
		return GB_EXIT_USAGE;
	}
	status = walk(session, path, false);
	return status == GB_EXIT_OK ? walk(session, path, true) : status;
}

static int run(const struct gb_command *self, void *settings, const struct gb_strings *operands)
{
	struct session session = {.self = self, .settings = settings, .arena = gb_arena_new()};
	int status = session.arena == NULL ? gb_complain(self, GB_EXIT_SYSTEM, "out of memory")
	                                   : gb_policy_judge_load(self, &session.settings->policies, &session.judge);

	for (size_t i = 0; i < operands->count && status == GB_EXIT_OK; i++)
		status = run_file(&session, operands->items[i]);
	if (status == GB_EXIT_OK) {
		printf("1..%zu\n", session.number);
		if (session.failed != 0)
			printf("# %zu of %zu failed\n", session.failed, session.number);
	}
	gb_policy_judge_done(&session.judge);
	gb_arena_free(session.arena);
	return status == GB_EXIT_OK && session.failed != 0 ? GB_EXIT_FINDINGS : status;
}

static const struct gb_option options[] = {
        GB_LIST(struct settings, policies, "policy", "FILE|FOLDER", "documents, or a compiled policy"),
        GB_POLICY_TARGET_OPTIONS(struct settings, target),
        {.name = NULL},
};

const struct gb_command gb_policy_test_command = {
        .name = "policy test",
        .summary = "check that a policy decides activities as expected",
        .operands = "CASES...",
        .notes = "CASES is a YAML list of {name, activity, expect}: the activity as 'policy explain' takes it, "
                 "'expect' is\n"
                 "allow, observe, report or deny; docs/POLICY.md has the rest. Prints TAP.\n"
                 "Exit status 1 when a case fails or the policy is invalid, 2 for a wrong command line or case, 3 when "
                 "a\n"
                 "file cannot be read.\n",
        .operands_min = 1,
        .operands_max = GB_OPERANDS_ANY,
        .options = options,
        .settings_bytes = sizeof(struct settings),
        .run = run,
};
