/* SPDX-License-Identifier: Apache-2.0 */
/* cmd/gambeson/policy_case: the cases of `gambeson policy test`, read. */
#ifndef GB_CMD_POLICY_CASE_H
#define GB_CMD_POLICY_CASE_H

#include "cmd/gambeson/activity_text.h"
#include "cmd/gambeson/policy_set.h"
#include "policyc/tree.h"

/* One case. Texts are those of the file and its arena. */
struct gb_policy_case {
	struct gb_arena *arena; /* of the file */
	struct gb_activity_case activity;
	const struct gb_policyc_node *node;
	struct gb_span name;
	enum gb_decision expect;
	bool has_activity, has_expect, has_control, has_function;
	enum gb_control control;
	struct gb_policy_target target;
	struct gb_diag diag;
};

/* NODE as a case; TARGET is the function that it is about when it says nothing else. Errors: -EINVAL with its diag, which
 * has line and column; -ENOMEM. In every case gb_activity_case_done() of its activity releases what was allocated. */
__attribute__((warn_unused_result)) int gb_policy_case_read(struct gb_arena *arena, const struct gb_policyc_node *node,
        const struct gb_policy_target *target, struct gb_policy_case *ret_case);

#endif
