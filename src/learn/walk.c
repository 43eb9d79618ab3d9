/* SPDX-License-Identifier: Apache-2.0 */
/* The activities that logs and profiles tell of, one after the other, for who judges them anew. */
#include "learn/activity.h"
#include "learn/line.h"

#include <errno.h>

static int tell(struct gb_learn_walk *walk, const struct gb_profile_item *item, struct gb_learn_told *told)
{
	struct gb_arena *arena = gb_arena_new();
	int r = arena == NULL ? -ENOMEM : gb_learn_activity(arena, item, &told->activity);

	told->is_cut = item->is_cut;
	if (r == 0)
		r = walk->on_activity(walk->context, told);
	gb_arena_free(arena);
	return r;
}

static int tell_line(struct gb_learn_walk *walk, const json_t *object, struct gb_learn_told *told)
{
	struct gb_span arguments[GB_LEARN_ARGUMENTS_MAX];
	struct gb_profile_item item;

	if (gb_learn_line_item(object, &item, arguments))
		return tell(walk, &item, told);
	walk->broken++;
	return 0;
}

static int take_line(struct gb_learn_walk *walk, const json_t *line, uint64_t number)
{
	struct gb_learn_told told = {.line = number,
	        .request = gb_learn_line_text(line, "request"),
	        .sandbox = gb_learn_line_text(line, "sandbox")};
	struct gb_span kind = gb_learn_line_text(line, "kind");
	const json_t *items = json_object_get(line, "items"), *activity = json_object_get(line, "activity");
	int r = 0;

	walk->lines++;
	if (gb_span_equal(kind, GB_SPAN("finding"))) {
		walk->without_activity += activity == NULL;
		told.is_finding = true;
		return activity == NULL ? 0 : tell_line(walk, activity, &told);
	}
	if (!gb_span_equal(kind, GB_SPAN("observations")) && !gb_span_equal(kind, GB_SPAN("progress")))
		return 0;
	/* An older agent names no sandbox and counts nothing: each invocation is one by itself. */
	if (told.sandbox.n == 0 && told.request.n != 0)
		r = walk->on_sandbox(walk->context, told.request, 1);
	else if (told.sandbox.n != 0)
		r = walk->on_sandbox(walk->context, told.sandbox, gb_learn_line_number(line, "invocations", 0));
	for (size_t i = 0; r == 0 && i < json_array_size(items); i++) {
		told.count = gb_learn_line_number(json_array_get(items, i), "n", 1);
		r = tell_line(walk, json_array_get(items, i), &told);
	}
	return r;
}

int gb_learn_walk_log(struct gb_learn_walk *walk, struct gb_span log)
{
	uint64_t number = 0;

	for (;;) {
		json_t *line = NULL;
		int r = gb_learn_line_next(&log, &number, &line);

		if (r == 0)
			return 0;
		if (r < 0) {
			walk->broken++;
			continue;
		}
		r = take_line(walk, line, number);
		json_decref(line);
		if (r < 0)
			return r;
	}
}

static int walk_item(struct gb_learn_walk *walk, const struct gb_profile_item *item)
{
	struct gb_learn_told told = {.count = 1};
	int r = 0;

	for (size_t i = 0; r == 0 && i < item->seen.count; i++) {
		const struct gb_profile_seen *seen = (const struct gb_profile_seen *)item->seen.items[i];

		told.sandbox = seen->key.bytes;
		told.count = gb_profile_count(seen);
		told.request = seen->first_count != 0 ? seen->first[0].request : GB_SPAN_EMPTY;
		r = tell(walk, item, &told);
	}
	return r < 0 || item->seen.count != 0 ? r : tell(walk, item, &told);
}

int gb_learn_walk_profile(struct gb_learn_walk *walk, const struct gb_profile *profile)
{
	int r = 0;

	for (size_t i = 0; i < profile->versions.count && r == 0; i++) {
		const struct gb_profile_version *version =
		        (const struct gb_profile_version *)profile->versions.items[i];

		for (size_t j = 0; r == 0 && j < version->sandboxes.count; j++) {
			const struct gb_profile_sandbox *sandbox =
			        (const struct gb_profile_sandbox *)version->sandboxes.items[j];

			r = walk->on_sandbox(walk->context, sandbox->key.bytes, sandbox->invocations);
		}
		for (size_t j = 0; r == 0 && j < version->items.count; j++)
			r = walk_item(walk, (const struct gb_profile_item *)version->items.items[j]);
	}
	for (size_t j = 0; r == 0 && j < profile->bad_items.count; j++)
		r = walk_item(walk, (const struct gb_profile_item *)profile->bad_items.items[j]);
	return r;
}
