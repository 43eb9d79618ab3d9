/* SPDX-License-Identifier: Apache-2.0 */
/* A rule or exclusion of its own: made, changed, deleted. */
#include "control/event_json.h"
#include "control/rule_json.h"
#include "publish/fits.h"
#include "store/store.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

/* The rule of the path. 1; 0: the problem is answered. */
static int find_rule(struct gb_call *call, struct gb_rule *rule)
{
	struct gb_diag diag = {0};
	int64_t id;
	int r;

	if (gb_call_id(call, "id", &id) < 0)
		return 0;
	r = gb_rule_get(call->store, call->actor->scope, id, call->arena, rule, &diag);
	if (r < 0)
		(void)gb_call_failed(call, r, &diag);
	else if (r == 0)
		(void)gb_call_problem(call, 404, "not-found", "there is no such rule or exclusion");
	return r > 0;
}

static int answer_rule(struct gb_call *call, unsigned status, int64_t id)
{
	struct gb_diag diag = {0};
	struct gb_rule rule;
	int r = gb_rule_get(call->store, call->actor->scope, id, call->arena, &rule, &diag);

	if (r == 0)
		return gb_call_problem(call, 404, "not-found", "somebody has just deleted it");
	return r < 0 ? gb_call_failed(call, r, &diag)
	             : gb_call_json(call, status, gb_rule_json(&rule, gb_store_now_ms(call->store)));
}

static int get_rule(struct gb_call *call)
{
	struct gb_rule rule;

	return find_rule(call, &rule) == 0 ? 0
	                                   : gb_call_json(call, 200, gb_rule_json(&rule, gb_store_now_ms(call->store)));
}

enum change { MAKE, CHANGE, DELETE };

static int store_change(struct gb_call *call, enum change change, struct gb_rule *rule, struct gb_diag *diag)
{
	static const char *const actions[] = {"rule.make", "rule.change", "rule.delete"};
	char target[32];
	int r = gb_store_begin(call->store, diag);

	if (r == 0)
		r = change == MAKE     ? gb_rule_add(call->store, rule, &rule->id, diag)
		    : change == CHANGE ? gb_rule_change(call->store, rule, diag)
		                       : gb_rule_delete(call->store, rule, diag);
	(void)snprintf(
	        target, sizeof(target), "%.*s/%" PRId64, (int)rule->list.n, (const char *)rule->list.p, rule->id);
	/* All of it, also of what is deleted: this is its history. */
	if (r >= 0)
		r = gb_audit(call, actions[change], gb_span_cstr(target),
		        gb_rule_json(rule, gb_store_now_ms(call->store)), diag);
	return r < 0 ? r : gb_store_commit(call->store, diag);
}

/* 0; negative: the problem is answered. */
static int write_change(struct gb_call *call, enum change change, struct gb_rule *rule)
{
	struct gb_diag diag = {0};
	int r = store_change(call, change, rule, &diag);

	if (r < 0) {
		(void)(r == -EFBIG ? gb_call_problem(call, 409, "conflict", "%s", diag.message)
		                   : gb_call_failed(call, r, &diag));
		return r;
	}
	gb_task_wake(call->control, "publish");
	return 0;
}

/* That nothing could be published any more is said before it is made. */
static bool fits(struct gb_call *call, const struct gb_rule *rule)
{
	struct gb_diag diag = {0};
	int r = gb_publish_fits(call->store, rule, &diag);

	if (r == -EINVAL || r == -EFBIG)
		(void)gb_call_problem(call, 422, "invalid", "%s", diag.message);
	else if (r < 0)
		(void)gb_call_failed(call, r, &diag);
	return r == 0;
}

static int make_rule(struct gb_call *call)
{
	const json_t *body = gb_call_body(call);
	struct gb_rule rule;

	if (body == NULL || gb_rule_read(call, body, &rule) < 0 || !gb_rule_may_change(call, &rule) ||
	        !fits(call, &rule))
		return 0;
	return write_change(call, MAKE, &rule) < 0 ? 0 : answer_rule(call, 201, rule.id);
}

static int change_rule(struct gb_call *call)
{
	const json_t *body = gb_call_body(call);
	struct gb_rule rule;

	if (body == NULL || find_rule(call, &rule) == 0 || !gb_rule_may_change(call, &rule) ||
	        gb_rule_read_change(call, body, &rule) < 0 || !fits(call, &rule))
		return 0;
	return write_change(call, CHANGE, &rule) < 0 ? 0 : answer_rule(call, 200, rule.id);
}

static int delete_rule(struct gb_call *call)
{
	struct gb_rule rule;

	if (find_rule(call, &rule) == 0 || !gb_rule_may_change(call, &rule))
		return 0;
	return write_change(call, DELETE, &rule) < 0 ? 0 : gb_call_empty(call, 204);
}

const struct gb_route gb_routes_rule[] = {
        {.method = "POST",
                .path = "/v1/rules",
                .handle = make_rule,
                .operation_id = "makeRule",
                .role = GB_ROLE_OPERATOR,
                .scope = "policies:write",
                .body_max = GB_RULE_BODY_MAX},
        {.method = "GET",
                .path = "/v1/rules/{id}",
                .handle = get_rule,
                .operation_id = "getRule",
                .role = GB_ROLE_VIEWER,
                .scope = "policies:read"},
        {.method = "PATCH",
                .path = "/v1/rules/{id}",
                .handle = change_rule,
                .operation_id = "changeRule",
                .role = GB_ROLE_OPERATOR,
                .scope = "policies:write",
                .body_max = GB_RULE_BODY_MAX},
        {.method = "DELETE",
                .path = "/v1/rules/{id}",
                .handle = delete_rule,
                .operation_id = "deleteRule",
                .role = GB_ROLE_OPERATOR,
                .scope = "policies:write"},
        {0},
};
