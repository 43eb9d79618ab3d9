/* SPDX-License-Identifier: Apache-2.0 */
#include "learn/activity.h"

#include "policyc/policyc.h"

#include <errno.h>
#include <stdlib.h>

/* Addresses are dealt out to so many parts; what a part showed is judged by what the others did. */
#define PARTS 4u

static int policy_of(const struct gb_learn_settings *settings, struct gb_arena *arena,
        const struct gb_profile_item *const *kept, size_t kept_count, struct gb_policyc_document *document,
        unsigned char **ret_blob, struct gb_policy *ret_policy)
{
	size_t n = 0;
	int r;

	document->control_modes[GB_CONTROL_ALLOWLIST] = GB_BLOB_MODE_POSTURE;
	r = gb_learn_generalise(arena, settings, kept, kept_count, document);
	if (r < 0)
		return r;
	r = gb_policyc_compile(document, 1, ret_blob, &n, NULL);
	return r < 0 ? r : gb_policy_open(gb_span_of(*ret_blob, n), ret_policy);
}

int gb_learn_unlisted(const struct gb_learn_settings *settings, struct gb_arena *arena,
        const struct gb_profile_item *const *kept, size_t kept_count, const struct gb_profile_item **news,
        size_t new_count, size_t *ret_count)
{
	struct gb_policyc_document *document = gb_policyc_document_new();
	unsigned char *blob = NULL;
	struct gb_policy policy;
	struct gb_policy_context context = {.policy = &policy, .posture = GB_MODE_BLOCK};
	size_t count = 0;
	int r = document == NULL ? -ENOMEM : policy_of(settings, arena, kept, kept_count, document, &blob, &policy);

	for (size_t i = 0; i < new_count && r == 0; i++) {
		struct gb_activity activity;

		r = gb_learn_activity(arena, news[i], &activity);
		if (r == 0 && gb_policy_ask(GB_POLICY_ALLOWLIST, &context, &activity).decision != GB_ALLOW)
			news[count++] = news[i];
	}
	free(blob);
	gb_policyc_document_free(document);
	/* What does not fit a policy lists nothing. */
	if (r < 0 && r != -ENOMEM) {
		count = new_count;
		r = 0;
	}
	*ret_count = count;
	return r;
}

struct parts {
	const struct gb_profile_item **kept, **news;
	enum gb_learn_status *statuses; /* of all entries: those found for one part must not serve the next */
};

static bool is_of_part(const struct gb_learn_entry *entry, unsigned part)
{
	return entry->status == GB_LEARN_HELD && entry->item->sources.items[0]->hash % PARTS == part;
}

static int release_part(struct gb_learn_view *view, unsigned part, struct parts *parts)
{
	struct gb_arena *arena = gb_arena_new();
	size_t kept_count = 0, new_count = 0, count = 0, next = 0;
	int r = arena == NULL ? -ENOMEM : 0;

	for (size_t i = 0; i < view->count; i++) {
		const struct gb_learn_entry *entry = &view->entries[i];

		if (is_of_part(entry, part))
			parts->news[new_count++] = entry->item;
		else if (entry->status == GB_LEARN_LEARNED || entry->status == GB_LEARN_HELD)
			parts->kept[kept_count++] = entry->item;
	}
	if (r == 0 && new_count != 0)
		r = gb_learn_unlisted(&view->settings, arena, parts->kept, kept_count, parts->news, new_count, &count);
	for (size_t i = 0; i < view->count && r == 0; i++) {
		if (!is_of_part(&view->entries[i], part))
			continue;
		if (next < count && parts->news[next] == view->entries[i].item)
			next++;
		else
			parts->statuses[i] = GB_LEARN_LEARNED;
	}
	gb_arena_free(arena);
	return r;
}

int gb_learn_release(struct gb_learn_view *view)
{
	struct parts parts;
	size_t room = view->count + 1;
	int r = 0;

	if (view->counts[GB_LEARN_HELD] == 0)
		return 0;
	parts.kept = gb_arena_take(view->arena, room * sizeof(*parts.kept));
	parts.news = gb_arena_take(view->arena, room * sizeof(*parts.news));
	parts.statuses = gb_arena_take(view->arena, room * sizeof(*parts.statuses));
	if (parts.kept == NULL || parts.news == NULL || parts.statuses == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < view->count; i++)
		parts.statuses[i] = view->entries[i].status;
	for (unsigned part = 0; part < PARTS && r == 0; part++)
		r = release_part(view, part, &parts);
	for (size_t i = 0; i < view->count && r == 0; i++) {
		view->counts[view->entries[i].status]--;
		view->entries[i].status = parts.statuses[i];
		view->counts[parts.statuses[i]]++;
	}
	return r;
}
