/* SPDX-License-Identifier: Apache-2.0 */
#include "aws/credentials.h"
#include "aws/s3.h"
#include "base/arena.h"
#include "s3.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct gb_s3_server server;
static struct gb_aws *aws;
static struct gb_arena *arena;
static struct gb_location where;

static int begin(void **state)
{
	char url[128];

	(void)state;
	gb_s3_server_order(&server, "reset");
	(void)snprintf(
	        url, sizeof(url), "s3://policies/pre-fix?endpoint=http://127.0.0.1:%u&region=eu-west-1", server.port);
	arena = gb_arena_new();
	return gb_aws_new(&aws) == 0 && gb_location_parse(gb_span_cstr(url), "", true, &where, NULL) == 0 ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	gb_aws_free(aws);
	gb_arena_free(arena);
	return 0;
}

static int put(const char *path, const char *body, enum gb_s3_condition condition, const char *etag,
        char ret_etag[GB_S3_ETAG_BYTES])
{
	struct gb_diag diag = {0};

	return gb_s3_put(aws, &where, path, gb_span_cstr(body), condition, etag, arena, ret_etag, &diag);
}

static void test_put_and_get(void **state)
{
	static const char *const paths[] = {"/eu-west-1/orders/policy.gbp", "/a b+c%20&=?#\xc3\xa4~.gbp", "/=0123/x"};
	struct gb_s3_object object;
	struct gb_diag diag = {0};
	char etag[GB_S3_ETAG_BYTES];

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		assert_int_equal(gb_s3_get(aws, &where, paths[i], NULL, 100, arena, &object, &diag), -ENOENT);
		assert_int_equal(put(paths[i], "first", GB_S3_ANYWAY, NULL, etag), 0);
		assert_int_equal(etag[0], '"');
		assert_int_equal(gb_s3_get(aws, &where, paths[i], NULL, 100, arena, &object, &diag), 0);
		assert_true(gb_span_equal(object.body, GB_SPAN("first")));
		assert_string_equal(object.etag, etag);
		assert_int_equal(gb_s3_get(aws, &where, paths[i], etag, 100, arena, &object, &diag), 1);
		assert_int_equal(gb_s3_get(aws, &where, paths[i], NULL, 4, arena, &object, &diag), -EFBIG);
		assert_int_equal(gb_s3_delete(aws, &where, paths[i], arena, &diag), 0);
		assert_int_equal(gb_s3_delete(aws, &where, paths[i], arena, &diag), 0);
		assert_int_equal(gb_s3_get(aws, &where, paths[i], etag, 100, arena, &object, &diag), -ENOENT);
	}
}

static void test_conditions(void **state)
{
	char first[GB_S3_ETAG_BYTES], second[GB_S3_ETAG_BYTES], etag[GB_S3_ETAG_BYTES];

	(void)state;
	assert_int_equal(put("/o", "first", GB_S3_IF_ABSENT, NULL, first), 0);
	assert_int_equal(put("/o", "other", GB_S3_IF_ABSENT, NULL, etag), -ESTALE);
	assert_int_equal(put("/o", "second", GB_S3_IF_ETAG, first, second), 0);
	assert_int_equal(put("/o", "third", GB_S3_IF_ETAG, first, etag), -ESTALE);
	assert_int_equal(put("/o", "third", GB_S3_IF_ETAG, second, etag), 0);
}

struct keys {
	size_t count;
	char last[64];
};

static int on_key(void *context, struct gb_span key)
{
	struct keys *keys = context;

	keys->count++;
	(void)snprintf(keys->last, sizeof(keys->last), "%.*s", (int)key.n, (const char *)key.p);
	return 0;
}

static void test_list(void **state)
{
	struct keys keys = {0};
	struct gb_diag diag = {0};
	char etag[GB_S3_ETAG_BYTES], order[64];

	(void)state;
	for (int i = 0; i < 1203; i++) {
		(void)snprintf(order, sizeof(order), "put pre-fix/many/%04d x", i);
		gb_s3_server_order(&server, order);
	}
	assert_int_equal(put("/other/<&>'\"", "x", GB_S3_ANYWAY, NULL, etag), 0);
	assert_int_equal(gb_s3_list(aws, &where, "/many/", on_key, &keys, &diag), 0);
	assert_int_equal(keys.count, 1203);
	assert_string_equal(keys.last, "/many/1202");
	assert_int_equal(gb_s3_list(aws, &where, "/other", on_key, &keys, &diag), 0);
	assert_string_equal(keys.last, "/other/<&>'\"");
	keys.count = 0;
	assert_int_equal(gb_s3_list(aws, &where, "/none", on_key, &keys, &diag), 0);
	assert_int_equal(keys.count, 0);
}

