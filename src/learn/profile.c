/* SPDX-License-Identifier: Apache-2.0 */
#include "learn/boundaries.h"

#include "base/text.h"

#include <errno.h>

struct gb_profile *gb_profile_new(void)
{
	struct gb_arena *arena = gb_arena_new();
	struct gb_profile *profile = arena == NULL ? NULL : gb_arena_take(arena, sizeof(*profile));

	if (profile == NULL) {
		gb_arena_free(arena);
		return NULL;
	}
	profile->arena = arena;
	return profile;
}

void gb_profile_free(struct gb_profile *profile)
{
	if (profile == NULL)
		return;
	gb_boundaries_free(profile->boundaries);
	gb_arena_free(profile->arena);
}

void gb_profile_freep(struct gb_profile **profile)
{
	gb_profile_free(*profile);
}

struct gb_span gb_profile_function(const struct gb_profile *profile)
{
	return profile->function;
}

/* *KEPT becomes the greater. */
static int keep_greatest(struct gb_profile *profile, struct gb_span *kept, struct gb_span s)
{
	int r = 0;

	if (gb_learn_span_compare(s, *kept) > 0)
		*kept = gb_profile_copy(profile->arena, s, &r);
	return r;
}

int gb_profile_time_add(
        struct gb_profile *profile, struct gb_span *earliest, struct gb_span *latest, struct gb_span time)
{
	int r = keep_greatest(profile, latest, time);

	if (r == 0 && time.n != 0 && (earliest->n == 0 || gb_learn_span_compare(time, *earliest) < 0))
		*earliest = gb_profile_copy(profile->arena, time, &r);
	return r;
}

int gb_profile_version_take(
        struct gb_profile *profile, struct gb_span code, struct gb_span number, struct gb_profile_version **ret)
{
	char buffer[GB_PROFILE_TEXT_MAX + 16];
	struct gb_text key = gb_text_on(buffer, sizeof(buffer));
	int r;

	if (code.n == 0 && number.n != 0) {
		gb_text_add_cstr(&key, "version ");
		gb_text_add(&key, number);
	} else if (code.n != 0) {
		gb_text_add_cstr(&key, "code ");
		gb_text_add(&key, code);
	}
	r = gb_profile_take(
	        profile->arena, &profile->versions, gb_text_span(&key), sizeof(**ret), GB_PROFILE_VERSIONS_MAX, ret);
	if (r < 0 || *ret == NULL)
		return r;
	r = keep_greatest(profile, &(*ret)->code, code);
	return r < 0 ? r : keep_greatest(profile, &(*ret)->number, number);
}

int gb_profile_sandbox_take(struct gb_profile *profile, struct gb_profile_version *version, struct gb_span id,
        uint64_t invocations, struct gb_profile_sandbox **ret)
{
	int r = gb_profile_take(profile->arena, &version->sandboxes, id, sizeof(**ret), GB_PROFILE_SANDBOXES_MAX, ret);

	if (r == 0 && *ret != NULL && (*ret)->invocations < invocations)
		(*ret)->invocations = invocations;
	return r;
}

void gb_profile_limit_add(struct gb_profile_sandbox *sandbox, uint64_t at)
{
	if (at != 0 && (sandbox->limit == 0 || at < sandbox->limit))
		sandbox->limit = at;
}

uint64_t gb_profile_told(const struct gb_profile_sandbox *sandbox)
{
	return sandbox->limit != 0 && sandbox->limit <= sandbox->invocations ? sandbox->limit - 1
	                                                                     : sandbox->invocations;
}

int gb_profile_shape_add(
        struct gb_profile *profile, struct gb_profile_sandbox *sandbox, struct gb_span name, uint64_t count)
{
	struct gb_profile_shape *shape;
	int r = gb_profile_take(profile->arena, &sandbox->shapes, name, sizeof(*shape), GB_PROFILE_SHAPES_MAX, &shape);

	if (r == 0 && shape != NULL && shape->count < count)
		shape->count = count;
	return r;
}

/* Lengths stand in front, so that no two different items have one key. */
static void key_add(struct gb_text *key, struct gb_span s)
{
	gb_text_add_u64(key, s.n);
	gb_text_add_byte(key, ':');
	gb_text_add(key, s);
}

static int item_key(struct gb_arena *arena, const struct gb_profile_item *item, struct gb_span *ret)
{
	size_t n = 64 + item->subject.n + item->object.n + 64;
	struct gb_text key;
	char *bytes;

	for (size_t i = 0; i < item->argument_count; i++)
		n += item->arguments[i].n + 24;
	bytes = gb_arena_take(arena, n);
	if (bytes == NULL)
		return -ENOMEM;
	key = gb_text_on(bytes, n);
	gb_text_add_cstr(&key, gb_activity_kind_name(item->kind));
	gb_text_add_byte(&key, item->is_cut ? '-' : item->is_pattern ? '*' : ' ');
	key_add(&key, item->subject);
	key_add(&key, item->object);
	for (size_t i = 0; i < item->argument_count; i++)
		key_add(&key, item->arguments[i]);
	*ret = gb_text_span(&key);
	return 0;
}

