/* SPDX-License-Identifier: Apache-2.0 */
/* What a function does, and what its policy lists of it. */
#include "control/rule_json.h"
#include "publish/items.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

static bool is_kind(struct gb_span kind)
{
	static const char *const kinds[] = {"process", "file", "library", "host", "address", "api", "http", "other"};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (gb_span_equal(kind, gb_span_cstr(kinds[i])))
			return true;
	return kind.n == 0;
}

/* 0; -EINVAL: the problem is answered. */
static int read_query(struct gb_call *call, struct gb_publish_items_asked *asked)
{
	struct gb_span cursor = gb_call_query(call, "cursor");
	uint64_t limit, offset = 0;

	if (gb_call_query_number(call, "limit", 1, 500, 50, &limit) < 0)
		return -EINVAL;
	*asked = (struct gb_publish_items_asked){.kind = gb_call_query(call, "kind"),
	        .version = gb_call_query(call, "version"),
	        .against = gb_call_query(call, "against"),
	        .limit = (size_t)limit};
	if (is_kind(asked->kind) && (cursor.n == 0 || (gb_span_to_u64(cursor, &offset) && offset <= INT32_MAX))) {
		asked->offset = (size_t)offset;
		return 0;
	}
	(void)gb_call_problem(call, 400, "bad-value", "kind or cursor is none");
	return -EINVAL;
}

static int list_activity(struct gb_call *call)
{
	struct gb_publish_items_asked asked;
	struct gb_publish_items items;
	struct gb_function function;
	struct gb_diag diag = {0};
	char next[24];
	json_t *answer;
	size_t end;
	int r;

	if (read_query(call, &asked) < 0)
		return 0;
	r = gb_call_function(call, gb_call_parameter(call, "id"), &function);
	if (r <= 0)
		return r < 0 ? 0 : gb_call_problem(call, 404, "not-found", "there is no such function");
	r = gb_publish_items(call->store, &function, &asked, &items, &diag);
	if (r == -ENOENT)
		return gb_call_problem(call, 404, "not-found", "%s", diag.message);
	if (r == -EINVAL || r == -EFBIG)
		return gb_call_problem(call, 409, "conflict", "%s", diag.message);
	if (r < 0)
		return gb_call_failed(call, r, &diag);
	answer = json_pack("{s:o, s:I, s:o, s:o, s:o}", "items", items.list, "total", (json_int_t)items.total, "kinds",
	        items.kinds, "version", items.version, "against", items.against);
	end = asked.offset + asked.limit;
	(void)snprintf(next, sizeof(next), "%zu", end);
	if (answer != NULL && end < items.total)
		(void)json_object_set_new(answer, "next", json_string(next));
	return gb_call_json(call, 200, answer);
}

const struct gb_route gb_routes_activity[] = {
        {.method = "GET",
                .path = "/v1/functions/{id}/activity",
                .handle = list_activity,
                .operation_id = "listActivity",
                .role = GB_ROLE_VIEWER,
                .scope = "functions:read"},
        {0},
};
