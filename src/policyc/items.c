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

/* What holds longer first; a named one before its unnamed twin. */
static int entry_compare(const struct gb_policyc_entry *a, const struct gb_policyc_entry *b)
{
	if (a->expires != b->expires)
		return a->expires == 0 || (b->expires != 0 && a->expires > b->expires) ? -1 : 1;
	if (a->name == NULL || b->name == NULL)
		return (a->name == NULL) - (b->name == NULL);
	return strcmp(a->name, b->name);
}

/* By literal head first, so that patterns with one head stand together. */
static int item_compare(const void *left, const void *right)
{
	const struct gb_policyc_item *a = left, *b = right;
	int order = span_compare(gb_span_sub(a->key, 0, a->literal_n), gb_span_sub(b->key, 0, b->literal_n));

	if (order == 0)
		order = span_compare(a->key, b->key);
	if (order != 0)
		return order;
	return entry_compare(a->entry, b->entry);
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

static int item_add(struct gb_arena *arena, struct gb_policyc_items *list, struct gb_policyc_item item)
{
	if (gb_arena_grow(arena, &list->items, list->count, &list->cap, sizeof(*list->items)) < 0)
		return -ENOMEM;
	list->items[list->count++] = item;
	return 0;
}

static int add_path(struct gb_arena *arena, struct gb_policyc_items *list, struct gb_span pattern,
        const struct gb_policyc_entry *entry)
{
	size_t star = gb_span_find_byte(pattern, '*', 0);

	return item_add(arena, list,
	        (struct gb_policyc_item){
	                .key = pattern, .literal_n = star == SIZE_MAX ? pattern.n : star, .entry = entry});
}

/* The parts one behind the other, a byte that is in none of them between two. */
static int add_expression(struct gb_arena *arena, struct gb_policyc_flat *flat, struct gb_policyc_item item,
        const char *const *parts, size_t count)
{
	struct gb_text key;
	size_t n = 1;
	char *bytes;

	for (size_t i = 0; i < count; i++)
		n += gb_span_cstr(parts[i]).n + 2;
	bytes = gb_arena_take(arena, n);
	if (bytes == NULL)
		return -ENOMEM;
	key = gb_text_on(bytes, n);
	gb_text_add_byte(&key, item.place);
	for (size_t i = 0; i < count; i++) {
		gb_text_add_byte(&key, '\0');
		gb_text_add_cstr(&key, parts[i] == NULL ? "" : parts[i]);
	}
	item.key = gb_text_span(&key);
	return item_add(arena, &flat->expressions, item);
}

static int add_pattern_expression(struct gb_arena *arena, struct gb_policyc_flat *flat, unsigned place,
        const struct gb_policyc_pattern *pattern, const struct gb_policyc_entry *entry)
{
	const char *const parts[] = {pattern->kind == GB_POLICYC_REGEX ? "r" : "t", pattern->text};

	return add_expression(arena, flat,
	        (struct gb_policyc_item){.entry = entry, .place = (uint8_t)place, .pattern = pattern}, parts, 2);
}

static int add_commands(struct gb_arena *arena, struct gb_policyc_flat *flat,
        const struct gb_policyc_patterns *commands, const struct gb_policyc_entry *entry)
{
	int r = 0;

	for (size_t i = 0; i < commands->count && r == 0; i++)
		r = add_pattern_expression(arena, flat, GB_BLOB_PLACE_COMMANDS, &commands->items[i], entry);
	return r;
}

/* PATTERNS go into the set or list LIST, regular expressions to the others, for PLACE. */
static int add_patterns(struct gb_arena *arena, struct gb_policyc_flat *flat, struct gb_policyc_items *list,
        unsigned place, const struct gb_policyc_patterns *patterns, const struct gb_policyc_entry *entry)
{
	int r = 0;

	for (size_t i = 0; i < patterns->count && r == 0; i++)
		r = patterns->items[i].kind == GB_POLICYC_REGEX
		            ? add_pattern_expression(arena, flat, place, &patterns->items[i], entry)
		            : add_path(arena, list, gb_span_cstr(patterns->items[i].text), entry);
	return r;
}

static int add_files(struct gb_arena *arena, struct gb_policyc_flat *flat, enum gb_blob_set_name set,
        const struct gb_policyc_patterns *patterns, const struct gb_policyc_entry *entry)
{
	return add_patterns(arena, flat, &flat->sets[set], set, patterns, entry);
}

/* The order of wire/blob.h: prefix, address, ports. */
#define ADDRESS_KEY_BYTES 22u

static void put_two(unsigned char *out, uint16_t value)
{
	out[0] = (unsigned char)(value >> 8);
	out[1] = (unsigned char)(value & 0xff);
}

static int add_address(
        struct gb_arena *arena, struct gb_policyc_flat *flat, struct gb_span text, const struct gb_policyc_entry *entry)
{
	struct gb_policyc_item item = {.entry = entry};
	unsigned char *key;
	int r;

	if (gb_span_starts(text, GB_SPAN("unix:")))
		return add_path(arena, &flat->sets[GB_BLOB_FILES_SOCKET], gb_span_sub(text, 5, SIZE_MAX), entry);
	r = gb_policyc_address_parse(text, &item.address, NULL);
	if (r < 0)
		return r;
	key = gb_arena_take(arena, ADDRESS_KEY_BYTES);
	if (key == NULL)
		return -ENOMEM;
	put_two(key, item.address.prefix_n);
	memcpy(key + 2, item.address.ip, sizeof(item.address.ip));
	put_two(key + 18, item.address.port_first);
	put_two(key + 20, item.address.port_last);
	item.key = gb_span_of(key, ADDRESS_KEY_BYTES);
	return item_add(arena, &flat->addresses, item);
}

/* Executable, name and arguments, each with its NUL, a letter in front of each argument. */
static int add_process(struct gb_arena *arena, struct gb_policyc_items *list, const struct gb_policyc_process *process,
        const struct gb_policyc_entry *entry)
{
	struct gb_policyc_item item = {.process = process, .entry = entry};
	const char *own_name = process->name == NULL ? "" : process->name;
	size_t n = strlen(process->executable) + strlen(own_name) + 2;
	struct gb_text key;
	char *bytes;

	for (size_t i = 0; i < process->argument_count; i++)
		n += strlen(process->arguments[i].text) + 2;
	bytes = gb_arena_take(arena, n);
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

/* IAM's star is any text, and so is a part that is left out: three of ours, which no slash changes the meaning of. */
static void add_starred(struct gb_text *out, const char *text, bool is_lower)
{
	struct gb_span s = text == NULL ? GB_SPAN("*") : gb_span_cstr(text);

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] != '*')
			gb_text_add_byte(out, is_lower ? gb_ascii_lower(s.p[i]) : s.p[i]);
		else if (i == 0 || s.p[i - 1] != '*')
			gb_text_add_cstr(out, "***");
	}
}

