/* SPDX-License-Identifier: Apache-2.0 */
/* control/group: the key and secret by which a group's log forwarders ingest. The groups are policy documents. */
#ifndef GB_CONTROL_GROUP_H
#define GB_CONTROL_GROUP_H

#include "control/control.h"

struct gb_group_cache;

/* What was verified lately, so that Argon2id does not run for each request. 0 or -ENOMEM. */
__attribute__((warn_unused_result)) int gb_group_cache_new(struct gb_group_cache **ret_cache);
void gb_group_cache_free(struct gb_group_cache *cache); /* NULL is fine */

/* What stands behind "Basic ", decoded: 1, or 0 when it is no base64. */
__attribute__((warn_unused_result)) int gb_group_decode(
        struct gb_arena *arena, struct gb_span text, struct gb_span *ret_pair);

/* Whether SECRET is that of the group with KEY: 1 and its name, 0. A secret that was right is remembered for a few
 * minutes (as a keyed hash), for Argon2id takes long. -EBUSY: come again. */
__attribute__((warn_unused_result)) int gb_group_check(struct gb_plane *control, struct gb_store *store,
        struct gb_span key, struct gb_span secret, struct gb_arena *arena, struct gb_span *ret_name,
        struct gb_diag *diag);

#endif
