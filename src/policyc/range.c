/* SPDX-License-Identifier: Apache-2.0 */
#include "policyc/range.h"

#include "base/ip.h"
#include "base/arena.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

typedef unsigned __int128 u128;

#define RANKS_MAX 256u

static u128 number_of(const unsigned char ip[16])
{
	u128 number = 0;

	for (int i = 0; i < 16; i++)
		number = number << 8 | ip[i];
	return number;
}

static void bytes_of(u128 number, unsigned char ip[16])
{
	for (int i = 15; i >= 0; i--, number >>= 8)
		ip[i] = (unsigned char)number;
}

bool gb_policyc_range_is_ipv4(const struct gb_policyc_range *range)
{
	return gb_ip_is_v4(range->first) && gb_ip_is_v4(range->last);
}

static bool parse_ip(struct gb_span s, unsigned char ip[16], bool *ret_is_v4)
{
	*ret_is_v4 = gb_span_find_byte(s, ':', 0) == SIZE_MAX;
	return gb_ip_parse(s, !*ret_is_v4, ip);
}

static const char *parse_block(struct gb_policyc_range *range, unsigned char ip[16], bool is_v4, struct gb_span prefix)
{
	uint64_t bits;
	u128 first = number_of(ip), mask;

	if (!gb_span_to_u64(prefix, &bits) || bits > (is_v4 ? 32u : 128u))
		return "the prefix length must be a number up to 32 (IPv6: 128)";
	bits += is_v4 ? 96u : 0u;
	mask = bits == 0 ? 0 : ~(u128)0 << (128u - bits);
	if ((first & ~mask) != 0)
		return "bits behind the prefix are set; write the block's first address";
	bytes_of(first, range->first);
	bytes_of(first | ~mask, range->last);
	return NULL;
}

/* NULL when TEXT is one; else what is wrong with it. */
static const char *parse_range(struct gb_span text, struct gb_policyc_range *ret_range)
{
	static const char no_address[] = "this is no IP address; write 192.0.2.1, 192.0.2.0/24, 192.0.2.1-192.0.2.9 "
	                                 "or their like of IPv6";
	size_t slash = gb_span_find_byte(text, '/', 0), dash = gb_span_find_byte(text, '-', 0);
	struct gb_policyc_range range;
	bool is_v4, is_last_v4;

	if (!parse_ip(gb_span_trim(gb_span_sub(text, 0, slash < dash ? slash : dash)), range.first, &is_v4))
		return no_address;
	if (slash != SIZE_MAX) {
		const char *fault = parse_block(&range, range.first, is_v4, gb_span_sub(text, slash + 1, SIZE_MAX));

		if (fault != NULL)
			return fault;
	} else if (dash != SIZE_MAX) {
		if (!parse_ip(gb_span_trim(gb_span_sub(text, dash + 1, SIZE_MAX)), range.last, &is_last_v4) ||
		        is_last_v4 != is_v4)
			return no_address;
		if (memcmp(range.first, range.last, sizeof(range.first)) > 0)
			return "the range ends before it begins";
	} else {
		memcpy(range.last, range.first, sizeof(range.last));
	}
	*ret_range = range;
	return NULL;
}

static void print_ip(const unsigned char ip[16], bool is_v4, struct gb_text *out)
{
	char text[INET6_ADDRSTRLEN];

	gb_text_add_cstr(out, inet_ntop(is_v4 ? AF_INET : AF_INET6, ip + (is_v4 ? 12 : 0), text, sizeof(text)));
}

void gb_policyc_range_print(const struct gb_policyc_range *range, struct gb_text *out)
{
	bool is_v4 = gb_policyc_range_is_ipv4(range);
	u128 first = number_of(range->first), last = number_of(range->last), size = last - first;

	print_ip(range->first, is_v4, out);
	if (size == 0)
		return;
	/* A block: as many ones at the end as the first address has zeros there. */
	if ((size & (size + 1)) == 0 && (first & size) == 0) {
		unsigned bits = is_v4 ? 32 : 128;

		for (; size != 0; size >>= 1)
			bits--;
		gb_text_add_byte(out, '/');
		gb_text_add_u64(out, bits);
		return;
	}
	gb_text_add_byte(out, '-');
	print_ip(range->last, is_v4, out);
}

int gb_policyc_add_range(struct gb_policyc_document *document, struct gb_policyc_ranges *ranges, struct gb_span text,
        struct gb_diag *diag)
{
	struct gb_policyc_range range;
	const char *fault = parse_range(text, &range);