#define CALL_BYTES_MAX 8192u

static int add_call(struct gb_arena *arena, struct gb_policyc_items *list, const struct gb_text *text,
        const struct gb_policyc_entry *entry)
{
	struct gb_span s = gb_text_span(text);
	unsigned char *copy = text->truncated ? NULL : gb_arena_take(arena, s.n);

	if (copy == NULL)
		return text->truncated ? -EINVAL : -ENOMEM;
	memcpy(copy, s.p, s.n);
	return add_path(arena, list, gb_span_of(copy, s.n), entry);
}

static int add_api(struct gb_arena *arena, struct gb_policyc_items *list, const struct gb_policyc_api *api,
        const struct gb_policyc_entry *entry)
{
	size_t count = api->resources.count == 0 ? 1 : api->resources.count;
	int r = 0;

	for (size_t i = 0; i < count && r == 0; i++) {
		char buffer[CALL_BYTES_MAX];
		struct gb_text text = gb_text_on(buffer, sizeof(buffer));

		add_starred(&text, api->action, true);
		gb_text_add_byte(&text, '\n');
		add_starred(&text, api->resources.count == 0 ? NULL : api->resources.items[i].text, false);
		r = add_call(arena, list, &text, entry);
	}
	return r;
}

static int add_request(struct gb_arena *arena, struct gb_policyc_flat *flat, const struct gb_policyc_http *request,
        const struct gb_policyc_entry *entry)
{
	char buffer[CALL_BYTES_MAX];
	struct gb_text text = gb_text_on(buffer, sizeof(buffer));
	bool has_regex = (request->host.text != NULL && request->host.kind == GB_POLICYC_REGEX) ||
	                 (request->path.text != NULL && request->path.kind == GB_POLICYC_REGEX);

	if (has_regex) {
		const char *const parts[] = {request->method, request->host.kind == GB_POLICYC_REGEX ? "r" : "t",
		        request->host.text, request->path.kind == GB_POLICYC_REGEX ? "r" : "t", request->path.text};

		return add_expression(arena, flat,
		        (struct gb_policyc_item){.entry = entry, .place = GB_BLOB_REQUESTS, .request = request}, parts,
		        sizeof(parts) / sizeof(parts[0]));
	}
	add_starred(&text, request->method, false);
	gb_text_add_byte(&text, '\n');
	gb_text_add_cstr(&text, request->host.text == NULL ? "***" : request->host.text);
	gb_text_add_byte(&text, '\n');
	gb_text_add_cstr(&text, request->path.text == NULL ? "***" : request->path.text);
	return add_call(arena, &flat->sets[GB_BLOB_REQUESTS], &text, entry);
}

