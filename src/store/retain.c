/* SPDX-License-Identifier: Apache-2.0 */
#include "store/driver.h"
#include "store/sums.h"

#define ROWS_OF_A_TRANSACTION 10000
#define ROWS_OF_A_CALL        200000
#define ROWS_OF_A_STEP        2000 /* towards the size that is wanted */
#define WEEK_MS               (7 * 24 * INT64_C(3600000))

struct retaining {
	struct gb_store *store;
	struct gb_store_retained *result;
	struct gb_diag *diag;
	int64_t work; /* rows of all tables that were deleted */
};

/* One statement that deletes a piece, again until nothing is left or it is enough. */
static int delete_pieces(struct retaining *retaining, const char *text, int64_t bound, int64_t *count)
{
	const struct gb_sql_value values[] = {gb_sql_integer(bound), gb_sql_integer(ROWS_OF_A_TRANSACTION)};
	int r;

	do {
		if (retaining->work >= ROWS_OF_A_CALL) {
			retaining->result->has_more = true;
			return 0;
		}
		r = gb_sql_run(retaining->store, text, values, 2, NULL, NULL, retaining->diag);
		if (r > 0) {
			retaining->work += r;
			*count += r;
		}
	} while (r == ROWS_OF_A_TRANSACTION);
	return r < 0 ? r : 0;
}

struct part {
	char name[64];
	int64_t week;
};

static int oldest_part(void *context, const struct gb_sql_value *columns, size_t count)
{
	struct part *part = context;
	struct gb_span name = columns[0].bytes;
	struct gb_span digits = gb_span_sub(name, sizeof("events_w") - 1, SIZE_MAX);
	uint64_t week;

	(void)count;
	if (!gb_span_starts(name, GB_SPAN("events_w")) || name.n >= sizeof part->name || !gb_span_to_u64(digits, &week))
		return 0;
	if (part->week == 0 || (int64_t)week < part->week) {
		part->week = (int64_t)week;
		snprintf(part->name, sizeof part->name, "%.*s", (int)name.n, (const char *)name.p);
	}
	return 0;
}

/* Whole weeks before BEFORE are dropped at once; PostgreSQL only. At most COUNT_MAX. */
static int drop_parts(struct retaining *retaining, int64_t before, int count_max)
{
	for (int i = 0; i < count_max; i++) {
		struct part part = {.week = 0};
		char text[128];
		int r = gb_sql_run(retaining->store,
		        "SELECT CAST(relname AS TEXT) FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid"
		        " WHERE inhparent = 'events'::regclass",
		        NULL, 0, oldest_part, &part, retaining->diag);

		if (r < 0)
			return r;
		if (part.week == 0 || (part.week + 1) * WEEK_MS > before)
			return 0;
		snprintf(text, sizeof text, "DROP TABLE %s", part.name);
		r = retaining->store->driver->script(retaining->store, text, retaining->diag);
		if (r < 0)
			return r;
		retaining->result->parts_dropped++;
	}
	return 0;
}

static int delete_events(struct retaining *retaining, int64_t before)
{
	int64_t others = 0;
	int r = 0;

	if (gb_store_kind(retaining->store) == GB_STORE_POSTGRES)
		r = drop_parts(retaining, before, 1000);
	if (r >= 0)
		r = delete_pieces(retaining,
		        gb_store_kind(retaining->store) == GB_STORE_POSTGRES
		                ? "DELETE FROM events WHERE (time, id) IN (SELECT time, id FROM events WHERE time < $1 "
		                  "LIMIT $2)"
		                : "DELETE FROM events WHERE n IN (SELECT n FROM events WHERE time < $1 ORDER BY time "
		                  "LIMIT $2)",
		        before, &retaining->result->events_deleted);
	/* Lists of runs that are gone whole. The last run stays: it says from where on events wait for one. */
	if (r >= 0)
		r = delete_pieces(retaining,
		        "DELETE FROM event_postings WHERE (run, key) IN (SELECT p.run, p.key FROM event_postings p "
		        "JOIN event_runs r"
		        " ON r.run = p.run WHERE r.last_time < $1 LIMIT $2)",
		        before, &others);
	if (r >= 0)
		r = delete_pieces(retaining,
		        "DELETE FROM event_runs WHERE run IN (SELECT run FROM event_runs WHERE last_time < $1"
		        " AND run < (SELECT max(run) FROM event_runs)"
		        " AND NOT EXISTS (SELECT 1 FROM event_postings p WHERE p.run = event_runs.run) LIMIT $2)",
		        before, &others);
	return r;
}

