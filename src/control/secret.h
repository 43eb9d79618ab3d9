/* SPDX-License-Identifier: Apache-2.0 */
/* control/secret: credentials made and checked. Those that we make are 256 random bits and stored as SHA-256; those that
 * people make are hashed with Argon2id, of which few run at one time: each takes memory and a processor. */
#ifndef GB_CONTROL_SECRET_H
#define GB_CONTROL_SECRET_H

#include "base/sha256.h"
#include "base/span.h"

#include <pthread.h>

#define GB_SECRET_CHARS        44u /* 32 bytes in URL-safe base64, with the NUL */
#define GB_PASSWORD_HASH_CHARS 128u
#define GB_PASSWORD_MAX        256u
#define GB_PASSWORD_MIN        12u

/* 32 random bytes as text. */
void gb_secret_new(char ret_secret[GB_SECRET_CHARS]);

/* Under which it is stored. */
void gb_secret_hash(struct gb_span secret, unsigned char ret_hash[GB_SHA256_BYTES]);

/* Whether A and B are equal, in a time that does not tell where they differ. */
bool gb_secret_equal(struct gb_span a, struct gb_span b);

/* Bounds how many passwords are hashed at one time. */
struct gb_hashing {
	pthread_mutex_t lock;
	pthread_cond_t is_free;
	unsigned running, waiting;
};
void gb_hashing_init(struct gb_hashing *hashing);
/* Around anything that hashes a password. -EBUSY: too many at one time. */
__attribute__((warn_unused_result)) int gb_hashing_begin(struct gb_hashing *hashing);
void gb_hashing_end(struct gb_hashing *hashing);

/* 0; -EBUSY: too many at one time, come again; -ENOMEM. */
__attribute__((warn_unused_result)) int gb_password_hash(
        struct gb_hashing *hashing, struct gb_span password, char ret_hash[GB_PASSWORD_HASH_CHARS]);

/* 1: it is PASSWORD's; 0: it is not; errors as above. An empty HASH takes as long and is nobody's. */
__attribute__((warn_unused_result)) int gb_password_check(
        struct gb_hashing *hashing, struct gb_span hash, struct gb_span password);

#endif
