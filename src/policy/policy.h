/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy: the one decision. A policy is a flat blob (wire/blob.h) that is looked at where it lies; evaluate() is a pure
 * function of (policy, input in hand, activity). Freestanding: no I/O, no allocation, bounded time; called from the
 * sensor in every process, from the warden, and later from replay and dry run.
 */
#ifndef GB_POLICY_POLICY_H
#define GB_POLICY_POLICY_H

#include "activity/activity.h"
#include "activity/verdict.h"
#include "wire/blob.h"
#include "wire/ring.h"
#include "wire/segment.h"

/* View of a blob, whole or its shared part; borrows it. Immutable, shared freely. */
struct gb_policy {
	const struct gb_blob_header *header;
	struct gb_span blob;
	/* What is in force: as of this second since 1970. What has expired by then is not there. Whoever looks at another time
	 * sets it anew; 0 is before everything. */
	uint32_t moment;
};

/* Check BLOB (magic, version, lengths, every offset of its shared part) and make a view of it. It may be the shared
 * part alone. What the warden alone reads is checked by gb_policy_firewall_open(). Does not check the signature: that is
 * gb_blob_verify(). Errors: -EBADMSG corrupt or truncated, -EPROTONOSUPPORT newer version; *ret_policy then stays. Its
 * moment is 0. */
__attribute__((warn_unused_result)) int gb_policy_open(struct gb_span blob, struct gb_policy *ret_policy);

/* What an activity is judged against. */
struct gb_policy_context {
	const struct gb_policy *policy;     /* NULL: none; flow check and observation still work */
	const struct gb_input_slot *inputs; /* GB_SEGMENT_INPUT_SLOTS slots, or NULL */
	enum gb_mode posture;               /* cap on every control */
	bool observe;                    /* profiling: what is not on the allowlist is an observation, not a finding */
	const struct gb_secret *secrets; /* GB_SECRETS_MAX of them, or NULL */
	const uint32_t *usage;           /* by enum gb_usage, this activity counted; or NULL */
	uint32_t exceeded;               /* bit 1 << enum gb_usage */
};

/* What is asked about an activity, in this order. Each control has the mode of the policy, capped by the posture. */
enum gb_policy_step {
	GB_POLICY_SELF = 0, /* what would undo the product itself */
	GB_POLICY_DECOYS,
	GB_POLICY_FORBIDDEN,
	GB_POLICY_DRIFT,
	GB_POLICY_RULES,
	GB_POLICY_EXCLUSIONS,
	GB_POLICY_CREDENTIALS,
	GB_POLICY_FLOW,
	GB_POLICY_BUDGETS,
	GB_POLICY_ALLOWLIST,
	_GB_POLICY_STEP_MAX,
};

/* Ask the steps one after the other until one denies or an exclusion holds; the strictest answer counts. */
struct gb_verdict gb_policy_evaluate(const struct gb_policy_context *context, const struct gb_activity *activity);

/* The answer of STEP alone, whatever the others say. Of an exclusion that holds: allowed, for the reason GB_R_EXCLUDED. */
struct gb_verdict gb_policy_ask(
        enum gb_policy_step step, const struct gb_policy_context *context, const struct gb_activity *activity);

/* Whether STEP has anything to say about activities of this KIND. */
bool gb_policy_step_looks_at(enum gb_policy_step step, enum gb_activity_kind kind);

/* The name behind a verdict's `tag`, and why the document has it; empty when there is none. */
struct gb_span gb_policy_tag(const struct gb_policy *policy, uint32_t tag);
struct gb_span gb_policy_tag_reason(const struct gb_policy *policy, uint32_t tag);

/* The posture, and whether POLICY observes, at its moment. */
enum gb_mode gb_policy_posture(const struct gb_policy *policy);
bool gb_policy_observes(const struct gb_policy *policy);

/* The next second behind its moment at which something of POLICY expires or begins; 0: none. */
uint32_t gb_policy_next_change(const struct gb_policy *policy);

/* Whether a program of this PATH is to be judged with its `content`. */
bool gb_policy_wants_content(const struct gb_policy *policy, enum gb_mode posture, struct gb_span path);

/* Mode of a control under POLICY (NULL: the defaults: firewall and flow as the posture says), capped by POSTURE. */
enum gb_mode gb_policy_mode(const struct gb_policy *policy, enum gb_control control, enum gb_mode posture);

#endif
