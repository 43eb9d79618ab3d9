/* SPDX-License-Identifier: Apache-2.0 */
/* gambeson policy explain: what a policy says of one activity, step by step, and which entry decided. */
#include "cmd/gambeson/policy_commands.h"

#include "cmd/gambeson/policy_explain.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct settings {
	struct gb_strings policies, inputs, credentials, over;
	struct gb_policy_target target;
	bool json;
};

static int read_activity(const struct gb_command *self, const struct settings *settings,
        const struct gb_strings *operands, struct gb_activity_case *of)
{
	struct gb_diag diag = {0};
	struct gb_span *words;
	int r = gb_activity_case_new(of);

	words = r < 0 ? NULL : gb_arena_take(of->arena, operands->count * sizeof(*words));
	if (words == NULL)
		return gb_complain(self, GB_EXIT_SYSTEM, "out of memory");
	for (size_t i = 0; i < operands->count; i++)
		words[i] = gb_span_cstr(operands->items[i]);
	r = gb_activity_text_words(of, words, operands->count, &diag);
	for (size_t i = 0; i < settings->inputs.count && r == 0; i++)
		r = gb_activity_case_input(of, GB_SPAN("input"), gb_span_cstr(settings->inputs.items[i]), &diag);
	for (size_t i = 0; i < settings->credentials.count && r == 0; i++)
		r = gb_activity_case_credential(of, gb_span_cstr(settings->credentials.items[i]), &diag);
	for (size_t i = 0; i < settings->over.count && r == 0; i++)
		r = gb_activity_case_over(of, gb_span_cstr(settings->over.items[i]), &diag);
	if (r == -EINVAL)
		return gb_complain(self, GB_EXIT_USAGE, "%s", diag.message);
	return r < 0 ? gb_complain(self, GB_EXIT_SYSTEM, "out of memory") : GB_EXIT_OK;
}

static const char *answer_text(const struct gb_policy_judgement *judgement, enum gb_policy_step step)
{
	const struct gb_verdict *answer = &judgement->answers[step];

	if (judgement->states[step] == GB_POLICY_STEP_NOT_FOR_KIND)
		return "not for this kind";
	if (answer->reason == GB_R_EXCLUDED)
		return "allow";
	return answer->reason == GB_R_NONE ? "nothing to say" : gb_decision_text(answer->decision);
}

static void print_span(struct gb_span text)
{
	for (size_t i = 0; i < text.n; i++)
		printf(text.p[i] < ' ' || text.p[i] == 0x7f ? "\\x%02x" : "%c", text.p[i]);
}

static void print_activity(const struct gb_activity *activity)
{
	fputs(gb_activity_kind_name(activity->kind), stdout);
	if (activity->subject.n != 0)
		putchar(' ');
	print_span(activity->subject);
	for (size_t at = 0; at < activity->arguments.n;) {
		size_t end = gb_span_find_byte(activity->arguments, '\0', at);

		fputs(at == 0 ? " [" : ", ", stdout);
		print_span(gb_span_sub(activity->arguments, at, end - at));
		at = end + 1;
		if (at >= activity->arguments.n)
			putchar(']');
	}
	if (activity->object.n != 0)
		fputs(activity->kind == GB_ACTIVITY_PROCESS_START ? " script " : " ", stdout);
	print_span(activity->object);
	putchar('\n');
}

static void print_steps(const struct gb_explanation *explanation)
{
	const struct gb_policy_judgement *judgement = &explanation->judgement;

	for (unsigned step = 0; step < _GB_POLICY_STEP_MAX; step++) {
		const struct gb_verdict *answer = &judgement->answers[step];
		struct gb_span name = gb_policy_tag(&explanation->judge.policy, answer->tag);

		printf("%s %-11s %-8s %s", step == judgement->decider ? "->" : "  ", gb_policy_step_name(step),
		        gb_explanation_mode(&explanation->judge, step), answer_text(judgement, step));
		if (answer->reason != GB_R_NONE && answer->reason != GB_R_EXCLUDED)
			printf(": %s", gb_reason_facts(answer->reason)->name);
		if (name.n != 0)
			printf(" ('%.*s')", (int)name.n, (const char *)name.p);
		if (judgement->states[step] == GB_POLICY_STEP_NOT_REACHED && answer->reason != GB_R_NONE)
			fputs(" (not asked any more)", stdout);
		putchar('\n');
	}
}

