/* SPDX-License-Identifier: Apache-2.0 */
#include "publish/items.h"

#include "base/cleanup.h"
#include "base/text.h"
#include "publish/exceptions.h"
#include "publish/judge.h"
#include "store/profiles.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *kind_word(enum gb_activity_kind kind)
{
	if (kind >= GB_ACTIVITY_FILE_READ && kind <= GB_ACTIVITY_FILE_MODE)
		return "file";
	if (kind == GB_ACTIVITY_NET_CONNECT || kind == GB_ACTIVITY_NET_SEND)
		return "address";
	return kind == GB_ACTIVITY_PROCESS_START  ? "process"
	       : kind == GB_ACTIVITY_LIBRARY_MAP  ? "library"
	       : kind == GB_ACTIVITY_NAME_LOOKUP  ? "host"
	       : kind == GB_ACTIVITY_AWS_API      ? "api"
	       : kind == GB_ACTIVITY_HTTP_REQUEST ? "http"
	                                          : "other";
}

/* Bytes of logs that are no UTF-8 are shown as such. */
static json_t *text_json(struct gb_span text)
{
	json_t *value = json_stringn(text.n == 0 ? "" : (const char *)text.p, text.n);
	char *copy;

	if (value != NULL)
		return value;
	copy = malloc(text.n + 1);
	for (size_t i = 0; copy != NULL && i < text.n; i++)
		copy[i] = text.p[i] < 0x80 ? (char)text.p[i] : '?';
	value = copy == NULL ? NULL : json_stringn(copy, text.n);
	free(copy);
	return value;
}

static json_t *arguments_json(const struct gb_learn_entry *entry)
{
	json_t *list = json_array();

	for (size_t i = 0; i < entry->argument_count; i++)
		(void)json_array_append_new(list, text_json(entry->arguments[i]));
	return list;
}

/* What it is about, in one line. */
static json_t *value_json(const struct gb_learn_entry *entry)
{
	char room[2048];
	struct gb_text text = gb_text_on(room, sizeof(room));

	if (entry->kind != GB_ACTIVITY_PROCESS_START || entry->argument_count < 2)
		return text_json(entry->pattern);
	gb_text_add(&text, entry->pattern);
	for (size_t i = 1; i < entry->argument_count && !text.truncated; i++) {
		gb_text_add_byte(&text, ' ');
		gb_text_add(&text, entry->arguments[i]);
	}
	return text.truncated ? text_json(entry->pattern) : text_json(gb_text_span(&text));
}

/* The entry that matches it; of what stands for many names, the pattern. */
static json_t *entry_json(const struct gb_learn_entry *entry, const json_t *item)
{
	const char *pattern = json_string_value(json_object_get(item, "value"));
	const char *list = entry->kind == GB_ACTIVITY_FILE_READ     ? "read"
	                   : entry->kind == GB_ACTIVITY_LIBRARY_MAP ? "map"
	                                                            : "write";
	bool is_single = entry->kind == GB_ACTIVITY_FILE_READ || entry->kind == GB_ACTIVITY_FILE_WRITE ||
	                 entry->kind == GB_ACTIVITY_FILE_DELETE || entry->kind == GB_ACTIVITY_FILE_MODE ||
	                 entry->kind == GB_ACTIVITY_LIBRARY_MAP;
	json_t *activity, *ret;

	if (is_single && !gb_span_equal(entry->pattern, entry->subject))
		return gb_span_ends(entry->pattern, GB_SPAN("/*"))
		               ? json_pack("{s:{s:[{s:s%}]}}", "files", list, "in", pattern, strlen(pattern) - 2)
		               : json_pack("{s:{s:[s]}}", "files", list, pattern);
	activity = json_pack("{s:s, s:o, s:o, s:o, s:b}", "kind", gb_activity_kind_name(entry->kind), "subject",
	        text_json(entry->subject), "object", text_json(entry->object), "arguments", arguments_json(entry),
	        "cut", entry->status == GB_LEARN_CUT);
	ret = gb_publish_entry_of(activity);
	json_decref(activity);
	return ret;
}

