/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policyc/secret: keys and secrets of groups. The key is a name that may be seen; the secret is random, kept by whoever
 * deploys, and stands in documents as its Argon2id hash (libsodium) only.
 */
#ifndef GB_POLICYC_SECRET_H
#define GB_POLICYC_SECRET_H

#include "base/span.h"

#include <stdint.h>

#define GB_POLICYC_KEY_CHARS    24u /* with the NUL: "gk-" and 20 more */
#define GB_POLICYC_SECRET_CHARS 48u /* "gs-" and 43 more: 256 bits */
#define GB_POLICYC_HASH_CHARS   128u

struct gb_policyc_layer;

/* Forms alone. A hash asks for at most 1 GiB and 16 passes: nobody's document keeps a machine busy. */
bool gb_policyc_is_group_key(struct gb_span text);
bool gb_policyc_is_secret_hash(struct gb_span text);

/* A new key; a new secret with its hash. 0, -EIO when there is no libsodium, -ENOMEM. */
__attribute__((warn_unused_result)) int gb_policyc_key_new(char ret_key[GB_POLICYC_KEY_CHARS]);
__attribute__((warn_unused_result)) int gb_policyc_secret_new(
        char ret_secret[GB_POLICYC_SECRET_CHARS], char ret_hash[GB_POLICYC_HASH_CHARS]);

enum gb_policyc_secret_answer {
	GB_POLICYC_SECRET_WRONG = 0,
	GB_POLICYC_SECRET_CURRENT,
	GB_POLICYC_SECRET_PREVIOUS,
	GB_POLICYC_SECRET_EXPIRED, /* the previous one, whose time is over */
};

/* Whether SECRET is that of GROUP, a layer with a key, at NOW. */
enum gb_policyc_secret_answer gb_policyc_secret_check(
        const struct gb_policyc_layer *group, const char *secret, int64_t now);

#endif
