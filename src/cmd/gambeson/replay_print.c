/* SPDX-License-Identifier: Apache-2.0 */
/* gambeson replay: what is told in the end. */
#include "cmd/gambeson/replay.h"

#include "base/span.h"
#include "cmd/gambeson/commands.h"
#include "cmd/gambeson/screen.h"

#include <string.h>
#include <unistd.h>

static const char *text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text != NULL ? text : "";
}

static json_int_t number_of(const json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}

/* The offences by control, reason and decision, in the order of their first. */
static json_t *groups_of(const struct gb_replay_tally *tally)
{
	json_t *groups = json_array();

	for (size_t i = 0; i < json_array_size(tally->offences); i++) {
		const json_t *offence = json_array_get(tally->offences, i);
		json_t *group = NULL;

		for (size_t j = 0; j < json_array_size(groups) && group == NULL; j++) {
			json_t *other = json_array_get(groups, j);

			if (strcmp(text_of(other, "decision"), text_of(offence, "decision")) == 0 &&
			        strcmp(text_of(other, "control"), text_of(offence, "control")) == 0 &&
			        strcmp(text_of(other, "reason"), text_of(offence, "reason")) == 0)
				group = other;
		}
		if (group == NULL) {
			group = json_pack("{s:s,s:s,s:s,s:i,s:i}", "decision", text_of(offence, "decision"), "control",
			        text_of(offence, "control"), "reason", text_of(offence, "reason"), "different", 0,
			        "times", 0);
			json_array_append_new(groups, group);
		}
		json_object_set_new(group, "different", json_integer(number_of(group, "different") + 1));
		json_object_set_new(
		        group, "times", json_integer(number_of(group, "times") + number_of(offence, "times")));
	}
	return groups;
}

static json_int_t invocations_of(const struct gb_replay_tally *tally)
{
	json_int_t all = 0;
	json_t *value;
	const char *name;

	json_object_foreach(tally->sandboxes, name, value) all += json_integer_value(value);
	return all;
}

static json_int_t requests_of(const struct gb_replay_tally *tally, enum gb_decision decision)
{
	json_int_t all = 0;
	json_t *value;
	const char *name;

	json_object_foreach(tally->requests, name, value) all += json_integer_value(value) == (json_int_t)decision;
	return all;
}

static void print_offence(const json_t *offence, bool is_coloured)
{
	const char *decision = text_of(offence, "decision");
	const json_t *arguments = json_object_get(offence, "arguments");

	fputs("  ", stdout);
	gb_screen_colour(stdout, is_coloured,
	        strcmp(decision, "block") == 0   ? GB_COLOUR_RED
	        : strcmp(decision, "alert") == 0 ? GB_COLOUR_YELLOW
	                                         : GB_COLOUR_DIM);
	fputs(decision, stdout);
	gb_screen_colour(stdout, is_coloured, GB_COLOUR_NONE);
	gb_screen_printf(stdout, "  %s / %s", text_of(offence, "control"), text_of(offence, "reason"));
	if (text_of(offence, "rule")[0] != '\0') {
		fputs(" / ", stdout);
		(void)gb_screen_text(stdout, gb_span_cstr(text_of(offence, "rule")));
	}
	gb_screen_printf(stdout, ": %s ", text_of(offence, "kind"));
	(void)gb_screen_text(stdout, gb_span_cstr(text_of(offence, "subject")));
	for (size_t i = 0; i < json_array_size(arguments); i++) {
		fputs(i == 0 ? ": " : " ", stdout);
		(void)gb_screen_text(stdout, gb_span_cstr(json_string_value(json_array_get(arguments, i))));
	}
	if (text_of(offence, "object")[0] != '\0') {
		fputs(" -> ", stdout);
		(void)gb_screen_text(stdout, gb_span_cstr(text_of(offence, "object")));
	}
	fputs("\n         ", stdout);
	(void)gb_screen_text(stdout, gb_span_cstr(text_of(offence, "file")));
	if (number_of(offence, "line") != 0)
		printf(":%lld", (long long)number_of(offence, "line"));
	if (text_of(offence, "request")[0] != '\0') {
		fputs("  request ", stdout);
		(void)gb_screen_text(stdout, gb_span_cstr(text_of(offence, "request")));
	}
	printf("  %lld times\n", (long long)number_of(offence, "times"));
}

