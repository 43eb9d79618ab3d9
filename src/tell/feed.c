/* SPDX-License-Identifier: Apache-2.0 */
#include "tell/turn.h"

#include "base/sha256.h"
#include "base/text.h"
#include "store/events.h"
#include "store/functions.h"
#include "store/outbox.h"
#include "store/store.h"
#include "tell/texts.h"

#include <errno.h>
#include <string.h>

#define STEP_EVENTS        500u
#define CHANNELS_MAX       200u
#define WAITING_MAX        10000 /* of one channel; more are counted in one message */
#define GROUP_CHARS        32u
#define OVERFLOW_WINDOW_MS 60000

struct wish {
	struct gb_channel channel;
	json_t *filter;
	bool is_full;
};

struct feed {
	struct gb_store *store;
	struct gb_arena *arena;
	struct wish wishes[CHANNELS_MAX];
	size_t wish_count;
	struct gb_event *events;
	size_t event_count;
	/* The function of the event in hand; kept, for events come in runs. */
	int64_t function_id;
	struct gb_tell_facts facts;
	struct gb_span runtime;
	struct gb_diag *diag;
};

static int add_wish(void *context, const struct gb_channel *channel)
{
	struct feed *feed = context;
	struct wish *wish = &feed->wishes[feed->wish_count];

	if (!channel->is_enabled)
		return 0;
	if (feed->wish_count == CHANNELS_MAX)
		return 1;
	/* Its texts do not outlive this call; only its numbers are looked at later. */
	*wish = (struct wish){
	        .channel = *channel, .filter = json_loadb((const char *)channel->filter.p, channel->filter.n, 0, NULL)};
	/* What cannot be read would take everything. */
	if (json_is_object(wish->filter))
		feed->wish_count++;
	else
		json_decref(wish->filter);
	return 0;
}

static int add_event(void *context, const struct gb_event *event)
{
	struct feed *feed = context;
	struct gb_event *copy = &feed->events[feed->event_count++];
	struct gb_event_facets *facets = &copy->facets;

	*copy = *event;
	facets->kind = gb_tell_keep(feed->arena, facets->kind);
	facets->type = gb_tell_keep(feed->arena, facets->type);
	facets->class = gb_tell_keep(feed->arena, facets->class);
	facets->control = gb_tell_keep(feed->arena, facets->control);
	facets->action = gb_tell_keep(feed->arena, facets->action);
	copy->body = gb_tell_keep(feed->arena, event->body);
	return copy->body.p ? 0 : -ENOMEM;
}

static int take_function(void *context, const struct gb_function *function)
{
	struct feed *feed = context;
	struct gb_tell_facts *facts = &feed->facts;

	facts->account = gb_tell_keep(feed->arena, function->account);
	facts->region = gb_tell_keep(feed->arena, function->region);
	facts->function = gb_tell_keep(feed->arena, function->name);
	facts->group = gb_tell_keep(feed->arena, function->group);
	facts->tags = gb_tell_keep(feed->arena, function->tags);
	feed->runtime = gb_tell_keep(feed->arena, function->runtime);
	return 1;
}

static int look_up(struct feed *feed, const struct gb_event *event)
{
	int r = 1;

	if (event->function != feed->function_id) {
		feed->facts = (struct gb_tell_facts){.tags = GB_SPAN("{}")};
		feed->runtime = GB_SPAN_EMPTY;
		r = gb_function_get(feed->store, NULL, event->function, take_function, feed, feed->diag);
		feed->function_id = event->function;
	}
	feed->facts.kind = event->facets.kind;
	feed->facts.type = event->facets.type;
	feed->facts.class = event->facets.class;
	feed->facts.control = event->facets.control;
	feed->facts.action = event->facets.action;
	feed->facts.severity = (enum gb_tell_severity)event->facets.severity;
	return r < 0 ? r : 0;
}

