/* SPDX-License-Identifier: Apache-2.0 */
#include "learn/activity.h"
#include "learn/boundaries.h"

#include "activity/made_up.h"
#include "base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct gb_learn_settings gb_learn_settings_usual(void)
{
	return (struct gb_learn_settings){.epsilon = 0.001, .delta = 0.05, .invocations_min = 100, .shapes_min = 1};
}

static void id_of(const struct gb_profile_item *item, char ret_id[GB_LEARN_ID_BYTES + 1])
{
	struct gb_text text = gb_text_on(ret_id, GB_LEARN_ID_BYTES + 1);
	unsigned char bytes[8];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)(item->key.hash >> (56 - 8 * i));
	gb_text_add_hex(&text, gb_span_of(bytes, sizeof(bytes)));
	(void)gb_text_cstr(&text);
}

static int add_entry(
        struct gb_learn_view *view, const struct gb_profile_version *version, const struct gb_profile_item *item)
{
	struct gb_learn_entry *entry = &view->entries[view->count++];

	*entry = (struct gb_learn_entry){.status = gb_learn_status_of(view, version, item),
	        .is_carried = version != view->version,
	        .kind = item->kind,
	        .subject = item->subject,
	        .object = item->object,
	        .arguments = item->arguments,
	        .argument_count = item->argument_count,
	        .sandboxes = item->seen.count,
	        .earliest = item->earliest,
	        .latest = item->latest,
	        .item = item};
	entry->is_start = true;
	id_of(item, entry->id);
	for (size_t i = 0; i < item->seen.count; i++) {
		const struct gb_profile_seen *seen = (const struct gb_profile_seen *)item->seen.items[i];

		if (__builtin_add_overflow(entry->invocations, gb_profile_count(seen), &entry->invocations))
			entry->invocations = UINT64_MAX;
		entry->is_start &= gb_profile_count(seen) <= 1 && seen->first_count != 0 && seen->first[0].at <= 1;
	}
	view->counts[entry->status]++;
	return 0;
}

/* What an entry is grouped by: known once it is sure that it is learned. */
static int set_patterns(struct gb_learn_view *view)
{
	int r = 0;

	for (size_t i = 0; i < view->count && r == 0; i++) {
		struct gb_learn_entry *entry = &view->entries[i];

		entry->pattern = entry->subject;
		if (entry->status == GB_LEARN_LEARNED && !entry->item->is_pattern && gb_made_up_is_file(entry->kind))
			r = gb_learn_path_pattern(
			        view->arena, view->settings.boundaries, entry->subject, &entry->pattern);
	}
	return r;
}

/* Made-up names of both paths of a rename are seldom made up of one thing: those stay single. */
static bool is_alike(const struct gb_learn_entry *a, const struct gb_learn_entry *b)
{
	return a->kind == b->kind && a->status == b->status && gb_span_equal(a->pattern, b->pattern) &&
	       a->object.n == 0 && b->object.n == 0 && a->argument_count == 0 && b->argument_count == 0;
}

static int entry_compare(const void *left, const void *right)
{
	const struct gb_learn_entry *a = left, *b = right;
	int order = (int)a->kind - (int)b->kind;

	if (order == 0)
		order = gb_learn_span_compare(a->pattern, b->pattern);
	if (order == 0)
		order = (int)a->status - (int)b->status;
	return order != 0 ? order : gb_profile_item_compare(a->item, b->item);
}

static int group(struct gb_learn_view *view)
{
	view->groups = gb_arena_take(view->arena, (view->count + 1) * sizeof(*view->groups));
	if (view->groups == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < view->count; i++) {
		const struct gb_learn_entry *entry = &view->entries[i];
		struct gb_learn_group *last = view->groups + view->group_count - 1;

		if (view->group_count == 0 || !is_alike(last->entries, entry)) {
			last = &view->groups[view->group_count++];
			*last = (struct gb_learn_group){.entries = entry, .is_carried = true, .is_start = true};
		}
		last->count++;
		if (__builtin_add_overflow(last->invocations, entry->invocations, &last->invocations))
			last->invocations = UINT64_MAX;
		last->is_carried &= entry->is_carried;
		last->is_start &= entry->is_start;
	}
	return 0;
}

/* Later, as far as the times of their lines say. */
static bool is_later(const struct gb_profile_version *a, const struct gb_profile_version *b)
{
	int order = gb_learn_span_compare(a->latest, b->latest);

	if (order == 0)
		order = gb_learn_span_compare(a->earliest, b->earliest);
	return order != 0 ? order > 0 : gb_learn_span_compare(a->key.bytes, b->key.bytes) > 0;
}

static const struct gb_profile_version *version_before(const struct gb_learn_view *view)
{
	const struct gb_profile_list *versions = &view->profile->versions;
	const struct gb_profile_version *previous = NULL;

	for (size_t i = 0; i < versions->count; i++) {
		const struct gb_profile_version *version = (const struct gb_profile_version *)versions->items[i];

		if (version != view->version && is_later(view->version, version) &&
		        (previous == NULL || is_later(version, previous)))
			previous = version;
	}
	return previous;
}

static struct gb_span name_of(const struct gb_profile_version *version)
{
	return version->code.n != 0 ? version->code : version->number;
}

struct gb_span gb_learn_previous(const struct gb_learn_view *view)
{
	const struct gb_profile_version *version = version_before(view);

	return version == NULL ? GB_SPAN_EMPTY : name_of(version);
}

