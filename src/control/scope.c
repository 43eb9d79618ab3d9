/* SPDX-License-Identifier: Apache-2.0 */
#include "control/scope.h"

#include <errno.h>
#include <string.h>

static bool is_list(const json_t *list, bool is_of_tags)
{
	size_t at;
	json_t *item;

	if (list == NULL)
		return true;
	if (!json_is_array(list) || json_array_size(list) > GB_SCOPE_ITEMS_MAX)
		return false;
	json_array_foreach(list, at, item)
	{
		size_t n = json_string_length(item);
		const char *equals = json_is_string(item) ? strchr(json_string_value(item), '=') : NULL;

		if (!json_is_string(item) || n == 0 || n > GB_SCOPE_TEXT_MAX)
			return false;
		if (is_of_tags && (equals == NULL || equals == json_string_value(item)))
			return false;
	}
	return true;
}

int gb_scope_text_of(const json_t *value, struct gb_arena *arena, struct gb_span *ret_text)
{
	const json_t *accounts = json_object_get(value, "accounts"), *tags = json_object_get(value, "tags");
	size_t known = (accounts != NULL) + (tags != NULL), n;
	char *text;

	*ret_text = GB_SPAN_EMPTY;
	if (value == NULL || json_is_null(value))
		return 0;
	if (!json_is_object(value) || json_object_size(value) != known || !is_list(accounts, false) ||
	        !is_list(tags, true))
		return -EINVAL;
	if (json_array_size(accounts) + json_array_size(tags) == 0)
		return 0;
	n = json_dumpb(value, NULL, 0, JSON_COMPACT | JSON_SORT_KEYS);
	text = gb_arena_take(arena, n);
	if (text == NULL)
		return -ENOMEM;
	*ret_text = gb_span_of(text, json_dumpb(value, text, n, JSON_COMPACT | JSON_SORT_KEYS));
	return 0;
}

/* The texts of LIST in ARENA. */
static int copy_list(const json_t *list, struct gb_arena *arena, const struct gb_span **ret_items, size_t *ret_count)
{
	size_t count = json_array_size(list);
	struct gb_span *items = gb_arena_take(arena, (count + 1) * sizeof(*items));

	if (items == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		const json_t *item = json_array_get(list, i);
		size_t n = json_string_length(item);
		char *copy = gb_arena_take(arena, n + 1);

		if (copy == NULL)
			return -ENOMEM;
		if (n > 0)
			memcpy(copy, json_string_value(item), n);
		items[i] = gb_span_of(copy, n);
	}
	*ret_items = items;
	*ret_count = count;
	return 0;
}

int gb_scope_of_text(struct gb_span text, struct gb_arena *arena, const struct gb_scope **ret_scope)
{
	struct gb_scope *scope;
	json_t *value;
	int r;

	*ret_scope = NULL;
	if (text.n == 0)
		return 0;
	scope = gb_arena_take(arena, sizeof(*scope));
	if (scope == NULL)
		return -ENOMEM;
	value = json_loadb((const char *)text.p, text.n, 0, NULL);
	r = copy_list(json_object_get(value, "accounts"), arena, &scope->accounts, &scope->account_count);
	if (r == 0)
		r = copy_list(json_object_get(value, "tags"), arena, &scope->tags, &scope->tag_count);
	json_decref(value);
	scope->is_empty = scope->account_count + scope->tag_count == 0;
	*ret_scope = scope;
	return r;
}

json_t *gb_scope_json(struct gb_span text)
{
	json_t *value = text.n > 0 ? json_loadb((const char *)text.p, text.n, 0, NULL) : NULL;

	return value != NULL ? value : json_null();
}

static bool has(const struct gb_span *items, size_t count, struct gb_span wanted)
{
	for (size_t i = 0; i < count; i++)
		if (gb_span_equal(items[i], wanted))
			return true;
	return false;
}

/* OUTER's list bounds when it is not empty: then INNER's must not be, and hold nothing else. */
static bool is_part(const struct gb_span *inner, size_t inner_count, const struct gb_span *outer, size_t outer_count)
{
	if (outer_count == 0)
		return true;
	for (size_t i = 0; i < inner_count; i++)
		if (!has(outer, outer_count, inner[i]))
			return false;
	return inner_count > 0;
}

bool gb_scope_is_within(const struct gb_scope *inner, const struct gb_scope *outer)
{
	if (outer == NULL || (inner != NULL && inner->is_empty))
		return true;
	if (inner == NULL || outer->is_empty)
		return false;
	return is_part(inner->accounts, inner->account_count, outer->accounts, outer->account_count) &&
	       is_part(inner->tags, inner->tag_count, outer->tags, outer->tag_count);
}
