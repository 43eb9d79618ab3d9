/* SPDX-License-Identifier: Apache-2.0 */
#include "learn/store.h"

#include <errno.h>

static int merge_seen(struct gb_profile *into, struct gb_profile_item *item, const struct gb_profile_item *from)
{
	int r = 0;

	for (size_t i = 0; i < from->seen.count && r == 0; i++) {
		const struct gb_profile_seen *seen = (const struct gb_profile_seen *)from->seen.items[i];

		r = gb_profile_seen_add(into, item, seen->key.bytes, seen->count);
		for (size_t k = 0; k < seen->first_count && r == 0; k++)
			r = gb_profile_first_add(into, item, seen->key.bytes, seen->first[k]);
	}
	return r;
}

static int merge_keys(
        struct gb_profile *into, struct gb_profile_list *list, size_t max, const struct gb_profile_list *from)
{
	struct gb_profile_key *taken;
	int r = 0;

	for (size_t i = 0; i < from->count && r == 0; i++)
		r = gb_profile_take(into->arena, list, from->items[i]->bytes, sizeof(*taken), max, &taken);
	return r;
}

static int merge_items(
        struct gb_profile *into, struct gb_profile_list *list, size_t max, const struct gb_profile_list *from)
{
	int r = 0;

	for (size_t i = 0; i < from->count && r == 0; i++) {
		const struct gb_profile_item *theirs = (const struct gb_profile_item *)from->items[i];
		struct gb_profile_item *item;

		r = gb_profile_item_take(into, list, max, theirs, &item);
		if (r < 0 || item == NULL)
			continue;
		r = merge_seen(into, item, theirs);
		if (r == 0)
			r = merge_keys(into, &item->sources, GB_PROFILE_ITEM_SOURCES_MAX, &theirs->sources);
		if (r == 0)
			r = gb_profile_time_add(into, &item->earliest, &item->latest, theirs->earliest);
		if (r == 0)
			r = gb_profile_time_add(into, &item->earliest, &item->latest, theirs->latest);
		item->is_unsourced |= theirs->is_unsourced;
		item->is_each |= theirs->is_each;
	}
	return r;
}

static int merge_sandbox(
        struct gb_profile *into, struct gb_profile_version *version, const struct gb_profile_sandbox *theirs)
{
	struct gb_profile_sandbox *sandbox;
	int r = gb_profile_sandbox_take(into, version, theirs->key.bytes, theirs->invocations, &sandbox);

	if (r < 0 || sandbox == NULL)
		return r;
	gb_profile_limit_add(sandbox, theirs->limit);
	for (size_t i = 0; i < theirs->shapes.count && r == 0; i++) {
		const struct gb_profile_shape *shape = (const struct gb_profile_shape *)theirs->shapes.items[i];

		r = gb_profile_shape_add(into, sandbox, shape->key.bytes, shape->count);
	}
	return r;
}

static int merge_version(struct gb_profile *into, const struct gb_profile_version *theirs)
{
	struct gb_profile_version *version;
	int r = gb_profile_version_take(into, theirs->code, theirs->number, &version);

	if (r < 0 || version == NULL)
		return r;
	for (size_t i = 0; i < theirs->sandboxes.count && r == 0; i++)
		r = merge_sandbox(into, version, (const struct gb_profile_sandbox *)theirs->sandboxes.items[i]);
	if (r == 0)
		r = merge_items(into, &version->items, GB_PROFILE_ITEMS_MAX, &theirs->items);
	if (r == 0)
		r = merge_keys(into, &version->sources, GB_PROFILE_SOURCES_MAX, &theirs->sources);
	if (r == 0)
		r = gb_profile_time_add(into, &version->earliest, &version->latest, theirs->earliest);
	return r < 0 ? r : gb_profile_time_add(into, &version->earliest, &version->latest, theirs->latest);
}

int gb_profile_merge(struct gb_profile *into, const struct gb_profile *from, struct gb_diag *diag)
{
	int r = 0;

	if (into->function.n != 0 && from->function.n != 0 && !gb_span_equal(into->function, from->function))
		return gb_diag_set(diag, -EINVAL, 0, 0, "the profiles are of two functions, '%.*s' and '%.*s'",
		        (int)(into->function.n < 64 ? into->function.n : 64), (const char *)into->function.p,
		        (int)(from->function.n < 64 ? from->function.n : 64), (const char *)from->function.p);
	if (into->function.n == 0)
		into->function = gb_profile_copy(into->arena, from->function, &r);
	for (size_t i = 0; i < from->versions.count && r == 0; i++)
		r = merge_version(into, (const struct gb_profile_version *)from->versions.items[i]);
	if (r == 0)
		r = merge_keys(into, &into->bad_requests, GB_PROFILE_FINDINGS_MAX, &from->bad_requests);
	if (r == 0)
		r = merge_items(into, &into->bad_items, GB_PROFILE_BAD_ITEMS_MAX, &from->bad_items);
	for (size_t i = 0; i < from->decisions.count && r == 0; i++) {
		const struct gb_profile_decision *decision =
		        (const struct gb_profile_decision *)from->decisions.items[i];

		r = gb_profile_decision_add(into, decision->key.bytes, decision->word, decision->time, decision->by);
	}
	return r;
}
