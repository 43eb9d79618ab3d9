/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/policy.h"

#include "policy/flow.h"
#include "policy/guards.h"
#include "policy/list.h"

static enum gb_mode mode_min(enum gb_mode a, enum gb_mode b)
{
	return a < b ? a : b;
}

enum gb_mode gb_policy_mode(const struct gb_policy *policy, enum gb_control control, enum gb_mode posture)
{
	uint8_t mode;

	if ((unsigned)control >= _GB_CONTROL_MAX)
		return GB_MODE_OFF;
	if (control == GB_CONTROL_SELF)
		return posture;
	if (policy == NULL)
		return control == GB_CONTROL_FIREWALL || control == GB_CONTROL_FLOW || control == GB_CONTROL_CREDENTIAL
		               ? posture
		               : GB_MODE_OFF;
	mode = policy->header->control_modes[control];
	return mode == GB_BLOB_MODE_POSTURE ? posture : mode_min((enum gb_mode)mode, posture);
}

static enum gb_decision decision_of(enum gb_mode mode)
{
	switch (mode) {
	case GB_MODE_OFF: return GB_ALLOW;
	case GB_MODE_DETECT: return GB_REPORT;
	case GB_MODE_BLOCK:
	case _GB_MODE_MAX: break;
	}
	return GB_DENY;
}

static struct gb_verdict judge_rules(const struct gb_policy_context *context, const struct gb_activity *activity)
{
	struct gb_verdict verdict = gb_verdict_allow();
	enum gb_mode mode = gb_policy_mode(context->policy, GB_CONTROL_RULE, context->posture);

	if (context->policy == NULL || mode == GB_MODE_OFF ||
	        !gb_policy_list_holds(context->policy, GB_BLOB_RULES, activity, GB_LIST_ANY_PART))
		return verdict;
	verdict.decision = decision_of(mode);
	verdict.control = GB_CONTROL_RULE;
	verdict.reason = GB_R_RULE_DENIES;
	return verdict;
}

/* /proc/PID/mem writes to pages that the process itself cannot: the sensor's jumps are such. */
static bool is_memory_of_process(struct gb_span path)
{
	return gb_span_starts(path, GB_SPAN("/proc/")) && gb_span_ends(path, GB_SPAN("/mem"));
}

/* What would undo or get round the product itself. */
static struct gb_verdict judge_self(const struct gb_policy_context *context, const struct gb_activity *activity)
{
	struct gb_verdict verdict = gb_verdict_allow();

	if (activity->kind == GB_ACTIVITY_FILE_WRITE && is_memory_of_process(activity->subject))
		verdict.reason = GB_R_TAMPER;
	else if (activity->kind == GB_ACTIVITY_KERNEL_ACCESS &&
	         gb_span_equal(activity->subject, GB_SPAN("io_uring_setup")) &&
	         (context->policy == NULL ||
	                 !gb_policy_list_holds(context->policy, GB_BLOB_ALLOW, activity, GB_LIST_WHOLE)))
		verdict.reason = GB_R_UNWATCHED_CALLS;
	if (verdict.reason == GB_R_NONE)
		return verdict;
	verdict.decision = decision_of(context->posture);
	verdict.control = GB_CONTROL_SELF;
	return verdict;
}

#define KIND(name) (1u << GB_ACTIVITY_##name)

/* In the order in which they are asked, each about the kinds of activities that it looks at. */
static const struct guard {
	enum gb_control control;
	uint32_t kinds;
} guards[] = {
        {GB_CONTROL_DECOY, KIND(FILE_READ) | KIND(FILE_WRITE) | KIND(FILE_RENAME) | KIND(FILE_LINK) |
                                   KIND(PROCESS_START) | KIND(NET_CONNECT) | KIND(NET_SEND) | KIND(NAME_LOOKUP)},
        {GB_CONTROL_CREDENTIAL, KIND(FILE_READ) | KIND(PROCESS_START) | KIND(NAME_LOOKUP)},
        {GB_CONTROL_FORBIDDEN, KIND(PROCESS_START) | KIND(LIBRARY_MAP)},
        {GB_CONTROL_DRIFT, KIND(PROCESS_START) | KIND(LIBRARY_MAP)},
};

/* Asked about last, so that what is found elsewhere is told as that. */
#define BUDGET_KINDS (KIND(PROCESS_START) | KIND(NET_CONNECT) | KIND(NET_SEND) | KIND(FILE_WRITE))

