/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tell/seal: secrets of channels at rest: libsodium's secretbox under a key that lies in the data folder, not in the database.
 * A copy of the database alone gives no secret away. Several servers on one database need the same key file.
 */
#ifndef GB_TELL_SEAL_H
#define GB_TELL_SEAL_H

#include "base/arena.h"
#include "base/diag.h"
#include "base/span.h"

#define GB_SEAL_KEY_BYTES 32u

struct gb_seal_key {
	unsigned char bytes[GB_SEAL_KEY_BYTES];
};

/* The key in FOLDER/keys/channels.key (mode 0600 in a folder of mode 0700), made by the first who asks. 0; -EACCES: others may
 * read it; -EINVAL: it is no key; errors of the system. */
__attribute__((warn_unused_result)) int gb_seal_key_open(
        const char *folder, struct gb_seal_key *ret_key, struct gb_diag *diag);

/* TEXT sealed, in ARENA. 0 or -ENOMEM. */
__attribute__((warn_unused_result)) int gb_seal(
        const struct gb_seal_key *key, struct gb_span text, struct gb_arena *arena, struct gb_span *ret_sealed);

/* What was sealed, in ARENA. 0; -EBADMSG: sealed with another key, or changed since; -ENOMEM. */
__attribute__((warn_unused_result)) int gb_unseal(
        const struct gb_seal_key *key, struct gb_span sealed, struct gb_arena *arena, struct gb_span *ret_text);

#endif
