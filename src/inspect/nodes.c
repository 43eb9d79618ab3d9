/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect/walk.h"

struct row {
	enum gb_walk_node from;
	struct gb_span name;
	enum gb_walk_node to;
	int origin; /* enum gb_origin, or INHERIT */
	uint16_t signs;
};

#define INHERIT (-1)
#define S(text)                                                                                                        \
	{                                                                                                              \
		(const unsigned char *)(text), sizeof(text) - 1                                                        \
	}

/* The members of well-known events that say where text comes from. Everything below inherits its origin. A hint for
 * people and for decoding of `+`; every string is inspected whatever stands here. */
static const struct row rows[] = {
        {GB_NODE_ROOT, S("queryStringParameters"), GB_NODE_OTHER, GB_ORIGIN_QUERY, 0},
        {GB_NODE_ROOT, S("multiValueQueryStringParameters"), GB_NODE_OTHER, GB_ORIGIN_QUERY, 0},
        {GB_NODE_ROOT, S("rawQueryString"), GB_NODE_OTHER, GB_ORIGIN_QUERY, 0},
        {GB_NODE_ROOT, S("headers"), GB_NODE_HEADERS, GB_ORIGIN_HEADER, 0},
        {GB_NODE_ROOT, S("multiValueHeaders"), GB_NODE_HEADERS, GB_ORIGIN_HEADER, 0},
        {GB_NODE_ROOT, S("cookies"), GB_NODE_OTHER, GB_ORIGIN_COOKIE, 0},
        {GB_NODE_ROOT, S("path"), GB_NODE_OTHER, GB_ORIGIN_PATH, 0},
        {GB_NODE_ROOT, S("rawPath"), GB_NODE_OTHER, GB_ORIGIN_PATH, 0},
        {GB_NODE_ROOT, S("pathParameters"), GB_NODE_OTHER, GB_ORIGIN_PATH, 0},
        {GB_NODE_ROOT, S("body"), GB_NODE_OTHER, GB_ORIGIN_BODY, GB_SIGN_BODY},
        {GB_NODE_ROOT, S("isBase64Encoded"), GB_NODE_OTHER, INHERIT, GB_SIGN_BODY_BASE64},
        {GB_NODE_ROOT, S("httpMethod"), GB_NODE_OTHER, INHERIT, GB_SIGN_HTTP_METHOD},
        {GB_NODE_ROOT, S("requestContext"), GB_NODE_CONTEXT, INHERIT, GB_SIGN_CONTEXT},
        {GB_NODE_ROOT, S("Records"), GB_NODE_RECORDS, INHERIT, 0},
        {GB_NODE_ROOT, S("detail-type"), GB_NODE_OTHER, INHERIT, GB_SIGN_DETAIL_TYPE},
        {GB_NODE_ROOT, S("detail"), GB_NODE_OTHER, GB_ORIGIN_MESSAGE, 0},
        {GB_NODE_CONTEXT, S("elb"), GB_NODE_OTHER, INHERIT, GB_SIGN_ELB},
        {GB_NODE_CONTEXT, S("identity"), GB_NODE_IDENTITY, INHERIT, 0},
        {GB_NODE_CONTEXT, S("http"), GB_NODE_HTTP, INHERIT, GB_SIGN_CONTEXT_HTTP},
        {GB_NODE_IDENTITY, S("sourceIp"), GB_NODE_OTHER, INHERIT, GB_SIGN_ADDRESS},
        {GB_NODE_HTTP, S("sourceIp"), GB_NODE_OTHER, INHERIT, GB_SIGN_ADDRESS},
        {GB_NODE_HTTP, S("path"), GB_NODE_OTHER, GB_ORIGIN_PATH, 0},
        {GB_NODE_HEADERS, S("cookie"), GB_NODE_OTHER, GB_ORIGIN_COOKIE, 0},
        {GB_NODE_HEADERS, S("Cookie"), GB_NODE_OTHER, GB_ORIGIN_COOKIE, 0},
        {GB_NODE_HEADERS, S("x-forwarded-for"), GB_NODE_OTHER, INHERIT, GB_SIGN_FORWARDED_FOR},
        {GB_NODE_HEADERS, S("X-Forwarded-For"), GB_NODE_OTHER, INHERIT, GB_SIGN_FORWARDED_FOR},
        {GB_NODE_RECORD, S("s3"), GB_NODE_S3, INHERIT, GB_SIGN_RECORD_S3},
        {GB_NODE_RECORD, S("Sns"), GB_NODE_SNS, GB_ORIGIN_MESSAGE, GB_SIGN_RECORD_SNS},
        {GB_NODE_RECORD, S("body"), GB_NODE_OTHER, GB_ORIGIN_MESSAGE, GB_SIGN_RECORD_BODY},
        {GB_NODE_RECORD, S("messageAttributes"), GB_NODE_OTHER, GB_ORIGIN_MESSAGE, 0},
        {GB_NODE_RECORD, S("kinesis"), GB_NODE_KINESIS, GB_ORIGIN_MESSAGE, 0},
        {GB_NODE_RECORD, S("dynamodb"), GB_NODE_OTHER, GB_ORIGIN_MESSAGE, 0},
        {GB_NODE_RECORD, S("requestParameters"), GB_NODE_S3_PARAMETERS, INHERIT, 0},
        {GB_NODE_S3_PARAMETERS, S("sourceIPAddress"), GB_NODE_OTHER, INHERIT, GB_SIGN_ADDRESS},
        {GB_NODE_S3, S("object"), GB_NODE_S3_OBJECT, INHERIT, 0},
        {GB_NODE_S3_OBJECT, S("key"), GB_NODE_OTHER, GB_ORIGIN_OBJECT_KEY, 0},
};

struct gb_walk_member gb_walk_member_of(enum gb_walk_node node, enum gb_origin origin, struct gb_span name)
{
	struct gb_walk_member member = {.node = GB_NODE_OTHER, .origin = origin};

	if (node == GB_NODE_OTHER)
		return member;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].from != node || !gb_span_equal(name, rows[i].name))
			continue;
		member.node = rows[i].to;
		member.origin = rows[i].origin == INHERIT ? origin : (enum gb_origin)rows[i].origin;
		member.signs = rows[i].signs;
		break;
	}
	return member;
}
