/* SPDX-License-Identifier: Apache-2.0 */
#include "control/account.h"
#include "control/auth.h"
#include "control/scope.h"
#include "control/state.h"
#include "store/audit.h"
#include "store/settings.h"

#include <errno.h>

static int list_one(void *context, const struct gb_user *user)
{
	return json_array_append_new(context, gb_account_json(user)) < 0 ? -ENOMEM : 0;
}

static int get_users(struct gb_call *call)
{
	struct gb_diag diag = {0};
	uint64_t after, limit;
	json_t *items;
	int r;

	if (gb_call_query_number(call, "after", 0, INT64_MAX, 0, &after) < 0 ||
	        gb_call_query_number(call, "limit", 1, 500, 100, &limit) < 0)
		return 0;
	items = json_array();
	r = gb_users_list(call->store, (int64_t)after, (size_t)limit, list_one, items, &diag);
	if (r >= 0)
		return gb_call_json(call, 200, json_pack("{s:o}", "items", items));
	json_decref(items);
	return gb_call_failed(call, r, &diag);
}

/* The user of the path. 0; negative: answered. */
static int find(struct gb_call *call, struct gb_user *ret_user)
{
	struct gb_diag diag = {0};
	uint64_t id;
	int r = gb_span_to_u64(gb_call_parameter(call, "id"), &id) && id <= INT64_MAX
	                ? gb_user_by_id(call->store, (int64_t)id, call->arena, ret_user, &diag)
	                : 0;

	if (r < 0)
		gb_call_failed(call, r, &diag);
	else if (r == 0)
		gb_call_problem(call, 404, "not-found", "there is no such user");
	return r > 0 ? 0 : -ENOENT;
}

static int get_user(struct gb_call *call)
{
	struct gb_user user;

	return find(call, &user) < 0 ? 0 : gb_call_json(call, 200, gb_account_json(&user));
}

/* What of BODY is there, into USER. 0; negative: answered. */
static int read_changes(struct gb_call *call, const json_t *body, struct gb_user *user)
{
	const json_t *scope = json_object_get(body, "scope"), *is_disabled = json_object_get(body, "is_disabled");
	struct gb_span role, email;
	int r = gb_call_text(call, body, "role", 16, false, &role);

	if (r == 0 && gb_role_of(role) == GB_ROLE_NOBODY) {
		gb_call_problem(call, 400, "bad-value", "role is viewer, analyst, operator or admin");
		return -EINVAL;
	}
	if (r == 0)
		user->role = role;
	if (r >= 0)
		r = gb_call_text(call, body, "email", GB_ACCOUNT_EMAIL_MAX, false, &email);
	if (r == 0)
		user->email = email;
	if (r < 0)
		return r;
	if (is_disabled != NULL && !json_is_boolean(is_disabled)) {
		gb_call_problem(call, 400, "bad-value", "is_disabled is true or false");
		return -EINVAL;
	}
	if (is_disabled != NULL)
		user->is_disabled = json_is_true(is_disabled);
	if (scope != NULL && gb_scope_text_of(scope, call->arena, &user->scope) < 0) {
		gb_call_problem(call, 400, "bad-value",
		        "scope is null or {\"accounts\": [...], \"tags\": [\"key=value\", ...]}");
		return -EINVAL;
	}
	return 0;
}

static json_t *detail_of(const struct gb_user *user)
{
	return json_pack("{s:o,s:o,s:b}", "role", gb_json_text(user->role), "scope", gb_scope_json(user->scope),
	        "is_disabled", user->is_disabled);
}

static int post_user(struct gb_call *call)
{
	struct gb_user user = {.created = gb_clock_ms()};
	struct gb_diag diag = {0};
	json_t *body = gb_call_body(call);
	int r;

	if (body == NULL || gb_account_name(call, body, &user.name) < 0 || read_changes(call, body, &user) < 0)
		return 0;
	if (user.role.n == 0)
		return gb_call_problem(call, 400, "bad-value", "role is viewer, analyst, operator or admin");
	if (json_object_get(body, "password") != NULL &&
	        gb_account_password(call, body, "password", user.name, &user.password) < 0)
		return 0;
	r = gb_store_begin(call->store, &diag);
	if (r >= 0)
		r = gb_user_add(call->store, &user, &user.id, &diag);
	if (r == -EEXIST)
		return gb_call_problem(call, 409, "conflict", "there is a user of this name");
	if (r >= 0)
		r = gb_audit(call, "user.create", user.name, detail_of(&user), &diag);
	if (r >= 0)
		r = gb_store_commit(call->store, &diag);
	return r < 0 ? gb_call_failed(call, r, &diag) : gb_call_json(call, 201, gb_account_json(&user));
}