/* Alike: the same thing of the same function, done with in the same way. */
static void group_of(const struct feed *feed, const struct wish *wish, char ret_group[GROUP_CHARS + 1])
{
	const struct gb_tell_facts *facts = &feed->facts;
	unsigned char digest[GB_SHA256_BYTES];
	char room[1024];
	struct gb_text text = gb_text_on(room, sizeof(room));
	struct gb_text group = gb_text_on(ret_group, GROUP_CHARS + 1);
	const struct gb_span parts[] = {facts->kind, facts->type, facts->class, facts->control, facts->action};

	gb_text_add_i64(&text, wish->channel.id);
	if (wish->is_full) {
		gb_text_add_cstr(&text, " overflow");
	} else {
		gb_text_add_byte(&text, ' ');
		gb_text_add_i64(&text, feed->function_id);
		for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
			gb_text_add_byte(&text, 0);
			gb_text_add(&text, parts[i]);
		}
	}
	gb_sha256(gb_text_span(&text), digest);
	gb_text_add_hex(&group, gb_span_of(digest, GROUP_CHARS / 2));
	gb_text_cstr(&group);
}

static json_t *text(struct gb_span s)
{
	return json_stringn((const char *)s.p, s.n);
}

/* What is needed to write the message at any later time. */
static int payload_of(const struct feed *feed, const struct gb_event *event, struct gb_span *ret)
{
	const struct gb_tell_facts *f = &feed->facts;
	json_t *payload = json_pack("{s:{s:o,s:o,s:o,s:o,s:o},s:o}", "function", "account", text(f->account), "region",
	        text(f->region), "name", text(f->function), "runtime", text(feed->runtime), "group", text(f->group),
	        "line", text(event->body));
	char *dumped = payload ? json_dumps(payload, JSON_COMPACT) : NULL;

	json_decref(payload);
	if (!dumped)
		return -ENOMEM;
	*ret = gb_tell_keep(feed->arena, gb_span_cstr(dumped));
	free(dumped);
	return ret->p ? 0 : -ENOMEM;
}

/* BY_HAND: each time a message of its own, at once. */
static int put(
        struct feed *feed, const struct wish *wish, const struct gb_event *event, struct gb_span payload, bool by_hand)
{
	int64_t now = gb_store_now_ms(feed->store);
	int64_t window_ms = by_hand                                                         ? 0
	                    : wish->is_full && wish->channel.window_ms < OVERFLOW_WINDOW_MS ? OVERFLOW_WINDOW_MS
	                                                                                    : wish->channel.window_ms;
	char group[GROUP_CHARS + 1], key[64];
	struct gb_text text = gb_text_on(key, sizeof(key));
	char id[26];
	struct gb_outbox_message message = {.channel = wish->channel.id,
	        .group = gb_span_of(group, GROUP_CHARS),
	        .action = GB_OUTBOX_TELL,
	        .created = now,
	        .due = now + window_ms,
	        .count = 1,
	        .first_time = event->time,
	        .last_time = event->time,
	        .payload = payload};
	int r;

	group_of(feed, wish, group);
	gb_event_id_print(event->id, id);
	gb_text_add(&text, gb_span_of(id, sizeof(id)));
	gb_text_add_byte(&text, '-');
	gb_text_add_i64(&text, wish->channel.id);
	if (by_hand) {
		gb_text_add_byte(&text, '-');
		gb_text_add_i64(&text, now);
	}
	message.key = gb_text_span(&text);
	r = gb_outbox_put(feed->store, &message, window_ms, feed->diag);
	return r < 0 ? r : 0;
}

static int tell(struct feed *feed, const struct gb_event *event)
{
	struct gb_span payload = GB_SPAN_EMPTY;
	int r = look_up(feed, event);

	for (size_t i = 0; r == 0 && i < feed->wish_count; i++) {
		const struct wish *wish = &feed->wishes[i];

		if (event->n <= wish->channel.after || (int64_t)feed->facts.severity < wish->channel.severity_min ||
		        !gb_tell_filter_has(wish->filter, &feed->facts))
			continue;
		if (payload.n == 0)
			r = payload_of(feed, event, &payload);
		if (r == 0)
			r = put(feed, wish, event, payload, false);
	}
	return r;
}