static void print_place(const struct gb_policy_place *place)
{
	char buffer[1024];
	struct gb_text scope = gb_text_on(buffer, sizeof(buffer));

	printf("  %s", place->noun);
	if (place->name != NULL)
		printf(" '%s'", place->name);
	printf(", %s: %s%s", place->field, place->is_regex ? "regex " : "", place->text);
	if (place->origin.file != NULL)
		printf(" (%s:%u)", place->origin.file, place->origin.line);
	else
		fputs(" (of a list that a document names)", stdout);
	if (place->kind != NULL) {
		printf("\n    of %s", place->kind);
		if (place->document != NULL && place->document[0] != '\0')
			printf(" '%s'", place->document);
		printf(" (%s:%u)", place->document_at.file, place->document_at.line);
	}
	if (place->scope != NULL) {
		gb_explanation_scope(place->scope, &scope);
		printf(", for %s", gb_text_cstr(&scope));
	}
	putchar('\n');
}

static void print_text(const struct gb_explanation *explanation)
{
	const struct gb_policy_judgement *judgement = &explanation->judgement;
	const struct gb_policyc_resolution *resolution = &explanation->judge.resolution;

	print_activity(&explanation->activity.activity);
	gb_policy_print_resolution(resolution, stdout);
	for (size_t i = 0; i < resolution->left_out_count; i++)
		if (gb_explanation_left_out_matches(explanation, i))
			printf("note: %s '%s', which was left out, would have matched\n", resolution->left_out[i].noun,
			        resolution->left_out[i].name == NULL ? "(no name)" : resolution->left_out[i].name);
	print_steps(explanation);
	printf("%s, by %s: %s\n", gb_decision_text(judgement->verdict.decision),
	        gb_policy_step_name(judgement->decider), gb_explanation_why(explanation));
	for (size_t i = 0; i < explanation->place_count; i++)
		print_place(&explanation->places[i]);
	if (explanation->judge.set == NULL)
		puts("  (a compiled policy: places are known of documents only)");
}

static int explain(const struct gb_command *self, const struct settings *settings, const struct gb_strings *operands,
        struct gb_explanation *explanation)
{
	int status = read_activity(self, settings, operands, &explanation->activity), count = 0;

	if (status == GB_EXIT_OK)
		status = gb_policy_judge_load(self, &settings->policies, &explanation->judge);
	if (status == GB_EXIT_OK)
		status = gb_policy_judge_resolve(self, &explanation->judge, &settings->target);
	if (status != GB_EXIT_OK)
		return status;
	gb_policy_judge(&explanation->judge, &explanation->activity, &explanation->judgement);
	/* An exclusion or the allowlist may have let it pass; else what found it. */
	if (explanation->judgement.decider != _GB_POLICY_STEP_MAX)
		count = gb_policy_judge_find(&explanation->judge, &explanation->activity,
		        explanation->judgement.decider, explanation->places);
	if (count < 0)
		return gb_complain(self, GB_EXIT_SYSTEM, "%s", strerror(-count));
	explanation->place_count = (size_t)count;
	if (settings->json)
		gb_explanation_print_json(explanation);
	else
		print_text(explanation);
	return GB_EXIT_OK;
}

static int run(const struct gb_command *self, void *settings, const struct gb_strings *operands)
{
	struct gb_explanation explanation = {0};
	int status = explain(self, settings, operands, &explanation);

	gb_policy_judge_done(&explanation.judge);
	gb_activity_case_done(&explanation.activity);
	return status;
}

static const struct gb_option options[] = {
        GB_LIST(struct settings, policies, "policy", "FILE|FOLDER", "documents, or a compiled policy"),
        GB_LIST(struct settings, inputs, "input", "TEXT", "a string of the event in hand, for the flow check"),
        GB_LIST(struct settings, credentials, "credential", "TEXT", "a secret key that the function's role has"),
        GB_LIST(struct settings, over, "over", "BUDGET", "this budget is used up: processes, connections, …"),
        GB_FLAG(struct settings, json, "json", "print JSON"),
        GB_POLICY_TARGET_OPTIONS(struct settings, target),
        {.name = NULL},
};

const struct gb_command gb_policy_explain_command = {
        .name = "policy explain",
        .summary = "say what a policy does about an activity, and which entry decides",
        .operands = "KIND [SUBJECT...]",
        .notes =
                "Options stand before the activity, which is one of\n"
                "  file_read PATH          also file_write, file_delete, file_mode, library_map\n"
                "  file_rename PATH PATH   also file_link\n"
                "  process_start PATH ARGV0 ARGUMENT...\n"
                "  net_connect 10.0.0.1:80 [--name HOST]   also net_send, net_listen\n"
                "  name_lookup HOST\n"
                "  aws_api s3:GetObject [ARN]\n"
                "  http_request \"GET example.com\" /path\n"
                "  KIND [SUBJECT]          any other kind\n"
                "Exit status 1 when the policy is invalid, 2 for a wrong command line, 3 when a file cannot be read.\n",
        .operands_min = 1,
        .operands_max = GB_OPERANDS_ANY,
        .is_launcher = true,
        .options = options,
        .settings_bytes = sizeof(struct settings),
        .run = run,
};
