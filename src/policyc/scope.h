/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policyc/scope: which functions a scope or a match is for, and which of two fits better. Private to policyc.
 */
#ifndef GB_POLICYC_SCOPE_H
#define GB_POLICYC_SCOPE_H

#include "policyc/set.h"

enum gb_policyc_answer {
	GB_POLICYC_NO = 0,
	GB_POLICYC_YES,
	GB_POLICYC_NOT_TOLD, /* it depends on something that was not told of the function */
};

/* FUNCTION belongs to SCOPE; it is in the group GROUP (NULL: in none). *ret_field: the field that says no, or that was
 * not told. */
enum gb_policyc_answer gb_policyc_scope_answer(const struct gb_policyc_scope *scope,
        const struct gb_policyc_function *function, const char *group, const char **ret_field);

/* How well a match fits: ARN, name, the longest pattern, tags, the rest. */
struct gb_policyc_fit {
	int function; /* 3: its ARN, 2: its name, 1: a pattern, 0: not named */
	size_t pattern_n;
	size_t tag_count, other_count;
};

/* Of a MATCH whose answer was not no. */
struct gb_policyc_fit gb_policyc_scope_fit(
        const struct gb_policyc_scope *match, const struct gb_policyc_function *function);
/* Below 0, 0, above 0, as A fits worse than B, as well, better. */
int gb_policyc_fit_compare(const struct gb_policyc_fit *a, const struct gb_policyc_fit *b);
/* For people: "it is named there by its ARN", … */
const char *gb_policyc_fit_text(const struct gb_policyc_fit *fit);

/* The same functions, whatever the order. */
bool gb_policyc_scope_equal(const struct gb_policyc_scope *a, const struct gb_policyc_scope *b);

/* FUNCTION with all that its ARN tells; strings in ARENA. -EINVAL with DIAG when it contradicts itself. */
__attribute__((warn_unused_result)) int gb_policyc_function_fill(struct gb_arena *arena,
        const struct gb_policyc_function *function, struct gb_policyc_function *ret_function, struct gb_diag *diag);

#endif
