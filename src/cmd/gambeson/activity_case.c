/* SPDX-License-Identifier: Apache-2.0 */
/* What an activity is judged against beside the policy. */
#include "cmd/gambeson/activity_text.h"

#include "policyc/guards.h"
#include "wire/input.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int gb_activity_case_new(struct gb_activity_case *ret_case)
{
	*ret_case = (struct gb_activity_case){.arena = gb_arena_new()};
	return ret_case->arena == NULL ? -ENOMEM : 0;
}

void gb_activity_case_done(struct gb_activity_case *of)
{
	gb_arena_free(of->arena);
	free(of->slots);
	free(of->secrets);
	*of = (struct gb_activity_case){0};
}

int gb_activity_case_input(struct gb_activity_case *of, struct gb_span path, struct gb_span value, struct gb_diag *diag)
{
	if (of->slots == NULL) {
		of->slots = calloc(GB_SEGMENT_INPUT_SLOTS, sizeof(*of->slots));
		if (of->slots == NULL)
			return -ENOMEM;
		gb_input_begin(&of->slots[0], GB_SPAN("explain"));
		gb_input_commit(&of->slots[0]);
	}
	if (!gb_input_add(&of->slots[0], (struct gb_input_string){.path = path, .value = value}))
		return gb_diag_set(diag, -EINVAL, 0, 0, "the inputs are too large: %u bytes in all are taken",
		        GB_SEGMENT_INPUT_BYTES - 4096u);
	return 0;
}

int gb_activity_case_credential(struct gb_activity_case *of, struct gb_span value, struct gb_diag *diag)
{
	if (value.n < GB_SECRET_BYTES_MIN)
		return gb_diag_set(diag, -EINVAL, 0, 0, "a credential has at least %u bytes to be looked for",
		        GB_SECRET_BYTES_MIN);
	if (of->secrets == NULL)
		of->secrets = calloc(GB_SECRETS_MAX, sizeof(*of->secrets));
	if (of->secrets == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < GB_SECRETS_MAX; i++) {
		struct gb_secret *secret = &of->secrets[i];

		if (secret->kind != GB_SECRET_NONE)
			continue;
		value = gb_span_sub(value, 0, sizeof(secret->text));
		secret->kind = GB_SECRET_CREDENTIAL;
		secret->n = (uint8_t)value.n;
		memcpy(secret->text, value.p, value.n);
		return 0;
	}
	return gb_diag_set(diag, -EINVAL, 0, 0, "at most %u credentials are taken", GB_SECRETS_MAX);
}

int gb_activity_case_over(struct gb_activity_case *of, struct gb_span budget, struct gb_diag *diag)
{
	for (unsigned usage = 0; usage < _GB_USAGE_MAX; usage++)
		if (gb_span_equal(budget, gb_span_cstr(gb_policyc_budget_keys[usage]))) {
			of->exceeded |= 1u << usage;
			return 0;
		}
	return gb_diag_set(diag, -EINVAL, 0, 0,
	        "'%.*s' is no budget: processes, connections, children, tmpMegabytes or cpuSeconds",
	        (int)(budget.n < 60 ? budget.n : 60), budget.n == 0 ? "" : (const char *)budget.p);
}

const char *gb_decision_text(enum gb_decision decision)
{
	static const char *const texts[_GB_DECISION_MAX] = {
	        [GB_DENY] = "deny", [GB_REPORT] = "report", [GB_OBSERVE] = "observe", [GB_ALLOW] = "allow"};

	return (unsigned)decision < _GB_DECISION_MAX ? texts[decision] : "deny";
}
