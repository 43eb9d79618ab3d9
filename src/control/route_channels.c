/* SPDX-License-Identifier: Apache-2.0 */
/* Channels: where events are told. A channel tells of every function that its filter takes, so those who see only some
 * functions have none. */
#include "control/task_tell.h"
#include "store/events.h"
#include "store/outbox.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NAME_MAX     64u
#define TEST_SECONDS 8u
#define WINDOW_MAX_S (GB_TELL_WINDOW_MAX_MS / 1000)

static json_t *parsed(struct gb_span text)
{
	json_t *value = json_loadb((const char *)text.p, text.n, 0, NULL);

	return value ? value : json_object();
}

static json_t *time_or_null(int64_t time_ms)
{
	return time_ms > 0 ? gb_json_time(time_ms) : json_null();
}

/* The secrets of STORED, opened; an empty object when there are none or they cannot be opened any more. */
static json_t *secrets_of(struct gb_call *call, const struct gb_channel *stored)
{
	const struct gb_tell_settings settings = gb_tell_settings_of(call->control);
	struct gb_span text = GB_SPAN("{}");
	struct gb_seal_key key;

	if (stored->secrets.n > 0 && (gb_seal_key_open(settings.folder, &key, NULL) < 0 ||
	                                     gb_unseal(&key, stored->secrets, call->arena, &text) < 0))
		text = GB_SPAN("{}");
	return parsed(text);
}

static json_t *channel_json(struct gb_call *call, const struct gb_channel *channel, const int64_t *counts)
{
	json_t *open = parsed(channel->config), *secrets = secrets_of(call, channel);
	json_t *shown = gb_tell_config_shown(open, secrets);

	json_decref(open);
	json_decref(secrets);
	return json_pack("{s:I,s:o,s:o,s:b,s:s,s:I,s:o,s:o,s:o,s:o,s:{s:o,s:o,s:I,s:o,s:I,s:I,s:I}}", "id",
	        (json_int_t)channel->id, "name", gb_json_text(channel->name), "kind", gb_json_text(channel->kind),
	        "enabled", channel->is_enabled, "severity",
	        gb_tell_severity_name((enum gb_tell_severity)channel->severity_min), "window",
	        (json_int_t)(channel->window_ms / 1000), "config", shown, "filter", parsed(channel->filter), "created",
	        gb_json_time(channel->created), "changed", gb_json_time(channel->changed), "status", "last_sent",
	        time_or_null(channel->last_sent), "last_error",
	        channel->last_error.n > 0 ? gb_json_text(channel->last_error) : json_null(), "failures",
	        (json_int_t)channel->failures, "not_before", time_or_null(channel->not_before), "waiting",
	        (json_int_t)(counts[GB_OUTBOX_WAITING] + counts[GB_OUTBOX_SENDING]), "sent",
	        (json_int_t)counts[GB_OUTBOX_SENT], "dead", (json_int_t)counts[GB_OUTBOX_DEAD]);
}

/* Whether the caller may; otherwise it is answered. */
static bool sees_all(struct gb_call *call)
{
	if (call->actor->scope == NULL)
		return true;
	gb_call_problem(call, 403, "forbidden", "channels tell of all functions, and you see only some of them");
	return false;
}

/* The channel of the path. 1; 0: answered. */
static int find(struct gb_call *call, struct gb_channel *ret_channel)
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
	return gb_call_json(call, status, channel_json(call, &channel, counts));
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
	return json_array_append_new(listing->items, channel_json(listing->call, channel, counts)) < 0 ? -ENOMEM : 0;
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

	return find(call, &channel) == 0 ? 0 : answer_with(call, 200, channel.id);
}

/* VALUE as text in the call's arena; taken. Empty without memory. */
static struct gb_span dumped(struct gb_call *call, json_t *value)
{
	size_t n = value ? json_dumpb(value, NULL, 0, JSON_COMPACT) : 0;
	char *text = n > 0 ? gb_arena_take(call->arena, n) : NULL;

	if (text)
		json_dumpb(value, text, n, JSON_COMPACT);
	json_decref(value);
	return gb_span_of(text, text ? n : 0);
}

