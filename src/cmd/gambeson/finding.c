/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/gambeson/finding.h"

#include "cmd/gambeson/screen.h"

#include <string.h>

#define ITEMS_SHOWN 12u /* of one line of observations */

static struct gb_span member(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);

	return json_is_string(value) ? gb_span_of(json_string_value(value), json_string_length(value)) : GB_SPAN_EMPTY;
}

static size_t number(const json_t *object, const char *name)
{
	json_int_t value = json_integer_value(json_object_get(object, name));

	return value < 0 ? 0 : (size_t)value;
}

static void put(FILE *out, const char *before, struct gb_span s)
{
	if (s.n == 0)
		return;
	fputs(before, out);
	(void)gb_screen_text(out, s);
}

/* "process_start /bin/sh -c text", the way a person would type it. */
static void print_activity(FILE *out, const json_t *activity)
{
	const json_t *arguments = json_object_get(activity, "arguments"), *argument;
	size_t i;

	(void)gb_screen_text(out, member(activity, "kind"));
	put(out, " ", member(activity, "subject"));
	put(out, " -> ", member(activity, "object"));
	json_array_foreach(arguments, i, argument) if (i > 0 && json_is_string(argument))
	        put(out, " ", gb_span_of(json_string_value(argument), json_string_length(argument)));
	fputc('\n', out);
}

static void print_facts(FILE *out, const json_t *event)
{
	const json_t *attack = json_object_get(event, "attack"), *technique;
	size_t i, cwe = number(event, "cwe");

	fputs("      ", out);
	(void)gb_screen_text(out, member(event, "control"));
	put(out, " / ", member(event, "reason"));
	put(out, " / ", member(json_object_get(event, "rule"), "name"));
	put(out, " / ", member(event, "severity"));
	json_array_foreach(attack, i, technique)
	        put(out, " / ", gb_span_of(json_string_value(technique), json_string_length(technique)));
	if (cwe != 0)
		fprintf(out, " / CWE-%zu", cwe);
	put(out, " / from ", member(event, "source_ip"));
	fputc('\n', out);
}

static void print_finding(FILE *out, bool is_coloured, const json_t *event)
{
	bool is_blocked = gb_span_equal(member(event, "action"), GB_SPAN("blocked"));
	const json_t *input = json_object_get(event, "input"), *activity = json_object_get(event, "activity");

	gb_screen_colour(out, is_coloured, is_blocked ? GB_COLOUR_RED : GB_COLOUR_YELLOW);
	fputs(is_blocked ? "  ! blocked:  " : "  ! observed: ", out);
	gb_screen_colour(out, is_coloured, GB_COLOUR_BOLD);
	(void)gb_screen_text(out, member(event, "type"));
	gb_screen_colour(out, is_coloured, GB_COLOUR_NONE);
	put(out, ": ", member(event, "message"));
	fputc('\n', out);
	if (json_is_object(input)) {
		put(out, "      input ", member(input, "path"));
		fputs(":\n", out);
		gb_screen_evidence(
		        out, is_coloured, 8, member(input, "value"), number(input, "from"), number(input, "length"));
	}
	if (json_is_object(activity)) {
		fputs("      sink  ", out);
		print_activity(out, activity);
	}
	print_facts(out, event);
}

/* What a person looks for among the observations: processes and addresses. Files are counted. */
static bool is_worth_showing(const json_t *item)
{
	struct gb_span kind = member(item, "kind");

	return gb_span_starts(kind, GB_SPAN("process_")) || gb_span_starts(kind, GB_SPAN("net_"));
}

static void print_observations(FILE *out, bool is_coloured, const json_t *event)
{
	const json_t *items = json_object_get(event, "items"), *item;
	size_t i, shown = 0;

	gb_screen_colour(out, is_coloured, GB_COLOUR_DIM);
	fprintf(out, "  . %zu %s seen for the first time", json_array_size(items),
	        json_array_size(items) == 1 ? "thing" : "things");
	put(out, " (", member(event, "phase"));
	fputs(")\n", out);
	json_array_foreach(items, i, item)
	{
		if (!is_worth_showing(item) || shown++ >= ITEMS_SHOWN)
			continue;
		fputs("      ", out);
		print_activity(out, item);
	}
	gb_screen_colour(out, is_coloured, GB_COLOUR_NONE);
}

static void print_start(FILE *out, bool is_coloured, const json_t *event)
{
	const json_t *policy = json_object_get(event, "policy"), *tiers = json_object_get(event, "tiers");

	gb_screen_colour(out, is_coloured, GB_COLOUR_DIM);
	put(out, "  . gambeson ", member(event, "version"));
	put(out, ": mode ", member(event, "mode"));
	put(out, ", stance ", member(event, "stance"));
	put(out, ", policy ", member(policy, "state"));
	put(out, " ", member(policy, "name"));
	fprintf(out, ", firewall %s, sensor %s\n", json_is_true(json_object_get(tiers, "firewall")) ? "on" : "off",
	        json_is_true(json_object_get(tiers, "sensor")) ? "on" : "off");
	gb_screen_colour(out, is_coloured, GB_COLOUR_NONE);
}

static void print_notice(FILE *out, bool is_coloured, const json_t *event)
{
	gb_screen_colour(out, is_coloured, GB_COLOUR_YELLOW);
	put(out, "  * notice: ", member(event, "reason"));
	gb_screen_colour(out, is_coloured, GB_COLOUR_NONE);
	put(out, ": ", member(event, "message"));
	fputc('\n', out);
}

void gb_finding_print(FILE *out, bool is_coloured, const json_t *event)
{
	struct gb_span kind = member(event, "kind");

	if (gb_span_equal(kind, GB_SPAN("finding")))
		print_finding(out, is_coloured, event);
	else if (gb_span_equal(kind, GB_SPAN("observations")))
		print_observations(out, is_coloured, event);
	else if (gb_span_equal(kind, GB_SPAN("start")))
		print_start(out, is_coloured, event);
	else if (gb_span_equal(kind, GB_SPAN("notice")))
		print_notice(out, is_coloured, event);
}

json_t *gb_finding_parse(struct gb_span line)
{
	json_t *event = json_loadb((const char *)line.p, line.n, JSON_REJECT_DUPLICATES, NULL);

	if (json_is_object(event))
		return event;
	json_decref(event);
	return NULL;
}
