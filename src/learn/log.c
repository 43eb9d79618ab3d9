/* SPDX-License-Identifier: Apache-2.0 */
#include "learn/store.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>

#define LINE_HEAD GB_SPAN("{\"gambeson\":1,")

static struct gb_span copy(struct gb_learn *learn, const json_t *string, int *r)
{
	struct gb_span s = gb_span_of(json_string_value(string), json_string_length(string));
	char *bytes;

	if (s.n == 0)
		return GB_SPAN_EMPTY;
	bytes = gb_policyc_arena_take(learn->arena, s.n);
	if (bytes == NULL) {
		*r = -ENOMEM;
		return GB_SPAN_EMPTY;
	}
	memcpy(bytes, s.p, s.n);
	return gb_span_of(bytes, s.n);
}

static int take_arguments(struct gb_learn *learn, const json_t *list, struct gb_learn_item *item)
{
	size_t count = json_array_size(list);
	int r = 0;

	if (count == 0)
		return 0;
	item->arguments = gb_policyc_arena_take(learn->arena, count * sizeof(*item->arguments));
	if (item->arguments == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		item->arguments[i] = copy(learn, json_array_get(list, i), &r);
	item->argument_count = count;
	return r;
}

static int take_item(struct gb_learn *learn, const json_t *object, struct gb_span request, bool is_finding)
{
	struct gb_learn_item item = {.request = request, .is_finding = is_finding};
	const json_t *kind = json_object_get(object, "kind"), *subject = json_object_get(object, "subject");
	int r;

	item.kind = gb_activity_kind_of_name(gb_span_of(json_string_value(kind), json_string_length(kind)));
	if (item.kind == GB_ACTIVITY_NONE || !json_is_string(subject)) {
		learn->summary.broken++;
		return 0;
	}
	/* A finding takes things out of the profile, and does so by as much of the text as there is. */
	if (!is_finding && json_is_true(json_object_get(object, "cut"))) {
		learn->summary.cut++;
		return 0;
	}
	r = take_arguments(learn, json_object_get(object, "arguments"), &item);
	item.subject = copy(learn, subject, &r);
	/* Of a program the script that it is given: the arguments have it. */
	item.object = item.kind == GB_ACTIVITY_PROCESS_START ? GB_SPAN_EMPTY
	                                                     : copy(learn, json_object_get(object, "object"), &r);
	if (r == 0)
		r = gb_policyc_arena_grow(
		        learn->arena, &learn->items, learn->count, &learn->cap, sizeof(*learn->items));
	if (r == 0)
		learn->items[learn->count++] = item;
	return r;
}

static int take_finding(struct gb_learn *learn, const json_t *line, struct gb_span request)
{
	const json_t *activity = json_object_get(line, "activity");
	int r = 0;

	if (request.n != 0) {
		r = gb_policyc_arena_grow(learn->arena, &learn->bad_requests, learn->bad_count, &learn->bad_cap,
		        sizeof(*learn->bad_requests));
		if (r == 0)
			learn->bad_requests[learn->bad_count++] = request;
	}
	return r < 0 || activity == NULL ? r : take_item(learn, activity, request, true);
}

static int take_line(struct gb_learn *learn, const json_t *line)
{
	const json_t *items = json_object_get(line, "items"), *kind = json_object_get(line, "kind");
	struct gb_span name = gb_span_of(json_string_value(kind), json_string_length(kind));
	int r = 0;
	struct gb_span request = copy(learn, json_object_get(line, "request"), &r);

	learn->summary.lines++;
	if (r == 0 && gb_span_equal(name, GB_SPAN("finding")))
		return take_finding(learn, line, request);
	if (r < 0 || !gb_span_equal(name, GB_SPAN("observations")))
		return r;
	for (size_t i = 0; i < json_array_size(items) && r == 0; i++) {
		learn->summary.items++;
		r = take_item(learn, json_array_get(items, i), request, false);
	}
	return r;
}

int gb_learn_add_log(struct gb_learn *learn, struct gb_span log)
{
	while (log.n > 0) {
		size_t end = gb_span_find_byte(log, '\n', 0);
		struct gb_span line = gb_span_sub(log, 0, end);
		size_t at = gb_span_find(line, LINE_HEAD, 0);
		json_t *json;
		int r;

		log = gb_span_sub(log, end == SIZE_MAX ? log.n : end + 1, SIZE_MAX);
		/* A log service may put a time in front. */
		if (at == SIZE_MAX)
			continue;
		line = gb_span_trim(gb_span_sub(line, at, SIZE_MAX));
		json = json_loadb((const char *)line.p, line.n, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
		if (json == NULL) {
			learn->summary.broken++;
			continue;
		}
		r = take_line(learn, json);
		json_decref(json);
		if (r < 0)
			return r;
	}
	return 0;
}