static int64_t oldest_time(struct retaining *retaining)
{
	int64_t time = 0;
	int r = gb_sql_integer_of(retaining->store, "SELECT min(time) FROM events", NULL, 0, &time, retaining->diag);

	return r <= 0 ? 0 : time;
}

/* The oldest go until the tables are small enough: a week of PostgreSQL's at a time, else as far as some thousand events go. */
static int keep_to_size(struct retaining *retaining, uint64_t bytes_max)
{
	uint64_t bytes = 0;
	int r;

	while ((r = retaining->store->driver->events_size(retaining->store, &bytes, retaining->diag)) == 0 &&
	        bytes > bytes_max) {
		int64_t before = 0;
		struct gb_sql_value offset = gb_sql_integer(ROWS_OF_A_STEP);

		if (gb_store_kind(retaining->store) == GB_STORE_POSTGRES) {
			int64_t dropped = retaining->result->parts_dropped;
			int64_t week = oldest_time(retaining) / WEEK_MS;

			/* The week that is being written is not dropped: there deleting frees room for what comes. */
			if (week < gb_store_now_ms(retaining->store) / WEEK_MS)
				r = drop_parts(retaining, (week + 1) * WEEK_MS, 1);
			if (r < 0 || retaining->result->parts_dropped == dropped)
				return r;
			continue;
		}
		r = gb_sql_integer_of(retaining->store, "SELECT time FROM events ORDER BY time LIMIT 1 OFFSET $1",
		        &offset, 1, &before, retaining->diag);
		if (r <= 0)
			return r; /* the few that are left stay */
		r = delete_events(retaining, before + 1);
		if (r < 0 || retaining->result->has_more)
			return r;
	}
	return r;
}

/* Whole days only, which the sums of a day would not be right without. Functions are found by the table's key: none is looked through. */
static int delete_counts(struct retaining *retaining, int64_t hour)
{
	int64_t before = hour - hour % GB_DAY_HOURS, others = 0;
	int r = delete_pieces(retaining,
	        "DELETE FROM event_counts WHERE (function, hour, facet) IN ("
	        "WITH RECURSIVE f(x) AS (SELECT min(function) FROM event_counts UNION ALL"
	        " SELECT (SELECT min(function) FROM event_counts WHERE function > f.x) FROM f WHERE f.x IS NOT NULL)"
	        " SELECT c.function, c.hour, c.facet FROM f JOIN event_counts c ON c.function = f.x WHERE c.hour < $1 "
	        "LIMIT $2)",
	        before, &others);

	if (r >= 0)
		r = delete_pieces(retaining,
		        "DELETE FROM event_sums WHERE (hours, moment, facet, part) IN"
		        " (SELECT hours, moment, facet, part FROM event_sums WHERE hours IN (1, 24) AND moment < $1 "
		        "LIMIT $2)",
		        before, &others);
	return r;
}

int gb_store_retain(struct gb_store *store, const struct gb_store_retention *retention,
        struct gb_store_retained *ret_retained, struct gb_diag *diag)
{
	struct retaining retaining = {store, ret_retained, diag, 0};
	int64_t now = gb_store_now_ms(store);
	int r = 0;

	*ret_retained = (struct gb_store_retained){.events_deleted = 0};
	if (retention->events_ms > 0)
		r = delete_events(&retaining, now - retention->events_ms);
	if (r >= 0 && retention->counts_ms > 0)
		r = delete_counts(&retaining, (now - retention->counts_ms) / GB_HOUR_MS);
	if (r >= 0 && retention->events_bytes_max > 0)
		r = keep_to_size(&retaining, retention->events_bytes_max);
	return r < 0 ? r : 0;
}
