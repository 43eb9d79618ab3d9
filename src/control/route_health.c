/* SPDX-License-Identifier: Apache-2.0 */
#include "control/state.h"

/* The process answers: for whoever restarts it. */
static int get_health(struct gb_call *call)
{
	return gb_call_json(call, 200, json_pack("{s:s,s:s}", "status", "ok", "version", GB_VERSION));
}

/* It can do its work: for a load balancer. */
static int get_ready(struct gb_call *call)
{
	struct gb_diag diag = {0};
	int r;

	if (atomic_load(&call->control->is_stopping))
		return gb_call_problem(call, 503, "unavailable", "the server is being stopped");
	r = gb_store_ping(call->store, &diag);
	if (r < 0)
		return gb_call_failed(call, r, &diag);
	return gb_call_json(call, 200, json_pack("{s:s}", "status", "ready"));
}

const struct gb_route gb_routes_health[] = {
        {.method = "GET", .path = "/v1/health", .handle = get_health, .operation_id = "getHealth", .is_public = true},
        {.method = "GET", .path = "/v1/ready", .handle = get_ready, .operation_id = "getReady", .is_public = true},
        {.path = NULL},
};
