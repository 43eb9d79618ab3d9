/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd/gambeson/policy_judge: an activity judged by the policy of a function, step by step, and which entry of which
 * document decided. What is wrong is complained about in SELF's name.
 */
#ifndef GB_CMD_POLICY_JUDGE_H
#define GB_CMD_POLICY_JUDGE_H

#include "cmd/gambeson/activity_text.h"
#include "cmd/gambeson/policy_set.h"
#include "policy/policy.h"

/* Documents, or one compiled policy, and what holds for one function. Free by gb_policy_judge_done(). */
struct gb_policy_judge {
	struct gb_policyc_set *set; /* NULL: compiled */
	struct gb_policyc_resolution resolution;
	unsigned char *blob;
	struct gb_policy policy; /* opened by gb_policy_judge_resolve() */
};

/* Read PATHS: documents and folders of them, or one compiled policy. Result: enum gb_exit. */
int gb_policy_judge_load(
        const struct gb_command *self, const struct gb_strings *paths, struct gb_policy_judge *ret_judge);
/* Turn to the function TARGET. May be called any number of times. Result: enum gb_exit. */
int gb_policy_judge_resolve(
        const struct gb_command *self, struct gb_policy_judge *judge, const struct gb_policy_target *target);
/* For GB_CLEANUP. */
void gb_policy_judge_done(struct gb_policy_judge *judge);

enum gb_policy_step_state {
	GB_POLICY_STEP_NOT_FOR_KIND = 0, /* it has nothing to say about such activities */
	GB_POLICY_STEP_ASKED,
	GB_POLICY_STEP_NOT_REACHED, /* an earlier one had the last word; what it would have said */
};

struct gb_policy_judgement {
	struct gb_verdict verdict;
	enum gb_policy_step decider; /* _GB_POLICY_STEP_MAX: the posture is off */
	struct gb_verdict answers[_GB_POLICY_STEP_MAX];
	enum gb_policy_step_state states[_GB_POLICY_STEP_MAX];
};

/* What OF is judged against, by POLICY. */
struct gb_policy_context gb_policy_judge_context(const struct gb_policy *policy, const struct gb_activity_case *of);

/* What each step says of OF, the steps behind the deciding one too, and the verdict. */
void gb_policy_judge(
        const struct gb_policy_judge *judge, const struct gb_activity_case *of, struct gb_policy_judgement *ret);

/* "self", "decoys", …, "allowlist" */
const char *gb_policy_step_name(enum gb_policy_step step);
/* What STEP is switched by; GB_CONTROL_NONE: nothing. */
enum gb_control gb_policy_step_control(enum gb_policy_step step);

#define GB_POLICY_PLACES_MAX 16u

/* One thing in the documents that matched. Strings are the judge's. */
struct gb_policy_place {
	const char *noun;                     /* "rule", "exclusion", "allow", or a section: "forbidden" */
	const char *name;                     /* of the entry; NULL: none */
	const char *field;                    /* "files.read" */
	const char *text;                     /* as in the document, or its chief part */
	bool is_regex;                        /* `text` is a regular expression */
	struct gb_policyc_origin origin;      /* file NULL: not known, as of what stands in a list file */
	const char *kind;                     /* of the document: "AccountPolicy", …; NULL: not known */
	const char *document;                 /* its name */
	struct gb_policyc_origin document_at; /* where it begins */
	const struct gb_policyc_scope *scope; /* of the entry; NULL: no such thing */
};

/* What in the documents made STEP answer as it did about OF: the first in their order that alone are enough (several
 * command patterns may be needed for one command line). None when nothing did, or when the policy is compiled. Result:
 * their count, or -ENOMEM. */
int gb_policy_judge_find(const struct gb_policy_judge *judge, const struct gb_activity_case *of,
        enum gb_policy_step step, struct gb_policy_place places[GB_POLICY_PLACES_MAX]);

/* Whether a rule or exclusion that was left out matches OF. -ENOMEM. */
int gb_policy_judge_left_out_matches(const struct gb_policy_judge *judge, const struct gb_activity_case *of,
        const struct gb_policyc_left_out *left_out);

#endif
