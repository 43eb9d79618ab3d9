/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base/ed25519: Ed25519 signatures (RFC 8032). Freestanding, no allocation. Verifying is not constant-time, for
 * everything it sees is public; signing is.
 */
#ifndef GB_BASE_ED25519_H
#define GB_BASE_ED25519_H

#include "base/span.h"

#define GB_ED25519_KEY_BYTES       32u
#define GB_ED25519_SIGNATURE_BYTES 64u

/* A secret key made ready, and a table. Caller owns the storage; whoever has it can sign. */
struct gb_ed25519_signer {
	unsigned char key[GB_ED25519_KEY_BYTES]; /* the public half */
	unsigned char prefix[32];
	uint64_t scalar[4];
	uint64_t comb[320];
};

/* SEED: 32 random bytes; the signer keeps what it needs of them. */
void gb_ed25519_signer_init(struct gb_ed25519_signer *signer, const unsigned char seed[GB_ED25519_KEY_BYTES]);

/* SIGNER's signature of MESSAGE: the same each time, no randomness is needed. */
void gb_ed25519_sign(const struct gb_ed25519_signer *signer, struct gb_span message,
        unsigned char ret_signature[GB_ED25519_SIGNATURE_BYTES]);

/* Whether SIGNATURE is KEY's for MESSAGE. Strict, so that there is one valid encoding of each signature: S below the
 * group order, key and R canonically encoded, neither of small order; the equation without the cofactor. */
bool gb_ed25519_verify(struct gb_span message, const unsigned char signature[GB_ED25519_SIGNATURE_BYTES],
        const unsigned char key[GB_ED25519_KEY_BYTES]);

#endif
