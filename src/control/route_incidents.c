/* SPDX-License-Identifier: Apache-2.0 */
#include "control/event_json.h"
#include "control/control.h"
#include "store/incidents.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#define TIMELINE_MAX 500u

struct page {
	struct gb_event_names names;
	json_t *list;
	struct gb_event_cursor last;
};

static json_t *incident_json(struct gb_event_names *names, const struct gb_incident *incident)
{
	json_t *techniques = json_loadb((const char *)incident->techniques.p, incident->techniques.n, 0, NULL), *object;
	char id[24], function[24];
	struct gb_span name = gb_event_names_of(names, incident->function);

	(void)snprintf(id, sizeof(id), "%" PRId64, incident->id);
	(void)snprintf(function, sizeof(function), "%" PRId64, incident->function);
	object = json_pack("{s:s, s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:I, s:I, s:s, s:o}", "id", id, "kind",
	        gb_json_text(incident->kind), "title", gb_json_text(incident->title), "function", function, "account",
	        gb_json_text(incident->account), "first", gb_json_time(incident->first), "last",
	        gb_json_time(incident->last), "severity",
	        gb_json_text(gb_severity_name(
	                incident->severity != GB_SEVERITY_NONE ? incident->severity : GB_SEVERITY_LOW)),
	        "events", (json_int_t)incident->events, "blocked", (json_int_t)incident->blocked, "status",
	        gb_event_status_name(incident->status), "attack", techniques != NULL ? techniques : json_array());
	if (object == NULL)
		return NULL;
	if ((name.n != 0 && json_object_set_new(object, "function_name", gb_json_text(name)) < 0) ||
	        (incident->source_ip.n != 0 &&
	                json_object_set_new(object, "source_ip", gb_json_text(incident->source_ip)) < 0) ||
	        (incident->request.n != 0 &&
	                json_object_set_new(object, "request", gb_json_text(incident->request)) < 0)) {
		json_decref(object);
		return NULL;
	}
	return object;
}

static int add_incident(void *context, const struct gb_incident *incident)
{
	struct page *page = context;

	page->last = (struct gb_event_cursor){incident->last, incident->id};
	return json_array_append_new(page->list, incident_json(&page->names, incident)) < 0 ? -ENOMEM : 0;
}

static int list_incidents(struct gb_call *call)
{
	struct gb_event_query query;
	struct gb_incident_filter filter = {0};
	struct gb_span cursor = gb_call_query(call, "cursor");
	struct gb_diag diag = {0};
	struct page page = {0};
	json_t *answer;
	uint64_t limit;
	int r;

	if (gb_event_query_read(call, &query) < 0 || gb_call_query_number(call, "limit", 1, 500, 50, &limit) < 0)
		return 0;
	filter.from = query.filter.from;
	filter.before = query.filter.before;
	filter.function = query.function;
	filter.source_ip = query.filter.source_ip;
	filter.severity_min = query.filter.severity_min;
	filter.status_plus_1 = query.filter.status_plus_1;
	if (cursor.n != 0 && !gb_event_cursor_parse(cursor, &filter.behind))
		return gb_call_problem(call, 400, "bad-value", "cursor: want `next` of an earlier page");
	gb_event_names_begin(&page.names, call->store, call->arena);
	page.list = json_array();
	r = gb_incidents_list(call->store, call->actor->scope, &filter, (size_t)limit, add_incident, &page, &diag);
	if (r < 0) {
		json_decref(page.list);
		return gb_call_failed(call, r, &diag);
	}
	answer = json_pack("{s:o}", "incidents", page.list);
	if (answer != NULL && (uint64_t)r == limit)
		(void)json_object_set_new(answer, "next", gb_event_cursor_json(page.last));
	return gb_call_json(call, 200, answer);
}

static int add_event(void *context, const struct gb_event *event)
{
	struct page *page = context;

	return json_array_append_new(page->list, gb_event_json(&page->names, event, true)) < 0 ? -ENOMEM : 0;
}

/* Answer with the incident of the path, with its timeline. */
static int get_incident(struct gb_call *call)
{
	struct page page = {.list = json_array()}, timeline = {.list = json_array()};
	struct gb_diag diag = {0};
	json_t *incident = NULL;
	int64_t id;
	int r;

	gb_event_names_begin(&page.names, call->store, call->arena);
	gb_event_names_begin(&timeline.names, call->store, call->arena);
	if (gb_call_id(call, "id", &id) < 0) {
		r = 0;
		goto out;
	}
	r = gb_incident_get(call->store, call->actor->scope, id, add_incident, &page, &diag);
	if (r > 0) {
		r = gb_incident_events(call->store, call->actor->scope, id, TIMELINE_MAX, add_event, &timeline, &diag);
		incident = json_incref(json_array_get(page.list, 0));
	}
	if (r < 0)
		r = gb_call_failed(call, r, &diag);
	else if (incident == NULL)
		r = gb_call_problem(call, 404, "not-found", "there is no such incident");
	else if (json_object_set(incident, "timeline", timeline.list) < 0)
		r = gb_call_failed(call, -ENOMEM, NULL);
	else
		r = gb_call_json(call, 200, json_incref(incident));
out:
	json_decref(incident);
	json_decref(page.list);
	json_decref(timeline.list);
	return r;
}

static int change_incident(struct gb_call *call)
{
	struct gb_diag diag = {0};
	int64_t id, status;
	int r, changed;

	if (gb_call_id(call, "id", &id) < 0 || gb_call_status(call, &status) < 0)
		return 0;
	r = gb_store_begin(call->store, &diag);
	changed = r < 0 ? r : gb_incident_set_status(call->store, call->actor->scope, id, status, &diag);
	r = changed <= 0 ? changed
	                 : gb_audit(call, "incident.status", gb_call_parameter(call, "id"),
	                           json_pack("{s:s}", "status", gb_event_status_name(status)), &diag);
	if (r >= 0)
		r = gb_store_commit(call->store, &diag);
	if (r < 0)
		return gb_call_failed(call, r, &diag);
	return get_incident(call);
}

const struct gb_route gb_routes_incidents[] = {
        {.method = "GET",
                .path = "/v1/incidents",
                .handle = list_incidents,
                .operation_id = "listIncidents",
                .role = GB_ROLE_VIEWER,
                .scope = "events:read"},
        {.method = "GET",
                .path = "/v1/incidents/{id}",
                .handle = get_incident,
                .operation_id = "getIncident",
                .role = GB_ROLE_VIEWER,
                .scope = "events:read"},
        {.method = "PATCH",
                .path = "/v1/incidents/{id}",
                .handle = change_incident,
                .operation_id = "changeIncident",
                .role = GB_ROLE_ANALYST,
                .scope = "events:write"},
        {0},
};
