/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/expression.h"

#include "policy/list.h"
#include "policy/moment.h"
#include "policy/set.h"

uint32_t gb_policy_automaton_step(
        const struct gb_policy *policy, const struct gb_blob_automaton *automaton, uint32_t state, unsigned char c)
{
	const unsigned char *tables = part_elements(policy, policy->header->tables);
	uint32_t class = tables[automaton->classes + c];
	uint16_t next;

	/* The tables themselves are not checked when a policy is opened: what they say is. */
	if (state >= automaton->state_count || class >= automaton->class_count)
		return 0;
	__builtin_memcpy(&next, tables + automaton->next + 2 * ((size_t)state * automaton->class_count + class), 2);
	return next < automaton->state_count ? next : 0;
}

bool gb_policy_automaton_accepts(
        const struct gb_policy *policy, const struct gb_blob_automaton *automaton, uint32_t state)
{
	const unsigned char *tables = part_elements(policy, policy->header->tables);

	return state != 0 && state < automaton->state_count && tables[automaton->accepts + state] != 0;
}

static bool holds(const struct gb_policy *policy, const struct gb_blob_expression *expression)
{
	return gb_policy_is_during(policy, expression->from, expression->until) &&
	       gb_policy_tag_holds(policy, expression->tag);
}

const struct gb_blob_automaton *gb_policy_automaton_at(const struct gb_policy *policy, const struct gb_blob_list *list,
        unsigned place, size_t *index, uint32_t *ret_tag)
{
	const struct gb_blob_expression *expressions = part_elements(policy, list->expressions);
	const struct gb_blob_automaton *automata = part_elements(policy, policy->header->automata);

	while (*index < list->expressions.count &&
	        (expressions[*index].place < place ||
	                (expressions[*index].place == place && !holds(policy, &expressions[*index]))))
		++*index;
	if (*index == list->expressions.count || expressions[*index].place != place)
		return NULL;
	*ret_tag = expressions[*index].tag;
	return &automata[expressions[(*index)++].automaton];
}

bool gb_policy_expression_holds(const struct gb_policy *policy, const struct gb_blob_list *list, unsigned place,
        struct gb_span text, uint32_t *ret_tag)
{
	const struct gb_blob_automaton *automaton;
	size_t index = 0;
	uint32_t tag;

	while ((automaton = gb_policy_automaton_at(policy, list, place, &index, &tag)) != NULL) {
		uint32_t state = GB_AUTOMATON_START;

		for (size_t i = 0; i < text.n && state != 0; i++)
			state = gb_policy_automaton_step(policy, automaton, state, text.p[i]);
		if (place >= GB_BLOB_PLACE_COMMANDS)
			state = gb_policy_automaton_step(policy, automaton, state, ' ');
		if (!gb_policy_automaton_accepts(policy, automaton, state))
			continue;
		*ret_tag = tag;
		return true;
	}
	return false;
}
