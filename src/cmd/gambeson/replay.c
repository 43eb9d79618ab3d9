/* SPDX-License-Identifier: Apache-2.0 */
/* gambeson replay: what a policy would have done about what a function did, and about the events that it got. */
#include "cmd/gambeson/replay.h"

#include "base/cleanup.h"
#include "base/fd.h"
#include "cmd/gambeson/inspect.h"
#include "cmd/gambeson/policy_file.h"
#include "cmd/gambeson/policy_set.h"
#include "learn/learn.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FILE_BYTES_MAX (1024ull * 1024u * 1024u)

struct settings {
	struct gb_strings policies;
	struct gb_policy_target target;
	const char *posture;
	uint64_t first;
	bool json, jsonl;
};

static const char *const postures[] = {"detect", "block", NULL};

static const struct gb_option options[] = {
        GB_LIST(struct settings, policies, "policy", "FILE|FOLDER", "the policy: documents, or a compiled one"),
        GB_CHOICE(struct settings, posture, "posture", "MODE",
                "as if the policy were in force with this posture: detect, block", .choices = postures),
        GB_NUMBER(struct settings, first, "first", "N", "how many things to list at most", .minimum = 0,
                .maximum = 1000000, .fallback = 10),
        GB_FLAG(struct settings, jsonl, "jsonl", "every line of a file is an event or a log line, whatever its name"),
        GB_FLAG(struct settings, json, "json", "print JSON"),
        GB_POLICY_TARGET_OPTIONS(struct settings, target),
        {.name = NULL},
};

/* `inspection` is first: whom it calls gets from it to the rest. */
struct replay {
	struct gb_inspection inspection;
	struct gb_inspection_settings inspection_settings;
	const struct gb_command *self;
	const struct settings *settings;
	struct gb_policy_context context;
	struct gb_replay_tally tally;
	struct gb_learn_walk walk;
	struct gb_replay_place place;
};

static int on_activity(void *replay_memory, const struct gb_learn_told *told)
{
	struct replay *replay = replay_memory;
	struct gb_verdict verdict = gb_policy_evaluate(&replay->context, &told->activity);
	struct gb_replay_place place = replay->place;

	replay->tally.activities++;
	replay->tally.cut += told->is_cut;
	if (verdict.decision == GB_ALLOW)
		return 0;
	place.line = told->line != 0 ? place.line + told->line : 0;
	place.request = told->request;
	place.sandbox = told->sandbox;
	gb_replay_tally_add(&replay->tally,
	        &(struct gb_replay_offence){
	                .decision = verdict.decision,
	                .control = gb_control_name(verdict.control),
	                .reason = gb_reason_facts(verdict.reason)->name,
	                .kind = gb_activity_kind_name(told->activity.kind),
	                .subject = told->activity.subject,
	                .object = told->activity.object,
	                .arguments = told->activity.arguments,
	                .rule = gb_policy_tag(replay->context.policy, verdict.tag),
	                .count = told->is_finding ? 0 : told->count,
	        },
	        &place);
	return replay->tally.is_short_of_memory ? -ENOMEM : 0;
}

static int on_sandbox(void *replay_memory, struct gb_span sandbox, uint64_t invocations)
{
	struct replay *replay = replay_memory;

	gb_replay_tally_sandbox(&replay->tally, sandbox, invocations);
	return 0;
}

static bool begins_as_json(struct gb_span s)
{
	return s.n != 0 && (s.p[0] == '{' || s.p[0] == '[');
}

static enum gb_decision decision_of(enum gb_mode mode)
{
	return mode == GB_MODE_BLOCK ? GB_DENY : mode == GB_MODE_DETECT ? GB_REPORT : GB_ALLOW;
}

/* A log service may put something in front of lines; within what begins as JSON does, they are part of an event. */
static bool is_log(struct gb_span text)
{
	struct gb_span s = gb_span_trim(text);

	return gb_learn_is_line(s) || (!begins_as_json(s) && gb_learn_is_log(s));
}

