/* SPDX-License-Identifier: Apache-2.0 */
/*
 * aws/sign: requests to AWS's services, signed (Signature Version 4). Pure: no clock, no memory of its own, no network; the
 * agent has it too. Names, values and paths are given as they are meant; here they are encoded.
 */
#ifndef GB_AWS_SIGN_H
#define GB_AWS_SIGN_H

#include "base/sha256.h"
#include "base/span.h"

#define GB_AWS_PAIRS_MAX        16u
#define GB_AWS_TARGET_BYTES     4096u
#define GB_AWS_CREDENTIAL_BYTES 4096u /* of a session token, the longest part */

/* What a request is signed with. An empty token: there is none. */
struct gb_aws_key {
	struct gb_span id, secret, token;
};

struct gb_aws_pair {
	struct gb_span name, value;
};

struct gb_aws_request {
	struct gb_span method;
	struct gb_span host;             /* as in the field Host, with its port when that is not the scheme's own */
	struct gb_span path;             /* not encoded, begins with '/' */
	const struct gb_aws_pair *query; /* not encoded, in any order */
	size_t query_count;
	const struct gb_aws_pair *
	        fields; /* further ones that are to be signed; names in lower case; without host, x-amz-date and those below */
	size_t field_count;
	struct gb_span payload;
	struct gb_span region, service;
	bool is_s3; /* the path is encoded once and the payload's hash is a field of the head */
};

/* What is added to a request. All of them are NUL-terminated. */
struct gb_aws_signature {
	char target[GB_AWS_TARGET_BYTES];      /* encoded path and query */
	char date[17];                         /* x-amz-date */
	char payload[2 * GB_SHA256_BYTES + 1]; /* x-amz-content-sha256; empty unless `is_s3` */
	char authorization[1024];
};

/* Sign REQUEST at TIME, in seconds since 1970. The token, if there is one, must be sent as x-amz-security-token. -EINVAL: TIME
 * is no time, or a part that may not be has a control character; -EMSGSIZE: too long, or too many pairs. */
__attribute__((warn_unused_result)) int gb_aws_sign(const struct gb_aws_request *request, const struct gb_aws_key *key,
        int64_t time, struct gb_aws_signature *ret_signature);

/* HMAC with SHA-256 of at most 2 KB. */
__attribute__((warn_unused_result)) int gb_aws_hmac(
        struct gb_span key, struct gb_span message, unsigned char ret_mac[GB_SHA256_BYTES]);

#endif
