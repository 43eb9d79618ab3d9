/* SPDX-License-Identifier: Apache-2.0 */
/* The address ranges that AWS publishes (ip-ranges.json). */
#include "learn/ranges.h"

#include "base/ip.h"

#include <errno.h>
#include <jansson.h>

#define PREFIXES_MAX 200000u

struct reading {
	struct gb_ranges *ranges;
	struct gb_diag *diag;
};

static struct gb_span text_of(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);

	return gb_span_of(json_string_value(value), json_string_length(value));
}

bool gb_learn_block_parse(struct gb_span text, struct gb_boundary_block *ret)
{
	size_t slash = gb_span_find_byte(text, '/', 0);
	bool is_v6 = gb_span_find_byte(text, ':', 0) != SIZE_MAX;
	uint64_t bits;

	if (slash == SIZE_MAX || !gb_ip_parse(gb_span_sub(text, 0, slash), is_v6, ret->ip) ||
	        !gb_span_to_u64(gb_span_sub(text, slash + 1, SIZE_MAX), &bits) || bits > (is_v6 ? 128u : 32u))
		return false;
	ret->bits = (unsigned)bits + (is_v6 ? 0 : 96);
	return true;
}

bool gb_learn_block_holds(const struct gb_boundary_block *block, const unsigned char ip[16])
{
	unsigned bit = 0;

	while (bit < block->bits && ((ip[bit / 8] ^ block->ip[bit / 8]) >> (7 - bit % 8) & 1) == 0)
		bit++;
	return bit == block->bits;
}

static int take_list(struct reading *reading, const json_t *list, const char *name, const char *member)
{
	struct gb_ranges *ranges = reading->ranges;
	int r = 0;

	if (!json_is_array(list) || json_array_size(list) > PREFIXES_MAX)
		return gb_diag_set(
		        reading->diag, -EINVAL, 0, 0, "'%s' must be a list of at most %u prefixes", name, PREFIXES_MAX);
	for (size_t i = 0; i < json_array_size(list) && r == 0; i++) {
		const json_t *object = json_array_get(list, i);
		struct gb_range range;

		range.text = gb_profile_copy(ranges->arena, text_of(object, member), &r);
		range.service = gb_profile_copy(ranges->arena, text_of(object, "service"), &r);
		range.region = gb_profile_copy(ranges->arena, text_of(object, "region"), &r);
		if (r == 0 && (range.service.n == 0 || !gb_learn_block_parse(range.text, &range.block)))
			return gb_diag_set(
			        reading->diag, -EINVAL, 0, 0, "%s %zu: wanted %s, service and region", name, i, member);
		if (r == 0)
			r = gb_arena_grow(
			        ranges->arena, &ranges->items, ranges->count, &ranges->cap, sizeof(*ranges->items));
		if (r == 0)
			ranges->items[ranges->count++] = range;
	}
	return r;
}

int gb_ranges_parse(struct gb_span text, struct gb_ranges **ret_ranges, struct gb_diag *diag)
{
	struct gb_arena *arena = gb_arena_new();
	struct reading reading = {.diag = diag};
	json_error_t error;
	json_t *root;
	int r;

	reading.ranges = arena == NULL ? NULL : gb_arena_take(arena, sizeof(*reading.ranges));
	if (reading.ranges == NULL) {
		gb_arena_free(arena);
		return -ENOMEM;
	}
	reading.ranges->arena = arena;
	root = json_loadb((const char *)text.p, text.n, JSON_REJECT_DUPLICATES, &error);
	if (root == NULL)
		r = gb_diag_set(
		        diag, -EINVAL, (uint32_t)(error.line > 0 ? error.line : 0), 0, "no JSON: %s", error.text);
	else
		r = take_list(&reading, json_object_get(root, "prefixes"), "prefixes", "ip_prefix");
	if (r == 0)
		r = take_list(&reading, json_object_get(root, "ipv6_prefixes"), "ipv6_prefixes", "ipv6_prefix");
	json_decref(root);
	if (r < 0) {
		gb_arena_free(arena);
		return r;
	}
	*ret_ranges = reading.ranges;
	return 0;
}

void gb_ranges_free(struct gb_ranges *ranges)
{
	if (ranges != NULL)
		gb_arena_free(ranges->arena);
}
