/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policyc/pattern: what the add functions share: checks of single texts, and growing lists. Private to policyc.
 */
#ifndef GB_POLICYC_PATTERN_H
#define GB_POLICYC_PATTERN_H

#include "policyc/policyc.h"

/* What is wrong with a pattern of paths, or of hosts; NULL: nothing. */
const char *gb_policyc_path_fault(struct gb_span pattern);
const char *gb_policyc_host_fault(struct gb_span host);

/* Add a copy of TEXT, unchecked. -ENOMEM. */
__attribute__((warn_unused_result)) int gb_policyc_strings_add(
        struct gb_policyc_document *document, struct gb_policyc_strings *list, struct gb_span text);
__attribute__((warn_unused_result)) int gb_policyc_patterns_add(struct gb_policyc_document *document,
        struct gb_policyc_patterns *list, struct gb_span text, enum gb_policyc_pattern_kind kind);

#endif
