/* SPDX-License-Identifier: Apache-2.0 */
/* Channels and the outbox: put once, grouped, claimed by one, settled, given up, sent again, forgotten. */
#include "fixture.h"

#include "store/channels.h"
#include "store/outbox.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int64_t add_channel(struct fixture *f, const char *name)
{
	const struct gb_channel channel = {.name = gb_span_cstr(name),
	        .kind = GB_SPAN("webhook"),
	        .config = GB_SPAN("{\"url\":\"https://example.com/'; DROP TABLE channels\"}"),
	        .filter = GB_SPAN("{}"),
	        .secrets = GB_SPAN("\0\xff sealed"),
	        .severity_min = 3,
	        .window_ms = 1000,
	        .after = 7,
	        .created = 5,
	        .is_enabled = true};
	int64_t id = 0;

	assert_ok(f, gb_channel_add(f->store, &channel, &id, &f->diag));
	return id;
}

static int put(struct fixture *f, int64_t channel, const char *key, int64_t now, int64_t window_ms)
{
	const struct gb_outbox_message message = {.channel = channel,
	        .key = gb_span_cstr(key),
	        .group = GB_SPAN("alike"),
	        .created = now,
	        .due = now + window_ms,
	        .count = 1,
	        .first_time = now,
	        .last_time = now,
	        .payload = GB_SPAN("{}")};

	return gb_outbox_put(f->store, &message, window_ms, &f->diag);
}

static void channels_come_back(void **state)
{
	struct fixture *f = *state;
	struct gb_arena *arena = gb_arena_new();
	int64_t id = add_channel(f, "one"), other;
	struct gb_channel channel;

	assert_int_equal(gb_channel_get(f->store, id, arena, &channel, &f->diag), 1);
	assert_true(gb_span_equal(channel.secrets, GB_SPAN("\0\xff sealed")));
	assert_int_equal(channel.severity_min, 3);
	assert_int_equal(channel.after, 7);
	assert_true(channel.is_enabled);
	assert_int_equal(gb_channel_add(f->store, &channel, &other, &f->diag), -EEXIST);
	channel.name = GB_SPAN("two");
	channel.secrets = GB_SPAN_EMPTY;
	channel.is_enabled = false;
	assert_int_equal(gb_channel_change(f->store, &channel, &f->diag), 1);
	assert_int_equal(gb_channel_get(f->store, id, arena, &channel, &f->diag), 1);
	assert_true(gb_span_equal(channel.name, GB_SPAN("two")));
	assert_int_equal(channel.secrets.n, 0);
	assert_false(channel.is_enabled);
	assert_int_equal(put(f, id, "k", 10, 0), 1);
	assert_int_equal(gb_channel_delete(f->store, id, &f->diag), 1);
	assert_int_equal(gb_channel_get(f->store, id, arena, &channel, &f->diag), 0);
	assert_int_equal(gb_channel_delete(f->store, id, &f->diag), 0);
	gb_arena_free(arena);
}

struct seen {
	int64_t ids[8], counts[8], first, last;
	size_t n;
};

static int see(void *context, const struct gb_outbox_message *message)
{
	struct seen *seen = context;

	seen->ids[seen->n] = message->id;
	seen->counts[seen->n++] = message->count;
	seen->first = message->first_time;
	seen->last = message->last_time;
	return 0;
}

static void alike_are_one_within_the_window(void **state)
{
	struct fixture *f = *state;
	int64_t id = add_channel(f, "one");
	struct seen seen = {.n = 0};

	assert_int_equal(put(f, id, "a", 1000, 500), 1);
	assert_int_equal(put(f, id, "b", 1200, 500), 2);
	assert_int_equal(put(f, id, "c", 1499, 500), 2);
	assert_int_equal(put(f, id, "d", 1500, 500), 1); /* the window has ended */
	assert_int_equal(put(f, id, "e", 1600, 0), 1);   /* no window: each its own */
	assert_int_equal(put(f, id, "e", 1700, 0), 0);   /* the same key */
	assert_int_equal(gb_outbox_claim(f->store, id, 1499, 10, see, &seen, &f->diag), 0);
	assert_int_equal(gb_outbox_claim(f->store, id, 1500, 10, see, &seen, &f->diag), 1);
	assert_int_equal(seen.counts[0], 3);
	assert_int_equal(seen.first, 1000);
	assert_int_equal(seen.last, 1499);
	/* What is being sent takes nothing in any more. */
	assert_int_equal(put(f, id, "g", 1501, 2000), 2); /* into d */
	assert_int_equal(
	        gb_outbox_settle(f->store, seen.ids[0], GB_OUTBOX_WAITING, 1502, 1502, 1, GB_SPAN("no"), &f->diag), 1);
	seen.n = 0;
	assert_int_equal(gb_outbox_claim(f->store, id, 1502, 10, see, &seen, &f->diag), 1);
	assert_int_equal(seen.counts[0], 3);
}

