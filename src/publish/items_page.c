/* SPDX-License-Identifier: Apache-2.0 */
/* Which of the items are asked for, and which of these lie in the page. */
#include "publish/items.h"

#include <errno.h>

static bool is_sifted(const struct gb_publish_items_asked *asked)
{
	return asked->text.n != 0 || asked->verdict.n != 0 || asked->folder.n != 0 || asked->difference.n != 0;
}

static bool is_in_page(struct gb_items *items)
{
	size_t at = items->total++;

	return at >= items->asked->offset && at - items->asked->offset < items->asked->limit;
}

bool gb_items_takes(struct gb_items *items, const char *kind)
{
	json_t *count = json_object_get(items->kinds, kind);

	if (count != NULL)
		(void)json_integer_set(count, json_integer_value(count) + 1);
	else if (json_object_set_new(items->kinds, kind, json_integer(1)) < 0)
		items->failed = -ENOMEM;
	if (items->asked->kind.n != 0 && !gb_span_equal(items->asked->kind, gb_span_cstr(kind)))
		return false;
	return is_sifted(items->asked) || is_in_page(items);
}

static struct gb_span text_of(const json_t *item, const char *name)
{
	const json_t *value = json_object_get(item, name);

	return gb_span_of(json_string_value(value), json_string_length(value));
}

static bool holds(struct gb_span text, struct gb_span part)
{
	for (size_t from = 0; from + part.n <= text.n; from++) {
		size_t i = 0;

		while (i < part.n && gb_ascii_lower(text.p[from + i]) == gb_ascii_lower(part.p[i]))
			i++;
		if (i == part.n)
			return true;
	}
	return false;
}

/* Bytes of PATH up to its last slash among the first N, that one included. */
static size_t folder_bytes(struct gb_span path, size_t n)
{
	while (n > 0 && path.p[n - 1] != '/')
		n--;
	return n;
}

/* VALUE lies in a folder below the one asked for: counted there. A folder that holds nothing but one folder is that one. */
static void count_below(struct gb_items *items, struct gb_span value, struct gb_span name)
{
	json_t *folder = json_object_getn(items->folders, (const char *)name.p, name.n);
	struct gb_span path;
	size_t same = 0;

	if (folder == NULL) {
		folder = json_pack("{s:s%, s:i}", "path", value.p, folder_bytes(value, value.n), "count", 1);
		if (json_object_setn_new(items->folders, (const char *)name.p, name.n, folder) < 0)
			items->failed = -ENOMEM;
		return;
	}
	path = text_of(folder, "path");
	while (same < path.n && same < value.n && path.p[same] == value.p[same])
		same++;
	same = folder_bytes(path, same);
	if (same < path.n && json_object_set_new(folder, "path", json_stringn((const char *)path.p, same)) < 0)
		items->failed = -ENOMEM;
	(void)json_object_set_new(
	        folder, "count", json_integer(json_integer_value(json_object_get(folder, "count")) + 1));
}

/* Whether ITEM lies in the folder that is asked for itself. What is no path lies in the topmost. */
static bool is_here(struct gb_items *items, const json_t *item)
{
	struct gb_span folder = items->asked->folder, value = text_of(item, "value"), rest;
	size_t end;

	if (folder.n == 0 || (folder.n == 1 && !gb_span_starts(value, folder)))
		return true;
	if (!gb_span_starts(value, folder))
		return false;
	rest = gb_span_sub(value, folder.n, SIZE_MAX);
	end = gb_span_find_byte(rest, '/', 0);
	if (end == SIZE_MAX)
		return true;
	count_below(items, value, gb_span_sub(rest, 0, end));
	return false;
}

static bool is_asked_for(struct gb_items *items, const json_t *item)
{
	const struct gb_publish_items_asked *asked = items->asked;

	if (asked->verdict.n != 0 && !gb_span_equal(text_of(item, "verdict"), asked->verdict))
		return false;
	if (asked->difference.n != 0 && !gb_span_equal(text_of(item, "difference"), asked->difference))
		return false;
	if (asked->text.n != 0 && !holds(text_of(item, "value"), asked->text) &&
	        !holds(text_of(item, "object"), asked->text))
		return false;
	return is_here(items, item);
}

void gb_items_add(struct gb_items *items, json_t *item)
{
	if (item == NULL) {
		items->failed = -ENOMEM;
		return;
	}
	if (is_sifted(items->asked) && (!is_asked_for(items, item) || !is_in_page(items))) {
		json_decref(item);
		return;
	}
	if (json_array_append_new(items->list, item) < 0)
		items->failed = -ENOMEM;
}

json_t *gb_items_folders(struct gb_items *items)
{
	json_t *list = json_array(), *folder;
	const char *name;

	json_object_foreach(items->folders, name, folder)
	{
		if (json_array_append(list, folder) < 0)
			items->failed = -ENOMEM;
	}
	return list;
}
