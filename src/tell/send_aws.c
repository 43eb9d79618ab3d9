/* SPDX-License-Identifier: Apache-2.0 */
/* SNS and Security Hub: requests signed with the channel's key, or with the one that this machine has (aws/call.h). */
#include "tell/transport.h"

#include "aws/call.h"
#include "base/text.h"

#include <errno.h>

#define URL_MAX 2400u

static int find_key(struct gb_tell_sender *sender, const struct gb_tell_channel *channel, struct gb_aws_key *ret_key,
        struct gb_diag *diag)
{
	*ret_key = (struct gb_aws_key){.id = gb_tell_config_text(channel, "access_key"),
	        .secret = gb_tell_config_text(channel, "secret_key"),
	        .token = gb_tell_config_text(channel, "session_token")};
	return ret_key->id.n > 0 ? 0 : gb_aws_key_find(sender->aws, ret_key, diag);
}

/* "https://sns.eu-central-1.amazonaws.com" or what the channel says, without a slash at its end; then PATH. */
static const char *url_of(const struct gb_tell_parcel *parcel, const char *service, const char *path, char *room,
        struct gb_span *ret_host)
{
	struct gb_span endpoint = gb_tell_config_text(parcel->channel, "endpoint"), region = parcel->target->region,
	               rest;
	struct gb_text text = gb_text_on(room, URL_MAX);

	if (endpoint.n > 0) {
		while (endpoint.n > 0 && endpoint.p[endpoint.n - 1] == '/')
			endpoint.n--;
		gb_text_add(&text, endpoint);
	} else {
		gb_text_add_cstr(&text, "https://");
		gb_text_add_cstr(&text, service);
		gb_text_add_byte(&text, '.');
		gb_text_add(&text, region);
		gb_text_add_cstr(
		        &text, gb_span_starts(region, GB_SPAN("cn-")) ? ".amazonaws.com.cn" : ".amazonaws.com");
	}
	rest = gb_span_sub(gb_text_span(&text), gb_span_find(gb_text_span(&text), GB_SPAN("://"), 0) + 3, SIZE_MAX);
	*ret_host = gb_span_sub(rest, 0, gb_span_find_byte(rest, '/', 0));
	gb_text_add_cstr(&text, path);
	return text.truncated ? NULL : gb_text_cstr(&text);
}

/* Security Hub says 200 to what it did not take: how many those are. */
static int64_t failed_findings(struct gb_span body)
{
	json_t *answer = json_loadb((const char *)body.p, body.n, 0, NULL);
	json_int_t count = json_integer_value(json_object_get(answer, "FailedCount"));

	json_decref(answer);
	return count;
}

static int outcome_of(const struct gb_tell_parcel *parcel, const struct gb_web_fetched *fetched, const char *service,
        struct gb_tell_delivery *ret)
{
	int64_t failed;

	gb_tell_http_outcome(fetched, parcel->now_ms, service, ret);
	/* AWS says 400 to who asks too often. */
	if (fetched->status == 400 && gb_span_find(fetched->body, GB_SPAN("Throttl"), 0) != SIZE_MAX)
		return gb_tell_outcome_is(ret, GB_TELL_AGAIN, "%s asks for fewer calls", service);
	if (ret->outcome != GB_TELL_DELIVERED || parcel->channel->kind != GB_TELL_TO_SECURITY_HUB)
		return 0;
	failed = failed_findings(fetched->body);
	return failed <= 0 ? 0
	                   : gb_tell_outcome_is(ret, GB_TELL_REFUSED, "securityhub did not take %lld of %zu findings",
	                             (long long)failed, parcel->count);
}

int gb_tell_send_aws(struct gb_tell_sender *sender, const struct gb_tell_parcel *parcel, struct gb_tell_delivery *ret)
{
	bool is_sns = parcel->channel->kind == GB_TELL_TO_SNS;
	const char *service = is_sns ? "sns" : "securityhub", *path = is_sns ? "/" : "/findings/import";
	struct gb_span type = gb_span_cstr(gb_tell_format_content_type(parcel->channel->format));
	struct gb_aws_key key;
	const struct gb_aws_pair fields[] = {{GB_SPAN("content-type"), type}};
	struct gb_aws_signature *signature = gb_arena_take(parcel->arena, sizeof(*signature));
	char *room = gb_arena_take(parcel->arena, URL_MAX);
	struct gb_aws_request request = {.method = GB_SPAN("POST"),
	        .path = gb_span_cstr(path),
	        .fields = fields,
	        .field_count = 1,
	        .payload = parcel->message,
	        .region = parcel->target->region,
	        .service = gb_span_cstr(service)};
	struct gb_web_fetched fetched;
	struct gb_diag diag = {0};
	const char *url;
	int r;

	if (!signature || !room)
		return -ENOMEM;
	url = url_of(parcel, service, path, room, &request.host);
	r = find_key(sender, parcel->channel, &key, &diag);
	if (r == -ENOENT || r == -EINVAL)
		return gb_tell_outcome_is(ret, GB_TELL_REFUSED, "no access key for %s: %s", service, diag.message);
	if (r < 0)
		return gb_tell_fetch_failed(r, &diag, ret);
	r = url ? gb_aws_sign(&request, &key, parcel->now_ms / 1000, signature) : -EMSGSIZE;
	if (r < 0)
		return gb_tell_outcome_is(ret, GB_TELL_REFUSED, "the request to %s cannot be signed", service);
	{
		const struct gb_web_header headers[] = {
		        {GB_SPAN("Content-Type"), type},
		        {GB_SPAN("Authorization"), gb_span_cstr(signature->authorization)},
		        {GB_SPAN("X-Amz-Date"), gb_span_cstr(signature->date)},
		        {GB_SPAN("X-Amz-Security-Token"), key.token},
		};
		const struct gb_web_fetch fetch = {.method = "POST",
		        .url = url,
		        .headers = headers,
		        .header_count = key.token.n > 0 ? 4 : 3,
		        .body = parcel->message,
		        .reach = sender->settings.reach,
		        .total_ms = parcel->seconds * 1000,
		        .ca_file = sender->settings.ca_file};

		r = gb_web_client_fetch(sender->http, &fetch, parcel->arena, &fetched, &diag);
	}
	return r < 0 ? gb_tell_fetch_failed(r, &diag, ret) : outcome_of(parcel, &fetched, service, ret);
}
