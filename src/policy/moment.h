/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy/moment: what of a policy holds as of its moment. Private to the directory.
 */
#ifndef GB_POLICY_MOMENT_H
#define GB_POLICY_MOMENT_H

#include "policy/policy.h"

static inline bool gb_policy_is_during(const struct gb_policy *policy, uint32_t from, uint32_t until)
{
	return from <= policy->moment && (until == 0 || policy->moment < until);
}

/* Whether an entry with this TAG, which gb_policy_open() has checked, has not expired. */
static inline bool gb_policy_tag_holds(const struct gb_policy *policy, uint32_t tag)
{
	const struct gb_blob_tag *tags = (const void *)(policy->blob.p + policy->header->tags.offset);

	return tag == 0 || gb_policy_is_during(policy, 0, tags[tag - 1].until);
}

#endif
