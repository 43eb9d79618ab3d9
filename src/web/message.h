/* SPDX-License-Identifier: Apache-2.0 */
/*
 * web/message: a request as the server hands it out, and the answer that a handler fills. Everything that a request
 * points to lives until its answer was sent; what an answer points to must live in the request's arena.
 */
#ifndef GB_WEB_MESSAGE_H
#define GB_WEB_MESSAGE_H

#include "base/arena.h"
#include "base/span.h"

#define GB_WEB_HEADERS_MAX        64u   /* of a request */
#define GB_WEB_TARGET_MAX         8192u /* bytes of the request's target */
#define GB_WEB_ANSWER_HEADERS_MAX 24u

struct gb_web_header {
	struct gb_span name, value;
};

struct gb_web_request {
	struct gb_span method; /* as sent: "GET" */
	struct gb_span path;   /* escaped as sent, but checked: see gb_web_path_check() */
	struct gb_span query;  /* behind the '?', as sent */
	const struct gb_web_header *headers;
	size_t header_count;
	struct gb_span body;
	unsigned char address[16]; /* of the client; behind a trusted proxy, the one that it names. base/ip.h's form */
	bool is_secure;            /* TLS here or, by its word, at the trusted proxy */
	struct gb_arena *arena;    /* until the answer was sent */
};

/* The value of the header NAME (any case); empty when it is missing. */
struct gb_span gb_web_request_header(const struct gb_web_request *request, const char *name);

/* The value of NAME in the query, decoded into the request's arena; *ret_is_there (NULL is fine) tells a missing one from
 * an empty one. The first of several counts. 0, -EINVAL when an escape is wrong, -ENOMEM. */
__attribute__((warn_unused_result)) int gb_web_request_query(
        const struct gb_web_request *request, const char *name, struct gb_span *ret_value, bool *ret_is_there);

/* The value of NAME in the request's cookies; empty when it is missing. The first of several counts. */
struct gb_span gb_web_request_cookie(const struct gb_web_request *request, const char *name);

/* Whether PATH is one that a handler may see: begins with '/', no empty, "." or ".." segment (one empty last segment is
 * fine), whole escapes, no escaped '/', '\', NUL or control byte, UTF-8 once decoded. */
bool gb_web_path_check(struct gb_span path);

/* TEXT without its %XX; '+' is a space when IS_FORM. 0; -EINVAL: a broken escape, a NUL or no UTF-8; -ENOMEM. */
__attribute__((warn_unused_result)) int gb_web_decode(
        struct gb_arena *arena, struct gb_span text, bool is_form, struct gb_span *ret_decoded);

/* Whether S is well-formed UTF-8 (RFC 3629: no surrogates, nothing overlong). */
bool gb_web_is_utf8(struct gb_span s);

/* "192.0.2.1" or "2001:db8::1" of ADDRESS, with its NUL. */
#define GB_WEB_ADDRESS_CHARS 46u
void gb_web_address_text(const unsigned char address[16], char ret_text[GB_WEB_ADDRESS_CHARS]);

struct gb_web_stream;

/* What PRODUCE wants next. */
enum gb_web_more {
	GB_WEB_END = 0, /* that was all */
	GB_WEB_MORE,    /* call again as soon as this was sent */
	GB_WEB_LATER,   /* call again after later_ms */
};

/* An answer whose body is made piece by piece. PRODUCE runs on a worker thread (WORKER as for a handler), never twice at
 * once, whenever everything before was sent, so that a slow reader costs no thread and little memory; it appends with
 * gb_web_stream_add(). A negative result breaks the connection off: the reader must not take it for the end.
 * DONE frees CONTEXT, on any thread, exactly once, also when the answer was never begun. */
struct gb_web_source {
	int (*produce)(void *context, void *worker, struct gb_web_stream *stream);
	void (*done)(void *context);
	void *context;
	unsigned later_ms;
};

/* At most GB_WEB_PIECE_MAX bytes in one call of produce. 0, -EMSGSIZE (nothing was added), -ENOMEM. */
#define GB_WEB_PIECE_MAX (256u * 1024u)
__attribute__((warn_unused_result)) int gb_web_stream_add(struct gb_web_stream *stream, struct gb_span bytes);

struct gb_web_answer {
	unsigned status; /* 0: the handler forgot, which becomes 500 */
	struct gb_web_header headers[GB_WEB_ANSWER_HEADERS_MAX];
	size_t header_count;
	struct gb_span body;
	struct gb_web_source source; /* with produce set: the body is a stream, and `body` is not looked at */
	bool is_last;                /* close the connection behind this answer */
};

/* Add a header; NAME is a literal, VALUE is copied into ARENA. A line break in VALUE, too many headers: -EINVAL. */
__attribute__((warn_unused_result)) int gb_web_answer_header(
        struct gb_web_answer *answer, struct gb_arena *arena, const char *name, struct gb_span value);

#endif
