/* SPDX-License-Identifier: Apache-2.0 */
/* Batches go over in PostgreSQL's binary COPY into temporary tables, and from there in one statement each. */
#include "store/postgres.h"
#include "store/postings.h"

#include "base/cleanup.h"

#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <libpq-fe.h>

#define PIECE   (256u * 1024u) /* of a copy: what is handed to libpq at once */
#define WEEK_MS (7 * 24 * INT64_C(3600000))
/* Weeks from now that get a partition; what is farther away lies in events_rest, so that nobody can make thousands. */
#define WEEKS_BACK  60
#define WEEKS_AHEAD 1

/* pg_type.dat */
enum { OID_INT8 = 20, OID_INT8_ARRAY = 1016 };

static void clear_resultp(PGresult **result)
{
	PQclear(*result);
}

struct copy {
	struct gb_store *store;
	struct gb_postgres *postgres;
	char *piece;
	size_t n;
	int error;
};

static void copy_flush(struct copy *copy)
{
	if (copy->error == 0 && copy->n > 0 &&
	        PQputCopyData(copy->postgres->connection, copy->piece, (int)copy->n) != 1)
		copy->error = -ECONNRESET;
	copy->n = 0;
}

static void copy_bytes(struct copy *copy, const void *bytes, size_t n)
{
	while (n > PIECE - copy->n) {
		size_t part = PIECE - copy->n;

		memcpy(copy->piece + copy->n, bytes, part);
		copy->n = PIECE;
		copy_flush(copy);
		bytes = (const char *)bytes + part;
		n -= part;
	}
	if (n > 0)
		memcpy(copy->piece + copy->n, bytes, n);
	copy->n += n;
}

static void copy_u32(struct copy *copy, uint32_t value)
{
	value = htobe32(value);
	copy_bytes(copy, &value, sizeof value);
}

static void copy_columns(struct copy *copy, uint16_t columns)
{
	columns = htobe16(columns);
	copy_bytes(copy, &columns, sizeof columns);
}

static void copy_i64(struct copy *copy, int64_t value)
{
	uint64_t bytes = htobe64((uint64_t)value);

	copy_u32(copy, sizeof bytes);
	copy_bytes(copy, &bytes, sizeof bytes);
}

static void copy_i32(struct copy *copy, int64_t value)
{
	copy_u32(copy, sizeof(int32_t));
	copy_u32(copy, (uint32_t)value);
}

static void copy_span(struct copy *copy, struct gb_span s)
{
	copy_u32(copy, (uint32_t)s.n);
	copy_bytes(copy, s.p, s.n);
}

static void copy_null(struct copy *copy)
{
	copy_u32(copy, UINT32_MAX);
}

static void copy_text(struct copy *copy, struct gb_span s)
{
	if (s.n == 0)
		copy_null(copy);
	else
		copy_span(copy, s);
}

static int copy_begin(struct copy *copy, struct gb_store *store, const char *text, struct gb_diag *diag)
{
	static const char header[] = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0";
	struct gb_postgres *postgres = store->connection;
	PGresult *result;
	int r = 0;

	*copy = (struct copy){.store = store, .postgres = postgres, .piece = malloc(PIECE)};
	if (copy->piece == NULL)
		return gb_diag_set(diag, -ENOMEM, 0, 0, "out of memory");
	result = PQexec(postgres->connection, text);
	if (PQresultStatus(result) != PGRES_COPY_IN)
		r = gb_postgres_error(store, result, diag);
	PQclear(result);
	copy_bytes(copy, header, 19);
	return r;
}

/* Ends the copy whatever has happened; frees its memory. */
static int copy_end(struct copy *copy, struct gb_diag *diag)
{
	PGconn *connection = copy->postgres->connection;
	PGresult *result;
	int r = 0;

	copy_columns(copy, UINT16_MAX);
	copy_flush(copy);
	free(copy->piece);
	if (PQputCopyEnd(connection, NULL) != 1)
		return gb_postgres_error(copy->store, NULL, diag);
	while ((result = PQgetResult(connection)) != NULL) {
		if (PQresultStatus(result) != PGRES_COMMAND_OK && r == 0)
			r = gb_postgres_error(copy->store, result, diag);
		PQclear(result);
	}
	return r;
}

