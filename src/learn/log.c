/* SPDX-License-Identifier: Apache-2.0 */
#include "learn/line.h"
#include "learn/store.h"

#include "activity/made_up.h"
#include "base/text.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>

/* Sandbox of what older agents saw at start-up. */
#define NO_SANDBOX GB_SPAN("-")

struct reading {
	struct gb_profile *profile;
	struct gb_profile_reading *counts;
	struct gb_profile_version *version;
	struct gb_profile_sandbox *sandbox;
	struct gb_span sandbox_id, request, time, source;
	uint64_t at;
};

/* Names that are made up for one invocation are one thing: else each would be an item for ever. */
static int fold(struct gb_profile *profile, struct gb_arena *scratch, struct gb_profile_item *item)
{
	struct gb_span subject, object = item->object;
	bool has_two = item->kind == GB_ACTIVITY_FILE_RENAME || item->kind == GB_ACTIVITY_FILE_LINK;
	int r;

	if (item->is_cut || (!has_two && !gb_made_up_is_file(item->kind)) ||
	        gb_span_find_byte(item->subject, '*', 0) != SIZE_MAX ||
	        gb_span_find_byte(item->object, '*', 0) != SIZE_MAX)
		return 0;
	r = gb_learn_path_pattern(scratch, profile->boundaries, item->subject, &subject);
	if (r == 0 && has_two)
		r = gb_learn_path_pattern(scratch, profile->boundaries, item->object, &object);
	if (r < 0 || (gb_span_equal(subject, item->subject) && gb_span_equal(object, item->object)))
		return r;
	item->subject = subject;
	item->object = object;
	item->is_pattern = true;
	return 0;
}

static int take_observation(struct reading *reading, const json_t *object)
{
	struct gb_span arguments[GB_LEARN_ARGUMENTS_MAX];
	struct gb_profile_item item, *kept = NULL;
	struct gb_profile *profile = reading->profile;
	struct gb_arena *scratch;
	int r;

	reading->counts->items++;
	if (!gb_learn_line_item(object, &item, arguments)) {
		reading->counts->broken++;
		return 0;
	}
	scratch = gb_arena_new();
	r = scratch == NULL ? -ENOMEM : fold(profile, scratch, &item);
	if (r == 0)
		r = gb_profile_item_take(profile, &reading->version->items, GB_PROFILE_ITEMS_MAX, &item, &kept);
	gb_arena_free(scratch);
	if (r < 0 || kept == NULL)
		return r;
	kept->is_each |= kept->is_pattern && !json_is_true(json_object_get(object, "alike"));
	r = gb_profile_seen_add(profile, kept, reading->sandbox_id, gb_learn_line_number(object, "n", 1));
	if (r == 0)
		r = gb_profile_first_add(profile, kept, reading->sandbox_id,
		        (struct gb_profile_first){.at = reading->at, .request = reading->request});
	if (r == 0)
		r = gb_profile_source_add(profile, reading->version, kept, reading->source);
	return r < 0 ? r : gb_profile_time_add(profile, &kept->earliest, &kept->latest, reading->time);
}

/* What differs from the allowlist is what profiles are made of, and a budget says nothing about a thing: neither makes
 * its invocation an attack. */
static bool is_evidence(struct gb_span control)
{
	return !gb_span_equal(control, GB_SPAN("allowlist")) && !gb_span_equal(control, GB_SPAN("budgets")) &&
	       !gb_span_equal(control, GB_SPAN("hygiene"));
}

