/* SPDX-License-Identifier: Apache-2.0 */
#include "http/http.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A copy of exactly its size, so that a read past it is caught. */
static struct gb_span copy(const char *text, size_t n)
{
	unsigned char *p = malloc(n == 0 ? 1 : n);

	assert_non_null(p);
	memcpy(p, text, n);
	return gb_span_of(p, n);
}

static void drop(struct gb_span s)
{
	free((void *)(uintptr_t)s.p);
}

#define WHOLE (-1000) /* wanted result: all bytes */

static const struct request_row {
	const char *name;
	const char *text;
	ssize_t want;
	enum gb_http_framing framing;
	uint64_t length;
} request_rows[] = {
        {"plain", "GET /a HTTP/1.1\r\nHost: x\r\n\r\n", WHOLE, GB_HTTP_NO_BODY, 0},
        {"no fields", "GET / HTTP/1.0\r\n\r\n", WHOLE, GB_HTTP_NO_BODY, 0},
        {"length", "POST / HTTP/1.1\r\ncontent-LENGTH: 12\r\n\r\n", WHOLE, GB_HTTP_LENGTH, 12},
        {"length twice the same", "POST / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n", WHOLE,
                GB_HTTP_LENGTH, 5},
        {"chunked", "POST / HTTP/1.1\r\nTransfer-Encoding: Chunked\r\n\r\n", WHOLE, GB_HTTP_CHUNKED, 0},
        {"empty value", "GET / HTTP/1.1\r\nA:\r\n\r\n", WHOLE, GB_HTTP_NO_BODY, 0},
        {"not complete", "GET / HTTP/1.1\r\nA: b\r\n", 0, 0, 0},
        {"nothing", "", 0, 0, 0},
        {"only CR", "GET / HTTP/1.1\r", 0, 0, 0},
        {"both framings", "POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", -EBADMSG, 0, 0},
        {"differing lengths", "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", -EBADMSG, 0, 0},
        {"signed length", "POST / HTTP/1.1\r\nContent-Length: +1\r\n\r\n", -EBADMSG, 0, 0},
        {"list of lengths", "POST / HTTP/1.1\r\nContent-Length: 1, 1\r\n\r\n", -EBADMSG, 0, 0},
        {"huge length", "POST / HTTP/1.1\r\nContent-Length: 18446744073709551615\r\n\r\n", -EBADMSG, 0, 0},
        {"no length", "POST / HTTP/1.1\r\nContent-Length: \r\n\r\n", -EBADMSG, 0, 0},
        {"other coding", "POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", -EBADMSG, 0, 0},
        {"two codings", "POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", -EBADMSG, 0, 0},
        {"coding twice", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
                -EBADMSG, 0, 0},
        {"coding of 1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", -EBADMSG, 0, 0},
        {"space before colon", "GET / HTTP/1.1\r\nA : b\r\n\r\n", -EBADMSG, 0, 0},
        {"folded", "GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n", -EBADMSG, 0, 0},
        {"bare LF", "GET / HTTP/1.1\nA: b\r\n\r\n", -EBADMSG, 0, 0},
        {"bare CR", "GET / HTTP/1.1\r\nA: b\rc\r\n\r\n", -EBADMSG, 0, 0},
        {"no colon", "GET / HTTP/1.1\r\nA\r\n\r\n", -EBADMSG, 0, 0},
        {"no name", "GET / HTTP/1.1\r\n: b\r\n\r\n", -EBADMSG, 0, 0},
        {"other protocol", "GET / HTTP/2.0\r\n\r\n", -EBADMSG, 0, 0},
        {"no target", "GET HTTP/1.1\r\n\r\n", -EBADMSG, 0, 0},
        {"empty target", "GET  HTTP/1.1\r\n\r\n", -EBADMSG, 0, 0},
        {"blank in target", "GET /a b HTTP/1.1\r\n\r\n", -EBADMSG, 0, 0},
        {"empty first line", "\r\nGET / HTTP/1.1\r\n\r\n", -EBADMSG, 0, 0},
};

static void requests(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(request_rows) / sizeof(request_rows[0]); i++) {
		const struct request_row *row = &request_rows[i];
		struct gb_span data = copy(row->text, strlen(row->text));
		ssize_t want = row->want == WHOLE ? (ssize_t)data.n : row->want;
		struct gb_http_head head;
		ssize_t n = gb_http_request_parse(data, &head);

		if (n != want || (n > 0 && (head.framing != row->framing || head.content_length != row->length)))
			fail_msg("%s: %zd, wanted %zd", row->name, n, want);
		drop(data);
	}
}