int gb_profile_item_take(struct gb_profile *profile, struct gb_profile_list *list, size_t max,
        const struct gb_profile_item *item, struct gb_profile_item **ret)
{
	struct gb_arena *scratch = gb_arena_new();
	struct gb_span key;
	int r = scratch == NULL ? -ENOMEM : item_key(scratch, item, &key);

	if (r == 0)
		r = gb_profile_take(profile->arena, list, key, sizeof(**ret), max, ret);
	gb_arena_free(scratch);
	if (r < 0 || *ret == NULL || (*ret)->kind != GB_ACTIVITY_NONE)
		return r;
	(*ret)->kind = item->kind;
	(*ret)->is_cut = item->is_cut;
	(*ret)->is_pattern = item->is_pattern;
	(*ret)->subject = gb_profile_copy(profile->arena, item->subject, &r);
	(*ret)->object = gb_profile_copy(profile->arena, item->object, &r);
	if (item->argument_count != 0) {
		struct gb_span *arguments = gb_arena_take(profile->arena, item->argument_count * sizeof(*arguments));

		if (arguments == NULL)
			return -ENOMEM;
		for (size_t i = 0; i < item->argument_count; i++)
			arguments[i] = gb_profile_copy(profile->arena, item->arguments[i], &r);
		(*ret)->arguments = arguments;
		(*ret)->argument_count = item->argument_count;
	}
	return r;
}

int gb_profile_seen_add(
        struct gb_profile *profile, struct gb_profile_item *item, struct gb_span sandbox, uint64_t count)
{
	struct gb_profile_seen *seen;
	int r = gb_profile_take(profile->arena, &item->seen, sandbox, sizeof(*seen), GB_PROFILE_SEEN_MAX, &seen);

	if (r == 0 && seen != NULL && seen->count < count)
		seen->count = count;
	return r;
}

uint64_t gb_profile_count(const struct gb_profile_seen *seen)
{
	return seen->count > seen->first_count ? seen->count : seen->first_count;
}

static int first_compare(const struct gb_profile_first *a, const struct gb_profile_first *b)
{
	return a->at != b->at ? (a->at < b->at ? -1 : 1) : gb_learn_span_compare(a->request, b->request);
}

int gb_profile_first_add(
        struct gb_profile *profile, struct gb_profile_item *item, struct gb_span sandbox, struct gb_profile_first first)
{
	struct gb_profile_seen *seen = gb_profile_find(&item->seen, sandbox);
	size_t at = 0;
	int r = 0;

	if (seen == NULL)
		return 0;
	while (at < seen->first_count && first_compare(&seen->first[at], &first) < 0)
		at++;
	if (at == GB_PROFILE_FIRST_MAX || (at < seen->first_count && first_compare(&seen->first[at], &first) == 0))
		return 0;
	for (size_t i = GB_PROFILE_FIRST_MAX - 1; i > at; i--)
		seen->first[i] = seen->first[i - 1];
	seen->first[at] = (struct gb_profile_first){
	        .at = first.at, .request = gb_profile_copy(profile->arena, first.request, &r)};
	seen->first_count += seen->first_count < GB_PROFILE_FIRST_MAX ? 1 : 0;
	return r;
}

int gb_profile_source_add(struct gb_profile *profile, struct gb_profile_version *version, struct gb_profile_item *item,
        struct gb_span source)
{
	struct gb_profile_key *taken;
	int r;

	if (source.n == 0) {
		item->is_unsourced = true;
		return 0;
	}
	r = gb_profile_take(
	        profile->arena, &item->sources, source, sizeof(*taken), GB_PROFILE_ITEM_SOURCES_MAX, &taken);
	return r < 0 ? r
	             : gb_profile_take(profile->arena, &version->sources, source, sizeof(*taken),
	                       GB_PROFILE_SOURCES_MAX, &taken);
}

int gb_profile_bad_request_add(struct gb_profile *profile, struct gb_span request)
{
	struct gb_profile_key *taken;

	return gb_profile_take(
	        profile->arena, &profile->bad_requests, request, sizeof(*taken), GB_PROFILE_FINDINGS_MAX, &taken);
}

int gb_profile_decision_add(struct gb_profile *profile, struct gb_span item_key, enum gb_profile_word word,
        struct gb_span time, struct gb_span by)
{
	struct gb_profile_decision *decision;
	int r = gb_profile_take(
	        profile->arena, &profile->decisions, item_key, sizeof(*decision), GB_PROFILE_DECISIONS_MAX, &decision);
	int order;

	if (r < 0 || decision == NULL)
		return r;
	order = gb_learn_span_compare(time, decision->time);
	if (order == 0)
		order = (int)word - (int)decision->word;
	if (order == 0)
		order = gb_learn_span_compare(by, decision->by);
	if (order <= 0)
		return 0;
	decision->word = word;
	decision->time = gb_profile_copy(profile->arena, time, &r);
	decision->by = gb_profile_copy(profile->arena, by, &r);
	return r;
}

int gb_profile_item_compare(const struct gb_profile_item *a, const struct gb_profile_item *b)
{
	int order = (int)a->kind - (int)b->kind;

	if (order == 0)
		order = gb_learn_span_compare(a->subject, b->subject);
	if (order == 0)
		order = gb_learn_span_compare(a->object, b->object);
	for (size_t i = 0; order == 0 && i < a->argument_count && i < b->argument_count; i++)
		order = gb_learn_span_compare(a->arguments[i], b->arguments[i]);
	if (order == 0)
		order = (a->argument_count > b->argument_count) - (a->argument_count < b->argument_count);
	if (order == 0)
		order = (int)a->is_cut - (int)b->is_cut;
	return order != 0 ? order : (int)a->is_pattern - (int)b->is_pattern;
}
