/* SPDX-License-Identifier: Apache-2.0 */
/* Names and addresses: what several of them show in common, and the boundaries that no number of them crosses. */
#include "learn/learn.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char ranges_text[] =
        "{\"prefixes\":[{\"ip_prefix\":\"52.94.0.0/22\",\"region\":\"us-east-1\",\"service\":\"DYNAMODB\"},"
        "{\"ip_prefix\":\"52.119.224.0/20\",\"region\":\"us-east-1\",\"service\":\"DYNAMODB\"},"
        "{\"ip_prefix\":\"52.94.24.0/23\",\"region\":\"eu-west-1\",\"service\":\"DYNAMODB\"},"
        "{\"ip_prefix\":\"52.94.0.0/16\",\"region\":\"us-east-1\",\"service\":\"AMAZON\"},"
        "{\"ip_prefix\":\"54.0.0.0/8\",\"region\":\"us-east-1\",\"service\":\"EC2\"}],"
        "\"ipv6_prefixes\":[{\"ipv6_prefix\":\"2600:1f00::/40\",\"region\":\"us-east-1\",\"service\":\"DYNAMODB\"}]}";

static const struct row {
	const char *kind;
	const char *subjects; /* blank between; behind '=' the name under which it was looked up */
	const char *expected; /* lines of the listing, ';' behind each */
	bool has_ranges;
} rows[] = {
        {"name_lookup", "a.example.com b.example.com c.example.com d.example.com",
                "host a.example.com;host b.example.com;host c.example.com;host d.example.com;", false},
        {"name_lookup", "shard-01.db.example.com shard-02.db.example.com shard-03.db.example.com",
                "host shard-01.db.example.com;host shard-02.db.example.com;host shard-03.db.example.com;", false},
        {"name_lookup",
                "shard-01.db.example.com shard-02.db.example.com shard-03.db.example.com shard-44.db.example.com "
                "www.db.example.com",
                "host *.db.example.com;host www.db.example.com;", false},
        {"name_lookup", "b01.s3.amazonaws.com b02.s3.amazonaws.com b03.s3.amazonaws.com b04.s3.amazonaws.com",
                "host b01.s3.amazonaws.com;host b02.s3.amazonaws.com;host b03.s3.amazonaws.com;host "
                "b04.s3.amazonaws.com;",
                false},
        {"name_lookup", "a01.com a02.com a03.com a04.com", "host a01.com;host a02.com;host a03.com;host a04.com;",
                false},
        {"name_lookup", "a01.co.uk a02.co.uk a03.co.uk a04.co.uk",
                "host a01.co.uk;host a02.co.uk;host a03.co.uk;host a04.co.uk;", false},
        {"net_connect", "93.184.216.34:443=example.com 93.184.216.35:443=example.com", "host example.com;", false},
        {"net_connect", "10.0.1.1:5432 10.0.1.2:5432 10.0.1.3:5432",
                "address 10.0.1.1:5432;address 10.0.1.2:5432;address 10.0.1.3:5432;", false},
        {"net_connect", "10.0.1.1:5432 10.0.1.2:5432 10.0.1.3:5432 10.0.1.4:5432 10.0.1.4:22",
                "address 10.0.1.0/24:5432;address 10.0.1.4:22;", false},
        {"net_connect", "10.0.1.1:80 10.0.2.1:80 10.0.3.1:80 10.0.4.1:80",
                "address 10.0.1.1:80;address 10.0.2.1:80;address 10.0.3.1:80;address 10.0.4.1:80;", false},
        {"net_connect", "93.184.216.1:80 93.184.216.2:80 93.184.216.3:80 93.184.216.4:80",
                "address 93.184.216.1:80;address 93.184.216.2:80;address 93.184.216.3:80;address "
                "93.184.216.4:80;",
                false},
        {"net_connect", "[fd00::1]:53 [fd00::2]:53 [fd00::3]:53 [fd00::4]:53", "address [fd00::/64]:53;", false},
        {"net_connect", "52.94.1.1:443 52.94.2.9:443", "address 52.94.1.1:443;address 52.94.2.9:443;", false},
        {"net_connect", "52.94.1.1:443", "address 52.94.1.1:443;", true},
        {"net_connect", "52.94.1.1:443 52.94.2.9:443 52.94.24.1:443",
                "address 52.119.224.0/20:443;address 52.94.0.0/22:443;address 52.94.24.1:443;address "
                "[2600:1f00::/40]:443;",
                true},
        {"net_connect", "52.94.1.1:443 52.94.2.9:80", "address 52.94.1.1:443;address 52.94.2.9:80;", true},
        {"net_connect", "54.1.1.1:443 54.1.1.2:443 54.1.1.3:443",
                "address 54.1.1.1:443;address 54.1.1.2:443;address 54.1.1.3:443;", true},
        {"net_send", "169.254.169.254:80 169.254.169.253:53 169.254.169.1:80 169.254.169.2:80 169.254.169.3:80",
                "address 169.254.169.1:80;address 169.254.169.253:53;address 169.254.169.254:80;address "
                "169.254.169.2:80;address 169.254.169.3:80;",
                false},
        {"aws_api", "s3:GetObject=arn:aws:s3:::in/a.png s3:GetObject=arn:aws:s3:::in/b.csv",
                "api s3:GetObject arn:aws:s3:::in/a.png;api s3:GetObject arn:aws:s3:::in/b.csv;", false},
        {"aws_api",
                "s3:GetObject=arn:aws:s3:::in/a.png s3:GetObject=arn:aws:s3:::in/b.png "
                "s3:GetObject=arn:aws:s3:::in/c.png "
                "s3:GetObject=arn:aws:s3:::in/d.png s3:PutObject=arn:aws:s3:::out/0e37c1ab-ffee-4b5a-abcd-abcdefabcdef",
                "api s3:GetObject arn:aws:s3:::in/*.png;api s3:PutObject arn:aws:s3:::out/*;", false},
        {"aws_api",
                "s3:GetObject=arn:aws:s3:::b1/x s3:GetObject=arn:aws:s3:::b2/x s3:GetObject=arn:aws:s3:::b3/x "
                "s3:GetObject=arn:aws:s3:::b4/x",
                "api s3:GetObject arn:aws:s3:::b1/x;api s3:GetObject arn:aws:s3:::b2/x;api s3:GetObject "
                "arn:aws:s3:::b3/x;api s3:GetObject arn:aws:s3:::b4/x;",
                false},
        {"aws_api",
                "dynamodb:GetItem=arn:aws:dynamodb:eu-west-1:1:table/t1 "
                "dynamodb:GetItem=arn:aws:dynamodb:eu-west-1:1:table/t2 "
                "sts:GetCallerIdentity",
                "api dynamodb:GetItem arn:aws:dynamodb:eu-west-1:1:table/t1;api dynamodb:GetItem "
                "arn:aws:dynamodb:eu-west-1:1:table/t2;api sts:GetCallerIdentity;",
                false},
        {"aws_api", "nonsense s3:GetObject=nonsense", "", false},
        {"http_request", "GET\\u0020api.example.com=/users/12 GET\\u0020api.example.com=/users/345 POST\\u0020x.org=/a",
                "request GET api.example.com/users/*;request POST x.org/a;", false},
        {"http_request", "GET=/x GET\\u0020api.example.com", "", false},
        {"net_connect", "nonsense 300.1.1.1:80 10.0.0.1", "", false},
};

