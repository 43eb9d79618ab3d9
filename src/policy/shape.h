/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy/shape: does an argument list have a shape? Private to the directory, but for the holes, which the learner asks
 * too (gb_policy_hole_fits in policy.h).
 */
#ifndef GB_POLICY_SHAPE_H
#define GB_POLICY_SHAPE_H

#include "policy/set.h"

/* An argument with holes longer than this matches no shape: the room for judging it is on the stack. */
#define GB_SHAPE_TEXT_MAX 4096u

/* Whether ARGUMENTS (argv as in struct gb_activity) is what PROCESS allows. The executable is not looked at. */
bool gb_policy_shape_matches(
        const struct gb_policy *policy, const struct gb_blob_process *process, struct gb_span arguments);

#endif
