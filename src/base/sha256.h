/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base/sha256: SHA-256 (FIPS 180-4). Freestanding.
 */
#ifndef GB_BASE_SHA256_H
#define GB_BASE_SHA256_H

#include "base/span.h"

#define GB_SHA256_BYTES 32u

/* The hash of MESSAGE, which may be empty. */
void gb_sha256(struct gb_span message, unsigned char ret_digest[GB_SHA256_BYTES]);

#endif
