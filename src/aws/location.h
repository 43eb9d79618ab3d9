/* SPDX-License-Identifier: Apache-2.0 */
/*
 * aws/location: where policies are published and fetched from, as one line of text. Pure; the agent has it too.
 *
 *     /mnt/policies                                                       a folder
 *     http://10.0.0.5:8080/policies, https://…                            a web server, asked without a signature
 *     s3://BUCKET/PREFIX?region=eu-west-1                                 S3, or what speaks its protocol:
 *     s3://BUCKET/PREFIX?endpoint=http://10.0.0.5:9000&region=us-east-1   `style=path` (the usual one with an endpoint) or
 *                                                                         `style=host`
 */
#ifndef GB_AWS_LOCATION_H
#define GB_AWS_LOCATION_H

#include "base/diag.h"
#include "base/span.h"

#define GB_LOCATION_BYTES_MAX 1024u
#define GB_LOCATION_HOST_MAX  255u
#define GB_LOCATION_PATH_MAX  1024u
#define GB_LOCATION_NAME_MAX  256u /* of one part of a path */

enum gb_location_kind {
	GB_LOCATION_FOLDER = 0,
	GB_LOCATION_HTTP,
	GB_LOCATION_S3,
};

struct gb_location {
	enum gb_location_kind kind;
	bool is_tls;
	uint16_t port;
	char name[GB_LOCATION_HOST_MAX + 1]; /* of the host: a name or an address, an IPv6 one without its brackets */
	char host[GB_LOCATION_HOST_MAX + 9]; /* as in the field Host */
	char region[32];                     /* S3 */
	char bucket[64];                     /* S3 */
	bool is_path_style;                  /* S3: the path begins with the bucket */
	char path[GB_LOCATION_PATH_MAX];     /* folder, or where the keys begin: "/prefix"; no slash at its end */
};

/* DEFAULT_REGION ("": none) is for S3 without one. With WANTS_TLS the endpoint that is not named is one of TLS. -EINVAL with DIAG. */
__attribute__((warn_unused_result)) int gb_location_parse(struct gb_span text, const char *default_region,
        bool wants_tls, struct gb_location *ret_location, struct gb_diag *diag);

/* The part of a path that stands for NAME, which may be anything: itself when it is 1 to 64 letters, digits, '-' and '_', else '='
 * and what it hashes to. Different names have different parts. */
void gb_location_add_name(struct gb_span name, char ret_part[GB_LOCATION_NAME_MAX]);

#endif
