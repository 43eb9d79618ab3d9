/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/moment.h"

static bool is_enforced(const struct gb_policy *policy)
{
	return policy->header->enforced_from <= policy->moment;
}

enum gb_mode gb_policy_posture(const struct gb_policy *policy)
{
	enum gb_mode posture = (enum gb_mode)policy->header->posture;

	return is_enforced(policy) || posture < GB_MODE_DETECT ? posture : GB_MODE_DETECT;
}

bool gb_policy_observes(const struct gb_policy *policy)
{
	return policy->header->observe != 0 || (!is_enforced(policy) && policy->header->posture != GB_MODE_OFF);
}

static void change_at(const struct gb_policy *policy, uint32_t moment, uint32_t *next)
{
	if (moment > policy->moment && (*next == 0 || moment < *next))
		*next = moment;
}

uint32_t gb_policy_next_change(const struct gb_policy *policy)
{
	const struct gb_blob_tag *tags = (const void *)(policy->blob.p + policy->header->tags.offset);
	uint32_t next = 0;

	change_at(policy, policy->header->enforced_from, &next);
	for (size_t i = 0; i < policy->header->tags.count; i++)
		change_at(policy, tags[i].until, &next);
	return next;
}