/* Whether an administrator who can sign in is left, in the transaction that is open. One waits for the other here: of two who demote each
 * other at one time the second sees what the first did. */
static int has_admin(struct gb_call *call, struct gb_diag *diag)
{
	struct gb_span head;
	int64_t count;
	int r = gb_setting_hold(call->store, GB_AUDIT_HEAD, call->arena, &head, diag);

	if (r >= 0)
		r = gb_users_count(call->store, "admin", &count, diag);

	return r < 0 ? r : count > 0;
}

static int answer_last_admin(struct gb_call *call)
{
	return gb_call_problem(
	        call, 409, "conflict", "nobody could administer this any more: make another administrator first");
}

/* Whoever may do something else now signs in anew: no cookie lives through a change of what it is worth. */
static int change(struct gb_call *call, const struct gb_user *user, bool ends_sessions, struct gb_diag *diag)
{
	int r = gb_store_begin(call->store, diag);

	if (r >= 0)
		r = gb_user_change(call->store, user, diag);
	if (r >= 0)
		r = has_admin(call, diag);
	if (r == 0)
		return 0;
	if (r > 0 && ends_sessions)
		r = gb_sessions_delete(call->store, user->id, GB_SPAN_EMPTY, diag);
	if (r >= 0)
		r = gb_audit(call, "user.change", user->name, detail_of(user), diag);
	if (r >= 0)
		r = gb_store_commit(call->store, diag);
	return r < 0 ? r : 1;
}

static int patch_user(struct gb_call *call)
{
	struct gb_user user, before;
	struct gb_diag diag = {0};
	json_t *body = gb_call_body(call);
	bool has_password = json_object_get(body, "password") != NULL;
	int r;

	if (body == NULL || find(call, &user) < 0)
		return 0;
	before = user;
	if (read_changes(call, body, &user) < 0 ||
	        (has_password && gb_account_password(call, body, "password", user.name, &user.password) < 0))
		return 0;
	r = change(call, &user,
	        has_password || user.is_disabled || !gb_span_equal(user.role, before.role) ||
	                !gb_span_equal(user.scope, before.scope),
	        &diag);
	if (r == 0)
		return answer_last_admin(call);
	return r < 0 ? gb_call_failed(call, r, &diag) : gb_call_json(call, 200, gb_account_json(&user));
}

static int delete_user(struct gb_call *call)
{
	struct gb_diag diag = {0};
	struct gb_user user;
	int r;

	if (find(call, &user) < 0)
		return 0;
	r = gb_store_begin(call->store, &diag);
	if (r >= 0)
		r = gb_user_delete(call->store, user.id, &diag);
	if (r >= 0)
		r = has_admin(call, &diag);
	if (r == 0)
		return answer_last_admin(call);
	if (r >= 0)
		r = gb_audit(call, "user.delete", user.name, NULL, &diag);
	if (r >= 0)
		r = gb_store_commit(call->store, &diag);
	return r < 0 ? gb_call_failed(call, r, &diag) : gb_call_empty(call, 204);
}

const struct gb_route gb_routes_users[] = {
        {.method = "GET",
                .path = "/v1/users",
                .handle = get_users,
                .operation_id = "listUsers",
                .role = GB_ROLE_ADMIN,
                .scope = "users:read"},
        {.method = "POST",
                .path = "/v1/users",
                .handle = post_user,
                .operation_id = "createUser",
                .role = GB_ROLE_ADMIN,
                .scope = "users:write",
                .body_max = 32768},
        {.method = "GET",
                .path = "/v1/users/{id}",
                .handle = get_user,
                .operation_id = "getUser",
                .role = GB_ROLE_ADMIN,
                .scope = "users:read"},
        {.method = "PATCH",
                .path = "/v1/users/{id}",
                .handle = patch_user,
                .operation_id = "changeUser",
                .role = GB_ROLE_ADMIN,
                .scope = "users:write",
                .body_max = 32768},
        {.method = "DELETE",
                .path = "/v1/users/{id}",
                .handle = delete_user,
                .operation_id = "deleteUser",
                .role = GB_ROLE_ADMIN,
                .scope = "users:write"},
        {.path = NULL},
};
