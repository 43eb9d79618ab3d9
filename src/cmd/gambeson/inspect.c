/* SPDX-License-Identifier: Apache-2.0 */
/* gambeson inspect: judge events, or payloads one a line, as the input firewall would. */
#include "cmd/gambeson/inspect.h"

#include "base/cleanup.h"

#include <stdlib.h>
#include <string.h>

static const struct gb_option options[] = {
        GB_FLAG(struct gb_inspection_settings, json, "json", "print one JSON object an event"),
        GB_FLAG(struct gb_inspection_settings, explain, "explain",
                "print every string, the encodings undone on it and the detectors that read it"),
        GB_TEXT(struct gb_inspection_settings, policy, "policy", "FILE",
                "say what is done about it under this policy, a document or compiled"),
        GB_FLAG(struct gb_inspection_settings, strict, "strict",
                "alarm at what is doubtful too, as a policy with sensitivity strict does"),
        GB_TEXT(struct gb_inspection_settings, classes, "class", "LIST", "look for these classes only: cmdi,lfi"),
        GB_TEXT(struct gb_inspection_settings, shape, "event-shape", "NAME",
                "take events for this kind, whatever they look like: sqs"),
        GB_FLAG(struct gb_inspection_settings, jsonl, "jsonl", "every line of a FILE is an event"),
        GB_FLAG(struct gb_inspection_settings, value, "value", "what is read is one string, not an event"),
        GB_FLAG(struct gb_inspection_settings, batch, "batch",
                "read one base64 payload a line; print 'attack<TAB>CLASS<TAB>REASON' or 'benign' for each"),
        {.name = NULL},
};

void gb_inspection_run(const struct gb_inspection *session, const struct gb_inspect_options *with, struct gb_span text,
        struct gb_firewall_verdict *ret_verdict)
{
	if (session->firewall.policy != NULL) {
		gb_firewall_judge(&session->firewall, text, true, with, session->scratch, ret_verdict);
		return;
	}
	*ret_verdict = (struct gb_firewall_verdict){.is_blocked = false};
	if (session->settings->value)
		gb_inspect_value(with, text, session->scratch, &ret_verdict->report);
	else
		gb_inspect_event(with, text, session->scratch, &ret_verdict->report);
}

/* Judge one event and print what is to be said about it. */
static void judge_and_print(struct gb_inspection *session, const struct gb_inspection_subject *subject)
{
	struct gb_firewall_verdict verdict;

	if (session->settings->explain)
		gb_inspection_explain(session, subject, &verdict);
	else
		gb_inspection_run(session, &session->options, subject->text, &verdict);
	session->event_count++;
	session->attack_count += verdict.report.finding_count != 0;
	session->alarm_count +=
	        verdict.report.finding_count != 0 || verdict.is_blocked || verdict.source_mode != GB_MODE_OFF;
	session->action_counts[gb_inspection_action(&verdict)]++;
	if (session->settings->json)
		gb_inspection_print_json(session, subject, &verdict);
	else if (!session->settings->explain)
		gb_inspection_print_text(session, subject, &verdict);
}

static int complain_of_class(const struct gb_command *command, struct gb_span code)
{
	char known[256] = "";
	size_t n = 0;

	for (int c = GB_CLASS_NONE + 1; c < _GB_CLASS_MAX && n < sizeof(known); c++)
		n += (size_t)snprintf(known + n, sizeof(known) - n, "%s%s", n == 0 ? "" : ", ",
		        gb_inspect_class_facts((enum gb_attack_class)c)->code);
	return gb_complain(command, GB_EXIT_USAGE, "--class: unknown class '%.*s'; there are %s",
	        code.n < 60 ? (int)code.n : 60, (const char *)code.p, known);
}

static int parse_classes(const struct gb_command *command, const char *list, uint32_t *ret_classes)
{
	struct gb_span rest = gb_span_cstr(list);
	size_t comma;

	do {
		enum gb_attack_class attack_class;
		struct gb_span code;

		comma = gb_span_find_byte(rest, ',', 0);
		code = gb_span_trim(gb_span_sub(rest, 0, comma));
		attack_class = gb_inspect_class_of_code(code);
		if (attack_class == GB_CLASS_NONE)
			return complain_of_class(command, code);
		*ret_classes |= 1u << attack_class;
		rest = gb_span_sub(rest, comma == SIZE_MAX ? rest.n : comma + 1, SIZE_MAX);
	} while (comma != SIZE_MAX);
	return GB_EXIT_OK;
}

