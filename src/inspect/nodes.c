/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect/walk.h"

struct row {
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
static const struct row root[] = {
        {S("queryStringParameters"), GB_NODE_OTHER, GB_ORIGIN_QUERY, 0},
        {S("multiValueQueryStringParameters"), GB_NODE_OTHER, GB_ORIGIN_QUERY, 0},
        {S("rawQueryString"), GB_NODE_OTHER, GB_ORIGIN_QUERY, 0},
        {S("headers"), GB_NODE_HEADERS, GB_ORIGIN_HEADER, 0},
        {S("multiValueHeaders"), GB_NODE_HEADERS, GB_ORIGIN_HEADER, 0},
        {S("cookies"), GB_NODE_OTHER, GB_ORIGIN_COOKIE, 0},
        {S("path"), GB_NODE_OTHER, GB_ORIGIN_PATH, 0},
        {S("rawPath"), GB_NODE_OTHER, GB_ORIGIN_PATH, 0},
        {S("pathParameters"), GB_NODE_OTHER, GB_ORIGIN_PATH, 0},
        {S("body"), GB_NODE_OTHER, GB_ORIGIN_BODY, GB_SIGN_BODY},
        {S("isBase64Encoded"), GB_NODE_OTHER, INHERIT, GB_SIGN_BODY_BASE64},
        {S("httpMethod"), GB_NODE_OTHER, INHERIT, GB_SIGN_HTTP_METHOD},
        {S("requestContext"), GB_NODE_CONTEXT, INHERIT, GB_SIGN_CONTEXT},
        {S("Records"), GB_NODE_RECORDS, INHERIT, 0},
        {S("detail-type"), GB_NODE_OTHER, INHERIT, GB_SIGN_DETAIL_TYPE},
        {S("detail"), GB_NODE_OTHER, GB_ORIGIN_MESSAGE, 0},
};

static const struct row request_context[] = {
        {S("elb"), GB_NODE_OTHER, INHERIT, GB_SIGN_ELB},
        {S("identity"), GB_NODE_IDENTITY, INHERIT, 0},
        {S("http"), GB_NODE_HTTP, INHERIT, GB_SIGN_CONTEXT_HTTP},
};

static const struct row identity[] = {
        {S("sourceIp"), GB_NODE_OTHER, INHERIT, GB_SIGN_ADDRESS},
};

static const struct row http[] = {
        {S("sourceIp"), GB_NODE_OTHER, INHERIT, GB_SIGN_ADDRESS},
        {S("path"), GB_NODE_OTHER, GB_ORIGIN_PATH, 0},
};

static const struct row headers[] = {
        {S("cookie"), GB_NODE_OTHER, GB_ORIGIN_COOKIE, 0},
        {S("Cookie"), GB_NODE_OTHER, GB_ORIGIN_COOKIE, 0},
        {S("x-forwarded-for"), GB_NODE_OTHER, INHERIT, GB_SIGN_FORWARDED_FOR},
        {S("X-Forwarded-For"), GB_NODE_OTHER, INHERIT, GB_SIGN_FORWARDED_FOR},
};

static const struct row record[] = {
        {S("s3"), GB_NODE_S3, INHERIT, GB_SIGN_RECORD_S3},
        {S("Sns"), GB_NODE_SNS, GB_ORIGIN_MESSAGE, GB_SIGN_RECORD_SNS},
        {S("body"), GB_NODE_OTHER, GB_ORIGIN_MESSAGE, GB_SIGN_RECORD_BODY},
        {S("messageAttributes"), GB_NODE_OTHER, GB_ORIGIN_MESSAGE, 0},
        {S("kinesis"), GB_NODE_KINESIS, GB_ORIGIN_MESSAGE, 0},
        {S("dynamodb"), GB_NODE_OTHER, GB_ORIGIN_MESSAGE, 0},
        {S("requestParameters"), GB_NODE_S3_PARAMETERS, INHERIT, 0},
};

static const struct row s3_parameters[] = {
        {S("sourceIPAddress"), GB_NODE_OTHER, INHERIT, GB_SIGN_ADDRESS},
};

static const struct row s3[] = {
        {S("object"), GB_NODE_S3_OBJECT, INHERIT, 0},
};

static const struct row s3_object[] = {
        {S("key"), GB_NODE_OTHER, GB_ORIGIN_OBJECT_KEY, 0},
};

#define ROWS(array)                                                                                                    \
	{                                                                                                              \
		(array), sizeof(array) / sizeof((array)[0])                                                            \
	}
static const struct {
	const struct row *rows;
	size_t count;
} members_of[_GB_NODE_MAX] = {
        [GB_NODE_ROOT] = ROWS(root),
        [GB_NODE_CONTEXT] = ROWS(request_context),
        [GB_NODE_IDENTITY] = ROWS(identity),
        [GB_NODE_HTTP] = ROWS(http),
        [GB_NODE_HEADERS] = ROWS(headers),
        [GB_NODE_RECORD] = ROWS(record),
        [GB_NODE_S3_PARAMETERS] = ROWS(s3_parameters),
        [GB_NODE_S3] = ROWS(s3),
        [GB_NODE_S3_OBJECT] = ROWS(s3_object),
};

struct gb_walk_member gb_walk_member_of(enum gb_walk_node node, enum gb_origin origin, struct gb_span name)
{
	struct gb_walk_member member = {.node = GB_NODE_OTHER, .origin = origin};

	for (size_t i = 0; i < members_of[node].count; i++) {
		const struct row *row = &members_of[node].rows[i];

		if (!gb_span_equal(name, row->name))
			continue;
		member.node = row->to;
		member.origin = row->origin == INHERIT ? origin : (enum gb_origin)row->origin;
		member.signs = row->signs;
		break;
	}
	return member;
}
