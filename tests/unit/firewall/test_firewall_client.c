/* SPDX-License-Identifier: Apache-2.0 */
/* Whose address counts, by shape of event and by what the policy trusts. */
#include "firewall/firewall.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "policy.h"

static const struct row {
	const char *settings;
	enum gb_event_shape shape;
	const char *forwarded_for, *header, *peer, *client;
} rows[] = {
        /* API Gateway: its own word. */
        {"", GB_SHAPE_API_GATEWAY_V1, "6.6.6.6, 1.1.1.1", "", "2.2.2.2", "2.2.2.2"},
        {"trustedHops: 2", GB_SHAPE_API_GATEWAY_V2, "6.6.6.6, 1.1.1.1", "", "2.2.2.2", "2.2.2.2"},
        /* Load balancer: from the right. */
        {"", GB_SHAPE_ALB, "6.6.6.6, 1.1.1.1", "", "", "1.1.1.1"},
        {"", GB_SHAPE_ALB, "1.1.1.1", "", "", "1.1.1.1"},
        {"", GB_SHAPE_ALB, "", "", "3.3.3.3", "3.3.3.3"},
        {"trustedHops: 2", GB_SHAPE_ALB, "6.6.6.6, 1.1.1.1, 10.0.0.1", "", "", "1.1.1.1"},
        {"trustedHops: 3", GB_SHAPE_ALB, "1.1.1.1, 10.0.0.1", "", "", "1.1.1.1"},
        {"trustedProxies: [10.0.0.0/8]", GB_SHAPE_ALB, "6.6.6.6, 1.1.1.1, 10.0.0.2,10.0.0.1", "", "", "1.1.1.1"},
        {"trustedProxies: [10.0.0.0/8]", GB_SHAPE_ALB, "10.0.0.3, 10.0.0.1", "", "", "10.0.0.3"},
        {"trustedProxies: [10.0.0.0/8]", GB_SHAPE_ALB, "10.9.9.9, 1.1.1.1", "", "", "1.1.1.1"},
        {"trustedProxies: ['fd00::/8']", GB_SHAPE_ALB, "2001:db8::1, fd00::1", "", "", "2001:db8::1"},
        {"trustedProxies: [10.0.0.0/8]", GB_SHAPE_ALB, "unknown, 10.0.0.1", "", "", "unknown"},
        /* CloudFront in front. */
        {"header: cloudfront-viewer-address", GB_SHAPE_API_GATEWAY_V1, "", "198.51.100.10:46532", "2.2.2.2",
                "198.51.100.10:46532"},
        {"header: cloudfront-viewer-address", GB_SHAPE_API_GATEWAY_V1, "", "", "2.2.2.2", "2.2.2.2"},
        {"header: cloudfront-viewer-address", GB_SHAPE_API_GATEWAY_V1, "", "nonsense", "2.2.2.2", "2.2.2.2"},
        {"header: true-client-ip, trustedProxies: [2.2.2.0/24]", GB_SHAPE_API_GATEWAY_V1, "", "5.5.5.5", "2.2.2.2",
                "5.5.5.5"},
        {"header: true-client-ip, trustedProxies: [2.2.2.0/24]", GB_SHAPE_API_GATEWAY_V1, "", "5.5.5.5", "2.2.3.2",
                "2.2.3.2"},
        {"header: true-client-ip, trustedProxies: [2.2.2.0/24]", GB_SHAPE_ALB, "6.6.6.6, 2.2.2.9", "5.5.5.5", "",
                "5.5.5.5"},
        {"header: true-client-ip, trustedProxies: [2.2.2.0/24]", GB_SHAPE_ALB, "2.2.2.9, 6.6.6.6", "5.5.5.5", "",
                "6.6.6.6"},
        {"header: x-real-ip", GB_SHAPE_ALB, "1.1.1.1", "7.7.7.7, 5.5.5.5", "", "5.5.5.5"},
};

