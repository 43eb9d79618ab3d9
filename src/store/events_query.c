/* SPDX-License-Identifier: Apache-2.0 */
#include "store/driver.h"
#include "store/search.h"

#include "base/clock.h"

#include <errno.h>

#define LIMIT_MAX     1000
#define ROWS_MAX      20000 /* events read by one call at most */
#define WORK_MS       80    /* after that a call ends with what it has */
#define TIME_PIECE    256   /* events of one look by time alone */
#define EVENT_COLUMNS "n, time, id, function, version, facet, sandbox, seq, status, request, source_ip, body"

struct query {
	struct gb_store *store;
	struct gb_search search;
	struct gb_event_cursor cursor; /* behind what was looked at last */
	size_t limit, read;
	gb_event_row *on_event;
	void *context;
	struct gb_event_page *page;
	int64_t begin_ms;
	bool is_enough; /* limit, or the callback's wish */
	size_t rows;    /* of the last statement */
};

static bool is_worked_off(const struct query *query)
{
	return query->read >= ROWS_MAX || gb_monotonic_ms() - query->begin_ms >= WORK_MS;
}

static void read_event(struct gb_store *store, const struct gb_sql_value *columns, struct gb_event *ret_event)
{
	const struct gb_facet *facet = gb_facet_get(store, columns[5].integer);
	const struct gb_facet *facets;
	size_t count;

	/* Somebody else has made it since we looked. */
	if (facet == NULL && gb_facets_list(store, &facets, &count, NULL) >= 0)
		facet = gb_facet_get(store, columns[5].integer);
	*ret_event = (struct gb_event){
	        .n = columns[0].integer,
	        .time = columns[1].integer,
	        .function = columns[3].integer,
	        .version = columns[4].integer,
	        .sandbox = (uint64_t)columns[6].integer,
	        .seq = columns[7].integer,
	        .status = columns[8].integer,
	        .request = columns[9].bytes,
	        .source_ip = columns[10].bytes,
	        .body = columns[11].bytes,
	};
	if (columns[2].bytes.n == GB_EVENT_ID_BYTES)
		memcpy(ret_event->id, columns[2].bytes.p, GB_EVENT_ID_BYTES);
	if (facet != NULL)
		ret_event->facets = facet->words;
}

bool gb_event_has_text(const struct gb_event *event, struct gb_span text)
{
	struct gb_span body = event->body;
	unsigned char first = gb_ascii_lower(text.p[0]);

	for (size_t i = 0; i + text.n <= body.n; i++)
		if (gb_ascii_lower(body.p[i]) == first && gb_span_equal_nocase(gb_span_sub(body, i, text.n), text))
			return true;
	return false;
}

static int consider(void *context, const struct gb_sql_value *columns, size_t count)
{
	struct query *query = context;
	const struct gb_event_filter *filter = query->search.filter;
	struct gb_event event;
	int r;

	(void)count;
	query->read++;
	query->rows++;
	read_event(query->store, columns, &event);
	query->cursor = (struct gb_event_cursor){event.time, event.n};
	if (!gb_search_matches(&query->search, &event, columns[5].integer) ||
	        (filter->text.n > 0 && !gb_event_has_text(&event, filter->text)))
		return 0;
	r = query->on_event(query->context, &event);
	if (r < 0)
		return r;
	query->page->count++;
	query->is_enough = r > 0 || query->page->count == query->limit;
	return query->is_enough ? 1 : 0;
}

/* Where there is nothing to search by but time. */
static int by_time(struct query *query, struct gb_diag *diag)
{
	do {
		bool is_begun = query->cursor.time != 0;
		size_t left = query->limit - query->page->count;
		bool has_more_to_ask = query->search.filter->text.n > 0 || query->search.filter->status_plus_1 != 0;
		size_t piece = has_more_to_ask || left > TIME_PIECE ? TIME_PIECE : left;
		const struct gb_sql_value values[] = {
		        gb_sql_integer(is_begun && query->cursor.time < query->search.before
		                               ? query->cursor.time
		                               : query->search.before - 1),
		        gb_sql_integer(
		                is_begun && query->cursor.time < query->search.before ? query->cursor.n : INT64_MAX),
		        gb_sql_integer(query->search.from),
		        gb_sql_integer((int64_t)piece),
		};
		int r;

		query->rows = 0;
		r = gb_sql_run(query->store,
		        "SELECT " EVENT_COLUMNS " FROM events WHERE time <= $1 AND (time < $1 OR n < $2) AND time >= $3"
		        " ORDER BY time DESC, n DESC LIMIT $4",
		        values, 4, consider, query, diag);
		if (r < 0)
			return r;
		if (!query->is_enough && query->rows < piece) {
			query->page->is_end = true;
			return 0;
		}
	} while (!query->is_enough && !is_worked_off(query));
	return 0;
}

