/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http: HTTP/1.1 messages as bytes: heads are parsed, bodies are followed to their end. Pure; no product knowledge. It
 * is strict where two readers could disagree about where a message ends (RFC 9112 §6.3, §11.2): a length together with
 * a transfer coding, differing lengths, any coding but `chunked`, bare LF or CR, folded fields and white space before
 * a colon are all refused.
 */
#ifndef GB_HTTP_HTTP_H
#define GB_HTTP_HTTP_H

#include "base/span.h"

#include <sys/types.h>

#define GB_HTTP_HEAD_MAX      16384u /* bytes of a head, its empty line included */
#define GB_HTTP_FIELDS_MAX    96u
#define GB_HTTP_EXTENSION_MAX 256u   /* bytes of a chunk's extension */
#define GB_HTTP_TRAILERS_MAX  65536u /* a Lambda error body travels in a trailer */

struct gb_http_field {
	struct gb_span name;
	struct gb_span value; /* without white space around it */
};

/* How the end of a body is found. */
enum gb_http_framing {
	GB_HTTP_NO_BODY = 0,
	GB_HTTP_LENGTH,
	GB_HTTP_CHUNKED,
	GB_HTTP_UNTIL_CLOSE,
};

/* A parsed head; its spans point into the parsed bytes. */
struct gb_http_head {
	struct gb_span method; /* requests */
	struct gb_span target;
	unsigned status; /* responses */
	unsigned minor_version;
	enum gb_http_framing framing;
	uint64_t content_length;
	size_t field_count;
	struct gb_http_field fields[GB_HTTP_FIELDS_MAX];
};

/* Parse the head at the start of DATA. Result: its bytes, 0 when it is not complete yet, -EBADMSG when it is not HTTP,
 * -EMSGSIZE when it passes a limit. */
__attribute__((warn_unused_result)) ssize_t gb_http_request_parse(struct gb_span data, struct gb_http_head *ret_head);
/* The same for a response. REQUEST_METHOD decides whether a body follows (HEAD). */
__attribute__((warn_unused_result)) ssize_t gb_http_response_parse(
        struct gb_span data, struct gb_span request_method, struct gb_http_head *ret_head);

/* Value of the first field of that NAME (case does not matter), or the empty span. */
struct gb_span gb_http_field_value(const struct gb_http_head *head, struct gb_span name);

/* Position in a body. */
struct gb_http_body {
	enum gb_http_framing framing;
	bool is_done;
	unsigned state;
	unsigned digits;
	uint64_t left;
	size_t line_bytes;    /* of the extension or trailer line at hand */
	size_t trailer_bytes; /* of all trailers */
};

/* The body behind HEAD, framed as that says. */
void gb_http_body_begin(struct gb_http_body *body, const struct gb_http_head *head);

/* Follow the body through DATA. Result: how many bytes of DATA belong to it, chunk heads and trailers included
 * (`is_done` tells whether that was the last of it), or -EBADMSG, -EMSGSIZE. If DECODED is not NULL, the content goes
 * there, at most DATA.n bytes, and *ret_decoded_n says how many. */
__attribute__((warn_unused_result)) ssize_t gb_http_body_follow(
        struct gb_http_body *body, struct gb_span data, unsigned char *decoded, size_t *ret_decoded_n);

#endif