/* The member `config`, divided and sealed. BEFORE NULL: a new one. 0; negative: answered. */
static int read_config(struct gb_call *call, const json_t *body, struct gb_channel *channel, bool is_new)
{
	const struct gb_tell_settings settings = gb_tell_settings_of(call->control);
	const json_t *given = json_object_get(body, "config");
	json_t *open_before, *before, *open = NULL, *secret = NULL;
	struct gb_seal_key key;
	struct gb_diag diag = {0};
	int r;

	if (!given && !is_new)
		return 0;
	before = is_new ? json_object() : secrets_of(call, channel);
	open_before = is_new ? json_object() : parsed(channel->config);
	r = gb_tell_config_check(gb_tell_kind_of(channel->kind), given, open_before, before, &open, &secret, &diag);
	json_decref(open_before);
	json_decref(before);
	if (r < 0) {
		if (r == -EINVAL)
			gb_call_problem(call, 422, "invalid", "%s", diag.message);
		else
			gb_call_failed(call, r, &diag);
		return r;
	}
	channel->config = dumped(call, open);
	channel->secrets = GB_SPAN_EMPTY;
	if (json_object_size(secret) == 0) {
		json_decref(secret);
		return 0;
	}
	r = gb_seal_key_open(settings.folder, &key, &diag);
	if (r == 0)
		r = gb_seal(&key, dumped(call, secret), call->arena, &channel->secrets);
	else
		json_decref(secret);
	if (r < 0)
		gb_call_failed(call, r, &diag);
	return r;
}

/* All other members. 0; negative: answered. */
static int read_rest(struct gb_call *call, const json_t *body, struct gb_channel *channel, bool is_new)
{
	const json_t *window = json_object_get(body, "window"), *enabled = json_object_get(body, "enabled");
	const json_t *filter = json_object_get(body, "filter");
	struct gb_span severity, name;
	struct gb_diag diag = {0};
	bool is_known = true;

	if (gb_call_text(call, body, "name", NAME_MAX, is_new, &name) < 0 ||
	        gb_call_text(call, body, "severity", 16, false, &severity) < 0)
		return -EINVAL;
	if (name.n > 0)
		channel->name = name;
	if (severity.n > 0)
		channel->severity_min = gb_tell_severity_of(severity, &is_known);
	if (!is_known) {
		gb_call_problem(call, 422, "invalid", "severity: want info, low, medium, high or critical");
		return -EINVAL;
	}
	if (window && (!json_is_integer(window) || json_integer_value(window) < 0 ||
	                      json_integer_value(window) > WINDOW_MAX_S)) {
		gb_call_problem(call, 422, "invalid", "window: want 0 to %d seconds", WINDOW_MAX_S);
		return -EINVAL;
	}
	if (window)
		channel->window_ms = json_integer_value(window) * 1000;
	if (enabled && !json_is_boolean(enabled)) {
		gb_call_problem(call, 422, "invalid", "enabled: want true or false");
		return -EINVAL;
	}
	if (enabled)
		channel->is_enabled = json_is_true(enabled);
	if (filter && gb_tell_filter_check(filter, &diag) < 0) {
		gb_call_problem(call, 422, "invalid", "%s", diag.message);
		return -EINVAL;
	}
	if (filter)
		channel->filter = dumped(call, json_incref((json_t *)(uintptr_t)filter));
	return 0;
}

static json_t *audit_detail(const struct gb_channel *channel)
{
	return json_pack("{s:I,s:o,s:b}", "id", (json_int_t)channel->id, "kind", gb_json_text(channel->kind), "enabled",
	        channel->is_enabled);
}

/* Commit, or say what was wrong. 0: committed; else answered. */
static int finish(struct gb_call *call, int r, struct gb_diag *diag)
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
	if (read_rest(call, body, &channel, true) < 0 || read_config(call, body, &channel, true) < 0)
		return 0;
	r = gb_store_begin(call->store, &diag);
	/* From now on: what was found before is not told. */
	if (r >= 0)
		r = gb_events_last(call->store, &channel.after, &diag);
	if (r >= 0)
		r = gb_channel_add(call->store, &channel, &channel.id, &diag);
	if (r >= 0)
		r = gb_audit(call, "channel.create", channel.name, audit_detail(&channel), &diag);
	return finish(call, r, &diag) < 0 ? 0 : answer_with(call, 201, channel.id);
}