static void test_faults(void **state)
{
	static const struct {
		const char *faults[4];
		int result;
	} rows[] = {
	        {{"fault status=503"}, 0},
	        {{"fault status=500", "fault status=503"}, 0},
	        {{"fault status=500", "fault status=500", "fault status=500"}, -EIO},
	        {{"fault lose"}, 0},
	        {{"fault status=403"}, -EACCES},
	        {{"fault status=404"}, -ENOENT},
	        {{"fault status=301"}, -EIO},
	        {{"fault huge"}, -EFBIG},
	        {{"clock 7200"}, 0},
	        {{"clock -7200"}, 0},
	};
	struct gb_s3_object object;
	char etag[GB_S3_ETAG_BYTES];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct gb_diag diag = {0};
		int r;

		gb_s3_server_order(&server, "reset");
		assert_int_equal(put("/o", "body", GB_S3_ANYWAY, NULL, etag), 0);
		for (size_t j = 0; j < 4 && rows[i].faults[j] != NULL; j++)
			gb_s3_server_order(&server, rows[i].faults[j]);
		r = gb_s3_get(aws, &where, "/o", NULL, 1000, arena, &object, &diag);
		if (r != rows[i].result || (r < 0 && diag.message[0] == '\0'))
			fail_msg("%s: %d %s", rows[i].faults[0], r, diag.message);
	}
}

static void test_wrong_keys(void **state)
{
	struct gb_s3_object object;
	struct gb_diag diag = {0};

	(void)state;
	(void)setenv("AWS_SECRET_ACCESS_KEY", "another", 1);
	assert_int_equal(gb_s3_get(aws, &where, "/o", NULL, 1000, arena, &object, &diag), -EACCES);
	assert_non_null(strstr(diag.message, "SignatureDoesNotMatch"));
	(void)setenv("AWS_ACCESS_KEY_ID", "ASIDTEST", 1);
	(void)setenv("AWS_SECRET_ACCESS_KEY", "secret of a session", 1);
	assert_int_equal(gb_s3_get(aws, &where, "/o", NULL, 1000, arena, &object, &diag), -EACCES);
	(void)setenv("AWS_SESSION_TOKEN", "token//of==the+session", 1);
	assert_int_equal(gb_s3_get(aws, &where, "/o", NULL, 1000, arena, &object, &diag), -ENOENT);
	(void)unsetenv("AWS_SESSION_TOKEN");
	(void)setenv("AWS_ACCESS_KEY_ID", "AKIDTEST", 1);
	(void)setenv("AWS_SECRET_ACCESS_KEY", "secret/of+the=test", 1);
}

static void test_file_of_profiles(void **state)
{
	const struct gb_span text =
	        GB_SPAN("# ours\n[default]\naws_access_key_id = A\naws_secret_access_key=B=C/d\n"
	                "[ other ]\r\naws_access_key_id=D\r\naws_secret_access_key=E\r\naws_session_token = F\r\n"
	                "[half]\naws_access_key_id=G\n[");
	struct gb_aws_key key;

	(void)state;
	assert_true(gb_credentials_of_file(text, GB_SPAN("default"), &key));
	assert_true(gb_span_equal(key.secret, GB_SPAN("B=C/d")) && key.token.n == 0);
	assert_true(gb_credentials_of_file(text, GB_SPAN("other"), &key));
	assert_true(gb_span_equal(key.id, GB_SPAN("D")) && gb_span_equal(key.token, GB_SPAN("F")));
	assert_false(gb_credentials_of_file(text, GB_SPAN("half"), &key));
	assert_false(gb_credentials_of_file(text, GB_SPAN("none"), &key));
	assert_false(gb_credentials_of_file(GB_SPAN(""), GB_SPAN("default"), &key));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(test_put_and_get, begin, end),
	        cmocka_unit_test_setup_teardown(test_conditions, begin, end),
	        cmocka_unit_test_setup_teardown(test_list, begin, end),
	        cmocka_unit_test_setup_teardown(test_faults, begin, end),
	        cmocka_unit_test_setup_teardown(test_wrong_keys, begin, end),
	        cmocka_unit_test(test_file_of_profiles),
	};
	int failed;

	gb_s3_server_start(&server);
	failed = cmocka_run_group_tests_name("aws s3", tests, NULL, NULL);
	gb_s3_server_stop(&server);
	return failed;
}
