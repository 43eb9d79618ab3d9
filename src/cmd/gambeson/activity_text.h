/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd/gambeson/activity_text: activities as people write them, with what they are judged against beside the policy.
 */
#ifndef GB_CMD_ACTIVITY_TEXT_H
#define GB_CMD_ACTIVITY_TEXT_H

#include "activity/activity.h"
#include "activity/verdict.h"
#include "base/diag.h"
#include "base/arena.h"
#include "wire/ring.h"
#include "wire/segment.h"

/* An activity, and what is in hand when it happens. Texts are the arena's. */
struct gb_activity_case {
	struct gb_arena *arena;
	struct gb_activity activity;
	struct gb_input_slot *slots; /* GB_SEGMENT_INPUT_SLOTS of them, malloc'ed; NULL: no event is in hand */
	struct gb_secret *secrets;   /* GB_SECRETS_MAX of them, malloc'ed; NULL: none */
	uint32_t exceeded;           /* budgets that are used up: bit 1 << enum gb_usage */
};

/* Zeroed, with an arena. -ENOMEM. */
__attribute__((warn_unused_result)) int gb_activity_case_new(struct gb_activity_case *ret_case);
/* For GB_CLEANUP. */
void gb_activity_case_done(struct gb_activity_case *of);

/* The activity of COUNT WORDS, the first of them its kind: file_read PATH; file_rename PATH PATH; process_start PATH
 * ARGV0 ARG…; net_connect 10.0.0.1:80 [--name HOST]; name_lookup HOST; aws_api s3:GetObject [ARN]; http_request "GET
 * host" /path; other kinds [SUBJECT]. Paths are made canonical. -EINVAL with DIAG (no line), -ENOMEM. */
__attribute__((warn_unused_result)) int gb_activity_text_words(
        struct gb_activity_case *of, const struct gb_span *words, size_t count, struct gb_diag *diag);

/* The same of one TEXT, cut at blanks; '…' and "…" hold blanks, \ takes the next byte as it is (not within '…'). */
__attribute__((warn_unused_result)) int gb_activity_text_line(
        struct gb_activity_case *of, struct gb_span text, struct gb_diag *diag);

/* A string of the event in hand, called PATH; a secret key of the function's role; a budget, by its name in documents,
 * that is used up. -EINVAL with DIAG, -ENOMEM. */
__attribute__((warn_unused_result)) int gb_activity_case_input(
        struct gb_activity_case *of, struct gb_span path, struct gb_span value, struct gb_diag *diag);
__attribute__((warn_unused_result)) int gb_activity_case_credential(
        struct gb_activity_case *of, struct gb_span value, struct gb_diag *diag);
__attribute__((warn_unused_result)) int gb_activity_case_over(
        struct gb_activity_case *of, struct gb_span budget, struct gb_diag *diag);

/* "deny", "report", "observe", "allow". */
const char *gb_decision_text(enum gb_decision decision);

#endif
