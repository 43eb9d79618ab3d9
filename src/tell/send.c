/* SPDX-License-Identifier: Apache-2.0 */
#include "tell/turn.h"

#include "base/format.h"
#include "store/outbox.h"
#include "store/store.h"
#include "tell/texts.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define TURN_MS        20000
#define SECONDS        12u   /* for one message */
#define LEASE_MS       30000 /* longer than one message takes */
#define BACKOFF_MIN_MS 2000
#define BACKOFF_MAX_MS (30 * 60 * 1000)
#define ATTEMPTS_MAX   20
#define GIVE_UP_MS     (INT64_C(24) * 3600 * 1000)
#define UNUSABLE_MS    (5 * 60 * 1000)
#define KEY_CHARS      80u

int64_t gb_tell_backoff_ms(int64_t failures)
{
	int64_t full = BACKOFF_MIN_MS;

	for (int64_t i = 1; i < failures && full < BACKOFF_MAX_MS; i++)
		full *= 2;
	if (full > BACKOFF_MAX_MS)
		full = BACKOFF_MAX_MS;
	return full / 2 + randombytes_uniform((uint32_t)(full / 2) + 1);
}

struct turn {
	struct gb_store *store;
	struct gb_tell_sender *sender;
	struct gb_arena *arena; /* of one message */
	struct gb_channel stored;
	struct gb_tell_channel channel;
	struct gb_outbox_message messages[GB_TELL_BATCH_MAX];
	struct gb_tell_notice notices[GB_TELL_BATCH_MAX];
	json_t *payloads[GB_TELL_BATCH_MAX];
	size_t count;
	int64_t now, lease;
	struct gb_tell_delivery delivery; /* of what was sent last */
	struct gb_diag *diag;
};

static int add_message(void *context, const struct gb_outbox_message *message)
{
	struct turn *turn = context;
	struct gb_outbox_message *copy = &turn->messages[turn->count];

	*copy = *message;
	copy->key = gb_tell_keep(turn->arena, message->key);
	copy->group = gb_tell_keep(turn->arena, message->group);
	copy->payload = gb_tell_keep(turn->arena, message->payload);
	copy->error = GB_SPAN_EMPTY;
	if (!copy->key.p || !copy->group.p || !copy->payload.p)
		return -ENOMEM;
	turn->count++;
	return 0;
}

/* NOTICES from the payloads. One that cannot be read is as good as refused. */
static int read_notices(struct turn *turn)
{
	for (size_t i = 0; i < turn->count; i++) {
		const struct gb_outbox_message *message = &turn->messages[i];
		struct gb_tell_notice *notice = &turn->notices[i];
		json_t *payload =
		        json_loadb((const char *)message->payload.p, message->payload.n, JSON_ALLOW_NUL, NULL);
		const json_t *function = json_object_get(payload, "function");
		const struct gb_tell_function known = {.account = gb_tell_member(function, "account"),
		        .region = gb_tell_member(function, "region"),
		        .name = gb_tell_member(function, "name"),
		        .runtime = gb_tell_member(function, "runtime"),
		        .group = gb_tell_member(function, "group")};
		int r;

		turn->payloads[i] = payload;
		r = gb_tell_notice_read(gb_tell_member(payload, "line"), &known, notice, turn->diag);
		if (r < 0)
			return r;
		notice->count = message->count > 0 ? (uint64_t)message->count : 1;
		notice->first_ms = message->first_time;
		notice->last_ms = message->last_time;
	}
	return 0;
}

static void drop_messages(struct turn *turn)
{
	for (size_t i = 0; i < turn->count; i++) {
		gb_tell_notice_done(&turn->notices[i]);
		json_decref(turn->payloads[i]);
		turn->payloads[i] = NULL;
	}
	turn->count = 0;
}

/* PagerDuty joins what has one key to one incident: that is the group. Others take it for the same message. */
static struct gb_span key_of(const struct turn *turn, char room[KEY_CHARS])
{
	struct gb_text text = gb_text_on(room, KEY_CHARS);

	if (turn->channel.kind != GB_TELL_TO_PAGERDUTY)
		return turn->messages[0].key;
	gb_text_add_cstr(&text, "gambeson-");
	gb_text_add(&text, turn->messages[0].group);
	return gb_text_span(&text);
}

