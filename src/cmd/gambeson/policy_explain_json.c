/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/gambeson/policy_explain.h"

#include <jansson.h>
#include <stdio.h>

static void add_words(struct gb_text *text, const char *key, const struct gb_policyc_strings *strings)
{
	if (strings->count == 0)
		return;
	gb_text_add_cstr(text, text->n == 0 ? key : "; ");
	if (text->n == 2 || text->p[text->n - 1] == ' ')
		gb_text_add_cstr(text, key);
	for (size_t i = 0; i < strings->count; i++) {
		gb_text_add_cstr(text, i == 0 ? " " : ", ");
		gb_text_add_cstr(text, strings->items[i]);
	}
}

void gb_explanation_scope(const struct gb_policyc_scope *scope, struct gb_text *text)
{
	add_words(text, "accounts", &scope->accounts);
	add_words(text, "regions", &scope->regions);
	add_words(text, "groups", &scope->groups);
	add_words(text, "functions", &scope->functions);
	add_words(text, "runtimes", &scope->runtimes);
	add_words(text, "versions", &scope->versions);
	add_words(text, "aliases", &scope->aliases);
	for (size_t i = 0; i < scope->tags.count; i++) {
		gb_text_add_cstr(text, text->n == 0 ? "tags " : i == 0 ? "; tags " : ", ");
		gb_text_add_cstr(text, scope->tags.items[i].key);
		gb_text_add_byte(text, '=');
		gb_text_add_cstr(text, scope->tags.items[i].value);
	}
	if (text->n == 0)
		gb_text_add_cstr(text, "all functions");
}

const char *gb_explanation_mode(const struct gb_policy_judge *judge, enum gb_policy_step step)
{
	enum gb_control control = gb_policy_step_control(step);

	if (control == GB_CONTROL_NONE)
		return "";
	/* An allowlist that is off observes all the same, when the policy is profiling. */
	if (step == GB_POLICY_ALLOWLIST && gb_policy_observes(&judge->policy))
		return "observe";
	return gb_mode_name(gb_policy_mode(&judge->policy, control, gb_policy_posture(&judge->policy)));
}

bool gb_explanation_left_out_matches(const struct gb_explanation *explanation, size_t index)
{
	return gb_policy_judge_left_out_matches(
	               &explanation->judge, &explanation->activity, &explanation->judge.resolution.left_out[index]) > 0;
}

const char *gb_explanation_why(const struct gb_explanation *explanation)
{
	const struct gb_policy_judgement *judgement = &explanation->judgement;

	if (judgement->decider == _GB_POLICY_STEP_MAX)
		return "the posture is off";
	if (judgement->verdict.decision != GB_ALLOW)
		return gb_reason_facts(judgement->verdict.reason)->text;
	if (judgement->decider == GB_POLICY_EXCLUSIONS)
		return "excluded";
	if (gb_policy_mode(&explanation->judge.policy, GB_CONTROL_ALLOWLIST,
	            gb_policy_posture(&explanation->judge.policy)) == GB_MODE_OFF &&
	        !gb_policy_observes(&explanation->judge.policy))
		return "nothing speaks against it, and the allowlist is off";
	return explanation->place_count != 0 || explanation->judge.set == NULL
	               ? "it is on the allowlist"
	               : "nothing speaks against it; an allowlist without hosts has nothing to say about names";
}

static json_t *text_of(struct gb_span text)
{
	json_t *string = json_stringn((const char *)text.p, text.n);

	return string == NULL ? json_string("(not UTF-8)") : string;
}

static json_t *json_of_origin(const struct gb_policyc_origin *origin)
{
	return origin->file == NULL ? json_null()
	                            : json_pack("{s:s, s:i}", "file", origin->file, "line", (int)origin->line);
}

static json_t *json_of_activity(const struct gb_activity *activity)
{
	json_t *object = json_object(), *arguments;

	json_object_set_new(object, "kind", json_string(gb_activity_kind_name(activity->kind)));
	json_object_set_new(object, "subject", text_of(activity->subject));
	if (activity->object.n != 0)
		json_object_set_new(object, "object", text_of(activity->object));
	if (activity->kind != GB_ACTIVITY_PROCESS_START)
		return object;
	arguments = json_array();
	for (size_t at = 0; at < activity->arguments.n;) {
		size_t end = gb_span_find_byte(activity->arguments, '\0', at);

		json_array_append_new(arguments, text_of(gb_span_sub(activity->arguments, at, end - at)));
		at = end + 1;
	}
	json_object_set_new(object, "arguments", arguments);
	return object;
}