static int choose_version(struct gb_learn_view *view, struct gb_diag *diag)
{
	const struct gb_profile_list *versions = &view->profile->versions;
	struct gb_span wanted = view->settings.version;

	for (size_t i = 0; i < versions->count; i++) {
		const struct gb_profile_version *version = (const struct gb_profile_version *)versions->items[i];

		if (wanted.n != 0 && !gb_span_equal(wanted, version->code) && !gb_span_equal(wanted, version->number))
			continue;
		if (view->version == NULL || is_later(version, view->version))
			view->version = version;
	}
	if (view->version == NULL)
		return wanted.n == 0 ? gb_diag_set(diag, -ENOENT, 0, 0, "the profile is empty")
		                     : gb_diag_set(diag, -ENOENT, 0, 0, "the profile has no version or code '%.*s'",
		                               (int)(wanted.n < 80 ? wanted.n : 80), (const char *)wanted.p);
	if (!view->settings.is_alone)
		view->previous = version_before(view);
	return 0;
}

static int count_sandboxes(struct gb_learn_view *view)
{
	struct gb_profile_list shapes = {0};
	int r = 0;

	for (size_t i = 0; i < view->version->sandboxes.count && r == 0; i++) {
		const struct gb_profile_sandbox *sandbox =
		        (const struct gb_profile_sandbox *)view->version->sandboxes.items[i];
		struct gb_profile_key *taken;

		view->sandboxes += sandbox->invocations != 0 ? 1 : 0;
		if (__builtin_add_overflow(view->invocations, gb_profile_told(sandbox), &view->invocations))
			view->invocations = UINT64_MAX;
		for (size_t k = 0; k < sandbox->shapes.count && r == 0; k++)
			r = gb_profile_take(
			        view->arena, &shapes, sandbox->shapes.items[k]->bytes, sizeof(*taken), 1024, &taken);
	}
	view->shapes = shapes.count;
	return r;
}

static int fill(struct gb_learn_view *view)
{
	const struct gb_profile_list *own = &view->version->items;
	size_t count = own->count + (view->previous != NULL ? view->previous->items.count : 0);
	int r = 0;

	view->entries = gb_arena_take(view->arena, (count + 1) * sizeof(*view->entries));
	if (view->entries == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < own->count && r == 0; i++)
		r = add_entry(view, view->version, (const struct gb_profile_item *)own->items[i]);
	for (size_t i = 0; view->previous != NULL && i < view->previous->items.count && r == 0; i++) {
		const struct gb_profile_item *item = (const struct gb_profile_item *)view->previous->items.items[i];

		if (gb_profile_find(own, item->key.bytes) == NULL)
			r = add_entry(view, view->previous, item);
	}
	if (r == 0)
		r = gb_learn_release(view);
	if (r == 0)
		r = set_patterns(view);
	if (r == 0 && view->count != 0)
		qsort(view->entries, view->count, sizeof(*view->entries), entry_compare);
	if (r == 0)
		r = group(view);
	return r < 0 ? r : count_sandboxes(view);
}

int gb_learn_view_new(const struct gb_profile *profile, const struct gb_learn_settings *settings,
        struct gb_learn_view **ret_view, struct gb_diag *diag)
{
	struct gb_arena *arena = gb_arena_new();
	struct gb_learn_view *view = arena == NULL ? NULL : gb_arena_take(arena, sizeof(*view));
	int r;

	if (view == NULL) {
		gb_arena_free(arena);
		return -ENOMEM;
	}
	view->arena = arena;
	view->settings = *settings;
	view->profile = profile;
	r = choose_version(view, diag);
	if (r == 0) {
		view->version_name = name_of(view->version);
		view->earliest = view->version->earliest;
		view->latest = view->version->latest;
		r = fill(view);
	}
	if (r < 0) {
		gb_arena_free(arena);
		return r;
	}
	*ret_view = view;
	return 0;
}

void gb_learn_view_free(struct gb_learn_view *view)
{
	if (view != NULL)
		gb_arena_free(view->arena);
}

void gb_learn_view_freep(struct gb_learn_view **view)
{
	gb_learn_view_free(*view);
}

int gb_profile_decide_item(struct gb_profile *profile, struct gb_span id, bool is_approved, struct gb_span time,
        struct gb_span by, struct gb_diag *diag)
{
	const struct gb_profile_item *meant = NULL;

	for (size_t i = 0; i < profile->versions.count; i++) {
		const struct gb_profile_version *version =
		        (const struct gb_profile_version *)profile->versions.items[i];

		for (size_t k = 0; k < version->items.count; k++) {
			const struct gb_profile_item *item = (const struct gb_profile_item *)version->items.items[k];
			char text[GB_LEARN_ID_BYTES + 1];

			id_of(item, text);
			if (!gb_span_starts(gb_span_of(text, GB_LEARN_ID_BYTES), id))
				continue;
			if (meant != NULL && !gb_span_equal(meant->key.bytes, item->key.bytes))
				return gb_diag_set(diag, -EINVAL, 0, 0,
				        "more than one item has an id that begins '%.*s'", (int)(id.n < 16 ? id.n : 16),
				        (const char *)id.p);
			meant = item;
		}
	}
	if (meant == NULL || id.n == 0)
		return gb_diag_set(diag, -ENOENT, 0, 0,
		        "no item has the id '%.*s'; 'gambeson profile show' tells the ids",
		        (int)(id.n < 40 ? id.n : 40), (const char *)id.p);
	return gb_profile_decision_add(
	        profile, meant->key.bytes, is_approved ? GB_PROFILE_APPROVED : GB_PROFILE_REJECTED, time, by);
}
