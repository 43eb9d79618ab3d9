/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tell/deliver: one message on its way: written in the channel's format and handed to its receiver. A sender keeps its
 * connections; it belongs to one thread.
 */
#ifndef GB_TELL_DELIVER_H
#define GB_TELL_DELIVER_H

#include "tell/channel.h"
#include "web/client.h"

/* Of the whole server. */
struct gb_tell_settings {
	const char *folder;      /* the data folder: the sealing key is in it */
	const char *portal;      /* URL that messages link to; NULL: no links */
	const char *ca_file;     /* NULL: the system's */
	const char *host;        /* our own name */
	enum gb_web_reach reach; /* where messages may go */
};

/* What SETTINGS points to must stay. Errors as of gb_seal_key_open(). */
struct gb_tell_sender;
__attribute__((warn_unused_result)) int gb_tell_sender_new(
        const struct gb_tell_settings *settings, struct gb_tell_sender **ret_sender, struct gb_diag *diag);
const struct gb_seal_key *gb_tell_sender_key(const struct gb_tell_sender *sender);
void gb_tell_sender_free(struct gb_tell_sender *sender); /* NULL is fine */
/* From any other thread: what it waits for ends, as all that it would begin. */
void gb_tell_sender_cancel(struct gb_tell_sender *sender);

enum gb_tell_outcome {
	GB_TELL_REFUSED = 0, /* this message, or this channel as it is: again by hand only */
	GB_TELL_AGAIN,       /* the receiver or the way to it is out of order */
	GB_TELL_DELIVERED,
};

struct gb_tell_delivery {
	enum gb_tell_outcome outcome;
	int64_t again_ms; /* that the receiver asked us to wait; 0: it did not say */
	char reason[240]; /* of what is not DELIVERED: without secrets, and nothing that the receiver wrote */
};

/* COUNT notices (more than one only where the format takes several) as one message with KEY, at NOW_MS. SECONDS bound the
 * whole. 0 with RET filled, whatever became of it; -ENOMEM. */
__attribute__((warn_unused_result)) int gb_tell_deliver(struct gb_tell_sender *sender,
        const struct gb_tell_channel *channel, const struct gb_tell_notice *notices, size_t count, struct gb_span key,
        bool is_resolved, int64_t now_ms, unsigned seconds, struct gb_tell_delivery *ret);

/* An event to try a channel with; NULL without memory. */
json_t *gb_tell_sample(int64_t now_ms);

/* The value of a webhook's X-Gambeson-Signature: "v1=" and HMAC-SHA256 in hexadecimal over the decimal TIME, a dot and BODY. */
#define GB_TELL_SIGNATURE_CHARS 68u
void gb_tell_signature(
        struct gb_span secret, int64_t time, struct gb_span body, char ret_signature[GB_TELL_SIGNATURE_CHARS]);

/* Seconds or an HTTP date of Retry-After, as milliseconds from NOW_MS; 0 when it is neither, or past. */
int64_t gb_tell_retry_after(struct gb_span value, int64_t now_ms);

#endif