static int take_finding(struct reading *reading, const json_t *line)
{
	const json_t *activity = json_object_get(line, "activity"), *among = json_object_get(line, "among");
	struct gb_span arguments[GB_LEARN_ARGUMENTS_MAX];
	struct gb_profile_item item, *kept;
	int r = 0;

	if (!is_evidence(gb_learn_line_text(line, "control")))
		return 0;
	if (reading->request.n != 0)
		r = gb_profile_bad_request_add(reading->profile, reading->request);
	/* Of several events in hand any may have been the attack. */
	for (size_t i = 0; r == 0 && i < json_array_size(among); i++) {
		const json_t *id = json_array_get(among, i);

		r = gb_profile_bad_request_add(
		        reading->profile, gb_span_of(json_string_value(id), json_string_length(id)));
	}
	if (r < 0 || activity == NULL)
		return r;
	if (!gb_learn_line_item(activity, &item, arguments)) {
		reading->counts->broken++;
		return 0;
	}
	return gb_profile_item_take(
	        reading->profile, &reading->profile->bad_items, GB_PROFILE_BAD_ITEMS_MAX, &item, &kept);
}

/* The version that the line's sandbox runs; of one that never said so, that without a name. */
static int find_version(struct reading *reading, struct gb_span id)
{
	struct gb_profile *profile = reading->profile;

	for (size_t i = 0; i < profile->versions.count && reading->version == NULL; i++) {
		struct gb_profile_version *version = (struct gb_profile_version *)profile->versions.items[i];

		if (gb_profile_find(&version->sandboxes, id) != NULL)
			reading->version = version;
	}
	return reading->version != NULL
	               ? 0
	               : gb_profile_version_take(profile, GB_SPAN_EMPTY, GB_SPAN_EMPTY, &reading->version);
}

static int take_sandbox(struct reading *reading, struct gb_span id, uint64_t invocations)
{
	int r = find_version(reading, id);

	reading->sandbox_id = id;
	if (r < 0 || reading->version == NULL)
		return r;
	r = gb_profile_sandbox_take(reading->profile, reading->version, id, invocations, &reading->sandbox);
	return r < 0 ? r
	             : gb_profile_time_add(
	                       reading->profile, &reading->version->earliest, &reading->version->latest, reading->time);
}

static int take_start(struct reading *reading, const json_t *line)
{
	struct gb_profile *profile = reading->profile;
	struct gb_span function = gb_learn_line_text(line, "function"), id = gb_learn_line_text(line, "sandbox");
	struct gb_profile_key *taken;
	int r = 0;

	if (id.n == 0)
		return 0;
	if (function.n != 0 && profile->function.n == 0)
		profile->function = gb_profile_copy(profile->arena, function, &r);
	if (r == 0 && function.n != 0 && !gb_span_equal(function, profile->function)) {
		reading->counts->foreign++;
		return gb_profile_take(profile->arena, &profile->foreign, id, sizeof(*taken), SIZE_MAX, &taken);
	}
	if (r == 0)
		r = gb_profile_version_take(profile, gb_learn_line_text(line, "code"),
		        gb_learn_line_text(line, "function_version"), &reading->version);
	return r < 0 || reading->version == NULL ? r : take_sandbox(reading, id, 0);
}

/* Where several events were in hand: their ids, blanks between, as one witness, which is good when all of them are. */
static void take_among(struct reading *reading, const json_t *ids, struct gb_text *text)
{
	for (size_t i = 0; i < json_array_size(ids); i++) {
		const json_t *id = json_array_get(ids, i);

		if (text->n != 0)
			gb_text_add_byte(text, ' ');
		gb_text_add(text, gb_span_of(json_string_value(id), json_string_length(id)));
	}
	if (text->n != 0)
		reading->request = gb_text_span(text);
}

