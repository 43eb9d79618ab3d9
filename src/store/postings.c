/* SPDX-License-Identifier: Apache-2.0 */
#include "store/postings.h"

#include <errno.h>

#define NONE UINT32_MAX

uint64_t gb_posting_hash(struct gb_span value)
{
	uint64_t hash = gb_span_hash(value);

	/* FNV's upper bits are poor for short texts. */
	hash = (hash ^ hash >> 32) * 0x9e3779b97f4a7c15u;
	hash ^= hash >> 29;
	return hash == 0 ? 1 : hash;
}

bool gb_varint_take(struct gb_span *rest, uint64_t *ret_value)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < rest->n && i < 10; i++) {
		value |= (uint64_t)(rest->p[i] & 0x7f) << (7 * i);
		if (rest->p[i] < 0x80) {
			*rest = gb_span_sub(*rest, i + 1, SIZE_MAX);
			*ret_value = value;
			return true;
		}
	}
	return false;
}

bool gb_posting_next(struct gb_posting_reader *reader)
{
	uint64_t time, n;

	if (reader->has_hashes) {
		if (reader->rest.n < 4)
			return false;
		memcpy(&reader->hash, reader->rest.p, 4);
		reader->rest = gb_span_sub(reader->rest, 4, SIZE_MAX);
	}
	if (!gb_varint_take(&reader->rest, &time) || !gb_varint_take(&reader->rest, &n))
		return false;
	reader->at.time += (int64_t)time;
	reader->at.n += (int64_t)(n >> 1 ^ -(n & 1));
	return true;
}

size_t gb_varint_put(unsigned char *to, uint64_t value)
{
	size_t n = 0;

	while (value >= 0x80) {
		to[n++] = (unsigned char)(value | 0x80);
		value >>= 7;
	}
	to[n++] = (unsigned char)value;
	return n;
}

/* Events of one key, linked in their order. */
struct chain {
	int64_t key;
	uint32_t first, last; /* NONE: free */
};

struct builder {
	const struct gb_run *run;
	const struct gb_run_event *events;
	size_t count;
	struct chain *chains; /* a table open by key */
	size_t mask;
	uint32_t *next;
	unsigned char *list;
};

static void link_event(struct builder *builder, int64_t key, uint32_t at)
{
	size_t slot = (size_t)((uint64_t)key * 0x9e3779b97f4a7c15u >> 32) & builder->mask;
	struct chain *chain;

	while (builder->chains[slot].first != NONE && builder->chains[slot].key != key)
		slot = (slot + 1) & builder->mask;
	chain = &builder->chains[slot];
	builder->next[at] = NONE;
	if (chain->first == NONE)
		*chain = (struct chain){key, at, at};
	else
		builder->next[chain->last] = at;
	chain->last = at;
}

static int64_t key_of(const struct gb_run *run, const struct gb_run_event *event, enum gb_posting_kind kind)
{
	switch (kind) {
	case GB_POSTING_FUNCTION: return gb_posting_key(kind, event->function);
	case GB_POSTING_FACET: return gb_posting_key(kind, event->facet);
	case GB_POSTING_REQUEST:
		return event->request == 0 ? 0
		                           : gb_posting_key(kind, gb_posting_part(event->request, run->request_bits));
	case GB_POSTING_SOURCE:
		return event->source == 0 ? 0 : gb_posting_key(kind, gb_posting_part(event->source, run->source_bits));
	}
	return 0;
}

static struct gb_span write_list(const struct builder *builder, const struct chain *chain, enum gb_posting_kind kind)
{
	struct gb_posting before = {builder->run->first_time, builder->run->run};
	size_t n = 0;

	for (uint32_t at = chain->first; at != NONE; at = builder->next[at]) {
		const struct gb_run_event *event = &builder->events[at];
		int64_t step = event->posting.n - before.n;

		if (kind == GB_POSTING_REQUEST || kind == GB_POSTING_SOURCE) {
			uint32_t hash = (uint32_t)(kind == GB_POSTING_REQUEST ? event->request : event->source);

			memcpy(builder->list + n, &hash, 4);
			n += 4;
		}
		n += gb_varint_put(builder->list + n, (uint64_t)(event->posting.time - before.time));
		n += gb_varint_put(builder->list + n, (uint64_t)step << 1 ^ (uint64_t)(step >> 63));
		before = event->posting;
	}
	return gb_span_of(builder->list, n);
}

static int by_key(const void *left, const void *right)
{
	const struct chain *a = left;
	const struct chain *b = right;

	if ((a->first == NONE) != (b->first == NONE))
		return a->first == NONE ? 1 : -1;
	return a->key < b->key ? -1 : a->key > b->key;
}

static int build_kind(struct builder *builder, enum gb_posting_kind kind, gb_posting_list *on_list, void *context)
{
	size_t used = 0;
	int r = 0;

	for (size_t i = 0; i <= builder->mask; i++)
		builder->chains[i].first = NONE;
	for (uint32_t i = 0; i < builder->count; i++) {
		int64_t key = key_of(builder->run, &builder->events[i], kind);

		if (key != 0)
			link_event(builder, key, i);
	}
	for (size_t i = 0; i <= builder->mask; i++)
		if (builder->chains[i].first != NONE)
			builder->chains[used++] = builder->chains[i];
	/* In order of their keys they are written one behind the other. */
	qsort(builder->chains, used, sizeof *builder->chains, by_key);
	for (size_t i = 0; i < used && r >= 0; i++)
		r = on_list(context, builder->chains[i].key, write_list(builder, &builder->chains[i], kind));
	return r;
}

static int by_time(const void *left, const void *right)
{
	const struct gb_posting *a = &((const struct gb_run_event *)left)->posting;
	const struct gb_posting *b = &((const struct gb_run_event *)right)->posting;

	if (a->time != b->time)
		return a->time < b->time ? -1 : 1;
	return a->n < b->n ? -1 : a->n > b->n;
}

static void put_in_order(struct gb_run_event *events, size_t count)
{
	for (size_t i = 1; i < count; i++)
		if (by_time(&events[i - 1], &events[i]) > 0) {
			qsort(events, count, sizeof *events, by_time);
			return;
		}
}

int gb_postings_build(
        const struct gb_run *run, struct gb_run_event *events, size_t count, gb_posting_list *on_list, void *context)
{
	struct builder builder = {.run = run, .events = events, .count = count, .mask = 1};
	int r = -ENOMEM;

	while (builder.mask < 2 * count)
		builder.mask = builder.mask << 1 | 1;
	builder.chains = malloc((builder.mask + 1) * sizeof *builder.chains);
	builder.next = malloc(count * sizeof *builder.next);
	builder.list = malloc(count * 24);
	if (builder.chains != NULL && builder.next != NULL && builder.list != NULL) {
		put_in_order(events, count);
		r = build_kind(&builder, GB_POSTING_FUNCTION, on_list, context);
		if (r >= 0)
			r = build_kind(&builder, GB_POSTING_FACET, on_list, context);
		if (r >= 0)
			r = build_kind(&builder, GB_POSTING_REQUEST, on_list, context);
		if (r >= 0)
			r = build_kind(&builder, GB_POSTING_SOURCE, on_list, context);
	}
	free(builder.list);
	free(builder.next);
	free(builder.chains);
	return r;
}