	if (fault != NULL)
		return gb_diag_set(diag, -EINVAL, 0, 0, "address '%.*s': %s", (int)(text.n < 60 ? text.n : 60),
		        (const char *)text.p, fault);
	if (gb_arena_grow(document->arena, &ranges->items, ranges->count, &ranges->cap, sizeof(*ranges->items)) < 0)
		return -ENOMEM;
	ranges->items[ranges->count++] = range;
	return 0;
}

/* A range begins at `at`, or has ended before it. */
struct edge {
	u128 at;
	uint32_t rank;
	bool is_end;
};

static int edge_compare(const void *left, const void *right)
{
	const struct edge *a = left, *b = right;

	if (a->at != b->at)
		return a->at < b->at ? -1 : 1;
	return a->rank < b->rank ? -1 : a->rank > b->rank;
}

static uint32_t least_active(const uint32_t *active)
{
	uint32_t rank = 0;

	while (rank < RANKS_MAX && active[rank] == 0)
		rank++;
	return rank;
}

struct flat {
	struct gb_policyc_ranked *items;
	size_t count;
};

static void flat_add(struct flat *flat, u128 first, u128 last, uint32_t rank)
{
	const u128 border_first = (u128)0xffff << 32, border_last = border_first | UINT32_MAX;
	struct gb_policyc_ranked *before = flat->count == 0 ? NULL : &flat->items[flat->count - 1];

	if (first < border_first && last >= border_first) {
		flat_add(flat, first, border_first - 1, rank);
		flat_add(flat, border_first, last, rank);
		return;
	}
	if (first <= border_last && last > border_last) {
		flat_add(flat, first, border_last, rank);
		flat_add(flat, border_last + 1, last, rank);
		return;
	}
	if (before != NULL && before->rank == rank && number_of(before->range.last) + 1 == first &&
	        first != border_first && first != border_last + 1) {
		bytes_of(last, before->range.last);
		return;
	}
	bytes_of(first, flat->items[flat->count].range.first);
	bytes_of(last, flat->items[flat->count].range.last);
	flat->items[flat->count++].rank = rank;
}

/* The last of all addresses has nothing behind it: ends there are left out, and the sweep closes what is open. */
static size_t edges_of(const struct gb_policyc_ranked *ranges, size_t count, struct edge *edges)
{
	size_t n = 0;

	for (size_t i = 0; i < count; i++) {
		u128 last = number_of(ranges[i].range.last);

		edges[n++] = (struct edge){.at = number_of(ranges[i].range.first), .rank = ranges[i].rank};
		if (last != ~(u128)0)
			edges[n++] = (struct edge){.at = last + 1, .rank = ranges[i].rank, .is_end = true};
	}
	qsort(edges, n, sizeof(*edges), edge_compare);
	return n;
}

int gb_policyc_ranges_flatten(struct gb_arena *arena, const struct gb_policyc_ranked *ranges, size_t count,
        struct gb_policyc_ranked **ret_flat, size_t *ret_count)
{
	uint32_t active[RANKS_MAX] = {0}, rank = RANKS_MAX;
	struct flat flat = {0};
	struct edge *edges;
	u128 from = 0;
	size_t n;

	*ret_count = 0;
	*ret_flat = NULL;
	if (count == 0)
		return 0;
	if (count > SIZE_MAX / 8 / sizeof(*edges))
		return -EFBIG;
	edges = gb_arena_take(arena, 2 * count * sizeof(*edges));
	flat.items = gb_arena_take(arena, (2 * count + 4) * sizeof(*flat.items));
	if (edges == NULL || flat.items == NULL)
		return -ENOMEM;
	n = edges_of(ranges, count, edges);
	for (size_t i = 0; i < n;) {
		u128 at = edges[i].at;
		uint32_t before = rank;

		for (; i < n && edges[i].at == at; i++)
			active[edges[i].rank] += edges[i].is_end ? UINT32_MAX : 1u;
		rank = least_active(active);
		if (rank == before)
			continue;
		if (before != RANKS_MAX)
			flat_add(&flat, from, at - 1, before);
		from = at;
	}
	if (rank != RANKS_MAX)
		flat_add(&flat, from, ~(u128)0, rank);
	*ret_flat = flat.items;
	*ret_count = flat.count;
	return 0;
}