static void observe(struct gb_profile *profile, const struct row *row)
{
	char subjects[600], *save = NULL;

	(void)snprintf(subjects, sizeof(subjects), "%s", row->subjects);
	for (char *word = strtok_r(subjects, " ", &save); word != NULL; word = strtok_r(NULL, " ", &save)) {
		struct gb_profile_reading reading = {0};
		char *name = strchr(word, '='), log[800];

		if (name != NULL)
			*name++ = '\0';
		(void)snprintf(log, sizeof(log),
		        "{\"gambeson\":1,\"kind\":\"observations\",\"request\":\"r\",\"items\":[{\"kind\":\"%s\","
		        "\"subject\":\"%s\",\"object\":\"%s\"}]}\n",
		        row->kind, word, name != NULL ? name : "");
		assert_int_equal(gb_profile_add_log(profile, gb_span_cstr(log), &reading), 0);
	}
}

static void check(const struct row *row, const struct gb_boundaries *boundaries, const struct gb_ranges *ranges)
{
	struct gb_learn_settings settings = gb_learn_settings_usual();
	struct gb_profile *profile = gb_profile_new();
	struct gb_policyc_document *document;
	struct gb_policyc_strings lines;
	struct gb_learn_view *view;
	char have[2000] = "";
	size_t n = 0;

	observe(profile, row);
	settings.boundaries = boundaries;
	settings.ranges = row->has_ranges ? ranges : NULL;
	assert_int_equal(gb_learn_view_new(profile, &settings, &view, NULL), 0);
	assert_int_equal(gb_learn_allowlist(view, &document), 0);
	assert_int_equal(gb_learn_list(document, &lines), 0);
	for (size_t i = 0; i < lines.count; i++)
		n += (size_t)snprintf(have + n, sizeof(have) - n, "%s;", lines.items[i]);
	if (strcmp(have, row->expected) != 0)
		fail_msg("%s\ngave\n%s", row->subjects, have);
	gb_policyc_document_free(document);
	gb_learn_view_free(view);
	gb_profile_free(profile);
}

static void names_and_addresses(void **state)
{
	struct gb_boundaries *boundaries = gb_boundaries_new();
	struct gb_ranges *ranges = NULL;

	(void)state;
	assert_non_null(boundaries);
	assert_int_equal(gb_ranges_parse(gb_span_cstr(ranges_text), &ranges, NULL), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check(&rows[i], boundaries, ranges);
	gb_ranges_free(ranges);
	gb_boundaries_free(boundaries);
}

static void bad_ranges_are_refused(void **state)
{
	static const char *const texts[] = {"", "[]", "{}", "{\"prefixes\":[],\"ipv6_prefixes\":5}",
	        "{\"prefixes\":[{\"ip_prefix\":\"1.2.3.4/33\",\"service\":\"S3\"}],\"ipv6_prefixes\":[]}",
	        "{\"prefixes\":[{\"ip_prefix\":\"1.2.3.0/24\"}],\"ipv6_prefixes\":[]}"};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct gb_ranges *ranges = NULL;
		struct gb_diag diag = {0};

		assert_int_equal(gb_ranges_parse(gb_span_cstr(texts[i]), &ranges, &diag), -22);
		assert_true(ranges == NULL && diag.message[0] != '\0');
	}
}

static void bad_boundaries_are_refused(void **state)
{
	static const char *const texts[] = {"vary tmp", "vary /", "vary", "vary /a/ b", "never", "never nothing /x",
	        "never any", "network 10.0.0.0", "network 10.0.0.0/33", "network x/8", "nonsense x", "host a b"};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct gb_boundaries *boundaries = NULL;
		struct gb_diag diag = {0};

		if (gb_boundaries_parse(gb_span_cstr(texts[i]), &boundaries, &diag) != -22 || diag.line != 1)
			fail_msg("taken: %s", texts[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(names_and_addresses),
	        cmocka_unit_test(bad_ranges_are_refused),
	        cmocka_unit_test(bad_boundaries_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
