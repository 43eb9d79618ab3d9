/* SPDX-License-Identifier: Apache-2.0 */
/* What the first screen shows. */
#include "control/event_counts.h"
#include "control/control.h"
#include "store/function_page.h"
#include "store/store.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define TOP          10u
#define LEARNING_MAX 10u
#define GAPS_MAX     20u

static const struct gb_span findings[] = {GB_SPAN("finding")};

static int add_state(void *context, const struct gb_sql_value *columns, size_t count)
{
	char name[32];

	(void)count;
	(void)snprintf(name, sizeof(name), "%.*s", (int)columns[0].bytes.n, (const char *)columns[0].bytes.p);
	return json_object_set_new(context, name, json_integer(columns[1].integer)) < 0 ? -ENOMEM : 0;
}

static int add_function(void *context, const struct gb_function *function)
{
	return json_array_append_new(context, gb_function_json(function)) < 0 ? -ENOMEM : 0;
}

struct overview {
	struct gb_call *call;
	json_t *answer;
	struct gb_diag diag;
	int64_t now, from, before;
};

/* NAME of the answer becomes VALUE, which is taken. */
static int put(struct overview *overview, const char *name, json_t *value)
{
	return json_object_set_new(overview->answer, name, value) < 0 ? -ENOMEM : 0;
}

static int put_states(struct overview *overview)
{
	json_t *states =
	        json_pack("{s:i, s:i, s:i, s:i}", "unprotected", 0, "learning", 0, "detecting", 0, "blocking", 0);
	int r = gb_function_states(
	        overview->call->store, overview->call->actor->scope, add_state, states, &overview->diag);

	return r < 0 ? (json_decref(states), r) : put(overview, "functions", states);
}

/* The sum of all counts of a list, and of the one with the value NAME. */
static json_int_t sum(const json_t *list, const char *name)
{
	const json_t *item;
	json_int_t all = 0;
	size_t i;

	json_array_foreach(list, i,
	        item) if (name == NULL || strcmp(json_string_value(json_object_get(item, "value")), name) == 0) all +=
	        json_integer_value(json_object_get(item, "count"));
	return all;
}

static int count(struct overview *overview, int64_t from, int64_t before, enum gb_event_group group, size_t limit,
        json_t **ret_list)
{
	struct gb_event_filter filter = {
	        .from = from, .before = before, .kinds = {findings, 1}, .severity_min = GB_SEVERITY_MEDIUM};

	return gb_events_count_json(overview->call, &filter, group, limit, ret_list, &overview->diag);
}

static int put_attacks(struct overview *overview)
{
	json_t *now = NULL, *before = NULL;
	int r = count(overview, overview->from, 0, GB_GROUP_ACTION, TOP, &now);

	if (r >= 0)
		r = count(overview, overview->before, overview->from, GB_GROUP_ACTION, TOP, &before);
	if (r >= 0)
		r = put(overview, "attacks",
		        json_pack("{s:I, s:I, s:I}", "seen", sum(now, NULL), "blocked", sum(now, "blocked"), "before",
		                sum(before, NULL)));
	json_decref(now);
	json_decref(before);
	return r;
}

static int put_top(struct overview *overview, const char *name, enum gb_event_group group)
{
	json_t *list;
	int r = count(overview, overview->from, 0, group, TOP, &list);

	/* Without what all the rest have together. */
	if (r >= 0 && json_array_size(list) > TOP)
		(void)json_array_remove(list, TOP);
	return r < 0 ? r : put(overview, name, list);
}

static int put_series(struct overview *overview)
{
	struct gb_event_filter filter = {
	        .from = overview->from, .kinds = {findings, 1}, .severity_min = GB_SEVERITY_MEDIUM};
	json_t *list;
	int64_t step = overview->now - overview->from > 3 * (int64_t)GB_DAY_MS ? GB_DAY_MS : GB_HOUR_MS;
	int r = gb_events_series_json(overview->call, &filter, GB_GROUP_CLASS, step, &list, &overview->diag);

	return r < 0 ? r : put(overview, "series", list);
}

/* Values of LIST that are not in OLD. */
static json_t *added(const json_t *list, const json_t *old)
{
	json_t *values = json_array();
	const json_t *item, *other;
	size_t i, j;

	json_array_foreach(list, i, item)
	{
		const json_t *value = json_object_get(item, "value");

		json_array_foreach(old, j, other) if (json_equal(value, json_object_get(other, "value"))) break;
		if (j == json_array_size(old) && json_string_length(value) != 0)
			(void)json_array_append(values, (json_t *)(uintptr_t)value);
	}
	return values;
}

