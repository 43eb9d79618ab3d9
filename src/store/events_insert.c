/* SPDX-License-Identifier: Apache-2.0 */
#include "store/facets.h"
#include "store/postings.h"
#include "store/sums.h"

#include "base/arena.h"

#include <errno.h>

#define REQUEST_MAX 128u
#define ADDRESS_MAX 64u
#define TIME_END    16725225600000 /* 2500-01-01 */

struct place {
	int64_t time;
	uint32_t at;
};

struct batch {
	struct place *order;    /* of the events by time: so are they numbered */
	struct gb_arena *arena; /* of what had to be cleaned */
	struct gb_batch_row *rows;
	struct gb_batch_count *counts; /* two for each row, before those of one kind are added up */
	size_t count, count_count;
	int64_t first_n;
};

static int check(const struct gb_event *events, size_t count, struct gb_diag *diag)
{
	if (count > GB_EVENT_BATCH_MAX)
		return gb_diag_set(diag, -EINVAL, 0, 0, "more than %u events at once", GB_EVENT_BATCH_MAX);
	for (size_t i = 0; i < count; i++) {
		if (events[i].time < 0 || events[i].time >= TIME_END)
			return gb_diag_set(diag, -EINVAL, 0, 0, "event %zu: its time is not in 1970 to 2500", i);
		if (events[i].body.n > GB_EVENT_BODY_MAX)
			return gb_diag_set(diag, -EINVAL, 0, 0, "event %zu: over %u bytes", i, GB_EVENT_BODY_MAX);
	}
	return 0;
}

static bool clean(struct batch *batch, struct gb_span *s)
{
	char *copy;

	if (gb_sql_is_clean(*s))
		return true;
	copy = gb_arena_take(batch->arena, 3 * s->n);
	if (copy == NULL)
		return false;
	*s = gb_span_of(copy, gb_sql_clean_into(*s, copy));
	return true;
}

static int make_row(
        struct gb_store *store, struct batch *batch, size_t i, const struct gb_event *event, struct gb_diag *diag)
{
	struct gb_batch_row *row = &batch->rows[i];

	*row = (struct gb_batch_row){
	        .event = event,
	        .n = batch->first_n + (int64_t)i,
	        .request = gb_span_sub(event->request, 0, REQUEST_MAX),
	        .source_ip = gb_span_sub(event->source_ip, 0, ADDRESS_MAX),
	        .body = event->body,
	};
	if (!clean(batch, &row->request) || !clean(batch, &row->source_ip) || !clean(batch, &row->body))
		return gb_diag_set(diag, -ENOMEM, 0, 0, "out of memory");
	return gb_facet_number(store, &event->facets, &row->facet, diag);
}

static int by_place(const void *left, const void *right)
{
	const struct gb_batch_count *a = left;
	const struct gb_batch_count *b = right;

	if (a->function != b->function)
		return a->function < b->function ? -1 : 1;
	if (a->hour != b->hour)
		return a->hour < b->hour ? -1 : 1;
	return a->facet < b->facet ? -1 : a->facet > b->facet;
}

static void add_up(struct batch *batch)
{
	size_t to = 0, n = 0;

	for (size_t i = 0; i < batch->count; i++) {
		const struct gb_batch_row *row = &batch->rows[i];
		struct gb_batch_count count = {row->event->function, row->event->time / GB_HOUR_MS, row->facet, 1};

		if (!row->is_inserted)
			continue;
		batch->counts[n++] = count;
		count.function = 0;
		batch->counts[n++] = count;
	}
	qsort(batch->counts, n, sizeof *batch->counts, by_place);
	for (size_t i = 0; i < n; i++)
		if (to > 0 && by_place(&batch->counts[to - 1], &batch->counts[i]) == 0)
			batch->counts[to - 1].n++;
		else
			batch->counts[to++] = batch->counts[i];
	batch->count_count = to;
}

static int by_time(const void *left, const void *right)
{
	const struct place *a = left;
	const struct place *b = right;

	if (a->time != b->time)
		return a->time < b->time ? -1 : 1;
	return a->at < b->at ? -1 : 1;
}

static void put_in_order(struct batch *batch, const struct gb_event *events)
{
	bool is_in_order = true;

	for (size_t i = 0; i < batch->count; i++) {
		batch->order[i] = (struct place){events[i].time, (uint32_t)i};
		is_in_order = is_in_order && (i == 0 || events[i - 1].time <= events[i].time);
	}
	if (!is_in_order)
		qsort(batch->order, batch->count, sizeof *batch->order, by_time);
}

static int insert(struct gb_store *store, struct batch *batch, const struct gb_event *events, struct gb_diag *diag)
{
	const struct gb_sql_value value = gb_sql_integer((int64_t)batch->count);
	int64_t last = 0;
	/* The row stays locked until the commit: numbers become visible in their order, so that a reader of the feed passes
	 * over none. */
	int r = gb_sql_integer_of(store, "UPDATE counters SET value = value + $1 WHERE name = 'events' RETURNING value",
	        &value, 1, &last, diag);

	put_in_order(batch, events);
	batch->first_n = last - (int64_t)batch->count + 1;
	for (size_t i = 0; r >= 0 && i < batch->count; i++)
		r = make_row(store, batch, i, &events[batch->order[i].at], diag);
	if (r >= 0)
		r = store->driver->insert(store, batch->rows, batch->count, diag);
	if (r < 0)
		return r;
	add_up(batch);
	r = store->driver->count(store, batch->counts, batch->count_count, diag);
	if (r >= 0)
		r = gb_sums_add(store, batch->counts, batch->count_count, diag);
	return r < 0 ? r : gb_runs_add(store, batch->rows, batch->count, diag);
}

static int insert_in_transaction(
        struct gb_store *store, struct batch *batch, const struct gb_event *events, struct gb_diag *diag)
{
	int r;

	if (gb_store_is_in_transaction(store))
		return insert(store, batch, events, diag);
	r = gb_store_begin(store, diag);
	if (r < 0)
		return r;
	r = insert(store, batch, events, diag);
	if (r < 0) {
		gb_store_rollback(store);
		return r;
	}
	return gb_store_commit(store, diag);
}

int gb_events_insert(struct gb_store *store, const struct gb_event *events, size_t count,
        struct gb_events_inserted *ret_inserted, struct gb_diag *diag)
{
	struct batch batch = {.count = count};
	int r = check(events, count, diag);

	*ret_inserted = (struct gb_events_inserted){0, 0};
	if (r < 0 || count == 0)
		return r;
	batch.arena = gb_arena_new();
	batch.rows = malloc(count * sizeof *batch.rows);
	batch.order = malloc(count * sizeof *batch.order);
	batch.counts = malloc(2 * count * sizeof *batch.counts);
	if (batch.arena != NULL && batch.rows != NULL && batch.order != NULL && batch.counts != NULL)
		r = insert_in_transaction(store, &batch, events, diag);
	else
		r = gb_diag_set(diag, -ENOMEM, 0, 0, "out of memory");
	for (size_t i = 0; r >= 0 && i < count; i++)
		ret_inserted->inserted += batch.rows[i].is_inserted;
	if (r >= 0)
		ret_inserted->duplicates = count - ret_inserted->inserted;
	free(batch.counts);
	free(batch.order);
	free(batch.rows);
	gb_arena_free(batch.arena);
	return r;
}