static int parse_shape(const struct gb_command *command, const char *name, enum gb_event_shape *ret_shape)
{
	enum gb_event_shape shape = gb_inspect_shape_of_name(gb_span_cstr(name));
	const char *known[_GB_SHAPE_MAX], *nearest;

	if (shape != _GB_SHAPE_MAX && shape != GB_SHAPE_OTHER && shape != GB_SHAPE_NOT_JSON) {
		*ret_shape = shape;
		return GB_EXIT_OK;
	}
	for (int s = 0; s < _GB_SHAPE_MAX; s++)
		known[s] = gb_inspect_shape_name((enum gb_event_shape)s);
	nearest = gb_options_nearest(name, known, _GB_SHAPE_MAX);
	if (nearest != NULL && shape == _GB_SHAPE_MAX)
		return gb_complain(command, GB_EXIT_USAGE, "--event-shape: unknown shape; did you mean '%s'?", nearest);
	return gb_complain(command, GB_EXIT_USAGE,
	        "--event-shape: no such shape; docs/FIREWALL.md lists them, and 'inspect' names that of an event");
}

static int check(const struct gb_command *command, const struct gb_inspection_settings *settings)
{
	if (settings->batch && (settings->json || settings->explain || settings->jsonl || settings->value))
		return gb_complain(command, GB_EXIT_USAGE,
		        "--batch has input and output of its own; leave out --json, --explain, --jsonl and --value");
	if (settings->policy != NULL && (settings->batch || settings->value))
		return gb_complain(command, GB_EXIT_USAGE, "--policy is about events; leave out --batch and --value");
	if (settings->policy != NULL && (settings->strict || settings->classes != NULL))
		return gb_complain(
		        command, GB_EXIT_USAGE, "--policy says what is looked for; leave out --strict and --class");
	if (settings->json && settings->explain)
		return gb_complain(command, GB_EXIT_USAGE, "--explain is for people; leave out --json");
	return GB_EXIT_OK;
}

/* The worst of two exit statuses: what could not be read weighs more than what was found. */
static int worse(int a, int b)
{
	return a > b ? a : b;
}

static int run(const struct gb_command *self, void *settings_memory, const struct gb_strings *operands)
{
	const struct gb_inspection_settings *settings = settings_memory;
	GB_CLEANUP(gb_freep) struct gb_inspect_scratch *scratch = malloc(gb_inspect_scratch_bytes());
	GB_CLEANUP(gb_freep) unsigned char *policy = NULL;
	struct gb_inspection session = {
	        .command = self, .settings = settings, .scratch = scratch, .on_event = judge_and_print};
	int (*const take)(struct gb_inspection *, const char *) =
	        settings->batch ? gb_inspection_batch : gb_inspection_input;
	int status = check(self, settings);

	if (status == GB_EXIT_OK && scratch == NULL)
		return gb_complain(self, GB_EXIT_SYSTEM, "out of memory");
	if (status == GB_EXIT_OK && settings->classes != NULL)
		status = parse_classes(self, settings->classes, &session.options.classes);
	if (status == GB_EXIT_OK && settings->shape != NULL)
		status = parse_shape(self, settings->shape, &session.options.forced_shape);
	session.options.is_strict = settings->strict;
	if (status == GB_EXIT_OK && settings->policy != NULL)
		status = gb_inspection_take_policy(&session, settings->policy, &policy);
	if (status != GB_EXIT_OK)
		return status;
	if (operands->count == 0)
		status = take(&session, "-");
	for (size_t i = 0; i < operands->count; i++)
		status = worse(status, take(&session, operands->items[i]));
	if (!settings->json && !settings->batch)
		gb_inspection_print_summary(&session);
	return worse(status, session.alarm_count != 0 ? GB_EXIT_FINDINGS : GB_EXIT_OK);
}

const struct gb_command gb_cmd_inspect = {
        .name = "inspect",
        .summary = "judge events as the input firewall would",
        .operands = "[FILE|DIR|-]...",
        .notes = "Without a FILE, or with '-', one event is read from standard input. Of a DIR, all .json files below "
                 "it are\n"
                 "events, and in .jsonl and .ndjson files every line is one. What cannot be read is named and passed "
                 "over.\n"
                 "Exit status: 0 nothing found, 1 an attack found (with --batch 0), 2 usage, or --batch met a line "
                 "that\n"
                 "is not base64 and answered 'error', 3 something could not be read.\n",
        .operands_max = GB_OPERANDS_ANY,
        .options = options,
        .settings_bytes = sizeof(struct gb_inspection_settings),
        .run = run,
};