/* The controls of guards.h. A control that is off is not asked. */
static struct gb_verdict judge_guard(
        const struct gb_policy_context *context, const struct gb_activity *activity, enum gb_control control)
{
	struct gb_verdict verdict = gb_verdict_allow();
	enum gb_mode mode;

	/* Asked at every open, on without a policy, and cheaper to answer than its mode. */
	if (control == GB_CONTROL_CREDENTIAL) {
		verdict.reason = gb_policy_credential(context, activity);
		if (verdict.reason == GB_R_NONE)
			return verdict;
	}
	mode = gb_policy_mode(context->policy, control, context->posture);
	if (mode == GB_MODE_OFF)
		return gb_verdict_allow();
	if (control == GB_CONTROL_DECOY)
		verdict.reason = gb_policy_decoy(context, activity);
	else if (control == GB_CONTROL_FORBIDDEN)
		verdict.reason = gb_policy_forbidden(context->policy, activity);
	else if (control == GB_CONTROL_DRIFT)
		verdict.reason = gb_policy_drift(context->policy, activity);
	else if (control == GB_CONTROL_BUDGET)
		verdict.reason = gb_policy_budget(context, activity);
	if (verdict.reason == GB_R_NONE)
		return verdict;
	verdict.decision = decision_of(mode);
	verdict.control = control;
	return verdict;
}

static struct gb_verdict judge_flow(const struct gb_policy_context *context, const struct gb_activity *activity)
{
	enum gb_mode mode = gb_policy_mode(context->policy, GB_CONTROL_FLOW, context->posture);
	struct gb_verdict verdict = gb_verdict_allow();

	if (mode == GB_MODE_OFF || context->inputs == NULL || activity->kind != GB_ACTIVITY_PROCESS_START)
		return verdict;
	verdict = gb_policy_flow(context->inputs, activity);
	if (verdict.reason == GB_R_NONE)
		return verdict;
	if (verdict.reason == GB_R_FLOW_LIMIT)
		mode = mode_min(mode, context->policy == NULL ? GB_MODE_DETECT
		                                              : (enum gb_mode)context->policy->header->flow_on_limit);
	if (mode == GB_MODE_OFF)
		return gb_verdict_allow();
	verdict.decision = decision_of(mode);
	return verdict;
}

static struct gb_verdict judge_allowlist(const struct gb_policy_context *context, const struct gb_activity *activity)
{
	enum gb_mode mode = gb_policy_mode(context->policy, GB_CONTROL_ALLOWLIST, context->posture);
	struct gb_verdict verdict = gb_verdict_allow();

	if (!context->observe && mode == GB_MODE_OFF)
		return verdict;
	if (context->policy != NULL && gb_policy_list_holds(context->policy, GB_BLOB_ALLOW, activity, GB_LIST_WHOLE))
		return verdict;
	/* A policy that knows addresses only has nothing to say about names. */
	if (activity->kind == GB_ACTIVITY_NAME_LOOKUP && !context->observe && context->policy != NULL &&
	        context->policy->header->lists[GB_BLOB_ALLOW].hosts.count == 0)
		return verdict;
	verdict.decision = context->observe ? GB_OBSERVE : decision_of(mode);
	verdict.control = GB_CONTROL_ALLOWLIST;
	verdict.reason = GB_R_NOT_ON_ALLOWLIST;
	return verdict;
}

/* The earlier of two that weigh the same is kept: it says more. */
static struct gb_verdict stricter(struct gb_verdict first, struct gb_verdict second)
{
	return second.decision < first.decision ? second : first;
}

struct gb_verdict gb_policy_evaluate(const struct gb_policy_context *context, const struct gb_activity *activity)
{
	struct gb_verdict verdict;

	if (context->posture == GB_MODE_OFF)
		return gb_verdict_allow();
	verdict = judge_rules(context, activity);
	if (verdict.decision == GB_DENY)
		return verdict;
	if (verdict.reason == GB_R_NONE && context->policy != NULL &&
	        gb_policy_list_holds(context->policy, GB_BLOB_EXCLUSIONS, activity, GB_LIST_WHOLE))
		return verdict;
	/* A control that only reports does not keep a later one from denying. */
	verdict = stricter(verdict, judge_self(context, activity));
	for (size_t i = 0; i < sizeof(guards) / sizeof(guards[0]) && verdict.decision != GB_DENY; i++)
		if ((guards[i].kinds >> activity->kind & 1u) != 0)
			verdict = stricter(verdict, judge_guard(context, activity, guards[i].control));
	if (verdict.decision == GB_DENY)
		return verdict;
	verdict = stricter(verdict, judge_flow(context, activity));
	if (verdict.decision != GB_DENY && (BUDGET_KINDS >> activity->kind & 1u) != 0)
		verdict = stricter(verdict, judge_guard(context, activity, GB_CONTROL_BUDGET));
	if (verdict.decision == GB_DENY)
		return verdict;
	return stricter(verdict, judge_allowlist(context, activity));
}