/* What became of the messages in hand, in one transaction. *LIMIT: how many at once from now on. */
static int note(struct turn *turn, size_t *limit)
{
	const struct gb_tell_delivery *delivery = &turn->delivery;
	int64_t wait_ms = delivery->again_ms;
	bool is_split = delivery->outcome == GB_TELL_REFUSED && turn->count > 1;
	int r = gb_store_begin(turn->store, turn->diag);

	if (delivery->outcome == GB_TELL_AGAIN) {
		turn->stored.failures++;
		if (wait_ms < gb_tell_backoff_ms(turn->stored.failures))
			wait_ms = gb_tell_backoff_ms(turn->stored.failures);
		turn->stored.not_before = turn->now + wait_ms;
	} else {
		turn->stored.failures = turn->stored.not_before = 0;
	}
	turn->stored.last_error =
	        delivery->outcome == GB_TELL_DELIVERED ? GB_SPAN_EMPTY : gb_span_cstr(delivery->reason);
	if (delivery->outcome == GB_TELL_DELIVERED)
		turn->stored.last_sent = turn->now;
	/* Which of many was refused? One by one will tell. */
	if (is_split)
		*limit = 1;
	for (size_t i = 0; r >= 0 && i < turn->count; i++) {
		const struct gb_outbox_message *message = &turn->messages[i];
		bool is_over = message->attempts + 1 >= ATTEMPTS_MAX || turn->now - message->created > GIVE_UP_MS;
		enum gb_outbox_state state = delivery->outcome == GB_TELL_DELIVERED ? GB_OUTBOX_SENT
		                             : is_split                             ? GB_OUTBOX_WAITING
		                             : delivery->outcome == GB_TELL_REFUSED ? GB_OUTBOX_DEAD
		                             : is_over                              ? GB_OUTBOX_DEAD
		                                                                    : GB_OUTBOX_WAITING;

		r = gb_outbox_settle(turn->store, message->id, state, turn->now,
		        is_split ? turn->now : turn->now + wait_ms, message->attempts + 1, turn->stored.last_error,
		        turn->diag);
	}
	if (r >= 0)
		r = gb_store_commit(turn->store, turn->diag);
	if (r < 0)
		gb_store_rollback(turn->store);
	return r;
}

/* One message. 1: it went; 0: nothing is due, or the receiver is not ready; errors of the store. */
static int send_one(struct turn *turn, size_t *limit)
{
	char room[KEY_CHARS];
	int64_t previous = turn->lease;
	int r;

	turn->now = gb_store_now_ms(turn->store);
	turn->lease = turn->now + LEASE_MS;
	r = gb_channel_extend(turn->store, turn->channel.id, previous, turn->lease, turn->diag);
	if (r <= 0)
		return r;
	r = gb_outbox_claim(turn->store, turn->channel.id, turn->now, *limit, add_message, turn, turn->diag);
	if (r <= 0)
		return r;
	r = read_notices(turn);
	if (r == -EINVAL || r == -EMSGSIZE)
		turn->delivery =
		        (struct gb_tell_delivery){.outcome = GB_TELL_REFUSED, .reason = "the event cannot be read"};
	else if (r == 0)
		r = gb_tell_deliver(turn->sender, &turn->channel, turn->notices, turn->count, key_of(turn, room),
		        turn->messages[0].action == GB_OUTBOX_RESOLVE, turn->now, SECONDS, &turn->delivery);
	if (r == -ENOMEM)
		return r;
	turn->now = gb_store_now_ms(turn->store);
	r = note(turn, limit);
	return r < 0 ? r : turn->delivery.outcome != GB_TELL_AGAIN;
}

static int send_all(struct turn *turn, bool (*is_stopping)(void *context), void *context)
{
	int64_t end = turn->now + TURN_MS;
	size_t limit = gb_tell_format_is_batched(turn->channel.format) ? GB_TELL_BATCH_MAX : 1;
	int r = 1;

	while (r > 0 && turn->now < end && !is_stopping(context)) {
		turn->arena = gb_arena_new();
		r = turn->arena ? send_one(turn, &limit) : -ENOMEM;
		drop_messages(turn);
		gb_arena_free(turn->arena);
	}
	return r;
}

static int take_turn(struct turn *turn, bool (*is_stopping)(void *context), void *context)
{
	struct gb_diag why = {0};
	int r = gb_tell_channel_open(&turn->stored, gb_tell_sender_key(turn->sender), &turn->channel, &why);

	if (r == -ENOMEM)
		return r;
	if (r < 0) {
		turn->stored.failures++;
		turn->stored.not_before = turn->now + UNUSABLE_MS;
		turn->stored.last_error = gb_span_cstr(why.message);
		return gb_channel_settle(turn->store, &turn->stored, turn->lease, turn->diag);
	}
	r = send_all(turn, is_stopping, context);
	gb_tell_channel_done(&turn->channel);
	if (r < 0)
		return r;
	return gb_channel_settle(turn->store, &turn->stored, turn->lease, turn->diag);
}

int gb_tell_send(struct gb_store *store, struct gb_tell_sender *sender, bool (*is_stopping)(void *context),
        void *context, struct gb_diag *diag)
{
	struct gb_arena *arena = gb_arena_new();
	struct turn *turn = arena ? gb_arena_take(arena, sizeof(*turn)) : NULL;
	int r = -ENOMEM;

	if (turn) {
		turn->store = store;
		turn->sender = sender;
		turn->diag = diag;
		turn->now = gb_store_now_ms(store);
		turn->lease = turn->now + LEASE_MS;
		r = gb_channel_claim(store, turn->now, turn->lease, arena, &turn->stored, diag);
		if (r > 0) {
			r = take_turn(turn, is_stopping, context);
			r = r < 0 ? r : 1;
		}
	}
	gb_arena_free(arena);
	return r;
}