static json_t *time_json(struct gb_span time)
{
	return time.n == 0 ? json_null() : text_json(time);
}

static const char *verdict_of(const struct judge *judge, const struct gb_learn_entry *entry)
{
	GB_CLEANUP(gb_arena_freep) struct gb_arena *arena = gb_arena_new();
	struct gb_activity activity;
	struct gb_verdict verdict;

	if (arena == NULL || !judge->has_policy || gb_learn_activity(arena, entry->item, &activity) < 0)
		return "unlisted";
	verdict = judge_activity(judge, &activity);
	if (verdict.decision == GB_ALLOW)
		return "allow";
	return verdict.control == GB_CONTROL_ALLOWLIST || verdict.decision == GB_OBSERVE ? "unlisted" : "deny";
}

/* As learn orders them: bytes first, then length. */
static int span_compare(struct gb_span a, struct gb_span b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int order = n == 0 ? 0 : memcmp(a.p, b.p, n);

	return order != 0 ? order : (a.n > b.n) - (a.n < b.n);
}

static json_t *seen_json(const struct judge *judge, const struct gb_learn_group *group)
{
	const struct gb_learn_entry *entry = &group->entries[0];
	struct gb_span earliest = entry->earliest, latest = entry->latest;
	json_t *item, *matching;

	for (size_t i = 1; i < group->count; i++) {
		const struct gb_learn_entry *other = &group->entries[i];

		if (earliest.n == 0 || (other->earliest.n != 0 && span_compare(other->earliest, earliest) < 0))
			earliest = other->earliest;
		if (latest.n == 0 || (other->latest.n != 0 && span_compare(other->latest, latest) > 0))
			latest = other->latest;
	}
	item = json_pack("{s:s, s:s, s:o, s:I, s:o, s:o, s:s, s:s, s:s}", "kind", kind_word(entry->kind), "activity",
	        gb_activity_kind_name(entry->kind), "value", value_json(entry), "count", (json_int_t)group->invocations,
	        "first_seen", time_json(earliest), "last_seen", time_json(latest), "origin", "learned", "status",
	        gb_learn_status_name(entry->status), "verdict", verdict_of(judge, entry));
	if (item == NULL)
		return NULL;
	if (entry->object.n != 0)
		(void)json_object_set_new(item, "object", text_json(entry->object));
	if (entry->argument_count != 0)
		(void)json_object_set_new(item, "arguments", arguments_json(entry));
	matching = entry_json(entry, item);
	(void)json_object_set_new(item, "entry", matching != NULL ? matching : json_null());
	return item;
}

static int group_compare(const struct gb_learn_group *a, const struct gb_learn_entry *wanted)
{
	int order = (int)a->entries[0].kind - (int)wanted->kind;

	return order != 0 ? order : span_compare(a->entries[0].pattern, wanted->pattern);
}

static bool is_same(const struct gb_learn_entry *a, const struct gb_learn_entry *b)
{
	bool same = gb_span_equal(a->object, b->object) && a->argument_count == b->argument_count;

	for (size_t i = 0; same && i < a->argument_count; i++)
		same = gb_span_equal(a->arguments[i], b->arguments[i]);
	return same;
}

/* Whether the other version has it, too. Groups stand by kind and pattern. */
static bool is_in(const struct gb_learn_view *view, const struct gb_learn_group *group)
{
	const struct gb_learn_entry *wanted = &group->entries[0];
	size_t low = 0, high = view == NULL ? 0 : view->group_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (group_compare(&view->groups[middle], wanted) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; view != NULL && low < view->group_count && group_compare(&view->groups[low], wanted) == 0; low++)
		if (is_same(&view->groups[low].entries[0], wanted))
			return true;
	return false;
}

static void add_seen(struct gb_items *items, const struct judge *judge, const struct gb_learn_view *view,
        const struct gb_learn_view *other, const char *missing, bool has_difference)
{
	for (size_t i = 0; view != NULL && i < view->group_count; i++) {
		const struct gb_learn_group *group = &view->groups[i];
		bool is_old = has_difference && strcmp(missing, "removed") == 0 && is_in(other, group);
		json_t *item;

		/* Of the older version what the newer has not. */
		if (is_old || !gb_items_takes(items, kind_word(group->entries[0].kind)))
			continue;
		item = seen_json(judge, group);
		if (item != NULL && has_difference)
			(void)json_object_set_new(
			        item, "difference", json_string(is_in(other, group) ? "same" : missing));
		gb_items_add(items, item);
	}
}

