/* SPDX-License-Identifier: Apache-2.0 */
#include "tell/transport.h"

#include "tell/draft.h"

#include <errno.h>
#include <stdarg.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define AGAIN_MAX_MS (3600 * 1000)

int gb_tell_sender_new(
        const struct gb_tell_settings *settings, struct gb_tell_sender **ret_sender, struct gb_diag *diag)
{
	struct gb_tell_sender *sender = calloc(1, sizeof(*sender));
	int r;

	/* The HTTP client starts libcurl for the process. */
	if (!sender || gb_web_client_new(&sender->http) < 0 || gb_aws_new(&sender->aws) < 0 ||
	        !(sender->curl = curl_easy_init())) {
		gb_tell_sender_free(sender);
		return -ENOMEM;
	}
	sender->settings = *settings;
	r = gb_seal_key_open(settings->folder, &sender->key, diag);
	if (r < 0) {
		gb_tell_sender_free(sender);
		return r;
	}
	*ret_sender = sender;
	return 0;
}

const struct gb_seal_key *gb_tell_sender_key(const struct gb_tell_sender *sender)
{
	return &sender->key;
}

void gb_tell_sender_free(struct gb_tell_sender *sender)
{
	if (!sender)
		return;
	gb_web_client_free(sender->http);
	gb_aws_free(sender->aws);
	curl_easy_cleanup(sender->curl);
	sodium_memzero(&sender->key, sizeof(sender->key));
	free(sender);
}

void gb_tell_sender_cancel(struct gb_tell_sender *sender)
{
	atomic_store(&sender->is_cancelled, true);
	gb_web_client_cancel(sender->http);
	gb_aws_cancel(sender->aws);
}

int gb_tell_outcome_is(struct gb_tell_delivery *ret, enum gb_tell_outcome outcome, const char *format, ...)
{
	va_list list;

	ret->outcome = outcome;
	va_start(list, format);
	vsnprintf(ret->reason, sizeof(ret->reason), format, list);
	va_end(list);
	return 0;
}

void gb_tell_signature(
        struct gb_span secret, int64_t time, struct gb_span body, char ret_signature[GB_TELL_SIGNATURE_CHARS])
{
	crypto_auth_hmacsha256_state state;
	unsigned char mac[crypto_auth_hmacsha256_BYTES];
	char digits[24];
	struct gb_text number = gb_text_on(digits, sizeof(digits));
	struct gb_text text = gb_text_on(ret_signature, GB_TELL_SIGNATURE_CHARS);

	gb_text_add_i64(&number, time);
	gb_text_add_byte(&number, '.');
	crypto_auth_hmacsha256_init(&state, secret.p, secret.n);
	crypto_auth_hmacsha256_update(&state, (const unsigned char *)number.p, number.n);
	crypto_auth_hmacsha256_update(&state, body.p, body.n);
	crypto_auth_hmacsha256_final(&state, mac);
	sodium_memzero(&state, sizeof(state));
	gb_text_add_cstr(&text, "v1=");
	gb_text_add_hex(&text, gb_span_of(mac, sizeof(mac)));
	gb_text_cstr(&text);
}

int64_t gb_tell_retry_after(struct gb_span value, int64_t now_ms)
{
	char text[64];
	struct gb_text copy = gb_text_on(text, sizeof(text) - 1);
	uint64_t seconds;
	int64_t ms = 0;

	gb_text_add(&copy, gb_span_trim(value));
	if (copy.truncated || copy.n == 0)
		return 0;
	if (gb_span_to_u64(gb_text_span(&copy), &seconds)) {
		ms = seconds < AGAIN_MAX_MS / 1000 ? (int64_t)seconds * 1000 : AGAIN_MAX_MS;
	} else {
		time_t date = curl_getdate(gb_text_cstr(&copy), NULL);

		if (date > 0)
			ms = (int64_t)date * 1000 - now_ms;
	}
	return ms < 0 ? 0 : ms > AGAIN_MAX_MS ? AGAIN_MAX_MS : ms;
}

int gb_tell_http_outcome(
        const struct gb_web_fetched *fetched, int64_t now_ms, const char *who, struct gb_tell_delivery *ret)
{
	unsigned status = fetched->status;

	if (status >= 200 && status < 300) {
		ret->outcome = GB_TELL_DELIVERED;
		return 0;
	}
	ret->again_ms = gb_tell_retry_after(gb_web_fetched_header(fetched, "retry-after"), now_ms);
	/* Too early, too many, too slow, or out of order: it will pass. Anything else says that we are wrong. */
	return gb_tell_outcome_is(ret,
	        status >= 500 || status == 408 || status == 425 || status == 429 ? GB_TELL_AGAIN : GB_TELL_REFUSED,
	        "%s answered %u", who, status);
}

