/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy/flow: did a string of an event being handled change what a command does? Private to the directory.
 */
#ifndef GB_POLICY_FLOW_H
#define GB_POLICY_FLOW_H

#include "policy/policy.h"

/* Judge ACTIVITY (a process start) against the GB_SEGMENT_INPUT_SLOTS slots at INPUTS. GB_R_NONE: no harm found.
 * GB_R_FLOW_LIMIT: not everything could be looked at. `decision` is left to the caller. */
struct gb_verdict gb_policy_flow(const struct gb_input_slot *inputs, const struct gb_activity *activity);

#endif
