/* SPDX-License-Identifier: Apache-2.0 */
/* How many events there are: by value, and over time. */
#include "control/event_counts.h"
#include "control/control.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

static const struct {
	const char *name;
	enum gb_event_group group;
} groups[] = {
        {"type", GB_GROUP_TYPE},
        {"class", GB_GROUP_CLASS},
        {"control", GB_GROUP_CONTROL},
        {"action", GB_GROUP_ACTION},
        {"severity", GB_GROUP_SEVERITY},
        {"function", GB_GROUP_FUNCTION},
        {"account", GB_GROUP_ACCOUNT},
        {"region", GB_GROUP_REGION},
        {"source_ip", GB_GROUP_SOURCE_IP},
        {"kind", GB_GROUP_KIND},
};

static enum gb_event_group group_of(struct gb_span name)
{
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
		if (gb_span_equal(name, gb_span_cstr(groups[i].name)))
			return groups[i].group;
	return GB_GROUP_NONE;
}

struct counts {
	struct gb_call *call;
	json_t *list;
};

static int take_name(void *context, const struct gb_function *function)
{
	return json_object_set_new(context, "name", gb_json_text(function->name)) < 0 ? -ENOMEM : 1;
}

static int add_count(void *context, const struct gb_event_count *count)
{
	struct counts *counts = context;
	char id[24];
	struct gb_span label = count->label;
	json_t *object;
	int r = 0;

	(void)snprintf(id, sizeof(id), "%" PRId64, count->function);
	if (count->function != 0)
		label = gb_span_cstr(id);
	object = json_pack("{s:o, s:I}", "value", gb_json_text(label), "count", (json_int_t)count->n);
	if (object != NULL && count->function != 0)
		r = gb_function_get(counts->call->store, NULL, count->function, take_name, object, NULL);
	return json_array_append_new(counts->list, object) < 0 || r < 0 ? -ENOMEM : 0;
}

int gb_events_count_json(struct gb_call *call, const struct gb_event_filter *filter, enum gb_event_group group,
        size_t limit, json_t **ret_list, struct gb_diag *diag)
{
	struct counts counts = {call, json_array()};
	int r = gb_events_count(call->store, call->actor->scope, filter, group, 0, limit, add_count, &counts, diag);

	if (r < 0) {
		json_decref(counts.list);
		return r;
	}
	*ret_list = counts.list;
	return 0;
}

/* Rows come in order of time. */
static int add_step(void *context, const struct gb_event_count *count)
{
	json_t *list = context, *bucket = json_array_get(list, json_array_size(list) - 1),
	       *time = gb_json_time(count->moment);
	char label[80] = "other";

	if (count->label.n != 0)
		(void)snprintf(label, sizeof(label), "%.*s", (int)count->label.n, (const char *)count->label.p);
	if (bucket == NULL || !json_equal(json_object_get(bucket, "time"), time)) {
		bucket = json_pack("{s:O, s:{}}", "time", time, "counts");
		if (json_array_append_new(list, bucket) < 0)
			bucket = NULL;
	}
	json_decref(time);
	return bucket == NULL ||
	                       json_object_set_new(json_object_get(bucket, "counts"), label, json_integer(count->n)) < 0
	               ? -ENOMEM
	               : 0;
}

int gb_events_series_json(struct gb_call *call, const struct gb_event_filter *filter, enum gb_event_group group,
        int64_t step_ms, json_t **ret_list, struct gb_diag *diag)
{
	json_t *list = json_array();
	int r = gb_events_count(call->store, call->actor->scope, filter, group, step_ms, 40, add_step, list, diag);

	if (r < 0) {
		json_decref(list);
		return r;
	}
	*ret_list = list;
	return 0;
}

static bool is_same(const json_t *a, const json_t *b, const char *const *keys)
{
	for (; *keys != NULL; keys++)
		if (!json_equal(json_object_get(a, *keys), json_object_get(b, *keys)))
			return false;
	return true;
}

int gb_count_add(json_t *list, size_t max, json_t *item, const char *const *keys)
{
	int r = item == NULL ? -1 : 0;

	for (size_t i = 0; r == 0 && i < json_array_size(list); i++) {
		json_t *known = json_array_get(list, i);

		if (is_same(known, item, keys)) {
			r = json_object_set_new(
			        known, "count", json_integer(json_integer_value(json_object_get(known, "count")) + 1));
			json_decref(item);
			return r < 0 ? -ENOMEM : 0;
		}
	}
	if (r == 0 && json_array_size(list) < max)
		r = json_object_set_new(item, "count", json_integer(1)) < 0 ? -1 : json_array_append(list, item);
	json_decref(item);
	return r < 0 ? -ENOMEM : 0;
}

static int answer(struct gb_call *call, int r, const char *name, json_t *list, const struct gb_diag *diag)
{
	if (r == -ENOTSUP)
		return gb_call_problem(call, 400, "bad-value",
		        "request, text and status cannot be counted by: ask for the events themselves");
	if (r < 0)
		return gb_call_failed(call, r, diag);
	return gb_call_json(call, 200, json_pack("{s:o}", name, list));
}

static int count_events(struct gb_call *call)
{
	struct gb_event_query query;
	struct gb_diag diag = {0};
	enum gb_event_group group = group_of(gb_call_query(call, "by"));
	json_t *list = NULL;
	int r;

	if (group == GB_GROUP_NONE)
		return gb_call_problem(call, 400, "bad-value",
		        "by: want type, class, control, action, severity, function, account, region, source_ip or "
		        "kind");
	if (gb_event_query_read(call, &query) < 0)
		return 0;
	r = gb_events_count_json(call, &query.filter, group, 50, &list, &diag);
	return answer(call, r, "counts", list, &diag);
}

static int get_series(struct gb_call *call)
{
	struct gb_event_query query;
	struct gb_diag diag = {0};
	struct gb_span by = gb_call_query(call, "by"), bucket = gb_call_query(call, "bucket");
	enum gb_event_group group = by.n == 0 ? GB_GROUP_CLASS : group_of(by);
	bool is_day = gb_span_equal(bucket, GB_SPAN("day"));
	json_t *list = NULL;
	int r;

	if (group == GB_GROUP_NONE || group == GB_GROUP_SOURCE_IP || group == GB_GROUP_FUNCTION ||
	        group == GB_GROUP_ACCOUNT || group == GB_GROUP_REGION)
		return gb_call_problem(call, 400, "bad-value", "by: want type, class, control, action or severity");
	if (bucket.n != 0 && !is_day && !gb_span_equal(bucket, GB_SPAN("hour")))
		return gb_call_problem(call, 400, "bad-value", "bucket: want hour or day");
	if (gb_event_query_read(call, &query) < 0)
		return 0;
	r = gb_events_series_json(call, &query.filter, group, is_day ? GB_DAY_MS : GB_HOUR_MS, &list, &diag);
	return answer(call, r, "buckets", list, &diag);
}

const struct gb_route gb_routes_counts[] = {
        {.method = "GET",
                .path = "/v1/events/counts",
                .handle = count_events,
                .operation_id = "countEvents",
                .role = GB_ROLE_VIEWER,
                .scope = "events:read"},
        {.method = "GET",
                .path = "/v1/events/series",
                .handle = get_series,
                .operation_id = "getEventSeries",
                .role = GB_ROLE_VIEWER,
                .scope = "events:read"},
        {0},
};
