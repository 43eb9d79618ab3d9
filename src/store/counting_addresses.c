/* SPDX-License-Identifier: Apache-2.0 */
/* Events by address, which no count is kept of: those of the newest events, by the hashes in the lists that events are found by. */
#include "store/counting.h"

#include "base/clock.h"

#include <errno.h>

#define EVENTS_ENOUGH  50000
#define PAGES_MAX      100
#define READ_MS        150 /* where events have to be read for it */
#define LABELS_SAMPLED 100 /* of the greatest more than one event is read */
#define SAMPLES        3
#define SLOTS_FIRST    131072
#define PLACES_AT_ONCE 32
#define ADDRESS_MAX    64u /* as the store keeps them */

/* Events whose address has this hash. */
struct source {
	uint32_t hash;
	uint32_t n;               /* 0: the slot is free */
	int64_t samples[SAMPLES]; /* feed numbers: of the first that was told, and of any two */
};

struct name {
	size_t n; /* 0: not read yet, or its event is gone */
	char text[ADDRESS_MAX];
};

struct addresses {
	struct source *sources;
	size_t count, cap; /* cap: a power of two */
	uint64_t random;
	int64_t events, first_time, last_time;
	struct source **order;             /* the greatest first */
	struct name *names;                /* of the greatest */
	size_t sample, asked, asked_count; /* which of ORDER are read now */
	bool is_mixed;                     /* two addresses have one hash */
};

static struct source *slot_of(struct source *sources, size_t cap, uint32_t hash)
{
	size_t slot = (size_t)(hash * 0x9e3779b1u) & (cap - 1);

	while (sources[slot].n != 0 && sources[slot].hash != hash)
		slot = (slot + 1) & (cap - 1);
	return &sources[slot];
}

static int grow(struct addresses *addresses)
{
	size_t cap = addresses->cap == 0 ? SLOTS_FIRST : 2 * addresses->cap;
	struct source *grown = calloc(cap, sizeof *grown);

	if (grown == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < addresses->cap; i++)
		if (addresses->sources[i].n != 0)
			*slot_of(grown, cap, addresses->sources[i].hash) = addresses->sources[i];
	free(addresses->sources);
	addresses->sources = grown;
	addresses->cap = cap;
	return 0;
}

static int add_source(void *context, uint32_t hash, struct gb_posting place)
{
	struct addresses *addresses = context;
	struct source *source;

	if (4 * addresses->count >= 3 * addresses->cap && grow(addresses) < 0)
		return -ENOMEM;
	source = slot_of(addresses->sources, addresses->cap, hash);
	if (source->n == 0) {
		*source = (struct source){.hash = hash, .samples = {place.n, place.n, place.n}};
		addresses->count++;
	}
	addresses->first_time = place.time < addresses->first_time ? place.time : addresses->first_time;
	addresses->last_time = place.time > addresses->last_time ? place.time : addresses->last_time;
	source->n++;
	addresses->events++;
	addresses->random ^= addresses->random << 13;
	addresses->random ^= addresses->random >> 7;
	addresses->random ^= addresses->random << 17;
	if (addresses->random % source->n == 0)
		source->samples[1 + (addresses->random >> 40 & 1)] = place.n;
	return 0;
}

static int take_address(void *context, const struct gb_sql_value *columns, size_t count)
{
	struct addresses *addresses = context;
	struct gb_span address = gb_span_sub(columns[1].bytes, 0, ADDRESS_MAX);

	(void)count;
	for (size_t i = addresses->asked; i < addresses->asked + addresses->asked_count; i++) {
		struct name *name = &addresses->names[i];

		if (addresses->order[i]->samples[addresses->sample] != columns[0].integer || address.n == 0)
			continue;
		if (name->n == 0) {
			memcpy(name->text, address.p, address.n);
			name->n = address.n;
		} else if (!gb_span_equal(gb_span_of(name->text, name->n), address)) {
			addresses->is_mixed = true;
		}
	}
	return 0;
}

/* Reads the events that are sample number SAMPLE of the COUNT greatest. */
static int read_samples(
        struct gb_store *store, struct addresses *addresses, size_t sample, size_t count, struct gb_diag *diag)
{
	int r = 0;

	addresses->sample = sample;
	for (size_t from = 0; from < count && r >= 0; from += PLACES_AT_ONCE) {
		struct gb_sql_value values[PLACES_AT_ONCE + 2] = {
		        gb_sql_integer(addresses->first_time), gb_sql_integer(addresses->last_time)};

		addresses->asked = from;
		addresses->asked_count = count - from < PLACES_AT_ONCE ? count - from : PLACES_AT_ONCE;
		for (size_t i = 0; i < PLACES_AT_ONCE; i++)
			values[i + 2] = gb_sql_integer(
			        addresses->order[from + (i < addresses->asked_count ? i : 0)]->samples[sample]);
		r = gb_sql_run(store,
		        "SELECT n, source_ip FROM events WHERE time >= $1 AND time <= $2 AND n IN ($3, $4, $5, $6, $7, "
		        "$8,"
		        " $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, "
		        "$27, $28,"
		        " $29, $30, $31, $32, $33, $34)",
		        values, PLACES_AT_ONCE + 2, take_address, addresses, diag);
	}
	return r;
}

static int greatest_first(const void *left, const void *right)
{
	const struct source *a = *(struct source *const *)left;
	const struct source *b = *(struct source *const *)right;

	if (a->n != b->n)
		return a->n > b->n ? -1 : 1;
	return a->hash < b->hash ? -1 : a->hash > b->hash;
}

