/* SPDX-License-Identifier: Apache-2.0 */
#include "aws/location.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct row {
	const char *text;
	int kind; /* -1: refused */
	bool is_tls;
	unsigned port;
	const char *name, *host, *bucket, *path;
	bool is_path_style;
};

static const struct row rows[] = {
        {"/mnt/policies", GB_LOCATION_FOLDER, false, 0, "", "", "", "/mnt/policies", false},
        {"/mnt/policies///", GB_LOCATION_FOLDER, false, 0, "", "", "", "/mnt/policies", false},
        {"policies", -1, false, 0, "", "", "", "", false},
        {"/", -1, false, 0, "", "", "", "", false},
        {"", -1, false, 0, "", "", "", "", false},
        {"http://10.0.0.5:8080/a/b/", GB_LOCATION_HTTP, false, 8080, "10.0.0.5", "10.0.0.5:8080", "", "/a/b", false},
        {"https://example.com", GB_LOCATION_HTTP, true, 443, "example.com", "example.com", "", "", false},
        {"https://example.com:443/x", GB_LOCATION_HTTP, true, 443, "example.com", "example.com", "", "/x", false},
        {"http://[fd00::5]:81/x", GB_LOCATION_HTTP, false, 81, "fd00::5", "[fd00::5]:81", "", "/x", false},
        {"http://[fd00::5]/x", GB_LOCATION_HTTP, false, 80, "fd00::5", "[fd00::5]", "", "/x", false},
        {"http:///x", -1, false, 0, "", "", "", "", false},
        {"http://user@host/x", -1, false, 0, "", "", "", "", false},
        {"http://host:0/x", -1, false, 0, "", "", "", "", false},
        {"http://host:65536/x", -1, false, 0, "", "", "", "", false},
        {"http://[::1/x", -1, false, 0, "", "", "", "", false},
        {"http://host/a/../b", -1, false, 0, "", "", "", "", false},
        {"http://host/a//b", -1, false, 0, "", "", "", "", false},
        {"http://host/a?b", -1, false, 0, "", "", "", "", false},
        {"http://host/a b", -1, false, 0, "", "", "", "", false},
        {"http://host/a\r\nX: y", -1, false, 0, "", "", "", "", false},
        {"http://ho\r\nst/", -1, false, 0, "", "", "", "", false},
        {"ftp://host/", -1, false, 0, "", "", "", "", false},
        {"s3://policies/prod?region=eu-west-1", GB_LOCATION_S3, true, 443, "policies.s3.eu-west-1.amazonaws.com",
                "policies.s3.eu-west-1.amazonaws.com", "policies", "/prod", false},
        {"s3://policies", GB_LOCATION_S3, true, 443, "policies.s3.us-west-2.amazonaws.com",
                "policies.s3.us-west-2.amazonaws.com", "policies", "", false},
        {"s3://policies?region=cn-north-1", GB_LOCATION_S3, true, 443, "policies.s3.cn-north-1.amazonaws.com.cn",
                "policies.s3.cn-north-1.amazonaws.com.cn", "policies", "", false},
        {"s3://a.dotted.bucket/p", GB_LOCATION_S3, true, 443, "s3.us-west-2.amazonaws.com",
                "s3.us-west-2.amazonaws.com", "a.dotted.bucket", "/p", true},
        {"s3://policies/a/b?endpoint=http://10.1.1.1:9000&region=here", GB_LOCATION_S3, false, 9000, "10.1.1.1",
                "10.1.1.1:9000", "policies", "/a/b", true},
        {"s3://policies/a?endpoint=https://store.example/&style=host", GB_LOCATION_S3, true, 443,
                "policies.store.example", "policies.store.example", "policies", "/a", false},
        {"s3://po/a", -1, false, 0, "", "", "", "", false},
        {"s3://poli_cies/a", -1, false, 0, "", "", "", "", false},
        {"s3://policies/a?region=eu west", -1, false, 0, "", "", "", "", false},
        {"s3://policies/a?colour=red", -1, false, 0, "", "", "", "", false},
        {"s3://policies/a?style=odd", -1, false, 0, "", "", "", "", false},
        {"s3://policies/a?endpoint=10.1.1.1", -1, false, 0, "", "", "", "", false},
        {"s3://policies/../a", -1, false, 0, "", "", "", "", false},
};

