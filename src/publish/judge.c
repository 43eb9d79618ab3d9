/* SPDX-License-Identifier: Apache-2.0 */
#include "publish/judge.h"

#include "inspect/inspect.h"
#include "policy/firewall.h"
#include "store/store.h"

#include <errno.h>
#include <stdlib.h>

int judge_open(struct gb_store *store, const struct gb_policyc_set *set, const struct gb_function *function,
        bool is_strict, struct judge *judge, struct gb_diag *diag)
{
	struct gb_policyc_document *document;
	size_t n = 0;
	int r;

	*judge = (struct judge){.has_policy = false};
	r = gb_publish_resolve(store, set, function, &judge->resolution, &judge->learned, diag);
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	document = judge->resolution.document;
	if (is_strict) {
		document->posture = GB_MODE_BLOCK;
		document->observe = false;
		document->control_modes[GB_CONTROL_RULE] = GB_BLOB_MODE_POSTURE;
		document->control_modes[GB_CONTROL_ALLOWLIST] = GB_BLOB_MODE_POSTURE;
	}
	r = gb_policyc_compile(document, 0, &judge->blob, &n, diag);
	if (r == 0)
		r = gb_policy_open(gb_span_of(judge->blob, n), &judge->policy);
	if (r == 0)
		r = gb_policy_firewall_open(&judge->policy);
	if (r < 0)
		return r == -ENOMEM ? r
		       : diag == NULL || diag->message[0] != '\0'
		               ? -EINVAL
		               : gb_diag_set(diag, -EINVAL, 0, 0, "it does not compile");
	judge->policy.moment = (uint32_t)(gb_store_now_ms(store) / 1000);
	judge->has_policy = true;
	return 0;
}

void judge_done(struct judge *judge)
{
	if (judge->resolution.document != NULL)
		gb_policyc_resolution_done(&judge->resolution);
	gb_policyc_document_free(judge->learned);
	free(judge->blob);
	*judge = (struct judge){.has_policy = false};
}

static struct gb_policy_context context_of(const struct judge *judge)
{
	if (!judge->has_policy)
		return (struct gb_policy_context){.posture = GB_MODE_DETECT, .observe = true};
	return (struct gb_policy_context){.policy = &judge->policy,
	        .posture = gb_policy_posture(&judge->policy),
	        .observe = gb_policy_observes(&judge->policy)};
}

struct gb_verdict judge_activity(const struct judge *judge, const struct gb_activity *activity)
{
	struct gb_policy_context context = context_of(judge);

	return gb_policy_evaluate(&context, activity);
}

/* What stands behind the exclusions in the order of a decision. */
static bool is_excludable(struct gb_span control)
{
	return gb_span_equal(control, GB_SPAN("flow")) || gb_span_equal(control, GB_SPAN("allowlist")) ||
	       gb_span_equal(control, GB_SPAN("credentials")) || gb_span_equal(control, GB_SPAN("budgets"));
}

enum gb_decision judge_finding(const struct judge *judge, const struct gb_activity *activity, struct gb_span control,
        enum gb_decision recorded)
{
	struct gb_policy_context context = context_of(judge);
	struct gb_verdict verdict;

	if (!judge->has_policy)
		return recorded;
	verdict = gb_policy_ask(GB_POLICY_RULES, &context, activity);
	if (verdict.decision != GB_ALLOW)
		return verdict.decision < recorded ? verdict.decision : recorded;
	verdict = gb_policy_ask(GB_POLICY_EXCLUSIONS, &context, activity);
	return verdict.reason == GB_R_EXCLUDED && is_excludable(control) ? GB_ALLOW : recorded;
}

enum gb_decision judge_input(const struct judge *judge, struct gb_span class_code, struct gb_span path,
        struct gb_span reason, enum gb_decision recorded)
{
	struct gb_policy_place place = {
	        .attack_class = gb_inspect_class_of_code(class_code), .path = path, .reason = reason};
	enum gb_mode most;
	uint32_t tag;

	if (!judge->has_policy || place.attack_class == GB_CLASS_NONE)
		return recorded;
	most = gb_policy_exception_mode(&judge->policy, &place, &tag);
	return most == GB_MODE_OFF ? GB_ALLOW : most == GB_MODE_DETECT && recorded == GB_DENY ? GB_REPORT : recorded;
}