/* A complete head is never found early: each shorter start is incomplete, unless it is an error already. */
static void every_start_is_incomplete(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(request_rows) / sizeof(request_rows[0]); i++) {
		const struct request_row *row = &request_rows[i];

		for (size_t n = 0; row->want == WHOLE && n < strlen(row->text); n++) {
			struct gb_span data = copy(row->text, n);
			struct gb_http_head head;

			if (gb_http_request_parse(data, &head) != 0)
				fail_msg("%s: not incomplete at %zu", row->name, n);
			drop(data);
		}
	}
}

static void nul_is_refused(void **state)
{
	static const char text[] = "GET / HTTP/1.1\r\nA: \0\r\n\r\n";
	struct gb_http_head head;

	(void)state;
	assert_int_equal(gb_http_request_parse(GB_SPAN(text), &head), -EBADMSG);
}

static void limits(void **state)
{
	static char text[GB_HTTP_HEAD_MAX + 64];
	struct gb_http_head head;
	size_t n = 0;

	(void)state;
	memset(text, 'a', sizeof(text));
	assert_int_equal(gb_http_request_parse(gb_span_of(text, GB_HTTP_HEAD_MAX - 1), &head), 0);
	assert_int_equal(gb_http_request_parse(gb_span_of(text, GB_HTTP_HEAD_MAX), &head), -EMSGSIZE);
	n = (size_t)snprintf(text, sizeof(text), "GET / HTTP/1.1\r\n");
	for (unsigned i = 0; i <= GB_HTTP_FIELDS_MAX; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "A: b\r\n");
	n += (size_t)snprintf(text + n, sizeof(text) - n, "\r\n");
	assert_int_equal(gb_http_request_parse(gb_span_of(text, n), &head), -EMSGSIZE);
}

static const struct response_row {
	const char *name;
	const char *text;
	const char *method;
	ssize_t want;
	unsigned status;
	enum gb_http_framing framing;
} response_rows[] = {
        {"length", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", "GET", WHOLE, 200, GB_HTTP_LENGTH},
        {"until close", "HTTP/1.1 200 OK\r\n\r\n", "GET", WHOLE, 200, GB_HTTP_UNTIL_CLOSE},
        {"no reason", "HTTP/1.1 202\r\nContent-Length: 0\r\n\r\n", "GET", WHOLE, 202, GB_HTTP_LENGTH},
        {"interim", "HTTP/1.1 100 Continue\r\n\r\n", "POST", WHOLE, 100, GB_HTTP_NO_BODY},
        {"no content", "HTTP/1.1 204 No\r\nContent-Length: 3\r\n\r\n", "GET", WHOLE, 204, GB_HTTP_NO_BODY},
        {"to HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", "HEAD", WHOLE, 200, GB_HTTP_NO_BODY},
        {"chunked", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "GET", WHOLE, 200, GB_HTTP_CHUNKED},
        {"both framings", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", "GET", -EBADMSG,
                0, 0},
        {"short status", "HTTP/1.1 20\r\n\r\n", "GET", -EBADMSG, 0, 0},
        {"low status", "HTTP/1.1 099 x\r\n\r\n", "GET", -EBADMSG, 0, 0},
        {"no digits", "HTTP/1.1 abc OK\r\n\r\n", "GET", -EBADMSG, 0, 0},
        {"long status", "HTTP/1.1 2000\r\n\r\n", "GET", -EBADMSG, 0, 0},
};

static void responses(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(response_rows) / sizeof(response_rows[0]); i++) {
		const struct response_row *row = &response_rows[i];
		struct gb_span data = copy(row->text, strlen(row->text));
		ssize_t want = row->want == WHOLE ? (ssize_t)data.n : row->want;
		struct gb_http_head head;
		ssize_t n = gb_http_response_parse(data, gb_span_cstr(row->method), &head);

		if (n != want || (n > 0 && (head.framing != row->framing || head.status != row->status)))
			fail_msg("%s: %zd, wanted %zd", row->name, n, want);
		drop(data);
	}
}

static void field_values(void **state)
{
	struct gb_http_head head;

	(void)state;
	assert_true(gb_http_request_parse(GB_SPAN("GET / HTTP/1.1\r\nAb:  one two \r\nAB: three\r\n\r\n"), &head) > 0);
	assert_true(gb_span_equal(gb_http_field_value(&head, GB_SPAN("aB")), GB_SPAN("one two")));
	assert_int_equal(gb_http_field_value(&head, GB_SPAN("a")).n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(requests),
	        cmocka_unit_test(every_start_is_incomplete),
	        cmocka_unit_test(nul_is_refused),
	        cmocka_unit_test(limits),
	        cmocka_unit_test(responses),
	        cmocka_unit_test(field_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
