/* SPDX-License-Identifier: Apache-2.0 */
#include "aws/key.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const struct {
	const char *json;
	bool is_key;
	const char *id, *secret, *token;
	int64_t expires;
} rows[] = {
        {"{\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"S\"}", true, "A", "S", "", 0},
        {" {\n \"Code\" : \"Success\", \"LastUpdated\":null, \"Type\":\"AWS-HMAC\",\"n\":-1.5e3, \"AccessKeyId\" : "
         "\"A\" , "
         "\"SecretAccessKey\":\"a\\/b+c=\",\"Token\":\"T\",\"Expiration\":\"2026-11-21T14:00:00Z\"\n}\n",
                true, "A", "a/b+c=", "T", 1795269600},
        {"{\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"S\",\"Expiration\":\"soon\"}", true, "A", "S", "", 0},
        {"{\"AccessKeyId\":\"A\"}", false, "", "", "", 0},
        {"{\"AccessKeyId\":\"\",\"SecretAccessKey\":\"S\"}", false, "", "", "", 0},
        {"{\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"S\"", false, "", "", "", 0},
        {"{\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"S", false, "", "", "", 0},
        {"{\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"S\\", false, "", "", "", 0},
        {"{\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"S\\u0041\"}", false, "", "", "", 0},
        {"{\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"S\nx: y\"}", false, "", "", "", 0},
        {"{\"AccessKeyId\" \"A\"}", false, "", "", "", 0},
        {"[\"AccessKeyId\"]", false, "", "", "", 0},
        {"<html>", false, "", "", "", 0},
        {"{", false, "", "", "", 0},
        {"", false, "", "", "", 0},
};

static void test_answers(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char room[GB_AWS_KEY_BYTES];
		struct gb_aws_key key;
		int64_t expires;
		int r = gb_aws_key_parse(gb_span_cstr(rows[i].json), room, &key, &expires);

		if ((r == 0) != rows[i].is_key || (r != 0 && r != -EINVAL))
			fail_msg("%s: %d", rows[i].json, r);
		if (r == 0 &&
		        (!gb_span_equal(key.id, gb_span_cstr(rows[i].id)) ||
		                !gb_span_equal(key.secret, gb_span_cstr(rows[i].secret)) ||
		                !gb_span_equal(key.token, gb_span_cstr(rows[i].token)) || expires != rows[i].expires))
			fail_msg("%s: another key", rows[i].json);
	}
}

static void test_too_large(void **state)
{
	static char json[3 * GB_AWS_KEY_BYTES];
	char room[GB_AWS_KEY_BYTES];
	struct gb_aws_key key;
	int64_t expires;
	int n = snprintf(json, sizeof(json), "{\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"S\",\"Token\":\"%0*d\"}",
	        (int)GB_AWS_KEY_BYTES, 1);

	(void)state;
	assert_int_equal(gb_aws_key_parse(gb_span_of(json, (size_t)n), room, &key, &expires), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_answers), cmocka_unit_test(test_too_large)};

	return cmocka_run_group_tests_name("aws key", tests, NULL, NULL);
}
