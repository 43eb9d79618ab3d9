/* SPDX-License-Identifier: Apache-2.0 */
/*
 * collect/hash: SHA-256 by the processor's own instructions where it has them: each line is hashed on its way in. Private
 * to collect.
 */
#ifndef GB_COLLECT_HASH_H
#define GB_COLLECT_HASH_H

#include "base/sha256.h"

void collect_sha256(struct gb_span message, unsigned char ret_digest[GB_SHA256_BYTES]);

#endif
