/* SPDX-License-Identifier: Apache-2.0 */
/* Queries of the events page that people keep. */
#include "control/event_json.h"
#include "control/control.h"
#include "store/store.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#define VIEWS_MAX 200

static int64_t owner(const struct gb_call *call)
{
	uint64_t id = 0;

	(void)gb_span_to_u64(call->actor->user, &id);
	return (int64_t)id;
}

static json_t *view_json(int64_t number, struct gb_span name, struct gb_span query, bool is_shared)
{
	char id[24];

	(void)snprintf(id, sizeof(id), "%" PRId64, number);
	return json_pack("{s:s, s:o, s:o, s:b}", "id", id, "name", gb_json_text(name), "query", gb_json_text(query),
	        "is_shared", is_shared);
}

static int add_view(void *context, const struct gb_sql_value *c, size_t count)
{
	(void)count;
	return json_array_append_new(context, view_json(c[0].integer, c[1].bytes, c[2].bytes, c[3].integer != 0)) < 0
	               ? -ENOMEM
	               : 0;
}

static int list_views(struct gb_call *call)
{
	struct gb_sql_value value = gb_sql_integer(owner(call));
	struct gb_diag diag = {0};
	json_t *list = json_array();
	int r = gb_sql_run(call->store,
	        "SELECT id, name, query, is_shared FROM views WHERE owner = $1 OR is_shared <> 0 ORDER BY name, id "
	        "LIMIT 500",
	        &value, 1, add_view, list, &diag);

	if (r < 0) {
		json_decref(list);
		return gb_call_failed(call, r, &diag);
	}
	return gb_call_json(call, 200, json_pack("{s:o}", "views", list));
}

static int write_view(struct gb_call *call, struct gb_span name, struct gb_span query, bool is_shared, int64_t *ret_id,
        struct gb_diag *diag)
{
	struct gb_sql_value values[] = {gb_sql_integer(owner(call)), gb_sql_text(name), gb_sql_text(query),
	        gb_sql_integer(is_shared), gb_sql_integer(gb_store_now_ms(call->store))};
	int64_t count = 0;
	int r = gb_sql_integer_of(call->store, "SELECT COUNT(*) FROM views WHERE owner = $1", values, 1, &count, diag);

	if (r < 0 || count >= VIEWS_MAX)
		return r < 0 ? r : -E2BIG;
	return gb_sql_integer_of(call->store,
	        "INSERT INTO views (owner, name, query, is_shared, created) VALUES ($1, $2, $3, $4, $5) ON CONFLICT "
	        "(owner, name)"
	        " DO UPDATE SET query = excluded.query, is_shared = excluded.is_shared RETURNING id",
	        values, 5, ret_id, diag);
}

static int save_view(struct gb_call *call)
{
	struct gb_span name, query;
	struct gb_diag diag = {0};
	const json_t *body = gb_call_body(call);
	bool is_shared = json_is_true(json_object_get(body, "is_shared"));
	int64_t id = 0;
	int r;

	if (body == NULL || gb_call_text(call, body, "name", 100, true, &name) < 0 ||
	        gb_call_text(call, body, "query", 2000, false, &query) < 0)
		return 0;
	r = gb_store_begin(call->store, &diag);
	if (r >= 0)
		r = write_view(call, name, query, is_shared, &id, &diag);
	if (r >= 0)
		r = gb_store_commit(call->store, &diag);
	if (r == -E2BIG)
		return gb_call_problem(
		        call, 409, "conflict", "there are %d views already: delete one first", VIEWS_MAX);
	return r < 0 ? gb_call_failed(call, r, &diag) : gb_call_json(call, 201, view_json(id, name, query, is_shared));
}

static int delete_view(struct gb_call *call)
{
	struct gb_sql_value values[2] = {{0}, gb_sql_integer(owner(call))};
	struct gb_diag diag = {0};
	int64_t id;
	int r;

	if (gb_call_id(call, "id", &id) < 0)
		return 0;
	values[0] = gb_sql_integer(id);
	r = gb_sql_run(call->store, "DELETE FROM views WHERE id = $1 AND owner = $2", values, 2, NULL, NULL, &diag);
	if (r < 0)
		return gb_call_failed(call, r, &diag);
	return r == 0 ? gb_call_problem(call, 404, "not-found", "there is no such view of yours")
	              : gb_call_empty(call, 204);
}

const struct gb_route gb_routes_views[] = {
        {.method = "GET",
                .path = "/v1/views",
                .handle = list_views,
                .operation_id = "listViews",
                .role = GB_ROLE_VIEWER,
                .scope = "events:read"},
        {.method = "POST",
                .path = "/v1/views",
                .handle = save_view,
                .operation_id = "saveView",
                .role = GB_ROLE_VIEWER,
                .scope = "events:write"},
        {.method = "DELETE",
                .path = "/v1/views/{id}",
                .handle = delete_view,
                .operation_id = "deleteView",
                .role = GB_ROLE_VIEWER,
                .scope = "events:write"},
        {0},
};
