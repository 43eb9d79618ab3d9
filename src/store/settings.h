/* SPDX-License-Identifier: Apache-2.0 */
/* store/settings: single values by name, of the whole installation. */
#ifndef GB_STORE_SETTINGS_H
#define GB_STORE_SETTINGS_H

#include "base/arena.h"
#include "store/sql.h"

/* The value of KEY, in ARENA. 1, or 0 when there is none. */
__attribute__((warn_unused_result)) int gb_setting_get(struct gb_store *store, const char *key, struct gb_arena *arena,
        struct gb_span *ret_value, struct gb_diag *diag);

/* VALUE takes the place of what was there. */
__attribute__((warn_unused_result)) int gb_setting_put(
        struct gb_store *store, const char *key, struct gb_span value, struct gb_diag *diag);

/* 1, or 0 when there was none: of several who delete at once, one gets 1. */
__attribute__((warn_unused_result)) int gb_setting_delete(
        struct gb_store *store, const char *key, struct gb_diag *diag);

/* The same as gb_setting_get() (of an empty one when there was none), and until the transaction ends nobody else gets past
 * here for KEY. */
__attribute__((warn_unused_result)) int gb_setting_hold(struct gb_store *store, const char *key, struct gb_arena *arena,
        struct gb_span *ret_value, struct gb_diag *diag);

#endif
