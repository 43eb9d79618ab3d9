/* SPDX-License-Identifier: Apache-2.0 */
/* cmd/gambeson/policy_keys: `policy keygen | sign | verify`, and signing for those who compile. */
#ifndef GB_CMD_POLICY_KEYS_H
#define GB_CMD_POLICY_KEYS_H

#include "cmd/gambeson/commands.h"

#include <stddef.h>

extern const struct gb_command gb_policy_keygen_command;
extern const struct gb_command gb_policy_sign_command;
extern const struct gb_command gb_policy_verify_command;

/* Write the signature block behind the BLOB_N bytes of a blob at FILE, which has room for it: with the secret key in
 * KEY_PATH, or unsigned when that is NULL. libsodium has been started. Result: enum gb_exit. */
int gb_policy_keys_sign(const struct gb_command *self, const char *key_path, unsigned char *file, size_t blob_n);

#endif