static int add_calls(struct gb_arena *arena, struct gb_policyc_flat *flat, const struct gb_policyc_entry *entry)
{
	int r = 0;

	for (size_t i = 0; i < entry->api_count && r == 0; i++)
		r = add_api(arena, &flat->sets[GB_BLOB_APIS], &entry->apis[i], entry);
	for (size_t i = 0; i < entry->request_count && r == 0; i++)
		r = add_request(arena, flat, &entry->requests[i], entry);
	return r;
}

static void add_kinds(struct gb_policyc_flat *flat, const struct gb_policyc_entry *entry)
{
	for (int kind = 0; kind < _GB_ACTIVITY_KIND_MAX; kind++) {
		const struct gb_policyc_entry **of = &flat->kind_entries[kind];

		if ((entry->kinds >> kind & 1u) != 0 && (*of == NULL || entry_compare(entry, *of) < 0))
			*of = entry;
	}
	flat->kinds |= entry->kinds;
}

static int add_entry(struct gb_arena *arena, struct gb_policyc_flat *flat, const struct gb_policyc_entry *entry)
{
	int r = add_files(arena, flat, GB_BLOB_FILES_READ, &entry->read, entry);

	add_kinds(flat, entry);
	if (r == 0)
		r = add_files(arena, flat, GB_BLOB_FILES_WRITE, &entry->write, entry);
	if (r == 0)
		r = add_files(arena, flat, GB_BLOB_FILES_READ, &entry->any, entry);
	if (r == 0)
		r = add_files(arena, flat, GB_BLOB_FILES_WRITE, &entry->any, entry);
	if (r == 0)
		r = add_files(arena, flat, GB_BLOB_FILES_LIBRARY, &entry->map, entry);
	if (r == 0)
		r = add_patterns(arena, flat, &flat->hosts, GB_BLOB_PLACE_HOSTS, &entry->hosts, entry);
	if (r == 0)
		r = add_commands(arena, flat, &entry->commands, entry);
	if (r == 0)
		r = add_calls(arena, flat, entry);
	for (size_t i = 0; i < entry->addresses.count && r == 0; i++)
		r = add_address(arena, flat, gb_span_cstr(entry->addresses.items[i].text), entry);
	for (size_t i = 0; i < entry->process_count && r == 0; i++)
		r = add_process(arena, &flat->processes, &entry->processes[i], entry);
	return r;
}

int gb_policyc_flatten(
        struct gb_arena *arena, const struct gb_policyc_entry *entries, size_t count, struct gb_policyc_flat *ret_flat)
{
	struct gb_policyc_flat flat = {0};

	for (size_t i = 0; i < count; i++) {
		int r = add_entry(arena, &flat, &entries[i]);

		if (r < 0)
			return r;
	}
	for (size_t i = 0; i < _GB_BLOB_SET_MAX; i++)
		sort_once(&flat.sets[i]);
	sort_once(&flat.processes);
	sort_once(&flat.addresses);
	sort_once(&flat.hosts);
	sort_once(&flat.expressions);
	*ret_flat = flat;
	return 0;
}
