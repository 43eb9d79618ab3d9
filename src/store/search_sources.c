/* SPDX-License-Identifier: Apache-2.0 */
/* Which addresses the events come from that are searched for, by their hashes: no event is read but those that wait for a run. */
#include "store/search.h"

#include "base/clock.h"

#include <errno.h>

#define KEYS_SINGLE 24 /* more lists of a run than that are read as one range */
#define RUNS_MAX    48 /* looked at for one search */
#define RUNS_LEAST  8  /* of them, however long it takes */
#define WORK_MS     80
#define RUN_MAX     524288 /* numbers of a run; store/runs.c makes them shorter */

enum { IS_OF_FUNCTION = 1, IS_OF_FACET = 2 };

struct run {
	int64_t run, last_n, first_time;
};

struct sources {
	struct gb_store *store;
	const struct gb_search *search;
	gb_search_source *on_source;
	void *context;
	struct run runs[RUNS_MAX]; /* newest first */
	size_t run_count;
	struct run run;           /* that is looked at */
	const struct gb_ids *ids; /* of the lists that are read; NULL: all */
	unsigned char mark;       /* what is known of events in them; 0: it is the sources' */
	unsigned char *marks;     /* by feed number, from that of the run on */
	size_t marks_cap;
	unsigned char wanted; /* all that has to be known */
	size_t found;
};

static bool is_in_time(const struct gb_search *search, int64_t time)
{
	return time >= search->from && time < search->before;
}

static int add_waiting(void *context, const struct gb_sql_value *columns, size_t count)
{
	struct sources *sources = context;
	const struct gb_event event = {
	        .n = columns[0].integer,
	        .time = columns[1].integer,
	        .function = columns[2].integer,
	        .source_ip = columns[4].bytes,
	};

	(void)count;
	if (event.source_ip.n == 0 || !gb_search_matches(sources->search, &event, columns[3].integer))
		return 0;
	sources->found++;
	return sources->on_source(
	        sources->context, (uint32_t)gb_posting_hash(event.source_ip), (struct gb_posting){event.time, event.n});
}

static int add_run(void *context, const struct gb_sql_value *columns, size_t count)
{
	struct sources *sources = context;

	(void)count;
	sources->runs[sources->run_count++] = (struct run){columns[0].integer, columns[1].integer, columns[2].integer};
	return sources->run_count == RUNS_MAX;
}

static int take_list(void *context, const struct gb_sql_value *columns, size_t count)
{
	struct sources *sources = context;
	const struct run *run = &sources->run;
	struct gb_posting_reader reader = {
	        .rest = columns[1].bytes, .has_hashes = sources->mark == 0, .at = {run->first_time, run->run}};
	int r = 0;

	(void)count;
	if (sources->ids != NULL && !gb_ids_have(sources->ids, gb_posting_key_value(columns[0].integer)))
		return 0;
	while (r >= 0 && gb_posting_next(&reader)) {
		int64_t at = reader.at.n - run->run;

		if (at < 0 || reader.at.n > run->last_n)
			continue;
		if (sources->mark != 0) {
			sources->marks[at] |= sources->mark;
		} else if (sources->marks[at] == sources->wanted && is_in_time(sources->search, reader.at.time)) {
			sources->found++;
			r = sources->on_source(sources->context, reader.hash, reader.at);
		}
	}
	return r < 0 ? r : 0;
}

static int read_lists(struct sources *sources, int64_t low, int64_t high, struct gb_diag *diag)
{
	const struct gb_sql_value values[] = {
	        gb_sql_integer(sources->run.run), gb_sql_integer(low), gb_sql_integer(high)};

	return gb_sql_run(sources->store,
	        "SELECT key, list FROM event_postings WHERE run = $1 AND key >= $2 AND key <= $3", values, 3, take_list,
	        sources, diag);
}

/* Marks the events of the run that are in one of the lists. */
static int mark(struct sources *sources, enum gb_posting_kind kind, const struct gb_ids *ids, unsigned char mark,
        struct gb_diag *diag)
{
	int r = 0;

	sources->mark = mark;
	sources->ids = ids;
	if (ids->count > KEYS_SINGLE)
		return read_lists(sources, gb_posting_key(kind, ids->items[0]),
		        gb_posting_key(kind, ids->items[ids->count - 1]), diag);
	for (size_t i = 0; i < ids->count && r >= 0; i++)
		r = read_lists(sources, gb_posting_key(kind, ids->items[i]), gb_posting_key(kind, ids->items[i]), diag);
	return r;
}

static int read_run(struct sources *sources, struct gb_diag *diag)
{
	const struct gb_search *search = sources->search;
	int64_t count = sources->run.last_n - sources->run.run + 1;
	int r = 0;

	if (count <= 0 || count > RUN_MAX)
		return 0;
	if ((size_t)count > sources->marks_cap) {
		unsigned char *grown = realloc(sources->marks, (size_t)count);

		if (grown == NULL)
			return -ENOMEM;
		sources->marks = grown;
		sources->marks_cap = (size_t)count;
	}
	memset(sources->marks, 0, (size_t)count);
	if (search->has_functions)
		r = mark(sources, GB_POSTING_FUNCTION, &search->functions, IS_OF_FUNCTION, diag);
	if (r >= 0 && search->has_facets)
		r = mark(sources, GB_POSTING_FACET, &search->facets, IS_OF_FACET, diag);
	sources->mark = 0;
	sources->ids = NULL;
	return r < 0 ? r
	             : read_lists(sources, gb_posting_key(GB_POSTING_SOURCE, 0), gb_posting_key(GB_POSTING_SOURCE, -1),
	                       diag);
}

static int read_runs(struct sources *sources, size_t enough, struct gb_diag *diag)
{
	int64_t begin = gb_monotonic_ms();
	const struct gb_sql_value values[] = {
	        gb_sql_integer(sources->search->from),
	        gb_sql_integer(sources->search->before),
	        gb_sql_integer(RUNS_MAX),
	};
	int r = gb_sql_run(sources->store,
	        "SELECT run, last_n, first_time FROM event_runs WHERE last_time >= $1 AND first_time < $2"
	        " ORDER BY last_time DESC, run DESC LIMIT $3",
	        values, 3, add_run, sources, diag);

	for (size_t i = 0; i < sources->run_count && r >= 0 && sources->found < enough; i++) {
		if (i >= RUNS_LEAST && gb_monotonic_ms() - begin > WORK_MS)
			break;
		sources->run = sources->runs[i];
		r = read_run(sources, diag);
	}
	return r;
}

int gb_search_sources(struct gb_store *store, const struct gb_search *search, size_t enough,
        gb_search_source *on_source, void *context, struct gb_diag *diag)
{
	struct sources sources = {
	        .store = store,
	        .search = search,
	        .on_source = on_source,
	        .context = context,
	        .wanted = (unsigned char)((search->has_functions ? IS_OF_FUNCTION : 0) |
	                                  (search->has_facets ? IS_OF_FACET : 0)),
	};
	int r = gb_sql_run(store,
	        "SELECT n, time, function, facet, source_ip FROM events"
	        " WHERE n > COALESCE((SELECT last_n FROM event_runs ORDER BY run DESC LIMIT 1), 0)",
	        NULL, 0, add_waiting, &sources, diag);

	if (r >= 0)
		r = read_runs(&sources, enough, diag);
	free(sources.marks);
	return r < 0 ? r : 0;
}