static int take_observations(struct reading *reading, const json_t *line)
{
	char buffer[GB_PROFILE_TEXT_MAX];
	struct gb_text among = gb_text_on(buffer, sizeof(buffer));
	const json_t *items = json_object_get(line, "items");
	struct gb_span id = gb_learn_line_text(line, "sandbox"), shape = gb_learn_line_text(line, "shape");
	bool is_old = id.n == 0;
	int r;

	/* An older agent names no sandbox and counts nothing: each invocation is one by itself. */
	if (is_old)
		id = reading->request.n != 0 ? reading->request : NO_SANDBOX;
	take_among(reading, json_object_get(line, "among"), &among);
	reading->at = is_old ? 1 : gb_learn_line_number(line, "invocations", 1);
	r = take_sandbox(reading, id, is_old ? (reading->request.n != 0 ? 1 : 0) : reading->at);
	if (r == 0 && reading->sandbox != NULL && shape.n != 0)
		r = gb_profile_shape_add(reading->profile, reading->sandbox, shape, 1);
	if (reading->at == 0)
		reading->at = 1;
	reading->source = gb_learn_line_text(line, "source_ip");
	for (size_t i = 0; i < json_array_size(items) && r == 0 && reading->version != NULL; i++)
		r = take_observation(reading, json_array_get(items, i));
	return r;
}

static int take_progress(struct reading *reading, json_t *line)
{
	struct gb_span id = gb_learn_line_text(line, "sandbox");
	json_t *value;
	const char *name;
	int r;

	if (id.n == 0)
		return 0;
	r = take_sandbox(reading, id, gb_learn_line_number(line, "invocations", 0));
	json_object_foreach(json_object_get(line, "shapes"), name, value)
	{
		if (r == 0 && reading->sandbox != NULL && json_is_integer(value) && json_integer_value(value) > 0 &&
		        strlen(name) <= GB_PROFILE_TEXT_MAX)
			r = gb_profile_shape_add(reading->profile, reading->sandbox, gb_span_cstr(name),
			        (uint64_t)json_integer_value(value));
	}
	return r;
}

/* What was lost may be of the invocation before. */
static int take_notice(struct reading *reading, const json_t *line)
{
	struct gb_span id = gb_learn_line_text(line, "sandbox"), reason = gb_learn_line_text(line, "reason");
	uint64_t at = gb_learn_line_number(line, "invocations", 0);
	int r = 0;

	if (id.n == 0 || (!gb_span_equal(reason, GB_SPAN("observation_limit")) &&
	                         !gb_span_equal(reason, GB_SPAN("reports_lost"))))
		return 0;
	r = take_sandbox(reading, id, at);
	if (reading->sandbox != NULL)
		gb_profile_limit_add(reading->sandbox, at > 1 ? at - 1 : 1);
	return r;
}

static int take_line(struct gb_profile *profile, json_t *line, struct gb_profile_reading *counts)
{
	struct reading reading = {.profile = profile,
	        .counts = counts,
	        .request = gb_learn_line_text(line, "request"),
	        .time = gb_learn_line_text(line, "time")};
	struct gb_span kind = gb_learn_line_text(line, "kind"), id = gb_learn_line_text(line, "sandbox");

	counts->lines++;
	if (id.n != 0 && profile->foreign.count != 0 && gb_profile_find(&profile->foreign, id) != NULL) {
		counts->foreign++;
		return 0;
	}
	if (gb_span_equal(kind, GB_SPAN("start")))
		return take_start(&reading, line);
	if (gb_span_equal(kind, GB_SPAN("finding")))
		return take_finding(&reading, line);
	if (gb_span_equal(kind, GB_SPAN("observations")))
		return take_observations(&reading, line);
	if (gb_span_equal(kind, GB_SPAN("progress")))
		return take_progress(&reading, line);
	return gb_span_equal(kind, GB_SPAN("notice")) ? take_notice(&reading, line) : 0;
}

int gb_profile_add_log(struct gb_profile *profile, struct gb_span log, struct gb_profile_reading *counts)
{
	if (profile->boundaries == NULL)
		profile->boundaries = gb_boundaries_new();
	if (profile->boundaries == NULL)
		return -ENOMEM;
	for (;;) {
		json_t *line = NULL;
		int r = gb_learn_line_next(&log, NULL, &line);

		if (r == 0)
			return 0;
		if (r < 0) {
			counts->broken++;
			continue;
		}
		r = take_line(profile, line, counts);
		json_decref(line);
		if (r < 0)
			return r;
	}
}
