/* SPDX-License-Identifier: Apache-2.0 */
/* The key that policies are signed with: what functions pin, and its change in two steps. */
#include "base/cleanup.h"
#include "base/day.h"
#include "base/fd.h"
#include "control/state.h"
#include "publish/publish.h"
#include "wire/pins.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

static const char *folder_of(const struct gb_call *call, char room[PATH_MAX])
{
	(void)snprintf(room, PATH_MAX, "%s/keys", call->control->settings->data);
	return room;
}

static int get_key(struct gb_call *call)
{
	GB_CLEANUP(gb_freep) char *data = NULL;
	char room[PATH_MAX], path[PATH_MAX + 16];
	size_t n = 0;
	int r;

	(void)snprintf(path, sizeof(path), "%s/policy.pub", folder_of(call, room));
	r = gb_fd_read_file(path, GB_PINS_BYTES_MAX, &data, &n);
	if (r < 0)
		return gb_call_failed(call, r, NULL);
	return gb_call_json(call, 200, json_pack("{s:o}", "pins", gb_json_text(gb_span_of(data, n))));
}

/* The entry in the audit log comes first: the change of the files cannot be undone. */
static int note(struct gb_call *call, const char *action, json_t *detail)
{
	struct gb_diag diag = {0};
	int r = gb_store_begin(call->store, &diag);

	if (r == 0)
		r = gb_audit(call, action, GB_SPAN("policy.key"), detail, &diag);
	else
		json_decref(detail);
	if (r == 0)
		r = gb_store_commit(call->store, &diag);
	if (r < 0)
		(void)gb_call_failed(call, r, &diag);
	return r;
}

static int prepare_key(struct gb_call *call)
{
	struct gb_diag diag = {0};
	char room[PATH_MAX];
	int r;

	if (note(call, "policy-key.prepare", NULL) < 0)
		return 0;
	r = gb_publish_keys_prepare(folder_of(call, room), &diag);
	if (r == -EEXIST)
		return gb_call_problem(call, 409, "conflict", "%s", diag.message);
	return r < 0 ? gb_call_failed(call, r, &diag) : get_key(call);
}

static int activate_key(struct gb_call *call)
{
	const json_t *body = gb_call_body(call);
	struct gb_diag diag = {0};
	struct gb_span until;
	char room[PATH_MAX];
	uint32_t day;
	int r;

	if (body == NULL || gb_call_text(call, body, "until", 10, true, &until) < 0)
		return 0;
	if (!gb_day_parse(until, &day))
		return gb_call_problem(call, 400, "bad-value", "until is the last day of the old key, like 2027-01-31");
	if (note(call, "policy-key.activate", json_pack("{s:o}", "until", gb_json_text(until))) < 0)
		return 0;
	r = gb_publish_keys_activate(folder_of(call, room), day, &diag);
	if (r == -ENOENT)
		return gb_call_problem(call, 409, "conflict", "%s", diag.message);
	if (r < 0)
		return gb_call_failed(call, r, &diag);
	gb_task_wake(call->control, "publish");
	return get_key(call);
}

const struct gb_route gb_routes_policy_key[] = {
        {
                .method = "GET",
                .path = "/v1/policy-key",
                .handle = get_key,
                .operation_id = "getPolicyKey",
                .role = GB_ROLE_VIEWER,
                .scope = "policies:read",
        },
        {
                .method = "POST",
                .path = "/v1/policy-key/prepare",
                .handle = prepare_key,
                .operation_id = "preparePolicyKey",
                .role = GB_ROLE_ADMIN,
                .scope = "policies:write",
                .takes_anything = true,
        },
        {
                .method = "POST",
                .path = "/v1/policy-key/activate",
                .handle = activate_key,
                .operation_id = "activatePolicyKey",
                .role = GB_ROLE_ADMIN,
                .scope = "policies:write",
        },
        {.path = NULL},
};
