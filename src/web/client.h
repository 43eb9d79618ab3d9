/* SPDX-License-Identifier: Apache-2.0 */
/*
 * web/client: an HTTP client over libcurl: http and https only, no redirects, no proxies from the environment, no
 * cookies, certificates checked, every size and time bounded. A client keeps its connections; it belongs to one thread.
 */
#ifndef GB_WEB_CLIENT_H
#define GB_WEB_CLIENT_H

#include "base/diag.h"
#include "web/message.h"
#include "web/reach.h"

struct gb_web_client;

struct gb_web_fetch {
	const char *method, *url;
	const struct gb_web_header *headers; /* no line breaks: -EINVAL */
	size_t header_count;
	struct gb_span body;
	enum gb_web_reach reach;
	unsigned connect_ms, total_ms; /* 0: 5,000 and 30,000 */
	size_t answer_max;             /* bytes of the answer's body; 0: 1 MiB. More is -EMSGSIZE */
	const char *ca_file;           /* NULL: the system's */
	/* Told the body of an answer with status 200 as it comes, which then is not kept, and has no limit; anything but 0 ends it with
	 * -ECANCELED. TOTAL_MS 0 is no limit then, but a minute without a byte is -ETIMEDOUT. NULL: the body is kept. */
	int (*on_body)(void *context, struct gb_span piece);
	void *context;
};

struct gb_web_fetched {
	unsigned status;
	const struct gb_web_header *headers; /* of the final answer, names in lower case */
	size_t header_count;
	struct gb_span body;
};

__attribute__((warn_unused_result)) int gb_web_client_new(struct gb_web_client **ret_client);
void gb_web_client_free(struct gb_web_client *client); /* NULL is fine */

/* Ask, and wait for the answer, which lies in ARENA. Any status is success here. Otherwise -EINVAL (the URL, a header),
 * -EACCES (out of reach), -ETIMEDOUT, -EMSGSIZE, -ECONNREFUSED, -EHOSTUNREACH (no such name), -EPROTO (TLS, malformed),
 * -ECANCELED, -EIO, -ENOMEM, each with a message in DIAG that holds no header, query or credential. */
__attribute__((warn_unused_result)) int gb_web_client_fetch(struct gb_web_client *client,
        const struct gb_web_fetch *fetch, struct gb_arena *arena, struct gb_web_fetched *ret_fetched,
        struct gb_diag *diag);

/* From any other thread: what CLIENT waits for ends with -ECANCELED, as all that it would begin. */
void gb_web_client_cancel(struct gb_web_client *client);

/* The header NAME (lower case) of an answer; empty when missing. */
struct gb_span gb_web_fetched_header(const struct gb_web_fetched *fetched, const char *name);

#endif
