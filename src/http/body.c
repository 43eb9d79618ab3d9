/* SPDX-License-Identifier: Apache-2.0 */
#include "http/http.h"

#include <errno.h>
#include <string.h>

/* RFC 9112 §7.1, one state a place in the grammar. */
enum chunk_state {
	CHUNK_SIZE = 0,
	CHUNK_EXTENSION,
	CHUNK_SIZE_LF,
	CHUNK_DATA,
	CHUNK_DATA_CR,
	CHUNK_DATA_LF,
	TRAILER_LINE,
	TRAILER_LINE_LF,
};

#define SIZE_DIGITS_MAX 15u

void gb_http_body_begin(struct gb_http_body *body, const struct gb_http_head *head)
{
	*body = (struct gb_http_body){.framing = head->framing, .left = head->content_length, .state = CHUNK_SIZE};
	if (head->framing == GB_HTTP_CHUNKED)
		body->left = 0;
	body->is_done = head->framing == GB_HTTP_NO_BODY || (head->framing == GB_HTTP_LENGTH && body->left == 0);
}

static int hex_value(unsigned char c)
{
	if (gb_ascii_is_digit(c))
		return c - '0';
	c = gb_ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int step_size(struct gb_http_body *body, unsigned char c)
{
	int value = hex_value(c);

	if (value >= 0) {
		if (++body->digits > SIZE_DIGITS_MAX)
			return -EBADMSG;
		body->left = body->left * 16u + (unsigned)value;
		return 0;
	}
	if (body->digits == 0)
		return -EBADMSG;
	if (c == '\r')
		body->state = CHUNK_SIZE_LF;
	else if (c == ';' || c == ' ' || c == '\t')
		body->state = CHUNK_EXTENSION;
	else
		return -EBADMSG;
	body->line_bytes = 0;
	return 0;
}

static int step_extension(struct gb_http_body *body, unsigned char c)
{
	if (c == '\n' || c == '\0')
		return -EBADMSG;
	if (c == '\r')
		body->state = CHUNK_SIZE_LF;
	else if (++body->line_bytes > GB_HTTP_EXTENSION_MAX)
		return -EMSGSIZE;
	return 0;
}

static int step_size_lf(struct gb_http_body *body, unsigned char c)
{
	if (c != '\n')
		return -EBADMSG;
	body->state = body->left == 0 ? TRAILER_LINE : CHUNK_DATA;
	body->digits = 0;
	body->line_bytes = 0;
	return 0;
}

static int step_trailer(struct gb_http_body *body, unsigned char c)
{
	if (++body->trailer_bytes > GB_HTTP_TRAILERS_MAX)
		return -EMSGSIZE;
	if (body->state == TRAILER_LINE_LF) {
		if (c != '\n')
			return -EBADMSG;
		body->is_done = body->line_bytes == 0;
		body->line_bytes = 0;
		body->state = TRAILER_LINE;
		return 0;
	}
	if (c == '\n' || c == '\0')
		return -EBADMSG;
	if (c == '\r')
		body->state = TRAILER_LINE_LF;
	else
		body->line_bytes++;
	return 0;
}

static int step(struct gb_http_body *body, unsigned char c)
{
	switch ((enum chunk_state)body->state) {
	case CHUNK_SIZE: return step_size(body, c);
	case CHUNK_EXTENSION: return step_extension(body, c);
	case CHUNK_SIZE_LF: return step_size_lf(body, c);
	case CHUNK_DATA: break;
	case CHUNK_DATA_CR: body->state = CHUNK_DATA_LF; return c == '\r' ? 0 : -EBADMSG;
	case CHUNK_DATA_LF: body->state = CHUNK_SIZE; return c == '\n' ? 0 : -EBADMSG;
	case TRAILER_LINE:
	case TRAILER_LINE_LF: return step_trailer(body, c);
	}
	return -EBADMSG;
}

static void take_content(struct gb_span content, unsigned char *decoded, size_t *decoded_n)
{
	if (decoded == NULL || content.n == 0)
		return;
	memcpy(decoded + *decoded_n, content.p, content.n);
	*decoded_n += content.n;
}

static ssize_t follow_chunked(struct gb_http_body *body, struct gb_span data, unsigned char *decoded, size_t *decoded_n)
{
	size_t at = 0;

	while (at < data.n && !body->is_done) {
		if (body->state == CHUNK_DATA) {
			struct gb_span content =
			        gb_span_sub(data, at, body->left > SIZE_MAX ? SIZE_MAX : (size_t)body->left);

			take_content(content, decoded, decoded_n);
			at += content.n;
			body->left -= content.n;
			if (body->left == 0)
				body->state = CHUNK_DATA_CR;
			continue;
		}
		int r = step(body, data.p[at++]);
		if (r < 0)
			return r;
	}
	return (ssize_t)at;
}

ssize_t gb_http_body_follow(
        struct gb_http_body *body, struct gb_span data, unsigned char *decoded, size_t *ret_decoded_n)
{
	size_t decoded_n = 0;
	ssize_t n = 0;

	if (body->is_done)
		data.n = 0;
	if (body->framing == GB_HTTP_CHUNKED) {
		n = follow_chunked(body, data, decoded, &decoded_n);
	} else {
		if (body->framing == GB_HTTP_LENGTH && data.n > body->left)
			data.n = (size_t)body->left;
		take_content(data, decoded, &decoded_n);
		n = (ssize_t)data.n;
		if (body->framing == GB_HTTP_LENGTH) {
			body->left -= data.n;
			body->is_done = body->left == 0;
		}
	}
	if (ret_decoded_n != NULL)
		*ret_decoded_n = decoded_n;
	return n;
}
