/* SPDX-License-Identifier: Apache-2.0 */
/* cmd/gambeson/policy_place: where in the documents of a set something stands. */
#ifndef GB_CMD_POLICY_PLACE_H
#define GB_CMD_POLICY_PLACE_H

#include "cmd/gambeson/policy_judge.h"

/* The rule or exclusion NAME (NULL: without a name) at ORIGIN as it stands in DOCUMENT, with its scope; or NULL. */
const struct gb_policyc_entry *gb_policy_place_original(const struct gb_policyc_document *document, bool is_rule,
        const struct gb_policyc_origin *origin, const char *name);

/* PLACE is in document INDEX of the set. */
void gb_policy_place_in(const struct gb_policy_judge *judge, size_t index, struct gb_policy_place *place);

/* The same of the last document of its file that begins before PLACE's origin. */
void gb_policy_place_document(const struct gb_policy_judge *judge, struct gb_policy_place *place);

/* Whether document INDEX of the set is one of those that hold for the function. */
bool gb_policy_place_holds(const struct gb_policy_judge *judge, size_t index);

#endif
