/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/gambeson/policy_place.h"

#include <string.h>

static bool same_place(const struct gb_policyc_origin *a, const struct gb_policyc_origin *b)
{
	return a->file != NULL && b->file != NULL && a->line == b->line && strcmp(a->file, b->file) == 0;
}

const struct gb_policyc_entry *gb_policy_place_original(const struct gb_policyc_document *document, bool is_rule,
        const struct gb_policyc_origin *origin, const char *name)
{
	const struct gb_policyc_entries *entries = is_rule ? &document->rules : &document->exclusions;

	for (size_t i = 0; i < entries->count; i++) {
		const struct gb_policyc_entry *entry = &entries->items[i];

		if (same_place(&entry->origin, origin) && (entry->name == NULL) == (name == NULL) &&
		        (name == NULL || strcmp(entry->name, name) == 0))
			return entry;
	}
	return NULL;
}

void gb_policy_place_in(const struct gb_policy_judge *judge, size_t index, struct gb_policy_place *place)
{
	const struct gb_policyc_resolution *resolution = &judge->resolution;

	place->document_at = gb_policyc_set_origin(judge->set, index);
	place->document = gb_policyc_set_document(judge->set, index)->name;
	place->kind = same_place(&place->document_at, &resolution->account) ? "AccountPolicy"
	              : same_place(&place->document_at, &resolution->group) ? "Group"
	                                                                    : "FunctionPolicy";
}

bool gb_policy_place_holds(const struct gb_policy_judge *judge, size_t index)
{
	const struct gb_policyc_resolution *resolution = &judge->resolution;
	struct gb_policyc_origin origin = gb_policyc_set_origin(judge->set, index);

	return same_place(&origin, &resolution->account) || same_place(&origin, &resolution->group) ||
	       same_place(&origin, &resolution->function);
}

void gb_policy_place_document(const struct gb_policy_judge *judge, struct gb_policy_place *place)
{
	size_t best = SIZE_MAX;
	uint32_t best_line = 0;

	for (size_t i = 0; i < gb_policyc_set_count(judge->set) && place->origin.file != NULL; i++) {
		struct gb_policyc_origin origin = gb_policyc_set_origin(judge->set, i);

		if (origin.file == NULL || strcmp(origin.file, place->origin.file) != 0 ||
		        origin.line > place->origin.line || (best != SIZE_MAX && origin.line < best_line))
			continue;
		best = i;
		best_line = origin.line;
	}
	if (best != SIZE_MAX)
		gb_policy_place_in(judge, best, place);
}
