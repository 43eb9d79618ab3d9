/* SPDX-License-Identifier: Apache-2.0 */
/* SMTP, by libcurl: STARTTLS unless the channel says otherwise. */
#include "tell/transport.h"

#include "base/format.h"

#include <errno.h>
#include <string.h>

#define URL_MAX 600u

static size_t give(char *to, size_t size, size_t count, void *context)
{
	struct gb_span *unsent = context;
	size_t n = unsent->n < size * count ? unsent->n : size * count;

	if (n > 0)
		memcpy(to, unsent->p, n);
	*unsent = gb_span_sub(*unsent, n, SIZE_MAX);
	return n;
}

static int append_address(struct curl_slist **list, struct gb_span address)
{
	char text[260];
	struct curl_slist *longer = NULL;

	if (gb_format(text, sizeof(text), "<%.*s>", (int)address.n, (const char *)address.p) > 0)
		longer = curl_slist_append(*list, text);
	if (!longer)
		return -ENOMEM;
	*list = longer;
	return 0;
}

/* 4yz will pass; 5yz will not. Before there was an answer it was the way. */
static int failed(struct gb_tell_sender *sender, CURLcode code, struct gb_tell_delivery *ret)
{
	long status = 0;

	curl_easy_getinfo(sender->curl, CURLINFO_RESPONSE_CODE, &status);
	if (code == CURLE_LOGIN_DENIED)
		return gb_tell_outcome_is(ret, GB_TELL_REFUSED, "the mail server does not take user and password");
	if (code == CURLE_USE_SSL_FAILED)
		return gb_tell_outcome_is(ret, GB_TELL_REFUSED, "the mail server has no STARTTLS");
	if (status >= 500 && status < 600 && !sender->is_out_of_reach && code != CURLE_OPERATION_TIMEDOUT)
		return gb_tell_outcome_is(ret, GB_TELL_REFUSED, "the mail server answered %ld", status);
	return gb_tell_curl_failed(sender, code, ret);
}

int gb_tell_send_mail(struct gb_tell_sender *sender, const struct gb_tell_parcel *parcel, struct gb_tell_delivery *ret)
{
	const struct gb_tell_channel *channel = parcel->channel;
	struct gb_span tls = gb_tell_config_text(channel, "tls");
	const char *user = gb_tell_config_cstr(channel, "user"), *password = gb_tell_config_cstr(channel, "password");
	bool is_direct = gb_span_equal(tls, GB_SPAN("tls")), is_open = gb_span_equal(tls, GB_SPAN("none"));
	struct gb_span unsent = parcel->message;
	struct curl_slist *to = NULL;
	char url[URL_MAX], from[260];
	CURL *curl = sender->curl;
	CURLcode code;
	int r = 0;

	for (size_t i = 0; r == 0 && i < parcel->target->to_count; i++)
		r = append_address(&to, parcel->target->to[i]);
	if (r == 0 && (gb_format(url, sizeof(url), "%s://%s/%s", is_direct ? "smtps" : "smtp",
	                       gb_tell_config_cstr(channel, "server"), sender->settings.host) < 0 ||
	                      gb_format(from, sizeof(from), "<%s>", gb_tell_config_cstr(channel, "from")) < 0))
		r = -EMSGSIZE;
	if (r < 0) {
		curl_slist_free_all(to);
		return r == -ENOMEM ? r : gb_tell_outcome_is(ret, GB_TELL_REFUSED, "an address is too long");
	}
	gb_tell_curl_prepare(sender, parcel->seconds);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_USE_SSL, (long)(is_open ? CURLUSESSL_NONE : CURLUSESSL_ALL));
	curl_easy_setopt(curl, CURLOPT_MAIL_FROM, from);
	curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, to);
	curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(curl, CURLOPT_READFUNCTION, give);
	curl_easy_setopt(curl, CURLOPT_READDATA, &unsent);
	if (user && password) {
		curl_easy_setopt(curl, CURLOPT_USERNAME, user);
		curl_easy_setopt(curl, CURLOPT_PASSWORD, password);
	}
	code = curl_easy_perform(curl);
	curl_slist_free_all(to);
	if (code != CURLE_OK)
		return failed(sender, code, ret);
	ret->outcome = GB_TELL_DELIVERED;
	return 0;
}
