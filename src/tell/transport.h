/* SPDX-License-Identifier: Apache-2.0 */
/* tell/transport: the ways out. Private to tell. */
#ifndef GB_TELL_TRANSPORT_H
#define GB_TELL_TRANSPORT_H

#include "aws/call.h"
#include "tell/deliver.h"

#include <curl/curl.h>
#include <stdatomic.h>

struct gb_tell_sender {
	struct gb_tell_settings settings;
	struct gb_seal_key key;
	struct gb_web_client *http;
	struct gb_aws *aws; /* for its credentials */
	CURL *curl;         /* of mail and syslog */
	atomic_bool is_cancelled;
	bool is_out_of_reach; /* of what runs */
};

struct gb_tell_parcel {
	const struct gb_tell_channel *channel;
	const struct gb_tell_target *target;
	struct gb_span message;
	size_t count; /* of notices in it */
	int64_t now_ms;
	unsigned seconds;
	struct gb_arena *arena;
};

typedef int gb_tell_transport(
        struct gb_tell_sender *sender, const struct gb_tell_parcel *parcel, struct gb_tell_delivery *ret);
gb_tell_transport gb_tell_send_http, gb_tell_send_aws, gb_tell_send_mail, gb_tell_send_syslog;

/* RET as OUTCOME with a reason. Result: 0, so that a transport can `return gb_tell_outcome_is(…)`. */
__attribute__((format(__printf__, 3, 4))) int gb_tell_outcome_is(
        struct gb_tell_delivery *ret, enum gb_tell_outcome outcome, const char *format, ...);

/* What STATUS of HTTP means, from the answer's Retry-After too. */
int gb_tell_http_outcome(
        const struct gb_web_fetched *fetched, int64_t now_ms, const char *who, struct gb_tell_delivery *ret);
/* The same for an error of gb_web_client_fetch(). */
int gb_tell_fetch_failed(int negative_errno, const struct gb_diag *diag, struct gb_tell_delivery *ret);

/* libcurl for other protocols: bounded, certificates checked, and only to addresses within reach. */
void gb_tell_curl_prepare(struct gb_tell_sender *sender, unsigned seconds);
int gb_tell_curl_failed(struct gb_tell_sender *sender, CURLcode code, struct gb_tell_delivery *ret);

#endif
