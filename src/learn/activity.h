/* SPDX-License-Identifier: Apache-2.0 */
/*
 * learn/activity: from an item back to an activity. Private to learn.
 */
#ifndef GB_LEARN_ACTIVITY_H
#define GB_LEARN_ACTIVITY_H

#include "learn/store.h"

/* ITEM as an activity that evaluate() takes. -ENOMEM. */
__attribute__((warn_unused_result)) int gb_learn_activity(
        struct gb_policyc_arena *arena, const struct gb_profile_item *item, struct gb_activity *ret);

#endif