/* What the firewall of an agent would tell about one event. */
static void add_event(struct replay *replay, const struct gb_inspection_subject *subject)
{
	const struct gb_replay_place place = {.file = subject->file, .line = subject->line};
	struct gb_firewall_verdict verdict;

	gb_inspection_run(&replay->inspection, &replay->inspection.options, subject->text, &verdict);
	replay->tally.events++;
	replay->tally.events_by_decision[decision_of(gb_inspection_action(&verdict))]++;
	for (size_t i = 0; i < verdict.report.finding_count; i++) {
		const struct gb_inspect_finding *finding = &verdict.report.findings[i];

		if (verdict.modes[i] != GB_MODE_OFF)
			gb_replay_tally_add(&replay->tally,
			        &(struct gb_replay_offence){
			                .decision = decision_of(verdict.modes[i]),
			                .control = gb_control_name(GB_CONTROL_FIREWALL),
			                .reason = finding->reason,
			                .kind = gb_inspect_class_facts(finding->attack_class)->code,
			                .subject = finding->path,
			                .rule = gb_policy_tag(&replay->inspection.policy, verdict.tags[i]),
			        },
			        &place);
	}
	if (verdict.source_mode != GB_MODE_OFF)
		gb_replay_tally_add(&replay->tally,
		        &(struct gb_replay_offence){.decision = decision_of(verdict.source_mode),
		                .control = gb_control_name(GB_CONTROL_FIREWALL),
		                .reason = "listed",
		                .kind = "source",
		                .subject = gb_span_of(verdict.client, verdict.client_n)},
		        &place);
	if (verdict.report.is_limited && verdict.limit_mode != GB_MODE_OFF)
		gb_replay_tally_add(&replay->tally,
		        &(struct gb_replay_offence){.decision = decision_of(verdict.limit_mode),
		                .control = gb_control_name(GB_CONTROL_FIREWALL),
		                .reason = gb_inspect_limit_name(verdict.limit),
		                .kind = "limit",
		                .subject = verdict.report.limit_path},
		        &place);
}

/* A line of a recorded log, among files of events, is what it says. */
static void on_event(struct gb_inspection *inspection, const struct gb_inspection_subject *subject)
{
	struct replay *replay = (struct replay *)(void *)inspection;
	struct gb_span text = gb_span_trim(subject->text);

	if (!is_log(text)) {
		add_event(replay, subject);
		return;
	}
	replay->place =
	        (struct gb_replay_place){.file = subject->file, .line = subject->line == 0 ? 0 : subject->line - 1};
	if (gb_learn_walk_log(&replay->walk, text) < 0)
		replay->tally.is_short_of_memory = true;
}

static bool is_events_name(const char *path)
{
	struct gb_span s = gb_span_cstr(path);

	return gb_span_ends(s, GB_SPAN(".json")) || gb_span_ends(s, GB_SPAN(".jsonl")) ||
	       gb_span_ends(s, GB_SPAN(".ndjson"));
}

static int take_profile(struct replay *replay, const char *path, struct gb_span text)
{
	GB_CLEANUP(gb_profile_freep) struct gb_profile *profile = NULL;
	struct gb_diag diag = {0};
	int r = gb_profile_parse(text, &profile, &diag);

	if (r < 0 && r != -ENOMEM)
		return gb_complain(
		        replay->self, GB_EXIT_USAGE, "%s:%u:%u: %s", path, diag.line, diag.column, diag.message);
	if (r == 0)
		r = gb_learn_walk_profile(&replay->walk, profile);
	return r < 0 ? gb_complain(replay->self, GB_EXIT_SYSTEM, "out of memory") : GB_EXIT_OK;
}

/* Profile, log or event, by what stands in it: a log may have any name, an event begins as JSON does. */
static int take_text(struct replay *replay, const char *path, struct gb_span text)
{
	replay->place = (struct gb_replay_place){.file = path};
	if (gb_profile_is_profile(text))
		return take_profile(replay, path, text);
	if (is_log(text))
		return gb_learn_walk_log(&replay->walk, text) < 0
		               ? gb_complain(replay->self, GB_EXIT_SYSTEM, "out of memory")
		               : GB_EXIT_OK;
	if (!begins_as_json(gb_span_trim(text)) && !is_events_name(path))
		return gb_complain(replay->self, GB_EXIT_USAGE,
		        "%s: no event, no profile, and no line of Gambeson's in it; is it the function's whole log?",
		        path);
	add_event(replay, &(struct gb_inspection_subject){.file = path, .text = text});
	return GB_EXIT_OK;
}

static bool is_lines(const struct replay *replay, const char *path)
{
	return replay->settings->jsonl || (is_events_name(path) && !gb_span_ends(gb_span_cstr(path), GB_SPAN(".json")));
}

static int take(struct replay *replay, const char *path)
{
	GB_CLEANUP(gb_freep) char *data = NULL;
	size_t n = 0;
	int r;

	if (gb_policy_is_folder(path) || is_lines(replay, path))
		return gb_inspection_input(&replay->inspection, path);
	r = gb_fd_read_file(path, FILE_BYTES_MAX, &data, &n);
	if (r < 0)
		return gb_complain(replay->self, GB_EXIT_SYSTEM, "%s cannot be read: %s", path, strerror(-r));
	return take_text(replay, strcmp(path, "-") == 0 ? "stdin" : path, gb_span_of(data, n));
}

