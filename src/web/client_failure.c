/* SPDX-License-Identifier: Apache-2.0 */
#include "web/client_failure.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct {
	CURLcode code;
	int error;
} errors[] = {
        {CURLE_UNSUPPORTED_PROTOCOL, -EINVAL},
        {CURLE_URL_MALFORMAT, -EINVAL},
        {CURLE_COULDNT_RESOLVE_HOST, -EHOSTUNREACH},
        {CURLE_COULDNT_CONNECT, -ECONNREFUSED},
        {CURLE_OPERATION_TIMEDOUT, -ETIMEDOUT},
        {CURLE_ABORTED_BY_CALLBACK, -ECANCELED},
        {CURLE_OUT_OF_MEMORY, -ENOMEM},
        {CURLE_SSL_CONNECT_ERROR, -EPROTO},
        {CURLE_PEER_FAILED_VERIFICATION, -EPROTO},
        {CURLE_SSL_CACERT_BADFILE, -EPROTO},
        {CURLE_WEIRD_SERVER_REPLY, -EPROTO},
        {CURLE_GOT_NOTHING, -EPROTO},
        {CURLE_PARTIAL_FILE, -EPROTO},
        {CURLE_BAD_CONTENT_ENCODING, -EPROTO},
};

/* Scheme, host and port of URL: a path or query may hold a secret (a webhook's often does). */
static void place_of(const char *url, char *to, size_t cap)
{
	const char *host = strstr(url, "://");
	size_t scheme_n = host != NULL ? (size_t)(host - url) + 3 : 0, n;
	const char *at;

	url = host != NULL ? host + 3 : url;
	n = strcspn(url, "/?#");
	at = memrchr(url, '@', n);
	if (at != NULL) {
		n -= (size_t)(at + 1 - url);
		url = at + 1;
	}
	snprintf(to, cap, "%.*s%.*s", (int)scheme_n, host != NULL ? host - (scheme_n - 3) : "",
	        (int)(n < 120 ? n : 120), url);
}

int web_client_failure(CURL *curl, CURLcode code, int error, const struct gb_web_fetch *fetch, struct gb_diag *diag)
{
	char place[160];
	int r = error < 0 ? error : -EIO;
	const char *why = curl_easy_strerror(code);
	char *peer;

	for (size_t i = 0; error == 0 && i < sizeof(errors) / sizeof(errors[0]); i++)
		if (errors[i].code == code)
			r = errors[i].error;
	/* An answer that is no HTTP has the code of an address that is none. */
	if (code == CURLE_UNSUPPORTED_PROTOCOL && curl_easy_getinfo(curl, CURLINFO_PRIMARY_IP, &peer) == CURLE_OK &&
	        peer[0] != '\0')
		r = -EPROTO;
	if (r == -EACCES)
		why = "its address is private, link-local or otherwise out of reach";
	else if (r == -EMSGSIZE)
		why = "the answer is larger than wanted";
	place_of(fetch->url, place, sizeof(place));
	return gb_diag_set(diag, r, 0, 0, "no answer of %s: %s", place, why);
}