static int newest_first(const void *left, const void *right)
{
	const struct gb_posting *a = left;
	const struct gb_posting *b = right;

	if (a->time != b->time)
		return a->time > b->time ? -1 : 1;
	return a->n > b->n ? -1 : a->n < b->n;
}

#define PLACES_AT_ONCE 32

/* In their order; those that have been deleted meanwhile are left out. */
static int read_piece(struct query *query, const struct gb_posting *places, size_t count, struct gb_diag *diag)
{
	struct gb_sql_value values[PLACES_AT_ONCE + 2] = {
	        gb_sql_integer(places[count - 1].time), gb_sql_integer(places[0].time)};
	int r;

	for (size_t i = 0; i < PLACES_AT_ONCE; i++)
		values[i + 2] = gb_sql_integer(places[i < count ? i : 0].n);
	r = gb_sql_run(query->store,
	        "SELECT " EVENT_COLUMNS
	        " FROM events WHERE time >= $1 AND time <= $2 AND n IN ($3, $4, $5, $6, $7, $8, $9, $10, $11,"
	        " $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, "
	        "$32, $33, $34)"
	        " ORDER BY time DESC, n DESC",
	        values, PLACES_AT_ONCE + 2, consider, query, diag);
	if (r >= 0 && !query->is_enough)
		query->cursor = (struct gb_event_cursor){places[count - 1].time, places[count - 1].n};
	return r;
}

/* Reads those of PLACES that no run to come can have anything before: later than KNOWN. */
static int read_places(struct query *query, struct gb_places *places, int64_t known, struct gb_diag *diag)
{
	size_t certain = 0, done = 0;
	int r = 0;

	qsort(places->items, places->count, sizeof *places->items, newest_first);
	while (certain < places->count && places->items[certain].time > known)
		certain++;
	while (done < certain && r >= 0 && !query->is_enough && (done == 0 || !is_worked_off(query))) {
		size_t left = query->limit - query->page->count;
		size_t piece = certain - done < PLACES_AT_ONCE ? certain - done : PLACES_AT_ONCE;

		if (piece > left)
			piece = left;
		r = read_piece(query, places->items + done, piece, diag);
		done += piece;
	}
	memmove(places->items, places->items + done, (places->count - done) * sizeof *places->items);
	places->count -= done;
	return r;
}

static int by_lists(struct query *query, struct gb_diag *diag)
{
	struct gb_event_cursor cursor = query->cursor;
	struct gb_run_walk walk = {.step = 0};
	struct gb_places places = {NULL, 0, 0};
	int r = gb_search_waiting(query->store, &query->search, cursor, &places, diag);

	while (r >= 0 && !query->is_enough) {
		int64_t known;

		r = gb_search_runs(query->store, &query->search, cursor, &walk, &places, diag);
		known = walk.is_end ? INT64_MIN : walk.last_time;
		if (r >= 0 && places.count > 0)
			r = read_places(query, &places, known, diag);
		if (r < 0 || query->is_enough)
			break;
		if (walk.is_end && places.count == 0) {
			query->page->is_end = true;
			break;
		}
		if (is_worked_off(query)) {
			/* All that is later than the runs to come has been told, unless time ran out while telling it. */
			bool has_told_all = places.count == 0 || places.items[0].time <= known;

			if (has_told_all && (query->cursor.time == 0 || known < query->cursor.time))
				query->cursor = (struct gb_event_cursor){known, INT64_MAX};
			/* However slow: each call gets on. */
			if (query->cursor.time != cursor.time || query->cursor.n != cursor.n)
				break;
		}
	}
	free(places.items);
	return r;
}

int gb_events_query(struct gb_store *store, const struct gb_scope *scope, const struct gb_event_filter *filter,
        struct gb_event_cursor cursor, size_t limit, gb_event_row *on_event, void *context,
        struct gb_event_page *ret_page, struct gb_diag *diag)
{
	struct query query = {
	        .store = store,
	        .cursor = cursor,
	        .limit = limit == 0 || limit > LIMIT_MAX ? LIMIT_MAX : limit,
	        .on_event = on_event,
	        .context = context,
	        .page = ret_page,
	        .begin_ms = gb_monotonic_ms(),
	};
	const struct gb_facet *facets;
	size_t facet_count;
	int r;

	*ret_page = (struct gb_event_page){.next = cursor};
	r = gb_facets_list(store, &facets, &facet_count, diag);
	if (r < 0)
		return r;
	r = gb_search_begin(&query.search, store, scope, filter, diag);
	if (r >= 0 && query.search.is_nothing)
		ret_page->is_end = true;
	else if (r >= 0 && (query.search.has_functions || query.search.has_facets || query.search.request != 0 ||
	                           query.search.source != 0))
		r = by_lists(&query, diag);
	else if (r >= 0)
		r = by_time(&query, diag);
	gb_search_end(&query.search);
	ret_page->next = query.cursor;
	return r < 0 ? r : 0;
}

