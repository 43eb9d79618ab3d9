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
	        (!gb_policy_list_holds(context->policy, GB_BLOB_RULES, activity, GB_LIST_ANY_PART, &verdict.tag) &&
	                (activity->kind != GB_ACTIVITY_PROCESS_START ||
	                        !gb_policy_denies_other_name(context->policy, activity, &verdict.tag))))
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
	                 !gb_policy_list_holds(context->policy, GB_BLOB_ALLOW, activity, GB_LIST_WHOLE, NULL)))
		verdict.reason = GB_R_UNWATCHED_CALLS;
	if (verdict.reason == GB_R_NONE)
		return verdict;
	verdict.decision = decision_of(context->posture);
	verdict.control = GB_CONTROL_SELF;
	return verdict;
}

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

/* What can do little by itself: reading what came with the function or the base image, loading it, files below /tmp. */
static bool is_of_little_risk(const struct gb_policy *policy, const struct gb_activity *activity)
{
	struct gb_activity as_library = {.kind = GB_ACTIVITY_LIBRARY_MAP, .subject = activity->subject};

	switch ((uint32_t)activity->kind) {
	case GB_ACTIVITY_FILE_READ:
	case GB_ACTIVITY_LIBRARY_MAP: return gb_policy_drift(policy, &as_library) == GB_R_NONE;
	case GB_ACTIVITY_FILE_WRITE:
	case GB_ACTIVITY_FILE_DELETE: return gb_span_starts(activity->subject, GB_SPAN("/tmp/"));
	default: return false;
	}
}

static struct gb_verdict judge_allowlist(const struct gb_policy_context *context, const struct gb_activity *activity)
{
	enum gb_mode mode = gb_policy_mode(context->policy, GB_CONTROL_ALLOWLIST, context->posture);
	struct gb_verdict verdict = gb_verdict_allow();

	if (!context->observe && mode == GB_MODE_OFF)
		return verdict;
	if (context->policy != NULL &&
	        gb_policy_list_holds(context->policy, GB_BLOB_ALLOW, activity, GB_LIST_WHOLE, NULL))
		return verdict;
	/* A policy that knows addresses only has nothing to say about names. */
	if (activity->kind == GB_ACTIVITY_NAME_LOOKUP && !context->observe && context->policy != NULL &&
	        !gb_policy_knows_hosts(context->policy, &context->policy->header->lists[GB_BLOB_ALLOW]))
		return verdict;
	verdict.decision = context->observe || (context->policy != NULL && context->policy->header->review != 0 &&
	                                               is_of_little_risk(context->policy, activity))
	                           ? GB_OBSERVE
	                           : decision_of(mode);
	verdict.control = GB_CONTROL_ALLOWLIST;
	verdict.reason = GB_R_NOT_ON_ALLOWLIST;
	return verdict;
}

static struct gb_verdict judge_exclusions(const struct gb_policy_context *context, const struct gb_activity *activity)
{
	struct gb_verdict verdict = gb_verdict_allow();

	if (context->policy != NULL &&
	        gb_policy_list_holds(context->policy, GB_BLOB_EXCLUSIONS, activity, GB_LIST_WHOLE, &verdict.tag))
		verdict.reason = GB_R_EXCLUDED;
	return verdict;
}

struct gb_verdict gb_policy_ask(
        enum gb_policy_step step, const struct gb_policy_context *context, const struct gb_activity *activity)
{
	switch (step) {
	case GB_POLICY_SELF: return judge_self(context, activity);
	case GB_POLICY_DECOYS: return judge_guard(context, activity, GB_CONTROL_DECOY);
	case GB_POLICY_FORBIDDEN: return judge_guard(context, activity, GB_CONTROL_FORBIDDEN);
	case GB_POLICY_DRIFT: return judge_guard(context, activity, GB_CONTROL_DRIFT);
	case GB_POLICY_RULES: return judge_rules(context, activity);
	case GB_POLICY_EXCLUSIONS: return judge_exclusions(context, activity);
	case GB_POLICY_CREDENTIALS: return judge_guard(context, activity, GB_CONTROL_CREDENTIAL);
	case GB_POLICY_FLOW: return judge_flow(context, activity);
	case GB_POLICY_BUDGETS: return judge_guard(context, activity, GB_CONTROL_BUDGET);
	case GB_POLICY_ALLOWLIST: return judge_allowlist(context, activity);
	case _GB_POLICY_STEP_MAX: break;
	}
	return gb_verdict_allow();
}

