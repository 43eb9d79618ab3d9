/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Syslog over UDP (RFC 5426), TCP (RFC 6587, octet counting) and TLS (RFC 5425). The protocol has no answer: what was handed
 * to the connection counts as delivered.
 */
#include "tell/transport.h"

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/format.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#define URL_MAX 300u

/* HOST and PORT of "host:port" or "[::1]:port". */
static bool divide(struct gb_span server, char host[260], char port[8])
{
	size_t colon = gb_span_find_last_byte(server, ':');
	struct gb_span name = gb_span_sub(server, 0, colon), number = gb_span_sub(server, colon + 1, SIZE_MAX);

	if (name.n > 2 && name.p[0] == '[' && name.p[name.n - 1] == ']')
		name = gb_span_sub(name, 1, name.n - 2);
	return gb_format(host, 260, "%.*s", (int)name.n, (const char *)name.p) > 0 &&
	       gb_format(port, 8, "%.*s", (int)number.n, (const char *)number.p) > 0;
}

static int send_datagram(
        struct gb_tell_sender *sender, const struct gb_tell_parcel *parcel, struct gb_tell_delivery *ret)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_DGRAM, .ai_flags = AI_NUMERICSERV | AI_ADDRCONFIG};
	char host[260], port[8];
	struct addrinfo *list = NULL;
	bool is_in = false, is_sent = false;

	if (!divide(gb_tell_config_text(parcel->channel, "server"), host, port))
		return gb_tell_outcome_is(ret, GB_TELL_REFUSED, "the server's name is too long");
	if (getaddrinfo(host, port, &hints, &list) != 0)
		return gb_tell_outcome_is(ret, GB_TELL_AGAIN, "the server's name is not known");
	for (const struct addrinfo *to = list; to && !is_sent; to = to->ai_next) {
		int fd;

		if (!gb_web_reach_has(sender->settings.reach, to->ai_addr))
			continue;
		is_in = true;
		fd = socket(to->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		is_sent = fd >= 0 && sendto(fd, parcel->message.p, parcel->message.n, 0, to->ai_addr, to->ai_addrlen) ==
		                             (ssize_t)parcel->message.n;
		if (fd >= 0)
			close(fd);
	}
	freeaddrinfo(list);
	if (!is_in)
		return gb_tell_outcome_is(
		        ret, GB_TELL_REFUSED, "the server's address is private, link-local or otherwise out of reach");
	if (!is_sent)
		return gb_tell_outcome_is(ret, GB_TELL_AGAIN, "the datagram could not be sent");
	ret->outcome = GB_TELL_DELIVERED;
	return 0;
}

static CURLcode send_all(struct gb_tell_sender *sender, struct gb_span bytes, unsigned seconds)
{
	curl_socket_t fd = CURL_SOCKET_BAD;
	CURLcode code = curl_easy_getinfo(sender->curl, CURLINFO_ACTIVESOCKET, &fd);
	unsigned waits = 0;

	while (code == CURLE_OK && bytes.n > 0) {
		struct pollfd ready = {.fd = fd, .events = POLLOUT};
		size_t n = 0;

		code = curl_easy_send(sender->curl, bytes.p, bytes.n, &n);
		bytes = gb_span_sub(bytes, n, SIZE_MAX);
		if (code != CURLE_AGAIN)
			continue;
		code = CURLE_OK;
		if (atomic_load(&sender->is_cancelled) || waits++ == seconds * 10)
			return CURLE_OPERATION_TIMEDOUT;
		poll(&ready, 1, 100);
	}
	return code;
}

static int send_stream(
        struct gb_tell_sender *sender, const struct gb_tell_parcel *parcel, bool has_tls, struct gb_tell_delivery *ret)
{
	CURL *curl = sender->curl;
	char url[URL_MAX], head[24];
	CURLcode code;

	if (gb_format(url, sizeof(url), "%s://%s/", has_tls ? "https" : "http",
	            gb_tell_config_cstr(parcel->channel, "server")) < 0 ||
	        gb_format(head, sizeof(head), "%zu ", parcel->message.n) < 0)
		return gb_tell_outcome_is(ret, GB_TELL_REFUSED, "the server's name is too long");
	gb_tell_curl_prepare(sender, parcel->seconds);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_URL, url);
	/* A connection and no HTTP on it. */
	curl_easy_setopt(curl, CURLOPT_CONNECT_ONLY, 1L);
	curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, 0L);
	curl_easy_setopt(curl, CURLOPT_SSL_ENABLE_ALPN, 0L);
	code = curl_easy_perform(curl);
	if (code == CURLE_OK)
		code = send_all(sender, gb_span_cstr(head), parcel->seconds);
	if (code == CURLE_OK)
		code = send_all(sender, parcel->message, parcel->seconds);
	/* Ends the connection in order, which a handle that is used again would not do. */
	curl_easy_cleanup(curl);
	sender->curl = curl_easy_init();
	if (!sender->curl)
		return -ENOMEM;
	if (code != CURLE_OK)
		return gb_tell_curl_failed(sender, code, ret);
	ret->outcome = GB_TELL_DELIVERED;
	return 0;
}

int gb_tell_send_syslog(
        struct gb_tell_sender *sender, const struct gb_tell_parcel *parcel, struct gb_tell_delivery *ret)
{
	struct gb_span transport = gb_tell_config_text(parcel->channel, "transport");

	if (gb_span_equal(transport, GB_SPAN("udp")))
		return send_datagram(sender, parcel, ret);
	return send_stream(sender, parcel, !gb_span_equal(transport, GB_SPAN("tcp")), ret);
}
