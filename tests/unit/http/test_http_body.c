/* SPDX-License-Identifier: Apache-2.0 */
#include "http/http.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct chunked_row {
	const char *name;
	const char *text;
	ssize_t want; /* bytes that belong to the body, or an error */
	bool is_done;
	const char *content;
} rows[] = {
        {"one chunk", "5\r\nhello\r\n0\r\n\r\n", 15, true, "hello"},
        {"two chunks", "3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n", 28, true, "abc0123456789"},
        {"leading zeros", "0003\r\nabc\r\n00\r\n\r\n", 17, true, "abc"},
        {"extension", "3;a=\"b\"\r\nabc\r\n0;z\r\n\r\n", 21, true, "abc"},
        {"blank behind size", "3 \r\nabc\r\n0\r\n\r\n", 14, true, "abc"},
        {"trailers", "0\r\nA: b\r\nC: d\r\n\r\n", 17, true, ""},
        {"more behind", "0\r\n\r\nGET / HTTP/1.1\r\n", 5, true, ""},
        {"data with CRLF", "6\r\n\r\n0\r\n\r\r\n0\r\n\r\n", 16, true, "\r\n0\r\n\r"},
        {"not complete", "5\r\nhel", 6, false, "hel"},
        {"no size", "\r\n", -EBADMSG, false, ""},
        {"no hex", "g\r\n", -EBADMSG, false, ""},
        {"sign", "-1\r\n", -EBADMSG, false, ""},
        {"0x", "0x5\r\n", -EBADMSG, false, ""},
        {"bare LF behind size", "5\nhello\r\n", -EBADMSG, false, ""},
        {"no CRLF behind data", "5\r\nhelloX", -EBADMSG, false, ""},
        {"LF behind data", "5\r\nhello\n", -EBADMSG, false, ""},
        {"size too long", "1000000000000000\r\n", -EBADMSG, false, ""},
        {"bare LF in extension", "1;a\nb\r\n", -EBADMSG, false, ""},
        {"bare LF in trailer", "0\r\nA: b\nC: d\r\n\r\n", -EBADMSG, false, ""},
        {"bare CR in trailer", "0\r\nA: b\rC: d\r\n\r\n", -EBADMSG, false, ""},
};

static ssize_t follow(const char *text, size_t step, struct gb_http_body *body, char *content, size_t *ret_content_n)
{
	struct gb_http_head head = {.framing = GB_HTTP_CHUNKED};
	size_t n = strlen(text), at = 0;

	*ret_content_n = 0;
	gb_http_body_begin(body, &head);
	while (at < n && !body->is_done) {
		size_t part = step < n - at ? step : n - at, decoded = 0;
		unsigned char *copy = malloc(part);
		ssize_t r;

		assert_non_null(copy);
		memcpy(copy, text + at, part);
		r = gb_http_body_follow(
		        body, gb_span_of(copy, part), (unsigned char *)content + *ret_content_n, &decoded);
		free(copy);
		if (r < 0)
			return r;
		*ret_content_n += decoded;
		at += (size_t)r;
		if ((size_t)r < part)
			break;
	}
	return (ssize_t)at;
}

static void chunked_in_pieces_of_any_size(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (size_t step = 1; step <= strlen(rows[i].text); step++) {
			struct gb_http_body body;
			char content[64];
			size_t content_n;
			ssize_t n = follow(rows[i].text, step, &body, content, &content_n);

			if (n != rows[i].want ||
			        (n >= 0 && (body.is_done != rows[i].is_done || content_n != strlen(rows[i].content) ||
			                           memcmp(content, rows[i].content, content_n) != 0)))
				fail_msg("%s in pieces of %zu: %zd, wanted %zd", rows[i].name, step, n, rows[i].want);
		}
}

static void lengths(void **state)
{
	struct gb_http_head head = {.framing = GB_HTTP_LENGTH, .content_length = 5};
	struct gb_http_body body;

	(void)state;
	gb_http_body_begin(&body, &head);
	assert_false(body.is_done);
	assert_int_equal(gb_http_body_follow(&body, GB_SPAN("abc"), NULL, NULL), 3);
	assert_int_equal(gb_http_body_follow(&body, GB_SPAN("defgh"), NULL, NULL), 2);
	assert_true(body.is_done);
	assert_int_equal(gb_http_body_follow(&body, GB_SPAN("x"), NULL, NULL), 0);
	head.content_length = 0;
	gb_http_body_begin(&body, &head);
	assert_true(body.is_done);
	head.framing = GB_HTTP_UNTIL_CLOSE;
	gb_http_body_begin(&body, &head);
	assert_int_equal(gb_http_body_follow(&body, GB_SPAN("anything"), NULL, NULL), 8);
	assert_false(body.is_done);
}

static void limits(void **state)
{
	struct gb_http_head head = {.framing = GB_HTTP_CHUNKED};
	struct gb_http_body body;
	size_t n = 0;

	(void)state;
	gb_http_body_begin(&body, &head);
	assert_int_equal(gb_http_body_follow(&body, GB_SPAN("1;"), NULL, NULL), 2);
	while (n <= GB_HTTP_EXTENSION_MAX && gb_http_body_follow(&body, GB_SPAN("e"), NULL, NULL) == 1)
		n++;
	assert_int_equal(n, GB_HTTP_EXTENSION_MAX);
	gb_http_body_begin(&body, &head);
	assert_int_equal(gb_http_body_follow(&body, GB_SPAN("0\r\n"), NULL, NULL), 3);
	n = 0;
	while (n <= GB_HTTP_TRAILERS_MAX && gb_http_body_follow(&body, GB_SPAN("t"), NULL, NULL) == 1)
		n++;
	assert_int_equal(n, GB_HTTP_TRAILERS_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(chunked_in_pieces_of_any_size),
	        cmocka_unit_test(lengths),
	        cmocka_unit_test(limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
