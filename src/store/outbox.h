/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store/outbox: messages that channels are to be sent: written in the transaction that reads the feed on, so that no event
 * is passed over and none is told twice by us; kept until sent, or until they are given up, and a while longer.
 */
#ifndef GB_STORE_OUTBOX_H
#define GB_STORE_OUTBOX_H

#include "base/arena.h"
#include "store/sql.h"

enum gb_outbox_state {
	GB_OUTBOX_WAITING = 0,
	GB_OUTBOX_SENDING, /* by whoever has the channel's lease */
	GB_OUTBOX_SENT,
	GB_OUTBOX_DEAD, /* given up; may be sent again by hand */
	_GB_OUTBOX_STATE_MAX,
};

enum gb_outbox_action { GB_OUTBOX_TELL = 0, GB_OUTBOX_RESOLVE };

struct gb_outbox_message {
	int64_t id, channel;
	struct gb_span key;   /* one message's own, the same whenever it is sent again */
	struct gb_span group; /* what is alike has the same */
	enum gb_outbox_state state;
	enum gb_outbox_action action;
	int64_t created, due, attempts;
	int64_t count, first_time, last_time; /* events in it, and their times */
	struct gb_span payload, error;
};

/* Put a message (channel to payload but id, state and attempts). With a window (WINDOW_MS not 0): when one of the same group
 * waits that was put less than that ago, its count and times take this one in instead. A message whose key is there already
 * is left as it is. 1: put; 2: taken in; 0: was there. In the caller's transaction. */
__attribute__((warn_unused_result)) int gb_outbox_put(
        struct gb_store *store, const struct gb_outbox_message *message, int64_t window_ms, struct gb_diag *diag);

/* How many of CHANNEL wait. */
__attribute__((warn_unused_result)) int gb_outbox_waiting(
        struct gb_store *store, int64_t channel, int64_t *ret_count, struct gb_diag *diag);

/* Spans live until it returns; results as gb_sql_row's. */
typedef int gb_outbox_row(void *context, const struct gb_outbox_message *message);

/* Take up to LIMIT messages of CHANNEL that are due at NOW, oldest first: they are being sent. Result: how many. */
__attribute__((warn_unused_result)) int gb_outbox_claim(struct gb_store *store, int64_t channel, int64_t now,
        size_t limit, gb_outbox_row *on_row, void *context, struct gb_diag *diag);

/* What became of one that was being sent: SENT, DEAD, or WAITING until DUE. ATTEMPTS in all; ERROR of the last. */
__attribute__((warn_unused_result)) int gb_outbox_settle(struct gb_store *store, int64_t id, enum gb_outbox_state state,
        int64_t now, int64_t due, int64_t attempts, struct gb_span error, struct gb_diag *diag);

/* Of CHANNEL in STATE, newest first, those before the id BEFORE (0: from the newest), at most LIMIT. */
__attribute__((warn_unused_result)) int gb_outbox_list(struct gb_store *store, int64_t channel,
        enum gb_outbox_state state, int64_t before, size_t limit, gb_outbox_row *on_row, void *context,
        struct gb_diag *diag);

/* How many CHANNEL has in each state. */
__attribute__((warn_unused_result)) int gb_outbox_count(
        struct gb_store *store, int64_t channel, int64_t ret_counts[_GB_OUTBOX_STATE_MAX], struct gb_diag *diag);

/* Dead ones of CHANNEL wait again from NOW on: the one with this ID, or all (0). Result: how many. */
__attribute__((warn_unused_result)) int gb_outbox_resend(
        struct gb_store *store, int64_t channel, int64_t id, int64_t now, struct gb_diag *diag);

/* Forget what was sent before SENT_BEFORE and given up before DEAD_BEFORE, at most LIMIT. Result: how many. */
__attribute__((warn_unused_result)) int gb_outbox_clean(
        struct gb_store *store, int64_t sent_before, int64_t dead_before, size_t limit, struct gb_diag *diag);

#endif
