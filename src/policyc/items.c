/* SPDX-License-Identifier: Apache-2.0 */
#include "policyc/items.h"

#include "base/text.h"
#include "policyc/address.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int span_compare(struct gb_span a, struct gb_span b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int order = n == 0 ? 0 : memcmp(a.p, b.p, n);

	if (order != 0)
		return order;
	return a.n < b.n ? -1 : a.n > b.n;
}

/* By literal head first, so that patterns with one head stand together; a named entry before its unnamed twin. */
static int item_compare(const void *left, const void *right)
{
	const struct gb_policyc_item *a = left, *b = right;
	int order = span_compare(gb_span_sub(a->key, 0, a->literal_n), gb_span_sub(b->key, 0, b->literal_n));

	if (order == 0)
		order = span_compare(a->key, b->key);
	if (order != 0)
		return order;
	if (a->name == NULL || b->name == NULL)
		return (a->name == NULL) - (b->name == NULL);
	return strcmp(a->name, b->name);
}

static void sort_once(struct gb_policyc_items *list)
{
	size_t kept = 0;

	if (list->count == 0)
		return;
	qsort(list->items, list->count, sizeof(*list->items), item_compare);
	for (size_t i = 1; i < list->count; i++)
		if (!gb_span_equal(list->items[i].key, list->items[kept].key))
			list->items[++kept] = list->items[i];
	list->count = kept + 1;
}

static int item_add(struct gb_policyc_arena *arena, struct gb_policyc_items *list, struct gb_policyc_item item)
{
	if (gb_policyc_arena_grow(arena, &list->items, list->count, &list->cap, sizeof(*list->items)) < 0)
		return -ENOMEM;
	list->items[list->count++] = item;
	return 0;
}

static int add_path(
        struct gb_policyc_arena *arena, struct gb_policyc_items *list, struct gb_span pattern, const char *name)
{
	size_t star = gb_span_find_byte(pattern, '*', 0);

	return item_add(arena, list,
	        (struct gb_policyc_item){
	                .key = pattern, .literal_n = star == SIZE_MAX ? pattern.n : star, .name = name});
}

static int add_paths(struct gb_policyc_arena *arena, struct gb_policyc_items *list,
        const struct gb_policyc_patterns *patterns, const char *name)
{
	int r = 0;

	for (size_t i = 0; i < patterns->count && r == 0; i++)
		r = add_path(arena, list, gb_span_cstr(patterns->items[i].text), name);
	return r;
}

static int add_address(
        struct gb_policyc_arena *arena, struct gb_policyc_flat *flat, struct gb_span text, const char *name)
{
	struct gb_policyc_item item = {.name = name};
	unsigned char *key;
	int r;

	if (gb_span_starts(text, GB_SPAN("unix:")))
		return add_path(arena, &flat->files[GB_BLOB_FILES_SOCKET], gb_span_sub(text, 5, SIZE_MAX), name);
	r = gb_policyc_address_parse(text, &item.address, NULL);
	if (r < 0)
		return r;
	key = gb_policyc_arena_take(arena, sizeof(item.address));
	if (key == NULL)
		return -ENOMEM;
	memcpy(key, &item.address, sizeof(item.address));
	item.key = gb_span_of(key, sizeof(item.address));
	return item_add(arena, &flat->addresses, item);
}

/* Executable, name and arguments, each with its NUL, a letter in front of each argument. */
static int add_process(struct gb_policyc_arena *arena, struct gb_policyc_items *list,
        const struct gb_policyc_process *process, const char *name)
{
	struct gb_policyc_item item = {.process = process, .name = name};
	const char *own_name = process->name == NULL ? "" : process->name;
	size_t n = strlen(process->executable) + strlen(own_name) + 2;
	struct gb_text key;
	char *bytes;

	for (size_t i = 0; i < process->argument_count; i++)
		n += strlen(process->arguments[i].text) + 2;
	bytes = gb_policyc_arena_take(arena, n);
	if (bytes == NULL)
		return -ENOMEM;
	key = gb_text_on(bytes, n);
	gb_text_add(&key, gb_span_of(process->executable, strlen(process->executable) + 1));
	gb_text_add(&key, gb_span_of(own_name, strlen(own_name) + 1));
	for (size_t i = 0; i < process->argument_count; i++) {
		gb_text_add_byte(&key, process->arguments[i].is_shell ? 's' : 'a');
		gb_text_add(&key, gb_span_of(process->arguments[i].text, strlen(process->arguments[i].text) + 1));
	}
	item.key = gb_text_span(&key);
	return item_add(arena, list, item);
}

static int add_entry(struct gb_policyc_arena *arena, struct gb_policyc_flat *flat, const struct gb_policyc_entry *entry)
{
	const char *name = entry->name;
	int r = add_paths(arena, &flat->files[GB_BLOB_FILES_READ], &entry->read, name);

	flat->kinds |= entry->kinds;
	if (r == 0)
		r = add_paths(arena, &flat->files[GB_BLOB_FILES_WRITE], &entry->write, name);
	if (r == 0)
		r = add_paths(arena, &flat->files[GB_BLOB_FILES_READ], &entry->any, name);
	if (r == 0)
		r = add_paths(arena, &flat->files[GB_BLOB_FILES_WRITE], &entry->any, name);
	if (r == 0)
		r = add_paths(arena, &flat->files[GB_BLOB_FILES_LIBRARY], &entry->map, name);
	if (r == 0)
		r = add_paths(arena, &flat->hosts, &entry->hosts, name);
	for (size_t i = 0; i < entry->addresses.count && r == 0; i++)
		r = add_address(arena, flat, gb_span_cstr(entry->addresses.items[i].text), name);
	for (size_t i = 0; i < entry->process_count && r == 0; i++)
		r = add_process(arena, &flat->processes, &entry->processes[i], name);
	return r;
}

int gb_policyc_flatten(struct gb_policyc_arena *arena, const struct gb_policyc_entry *entries, size_t count,
        struct gb_policyc_flat *ret_flat)
{
	struct gb_policyc_flat flat = {0};

	for (size_t i = 0; i < count; i++) {
		int r = add_entry(arena, &flat, &entries[i]);

		if (r < 0)
			return r;
	}
	for (size_t i = 0; i < _GB_BLOB_FILES_MAX; i++)
		sort_once(&flat.files[i]);
	sort_once(&flat.processes);
	sort_once(&flat.addresses);
	sort_once(&flat.hosts);
	*ret_flat = flat;
	return 0;
}
