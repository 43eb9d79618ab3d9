/* SPDX-License-Identifier: Apache-2.0 */
#include "tell/turn.h"

#include "base/text.h"
#include "store/events.h"
#include "store/outbox.h"
#include "store/store.h"

#include <errno.h>
#include <string.h>

#define CHANNELS_MAX 200u
#define LOOK_MAX     200u /* messages of a channel, newest first */
#define CLEAN_MAX    2000u
#define SENT_MS      (INT64_C(7) * 24 * 3600 * 1000)
#define DEAD_MS      (INT64_C(90) * 24 * 3600 * 1000)
#define KEY_MAX      80u
#define GROUP_MAX    64u

struct told {
	char key[KEY_MAX], group[GROUP_MAX];
	size_t key_n, group_n;
	int64_t first_time, last_time;
};

struct look {
	int64_t channels[CHANNELS_MAX];
	size_t channel_count;
	struct told told[LOOK_MAX];
	size_t told_count;
	int64_t status; /* of the event in hand */
};

static int add_channel(void *context, const struct gb_channel *channel)
{
	struct look *look = context;

	if (channel->is_enabled && gb_tell_kind_of(channel->kind) == GB_TELL_TO_PAGERDUTY)
		look->channels[look->channel_count++] = channel->id;
	return look->channel_count == CHANNELS_MAX;
}

/* The newest of each group: what came before it was about the same incident. */
static int add_told(void *context, const struct gb_outbox_message *message)
{
	struct look *look = context;
	struct told *told = &look->told[look->told_count];

	for (size_t i = 0; i < look->told_count; i++)
		if (gb_span_equal(gb_span_of(look->told[i].group, look->told[i].group_n), message->group))
			return 0;
	if (message->key.n >= KEY_MAX - 2 || message->group.n > GROUP_MAX)
		return 0;
	memcpy(told->key, message->key.p, message->key.n);
	memcpy(told->group, message->group.p, message->group.n);
	/* Closed already: no key, so that it is not looked at again. */
	told->key_n = message->action == GB_OUTBOX_RESOLVE ? 0 : message->key.n;
	told->group_n = message->group.n;
	told->first_time = message->first_time;
	told->last_time = message->last_time;
	look->told_count++;
	return 0;
}

static int take_status(void *context, const struct gb_event *event)
{
	struct look *look = context;

	look->status = event->status;
	return 1;
}

/* A message that closes what TOLD opened, if people have closed its event. What it did once it does not do again: the key is
 * taken then. */
static int resolve(
        struct gb_store *store, struct look *look, int64_t channel, const struct told *told, struct gb_diag *diag)
{
	int64_t now = gb_store_now_ms(store);
	unsigned char id[GB_EVENT_ID_BYTES];
	char room[KEY_MAX + 2];
	struct gb_text key = gb_text_on(room, sizeof(room));
	struct gb_outbox_message message = {.channel = channel,
	        .group = gb_span_of(told->group, told->group_n),
	        .action = GB_OUTBOX_RESOLVE,
	        .created = now,
	        .due = now,
	        .count = 1,
	        .first_time = told->first_time,
	        .last_time = told->last_time,
	        .payload = GB_SPAN("{\"function\":{},\"line\":\"{}\"}")};
	int r;

	if (!gb_event_id_parse(gb_span_of(told->key, told->key_n < 26 ? told->key_n : 26), id))
		return 0;
	look->status = 0;
	r = gb_event_get(store, NULL, id, take_status, look, diag);
	if (r <= 0 || look->status == 0)
		return r < 0 ? r : 0;
	gb_text_add(&key, gb_span_of(told->key, told->key_n));
	gb_text_add_cstr(&key, "-r");
	message.key = gb_text_span(&key);
	r = gb_outbox_put(store, &message, 0, diag);
	return r < 0 ? r : 0;
}

static int look_through(struct gb_store *store, struct look *look, struct gb_diag *diag)
{
	int r = gb_channels_list(store, 0, CHANNELS_MAX * 5, add_channel, look, diag);

	for (size_t i = 0; r >= 0 && i < look->channel_count; i++) {
		look->told_count = 0;
		r = gb_outbox_list(store, look->channels[i], GB_OUTBOX_SENT, 0, LOOK_MAX, add_told, look, diag);
		for (size_t k = 0; r >= 0 && k < look->told_count; k++)
			r = resolve(store, look, look->channels[i], &look->told[k], diag);
	}
	return r < 0 ? r : 0;
}

int gb_tell_tidy(struct gb_store *store, struct gb_diag *diag)
{
	struct gb_arena *arena = gb_arena_new();
	struct look *look = arena ? gb_arena_take(arena, sizeof(*look)) : NULL;
	int64_t now = gb_store_now_ms(store);
	int r = look ? look_through(store, look, diag) : -ENOMEM;

	if (r == 0)
		r = gb_outbox_clean(store, now - SENT_MS, now - DEAD_MS, CLEAN_MAX, diag);
	gb_arena_free(arena);
	return r < 0 ? r : 0;
}