struct versions {
	struct gb_profile *profile;
	struct gb_boundaries *boundaries;
	struct gb_learn_view *view, *against;
};

static void versions_done(struct versions *versions)
{
	gb_learn_view_free(versions->view);
	gb_learn_view_free(versions->against);
	gb_profile_free(versions->profile);
	gb_boundaries_free(versions->boundaries);
}

static int open_versions(struct gb_store *store, const struct gb_function *function,
        const struct gb_publish_items_asked *asked, struct gb_arena *arena, struct versions *versions,
        struct gb_diag *diag)
{
	struct gb_learn_settings settings = gb_learn_settings_usual();
	struct gb_span body;
	int64_t revision;
	int r = gb_profile_load(store, function->id, arena, &body, &revision, diag);

	/* Nothing was seen yet. */
	if (r <= 0)
		return r == 0 && (asked->version.n != 0 || asked->against.n != 0)
		               ? gb_diag_set(diag, -ENOENT, 0, 0, "nothing was seen of this function yet")
		               : r;
	versions->boundaries = gb_boundaries_new();
	settings.boundaries = versions->boundaries;
	settings.version = asked->version;
	settings.is_alone = asked->against.n != 0;
	r = versions->boundaries == NULL ? -ENOMEM : gb_profile_parse(body, &versions->profile, diag);
	if (r == 0)
		r = gb_learn_view_new(versions->profile, &settings, &versions->view, diag);
	if (r == -ENOENT && asked->version.n == 0)
		return 0;
	settings.version = asked->against;
	if (r == 0 && asked->against.n != 0)
		r = gb_learn_view_new(versions->profile, &settings, &versions->against, diag);
	return r;
}

static json_t *name_of(const struct gb_learn_view *view)
{
	return view == NULL || view->version_name.n == 0 ? json_null() : text_json(view->version_name);
}

int gb_publish_items(struct gb_store *store, const struct gb_function *function,
        const struct gb_publish_items_asked *asked, struct gb_publish_items *ret_items, struct gb_diag *diag)
{
	GB_CLEANUP(gb_arena_freep) struct gb_arena *arena = gb_arena_new();
	GB_CLEANUP(gb_policyc_set_freep) struct gb_policyc_set *set = NULL;
	GB_CLEANUP(versions_done) struct versions versions = {0};
	GB_CLEANUP(judge_done) struct judge judge = {0};
	struct gb_items items = {
	        .asked = asked, .list = json_array(), .kinds = json_object(), .folders = json_object()};
	bool has_difference = asked->against.n != 0;
	json_t *folders = NULL;
	int r = arena == NULL || items.list == NULL || items.kinds == NULL || items.folders == NULL
	                ? -ENOMEM
	                : gb_publish_set(store, function, &set, diag);

	if (r == 0)
		r = judge_open(store, set, function, true, &judge, diag);
	if (r == 0)
		r = open_versions(store, function, asked, arena, &versions, diag);
	if (r == 0) {
		add_seen(&items, &judge, versions.view, versions.against, "added", has_difference);
		if (has_difference)
			add_seen(&items, &judge, versions.against, versions.view, "removed", true);
		else if (judge.has_policy)
			gb_items_add_listed(&items, judge.resolution.document);
		folders = gb_items_folders(&items);
		r = folders == NULL ? -ENOMEM : items.failed;
	}
	json_decref(items.folders);
	if (r < 0) {
		json_decref(folders);
		json_decref(items.list);
		json_decref(items.kinds);
		return r;
	}
	*ret_items = (struct gb_publish_items){.list = items.list,
	        .kinds = items.kinds,
	        .folders = folders,
	        .total = items.total,
	        .version = name_of(versions.view),
	        .against = name_of(versions.against)};
	return 0;
}
