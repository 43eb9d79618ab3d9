/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store/channels: where people want to be told, and how sending there goes. What kinds, configurations and filters mean is
 * tell's; secrets are sealed before they come here.
 */
#ifndef GB_STORE_CHANNELS_H
#define GB_STORE_CHANNELS_H

#include "base/arena.h"
#include "store/sql.h"

struct gb_channel {
	int64_t id;
	struct gb_span name, kind;
	struct gb_span config, filter; /* JSON objects */
	struct gb_span secrets;        /* sealed; empty: none */
	struct gb_span last_error;     /* of the last failure since the last success */
	int64_t severity_min;          /* events below are not told */
	int64_t window_ms;             /* events alike within it are one message; 0: each its own */
	int64_t after;                 /* feed number: events after it only */
	int64_t created, changed, last_sent;
	int64_t failures, not_before; /* since the last success; nothing is tried earlier */
	bool is_enabled;
};

/* Add CHANNEL: its name to `after`, created and is_enabled. -EEXIST: the name is taken. */
__attribute__((warn_unused_result)) int gb_channel_add(
        struct gb_store *store, const struct gb_channel *channel, int64_t *ret_id, struct gb_diag *diag);

/* Write its name, config, filter, secrets, severity_min, window_ms, is_enabled and changed; failures are forgotten. 1, or 0
 * when there is none. */
__attribute__((warn_unused_result)) int gb_channel_change(
        struct gb_store *store, const struct gb_channel *channel, struct gb_diag *diag);

/* With its messages. 1, or 0 when there is none. */
__attribute__((warn_unused_result)) int gb_channel_delete(struct gb_store *store, int64_t id, struct gb_diag *diag);

/* One, in ARENA. 1, or 0 when there is none. */
__attribute__((warn_unused_result)) int gb_channel_get(struct gb_store *store, int64_t id, struct gb_arena *arena,
        struct gb_channel *ret_channel, struct gb_diag *diag);

/* Spans live until it returns; results as gb_sql_row's. */
typedef int gb_channel_row(void *context, const struct gb_channel *channel);
/* In order of ids, those after AFTER, at most LIMIT. */
__attribute__((warn_unused_result)) int gb_channels_list(struct gb_store *store, int64_t after, size_t limit,
        gb_channel_row *on_row, void *context, struct gb_diag *diag);

/* Take one enabled channel that has messages due at NOW and that no other sender has: it is the caller's until LEASE_UNTIL, or
 * until it is settled. What an earlier holder had begun to send, and died over, waits again. 1 and the channel in ARENA; 0:
 * there is none. Not within a transaction. */
__attribute__((warn_unused_result)) int gb_channel_claim(struct gb_store *store, int64_t now, int64_t lease_until,
        struct gb_arena *arena, struct gb_channel *ret_channel, struct gb_diag *diag);

/* Keep what was claimed until LEASE_UNTIL. 1, or 0 when it is no longer ours: PREVIOUS is the lease that we had. */
__attribute__((warn_unused_result)) int gb_channel_extend(
        struct gb_store *store, int64_t id, int64_t previous, int64_t lease_until, struct gb_diag *diag);

/* Give it back with the channel's failures, not_before, last_sent and last_error as they are in CHANNEL now. 1, or 0 when it is
 * no longer ours: LEASE is what we had. */
__attribute__((warn_unused_result)) int gb_channel_settle(
        struct gb_store *store, const struct gb_channel *channel, int64_t lease, struct gb_diag *diag);

/* How far the feed was read; SET: move it. */
__attribute__((warn_unused_result)) int gb_channels_cursor(
        struct gb_store *store, int64_t *ret_n, struct gb_diag *diag);
__attribute__((warn_unused_result)) int gb_channels_cursor_set(struct gb_store *store, int64_t n, struct gb_diag *diag);

#endif