static int look_for_room(struct feed *feed)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < feed->wish_count; i++) {
		int64_t waiting = 0;

		r = gb_outbox_waiting(feed->store, feed->wishes[i].channel.id, &waiting, feed->diag);
		feed->wishes[i].is_full = waiting >= WAITING_MAX;
	}
	return r < 0 ? r : 0;
}

/* In one transaction, which somebody else has not come before: the messages, and how far the feed was read. */
static int write(struct feed *feed, int64_t cursor, int64_t last)
{
	int64_t seen;
	int r = gb_store_begin(feed->store, feed->diag);

	if (r < 0)
		return r;
	r = gb_channels_cursor(feed->store, &seen, feed->diag);
	if (r >= 0 && seen != cursor)
		r = -EAGAIN;
	if (r >= 0)
		r = look_for_room(feed);
	for (size_t i = 0; r >= 0 && i < feed->event_count; i++)
		r = tell(feed, &feed->events[i]);
	if (r >= 0)
		r = gb_channels_cursor_set(feed->store, last, feed->diag);
	if (r >= 0)
		r = gb_store_commit(feed->store, feed->diag);
	if (r < 0)
		gb_store_rollback(feed->store);
	return r;
}

static int step(struct feed *feed)
{
	int64_t cursor, from = INT64_MAX, last;
	int r = gb_channels_cursor(feed->store, &cursor, feed->diag);

	if (r >= 0)
		r = gb_channels_list(feed->store, 0, CHANNELS_MAX * 5, add_wish, feed, feed->diag);
	if (r < 0 || feed->wish_count == 0)
		return r < 0 ? r : 0;
	feed->events = gb_arena_take(feed->arena, STEP_EVENTS * sizeof(*feed->events));
	if (!feed->events)
		return -ENOMEM;
	/* What came before the first channel nobody wants. */
	for (size_t i = 0; i < feed->wish_count; i++)
		if (feed->wishes[i].channel.after < from)
			from = feed->wishes[i].channel.after;
	last = from = from > cursor ? from : cursor;
	r = gb_events_after(feed->store, NULL, from, STEP_EVENTS, add_event, feed, &last, feed->diag);
	if (r < 0 || last == from)
		return r < 0 ? r : 0;
	r = write(feed, cursor, last);
	return r < 0 ? r : feed->event_count == STEP_EVENTS;
}

int gb_tell_feed(struct gb_store *store, struct gb_diag *diag)
{
	struct gb_arena *arena = gb_arena_new();
	struct feed *feed = arena ? gb_arena_take(arena, sizeof(*feed)) : NULL;
	int r = -ENOMEM;

	if (feed) {
		*feed = (struct feed){.store = store, .arena = arena, .function_id = -1, .diag = diag};
		r = step(feed);
		for (size_t i = 0; i < feed->wish_count; i++)
			json_decref(feed->wishes[i].filter);
	}
	gb_arena_free(arena);
	return r < 0 ? r : r > 0 ? 1 : 0;
}

static int tell_one(struct feed *feed, const struct gb_scope *scope, const unsigned char id[GB_EVENT_ID_BYTES])
{
	struct gb_span payload;
	int r = feed->events ? gb_event_get(feed->store, scope, id, add_event, feed, feed->diag) : -ENOMEM;

	if (r <= 0)
		return r;
	r = look_up(feed, feed->events);
	if (r >= 0)
		r = payload_of(feed, feed->events, &payload);
	if (r >= 0)
		r = put(feed, feed->wishes, feed->events, payload, true);
	return r < 0 ? r : 1;
}

int gb_tell_event(struct gb_store *store, const struct gb_scope *scope, const unsigned char id[GB_EVENT_ID_BYTES],
        const struct gb_channel *channel, struct gb_diag *diag)
{
	struct gb_arena *arena = gb_arena_new();
	struct feed *feed = arena ? gb_arena_take(arena, sizeof(*feed)) : NULL;
	int r = -ENOMEM;

	if (feed) {
		*feed = (struct feed){.store = store, .arena = arena, .function_id = -1, .diag = diag};
		feed->wishes[0].channel = *channel;
		feed->events = gb_arena_take(arena, sizeof(*feed->events));
		r = tell_one(feed, scope, id);
	}
	gb_arena_free(arena);
	return r;
}
