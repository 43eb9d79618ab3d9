/* SPDX-License-Identifier: Apache-2.0 */
/*
 * learn/activity: from an item back to an activity, and what an allowlist says of it. Private to learn.
 */
#ifndef GB_LEARN_ACTIVITY_H
#define GB_LEARN_ACTIVITY_H

#include "learn/store.h"

/* Of NEWS, those that an allowlist made of KEPT (and the bases of SETTINGS) does not have come to stand at the front, in their
 * order; *ret_count is how many. All, when what KEPT allows does not fit a policy. -ENOMEM. */
__attribute__((warn_unused_result)) int gb_learn_unlisted(const struct gb_learn_settings *settings,
        struct gb_arena *arena, const struct gb_profile_item *const *kept, size_t kept_count,
        const struct gb_profile_item **news, size_t new_count, size_t *ret_count);

/* Entries that are held because one client address alone showed each, while what others did allows them too, become learned: names
 * that are made up come from one address each. */
__attribute__((warn_unused_result)) int gb_learn_release(struct gb_learn_view *view);

#endif
