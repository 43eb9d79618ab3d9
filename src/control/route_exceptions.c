/* SPDX-License-Identifier: Apache-2.0 */
/* "Make an exception": drafts for an event, and what a rule or exclusion would change before it is made. */
#include "base/cleanup.h"
#include "control/event_json.h"
#include "control/rule_json.h"
#include "publish/exceptions.h"
#include "publish/preview.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define EXAMPLES_MAX 50u

/* The line of the event of the path, and its function. */
struct told {
	json_t *line;
	int64_t function;
};

static int take_event(void *context, const struct gb_event *event)
{
	struct told *told = context;

	told->line = gb_json_load(event->body);
	told->function = event->function;
	return 1;
}

/* Its group, in the call's arena; NULL: none, or none that can be told. */
static const char *group_of(struct gb_call *call, const struct gb_function *function)
{
	GB_CLEANUP(gb_policyc_set_freep) struct gb_policyc_set *set = NULL;
	GB_CLEANUP(gb_policyc_document_freep) struct gb_policyc_document *learned = NULL;
	struct gb_policyc_resolution resolution;
	char *copy = NULL;
	size_t n;

	if (gb_publish_set(call->store, function, &set, NULL) < 0 ||
	        gb_publish_resolve(call->store, set, function, &resolution, &learned, NULL) < 0)
		return NULL;
	n = resolution.group_name == NULL ? 0 : strlen(resolution.group_name);
	if (n != 0)
		copy = gb_arena_take(call->arena, n + 1);
	if (copy != NULL)
		memcpy(copy, resolution.group_name, n);
	gb_policyc_resolution_done(&resolution);
	return copy;
}

static int answer_drafts(struct gb_call *call, const struct gb_function *function, const json_t *line)
{
	const char *rule = json_string_value(json_object_get(json_object_get(line, "rule"), "name")), *note;
	json_t *list, *answer;
	int r = gb_publish_exceptions(function, group_of(call, function), line, &list, &note);

	if (r < 0)
		return gb_call_failed(call, r, NULL);
	answer = json_pack("{s:o, s:s?}", "exceptions", list, "note", note);
	if (answer != NULL && rule != NULL && strncmp(rule, "rule/", 5) == 0)
		(void)json_object_set_new(answer, "rule", json_string(rule + 5));
	return gb_call_json(call, 200, answer);
}

static int list_exceptions(struct gb_call *call)
{
	unsigned char id[GB_EVENT_ID_BYTES];
	struct gb_diag diag = {0};
	struct gb_function function;
	struct told told = {0};
	char number[24];
	int r = gb_event_id_parse(gb_call_parameter(call, "id"), id)
	                ? gb_event_get(call->store, call->actor->scope, id, take_event, &told, &diag)
	                : 0;

	(void)snprintf(number, sizeof(number), "%" PRId64, told.function);
	if (r < 0)
		r = gb_call_failed(call, r, &diag);
	else if (r == 0)
		r = gb_call_problem(call, 404, "not-found", "there is no such event");
	else {
		r = gb_call_function(call, gb_span_cstr(number), &function);
		if (r == 0)
			r = gb_call_problem(call, 404, "not-found", "the event's function is forgotten");
		else if (r > 0)
			r = answer_drafts(call, &function, told.line);
	}
	json_decref(told.line);
	return r < 0 ? 0 : r;
}

static json_t *text_json(struct gb_span text)
{
	json_t *value = gb_json_text(text);

	return value != NULL ? value : json_string("?");
}

/* What was seen, by its activity or, of the firewall's findings, by its place. */
static json_t *example_json(const struct gb_publish_example *example)
{
	char id[27] = "", function[24];
	const struct gb_activity *activity = example->activity;
	struct gb_span rest = activity == NULL ? GB_SPAN_EMPTY : activity->arguments;
	json_t *line = NULL, *arguments, *object, *subject;

	if (example->event != NULL)
		gb_event_id_print(example->event->id, id);
	if (activity == NULL && example->event != NULL)
		line = gb_json_load(example->event->body);
	subject = activity != NULL ? text_json(activity->subject)
	                           : json_incref(json_object_get(json_object_get(line, "input"), "path"));
	(void)snprintf(function, sizeof(function), "%" PRId64, example->function->id);
	object = json_pack("{s:s?, s:s, s:o, s:s, s:o, s:s, s:s}", "event", id[0] == '\0' ? NULL : id, "function",
	        function, "function_name", text_json(example->function->name), "kind",
	        activity == NULL ? "input" : gb_activity_kind_name(activity->kind), "subject",
	        json_is_string(subject) ? subject : json_string(""), "before", gb_decision_word(example->before),
	        "after", gb_decision_word(example->after));
	if (!json_is_string(subject))
		json_decref(subject);
	json_decref(line);
	if (activity != NULL && activity->object.n != 0)
		(void)json_object_set_new(object, "object", text_json(activity->object));
	if (rest.n == 0)
		return object;
	arguments = json_array();
	while (rest.n != 0) {
		size_t end = gb_span_find_byte(rest, '\0', 0);

		(void)json_array_append_new(arguments, text_json(gb_span_sub(rest, 0, end)));
		rest = end == SIZE_MAX ? GB_SPAN_EMPTY : gb_span_sub(rest, end + 1, SIZE_MAX);
	}
	(void)json_object_set_new(object, "arguments", arguments);
	return object;
}

static int add_example(void *context, const struct gb_publish_example *example)
{
	json_t *list = context;

	return json_array_size(list) < EXAMPLES_MAX && json_array_append_new(list, example_json(example)) < 0 ? -ENOMEM
	                                                                                                      : 0;
}

static int preview_rule(struct gb_call *call)
{
	const json_t *body = gb_call_body(call);
	struct gb_publish_preview preview;
	struct gb_diag diag = {0};
	struct gb_rule rule;
	json_t *examples;
	int r;

	if (body == NULL || gb_rule_read(call, body, &rule) < 0)
		return 0;
	examples = json_array();
	r = gb_publish_preview(call->store, call->actor->scope, &rule, add_example, examples, &preview, &diag);
	if (r < 0) {
		json_decref(examples);
		return r == -EINVAL || r == -EFBIG ? gb_call_problem(call, 422, "invalid", "%s", diag.message)
		                                   : gb_call_failed(call, r, &diag);
	}
	return gb_call_json(call, 200,
	        json_pack("{s:I, s:I, s:I, s:b, s:s?, s:o}", "functions", (json_int_t)preview.functions, "examined",
	                (json_int_t)preview.examined, "changed", (json_int_t)preview.changed, "truncated",
	                preview.is_truncated, "conflict", preview.conflict[0] == '\0' ? NULL : preview.conflict,
	                "examples", examples));
}

const struct gb_route gb_routes_exceptions[] = {
        {.method = "POST",
                .path = "/v1/rules/preview",
                .handle = preview_rule,
                .operation_id = "previewRule",
                .role = GB_ROLE_ANALYST,
                .scope = "policies:read",
                .body_max = GB_RULE_BODY_MAX},
        {.method = "GET",
                .path = "/v1/events/{id}/exceptions",
                .handle = list_exceptions,
                .operation_id = "listExceptions",
                .role = GB_ROLE_ANALYST,
                .scope = "events:read"},
        {0},
};
