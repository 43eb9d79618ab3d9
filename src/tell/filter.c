/* SPDX-License-Identifier: Apache-2.0 */
/* Which events a channel wants. */
#include "tell/channel.h"
#include "tell/texts.h"

#include <errno.h>
#include <stddef.h>

#define ITEMS_MAX 200u
#define ITEM_MAX  256u

static const struct list {
	const char *name;
	size_t fact; /* offset of the span in struct gb_tell_facts */
} lists[] = {
        {"kinds", offsetof(struct gb_tell_facts, kind)},
        {"types", offsetof(struct gb_tell_facts, type)},
        {"classes", offsetof(struct gb_tell_facts, class)},
        {"controls", offsetof(struct gb_tell_facts, control)},
        {"actions", offsetof(struct gb_tell_facts, action)},
        {"accounts", offsetof(struct gb_tell_facts, account)},
        {"regions", offsetof(struct gb_tell_facts, region)},
        {"groups", offsetof(struct gb_tell_facts, group)},
        {"functions", offsetof(struct gb_tell_facts, function)},
};

static bool is_known(const char *name)
{
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		if (gb_span_equal(gb_span_cstr(name), gb_span_cstr(lists[i].name)))
			return true;
	return gb_span_equal(gb_span_cstr(name), GB_SPAN("tags"));
}

int gb_tell_filter_check(const json_t *filter, struct gb_diag *diag)
{
	const char *name;
	json_t *list;

	if (!json_is_object(filter))
		return gb_diag_set(diag, -EINVAL, 0, 0, "filter must be an object");
	json_object_foreach((json_t *)(uintptr_t)filter, name, list)
	{
		if (!is_known(name))
			return gb_diag_set(diag, -EINVAL, 0, 0, "filter.%.40s is not known", name);
		if (!json_is_array(list) || json_array_size(list) == 0 || json_array_size(list) > ITEMS_MAX)
			return gb_diag_set(
			        diag, -EINVAL, 0, 0, "filter.%.40s must be a list of 1 to %u texts", name, ITEMS_MAX);
		for (size_t i = 0; i < json_array_size(list); i++)
			if (!json_is_string(json_array_get(list, i)) ||
			        json_string_length(json_array_get(list, i)) > ITEM_MAX)
				return gb_diag_set(
				        diag, -EINVAL, 0, 0, "filter.%.40s has what is no text, or a long one", name);
	}
	return 0;
}

static bool list_has(const json_t *list, struct gb_span text)
{
	for (size_t i = 0; i < json_array_size(list); i++)
		if (gb_span_equal(text, gb_tell_text(json_array_get(list, i))))
			return true;
	return false;
}

/* WANTED are "key=value", TAGS an object; one is enough. */
static bool tags_have(const json_t *wanted, struct gb_span tags)
{
	json_t *object = json_loadb((const char *)tags.p, tags.n, 0, NULL);
	bool has = false;

	for (size_t i = 0; i < json_array_size(wanted) && !has; i++) {
		struct gb_span pair = gb_tell_text(json_array_get(wanted, i));
		size_t equal = gb_span_find_byte(pair, '=', 0);
		const json_t *value = equal == SIZE_MAX ? NULL : json_object_getn(object, (const char *)pair.p, equal);

		has = value && gb_span_equal(gb_tell_text(value), gb_span_sub(pair, equal + 1, SIZE_MAX));
	}
	json_decref(object);
	return has;
}

bool gb_tell_filter_has(const json_t *filter, const struct gb_tell_facts *facts)
{
	const json_t *tags = json_object_get(filter, "tags");

	if (!json_object_get(filter, "kinds") && facts->severity == GB_TELL_INFO)
		return false;
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		const json_t *list = json_object_get(filter, lists[i].name);
		const struct gb_span *fact = (const void *)((const char *)facts + lists[i].fact);

		if (list && !list_has(list, *fact))
			return false;
	}
	return !tags || tags_have(tags, facts->tags);
}