/* So many that more than COUNT sources have as many events or more; 0 when there are fewer sources. Beyond 65,535 all are alike to it. */
static uint32_t threshold(const struct addresses *addresses, size_t count)
{
	static const uint32_t top = 65535;
	uint32_t *have = calloc(top + 1, sizeof *have);
	uint32_t n = top;

	if (have == NULL)
		return 0;
	for (size_t i = 0; i < addresses->cap; i++)
		have[addresses->sources[i].n < top ? addresses->sources[i].n : top]++;
	for (size_t sum = have[n]; n > 0 && sum <= count;)
		sum += have[--n];
	free(have);
	return n;
}

/* ORDER gets the COUNT greatest: all above a threshold, and of those that reach it as many as there is room for. Sorting all, most of
 * which have one event, took the most time of the whole. */
static int put_in_order(struct addresses *addresses, size_t count)
{
	uint32_t least = threshold(addresses, count);
	struct source **order = malloc((addresses->count + 1) * sizeof(struct source *));
	size_t n = 0;

	if (order == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < addresses->cap; i++)
		if (addresses->sources[i].n > least)
			order[n++] = &addresses->sources[i];
	if (n < count)
		for (size_t i = 0; i < addresses->cap && n < count; i++)
			if (addresses->sources[i].n == least && least > 0)
				order[n++] = &addresses->sources[i];
	qsort(order, n, sizeof(struct source *), greatest_first);
	addresses->order = order;
	return 0;
}

/* The greatest by their names, all others together. */
static int tell_greatest(struct gb_counting *counting, struct addresses *addresses, size_t limit, struct gb_diag *diag)
{
	size_t named = addresses->count < limit ? addresses->count : limit;
	int r;

	addresses->names = calloc(named + 1, sizeof *addresses->names);
	if (addresses->names == NULL || put_in_order(addresses, named) < 0)
		return -ENOMEM;
	r = read_samples(counting->store, addresses, 0, named, diag);
	for (size_t sample = 1; sample < SAMPLES && r >= 0; sample++)
		r = read_samples(
		        counting->store, addresses, sample, named < LABELS_SAMPLED ? named : LABELS_SAMPLED, diag);
	for (size_t i = 0; i < named && r >= 0 && !addresses->is_mixed; i++) {
		const struct name *name = &addresses->names[i];

		addresses->events -= addresses->order[i]->n;
		if (name->n > 0)
			gb_counting_add(counting, 0, gb_counting_label(counting, gb_span_of(name->text, name->n), 0),
			        addresses->order[i]->n);
	}
	if (r >= 0 && addresses->events > 0 && !addresses->is_mixed)
		gb_counting_add(counting, 0, UINT32_MAX, addresses->events);
	return r;
}

/* 1: told; 0: two addresses cannot be told apart by their hashes. */
static int by_hashes(struct gb_counting *counting, const struct gb_scope *scope, const struct gb_event_filter *filter,
        size_t limit, struct gb_diag *diag)
{
	struct gb_search *search = &counting->search;
	struct addresses addresses = {.random = 88172645463325252u, .first_time = INT64_MAX};
	int64_t oldest = 0;
	int r = gb_search_begin(search, counting->store, scope, filter, diag);

	if (r < 0 || search->is_nothing)
		return r < 0 ? r : 1;
	/* Lists may still have what was deleted. */
	r = gb_sql_integer_of(counting->store, "SELECT min(time) FROM events", NULL, 0, &oldest, diag);
	if (search->from < oldest)
		search->from = oldest;
	if (r >= 0)
		r = gb_search_sources(counting->store, search, EVENTS_ENOUGH, add_source, &addresses, diag);
	if (r >= 0)
		r = tell_greatest(counting, &addresses, limit, diag);
	free(addresses.names);
	free(addresses.order);
	free(addresses.sources);
	if (r < 0)
		return r == -ENOMEM ? gb_diag_set(diag, r, 0, 0, "out of memory") : r;
	return addresses.is_mixed ? 0 : 1;
}

static int add_event(void *context, const struct gb_event *event)
{
	struct gb_counting *counting = context;

	if (event->source_ip.n > 0)
		gb_counting_add(counting,
		        event->time / GB_HOUR_MS / counting->step_hours * counting->step_hours * GB_HOUR_MS,
		        gb_counting_label(counting, event->source_ip, 0), 1);
	return counting->has_failed ? -E2BIG : 0;
}

static int by_reading(struct gb_counting *counting, const struct gb_scope *scope, const struct gb_event_filter *filter,
        int64_t ms_max, struct gb_diag *diag)
{
	struct gb_event_page page = {.next = {0, 0}};
	int64_t begin = gb_monotonic_ms();
	size_t read = 0;
	int r = 0;

	for (int pages = 0; r >= 0 && !page.is_end && read < EVENTS_ENOUGH && pages < PAGES_MAX; pages++) {
		r = gb_events_query(counting->store, scope, filter, page.next, 1000, add_event, counting, &page, diag);
		read += page.count;
		if (gb_monotonic_ms() - begin > ms_max)
			break;
	}
	return r;
}

int gb_counting_read_addresses(struct gb_counting *counting, const struct gb_scope *scope,
        const struct gb_event_filter *filter, size_t limit, struct gb_diag *diag)
{
	bool has_lists = filter->request.n == 0 && filter->source_ip.n == 0 && filter->text.n == 0 &&
	                 filter->status_plus_1 == 0 && counting->step_hours == INT32_MAX;
	int r = has_lists ? by_hashes(counting, scope, filter, limit, diag) : 0;

	/* Where somebody has made up twins it takes its time. */
	return r != 0 ? r : by_reading(counting, scope, filter, has_lists ? INT64_MAX : READ_MS, diag);
}
