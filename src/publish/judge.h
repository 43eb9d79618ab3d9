/* SPDX-License-Identifier: Apache-2.0 */
/* publish/judge: the policy of a function, compiled, to judge by what was recorded. Private to its directory. */
#ifndef GB_PUBLISH_JUDGE_H
#define GB_PUBLISH_JUDGE_H

#include "policy/policy.h"
#include "publish/publish.h"

struct judge {
	struct gb_policyc_resolution resolution;
	struct gb_policyc_document *learned;
	unsigned char *blob;
	struct gb_policy policy;
	bool has_policy; /* false: nothing is said about the function; an agent does what it does by itself */
};

/* What SET says of FUNCTION. IS_STRICT: as if rules and allowlist were in force and blocked, whatever modes are set. In every case judge_done() releases it.
 * -EINVAL, -EFBIG with DIAG: no policy can be made. */
__attribute__((warn_unused_result)) int judge_open(struct gb_store *store, const struct gb_policyc_set *set,
        const struct gb_function *function, bool is_strict, struct judge *judge, struct gb_diag *diag);
void judge_done(struct judge *judge);

/* What would be done about ACTIVITY by itself: no input is at hand, no budget used. */
struct gb_verdict judge_activity(const struct judge *judge, const struct gb_activity *activity);

/* What would be done about ACTIVITY, of which CONTROL once found something and did RECORDED. */
enum gb_decision judge_finding(const struct judge *judge, const struct gb_activity *activity, struct gb_span control,
        enum gb_decision recorded);

/* The same of what the firewall found in an input. */
enum gb_decision judge_input(const struct judge *judge, struct gb_span class_code, struct gb_span path,
        struct gb_span reason, enum gb_decision recorded);

#endif
