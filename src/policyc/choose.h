/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policyc/choose: which documents of a set are for a function. Private to policyc.
 */
#ifndef GB_POLICYC_CHOOSE_H
#define GB_POLICYC_CHOOSE_H

#include "policyc/layer.h"
#include "policyc/scope.h"

struct gb_policyc_choice {
	struct gb_policyc_function function;                          /* with what its ARN tells */
	const struct gb_policyc_layer *layers[_GB_POLICYC_LAYER_MAX]; /* NULL: none */
	const char *group;                                            /* its name; NULL: none */
	const char *group_why;                                        /* NULL: no group */
};

/* As gb_policyc_resolve(). Strings in ARENA, or the set's or FUNCTION's. */
__attribute__((warn_unused_result)) int gb_policyc_choose(struct gb_arena *arena, const struct gb_policyc_set *set,
        const struct gb_policyc_function *function, int64_t now, struct gb_policyc_choice *ret_choice,
        struct gb_diag *diag);

#endif
