/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policyc/facts: what a policy says, as a sorted list of small facts, so that two can be compared whatever the order and
 * form in which they were written.
 */
#ifndef GB_POLICYC_FACTS_H
#define GB_POLICYC_FACTS_H

#include "policyc/policyc.h"

/* A setting with its value, or an item of a list. */
struct gb_policyc_fact {
	const char *path; /* "posture", "allow.files.read", "rules[no-shell].commands" */
	const char *value;
	bool is_item;
};

struct gb_policyc_facts {
	struct gb_arena *arena;
	struct gb_policyc_fact *items; /* by path, then value */
	size_t count, cap;
};

/* Of a compiled policy, without its signature block. Errors of gb_policy_open() and gb_policyc_of_blob(); -EFBIG with DIAG
 * when it is larger than a document may be; -ENOMEM. Free by gb_policyc_facts_done(). */
__attribute__((warn_unused_result)) int gb_policyc_facts_of(
        struct gb_span blob, struct gb_policyc_facts *ret_facts, struct gb_diag *diag);
void gb_policyc_facts_done(struct gb_policyc_facts *facts);

/* By path, then by value. */
int gb_policyc_fact_compare(const struct gb_policyc_fact *a, const struct gb_policyc_fact *b);

#endif
