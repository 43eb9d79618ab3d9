/* SPDX-License-Identifier: Apache-2.0 */
#include "control/event_json.h"
#include "control/control.h"

#include <errno.h>
#include <stdio.h>

struct page {
	struct gb_event_names names;
	json_t *list;
	bool is_whole;
};

static int add_event(void *context, const struct gb_event *event)
{
	struct page *page = context;

	return json_array_append_new(page->list, gb_event_json(&page->names, event, page->is_whole)) < 0 ? -ENOMEM : 0;
}

static int list_events(struct gb_call *call)
{
	struct gb_event_query query;
	struct gb_event_cursor cursor = {0};
	struct gb_event_page ret = {0};
	struct gb_span text = gb_call_query(call, "cursor");
	struct gb_diag diag = {0};
	struct page page = {0};
	uint64_t limit;
	json_t *answer;
	int r;

	if (gb_event_query_read(call, &query) < 0 || gb_call_query_number(call, "limit", 1, 500, 50, &limit) < 0)
		return 0;
	if (text.n != 0 && !gb_event_cursor_parse(text, &cursor))
		return gb_call_problem(call, 400, "bad-value", "cursor: want `next` of an earlier page");
	gb_event_names_begin(&page.names, call->store, call->arena);
	page.list = json_array();
	r = gb_events_query(
	        call->store, call->actor->scope, &query.filter, cursor, (size_t)limit, add_event, &page, &ret, &diag);
	if (r < 0) {
		json_decref(page.list);
		return gb_call_failed(call, r, &diag);
	}
	answer = json_pack("{s:o}", "events", page.list);
	if (answer != NULL && !ret.is_end &&
	        (json_object_set_new(answer, "next", gb_event_cursor_json(ret.next)) < 0 ||
	                (ret.count < limit && json_object_set_new(answer, "is_partial", json_true()) < 0))) {
		json_decref(answer);
		answer = NULL;
	}
	return gb_call_json(call, 200, answer);
}

/* Answer with the event of the path. */
static int answer_event(struct gb_call *call, const unsigned char *id, bool is_whole)
{
	struct gb_diag diag = {0};
	struct page page = {.is_whole = is_whole, .list = json_array()};
	int r;

	gb_event_names_begin(&page.names, call->store, call->arena);
	r = gb_event_get(call->store, call->actor->scope, id, add_event, &page, &diag);
	if (r > 0)
		r = gb_call_json(call, 200, json_incref(json_array_get(page.list, 0)));
	else if (r == 0)
		r = gb_call_problem(call, 404, "not-found", "there is no such event");
	else
		r = gb_call_failed(call, r, &diag);
	json_decref(page.list);
	return r;
}

static int get_event(struct gb_call *call)
{
	unsigned char id[GB_EVENT_ID_BYTES];

	if (!gb_event_id_parse(gb_call_parameter(call, "id"), id))
		return gb_call_problem(call, 404, "not-found", "there is no such event");
	return answer_event(call, id, true);
}

static int change_event(struct gb_call *call)
{
	unsigned char id[GB_EVENT_ID_BYTES];
	struct gb_diag diag = {0};
	int64_t status;
	int r;

	if (!gb_event_id_parse(gb_call_parameter(call, "id"), id))
		return gb_call_problem(call, 404, "not-found", "there is no such event");
	if (gb_call_status(call, &status) < 0)
		return 0;
	r = gb_store_begin(call->store, &diag);
	if (r == 0)
		r = gb_event_set_status(call->store, call->actor->scope, id, status, &diag);
	if (r > 0)
		r = gb_audit(call, "event.status", gb_call_parameter(call, "id"),
		        json_pack("{s:s}", "status", gb_event_status_name(status)), &diag);
	if (r >= 0)
		r = gb_store_commit(call->store, &diag);
	if (r < 0)
		return gb_call_failed(call, r, &diag);
	return answer_event(call, id, false);
}

const struct gb_route gb_routes_events[] = {
        {.method = "GET",
                .path = "/v1/events",
                .handle = list_events,
                .operation_id = "listEvents",
                .role = GB_ROLE_VIEWER,
                .scope = "events:read"},
        {.method = "GET",
                .path = "/v1/events/{id}",
                .handle = get_event,
                .operation_id = "getEvent",
                .role = GB_ROLE_VIEWER,
                .scope = "events:read"},
        {.method = "PATCH",
                .path = "/v1/events/{id}",
                .handle = change_event,
                .operation_id = "changeEvent",
                .role = GB_ROLE_ANALYST,
                .scope = "events:write"},
        {0},
};
