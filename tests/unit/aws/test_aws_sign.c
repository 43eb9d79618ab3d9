/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signatures, against those that AWS publishes for Signature Version 4 (the example key in the `service` and S3 sets), times,
 * and what cannot be signed.
 */
#include "aws/date.h"
#include "aws/sign.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define AT_2015 1440938160 /* 2015-08-30 12:36:00 */
#define AT_2013 1369353600 /* 2013-05-24 00:00:00 */

static const struct gb_aws_key service_key = {
        GB_SPAN("AKIDEXAMPLE"), GB_SPAN("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"), GB_SPAN("")};
static const struct gb_aws_key s3_key = {
        GB_SPAN("AKIAIOSFODNN7EXAMPLE"), GB_SPAN("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"), GB_SPAN("")};

#define PAIR(name, value)                                                                                              \
	{                                                                                                              \
		GB_SPAN(name), GB_SPAN(value)                                                                          \
	}

struct row {
	const char *name;
	const char *method, *path;
	struct gb_aws_pair query[3], fields[4];
	const char *payload;
	bool is_s3;
	const char *fields_signed, *signature, *target;
};

static const struct row rows[] = {
        {"plain", "GET", "/", {PAIR("", "")}, {PAIR("", "")}, "", false, "host;x-amz-date",
                "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31", "/"},
        {"post without a body", "POST", "/", {PAIR("", "")}, {PAIR("", "")}, "", false, "host;x-amz-date",
                "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b", "/"},
        {"query out of order", "GET", "/", {PAIR("Param2", "value2"), PAIR("Param1", "value1")}, {PAIR("", "")}, "",
                false, "host;x-amz-date", "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
                "/?Param2=value2&Param1=value1"},
        {"values out of order", "GET", "/", {PAIR("Param1", "value2"), PAIR("Param1", "value1")}, {PAIR("", "")}, "",
                false, "host;x-amz-date", "5772eed61e12b33fae39ee5e7012498b51d56abc0abb7c60486157bd471c4694",
                "/?Param1=value2&Param1=value1"},
        {"one pair", "GET", "/", {PAIR("Param1", "value1")}, {PAIR("", "")}, "", false, "host;x-amz-date",
                "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb", "/?Param1=value1"},
        {"a field", "POST", "/", {PAIR("", "")}, {PAIR("my-header1", "value1")}, "", false,
                "host;my-header1;x-amz-date", "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c", "/"},
        {"runs of spaces in fields", "GET", "/", {PAIR("", "")},
                {PAIR("my-header1", " value1"), PAIR("my-header2", " \"a   b   c\"")}, "", false,
                "host;my-header1;my-header2;x-amz-date",
                "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736", "/"},
        {"a form", "POST", "/", {PAIR("", "")}, {PAIR("content-type", "application/x-www-form-urlencoded")},
                "Param1=value1", false, "content-type;host;x-amz-date",
                "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a", "/"},
        {"S3: part of an object", "GET", "/test.txt", {PAIR("", "")}, {PAIR("range", "bytes=0-9")}, "", true,
                "host;range;x-amz-content-sha256;x-amz-date",
                "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41", "/test.txt"},
        {"S3: an object is put", "PUT", "/test$file.text", {PAIR("", "")},
                {PAIR("date", "Fri, 24 May 2013 00:00:00 GMT"), PAIR("x-amz-storage-class", "REDUCED_REDUNDANCY")},
                "Welcome to Amazon S3.", true, "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
                "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd", "/test%24file.text"},
        {"S3: a query without a value", "GET", "/", {PAIR("lifecycle", "")}, {PAIR("", "")}, "", true,
                "host;x-amz-content-sha256;x-amz-date",
                "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543", "/?lifecycle="},
        {"S3: a list", "GET", "/", {PAIR("max-keys", "2"), PAIR("prefix", "J")}, {PAIR("", "")}, "", true,
                "host;x-amz-content-sha256;x-amz-date",
                "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7", "/?max-keys=2&prefix=J"},
};

static size_t pairs_of(const struct gb_aws_pair *pairs, size_t most)
{
	size_t n = 0;

	while (n < most && pairs[n].name.n != 0)
		n++;
	return n;
}

