/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/gambeson/policy_judge.h"

#include "base/cleanup.h"
#include "cmd/gambeson/policy_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const struct {
	const char *name;
	enum gb_control control;
} steps[_GB_POLICY_STEP_MAX] = {
        [GB_POLICY_SELF] = {"self", GB_CONTROL_SELF},
        [GB_POLICY_DECOYS] = {"decoys", GB_CONTROL_DECOY},
        [GB_POLICY_FORBIDDEN] = {"forbidden", GB_CONTROL_FORBIDDEN},
        [GB_POLICY_DRIFT] = {"drift", GB_CONTROL_DRIFT},
        [GB_POLICY_RULES] = {"rules", GB_CONTROL_RULE},
        [GB_POLICY_EXCLUSIONS] = {"exclusions", GB_CONTROL_NONE},
        [GB_POLICY_CREDENTIALS] = {"credentials", GB_CONTROL_CREDENTIAL},
        [GB_POLICY_FLOW] = {"flow", GB_CONTROL_FLOW},
        [GB_POLICY_BUDGETS] = {"budgets", GB_CONTROL_BUDGET},
        [GB_POLICY_ALLOWLIST] = {"allowlist", GB_CONTROL_ALLOWLIST},
};

const char *gb_policy_step_name(enum gb_policy_step step)
{
	return (unsigned)step < _GB_POLICY_STEP_MAX ? steps[step].name : "posture";
}

enum gb_control gb_policy_step_control(enum gb_policy_step step)
{
	return (unsigned)step < _GB_POLICY_STEP_MAX ? steps[step].control : GB_CONTROL_NONE;
}

static int open_blob(const struct gb_command *self, const char *path, struct gb_span blob, struct gb_policy *ret_policy)
{
	int r = gb_policy_open(blob, ret_policy);

	return r < 0 ? gb_complain(self, GB_EXIT_USAGE, "%s is refused: %s", path, gb_blob_error_text(r)) : GB_EXIT_OK;
}

/* Of the whole path only one may be given. */
static int load_compiled(
        const struct gb_command *self, const char *path, struct gb_policy_judge *judge, bool *ret_is_compiled)
{
	GB_CLEANUP(gb_freep) char *data = NULL;
	struct gb_span blob;
	size_t n = 0;
	int status = gb_policy_file_read(self, path, &data, &n), r;

	*ret_is_compiled = status != GB_EXIT_OK || gb_policy_file_is_compiled(gb_span_of(data, n));
	if (status != GB_EXIT_OK || !*ret_is_compiled)
		return status;
	r = gb_blob_verify(gb_span_of(data, n), NULL, &blob);
	if (r < 0)
		return gb_complain(self, GB_EXIT_USAGE, "%s is refused: %s", path, gb_blob_error_text(r));
	status = open_blob(self, path, blob, &judge->policy);
	if (status == GB_EXIT_OK) {
		judge->blob = (unsigned char *)data;
		judge->policy.moment = (uint32_t)time(NULL);
		data = NULL;
	}
	return status;
}

int gb_policy_judge_load(
        const struct gb_command *self, const struct gb_strings *paths, struct gb_policy_judge *ret_judge)
{
	bool is_compiled = false;
	int status;

	*ret_judge = (struct gb_policy_judge){0};
	if (paths->count == 0)
		return gb_complain(self, GB_EXIT_USAGE, "which policy? add '--policy FILE', or a folder");
	/* Standard input can be read once only, and is a document. */
	if (paths->count == 1 && !gb_policy_is_folder(paths->items[0]) && strcmp(paths->items[0], "-") != 0) {
		status = load_compiled(self, paths->items[0], ret_judge, &is_compiled);
		if (is_compiled)
			return status;
	}
	return gb_policy_set_load(self, paths, &ret_judge->set);
}

static void forget(struct gb_policy_judge *judge)
{
	if (judge->set == NULL)
		return;
	if (judge->resolution.document != NULL)
		gb_policyc_resolution_done(&judge->resolution);
	judge->resolution = (struct gb_policyc_resolution){0};
	free(judge->blob);
	judge->blob = NULL;
}

int gb_policy_judge_resolve(
        const struct gb_command *self, struct gb_policy_judge *judge, const struct gb_policy_target *target)
{
	struct gb_diag diag = {0};
	int64_t moment = 0;
	size_t n = 0;
	int status, r;

	if (judge->set == NULL)
		return target->function == NULL && target->account == NULL && target->tags.count == 0
		               ? GB_EXIT_OK
		               : gb_complain(self, GB_EXIT_USAGE,
		                         "a compiled policy is for one function already; give its documents");
	forget(judge);
	status = gb_policy_target_moment(self, target, &moment);
	if (status == GB_EXIT_OK)
		status = gb_policy_set_resolve(self, judge->set, target, &judge->resolution);
	if (status != GB_EXIT_OK) {
		judge->resolution = (struct gb_policyc_resolution){0};
		return status;
	}
	r = gb_policyc_compile(judge->resolution.document, 0, &judge->blob, &n, &diag);
	if (r < 0)
		return gb_complain(self, r == -ENOMEM ? GB_EXIT_SYSTEM : GB_EXIT_FINDINGS,
		        "the policy does not compile: %s", diag.message[0] == '\0' ? strerror(-r) : diag.message);
	status = open_blob(self, "the policy", gb_span_of(judge->blob, n), &judge->policy);
	judge->policy.moment = (uint32_t)moment;
	return status;
}

void gb_policy_judge_done(struct gb_policy_judge *judge)
{
	forget(judge);
	free(judge->blob);
	gb_policyc_set_free(judge->set);
	*judge = (struct gb_policy_judge){0};
}

struct gb_policy_context gb_policy_judge_context(const struct gb_policy *policy, const struct gb_activity_case *of)
{
	return (struct gb_policy_context){
	        .policy = policy,
	        .inputs = of->slots,
	        .posture = gb_policy_posture(policy),
	        .observe = gb_policy_observes(policy),
	        .secrets = of->secrets,
	        .exceeded = of->exceeded,
	};
}

void gb_policy_judge(
        const struct gb_policy_judge *judge, const struct gb_activity_case *of, struct gb_policy_judgement *ret)
{
	struct gb_policy_context context = gb_policy_judge_context(&judge->policy, of);

	*ret = (struct gb_policy_judgement){.verdict = gb_policy_evaluate(&context, &of->activity)};
	ret->decider = ret->verdict.step;
	for (unsigned step = 0; step < _GB_POLICY_STEP_MAX; step++) {
		ret->answers[step] = gb_verdict_allow();
		if (!gb_policy_step_looks_at(step, of->activity.kind))
			continue;
		ret->answers[step] = gb_policy_ask(step, &context, &of->activity);
		ret->states[step] =
		        (ret->verdict.asked >> step & 1u) != 0 ? GB_POLICY_STEP_ASKED : GB_POLICY_STEP_NOT_REACHED;
	}
}