#define STEP(name)   (1u << GB_POLICY_##name)
#define STEPS_ALWAYS (STEP(RULES) | STEP(EXCLUSIONS) | STEP(ALLOWLIST))
#define STEPS_ALL    ((1u << _GB_POLICY_STEP_MAX) - 1)
/* The others have nothing to say when there is no policy: lists that do not exist, controls that are off then. */
#define STEPS_WITHOUT_POLICY (STEP(SELF) | STEP(CREDENTIALS) | STEP(FLOW) | STEP(ALLOWLIST))

/* What looks at activities of a kind beside the steps that look at all. */
static const uint16_t steps_of_kind[_GB_ACTIVITY_KIND_MAX] = {
        [GB_ACTIVITY_FILE_READ] = STEP(DECOYS) | STEP(CREDENTIALS),
        [GB_ACTIVITY_FILE_WRITE] = STEP(SELF) | STEP(DECOYS) | STEP(BUDGETS),
        [GB_ACTIVITY_FILE_RENAME] = STEP(DECOYS),
        [GB_ACTIVITY_FILE_LINK] = STEP(DECOYS),
        [GB_ACTIVITY_PROCESS_START] =
                STEP(DECOYS) | STEP(FORBIDDEN) | STEP(DRIFT) | STEP(CREDENTIALS) | STEP(FLOW) | STEP(BUDGETS),
        [GB_ACTIVITY_NET_CONNECT] = STEP(DECOYS) | STEP(BUDGETS),
        [GB_ACTIVITY_NET_SEND] = STEP(DECOYS) | STEP(BUDGETS),
        [GB_ACTIVITY_LIBRARY_MAP] = STEP(FORBIDDEN) | STEP(DRIFT),
        [GB_ACTIVITY_NAME_LOOKUP] = STEP(DECOYS) | STEP(CREDENTIALS),
        [GB_ACTIVITY_KERNEL_ACCESS] = STEP(SELF),
};

/* An unknown kind is looked at by those that look at all, so that it is on no allowlist. */
static uint32_t steps_of(enum gb_activity_kind kind)
{
	return STEPS_ALWAYS | ((unsigned)kind < _GB_ACTIVITY_KIND_MAX ? steps_of_kind[kind] : 0);
}

bool gb_policy_step_looks_at(enum gb_policy_step step, enum gb_activity_kind kind)
{
	return (steps_of(kind) >> step & 1u) != 0;
}

struct gb_verdict gb_policy_evaluate(const struct gb_policy_context *context, const struct gb_activity *activity)
{
	struct gb_verdict verdict = gb_verdict_allow();
	uint32_t steps = steps_of(activity->kind) & (context->policy == NULL ? STEPS_WITHOUT_POLICY : STEPS_ALL);
	uint32_t asked = 0;

	verdict.step = context->posture == GB_MODE_OFF ? _GB_POLICY_STEP_MAX : GB_POLICY_ALLOWLIST;
	for (steps = context->posture == GB_MODE_OFF ? 0 : steps; steps != 0; steps &= steps - 1) {
		enum gb_policy_step step = (enum gb_policy_step)__builtin_ctz(steps);
		struct gb_verdict next = gb_policy_ask(step, context, activity);

		asked |= 1u << step;
		next.step = step;
		/* What a rule reports no exclusion takes back. */
		if (next.control == GB_CONTROL_RULE)
			steps &= ~STEP(EXCLUSIONS);
		/* A control that only reports does not keep a later one from denying. Of two that weigh the same the
		 * earlier is kept: it says more. */
		if (next.decision < verdict.decision)
			verdict = next;
		else if (next.reason == GB_R_EXCLUDED && verdict.decision == GB_ALLOW)
			verdict.step = step;
		if (next.reason == GB_R_EXCLUDED || next.decision == GB_DENY)
			break;
	}
	verdict.asked = asked;
	return verdict;
}