static void print_offences(const struct gb_replay_tally *tally, size_t first)
{
	size_t count = json_array_size(tally->offences), printed = 0;
	bool is_coloured = gb_has_colour(STDOUT_FILENO);

	if (count == 0 || first == 0)
		return;
	puts("\nfirst:");
	for (int decision = GB_DENY; decision < GB_ALLOW; decision++)
		for (size_t i = 0; i < count && printed < first; i++) {
			const json_t *offence = json_array_get(tally->offences, i);

			if (strcmp(text_of(offence, "decision"), gb_replay_decision_name((enum gb_decision)decision)) !=
			        0)
				continue;
			print_offence(offence, is_coloured);
			printed++;
		}
	if (printed < count)
		printf("  and %zu more; --first N shows more\n", count - printed);
}

void gb_replay_print_text(const struct gb_replay_tally *tally, const char *posture, size_t first, size_t untold)
{
	json_t *groups = groups_of(tally);

	printf("posture %s; %zu activities told of %lld invocations in %zu sandboxes, %zu events\n", posture,
	        tally->activities, (long long)invocations_of(tally), json_object_size(tally->sandboxes), tally->events);
	printf("would be blocked: %zu different things in at least %lld invocations, %zu events\n",
	        gb_replay_tally_count(tally, GB_DENY), (long long)requests_of(tally, GB_DENY),
	        tally->events_by_decision[GB_DENY]);
	printf("would alert:      %zu different things in at least %lld invocations, %zu events\n",
	        gb_replay_tally_count(tally, GB_REPORT), (long long)requests_of(tally, GB_REPORT),
	        tally->events_by_decision[GB_REPORT]);
	if (gb_replay_tally_count(tally, GB_OBSERVE) != 0)
		printf("would be noted:   %zu different things, no alert\n", gb_replay_tally_count(tally, GB_OBSERVE));
	if (json_array_size(groups) != 0)
		printf("\n%-8s %-12s %-28s %9s %9s\n", "", "control", "reason", "different", "times");
	for (size_t i = 0; i < json_array_size(groups); i++) {
		const json_t *group = json_array_get(groups, i);

		gb_screen_printf(stdout, "%-8s %-12s %-28s %9lld %9lld\n", text_of(group, "decision"),
		        text_of(group, "control"), text_of(group, "reason"), (long long)number_of(group, "different"),
		        (long long)number_of(group, "times"));
	}
	json_decref(groups);
	print_offences(tally, first);
	if (tally->cut != 0)
		printf("\n%zu activities are told in part only; what is missing may decide otherwise\n", tally->cut);
	if (untold != 0)
		printf("\n%zu findings in the logs are about events; give the events too\n", untold);
}

void gb_replay_print_json(const struct gb_replay_tally *tally, const char *posture, size_t first, size_t untold)
{
	json_t *offences = json_array(), *all;

	for (int decision = GB_DENY; decision < GB_ALLOW; decision++)
		for (size_t i = 0; i < json_array_size(tally->offences) && json_array_size(offences) < first; i++) {
			json_t *offence = json_array_get(tally->offences, i);

			if (strcmp(text_of(offence, "decision"), gb_replay_decision_name((enum gb_decision)decision)) ==
			        0)
				json_array_append(offences, offence);
		}
	all = json_pack("{s:s,s:I,s:I,s:I,s:I,s:I,s:I,s:{s:I,s:I,s:I},s:{s:I,s:I,s:I},s:I,s:o,s:o}", "posture", posture,
	        "invocations", (json_int_t)invocations_of(tally), "sandboxes",
	        (json_int_t)json_object_size(tally->sandboxes), "activities", (json_int_t)tally->activities, "events",
	        (json_int_t)tally->events, "cut", (json_int_t)tally->cut, "untold", (json_int_t)untold, "blocked",
	        "different", (json_int_t)gb_replay_tally_count(tally, GB_DENY), "invocations",
	        requests_of(tally, GB_DENY), "events", (json_int_t)tally->events_by_decision[GB_DENY], "alerted",
	        "different", (json_int_t)gb_replay_tally_count(tally, GB_REPORT), "invocations",
	        requests_of(tally, GB_REPORT), "events", (json_int_t)tally->events_by_decision[GB_REPORT], "observed",
	        (json_int_t)gb_replay_tally_count(tally, GB_OBSERVE), "reasons", groups_of(tally), "first", offences);
	json_dumpf(all, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(all);
}
