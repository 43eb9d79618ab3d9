/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of an item. */
#include "learn/boundaries.h"

/* From so many client addresses on, what one of them alone made happen is nothing usual. */
#define SOURCES_MIN 8u

const char *gb_learn_status_name(enum gb_learn_status status)
{
	static const char *const names[_GB_LEARN_STATUS_MAX] = {
	        [GB_LEARN_NEVER] = "never",
	        [GB_LEARN_REJECTED] = "rejected",
	        [GB_LEARN_FOUND] = "found",
	        [GB_LEARN_TAINTED] = "tainted",
	        [GB_LEARN_CUT] = "cut",
	        [GB_LEARN_HELD] = "held",
	        [GB_LEARN_LEARNED] = "learned",
	};

	return (unsigned)status < _GB_LEARN_STATUS_MAX ? names[status] : "never";
}

static bool has_clean_witness(const struct gb_profile *profile, const struct gb_profile_item *item)
{
	for (size_t i = 0; i < item->seen.count; i++) {
		const struct gb_profile_seen *seen = (const struct gb_profile_seen *)item->seen.items[i];

		for (size_t k = 0; k < seen->first_count; k++)
			if (!gb_learn_is_bad(profile, seen->first[k].request))
				return true;
	}
	return false;
}

bool gb_learn_is_bad(const struct gb_profile *profile, struct gb_span request)
{
	if (profile->bad_requests.count == 0)
		return false;
	while (request.n != 0) {
		size_t blank = gb_span_find_byte(request, ' ', 0);

		if (gb_profile_find(&profile->bad_requests, gb_span_sub(request, 0, blank)) != NULL)
			return true;
		request = gb_span_sub(request, blank == SIZE_MAX ? request.n : blank + 1, SIZE_MAX);
	}
	return false;
}

/* Half of what a finding names, where the log had to cut it, still means the whole. */
static bool is_found(const struct gb_profile *profile, const struct gb_profile_item *item)
{
	if (gb_profile_find(&profile->bad_items, item->key.bytes) != NULL)
		return true;
	for (size_t i = 0; i < profile->bad_items.count; i++) {
		const struct gb_profile_item *bad = (const struct gb_profile_item *)profile->bad_items.items[i];
		size_t same = 0;

		if (!bad->is_cut || bad->kind != item->kind || !gb_span_equal(bad->subject, item->subject) ||
		        !gb_span_equal(bad->object, item->object))
			continue;
		while (same < bad->argument_count && same < item->argument_count &&
		        gb_span_equal(bad->arguments[same], item->arguments[same]))
			same++;
		if (same == bad->argument_count)
			return true;
	}
	return false;
}

/* A star in a name would be a pattern. */
static bool has_star(const struct gb_profile_item *item)
{
	return !item->is_pattern && (gb_span_find_byte(item->subject, '*', 0) != SIZE_MAX ||
	                                    gb_span_find_byte(item->object, '*', 0) != SIZE_MAX);
}

enum gb_learn_status gb_learn_status_of(
        const struct gb_learn_view *view, const struct gb_profile_version *version, const struct gb_profile_item *item)
{
	const struct gb_profile *profile = view->profile;
	const struct gb_profile_decision *decision = gb_profile_find(&profile->decisions, item->key.bytes);

	if (has_star(item) ||
	        (view->settings.boundaries != NULL && gb_boundaries_never(view->settings.boundaries, item)))
		return GB_LEARN_NEVER;
	if (decision != NULL && decision->word == GB_PROFILE_REJECTED)
		return GB_LEARN_REJECTED;
	if (item->is_cut)
		return GB_LEARN_CUT;
	if (decision != NULL && decision->word == GB_PROFILE_APPROVED)
		return GB_LEARN_LEARNED;
	if (is_found(profile, item))
		return GB_LEARN_FOUND;
	if (!has_clean_witness(profile, item))
		return GB_LEARN_TAINTED;
	if (version->sources.count >= SOURCES_MIN && item->sources.count == 1 && !item->is_unsourced)
		return GB_LEARN_HELD;
	return GB_LEARN_LEARNED;
}