static int patch_channel(struct gb_call *call)
{
	struct gb_channel channel;
	struct gb_diag diag = {0};
	json_t *body;
	int r;

	if (find(call, &channel) == 0 || (body = gb_call_body(call)) == NULL ||
	        read_rest(call, body, &channel, false) < 0 || read_config(call, body, &channel, false) < 0)
		return 0;
	channel.changed = gb_clock_ms();
	r = gb_store_begin(call->store, &diag);
	if (r >= 0)
		r = gb_channel_change(call->store, &channel, &diag);
	if (r >= 0)
		r = gb_audit(call, "channel.change", channel.name, audit_detail(&channel), &diag);
	return finish(call, r, &diag) < 0 ? 0 : answer_with(call, 200, channel.id);
}

static int delete_channel(struct gb_call *call)
{
	struct gb_channel channel;
	struct gb_diag diag = {0};
	int r;

	if (find(call, &channel) == 0)
		return 0;
	r = gb_store_begin(call->store, &diag);
	if (r >= 0)
		r = gb_channel_delete(call->store, channel.id, &diag);
	if (r >= 0)
		r = gb_audit(call, "channel.delete", channel.name, audit_detail(&channel), &diag);
	return finish(call, r, &diag) < 0 ? 0 : gb_call_empty(call, 204);
}

/* One made-up event, at once. 0 with *RET filled, or an error. */
static int try_out(
        struct gb_call *call, const struct gb_channel *stored, struct gb_tell_delivery *ret, struct gb_diag *diag)
{
	static const struct gb_tell_function function = {.name = {(const unsigned char *)"gambeson-test", 13}};
	const struct gb_tell_settings settings = gb_tell_settings_of(call->control);
	struct gb_tell_sender *sender = NULL;
	struct gb_tell_channel channel = {.config = NULL};
	struct gb_tell_notice notice = {.line = NULL};
	struct gb_span line = dumped(call, gb_tell_sample(gb_clock_ms()));
	char key[GB_SECRET_CHARS];
	int r = gb_tell_sender_new(&settings, &sender, diag);

	gb_secret_new(key);
	for (size_t i = 0; key[i] != '\0'; i++)
		if (key[i] == '_')
			key[i] = '-';
	if (r == 0)
		r = gb_tell_channel_open(stored, gb_tell_sender_key(sender), &channel, diag);
	if (r == 0)
		r = gb_tell_notice_read(line, &function, &notice, diag);
	if (r == 0)
		r = gb_tell_deliver(
		        sender, &channel, &notice, 1, gb_span_cstr(key), false, gb_clock_ms(), TEST_SECONDS, ret);
	gb_tell_notice_done(&notice);
	gb_tell_channel_done(&channel);
	gb_tell_sender_free(sender);
	return r;
}

static int post_test(struct gb_call *call)
{
	struct gb_tell_delivery delivery = {.outcome = GB_TELL_REFUSED};
	struct gb_channel channel;
	struct gb_diag diag = {0};
	int64_t begin = gb_clock_ms();
	int r;

	if (find(call, &channel) == 0)
		return 0;
	r = try_out(call, &channel, &delivery, &diag);
	if (r == -EBADMSG)
		return gb_call_problem(call, 409, "conflict", "%s", diag.message);
	if (r < 0)
		return gb_call_failed(call, r, &diag);
	r = gb_store_begin(call->store, &diag);
	if (r >= 0)
		r = gb_audit(call, "channel.test", channel.name,
		        json_pack("{s:I,s:b}", "id", (json_int_t)channel.id, "delivered",
		                delivery.outcome == GB_TELL_DELIVERED),
		        &diag);
	if (finish(call, r, &diag) < 0)
		return 0;
	return gb_call_json(call, 200,
	        json_pack("{s:b,s:o,s:I}", "delivered", delivery.outcome == GB_TELL_DELIVERED, "reason",
	                delivery.outcome == GB_TELL_DELIVERED ? json_null()
	                                                      : gb_json_text(gb_span_cstr(delivery.reason)),
	                "duration_ms", (json_int_t)(gb_clock_ms() - begin)));
}

