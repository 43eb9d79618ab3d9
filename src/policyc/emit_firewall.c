/* SPDX-License-Identifier: Apache-2.0 */
#include "policyc/emit.h"

#include "policyc/range.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The same settings give the same bytes: exceptions, their words, and lists are sorted. */
struct emitter {
	const struct gb_policyc_emitter *whole;
	struct gb_arena *arena;
	uint32_t base;
	struct gb_policyc_buffer *out;
	struct gb_policyc_buffer text, texts;
	struct gb_blob_firewall *ret;
};

static uint32_t offset(const struct emitter *emitter)
{
	return emitter->base + (uint32_t)emitter->out->n;
}

static struct gb_blob_text text_add(struct emitter *emitter, const char *s)
{
	struct gb_blob_text text = {(uint32_t)emitter->text.n, (uint32_t)strlen(s)};

	gb_policyc_buffer_add(&emitter->text, s, text.n);
	return text.n == 0 ? (struct gb_blob_text){0, 0} : text;
}

static int string_compare(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* A sorted copy, each string once. */
static int strings_sorted(
        struct gb_arena *arena, const struct gb_policyc_strings *strings, struct gb_policyc_strings *ret_sorted)
{
	struct gb_policyc_strings sorted = {.count = strings->count};
	size_t kept = 0;

	*ret_sorted = sorted;
	if (strings->count == 0)
		return 0;
	sorted.items = gb_arena_take(arena, strings->count * sizeof(*sorted.items));
	if (sorted.items == NULL)
		return -ENOMEM;
	memcpy(sorted.items, strings->items, strings->count * sizeof(*sorted.items));
	qsort(sorted.items, sorted.count, sizeof(*sorted.items), string_compare);
	for (size_t i = 1; i < sorted.count; i++)
		if (strcmp(sorted.items[i], sorted.items[kept]) != 0)
			sorted.items[++kept] = sorted.items[i];
	sorted.count = kept + 1;
	*ret_sorted = sorted;
	return 0;
}

static int strings_compare(const struct gb_policyc_strings *a, const struct gb_policyc_strings *b)
{
	for (size_t i = 0; i < a->count && i < b->count; i++) {
		int order = strcmp(a->items[i], b->items[i]);

		if (order != 0)
			return order;
	}
	return a->count < b->count ? -1 : a->count > b->count;
}

struct tagged {
	struct gb_policyc_exception is;
	uint32_t tag;
};

static int exception_compare(const void *left, const void *right)
{
	const struct tagged *x = left, *y = right;
	const struct gb_policyc_exception *a = &x->is, *b = &y->is;
	int order = strings_compare(&a->paths, &b->paths);

	if (order == 0)
		order = strings_compare(&a->reasons, &b->reasons);
	if (order == 0)
		order = strings_compare(&a->routes, &b->routes);
	if (order != 0)
		return order;
	if (a->classes != b->classes)
		return a->classes < b->classes ? -1 : 1;
	if (a->mode != b->mode)
		return a->mode < b->mode ? -1 : 1;
	return (x->tag > y->tag) - (x->tag < y->tag);
}

static void texts_add(struct emitter *emitter, const char *s)
{
	struct gb_blob_text text = text_add(emitter, s);

	gb_policyc_buffer_add(&emitter->texts, &text, sizeof(text));
}

/* "METHOD /path" as two texts. */
static void route_add(struct emitter *emitter, const char *route)
{
	char method[32];
	const char *path = strchr(route, ' ');
	size_t n = path == NULL ? 0 : (size_t)(path - route);

	if (n == 0 || n >= sizeof(method)) {
		emitter->texts.failed = -EINVAL;
		return;
	}
	memcpy(method, route, n);
	method[n] = '\0';
	texts_add(emitter, method);
	texts_add(emitter, path + 1);
}

static void exception_add(struct emitter *emitter, const struct tagged *tagged)
{
	const struct gb_policyc_exception *exception = &tagged->is;
	struct gb_blob_exception out = {
	        .classes = exception->classes,
	        .mode = exception->mode,
	        .tag = tagged->tag,
	        .path_count = (uint32_t)exception->paths.count,
	        .reason_count = (uint32_t)exception->reasons.count,
	        .route_count = (uint32_t)exception->routes.count,
	};

	for (size_t i = 0; i < exception->paths.count; i++)
		texts_add(emitter, exception->paths.items[i]);
	for (size_t i = 0; i < exception->reasons.count; i++)
		texts_add(emitter, exception->reasons.items[i]);
	for (size_t i = 0; i < exception->routes.count; i++)
		route_add(emitter, exception->routes.items[i]);
	gb_policyc_buffer_add(emitter->out, &out, sizeof(out));
}

static int exceptions_emit(struct emitter *emitter, const struct gb_policyc_firewall *firewall)
{
	size_t count = firewall->exception_count;
	struct tagged *sorted;

	emitter->ret->exceptions = (struct gb_blob_part){offset(emitter), 0};
	if (count == 0)
		return 0;
	sorted = gb_arena_take(emitter->arena, count * sizeof(*sorted));
	if (sorted == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		const struct gb_policyc_exception *from = &firewall->exceptions[i];
		int r;

		sorted[i] = (struct tagged){.is = {.classes = from->classes, .mode = from->mode},
		        .tag = gb_policyc_emit_tag(emitter->whole, from->entry)};
		r = strings_sorted(emitter->arena, &from->paths, &sorted[i].is.paths);
		if (r == 0)
			r = strings_sorted(emitter->arena, &from->reasons, &sorted[i].is.reasons);
		if (r == 0)
			r = strings_sorted(emitter->arena, &from->routes, &sorted[i].is.routes);
		if (r < 0)
			return r;
	}
	qsort(sorted, count, sizeof(*sorted), exception_compare);
	for (size_t i = 0; i < count; i++) {
		if (i > 0 && exception_compare(&sorted[i - 1], &sorted[i]) == 0)
			continue;
		exception_add(emitter, &sorted[i]);
		emitter->ret->exceptions.count++;
	}
	return 0;
}

/* COUNT addresses of one family, as numbers or as bytes. */
static void ends_emit(
        struct emitter *emitter, const struct gb_policyc_ranked *ranges, size_t count, bool is_v4, bool is_last)
{
	for (size_t i = 0; i < count; i++) {
		const unsigned char *ip = is_last ? ranges[i].range.last : ranges[i].range.first;
		uint32_t number = (uint32_t)ip[12] << 24 | (uint32_t)ip[13] << 16 | (uint32_t)ip[14] << 8 | ip[15];

		if (gb_policyc_range_is_ipv4(&ranges[i].range) != is_v4)
			continue;
		if (is_v4)
			gb_policyc_buffer_add(emitter->out, &number, sizeof(number));
		else
			gb_policyc_buffer_add(emitter->out, ip, 16);
	}
}

static struct gb_blob_ranges family_emit(
        struct emitter *emitter, const struct gb_policyc_ranked *ranges, size_t count, bool is_v4, bool has_lists)
{
	static const unsigned char zeros[4];
	struct gb_blob_ranges out = {0};

	for (size_t i = 0; i < count; i++)
		out.count += gb_policyc_range_is_ipv4(&ranges[i].range) == is_v4;
	if (out.count == 0)
		return out;
	out.first = offset(emitter);
	ends_emit(emitter, ranges, count, is_v4, false);
	out.last = offset(emitter);
	ends_emit(emitter, ranges, count, is_v4, true);
	if (!has_lists)
		return out;
	out.list = offset(emitter);
	for (size_t i = 0; i < count; i++) {
		unsigned char list = (unsigned char)ranges[i].rank;

		if (gb_policyc_range_is_ipv4(&ranges[i].range) == is_v4)
			gb_policyc_buffer_add(emitter->out, &list, 1);
	}
	gb_policyc_buffer_add(emitter->out, zeros, (4 - out.count % 4) % 4);
	return out;
}

static int list_compare(const void *left, const void *right)
{
	const struct gb_policyc_source_list *a = left, *b = right;

	return strcmp(a->name, b->name);
}

static unsigned strength(const struct gb_policyc_firewall *firewall, const struct gb_policyc_source_list *list)
{
	return list->mode == GB_BLOB_MODE_POSTURE ? (unsigned)firewall->source_mode : list->mode;
}

/* Lists sorted by name → the place of each by weight: what allows before what blocks before what reports. */
static uint32_t rank_of(const struct gb_policyc_firewall *firewall, const struct gb_policyc_source_list *lists,
        size_t count, size_t index)
{
	unsigned own = strength(firewall, &lists[index]);
	uint32_t rank = 0;

	for (size_t i = 0; i < count; i++)
		rank += strength(firewall, &lists[i]) > own || (strength(firewall, &lists[i]) == own && i < index);
	return rank;
}

static int lists_flatten(struct emitter *emitter, const struct gb_policyc_firewall *firewall,
        const struct gb_policyc_source_list *lists, struct gb_policyc_ranked **ret_flat, size_t *ret_count)
{
	uint32_t index_of_rank[GB_BLOB_SOURCE_LISTS_MAX] = {0};
	size_t total = 0, n = 0, count = firewall->source_list_count;
	struct gb_policyc_ranked *all;
	int r;

	for (size_t i = 0; i < count; i++)
		total += lists[i].ranges.count;
	all = gb_arena_take(emitter->arena, (total + 1) * sizeof(*all));
	if (all == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		uint32_t rank = rank_of(firewall, lists, count, i);

		index_of_rank[rank] = (uint32_t)i;
		for (size_t k = 0; k < lists[i].ranges.count; k++)
			all[n++] = (struct gb_policyc_ranked){lists[i].ranges.items[k], rank};
	}
	r = gb_policyc_ranges_flatten(emitter->arena, all, n, ret_flat, ret_count);
	for (size_t i = 0; i < *ret_count && r == 0; i++)
		(*ret_flat)[i].rank = index_of_rank[(*ret_flat)[i].rank];
	return r;
}

static int sources_emit(struct emitter *emitter, const struct gb_policyc_firewall *firewall)
{
	size_t count = firewall->source_list_count, flat_count = 0;
	struct gb_policyc_source_list *lists = gb_arena_take(emitter->arena, (count + 1) * sizeof(*lists));
	struct gb_policyc_ranked *flat = NULL;
	int r;

	if (lists == NULL)
		return -ENOMEM;
	if (count != 0)
		memcpy(lists, firewall->source_lists, count * sizeof(*lists));
	qsort(lists, count, sizeof(*lists), list_compare);
	emitter->ret->source_lists = (struct gb_blob_part){offset(emitter), (uint32_t)count};
	for (size_t i = 0; i < count; i++) {
		struct gb_blob_source_list out = {.name = text_add(emitter, lists[i].name),
		        .category = text_add(emitter, lists[i].category),
		        .day = lists[i].day,
		        .mode = lists[i].mode};

		gb_policyc_buffer_add(emitter->out, &out, sizeof(out));
	}
	r = lists_flatten(emitter, firewall, lists, &flat, &flat_count);
	if (r < 0)
		return r;
	emitter->ret->sources4 = family_emit(emitter, flat, flat_count, true, true);
	emitter->ret->sources6 = family_emit(emitter, flat, flat_count, false, true);
	return 0;
}

static int proxies_emit(struct emitter *emitter, const struct gb_policyc_ranges *proxies)
{
	struct gb_policyc_ranked *all = gb_arena_take(emitter->arena, (proxies->count + 1) * sizeof(*all)),
	                         *flat = NULL;
	size_t count = 0;
	int r;

	if (all == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < proxies->count; i++)
		all[i] = (struct gb_policyc_ranked){proxies->items[i], 0};
	r = gb_policyc_ranges_flatten(emitter->arena, all, proxies->count, &flat, &count);
	if (r < 0)
		return r;
	emitter->ret->proxies4 = family_emit(emitter, flat, count, true, false);
	emitter->ret->proxies6 = family_emit(emitter, flat, count, false, false);
	return 0;
}

static void settings_emit(struct emitter *emitter, const struct gb_policyc_firewall *firewall)
{
	struct gb_blob_firewall *ret = emitter->ret;

	*ret = (struct gb_blob_firewall){
	        .is_strict = firewall->is_strict,
	        .on_limit = (uint8_t)firewall->on_limit,
	        .redaction = (uint8_t)firewall->redaction,
	        .source_mode = (uint8_t)firewall->source_mode,
	        .trusted_hops = firewall->trusted_hops,
	};
	for (size_t i = 0; i < sizeof(ret->class_modes); i++) {
		const uint8_t mention = firewall->mentions[i];
		const bool is_default =
		        firewall->class_modes[i] == GB_BLOB_MODE_POSTURE && mention == GB_BLOB_MENTION_REPORT;

		ret->class_modes[i] = is_default ? GB_BLOB_CLASS_DEFAULT
		                                 : (uint8_t)((firewall->class_modes[i] & 0x0f) | mention << 4);
	}
	ret->address_header = text_add(emitter, firewall->address_header);
}

static struct gb_blob_part part_join(struct emitter *emitter, struct gb_policyc_buffer *part, size_t element_bytes)
{
	struct gb_blob_part out = {offset(emitter), (uint32_t)(part->n / element_bytes)};

	if (part->failed < 0)
		emitter->out->failed = part->failed;
	gb_policyc_buffer_add(emitter->out, part->p, part->n);
	return out;
}

int gb_policyc_emit_firewall(
        struct gb_policyc_emitter *whole, const struct gb_policyc_firewall *firewall, uint32_t base)
{
	static const unsigned char zeros[8];
	struct gb_blob_firewall *ret_firewall = &whole->header.firewall;
	struct gb_policyc_buffer *out = &whole->own;
	struct emitter emitter = {.whole = whole, .arena = whole->arena, .base = base, .out = out, .ret = ret_firewall};
	int r;

	settings_emit(&emitter, firewall);
	r = exceptions_emit(&emitter, firewall);
	if (r == 0)
		r = sources_emit(&emitter, firewall);
	if (r == 0)
		r = proxies_emit(&emitter, &firewall->trusted_proxies);
	if (r == 0) {
		ret_firewall->texts = part_join(&emitter, &emitter.texts, sizeof(struct gb_blob_text));
		ret_firewall->text = part_join(&emitter, &emitter.text, 1);
		gb_policyc_buffer_add(out, zeros, (8 - out->n % 8) % 8);
		r = out->failed;
	}
	free(emitter.text.p);
	free(emitter.texts.p);
	return r;
}
