/* SPDX-License-Identifier: Apache-2.0 */
#include "web/message.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
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

static const struct path_row {
	const char *path;
	bool is_good;
} path_rows[] = {
        {"/", true},
        {"/v1", true},
        {"/v1/", true},
        {"/v1/a.b/..c/c..", true},
        {"/...", true},
        {"/%41", true},
        {"/%e2%82%ac", true},
        {"/a%20b", true},
        {"/a:b@c!$&'()*+,;=", true},
        {"", false},
        {"v1", false},
        {"//", false},
        {"/v1//a", false},
        {"/.", false},
        {"/..", false},
        {"/./a", false},
        {"/../a", false},
        {"/a/..", false},
        {"/%2e", false},
        {"/%2E%2e/a", false},
        {"/.%2e/a", false},
        {"/a%2fb", false},
        {"/a%2Fb", false},
        {"/a%5cb", false},
        {"/a\\b", false},
        {"/a%00", false},
        {"/a%1f", false},
        {"/a%7f", false},
        {"/a b", false},
        {"/a\"b", false},
        {"/<a>", false},
        {"/a#b", false},
        {"/%", false},
        {"/%4", false},
        {"/%4g", false},
        {"/%c0%af", false},
        {"/%e2%82", false},
        {"/%ff", false},
        {"/%ed%a0%80", false},
        {"/\xc3\xa9", false},
};

static void paths(void **state)
{
	char *longest = malloc(GB_WEB_TARGET_MAX + 1);

	(void)state;
	for (size_t i = 0; i < sizeof(path_rows) / sizeof(path_rows[0]); i++) {
		struct gb_span path = copy(path_rows[i].path, strlen(path_rows[i].path));

		if (gb_web_path_check(path) != path_rows[i].is_good)
			fail_msg("%s", path_rows[i].path);
		drop(path);
	}
	memset(longest, '/', 1);
	memset(longest + 1, 'a', GB_WEB_TARGET_MAX);
	assert_true(gb_web_path_check(gb_span_of(longest, GB_WEB_TARGET_MAX)));
	assert_false(gb_web_path_check(gb_span_of(longest, GB_WEB_TARGET_MAX + 1)));
	free(longest);
}

static const struct query_row {
	const char *query, *name, *want; /* want NULL: not there */
	int result;
} query_rows[] = {
        {"a=1&b=2", "b", "2", 0},
        {"a=1&a=2", "a", "1", 0},
        {"a", "a", "", 0},
        {"a=", "a", "", 0},
        {"=x", "a", NULL, 0},
        {"", "a", NULL, 0},
        {"&&a=1", "a", "1", 0},
        {"aa=1", "a", NULL, 0},
        {"%61=1", "a", "1", 0},
        {"a=b+c%2bd", "a", "b c+d", 0},
        {"a=b=c", "a", "b=c", 0},
        {"a=%c3%a9", "a", "\xc3\xa9", 0},
        {"a=%00", "a", NULL, -EINVAL},
        {"a=%ff", "a", NULL, -EINVAL},
        {"a=%4", "a", NULL, -EINVAL},
        {"%zz=1&a=1", "a", NULL, -EINVAL},
};

static void queries(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(query_rows) / sizeof(query_rows[0]); i++) {
		const struct query_row *row = &query_rows[i];
		struct gb_web_request request = {
		        .arena = gb_arena_new(), .query = copy(row->query, strlen(row->query))};
		struct gb_span value;
		bool is_there;
		int r = gb_web_request_query(&request, row->name, &value, &is_there);

		if (r != row->result || (r == 0 && is_there != (row->want != NULL)) ||
		        (r == 0 && is_there && !gb_span_equal(value, gb_span_cstr(row->want))))
			fail_msg("%s: %s", row->query, row->name);
		drop(request.query);
		gb_arena_free(request.arena);
	}
}

static void cookies(void **state)
{
	const struct gb_web_header header = {GB_SPAN("Cookie"), GB_SPAN("a=1; xb=2;b=3 ; b=4;c; d=e=f")};
	const struct gb_web_request request = {.headers = &header, .header_count = 1};

	(void)state;
	assert_true(gb_span_equal(gb_web_request_cookie(&request, "a"), GB_SPAN("1")));
	assert_true(gb_span_equal(gb_web_request_cookie(&request, "b"), GB_SPAN("3")));
	assert_true(gb_span_equal(gb_web_request_cookie(&request, "d"), GB_SPAN("e=f")));
	assert_int_equal(gb_web_request_cookie(&request, "c").n, 0);
	assert_int_equal(gb_web_request_cookie(&request, "x").n, 0);
}

static void headers_hold_no_line_breaks(void **state)
{
	struct gb_arena *arena = gb_arena_new();
	struct gb_web_answer answer = {0};

	(void)state;
	assert_int_equal(gb_web_answer_header(&answer, arena, "A", GB_SPAN("b")), 0);
	assert_int_equal(gb_web_answer_header(&answer, arena, "A", GB_SPAN("b\r\nSet-Cookie: x")), -EINVAL);
	assert_int_equal(gb_web_answer_header(&answer, arena, "A", GB_SPAN("b\0c")), -EINVAL);
	assert_int_equal(answer.header_count, 1);
	for (size_t i = 1; i < GB_WEB_ANSWER_HEADERS_MAX; i++)
		assert_int_equal(gb_web_answer_header(&answer, arena, "A", GB_SPAN("b")), 0);
	assert_int_equal(gb_web_answer_header(&answer, arena, "A", GB_SPAN("b")), -EINVAL);
	gb_arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(paths),
	        cmocka_unit_test(queries),
	        cmocka_unit_test(cookies),
	        cmocka_unit_test(headers_hold_no_line_breaks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