static int put_new(struct overview *overview)
{
	static const enum gb_event_group groups[] = {GB_GROUP_TYPE, GB_GROUP_SOURCE_IP};
	json_t *lists[2][2] = {{NULL}}, *types, *attackers;
	int64_t functions = 0;
	int r = 0;

	for (size_t i = 0; r >= 0 && i < 2; i++) {
		r = count(overview, overview->now - GB_DAY_MS, 0, groups[i], 100, &lists[i][0]);
		if (r >= 0)
			r = count(overview, overview->now - 30 * (int64_t)GB_DAY_MS, overview->now - GB_DAY_MS,
			        groups[i], 1000, &lists[i][1]);
	}
	if (r >= 0)
		r = gb_function_new(overview->call->store, overview->call->actor->scope, overview->now - GB_DAY_MS,
		        &functions, &overview->diag);
	if (r >= 0) {
		types = added(lists[0][0], lists[0][1]);
		attackers = added(lists[1][0], lists[1][1]);
		r = put(overview, "is_new",
		        json_pack("{s:I, s:o, s:I}", "functions", (json_int_t)functions, "types", types, "attackers",
		                (json_int_t)json_array_size(attackers)));
		json_decref(attackers);
	}
	for (size_t i = 0; i < 4; i++)
		json_decref(lists[i / 2][i % 2]);
	return r;
}

static int put_learning(struct overview *overview)
{
	struct gb_function_table table = {
	        .state = GB_SPAN("learning"), .sort = GB_SPAN("-learning"), .limit = LEARNING_MAX};
	json_t *list = json_array();
	int64_t total;
	int r = gb_function_page(overview->call->store, overview->call->actor->scope, &table, add_function, list,
	        &total, &overview->diag);

	return r < 0 ? (json_decref(list), r) : put(overview, "learning", list);
}

struct gaps {
	struct gb_event_names names;
	json_t *list;
};

static int add_gap(void *context, const struct gb_event *event)
{
	static const char *const keys[] = {"function", "reason", NULL};
	struct gaps *gaps = context;
	json_t *object = gb_event_json(&gaps->names, event, false), *reason = json_object_get(object, "reason");
	int r = 0;

	if (reason != NULL)
		r = gb_count_add(gaps->list, GAPS_MAX,
		        json_pack("{s:O, s:O*, s:O, s:O}", "function", json_object_get(object, "function"),
		                "function_name", json_object_get(object, "function_name"), "reason", reason, "message",
		                json_object_get(object, "message")),
		        keys);
	json_decref(object);
	return r;
}

/* What agents and collector said about sight that is missing. */
static int put_gaps(struct overview *overview)
{
	static const struct gb_span kinds[] = {GB_SPAN("notice"), GB_SPAN("server")};
	struct gb_event_filter filter = {
	        .from = overview->from, .kinds = {kinds, 2}, .severity_min = GB_SEVERITY_MEDIUM};
	struct gaps gaps = {.list = json_array()};
	struct gb_event_page page;
	int r;

	gb_event_names_begin(&gaps.names, overview->call->store, overview->call->arena);
	r = gb_events_query(overview->call->store, overview->call->actor->scope, &filter, (struct gb_event_cursor){0},
	        500, add_gap, &gaps, &page, &overview->diag);
	return r < 0 ? (json_decref(gaps.list), r) : put(overview, "gaps", gaps.list);
}

static int get_overview(struct gb_call *call)
{
	static int (*const parts[])(struct overview *) = {
	        put_states, put_attacks, put_series, put_new, put_learning, put_gaps};
	struct overview overview = {.call = call, .answer = json_object(), .now = gb_store_now_ms(call->store)};
	uint64_t days;
	int r = 0;

	if (gb_call_query_number(call, "days", 1, 90, 7, &days) < 0) {
		json_decref(overview.answer);
		return 0;
	}
	overview.from = overview.now - (int64_t)days * GB_DAY_MS;
	overview.before = overview.from - (int64_t)days * GB_DAY_MS;
	for (size_t i = 0; r >= 0 && i < sizeof(parts) / sizeof(parts[0]); i++)
		r = parts[i](&overview);
	if (r >= 0)
		r = put_top(&overview, "top_functions", GB_GROUP_FUNCTION);
	if (r >= 0)
		r = put_top(&overview, "top_attackers", GB_GROUP_SOURCE_IP);
	if (r < 0) {
		json_decref(overview.answer);
		return gb_call_failed(call, r, &overview.diag);
	}
	return gb_call_json(call, 200, overview.answer);
}

const struct gb_route gb_routes_overview[] = {
        {.method = "GET",
                .path = "/v1/overview",
                .handle = get_overview,
                .operation_id = "getOverview",
                .role = GB_ROLE_VIEWER,
                .scope = "events:read"},
        {0},
};