static void clients(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char settings[256];
		struct loaded loaded;
		struct gb_inspect_head head = {
		        .forwarded_for = gb_span_cstr(rows[i].forwarded_for), .header = gb_span_cstr(rows[i].header)};
		struct gb_span client;

		snprintf(settings, sizeof(settings), "sources: {clientAddress: {%s}}", rows[i].settings);
		loaded = load(settings);
		client = gb_firewall_client(&loaded.policy, rows[i].shape, &head, gb_span_cstr(rows[i].peer));
		if (!gb_span_equal(client, gb_span_cstr(rows[i].client)))
			fail_msg("row %zu: %.*s, not %s", i, (int)client.n, client.p, rows[i].client);
		free(loaded.blob);
	}
}

static void addresses(void **state)
{
	static const struct {
		const char *text;
		bool is_good;
		unsigned char last;
	} table[] = {
	        {"1.2.3.4", true, 4},
	        {" 1.2.3.4 ", true, 4},
	        {"1.2.3.4:80", true, 4},
	        {"::1", true, 1},
	        {"[::1]:80", true, 1},
	        {"[::1]", true, 1},
	        {"::ffff:1.2.3.4", true, 4},
	        {"2001:db8:0:0:0:0:0:7:46532", true, 7},
	        {"2001:db8::7:46532", true, 7},
	        {"", false, 0},
	        {"a", false, 0},
	        {"1.2.3", false, 0},
	        {"1.2.3.4.5", false, 0},
	        {"01.2.3.4x", false, 0},
	        {"[::1", false, 0},
	        {"[", false, 0},
	        {":", false, 0},
	        {"unknown", false, 0},
	        {"1111111111111111111111111111111111111111111111111111111111111", false, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		unsigned char ip[16] = {0};

		if (gb_firewall_address_parse(gb_span_cstr(table[i].text), ip) != table[i].is_good ||
		        (table[i].is_good && ip[15] != table[i].last))
			fail_msg("'%s'", table[i].text);
	}
}

static void heads(void **state)
{
	static const char v1[] =
	        "{\"resource\":\"/c/{id}\",\"path\":\"/c/7\",\"httpMethod\":\"PUT\",\"headers\":{\"X-Forwarded-For\":"
	        "\"1.1.1.1\",\"X-Real-IP\":\"2.2.2.2\"},\"body\":\"{\\\"path\\\":\\\"/x\\\"}\"}";
	static const char v2[] =
	        "{\"routeKey\":\"POST /c/{id}\",\"rawPath\":\"/c/8\",\"requestContext\":{\"http\":{\"method\":"
	        "\"POST\",\"path\":\"/c/8\"}}}";
	static const char alb[] =
	        "{\"requestContext\":{\"elb\":{}},\"httpMethod\":\"GET\",\"path\":\"/\",\"multiValueHeaders\":{"
	        "\"x-forwarded-for\":[\"3.3.3.3\"]}}";
	struct gb_inspect_head head;

	(void)state;
	gb_inspect_event_head(GB_SPAN(v1), GB_SPAN("x-real-ip"), &head);
	assert_true(gb_span_equal(head.method, GB_SPAN("PUT")) && gb_span_equal(head.resource, GB_SPAN("/c/{id}")));
	assert_true(gb_span_equal(head.path, GB_SPAN("/c/7")) && gb_span_equal(head.header, GB_SPAN("2.2.2.2")));
	assert_true(gb_span_equal(head.forwarded_for, GB_SPAN("1.1.1.1")));
	gb_inspect_event_head(GB_SPAN(v2), GB_SPAN_EMPTY, &head);
	assert_true(gb_span_equal(head.method, GB_SPAN("POST")) && gb_span_equal(head.resource, GB_SPAN("/c/{id}")));
	assert_true(gb_span_equal(head.path, GB_SPAN("/c/8")));
	gb_inspect_event_head(GB_SPAN(alb), GB_SPAN_EMPTY, &head);
	assert_true(gb_span_equal(head.forwarded_for, GB_SPAN("3.3.3.3")) && head.resource.n == 0);
	gb_inspect_event_head(GB_SPAN("{\"httpMethod\":\"GET\""), GB_SPAN_EMPTY, &head);
	assert_true(head.method.n == 0);
	gb_inspect_event_head(
	        GB_SPAN("{\"routeKey\":\"$default\",\"headers.x-forwarded-for\":\"9.9.9.9\"}"), GB_SPAN_EMPTY, &head);
	assert_true(head.resource.n == 0 && head.forwarded_for.n == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(clients), cmocka_unit_test(addresses), cmocka_unit_test(heads)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