static json_t *json_of_steps(const struct gb_explanation *explanation)
{
	static const char *const states[] = {"not for this kind", "asked", "not asked any more"};
	const struct gb_policy_judgement *judgement = &explanation->judgement;
	json_t *steps = json_array();

	for (unsigned step = 0; step < _GB_POLICY_STEP_MAX; step++) {
		const struct gb_verdict *answer = &judgement->answers[step];
		struct gb_span name = gb_policy_tag(&explanation->judge.policy, answer->tag);
		json_t *object = json_pack("{s:s, s:s, s:s, s:s}", "step", gb_policy_step_name(step), "mode",
		        gb_explanation_mode(&explanation->judge, step), "state", states[judgement->states[step]],
		        "answer", gb_decision_text(answer->decision));

		if (answer->reason != GB_R_NONE)
			json_object_set_new(object, "reason", json_string(gb_reason_facts(answer->reason)->name));
		if (name.n != 0)
			json_object_set_new(object, "name", text_of(name));
		json_array_append_new(steps, object);
	}
	return steps;
}

static json_t *json_of_places(const struct gb_explanation *explanation)
{
	json_t *places = json_array();

	for (size_t i = 0; i < explanation->place_count; i++) {
		const struct gb_policy_place *place = &explanation->places[i];
		char buffer[1024];
		struct gb_text scope = gb_text_on(buffer, sizeof(buffer));
		json_t *object = json_pack("{s:s, s:s, s:s, s:b, s:o}", "in", place->noun, "field", place->field,
		        "text", place->text, "regex", place->is_regex, "at", json_of_origin(&place->origin));

		if (place->name != NULL)
			json_object_set_new(object, "name", json_string(place->name));
		if (place->kind != NULL)
			json_object_set_new(object, "document",
			        json_pack("{s:s, s:s*, s:o}", "kind", place->kind, "name", place->document, "at",
			                json_of_origin(&place->document_at)));
		if (place->scope != NULL) {
			gb_explanation_scope(place->scope, &scope);
			json_object_set_new(object, "scope", json_string(gb_text_cstr(&scope)));
		}
		json_array_append_new(places, object);
	}
	return places;
}

void gb_explanation_print_json(const struct gb_explanation *explanation)
{
	const struct gb_policyc_resolution *resolution = &explanation->judge.resolution;
	const struct gb_policy_judgement *judgement = &explanation->judgement;
	json_t *all = json_object(), *left_out = json_array();

	for (size_t i = 0; i < resolution->left_out_count; i++) {
		const struct gb_policyc_left_out *out = &resolution->left_out[i];

		json_array_append_new(left_out, json_pack("{s:s, s:s?, s:o, s:s, s:b}", "in", out->noun, "name",
		                                        out->name, "at", json_of_origin(&out->origin), "why", out->text,
		                                        "matches", gb_explanation_left_out_matches(explanation, i)));
	}
	json_object_set_new(all, "activity", json_of_activity(&explanation->activity.activity));
	if (resolution->group_name != NULL)
		json_object_set_new(all, "group",
		        json_pack("{s:s, s:s, s:o}", "name", resolution->group_name, "why", resolution->group_why, "at",
		                json_of_origin(&resolution->group)));
	json_object_set_new(all, "leftOut", left_out);
	json_object_set_new(all, "steps", json_of_steps(explanation));
	json_object_set_new(all, "verdict",
	        json_pack("{s:s, s:s, s:s, s:s}", "decision", gb_decision_text(judgement->verdict.decision), "step",
	                gb_policy_step_name(judgement->decider), "reason",
	                gb_reason_facts(judgement->verdict.reason)->name, "why", gb_explanation_why(explanation)));
	json_object_set_new(all, "places", json_of_places(explanation));
	json_dumpf(all, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(all);
}
