/* SPDX-License-Identifier: Apache-2.0 */
/*
 * publish/target: the policy store, as it is written. For each function there is a folder (or prefix) ACCOUNT/REGION/FUNCTION with
 * `policy.gbp`, which functions fetch and which appears whole or not at all, and `history/SERIAL.gbp`, the versions, written before
 * it. Private to its directory.
 */
#ifndef GB_PUBLISH_TARGET_H
#define GB_PUBLISH_TARGET_H

#include "aws/location.h"
#include "aws/s3.h"
#include "base/arena.h"

#define TARGET_PATH_BYTES (3u * GB_LOCATION_NAME_MAX + 64u)
#define TARGET_KEPT       50 /* versions of each function */

struct target;

/* -EINVAL: no place that can be written. */
__attribute__((warn_unused_result)) int target_open(
        const struct gb_location *location, struct target **ret_target, struct gb_diag *diag);
void target_close(struct target *target); /* NULL is fine */
void target_cancel(struct target *target);

/* "/ACCOUNT/REGION/FUNCTION". */
void target_path(struct gb_span account, struct gb_span region, struct gb_span name, char ret_path[TARGET_PATH_BYTES]);

/* What lies there now. */
struct target_look {
	bool is_there;
	uint64_t serial; /* 0: what is there is no policy */
	char etag[GB_S3_ETAG_BYTES];
};
__attribute__((warn_unused_result)) int target_look(struct target *target, const char *path, struct gb_arena *arena,
        struct target_look *ret_look, struct gb_diag *diag);

/* Put FILE there as SERIAL, in place of what LOOK saw. -ESTALE: something else is there by now. */
__attribute__((warn_unused_result)) int target_put(struct target *target, const char *path, uint64_t serial,
        struct gb_span file, const struct target_look *look, struct gb_arena *arena, char ret_etag[GB_S3_ETAG_BYTES],
        struct gb_diag *diag);

#endif
