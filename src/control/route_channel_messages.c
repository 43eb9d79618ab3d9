/* SPDX-License-Identifier: Apache-2.0 */
/* What a channel was given to tell: trying it out, its messages, sending them again. */
#include "control/channel.h"
#include "control/task_tell.h"
#include "tell/turn.h"

#include <errno.h>

#define TEST_SECONDS 8u

/* One made-up event, at once. 0 with *RET filled, or an error. */
static int try_out(
        struct gb_call *call, const struct gb_channel *stored, struct gb_tell_delivery *ret, struct gb_diag *diag)
{
	static const struct gb_tell_function function = {.name = {(const unsigned char *)"gambeson-test", 13}};
	const struct gb_tell_settings settings = gb_tell_settings_of(call->control);
	struct gb_tell_sender *sender = NULL;
	struct gb_tell_channel channel = {.config = NULL};
	struct gb_tell_notice notice = {.line = NULL};
	struct gb_span line = gb_call_json_text(call, gb_tell_sample(gb_clock_ms()));
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

	if (gb_call_channel(call, &channel) == 0)
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
	if (gb_call_channel_finish(call, r, &diag) < 0)
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

	if (gb_call_channel(call, &channel) == 0 ||
	        gb_call_query_number(call, "before", 0, INT64_MAX, 0, &before) < 0 ||
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

	if (gb_call_channel(call, &channel) == 0 || (body = gb_call_body(call)) == NULL)
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
	if (gb_call_channel_finish(call, r, &diag) < 0)
		return 0;
	return gb_call_json(call, 200, json_pack("{s:i}", "resent", count));
}

static int post_event(struct gb_call *call)
{
	unsigned char id[GB_EVENT_ID_BYTES];
	struct gb_channel channel;
	struct gb_diag diag = {0};
	struct gb_span event;
	json_t *body;
	int r;

	if (gb_call_channel(call, &channel) == 0 || (body = gb_call_body(call)) == NULL ||
	        gb_call_text(call, body, "event", 26, true, &event) < 0)
		return 0;
	if (!gb_event_id_parse(event, id))
		return gb_call_problem(call, 422, "invalid", "event: want the id of an event");
	r = gb_store_begin(call->store, &diag);
	if (r >= 0)
		r = gb_tell_event(call->store, call->actor->scope, id, &channel, &diag);
	if (r == 0) {
		gb_store_rollback(call->store);
		return gb_call_problem(call, 422, "invalid", "event: there is no such event");
	}
	if (r >= 0)
		r = gb_audit(call, "channel.tell", channel.name,
		        json_pack("{s:I,s:o}", "id", (json_int_t)channel.id, "event", gb_json_text(event)), &diag);
	return gb_call_channel_finish(call, r, &diag) < 0 ? 0 : gb_call_empty(call, 204);
}

const struct gb_route gb_routes_channel_messages[] = {
        {.method = "POST",
                .path = "/v1/channels/{id}/events",
                .handle = post_event,
                .operation_id = "tellChannel",
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