static void one_holds_a_channel(void **state)
{
	struct fixture *f = *state;
	struct gb_store *other = fixture_open(f);
	struct gb_arena *arena = gb_arena_new();
	int64_t id = add_channel(f, "one");
	struct gb_channel channel = {.id = 0};
	struct seen seen = {.n = 0};

	assert_int_equal(gb_channel_claim(f->store, 100, 200, arena, &channel, &f->diag), 0); /* nothing is due */
	assert_int_equal(put(f, id, "a", 90, 0), 1);
	assert_int_equal(gb_channel_claim(f->store, 100, 200, arena, &channel, &f->diag), 1);
	assert_int_equal(channel.id, id);
	assert_int_equal(gb_channel_claim(other, 100, 200, arena, &channel, &f->diag), 0);
	assert_int_equal(gb_channel_extend(f->store, id, 200, 250, &f->diag), 1);
	assert_int_equal(gb_channel_extend(f->store, id, 200, 300, &f->diag), 0);
	assert_int_equal(gb_outbox_claim(f->store, id, 100, 10, see, &seen, &f->diag), 1);
	/* Its holder dies: what it was sending is there for the next, once the lease has ended. */
	assert_int_equal(gb_channel_claim(other, 249, 400, arena, &channel, &f->diag), 0);
	assert_int_equal(gb_channel_claim(other, 250, 400, arena, &channel, &f->diag), 1);
	assert_int_equal(gb_outbox_claim(other, id, 250, 10, see, &seen, &f->diag), 1);
	/* The first comes back: the channel is not its any more. */
	assert_int_equal(gb_channel_settle(f->store, &channel, 250, &f->diag), 0);
	assert_int_equal(gb_outbox_settle(other, seen.ids[1], GB_OUTBOX_SENT, 260, 0, 1, GB_SPAN_EMPTY, &f->diag), 1);
	assert_int_equal(gb_outbox_settle(f->store, seen.ids[0], GB_OUTBOX_DEAD, 261, 0, 1, GB_SPAN("x"), &f->diag), 0);
	channel.failures = 2;
	channel.not_before = 900;
	assert_int_equal(gb_channel_settle(other, &channel, 400, &f->diag), 1);
	assert_int_equal(put(f, id, "b", 300, 0), 1);
	assert_int_equal(
	        gb_channel_claim(f->store, 899, 1000, arena, &channel, &f->diag), 0); /* it is to be left alone */
	assert_int_equal(gb_channel_claim(f->store, 900, 1000, arena, &channel, &f->diag), 1);
	gb_arena_free(arena);
	gb_store_close(other);
}

static void dead_ones_are_kept_and_sent_again(void **state)
{
	struct fixture *f = *state;
	int64_t id = add_channel(f, "one"), counts[_GB_OUTBOX_STATE_MAX];
	struct seen seen = {.n = 0};

	assert_int_equal(put(f, id, "a", 10, 0), 1);
	assert_int_equal(put(f, id, "b", 20, 0), 1);
	assert_int_equal(gb_outbox_claim(f->store, id, 30, 10, see, &seen, &f->diag), 2);
	assert_int_equal(
	        gb_outbox_settle(f->store, seen.ids[0], GB_OUTBOX_DEAD, 40, 0, 3, GB_SPAN("refused"), &f->diag), 1);
	assert_int_equal(gb_outbox_settle(f->store, seen.ids[1], GB_OUTBOX_SENT, 50, 0, 1, GB_SPAN_EMPTY, &f->diag), 1);
	assert_ok(f, gb_outbox_count(f->store, id, counts, &f->diag));
	assert_int_equal(counts[GB_OUTBOX_DEAD], 1);
	assert_int_equal(counts[GB_OUTBOX_SENT], 1);
	assert_int_equal(gb_outbox_resend(f->store, id, seen.ids[1], 60, &f->diag), 0);
	assert_int_equal(gb_outbox_resend(f->store, id, 0, 60, &f->diag), 1);
	seen.n = 0;
	assert_int_equal(gb_outbox_claim(f->store, id, 60, 10, see, &seen, &f->diag), 1);
	assert_int_equal(gb_outbox_settle(f->store, seen.ids[0], GB_OUTBOX_DEAD, 70, 0, 1, GB_SPAN("x"), &f->diag), 1);
	assert_int_equal(gb_outbox_clean(f->store, 50, 70, 10, &f->diag), 0);
	assert_int_equal(gb_outbox_clean(f->store, 51, 70, 10, &f->diag), 1);
	assert_int_equal(gb_outbox_clean(f->store, 51, 71, 10, &f->diag), 1);
}

static void the_cursor_moves(void **state)
{
	struct fixture *f = *state;
	int64_t n = -1;

	assert_ok(f, gb_channels_cursor(f->store, &n, &f->diag));
	assert_int_equal(n, 0);
	assert_int_equal(gb_channels_cursor_set(f->store, 42, &f->diag), 1);
	assert_ok(f, gb_channels_cursor(f->store, &n, &f->diag));
	assert_int_equal(n, 42);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        ON_BOTH(channels_come_back),
	        ON_BOTH(alike_are_one_within_the_window),
	        ON_BOTH(one_holds_a_channel),
	        ON_BOTH(dead_ones_are_kept_and_sent_again),
	        ON_BOTH(the_cursor_moves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
