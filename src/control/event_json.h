/* SPDX-License-Identifier: Apache-2.0 */
/*
 * control/event_json: events and functions of the store as the API shows them (openapi/{events,functions}.yaml), and
 * filters of its queries. Private to control.
 */
#ifndef GB_CONTROL_EVENT_JSON_H
#define GB_CONTROL_EVENT_JSON_H

#include "control/control.h"
#include "store/events.h"
#include "store/functions.h"

#define GB_EVENT_NAMES_MAX 64u

/* Functions whose names were looked up for one answer; more than it holds are looked up again. */
struct gb_event_names {
	struct gb_store *store;
	struct gb_arena *arena;
	size_t count;
	struct {
		int64_t id;
		struct gb_span account, region, name;
	} items[GB_EVENT_NAMES_MAX];
};

void gb_event_names_begin(struct gb_event_names *names, struct gb_store *store, struct gb_arena *arena);

/* The name of a function, looked up at most once; empty when it is forgotten. */
struct gb_span gb_event_names_of(struct gb_event_names *names, int64_t id);

/* Whether a function is of ACCOUNT and REGION; what is empty is not asked for. */
bool gb_event_names_is_of(struct gb_event_names *names, int64_t id, struct gb_span account, struct gb_span region);

/* EVENT as the schema Event, or as EventWhole when IS_WHOLE. NULL when memory is short. */
json_t *gb_event_json(struct gb_event_names *names, const struct gb_event *event, bool is_whole);

/* FUNCTION as the schema Function. NULL when memory is short. */
json_t *gb_function_json(const struct gb_function *function);

/* "open", "false_alarm", …; the number of a name, or -1. */
const char *gb_event_status_name(int64_t status);
int64_t gb_event_status_of(struct gb_span name);

/* One value for each member of a filter: what a query can say. */
struct gb_event_query {
	struct gb_event_filter filter;
	int64_t function;
	struct gb_span account, region, type, class, control, action;
};

/* The filter of a request: its parameters function, account, region, type, class, control, action, severity, status,
 * request, source_ip, from, to, text. 0; -EINVAL: the problem is answered. */
__attribute__((warn_unused_result)) int gb_event_query_read(struct gb_call *call, struct gb_event_query *query);

/* Whether EVENT is what QUERY asks for. NAMES are looked up in for accounts and regions only. */
bool gb_event_query_matches(
        const struct gb_event_query *query, struct gb_event_names *names, const struct gb_event *event);

/* The number in the path that stood for NAME. 0; -EINVAL: 404 is answered. */
__attribute__((warn_unused_result)) int gb_call_id(struct gb_call *call, const char *name, int64_t *ret_id);

/* "TIME-N" and back: what a page's `next` is. */
json_t *gb_event_cursor_json(struct gb_event_cursor cursor);
bool gb_event_cursor_parse(struct gb_span text, struct gb_event_cursor *ret_cursor);

/* The new status that the body of a PATCH asks for. 0; -EINVAL: the problem is answered. */
__attribute__((warn_unused_result)) int gb_call_status(struct gb_call *call, int64_t *ret_status);

#endif
