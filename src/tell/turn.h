/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tell/turn: what the tasks of the server do again and again: read the feed into the outbox, send what is due, forget what
 * is old. Everything is said to the store first: a server that dies at any point leaves nothing untold; a message that was sent, and
 * whose sending was not noted any more, is sent again with the same key.
 */
#ifndef GB_TELL_TURN_H
#define GB_TELL_TURN_H

#include "store/channels.h"
#include "store/events.h"
#include "tell/deliver.h"

/* Read on in the feed, one step (at most 500 events) in one transaction. Result: 1 when there may be more, else 0; errors of
 * the store. Only one at a time on a database: gb_store_lock(). */
__attribute__((warn_unused_result)) int gb_tell_feed(struct gb_store *store, struct gb_diag *diag);

/* Put the event with this ID into CHANNEL's outbox, due now, whatever the channel's filter says. In the caller's transaction. 1; 0:
 * there is no such event in SCOPE; errors of the store. */
__attribute__((warn_unused_result)) int gb_tell_event(struct gb_store *store, const struct gb_scope *scope,
        const unsigned char id[GB_EVENT_ID_BYTES], const struct gb_channel *channel, struct gb_diag *diag);

/* Every so often: close what PagerDuty has open of events that people have closed (at most 200), and forget what was sent a
 * week ago and given up three months ago. */
__attribute__((warn_unused_result)) int gb_tell_tidy(struct gb_store *store, struct gb_diag *diag);

/* Take one channel that has something due, and send for at most 20 s. Several may do this at one time, on one database. Result: 1
 * when there was one, else 0; errors of the store. IS_STOPPING is asked between messages. */
__attribute__((warn_unused_result)) int gb_tell_send(struct gb_store *store, struct gb_tell_sender *sender,
        bool (*is_stopping)(void *context), void *context, struct gb_diag *diag);

/* How long to wait after FAILURES in a row (1, 2, …): doubling from 2 s to 30 min; of that the upper half at random. */
int64_t gb_tell_backoff_ms(int64_t failures);

#endif
