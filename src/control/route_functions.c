/* SPDX-License-Identifier: Apache-2.0 */
#include "control/event_counts.h"
#include "control/control.h"
#include "store/function_page.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static int add_function(void *context, const struct gb_function *function)
{
	return json_array_append_new(context, gb_function_json(function)) < 0 ? -ENOMEM : 0;
}

static int list_functions(struct gb_call *call)
{
	struct gb_span cursor = gb_call_query(call, "cursor");
	struct gb_function_table table = {.account = gb_call_query(call, "account"),
	        .region = gb_call_query(call, "region"),
	        .runtime = gb_call_query(call, "runtime"),
	        .state = gb_call_query(call, "state"),
	        .mode = gb_call_query(call, "mode"),
	        .group = gb_call_query(call, "group"),
	        .agent_version = gb_call_query(call, "agent_version"),
	        .text = gb_call_query(call, "text"),
	        .sort = gb_call_query(call, "sort")};
	struct gb_diag diag = {0};
	json_t *list, *answer;
	int64_t total = 0;
	uint64_t limit, offset = 0;
	int r;

	if (gb_call_query_number(call, "limit", 1, 500, 50, &limit) < 0)
		return 0;
	if (cursor.n != 0 && (!gb_span_to_u64(cursor, &offset) || offset > INT32_MAX))
		return gb_call_problem(call, 400, "bad-value", "cursor: want `next` of an earlier page");
	table.offset = (size_t)offset;
	table.limit = (size_t)limit;
	list = json_array();
	r = gb_function_page(call->store, call->actor->scope, &table, add_function, list, &total, &diag);
	if (r < 0) {
		json_decref(list);
		return gb_call_failed(call, r, &diag);
	}
	answer = json_pack("{s:o, s:I}", "functions", list, "total", (json_int_t)total);
	if (answer != NULL && offset + (uint64_t)r < (uint64_t)total) {
		char next[24];

		(void)snprintf(next, sizeof(next), "%" PRIu64, offset + (uint64_t)r);
		(void)json_object_set_new(answer, "next", json_string(next));
	}
	return gb_call_json(call, 200, answer);
}

/* The function of the path in *RET_LIST, a list of one. 0; -EINVAL: a problem is answered. */
static int find_function(struct gb_call *call, int64_t *ret_id, json_t **ret_list)
{
	struct gb_diag diag = {0};
	int r;

	if (gb_call_id(call, "id", ret_id) < 0)
		return -EINVAL;
	*ret_list = json_array();
	r = gb_function_get(call->store, call->actor->scope, *ret_id, add_function, *ret_list, &diag);
	if (r > 0)
		return 0;
	json_decref(*ret_list);
	if (r == 0)
		(void)gb_call_problem(call, 404, "not-found", "there is no such function");
	else
		(void)gb_call_failed(call, r, &diag);
	return -EINVAL;
}

static int get_function(struct gb_call *call)
{
	json_t *list, *function;
	int64_t id;

	if (find_function(call, &id, &list) < 0)
		return 0;
	function = json_incref(json_array_get(list, 0));
	json_decref(list);
	return gb_call_json(call, 200, function);
}

static bool is_posture(struct gb_span text)
{
	return text.n == 0 || gb_span_equal(text, GB_SPAN("off")) || gb_span_equal(text, GB_SPAN("detect")) ||
	       gb_span_equal(text, GB_SPAN("block"));
}

/* The tags of BODY as the text of an object of texts. 0; -EINVAL: the problem is answered. */
static int take_tags(struct gb_call *call, const json_t *body, struct gb_span *ret_tags)
{
	const json_t *tags = json_object_get(body, "tags"), *value;
	const char *name;
	char *text;
	unsigned char *copy;

	if (!json_is_object(tags) || json_object_size(tags) > 50) {
		(void)gb_call_problem(call, 422, "invalid", "tags: want an object of at most 50 texts");
		return -EINVAL;
	}
	json_object_foreach((json_t *)(uintptr_t)tags, name,
	        value) if (!json_is_string(value) || json_string_length(value) > 256 || strlen(name) > 128)
	{
		(void)gb_call_problem(
		        call, 422, "invalid", "tags: names of at most 128 and texts of at most 256 bytes");
		return -EINVAL;
	}
	text = json_dumps(tags, JSON_COMPACT | JSON_SORT_KEYS);
	copy = text == NULL ? NULL : gb_arena_take(call->arena, strlen(text) + 1);
	if (copy == NULL) {
		free(text);
		(void)gb_call_failed(call, -ENOMEM, NULL);
		return -EINVAL;
	}
	memcpy(copy, text, strlen(text));
	*ret_tags = gb_span_of(copy, strlen(text));
	free(text);
	return 0;
}

