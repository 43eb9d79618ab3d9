/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy/list: does one of the three lists of a policy hold an activity? Private to the directory.
 */
#ifndef GB_POLICY_LIST_H
#define GB_POLICY_LIST_H

#include "policy/policy.h"

/* What a list is asked for. An activity may touch two paths (rename, link): to be allowed, both must be in the list; to
 * be forbidden, one is enough. */
enum gb_list_want {
	GB_LIST_WHOLE = 0,
	GB_LIST_ANY_PART,
};

bool gb_policy_list_holds(const struct gb_policy *policy, enum gb_blob_list_name name,
        const struct gb_activity *activity, enum gb_list_want want);

#endif
