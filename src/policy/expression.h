/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy/expression: regular expressions, which a policy holds as automata. Private to the directory.
 */
#ifndef GB_POLICY_EXPRESSION_H
#define GB_POLICY_EXPRESSION_H

#include "policy/policy.h"

#define GB_AUTOMATON_START 1u

/* The state behind STATE and the byte C; 0 is a dead end. */
uint32_t gb_policy_automaton_step(
        const struct gb_policy *policy, const struct gb_blob_automaton *automaton, uint32_t state, unsigned char c);
bool gb_policy_automaton_accepts(
        const struct gb_policy *policy, const struct gb_blob_automaton *automaton, uint32_t state);

/* The next automaton of LIST about PLACE from *INDEX on, which moves behind it; NULL when there is none. */
const struct gb_blob_automaton *gb_policy_automaton_at(const struct gb_policy *policy, const struct gb_blob_list *list,
        unsigned place, size_t *index, uint32_t *ret_tag);

#endif