static void test_locations(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];
		struct gb_location location;
		struct gb_diag diag = {0};
		int r = gb_location_parse(gb_span_cstr(row->text), "us-west-2", true, &location, &diag);

		if (row->kind < 0) {
			if (r != -EINVAL || diag.message[0] == '\0')
				fail_msg("%s: %d, %s", row->text, r, diag.message);
			continue;
		}
		if (r != 0 || (int)location.kind != row->kind || location.is_tls != row->is_tls ||
		        location.port != row->port || strcmp(location.name, row->name) != 0 ||
		        strcmp(location.host, row->host) != 0 || strcmp(location.bucket, row->bucket) != 0 ||
		        strcmp(location.path, row->path) != 0 || location.is_path_style != row->is_path_style)
			fail_msg("%s: %d %s; %d %s:%u '%s' '%s' '%s'", row->text, r, diag.message, location.kind,
			        location.name, location.port, location.host, location.bucket, location.path);
	}
}

static void test_limits(void **state)
{
	char text[GB_LOCATION_BYTES_MAX + 16];
	struct gb_location location;
	struct gb_diag diag;

	(void)state;
	memset(text, 'a', sizeof(text));
	text[0] = '/';
	assert_int_equal(
	        gb_location_parse(gb_span_of(text, GB_LOCATION_BYTES_MAX + 1), "", false, &location, &diag), -EINVAL);
	assert_int_equal(
	        gb_location_parse(gb_span_of(text, GB_LOCATION_BYTES_MAX), "", false, &location, &diag), -EINVAL);
	assert_int_equal(gb_location_parse(gb_span_of(text, GB_LOCATION_PATH_MAX - 1), "", false, &location, &diag), 0);
	assert_int_equal(gb_location_parse(GB_SPAN("/a\0b"), "", false, &location, &diag), -EINVAL);
	assert_int_equal(gb_location_parse(GB_SPAN("s3://policies/a"), "", false, &location, &diag), -EINVAL);
	memcpy(text, "http://", 7);
	assert_int_equal(gb_location_parse(gb_span_of(text, 7 + GB_LOCATION_HOST_MAX), "", false, &location, &diag), 0);
	assert_int_equal(
	        gb_location_parse(gb_span_of(text, 8 + GB_LOCATION_HOST_MAX), "", false, &location, &diag), -EINVAL);
}

static void test_names(void **state)
{
	static const char *const plain[] = {"orders", "Orders_2-b", "-", "a"};
	static const char *const hashed[] = {"", ".", "..", "a/b", "a.b", "=a", "a b", "\xc3\xa4", "../../etc",
	        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};
	char part[GB_LOCATION_NAME_MAX], other[GB_LOCATION_NAME_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
		gb_location_add_name(gb_span_cstr(plain[i]), part);
		assert_string_equal(part, plain[i]);
	}
	for (size_t i = 0; i < sizeof(hashed) / sizeof(hashed[0]); i++) {
		gb_location_add_name(gb_span_cstr(hashed[i]), part);
		assert_int_equal(strlen(part), 65);
		assert_int_equal(part[0], '=');
		assert_int_equal(strspn(part + 1, "0123456789abcdef"), 64);
		for (size_t j = 0; j < i; j++) {
			gb_location_add_name(gb_span_cstr(hashed[j]), other);
			assert_string_not_equal(part, other);
		}
	}
	gb_location_add_name(GB_SPAN("a\0b"), part);
	assert_int_equal(part[0], '=');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_locations),
	        cmocka_unit_test(test_limits),
	        cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests_name("aws location", tests, NULL, NULL);
}