static int check_members(struct gb_call *call, const json_t *body)
{
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)body, name,
	        value) if (strcmp(name, "group") != 0 && strcmp(name, "posture") != 0 && strcmp(name, "tags") != 0)
	{
		(void)gb_call_problem(
		        call, 422, "invalid", "%.64s: cannot be changed; group, posture and tags can", name);
		return -EINVAL;
	}
	return 0;
}

static int write_change(struct gb_call *call, int64_t id, const json_t *body, const struct gb_span *group,
        const struct gb_span *posture, const struct gb_span *tags)
{
	struct gb_diag diag = {0};
	int r = gb_store_begin(call->store, &diag);

	if (r == 0)
		r = gb_function_change(call->store, call->actor->scope, id, group, posture, tags, &diag);
	if (r > 0)
		r = gb_audit(call, "function.change", gb_call_parameter(call, "id"), json_deep_copy(body), &diag);
	if (r >= 0)
		r = gb_store_commit(call->store, &diag);
	if (r < 0)
		(void)gb_call_failed(call, r, &diag);
	return r;
}

static int change_function(struct gb_call *call)
{
	struct gb_span group, posture, tags;
	const json_t *body = gb_call_body(call);
	int has_group, has_posture;
	bool has_tags;
	int64_t id;

	if (body == NULL || check_members(call, body) < 0)
		return 0;
	has_group = gb_call_text(call, body, "group", 128, false, &group);
	has_posture = has_group < 0 ? has_group : gb_call_text(call, body, "posture", 16, false, &posture);
	if (has_posture < 0)
		return 0;
	has_tags = json_object_get(body, "tags") != NULL;
	if (!is_posture(posture))
		return gb_call_problem(call, 422, "invalid", "posture: want off, detect, block, or nothing");
	if ((has_tags && take_tags(call, body, &tags) < 0) || gb_call_id(call, "id", &id) < 0)
		return 0;
	if (write_change(call, id, body, has_group == 0 ? &group : NULL, has_posture == 0 ? &posture : NULL,
	            has_tags ? &tags : NULL) < 0)
		return 0;
	gb_task_wake(call->control, "publish");
	return get_function(call);
}

static int forget_function(struct gb_call *call)
{
	struct gb_diag diag = {0};
	int64_t id;
	int r, gone;

	if (gb_call_id(call, "id", &id) < 0)
		return 0;
	r = gb_store_begin(call->store, &diag);
	gone = r < 0 ? r : gb_function_forget(call->store, call->actor->scope, id, &diag);
	r = gone <= 0 ? gone : gb_audit(call, "function.forget", gb_call_parameter(call, "id"), NULL, &diag);
	if (r >= 0)
		r = gb_store_commit(call->store, &diag);
	if (r < 0)
		return gb_call_failed(call, r, &diag);
	return gone == 0 ? gb_call_problem(call, 404, "not-found", "there is no such function")
	                 : gb_call_empty(call, 204);
}

static int add_version(void *context, const struct gb_sql_value *c, size_t count)
{
	json_t *version =
	        json_pack("{s:o, s:o, s:o, s:o}", "code", gb_json_text(c[0].bytes), "number", gb_json_text(c[1].bytes),
	                "first_seen", gb_json_time(c[2].integer), "last_seen", gb_json_time(c[3].integer));

	(void)count;
	return json_array_append_new(context, version) < 0 ? -ENOMEM : 0;
}

static int list_versions(struct gb_call *call)
{
	struct gb_sql_value value;
	struct gb_diag diag = {0};
	json_t *list;
	int64_t id;
	int r;

	if (find_function(call, &id, &list) < 0)
		return 0;
	(void)json_array_clear(list);
	value = gb_sql_integer(id);
	r = gb_sql_run(call->store,
	        "SELECT code, number, first_seen, last_seen FROM versions WHERE function = $1 ORDER BY last_seen DESC "
	        "LIMIT 200",
	        &value, 1, add_version, list, &diag);
	if (r < 0) {
		json_decref(list);
		return gb_call_failed(call, r, &diag);
	}
	return gb_call_json(call, 200, json_pack("{s:o}", "versions", list));
}

