/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base/ed25519: verification of Ed25519 signatures (RFC 8032), nothing else: no key ever lies in this program.
 * Freestanding, no allocation; not constant-time, for everything it sees is public.
 */
#ifndef GB_BASE_ED25519_H
#define GB_BASE_ED25519_H

#include "base/span.h"

#define GB_ED25519_KEY_BYTES       32u
#define GB_ED25519_SIGNATURE_BYTES 64u

/* Whether SIGNATURE is KEY's for MESSAGE. Strict, so that there is one valid encoding of each signature: S below the
 * group order, key and R canonically encoded, neither of small order; the equation without the cofactor. */
bool gb_ed25519_verify(struct gb_span message, const unsigned char signature[GB_ED25519_SIGNATURE_BYTES],
        const unsigned char key[GB_ED25519_KEY_BYTES]);

#endif