static struct gb_aws_request request_of(const struct row *row)
{
	return (struct gb_aws_request){.method = gb_span_cstr(row->method),
	        .host = row->is_s3 ? GB_SPAN("examplebucket.s3.amazonaws.com") : GB_SPAN("example.amazonaws.com"),
	        .path = gb_span_cstr(row->path),
	        .query = row->query,
	        .query_count = pairs_of(row->query, 3),
	        .fields = row->fields,
	        .field_count = pairs_of(row->fields, 4),
	        .payload = gb_span_cstr(row->payload),
	        .region = GB_SPAN("us-east-1"),
	        .service = row->is_s3 ? GB_SPAN("s3") : GB_SPAN("service"),
	        .is_s3 = row->is_s3};
}

static void check_row(const struct row *row)
{
	struct gb_aws_request request = request_of(row);
	struct gb_aws_signature signature;
	char want[512];

	(void)snprintf(want, sizeof(want),
	        "AWS4-HMAC-SHA256 Credential=%s/%s/us-east-1/%s/aws4_request, SignedHeaders=%s, Signature=%s",
	        row->is_s3 ? "AKIAIOSFODNN7EXAMPLE" : "AKIDEXAMPLE", row->is_s3 ? "20130524" : "20150830",
	        row->is_s3 ? "s3" : "service", row->fields_signed, row->signature);
	if (gb_aws_sign(&request, row->is_s3 ? &s3_key : &service_key, row->is_s3 ? AT_2013 : AT_2015, &signature) !=
	                0 ||
	        strcmp(signature.authorization, want) != 0 || strcmp(signature.target, row->target) != 0 ||
	        (signature.payload[0] != '\0') != row->is_s3)
		fail_msg("%s: got %s for %s, want %s", row->name, signature.authorization, signature.target, want);
}

static const struct row *row_of(const char *name)
{
	const struct row *row = rows;

	while (strcmp(row->name, name) != 0)
		row++;
	return row;
}

static void test_published(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check_row(&rows[i]);
}

static void test_token(void **state)
{
	struct gb_aws_key key = s3_key;
	struct gb_aws_request request = request_of(row_of("S3: part of an object"));
	struct gb_aws_signature without, with, other;

	(void)state;
	assert_int_equal(gb_aws_sign(&request, &key, AT_2013, &without), 0);
	key.token = GB_SPAN("a session's token");
	assert_int_equal(gb_aws_sign(&request, &key, AT_2013, &with), 0);
	assert_non_null(strstr(with.authorization, ";x-amz-date;x-amz-security-token, "));
	key.token = GB_SPAN("another token");
	assert_int_equal(gb_aws_sign(&request, &key, AT_2013, &other), 0);
	assert_string_not_equal(with.authorization, other.authorization);
	assert_string_not_equal(with.authorization, without.authorization);
}

static void test_refused(void **state)
{
	static unsigned char large[20000];
	struct gb_aws_pair many[GB_AWS_PAIRS_MAX + 1];
	struct gb_aws_pair broken = {GB_SPAN("x-amz-meta"), GB_SPAN("a\r\nx-amz-acl: public-read")};
	struct gb_aws_signature signature;
	struct gb_aws_request request;
	struct gb_aws_key key = s3_key;

	(void)state;
	memset(large, 'a', sizeof(large));
	request = request_of(row_of("S3: part of an object"));
	assert_int_equal(gb_aws_sign(&request, &key, -1, &signature), -EINVAL);
	assert_int_equal(gb_aws_sign(&request, &key, INT64_MAX, &signature), -EINVAL);
	request.fields = &broken;
	assert_int_equal(gb_aws_sign(&request, &key, AT_2013, &signature), -EINVAL);
	request = request_of(row_of("S3: part of an object"));
	request.path = gb_span_of(large, sizeof(large));
	assert_int_equal(gb_aws_sign(&request, &key, AT_2013, &signature), -EMSGSIZE);
	request = request_of(row_of("S3: part of an object"));
	key.token = gb_span_of(large, sizeof(large));
	assert_int_equal(gb_aws_sign(&request, &key, AT_2013, &signature), -EMSGSIZE);
	key = s3_key;
	key.secret = gb_span_of(large, 300);
	assert_int_equal(gb_aws_sign(&request, &key, AT_2013, &signature), -EMSGSIZE);
	for (size_t i = 0; i <= GB_AWS_PAIRS_MAX; i++)
		many[i] = (struct gb_aws_pair){GB_SPAN("a"), GB_SPAN("b")};
	request.query = many;
	request.query_count = GB_AWS_PAIRS_MAX + 1;
	assert_int_equal(gb_aws_sign(&request, &s3_key, AT_2013, &signature), -EMSGSIZE);
	request.query_count = GB_AWS_PAIRS_MAX;
	assert_int_equal(gb_aws_sign(&request, &s3_key, AT_2013, &signature), 0);
}

