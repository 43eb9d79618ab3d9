/* SPDX-License-Identifier: Apache-2.0 */
#include "control/event_json.h"
#include "policyc/moment.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

/* A moment of the query, in milliseconds; FALLBACK when it is missing. 0; -EINVAL: the problem is answered. */
static int take_time(struct gb_call *call, const char *name, int64_t fallback, int64_t *ret_ms)
{
	struct gb_span text = gb_call_query(call, name);
	int64_t seconds;

	*ret_ms = fallback;
	if (text.n == 0)
		return 0;
	if (!gb_policyc_moment_parse(text, GB_POLICYC_DAY_FIRST, &seconds)) {
		(void)gb_call_problem(call, 400, "bad-value", "%s: want a time as 2026-11-21T14:30:00Z", name);
		return -EINVAL;
	}
	*ret_ms = seconds * 1000;
	return 0;
}

static bool to_id(struct gb_span text, int64_t *ret_id)
{
	uint64_t id;

	if (!gb_span_to_u64(text, &id) || id == 0 || id > INT64_MAX)
		return false;
	*ret_id = (int64_t)id;
	return true;
}

int gb_call_id(struct gb_call *call, const char *name, int64_t *ret_id)
{
	if (to_id(gb_call_parameter(call, name), ret_id))
		return 0;
	(void)gb_call_problem(call, 404, "not-found", "there is none with this id");
	return -EINVAL;
}

json_t *gb_event_cursor_json(struct gb_event_cursor cursor)
{
	char text[48];

	(void)snprintf(text, sizeof(text), "%" PRId64 "-%" PRId64, cursor.time, cursor.n);
	return json_string(text);
}

bool gb_event_cursor_parse(struct gb_span text, struct gb_event_cursor *ret_cursor)
{
	size_t dash = gb_span_find_byte(text, '-', 0);
	int64_t time, n;

	if (dash == SIZE_MAX || !to_id(gb_span_sub(text, 0, dash), &time) ||
	        !to_id(gb_span_sub(text, dash + 1, SIZE_MAX), &n))
		return false;
	*ret_cursor = (struct gb_event_cursor){time, n};
	return true;
}

int gb_call_status(struct gb_call *call, int64_t *ret_status)
{
	struct gb_span text;
	json_t *body = gb_call_body(call);

	if (body == NULL || gb_call_text(call, body, "status", 32, true, &text) < 0)
		return -EINVAL;
	*ret_status = gb_event_status_of(text);
	if (*ret_status >= 0)
		return 0;
	(void)gb_call_problem(call, 422, "invalid", "status: want open, false_alarm, excepted or resolved");
	return -EINVAL;
}

/* NAME of the query into *TEXT, and the list of it into LIST: empty when it is missing. */
static void take_list(struct gb_call *call, const char *name, struct gb_span *text, struct gb_span_list *list)
{
	*text = gb_call_query(call, name);
	*list = (struct gb_span_list){text, text->n != 0 ? 1 : 0};
}

static int take_names(struct gb_call *call, struct gb_event_filter *filter)
{
	struct gb_span severity = gb_call_query(call, "severity"), status = gb_call_query(call, "status");

	filter->severity_min = gb_severity_of(severity);
	filter->status_plus_1 = status.n == 0 ? 0 : gb_event_status_of(status) + 1;
	if (severity.n != 0 && filter->severity_min == GB_SEVERITY_NONE) {
		(void)gb_call_problem(call, 400, "bad-value", "severity: want low, medium, high or critical");
		return -EINVAL;
	}
	if (status.n != 0 && filter->status_plus_1 == 0) {
		(void)gb_call_problem(call, 400, "bad-value", "status: want open, false_alarm, excepted or resolved");
		return -EINVAL;
	}
	return 0;
}

/* Whether WANTED is not asked for, or is what is there. */
static bool is_it(struct gb_span wanted, struct gb_span there)
{
	return wanted.n == 0 || gb_span_equal(wanted, there);
}

bool gb_event_query_matches(
        const struct gb_event_query *query, struct gb_event_names *names, const struct gb_event *event)
{
	const struct gb_event_filter *filter = &query->filter;
	const struct gb_event_facets *facets = &event->facets;

	return (query->function == 0 || event->function == query->function) && event->time >= filter->from &&
	       (filter->before == 0 || event->time < filter->before) && facets->severity >= filter->severity_min &&
	       is_it(query->type, facets->type) && is_it(query->class, facets->class) &&
	       is_it(query->control, facets->control) && is_it(query->action, facets->action) &&
	       is_it(filter->request, event->request) && is_it(filter->source_ip, event->source_ip) &&
	       (filter->status_plus_1 == 0 || filter->status_plus_1 == event->status + 1) &&
	       (filter->text.n == 0 || gb_event_has_text(event, filter->text)) &&
	       gb_event_names_is_of(names, event->function, query->account, query->region);
}

int gb_event_query_read(struct gb_call *call, struct gb_event_query *query)
{
	struct gb_event_filter *filter = &query->filter;
	struct gb_span function = gb_call_query(call, "function");

	*query = (struct gb_event_query){0};
	take_list(call, "account", &query->account, &filter->accounts);
	take_list(call, "region", &query->region, &filter->regions);
	take_list(call, "type", &query->type, &filter->types);
	take_list(call, "class", &query->class, &filter->classes);
	take_list(call, "control", &query->control, &filter->controls);
	take_list(call, "action", &query->action, &filter->actions);
	filter->request = gb_call_query(call, "request");
	filter->source_ip = gb_call_query(call, "source_ip");
	filter->text = gb_call_query(call, "text");
	if (function.n != 0) {
		if (!to_id(function, &query->function)) {
			(void)gb_call_problem(call, 400, "bad-value", "function: want the id of a function");
			return -EINVAL;
		}
		filter->functions = &query->function;
		filter->function_count = 1;
	}
	if (filter->text.n > 200) {
		(void)gb_call_problem(call, 400, "bad-value", "text: at most 200 bytes");
		return -EINVAL;
	}
	if (take_names(call, filter) < 0 || take_time(call, "from", 0, &filter->from) < 0)
		return -EINVAL;
	return take_time(call, "to", 0, &filter->before);
}
