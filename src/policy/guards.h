/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy/guards: the controls beside the lists: drift, forbidden programs, decoys, credentials, budgets. Private to the
 * directory, but for gb_policy_guards_are_good().
 */
#ifndef GB_POLICY_GUARDS_H
#define GB_POLICY_GUARDS_H

#include "policy/policy.h"

/* What a control found, without a decision: GB_R_NONE when nothing. */
enum gb_reason gb_policy_drift(const struct gb_policy *policy, const struct gb_activity *activity);
enum gb_reason gb_policy_forbidden(const struct gb_policy *policy, const struct gb_activity *activity);
enum gb_reason gb_policy_decoy(const struct gb_policy_context *context, const struct gb_activity *activity);
enum gb_reason gb_policy_credential(const struct gb_policy_context *context, const struct gb_activity *activity);
enum gb_reason gb_policy_budget(const struct gb_policy_context *context, const struct gb_activity *activity);

/* Part of gb_policy_open(): the texts are inside of BLOB, whose header is checked in its other parts. */
bool gb_policy_guards_are_good(struct gb_span blob);

/* Whether rules deny the program that is started (ACTIVITY is that) by its other name, where /bin is a link to /usr/bin. */
bool gb_policy_denies_other_name(const struct gb_policy *policy, const struct gb_activity *activity, uint32_t *ret_tag);

#endif
