/* SPDX-License-Identifier: Apache-2.0 */
/* cmd/gambeson/policy_explain: what `gambeson policy explain` has to say, and its parts that text and JSON share. */
#ifndef GB_CMD_POLICY_EXPLAIN_H
#define GB_CMD_POLICY_EXPLAIN_H

#include "base/text.h"
#include "cmd/gambeson/policy_judge.h"

struct gb_explanation {
	struct gb_policy_judge judge;
	struct gb_activity_case activity;
	struct gb_policy_judgement judgement;
	struct gb_policy_place places[GB_POLICY_PLACES_MAX];
	size_t place_count;
};

/* "regions eu-*; tags env=prod", or "all functions". */
void gb_explanation_scope(const struct gb_policyc_scope *scope, struct gb_text *text);
/* Mode of the control behind STEP, "" when it has none. */
const char *gb_explanation_mode(const struct gb_policy_judge *judge, enum gb_policy_step step);
/* Whether number INDEX of what was left out would have matched. */
bool gb_explanation_left_out_matches(const struct gb_explanation *explanation, size_t index);
/* The verdict, in a sentence. */
const char *gb_explanation_why(const struct gb_explanation *explanation);

/* All of it as one JSON object, on standard output. */
void gb_explanation_print_json(const struct gb_explanation *explanation);

#endif