int gb_tell_fetch_failed(int negative_errno, const struct gb_diag *diag, struct gb_tell_delivery *ret)
{
	if (negative_errno == -ENOMEM)
		return -ENOMEM;
	return gb_tell_outcome_is(ret,
	        negative_errno == -EINVAL || negative_errno == -EACCES ? GB_TELL_REFUSED : GB_TELL_AGAIN, "%s",
	        diag->message);
}

static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *to)
{
	struct gb_tell_sender *sender = context;

	(void)purpose;
	sender->is_out_of_reach = !gb_web_reach_has(sender->settings.reach, &to->addr);
	return sender->is_out_of_reach ? CURL_SOCKET_BAD
	                               : socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

static int watch(void *context, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	const struct gb_tell_sender *sender = context;

	(void)a;
	(void)b;
	(void)c;
	(void)d;
	return atomic_load(&sender->is_cancelled) ? 1 : 0;
}

void gb_tell_curl_prepare(struct gb_tell_sender *sender, unsigned seconds)
{
	CURL *curl = sender->curl;

	curl_easy_reset(curl);
	sender->is_out_of_reach = false;
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, 1L);
	curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, 1L);
	curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
	curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, 5000L);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)seconds * 1000);
	curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, sender);
	curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, watch);
	curl_easy_setopt(curl, CURLOPT_XFERINFODATA, sender);
	curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
	if (sender->settings.ca_file)
		curl_easy_setopt(curl, CURLOPT_CAINFO, sender->settings.ca_file);
}

int gb_tell_curl_failed(struct gb_tell_sender *sender, CURLcode code, struct gb_tell_delivery *ret)
{
	if (code == CURLE_OUT_OF_MEMORY)
		return -ENOMEM;
	if (sender->is_out_of_reach)
		return gb_tell_outcome_is(
		        ret, GB_TELL_REFUSED, "the server's address is private, link-local or otherwise out of reach");
	return gb_tell_outcome_is(ret, GB_TELL_AGAIN, "%s", curl_easy_strerror(code));
}

json_t *gb_tell_sample(int64_t now_ms)
{
	char room[32];
	struct gb_text time = gb_text_on(room, sizeof(room));

	gb_tell_add_time(&time, now_ms);
	return json_pack("{s:i,s:s,s:s%,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s}", "gambeson", 1, "kind", "finding", "time",
	        room, time.n, "type", "Test Event", "class", "test", "control", "firewall", "action", "observed",
	        "mode", "detect", "severity", "low", "reason", "channel_test", "message",
	        "this is a test of the channel: nothing happened");
}

int gb_tell_deliver(struct gb_tell_sender *sender, const struct gb_tell_channel *channel,
        const struct gb_tell_notice *notices, size_t count, struct gb_span key, bool is_resolved, int64_t now_ms,
        unsigned seconds, struct gb_tell_delivery *ret)
{
	static gb_tell_transport *const transports[_GB_TELL_KIND_MAX] = {
	        [GB_TELL_WEBHOOK] = gb_tell_send_http,
	        [GB_TELL_TO_SLACK] = gb_tell_send_http,
	        [GB_TELL_TO_TEAMS] = gb_tell_send_http,
	        [GB_TELL_TO_PAGERDUTY] = gb_tell_send_http,
	        [GB_TELL_TO_SNS] = gb_tell_send_aws,
	        [GB_TELL_TO_SECURITY_HUB] = gb_tell_send_aws,
	        [GB_TELL_TO_MAIL] = gb_tell_send_mail,
	        [GB_TELL_TO_SYSLOG] = gb_tell_send_syslog,
	};
	struct gb_tell_target target = {.portal = gb_span_cstr(sender->settings.portal),
	        .host = gb_span_cstr(sender->settings.host),
	        .key = key,
	        .now_ms = now_ms,
	        .is_resolved = is_resolved};
	struct gb_tell_parcel parcel = {.channel = channel,
	        .target = &target,
	        .count = count,
	        .now_ms = now_ms,
	        .seconds = seconds,
	        .arena = gb_arena_new()};
	struct gb_diag diag = {0};
	int r;

	*ret = (struct gb_tell_delivery){.outcome = GB_TELL_REFUSED};
	if (!parcel.arena)
		return -ENOMEM;
	gb_tell_channel_target(channel, &target);
	r = gb_tell_write(channel->format, notices, count, &target, parcel.arena, &parcel.message, &diag);
	if (r == 0)
		r = transports[channel->kind](sender, &parcel, ret);
	else if (r != -ENOMEM)
		r = gb_tell_outcome_is(ret, GB_TELL_REFUSED, "%s", diag.message);
	gb_arena_free(parcel.arena);
	return r;
}
