/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base/sha512: SHA-512 (FIPS 180-4). Freestanding, no allocation.
 */
#ifndef GB_BASE_SHA512_H
#define GB_BASE_SHA512_H

#include "base/span.h"

#define GB_SHA512_BYTES 64u

/* Caller owns the storage: init, add…, done. */
struct gb_sha512 {
	uint64_t state[8];
	uint64_t total_bytes;
	unsigned char block[128];
};

/* The hash of what is added in pieces; after done it must be begun anew. */
void gb_sha512_init(struct gb_sha512 *hash);
void gb_sha512_add(struct gb_sha512 *hash, struct gb_span s);
void gb_sha512_done(struct gb_sha512 *hash, unsigned char ret_digest[GB_SHA512_BYTES]);

/* All at once. */
void gb_sha512_of(struct gb_span s, unsigned char ret_digest[GB_SHA512_BYTES]);

#endif
