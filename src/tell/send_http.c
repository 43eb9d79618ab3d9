/* SPDX-License-Identifier: Apache-2.0 */
/* Webhooks of all kinds. */
#include "tell/transport.h"

#include "base/format.h"

#include <errno.h>

#define PAGERDUTY_URL "https://events.pagerduty.com/v2/enqueue"
#define HEADERS_MAX   8u

struct headers {
	struct gb_web_header items[HEADERS_MAX];
	size_t count;
};

static void add(struct headers *headers, const char *name, struct gb_span value)
{
	if (value.n > 0)
		headers->items[headers->count++] = (struct gb_web_header){gb_span_cstr(name), value};
}

int gb_tell_send_http(struct gb_tell_sender *sender, const struct gb_tell_parcel *parcel, struct gb_tell_delivery *ret)
{
	const struct gb_tell_channel *channel = parcel->channel;
	const char *url = gb_tell_config_cstr(channel, "url");
	struct gb_span secret = gb_tell_config_text(channel, "secret");
	struct headers headers = {.count = 0};
	char signature[GB_TELL_SIGNATURE_CHARS], time[24];
	struct gb_web_fetched fetched;
	struct gb_diag diag = {0};
	struct gb_web_fetch fetch = {.method = "POST",
	        .url = url ? url : PAGERDUTY_URL,
	        .headers = headers.items,
	        .body = parcel->message,
	        .reach = sender->settings.reach,
	        .total_ms = parcel->seconds * 1000,
	        .answer_max = 64 * 1024,
	        .ca_file = sender->settings.ca_file};
	int r;

	add(&headers, "Content-Type", gb_span_cstr(gb_tell_format_content_type(channel->format)));
	add(&headers, "User-Agent", GB_SPAN("Gambeson/" GB_VERSION));
	add(&headers, "Authorization", gb_tell_config_text(channel, "authorization"));
	if (channel->kind == GB_TELL_WEBHOOK)
		add(&headers, "Idempotency-Key", parcel->target->key);
	if (secret.n > 0 && gb_format(time, sizeof(time), "%lld", (long long)(parcel->now_ms / 1000)) > 0) {
		gb_tell_signature(secret, parcel->now_ms / 1000, parcel->message, signature);
		add(&headers, "X-Gambeson-Timestamp", gb_span_cstr(time));
		add(&headers, "X-Gambeson-Signature", gb_span_cstr(signature));
	}
	fetch.header_count = headers.count;
	r = gb_web_client_fetch(sender->http, &fetch, parcel->arena, &fetched, &diag);
	if (r < 0)
		return gb_tell_fetch_failed(r, &diag, ret);
	return gb_tell_http_outcome(&fetched, parcel->now_ms, "the receiver", ret);
}
