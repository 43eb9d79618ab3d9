/* SPDX-License-Identifier: Apache-2.0 */
/*
 * web/server: an HTTP/1.1 server over libmicrohttpd. One thread moves bytes (epoll); complete requests are handled by a
 * few worker threads, while the connection rests. It knows no product: what a request means is the handler's.
 *
 * Against those who mean ill: the head, the body and the reading of the answer each have a time in which they must be
 * done as a whole (not between two bytes); connections are counted by client; bodies are bounded by the handler before
 * they are read, and together; what two readers could understand differently (two lengths, a length and a coding, odd
 * paths) is refused.
 */
#ifndef GB_WEB_SERVER_H
#define GB_WEB_SERVER_H

#include "base/diag.h"
#include "web/message.h"

struct gb_web_server;

/* A range of addresses, in base/ip.h's form: the first `bits` of 128. */
struct gb_web_range {
	unsigned char address[16];
	unsigned bits;
};
/* "192.0.2.0/24", "2001:db8::/32", or one address. */
bool gb_web_range_parse(struct gb_span text, struct gb_web_range *ret_range);

struct gb_web_limits {
	unsigned connections, connections_per_address; /* an IPv6 client is its /64; trusted proxies are not counted */
	unsigned head_ms;                              /* from the connection to the end of the first head */
	unsigned idle_ms;                              /* from an answer to the end of the next head */
	unsigned body_ms, body_bytes_per_ms;           /* a body has body_ms + size / body_bytes_per_ms */
	unsigned answer_ms, answer_bytes_per_ms;       /* an answer likewise; a stream: from piece to piece */
	size_t bodies_bytes;                           /* all bodies that are held at one time */
};
extern const struct gb_web_limits gb_web_limits_default;

/* What the handler says to a request whose head is there. */
struct gb_web_admission {
	size_t body_max;  /* a longer body is answered 413 */
	bool is_preceded; /* ask `precede` on a worker before the body is read */
};

struct gb_web_handler {
	void *context;
	/* On the event loop's thread, so quick and without waiting: a status of 0 goes on, any other makes ANSWER final.
	 * REQUEST has no body yet. */
	int (*admit)(void *context, const struct gb_web_request *request, struct gb_web_admission *ret_admission,
	        struct gb_web_answer *answer);
	/* On a worker, before a large body is read; answer->status 0 goes on. May be NULL. */
	void (*precede)(
	        void *context, void *worker, const struct gb_web_request *request, struct gb_web_answer *answer);
	/* On a worker: fill ANSWER. */
	void (*handle)(void *context, void *worker, const struct gb_web_request *request, struct gb_web_answer *answer);
	/* Fill ANSWER for what the server itself refuses (413, 400, 503 …): WHY is a literal. */
	void (*refuse)(
	        void *context, unsigned status, const char *why, struct gb_arena *arena, struct gb_web_answer *answer);
	/* Once in each worker thread: its own state, and its end. A negative result of begin fails the start. */
	int (*worker_begin)(void *context, void **ret_worker, struct gb_diag *diag);
	void (*worker_end)(void *context, void *worker);
	/* After each answer, on any thread: for the log. DURATION from the head to the end of the answer.
	 * STATUS 0: the answer did not arrive. */
	void (*finished)(void *context, const struct gb_web_request *request, unsigned status, uint64_t duration_us);
	/* Something of the server itself, for the log, on any thread; WHAT is a literal, DIAG may be NULL. */
	void (*notice)(void *context, const char *what, const struct gb_diag *diag);
};

struct gb_web_settings {
	const char *listen; /* "127.0.0.1:8642", "[::1]:8642", ":8642" (all addresses); port 0: any */
	const char *tls_certificate,
	        *tls_key;                   /* PEM files, both or none; read anew when they change, every few seconds */
	const struct gb_web_range *proxies; /* whose X-Forwarded-For and -Proto are believed */
	size_t proxy_count;
	unsigned workers;
	struct gb_web_limits limits;
	struct gb_web_handler handler;
};

/* Start to serve. SETTINGS and what it points to must stay until the end. 0; -EINVAL, -EADDRINUSE … with DIAG. */
__attribute__((warn_unused_result)) int gb_web_server_new(
        const struct gb_web_settings *settings, struct gb_web_server **ret_server, struct gb_diag *diag);

/* "127.0.0.1:8642": where it really listens. */
const char *gb_web_server_address(const struct gb_web_server *server);

struct gb_web_counts {
	unsigned connections, queued;
	uint64_t requests, refused, timed_out;
};
struct gb_web_counts gb_web_server_counts(struct gb_web_server *server);

/* Take no more connections, let what was begun end for at most GRACE_MS, then close. NULL is fine. */
void gb_web_server_free(struct gb_web_server *server, unsigned grace_ms);

#endif