/* A partition for the week of TIME, when it is near enough and there is none. */
static int ensure_partition(struct gb_store *store, int64_t week, struct gb_diag *diag)
{
	struct gb_postgres *postgres = store->connection;
	struct gb_sql_value name;
	int64_t now_week = gb_store_now_ms(store) / WEEK_MS;
	int64_t is_there = 0;
	char table[40], text[300];
	int r;

	if (week < now_week - WEEKS_BACK || week > now_week + WEEKS_AHEAD)
		return 0;
	for (size_t i = 0; i < GB_POSTGRES_WEEKS; i++)
		if (postgres->weeks[i] == week)
			return 0;
	snprintf(table, sizeof table, "events_w%" PRId64, week);
	name = gb_sql_cstr(table);
	r = gb_sql_integer_of(
	        store, "SELECT CASE WHEN to_regclass($1) IS NULL THEN 0 ELSE 1 END", &name, 1, &is_there, diag);
	if (r >= 0 && is_there == 0) {
		/* With rows of that week in events_rest it cannot be made: they stay together there. */
		snprintf(text, sizeof text,
		        "DO $$ BEGIN CREATE TABLE %s PARTITION OF events FOR VALUES FROM (%" PRId64 ") TO (%" PRId64
		        ");"
		        " EXCEPTION WHEN check_violation OR duplicate_table THEN NULL; END $$",
		        table, week * WEEK_MS, (week + 1) * WEEK_MS);
		r = gb_postgres_say(store, text, diag);
	}
	if (r >= 0)
		postgres->weeks[postgres->week_next++ % GB_POSTGRES_WEEKS] = week;
	return r < 0 ? r : 0;
}

static int ensure_partitions(
        struct gb_store *store, const struct gb_batch_row *rows, size_t count, struct gb_diag *diag)
{
	int64_t last = -1;

	for (size_t i = 0; i < count; i++) {
		int64_t week = rows[i].event->time / WEEK_MS;
		int r = week == last ? 0 : ensure_partition(store, week, diag);

		if (r < 0)
			return r;
		last = week;
	}
	return 0;
}

static void copy_row(struct copy *copy, const struct gb_batch_row *row)
{
	const struct gb_event *event = row->event;

	copy_columns(copy, 12);
	copy_i64(copy, row->n);
	copy_i64(copy, event->time);
	copy_i64(copy, (int64_t)event->sandbox);
	copy_i64(copy, event->seq);
	copy_i64(copy, event->function);
	copy_i64(copy, event->version);
	copy_i32(copy, row->facet);
	copy_i32(copy, event->status);
	copy_span(copy, gb_span_of(event->id, sizeof event->id));
	copy_text(copy, row->request);
	copy_text(copy, row->source_ip);
	copy_span(copy, row->body);
}

static int mark(void *context, const struct gb_sql_value *columns, size_t count)
{
	struct gb_batch_row *rows = context;

	(void)count;
	rows[columns[0].integer - rows[0].n].is_inserted = true;
	return 0;
}

#define EVENT_COLUMNS "(n, time, sandbox, seq, function, version, facet, status, id, request, source_ip, body)"

static int copy_rows(
        struct gb_store *store, const char *text, const struct gb_batch_row *rows, size_t count, struct gb_diag *diag)
{
	struct copy copy;
	int r = copy_begin(&copy, store, text, diag);

	if (r < 0)
		return r;
	for (size_t i = 0; i < count; i++)
		copy_row(&copy, &rows[i]);
	return copy_end(&copy, diag);
}

/* Straight into the table, which is a third cheaper, and all or nothing: -EEXIST when one of them is there already. */
static int insert_new(struct gb_store *store, struct gb_batch_row *rows, size_t count, struct gb_diag *diag)
{
	struct gb_postgres *postgres = store->connection;
	int r = gb_postgres_say(store, "SAVEPOINT new_events", diag);

	if (r >= 0)
		r = copy_rows(store, "COPY events " EVENT_COLUMNS " FROM STDIN (FORMAT binary)", rows, count, diag);
	if (r >= 0)
		r = gb_postgres_say(store, "RELEASE new_events", diag);
	for (size_t i = 0; i < count; i++)
		rows[i].is_inserted = true;
	if (r == -EEXIST) {
		postgres->is_broken = false;
		if (gb_postgres_say(store, "ROLLBACK TO new_events; RELEASE new_events", diag) < 0)
			r = -ECANCELED;
	}
	return r;
}

/* By a table of our own, from which only new ones go on. */
static int insert_some(struct gb_store *store, struct gb_batch_row *rows, size_t count, struct gb_diag *diag)
{
	const struct gb_sql_value range[] = {gb_sql_integer(rows[0].n), gb_sql_integer(rows[count - 1].n)};
	int r = gb_postgres_say(store,
	        "CREATE TEMPORARY TABLE IF NOT EXISTS staged_events (LIKE events INCLUDING DEFAULTS) ON COMMIT DELETE "
	        "ROWS",
	        diag);

	if (r >= 0)
		r = copy_rows(
		        store, "COPY staged_events " EVENT_COLUMNS " FROM STDIN (FORMAT binary)", rows, count, diag);
	if (r >= 0)
		r = gb_sql_run(store,
		        "INSERT INTO events SELECT * FROM staged_events ORDER BY n ON CONFLICT (time, id) DO NOTHING",
		        NULL, 0, NULL, NULL, diag);
	for (size_t i = 0; i < count; i++)
		rows[i].is_inserted = r == (int)count;
	if (r >= 0 && r != (int)count)
		r = gb_sql_run(store, "SELECT n FROM events WHERE n >= $1 AND n <= $2", range, 2, mark, rows, diag);
	/* A second batch of the same transaction begins with an empty table too. */
	return r < 0 ? r : gb_postgres_say(store, "TRUNCATE staged_events", diag);
}