/* BLOB, N bytes, in force as the settings say. */
static int open_policy(struct replay *replay, const unsigned char *blob, size_t n)
{
	struct gb_policy *policy = &replay->inspection.policy;
	int64_t moment = 0;
	int status = gb_policy_target_moment(replay->self, &replay->settings->target, &moment);

	if (status == GB_EXIT_OK)
		status = gb_inspection_open_policy(
		        &replay->inspection, replay->settings->policies.items[0], blob, n, moment);
	if (status != GB_EXIT_OK)
		return status;
	replay->context = (struct gb_policy_context){
	        .policy = policy,
	        .posture = gb_policy_posture(policy),
	        .observe = gb_policy_observes(policy),
	};
	if (replay->settings->posture == NULL)
		return GB_EXIT_OK;
	(void)gb_mode_of_name(gb_span_cstr(replay->settings->posture), &replay->context.posture);
	replay->context.observe = false;
	replay->inspection.firewall.mode = gb_policy_mode(policy, GB_CONTROL_FIREWALL, replay->context.posture);
	return GB_EXIT_OK;
}

static int tell(const struct replay *replay)
{
	const struct gb_replay_tally *tally = &replay->tally;
	void (*const print)(const struct gb_replay_tally *, const char *, size_t, size_t) =
	        replay->settings->json ? gb_replay_print_json : gb_replay_print_text;

	if (tally->is_short_of_memory)
		return gb_complain(replay->self, GB_EXIT_SYSTEM, "out of memory");
	if (replay->walk.broken != 0)
		fprintf(stderr, "left out: %zu lines or items that could not be read\n", replay->walk.broken);
	print(tally, gb_mode_name(replay->context.posture), replay->settings->first, replay->walk.without_activity);
	return gb_replay_tally_count(tally, GB_DENY) + gb_replay_tally_count(tally, GB_REPORT) +
	                               tally->events_by_decision[GB_DENY] + tally->events_by_decision[GB_REPORT] !=
	                       0
	               ? GB_EXIT_FINDINGS
	               : GB_EXIT_OK;
}

static int run(const struct gb_command *self, void *settings_memory, const struct gb_strings *operands)
{
	GB_CLEANUP(gb_freep) struct gb_inspect_scratch *scratch = malloc(gb_inspect_scratch_bytes());
	GB_CLEANUP(gb_freep) unsigned char *blob = NULL;
	const struct settings *settings = settings_memory;
	struct replay replay = {.self = self, .settings = settings};
	size_t n = 0;
	int status;

	if (settings->policies.count == 0)
		return gb_complain(self, GB_EXIT_USAGE, "under which policy? add --policy FILE");
	if (scratch == NULL)
		return gb_complain(self, GB_EXIT_SYSTEM, "out of memory");
	replay.inspection_settings.jsonl = settings->jsonl;
	replay.inspection.command = self;
	replay.inspection.settings = &replay.inspection_settings;
	replay.inspection.scratch = scratch;
	replay.inspection.on_event = on_event;
	replay.walk.on_activity = on_activity;
	replay.walk.on_sandbox = on_sandbox;
	replay.walk.context = &replay;
	status = gb_policy_compile(self, &settings->policies, &settings->target, &blob, &n);
	if (status == GB_EXIT_OK)
		status = open_policy(&replay, blob, n);
	if (status != GB_EXIT_OK)
		return status;
	gb_replay_tally_init(&replay.tally);
	for (size_t i = 0; i < operands->count; i++) {
		int one = take(&replay, operands->items[i]);

		status = one > status ? one : status;
	}
	if (status == GB_EXIT_OK)
		status = tell(&replay);
	gb_replay_tally_done(&replay.tally);
	return status;
}

const struct gb_command gb_cmd_replay = {
        .name = "replay",
        .summary = "show what a policy would have done about recorded activities and events",
        .operands = "LOG|PROFILE|EVENT|FOLDER|-...",
        .notes = "LOG is the function's log, of which Gambeson's observations and findings are judged; EVENT is what "
                 "the\n"
                 "function was invoked with: a .json file, or one a line in .jsonl and .ndjson; of a FOLDER all such "
                 "files.\n"
                 "Exit status: 0 nothing would be blocked or alert, 1 something would, 2 usage or a wrong policy, 3 "
                 "something\n"
                 "could not be read.\n",
        .operands_min = 1,
        .operands_max = GB_OPERANDS_ANY,
        .options = options,
        .settings_bytes = sizeof(struct settings),
        .run = run,
};
