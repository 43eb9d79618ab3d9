/* SPDX-License-Identifier: Apache-2.0 */
/* Channels: where events are told. A channel tells of every function that its filter takes, so those who see only some
 * functions have none. */
#include "control/channel.h"
#include "control/task_tell.h"
#include "store/events.h"

#include <errno.h>

/* Whether the caller may; otherwise it is answered. */
static bool sees_all(struct gb_call *call)
{
	if (call->actor->scope == NULL)
		return true;
	gb_call_problem(call, 403, "forbidden", "channels tell of all functions, and you see only some of them");
	return false;
}

int gb_call_channel(struct gb_call *call, struct gb_channel *ret_channel)
{
	struct gb_diag diag = {0};
	uint64_t id;
	int r;

	if (!sees_all(call))
		return 0;
	r = gb_span_to_u64(gb_call_parameter(call, "id"), &id) && id <= INT64_MAX
	            ? gb_channel_get(call->store, (int64_t)id, call->arena, ret_channel, &diag)
	            : 0;
	if (r < 0)
		return gb_call_failed(call, r, &diag);
	return r > 0 ? 1 : gb_call_problem(call, 404, "not-found", "there is no such channel");
}

static int answer_with(struct gb_call *call, unsigned status, int64_t id)
{
	int64_t counts[_GB_OUTBOX_STATE_MAX];
	struct gb_channel channel;
	struct gb_diag diag = {0};
	int r = gb_channel_get(call->store, id, call->arena, &channel, &diag);

	if (r > 0)
		r = gb_outbox_count(call->store, id, counts, &diag);
	if (r < 0)
		return gb_call_failed(call, r, &diag);
	return gb_call_json(call, status, gb_channel_json(call, &channel, counts));
}

struct listing {
	struct gb_call *call;
	json_t *items;
};

static int list_one(void *context, const struct gb_channel *channel)
{
	const struct listing *listing = context;
	int64_t counts[_GB_OUTBOX_STATE_MAX];
	int r = gb_outbox_count(listing->call->store, channel->id, counts, NULL);

	if (r < 0)
		return r;
	return json_array_append_new(listing->items, gb_channel_json(listing->call, channel, counts)) < 0 ? -ENOMEM : 0;
}

static int get_channels(struct gb_call *call)
{
	struct listing listing = {call, NULL};
	struct gb_diag diag = {0};
	uint64_t after, limit;
	int r;

	if (!sees_all(call) || gb_call_query_number(call, "after", 0, INT64_MAX, 0, &after) < 0 ||
	        gb_call_query_number(call, "limit", 1, 200, 100, &limit) < 0)
		return 0;
	listing.items = json_array();
	r = gb_channels_list(call->store, (int64_t)after, (size_t)limit, list_one, &listing, &diag);
	if (r >= 0)
		return gb_call_json(call, 200, json_pack("{s:o}", "items", listing.items));
	json_decref(listing.items);
	return gb_call_failed(call, r, &diag);
}

static int get_channel(struct gb_call *call)
{
	struct gb_channel channel;

	return gb_call_channel(call, &channel) == 0 ? 0 : answer_with(call, 200, channel.id);
}

static json_t *audit_detail(const struct gb_channel *channel)
{
	return json_pack("{s:I,s:o,s:b}", "id", (json_int_t)channel->id, "kind", gb_json_text(channel->kind), "enabled",
	        channel->is_enabled);
}

int gb_call_channel_finish(struct gb_call *call, int r, struct gb_diag *diag)
{
	if (r >= 0)
		r = gb_store_commit(call->store, diag);
	if (r >= 0)
		return 0;
	if (r == -EEXIST)
		gb_call_problem(call, 409, "conflict", "a channel of this name is there already");
	else
		gb_call_failed(call, r, diag);
	return r;
}

static int post_channel(struct gb_call *call)
{
	struct gb_channel channel = {.filter = GB_SPAN("{}"),
	        .severity_min = GB_TELL_LOW,
	        .window_ms = GB_TELL_WINDOW_DEFAULT_MS,
	        .created = gb_clock_ms(),
	        .is_enabled = true};
	struct gb_diag diag = {0};
	json_t *body;
	int r;

	if (!sees_all(call) || (body = gb_call_body(call)) == NULL ||
	        gb_call_text(call, body, "kind", 32, true, &channel.kind) < 0)
		return 0;
	if (gb_tell_kind_of(channel.kind) == _GB_TELL_KIND_MAX)
		return gb_call_problem(call, 422, "invalid",
		        "kind: want webhook, slack, teams, pagerduty, sns, securityhub, email or syslog");
	if (gb_channel_read(call, body, &channel, true) < 0)
		return 0;
	r = gb_store_begin(call->store, &diag);
	/* From now on: what was found before is not told. */
	if (r >= 0)
		r = gb_events_last(call->store, &channel.after, &diag);
	if (r >= 0)
		r = gb_channel_add(call->store, &channel, &channel.id, &diag);
	if (r >= 0)
		r = gb_audit(call, "channel.create", channel.name, audit_detail(&channel), &diag);
	return gb_call_channel_finish(call, r, &diag) < 0 ? 0 : answer_with(call, 201, channel.id);
}

static int patch_channel(struct gb_call *call)
{
	struct gb_channel channel;
	struct gb_diag diag = {0};
	json_t *body;
	int r;

	if (gb_call_channel(call, &channel) == 0 || (body = gb_call_body(call)) == NULL ||
	        gb_channel_read(call, body, &channel, false) < 0)
		return 0;
	channel.changed = gb_clock_ms();
	r = gb_store_begin(call->store, &diag);
	if (r >= 0)
		r = gb_channel_change(call->store, &channel, &diag);
	if (r >= 0)
		r = gb_audit(call, "channel.change", channel.name, audit_detail(&channel), &diag);
	return gb_call_channel_finish(call, r, &diag) < 0 ? 0 : answer_with(call, 200, channel.id);
}

static int delete_channel(struct gb_call *call)
{
	struct gb_channel channel;
	struct gb_diag diag = {0};
	int r;

	if (gb_call_channel(call, &channel) == 0)
		return 0;
	r = gb_store_begin(call->store, &diag);
	if (r >= 0)
		r = gb_channel_delete(call->store, channel.id, &diag);
	if (r >= 0)
		r = gb_audit(call, "channel.delete", channel.name, audit_detail(&channel), &diag);
	return gb_call_channel_finish(call, r, &diag) < 0 ? 0 : gb_call_empty(call, 204);
}

const struct gb_route gb_routes_channels[] = {
        {.method = "GET",
                .path = "/v1/channels",
                .handle = get_channels,
                .operation_id = "listChannels",
                .role = GB_ROLE_OPERATOR,
                .scope = "channels:read"},
        {.method = "POST",
                .path = "/v1/channels",
                .handle = post_channel,
                .operation_id = "createChannel",
                .role = GB_ROLE_OPERATOR,
                .scope = "channels:write"},
        {.method = "GET",
                .path = "/v1/channels/{id}",
                .handle = get_channel,
                .operation_id = "getChannel",
                .role = GB_ROLE_OPERATOR,
                .scope = "channels:read"},
        {.method = "PATCH",
                .path = "/v1/channels/{id}",
                .handle = patch_channel,
                .operation_id = "changeChannel",
                .role = GB_ROLE_OPERATOR,
                .scope = "channels:write"},
        {.method = "DELETE",
                .path = "/v1/channels/{id}",
                .handle = delete_channel,
                .operation_id = "deleteChannel",
                .role = GB_ROLE_OPERATOR,
                .scope = "channels:write"},
        {.path = NULL},
};
