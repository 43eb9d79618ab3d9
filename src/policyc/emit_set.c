/* SPDX-License-Identifier: Apache-2.0 */
/* The tree of a set's patterns: by what they begin with, up to the first star. */
#include "policyc/emit.h"

#include <errno.h>
#include <string.h>

/* A node still to be written: items [from, to) share the first `depth` bytes of their heads. */
struct pending {
	size_t from, to, depth, label_n;
};

static struct gb_span head_of(const struct gb_policyc_item *item)
{
	return gb_span_sub(item->key, 0, item->literal_n);
}

static size_t common_head(const struct gb_policyc_item *first, const struct gb_policyc_item *last)
{
	struct gb_span a = head_of(first), b = head_of(last);
	size_t n = 0;

	while (n < a.n && n < b.n && a.p[n] == b.p[n])
		n++;
	return n;
}

/* Sorted items: the first and the last of a range share what all of it shares. */
static size_t children_queue(
        const struct gb_policyc_items *list, struct pending node, size_t from, struct pending *queue, size_t queued)
{
	while (from < node.to) {
		unsigned char first = list->items[from].key.p[node.depth];
		size_t to = from + 1, depth;

		while (to < node.to && list->items[to].key.p[node.depth] == first)
			to++;
		depth = common_head(&list->items[from], &list->items[to - 1]);
		queue[queued++] =
		        (struct pending){.from = from, .to = to, .depth = depth, .label_n = depth - node.depth};
		from = to;
	}
	return queued;
}

int gb_policyc_emit_nodes(struct gb_arena *arena, struct gb_policyc_buffer *body, const struct gb_policyc_items *list,
        uint32_t patterns_offset, struct gb_blob_part *ret_part)
{
	/* Each item ends at one node, and each inner node without items has two children or more. */
	struct pending *queue = gb_arena_take(arena, (list->count * 2 + 1) * sizeof(*queue));
	size_t queued = 1;

	if (queue == NULL)
		return -ENOMEM;
	*ret_part = (struct gb_blob_part){gb_policyc_body_offset(body), 0};
	queue[0] = (struct pending){.from = 0, .to = list->count};
	for (size_t i = 0; i < queued && list->count != 0; i++) {
		size_t ends = queue[i].from, before = queued;
		const struct gb_policyc_item *item = &list->items[queue[i].from];
		struct gb_blob_pattern pattern;
		struct gb_blob_node node;

		if (body->failed < 0)
			return body->failed;
		while (ends < queue[i].to && list->items[ends].literal_n == queue[i].depth)
			ends++;
		queued = children_queue(list, queue[i], ends, queue, queued);
		if (queued > UINT16_MAX)
			return -EFBIG;
		memcpy(&pattern,
		        body->p + (patterns_offset - sizeof(struct gb_blob_header)) + queue[i].from * sizeof(pattern),
		        sizeof(pattern));
		node = (struct gb_blob_node){
		        .label = pattern.text.offset + (uint32_t)(queue[i].depth - queue[i].label_n),
		        .label_n = (uint16_t)queue[i].label_n,
		        .first_child = (uint16_t)(queued == before ? 0 : before),
		        .first_pattern = (uint16_t)queue[i].from,
		        .pattern_count = (uint16_t)(ends - queue[i].from),
		        .child_count = (uint16_t)(queued - before),
		        .first = queue[i].label_n == 0 ? 0 : item->key.p[queue[i].depth - queue[i].label_n],
		};
		gb_policyc_buffer_add(body, &node, sizeof(node));
		ret_part->count++;
	}
	return 0;
}
