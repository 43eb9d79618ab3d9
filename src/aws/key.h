/* SPDX-License-Identifier: Apache-2.0 */
/*
 * aws/key: what the platform's credential endpoints answer. Pure; the agent has it too.
 */
#ifndef GB_AWS_KEY_H
#define GB_AWS_KEY_H

#include "aws/sign.h"

#define GB_AWS_KEY_BYTES (GB_AWS_CREDENTIAL_BYTES + 512u)

/* The members AccessKeyId, SecretAccessKey and Token of a JSON object (others are passed over), and when they end:
 * Expiration in seconds since 1970, 0 when it is not there. Texts lie in ROOM. -EINVAL: it is no such object. */
__attribute__((warn_unused_result)) int gb_aws_key_parse(
        struct gb_span json, char room[GB_AWS_KEY_BYTES], struct gb_aws_key *ret_key, int64_t *ret_expires);

#endif
