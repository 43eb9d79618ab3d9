/* SPDX-License-Identifier: Apache-2.0 */
#include "store/driver.h"
#include "store/postings.h"

#include <errno.h>

/* Numbers may be far fewer than their distance (those of duplicates are not used): a run is made at the latest then. */
#define RUN_DISTANCE 262144
#define PART_EVENTS  64 /* of one list of hashes, about */

struct waiting {
	struct gb_run_event *events;
	size_t count, cap;
};

static int add(struct waiting *waiting, const struct gb_run_event *event)
{
	if (waiting->count == waiting->cap) {
		size_t cap = waiting->cap == 0 ? 16384 : 2 * waiting->cap;
		struct gb_run_event *grown = realloc(waiting->events, cap * sizeof *grown);

		if (grown == NULL)
			return -ENOMEM;
		waiting->events = grown;
		waiting->cap = cap;
	}
	waiting->events[waiting->count++] = *event;
	return 0;
}

static uint64_t hash_of(struct gb_span s)
{
	return s.n == 0 ? 0 : gb_posting_hash(s);
}

static int add_stored(void *context, const struct gb_sql_value *columns, size_t count)
{
	const struct gb_run_event event = {
	        .posting = {.time = columns[1].integer, .n = columns[0].integer},
	        .function = columns[2].integer,
	        .facet = columns[3].integer,
	        .request = hash_of(columns[4].bytes),
	        .source = hash_of(columns[5].bytes),
	};

	(void)count;
	return add(context, &event);
}

static int add_batch(struct waiting *waiting, const struct gb_batch_row *rows, size_t count)
{
	int r = 0;

	for (size_t i = 0; i < count && r >= 0; i++) {
		const struct gb_run_event event = {
		        .posting = {.time = rows[i].event->time, .n = rows[i].n},
		        .function = rows[i].event->function,
		        .facet = rows[i].facet,
		        .request = hash_of(rows[i].request),
		        .source = hash_of(rows[i].source_ip),
		};

		if (rows[i].is_inserted)
			r = add(waiting, &event);
	}
	return r;
}

static int64_t bits_for(size_t count)
{
	int64_t bits = 0;

	while (count >> bits > PART_EVENTS)
		bits++;
	return bits;
}

static struct gb_run describe(int64_t first_n, int64_t last_n, const struct waiting *waiting)
{
	struct gb_run run = {.run = first_n, .last_n = last_n, .first_time = INT64_MAX, .n = (int64_t)waiting->count};
	size_t requests = 0, sources = 0;

	for (size_t i = 0; i < waiting->count; i++) {
		const struct gb_run_event *event = &waiting->events[i];

		run.first_time = event->posting.time < run.first_time ? event->posting.time : run.first_time;
		run.last_time = event->posting.time > run.last_time ? event->posting.time : run.last_time;
		requests += event->request != 0;
		sources += event->source != 0;
	}
	run.request_bits = bits_for(requests);
	run.source_bits = bits_for(sources);
	return run;
}

static int write_run(struct gb_store *store, const struct gb_run *run, struct waiting *waiting, struct gb_diag *diag)
{
	const struct gb_sql_value values[] = {
	        gb_sql_integer(run->run),
	        gb_sql_integer(run->last_n),
	        gb_sql_integer(run->first_time),
	        gb_sql_integer(run->last_time),
	        gb_sql_integer(run->n),
	        gb_sql_integer(run->request_bits),
	        gb_sql_integer(run->source_bits),
	};
	int r = gb_sql_run(store,
	        "INSERT INTO event_runs (run, last_n, first_time, last_time, n, request_bits, source_bits)"
	        " VALUES ($1, $2, $3, $4, $5, $6, $7)",
	        values, 7, NULL, NULL, diag);

	return r < 0 ? r : store->driver->postings(store, run, waiting->events, waiting->count, diag);
}

static int collect(struct gb_store *store, int64_t covered, const struct gb_batch_row *rows, size_t count,
        struct waiting *waiting, struct gb_diag *diag)
{
	const struct gb_sql_value range[] = {gb_sql_integer(covered), gb_sql_integer(rows[0].n)};
	int r = 0;

	if (rows[0].n > covered + 1)
		r = gb_sql_run(store,
		        "SELECT n, time, function, facet, request, source_ip FROM events WHERE n > $1 AND n < $2 ORDER "
		        "BY n",
		        range, 2, add_stored, waiting, diag);
	if (r >= 0)
		r = add_batch(waiting, rows, count);
	return r == -ENOMEM ? gb_diag_set(diag, r, 0, 0, "out of memory") : r;
}

int gb_runs_add(struct gb_store *store, const struct gb_batch_row *rows, size_t count, struct gb_diag *diag)
{
	int64_t last_n = rows[count - 1].n;
	struct waiting waiting = {.count = 0};
	int64_t covered = 0;
	int r = gb_sql_integer_of(
	        store, "SELECT last_n FROM event_runs ORDER BY run DESC LIMIT 1", NULL, 0, &covered, diag);

	if (r < 0 || last_n - covered < GB_RUN_EVENTS)
		return r;
	r = collect(store, covered, rows, count, &waiting, diag);
	if (r >= 0 && waiting.count > 0 && (waiting.count >= GB_RUN_EVENTS / 2 || last_n - covered >= RUN_DISTANCE)) {
		struct gb_run run = describe(covered + 1, last_n, &waiting);

		r = write_run(store, &run, &waiting, diag);
	}
	free(waiting.events);
	return r;
}