/* One event, or the feed. */
struct reading {
	struct gb_store *store;
	const struct gb_ids *functions; /* NULL: all */
	gb_event_row *on_event;
	void *context;
	int64_t last;
	int told;
};

static int tell(void *context, const struct gb_sql_value *columns, size_t count)
{
	struct reading *reading = context;
	struct gb_event event;
	int r;

	(void)count;
	read_event(reading->store, columns, &event);
	if (reading->functions == NULL || gb_ids_have(reading->functions, event.function)) {
		r = reading->on_event(reading->context, &event);
		if (r < 0)
			return r;
		reading->told++;
		reading->last = event.n;
		return r;
	}
	reading->last = event.n;
	return 0;
}

static int read_scoped(struct reading *reading, const struct gb_scope *scope, const char *text,
        const struct gb_sql_value *values, size_t count, struct gb_diag *diag)
{
	static const struct gb_event_filter everything = {0};
	const struct gb_facet *facets;
	struct gb_search search;
	size_t facet_count;
	int r = gb_search_begin(&search, reading->store, scope, &everything, diag);

	if (r >= 0) {
		reading->functions = search.has_functions ? &search.functions : NULL;
		r = gb_facets_list(reading->store, &facets, &facet_count, diag);
	}
	if (r >= 0)
		r = gb_sql_run(reading->store, text, values, count, tell, reading, diag);
	gb_search_end(&search);
	return r < 0 ? r : reading->told;
}

static int64_t time_of(const unsigned char id[GB_EVENT_ID_BYTES])
{
	int64_t time = 0;

	for (size_t i = 0; i < 6; i++)
		time = time << 8 | id[i];
	return time;
}

#define ID_MS 60000 /* between an id's time and its event's */

int gb_event_get(struct gb_store *store, const struct gb_scope *scope, const unsigned char id[GB_EVENT_ID_BYTES],
        gb_event_row *on_event, void *context, struct gb_diag *diag)
{
	struct reading reading = {.store = store, .on_event = on_event, .context = context};
	const struct gb_sql_value values[] = {
	        gb_sql_integer(time_of(id) - ID_MS),
	        gb_sql_integer(time_of(id) + ID_MS),
	        gb_sql_bytes(gb_span_of(id, GB_EVENT_ID_BYTES)),
	};

	return read_scoped(&reading, scope,
	        "SELECT " EVENT_COLUMNS " FROM events WHERE time >= $1 AND time <= $2 AND id = $3 LIMIT 1", values, 3,
	        diag);
}

static int keep_place(void *context, const struct gb_event *event)
{
	*(struct gb_posting *)context = (struct gb_posting){event->time, event->n};
	return 1;
}

int gb_event_set_status(struct gb_store *store, const struct gb_scope *scope, const unsigned char id[GB_EVENT_ID_BYTES],
        int64_t status, struct gb_diag *diag)
{
	struct gb_posting place;
	int r = gb_event_get(store, scope, id, keep_place, &place, diag);

	if (r > 0) {
		const struct gb_sql_value values[] = {
		        gb_sql_integer(place.n), gb_sql_integer(place.time), gb_sql_integer(status)};

		r = gb_sql_run(
		        store, "UPDATE events SET status = $3 WHERE n = $1 AND time = $2", values, 3, NULL, NULL, diag);
	}
	return r;
}

int gb_events_after(struct gb_store *store, const struct gb_scope *scope, int64_t after, size_t limit,
        gb_event_row *on_event, void *context, int64_t *ret_last, struct gb_diag *diag)
{
	struct reading reading = {.store = store, .on_event = on_event, .context = context, .last = after};
	const struct gb_sql_value values[] = {
	        gb_sql_integer(after), gb_sql_integer(limit == 0 || limit > LIMIT_MAX ? LIMIT_MAX : (int64_t)limit)};
	int64_t last = 0;
	int r = gb_events_last(store, &last, diag);

	*ret_last = after;
	if (r < 0 || last <= after)
		return r;
	r = read_scoped(&reading, scope, "SELECT " EVENT_COLUMNS " FROM events WHERE n > $1 ORDER BY n LIMIT $2",
	        values, 2, diag);
	if (r >= 0)
		*ret_last = reading.last;
	return r;
}

int gb_events_last(struct gb_store *store, int64_t *ret_n, struct gb_diag *diag)
{
	int r = gb_sql_integer_of(store, "SELECT value FROM counters WHERE name = 'events'", NULL, 0, ret_n, diag);

	return r < 0 ? r : 0;
}