/* RFC 4231, cases 1, 2 and 6. */
static void test_hmac(void **state)
{
	unsigned char key[131], mac[32];
	char hex[65];
	struct gb_span messages[] = {
	        GB_SPAN("Hi There"), GB_SPAN("Test Using Larger Than Block-Size Key - Hash Key First")};
	const char *want[] = {"b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
	        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"};

	(void)state;
	for (int i = 0; i < 2; i++) {
		memset(key, i == 0 ? 0x0b : 0xaa, sizeof(key));
		assert_int_equal(gb_aws_hmac(gb_span_of(key, i == 0 ? 20 : 131), messages[i], mac), 0);
		for (size_t at = 0; at < sizeof(mac); at++)
			(void)snprintf(hex + 2 * at, 3, "%02x", mac[at]);
		assert_string_equal(hex, want[i]);
	}
	assert_int_equal(gb_aws_hmac(GB_SPAN("Jefe"), GB_SPAN("what do ya want for nothing?"), mac), 0);
	assert_int_equal(mac[0], 0x5b);
	assert_int_equal(gb_aws_hmac(GB_SPAN("k"), gb_span_of(key, 3000), mac), -EMSGSIZE);
}

static void test_dates(void **state)
{
	static const struct {
		const char *text;
		bool is_http, is_date;
		int64_t seconds;
	} dates[] = {
	        {"Sun, 06 Nov 1994 08:49:37 GMT", true, true, 784111777},
	        {"Thu, 01 Jan 1970 00:00:00 GMT", true, false, 0},
	        {"Tue, 29 Feb 2028 23:59:59 GMT", true, true, 1835481599},
	        {"Wed, 29 Feb 2027 23:59:59 GMT", true, false, 0},
	        {"Sun, 06 nov 1994 08:49:37 GMT", true, false, 0},
	        {"Sun, 06 ovD 1994 08:49:37 GMT", true, false, 0},
	        {"Sun, 06 Nov 1994 24:49:37 GMT", true, false, 0},
	        {"Sunday, 06-Nov-94 08:49:37 GMT", true, false, 0},
	        {"Sun, 06 Nov 1994 08:49:37 +01", true, false, 0},
	        {"", true, false, 0},
	        {"2026-11-21T14:00:00Z", false, true, 1795269600},
	        {"2026-11-21T14:00:00.123456Z", false, true, 1795269600},
	        {"2026-11-21T14:00:00", false, false, 0},
	        {"2026-11-21 14:00:00Z", false, false, 0},
	        {"2026-11-31T14:00:00Z", false, false, 0},
	};
	char text[17];

	(void)state;
	for (size_t i = 0; i < sizeof(dates) / sizeof(dates[0]); i++) {
		struct gb_span span = gb_span_cstr(dates[i].text);
		int64_t seconds = 0;
		bool is_date =
		        dates[i].is_http ? gb_aws_date_of_http(span, &seconds) : gb_aws_date_of_iso(span, &seconds);

		if (is_date != dates[i].is_date || seconds != dates[i].seconds)
			fail_msg("%s: %d, %lld", dates[i].text, is_date, (long long)seconds);
	}
	assert_true(gb_aws_date_print(AT_2015, text));
	assert_string_equal(text, "20150830T123600Z");
	assert_true(gb_aws_date_print(0, text));
	assert_string_equal(text, "19700101T000000Z");
	assert_true(gb_aws_date_print(253402300799, text));
	assert_string_equal(text, "99991231T235959Z");
	assert_false(gb_aws_date_print(253402300800, text));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_published),
	        cmocka_unit_test(test_token),
	        cmocka_unit_test(test_refused),
	        cmocka_unit_test(test_hmac),
	        cmocka_unit_test(test_dates),
	};

	return cmocka_run_group_tests_name("aws sign", tests, NULL, NULL);
}
