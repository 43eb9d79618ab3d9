/* SPDX-License-Identifier: Apache-2.0 */
/*
 * aws/s3: objects in S3, and in what speaks its protocol. PATH is an object's key below the location's own path, as meant:
 * "/eu-west-1/orders/policy.gbp".
 */
#ifndef GB_AWS_S3_H
#define GB_AWS_S3_H

#include "aws/call.h"
#include "aws/location.h"

#define GB_S3_ETAG_BYTES 128u

struct gb_s3_object {
	struct gb_span body;         /* in the arena */
	char etag[GB_S3_ETAG_BYTES]; /* with its quotes; empty: the server gave none */
};

/* 1: it is as ETAG says (NULL: not asked), and nothing is fetched; 0; -ENOENT; -EACCES; -EFBIG over LIMIT; -EIO, another
 * answer; others as gb_aws_call(). */
__attribute__((warn_unused_result)) int gb_s3_get(struct gb_aws *aws, const struct gb_location *where, const char *path,
        const char *etag, size_t limit, struct gb_arena *arena, struct gb_s3_object *ret_object, struct gb_diag *diag);

enum gb_s3_condition {
	GB_S3_ANYWAY = 0,
	GB_S3_IF_ABSENT,
	GB_S3_IF_ETAG, /* when it is still the object with ETAG */
};

/* -ESTALE: the condition does not hold. *ret_etag may be empty. */
__attribute__((warn_unused_result)) int gb_s3_put(struct gb_aws *aws, const struct gb_location *where, const char *path,
        struct gb_span body, enum gb_s3_condition condition, const char *etag, struct gb_arena *arena,
        char ret_etag[GB_S3_ETAG_BYTES], struct gb_diag *diag);

/* 0 also when there was none. */
__attribute__((warn_unused_result)) int gb_s3_delete(struct gb_aws *aws, const struct gb_location *where,
        const char *path, struct gb_arena *arena, struct gb_diag *diag);

/* Every key that begins with PREFIX below the location's path, told without that path; 0: go on, positive: enough, negative: error.
 * Lists of more than a thousand come in pages. */
__attribute__((warn_unused_result)) int gb_s3_list(struct gb_aws *aws, const struct gb_location *where,
        const char *prefix, int (*on_key)(void *context, struct gb_span key), void *context, struct gb_diag *diag);

#endif