int gb_postgres_insert(struct gb_store *store, struct gb_batch_row *rows, size_t count, struct gb_diag *diag)
{
	struct gb_postgres *postgres = store->connection;
	int r = ensure_partitions(store, rows, count, diag);

	if (r < 0)
		return r;
	if (postgres->doubtful == 0) {
		r = insert_new(store, rows, count, diag);
		if (r != -EEXIST)
			return r;
		/* Who says one batch again says others again too. */
		postgres->doubtful = 16;
	}
	postgres->doubtful--;
	return insert_some(store, rows, count, diag);
}

/* An array of BIGINT as PostgreSQL's binary format has it: dimensions, no NULLs, type, length, first index, elements. */
#define ARRAY_HEADER  20u
#define ARRAY_ELEMENT 12u

static void put_u32(unsigned char *to, uint32_t value)
{
	value = htobe32(value);
	memcpy(to, &value, sizeof value);
}

static void begin_array(unsigned char *to, size_t count)
{
	put_u32(to, 1);
	put_u32(to + 4, 0);
	put_u32(to + 8, OID_INT8);
	put_u32(to + 12, (uint32_t)count);
	put_u32(to + 16, 1);
}

static void put_element(unsigned char *array, size_t i, int64_t value)
{
	uint64_t bytes = htobe64((uint64_t)value);

	put_u32(array + ARRAY_HEADER + i * ARRAY_ELEMENT, sizeof bytes);
	memcpy(array + ARRAY_HEADER + i * ARRAY_ELEMENT + 4, &bytes, sizeof bytes);
}

int gb_postgres_count(struct gb_store *store, const struct gb_batch_count *counts, size_t count, struct gb_diag *diag)
{
	static const char text[] =
	        "INSERT INTO event_counts (function, hour, facet, n) SELECT * FROM unnest($1, $2, $3, $4)"
	        " ON CONFLICT (function, hour, facet) DO UPDATE SET n = event_counts.n + excluded.n";
	static const Oid types[] = {OID_INT8_ARRAY, OID_INT8_ARRAY, OID_INT8_ARRAY, OID_INT8_ARRAY};
	static const int formats[] = {1, 1, 1, 1};
	struct gb_postgres *postgres = store->connection;
	size_t bytes = ARRAY_HEADER + count * ARRAY_ELEMENT;
	GB_CLEANUP(gb_freep) unsigned char *arrays = malloc(4 * bytes);
	const char *pointers[4];
	int lengths[4];

	if (count == 0)
		return 0;
	if (arrays == NULL)
		return gb_diag_set(diag, -ENOMEM, 0, 0, "out of memory");
	for (size_t i = 0; i < 4; i++) {
		begin_array(arrays + i * bytes, count);
		pointers[i] = (const char *)(arrays + i * bytes);
		lengths[i] = (int)bytes;
	}
	for (size_t i = 0; i < count; i++) {
		put_element(arrays, i, counts[i].function);
		put_element(arrays + bytes, i, counts[i].hour);
		put_element(arrays + 2 * bytes, i, counts[i].facet);
		put_element(arrays + 3 * bytes, i, counts[i].n);
	}
	GB_CLEANUP(clear_resultp)
	PGresult *result = PQexecParams(postgres->connection, text, 4, types, pointers, lengths, formats, 1);
	return PQresultStatus(result) == PGRES_COMMAND_OK ? 0 : gb_postgres_error(store, result, diag);
}

struct posting_copy {
	struct copy copy;
	int64_t run;
};

static int copy_list(void *context, int64_t key, struct gb_span list)
{
	struct posting_copy *to = context;

	copy_columns(&to->copy, 3);
	copy_i64(&to->copy, to->run);
	copy_i64(&to->copy, key);
	copy_span(&to->copy, list);
	return to->copy.error;
}

int gb_postgres_postings(struct gb_store *store, const struct gb_run *run, struct gb_run_event *events, size_t count,
        struct gb_diag *diag)
{
	struct posting_copy to = {.run = run->run};
	int r = copy_begin(&to.copy, store, "COPY event_postings FROM STDIN (FORMAT binary)", diag);
	int built;

	if (r < 0)
		return r;
	built = gb_postings_build(run, events, count, copy_list, &to);
	r = copy_end(&to.copy, diag);
	return r < 0 || built >= 0 ? r : gb_diag_set(diag, built, 0, 0, "out of memory");
}