static const char *const states[_GB_OUTBOX_STATE_MAX] = {"waiting", "sending", "sent", "dead"};

static int list_message(void *context, const struct gb_outbox_message *message)
{
	json_t *item = json_pack("{s:I,s:o,s:s,s:s,s:I,s:o,s:o,s:I,s:o,s:o,s:o,s:o}", "id", (json_int_t)message->id,
	        "key", gb_json_text(message->key), "state", states[message->state], "action",
	        message->action == GB_OUTBOX_RESOLVE ? "resolve" : "tell", "attempts", (json_int_t)message->attempts,
	        "created", gb_json_time(message->created), "due", gb_json_time(message->due), "count",
	        (json_int_t)message->count, "first", gb_json_time(message->first_time), "last",
	        gb_json_time(message->last_time), "error",
	        message->error.n > 0 ? gb_json_text(message->error) : json_null(), "event",
	        gb_json_text(gb_span_sub(message->key, 0, 26)));

	return json_array_append_new(context, item) < 0 ? -ENOMEM : 0;
}

static int get_messages(struct gb_call *call)
{
	struct gb_span wanted = gb_call_query(call, "state");
	enum gb_outbox_state state = GB_OUTBOX_DEAD;
	struct gb_channel channel;
	struct gb_diag diag = {0};
	uint64_t before, limit;
	json_t *items;
	int r;

	if (find(call, &channel) == 0 || gb_call_query_number(call, "before", 0, INT64_MAX, 0, &before) < 0 ||
	        gb_call_query_number(call, "limit", 1, 200, 50, &limit) < 0)
		return 0;
	if (wanted.n > 0) {
		for (state = GB_OUTBOX_WAITING; state < _GB_OUTBOX_STATE_MAX; state++)
			if (gb_span_equal(wanted, gb_span_cstr(states[state])))
				break;
		if (state == _GB_OUTBOX_STATE_MAX)
			return gb_call_problem(call, 400, "bad-value", "state: want waiting, sending, sent or dead");
	}
	items = json_array();
	r = gb_outbox_list(call->store, channel.id, state, (int64_t)before, (size_t)limit, list_message, items, &diag);
	if (r >= 0)
		return gb_call_json(call, 200, json_pack("{s:o}", "items", items));
	json_decref(items);
	return gb_call_failed(call, r, &diag);
}

static int post_resend(struct gb_call *call)
{
	struct gb_channel channel;
	struct gb_diag diag = {0};
	const json_t *message;
	json_t *body;
	int count = 0, r;

	if (find(call, &channel) == 0 || (body = gb_call_body(call)) == NULL)
		return 0;
	message = json_object_get(body, "message");
	if (message && (!json_is_integer(message) || json_integer_value(message) < 1))
		return gb_call_problem(call, 422, "invalid", "message: want the id of a message, or nothing for all");
	r = gb_store_begin(call->store, &diag);
	if (r >= 0)
		r = count = gb_outbox_resend(
		        call->store, channel.id, json_integer_value(message), gb_store_now_ms(call->store), &diag);
	if (r >= 0)
		r = gb_audit(call, "channel.resend", channel.name,
		        json_pack("{s:I,s:i}", "id", (json_int_t)channel.id, "messages", count), &diag);
	if (finish(call, r, &diag) < 0)
		return 0;
	return gb_call_json(call, 200, json_pack("{s:i}", "resent", count));
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
        {.method = "POST",
                .path = "/v1/channels/{id}/test",
                .handle = post_test,
                .operation_id = "testChannel",
                .role = GB_ROLE_OPERATOR,
                .scope = "channels:write",
                .takes_anything = true},
        {.method = "GET",
                .path = "/v1/channels/{id}/messages",
                .handle = get_messages,
                .operation_id = "listChannelMessages",
                .role = GB_ROLE_OPERATOR,
                .scope = "channels:read"},
        {.method = "POST",
                .path = "/v1/channels/{id}/resend",
                .handle = post_resend,
                .operation_id = "resendChannelMessages",
                .role = GB_ROLE_OPERATOR,
                .scope = "channels:write"},
        {.path = NULL},
};