static int add_sandbox(void *context, const struct gb_sql_value *c, size_t count)
{
	char id[17];
	json_t *sandbox;

	(void)count;
	(void)snprintf(id, sizeof(id), "%016" PRIx64, (uint64_t)c[0].integer);
	sandbox = json_pack("{s:s, s:o, s:s, s:o, s:o}", "id", id, "state", gb_json_text(c[1].bytes), "authentic",
	        c[4].type == GB_SQL_NULL                       ? "unsigned"
	        : gb_span_equal(c[1].bytes, GB_SPAN("forged")) ? "no"
	                                                       : "yes",
	        "first_seen", gb_json_time(c[2].integer), "last_seen", gb_json_time(c[3].integer));
	return json_array_append_new(context, sandbox) < 0 ? -ENOMEM : 0;
}

#define GAPS_MAX 100u

struct gaps {
	json_t *list;
	json_t *tiers;
};

/* Notices are what the agent says about itself; each reason once, with how often and when last. */
static int add_gap(void *context, const struct gb_event *event)
{
	static const char *const keys[] = {"reason", NULL};
	struct gaps *gaps = context;
	json_t *line = json_loadb((const char *)event->body.p, event->body.n, 0, NULL);
	const char *reason = json_string_value(json_object_get(line, "reason"));
	int r = 0;

	if (json_is_object(json_object_get(line, "tiers")) && gaps->tiers == NULL)
		gaps->tiers = json_incref(json_object_get(line, "tiers"));
	if (reason != NULL)
		r = gb_count_add(gaps->list, GAPS_MAX,
		        json_pack("{s:s, s:O*, s:o}", "reason", reason, "message", json_object_get(line, "message"),
		                "last", gb_json_time(event->time)),
		        keys);
	json_decref(line);
	return r;
}

static int get_coverage(struct gb_call *call)
{
	static const struct gb_span kinds[] = {GB_SPAN("notice"), GB_SPAN("start"), GB_SPAN("server")};
	struct gb_diag diag = {0};
	struct gaps gaps = {.list = json_array()};
	struct gb_event_page page;
	struct gb_sql_value value;
	json_t *sandboxes;
	int64_t id;
	struct gb_event_filter filter = {.functions = &id, .function_count = 1, .kinds = {kinds, 3}};
	int r;

	if (find_function(call, &id, &sandboxes) < 0) {
		json_decref(gaps.list);
		return 0;
	}
	(void)json_array_clear(sandboxes);
	value = gb_sql_integer(id);
	r = gb_sql_run(call->store,
	        "SELECT id, CASE WHEN EXISTS (SELECT 1 FROM forged WHERE forged.sandbox = sandboxes.id) THEN 'forged' "
	        "ELSE state END,"
	        " first_seen, last_seen, key FROM sandboxes WHERE function = $1 ORDER BY last_seen "
	        "DESC LIMIT 20",
	        &value, 1, add_sandbox, sandboxes, &diag);
	if (r >= 0)
		r = gb_events_query(call->store, call->actor->scope, &filter, (struct gb_event_cursor){0}, 500, add_gap,
		        &gaps, &page, &diag);
	if (r < 0) {
		json_decref(sandboxes);
		json_decref(gaps.list);
		json_decref(gaps.tiers);
		return gb_call_failed(call, r, &diag);
	}
	return gb_call_json(call, 200,
	        json_pack("{s:o, s:o, s:o}", "sandboxes", sandboxes, "gaps", gaps.list, "tiers",
	                gaps.tiers != NULL ? gaps.tiers : json_object()));
}

const struct gb_route gb_routes_functions[] = {
        {.method = "GET",
                .path = "/v1/functions",
                .handle = list_functions,
                .operation_id = "listFunctions",
                .role = GB_ROLE_VIEWER,
                .scope = "functions:read"},
        {.method = "GET",
                .path = "/v1/functions/{id}",
                .handle = get_function,
                .operation_id = "getFunction",
                .role = GB_ROLE_VIEWER,
                .scope = "functions:read"},
        {.method = "PATCH",
                .path = "/v1/functions/{id}",
                .handle = change_function,
                .operation_id = "changeFunction",
                .role = GB_ROLE_OPERATOR,
                .scope = "functions:write"},
        {.method = "DELETE",
                .path = "/v1/functions/{id}",
                .handle = forget_function,
                .operation_id = "forgetFunction",
                .role = GB_ROLE_OPERATOR,
                .scope = "functions:write"},
        {.method = "GET",
                .path = "/v1/functions/{id}/versions",
                .handle = list_versions,
                .operation_id = "listVersions",
                .role = GB_ROLE_VIEWER,
                .scope = "functions:read"},
        {.method = "GET",
                .path = "/v1/functions/{id}/coverage",
                .handle = get_coverage,
                .operation_id = "getCoverage",
                .role = GB_ROLE_VIEWER,
                .scope = "functions:read"},
        {0},
};
