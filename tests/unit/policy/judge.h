/* SPDX-License-Identifier: Apache-2.0 */
/* What a policy alone says of an activity, in block mode; to be included behind cmocka.h. */
#ifndef GB_TESTS_UNIT_POLICY_JUDGE_H
#define GB_TESTS_UNIT_POLICY_JUDGE_H

#include "../../lib/policy.h"

static inline struct gb_verdict judge(const struct loaded *loaded, const struct gb_activity *activity)
{
	struct gb_policy_context context = {.policy = &loaded->policy, .posture = GB_MODE_BLOCK};
	struct gb_verdict first = gb_policy_evaluate(&context, activity);
	struct gb_verdict again = gb_policy_evaluate(&context, activity);

	assert_memory_equal(&first, &again, sizeof(first));
	return first;
}

#endif
