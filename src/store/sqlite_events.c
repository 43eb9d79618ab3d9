/* SPDX-License-Identifier: Apache-2.0 */
/* Many rows one after the other: a statement is found once and stepped for each. */
#include "store/postings.h"
#include "store/sqlite.h"
#include "store/sums.h"

#include "base/arena.h"

#include <errno.h>

static int step(struct gb_store *store, sqlite3_stmt *stmt, struct gb_diag *diag)
{
	int r = sqlite3_step(stmt);

	sqlite3_reset(stmt);
	return r == SQLITE_DONE ? 0 : gb_sqlite_error(store, r, diag);
}

static void bind_text(sqlite3_stmt *stmt, int at, struct gb_span s)
{
	if (s.n == 0)
		sqlite3_bind_null(stmt, at);
	else
		sqlite3_bind_text(stmt, at, (const char *)s.p, (int)s.n, SQLITE_STATIC);
}

static void bind_row(sqlite3_stmt *stmt, const struct gb_batch_row *row)
{
	const struct gb_event *event = row->event;

	sqlite3_bind_int64(stmt, 1, row->n);
	sqlite3_bind_int64(stmt, 2, event->time);
	sqlite3_bind_blob(stmt, 3, event->id, sizeof event->id, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 4, event->function);
	sqlite3_bind_int64(stmt, 5, event->version);
	sqlite3_bind_int64(stmt, 6, row->facet);
	sqlite3_bind_int64(stmt, 7, (int64_t)event->sandbox);
	sqlite3_bind_int64(stmt, 8, event->seq);
	sqlite3_bind_int64(stmt, 9, event->status);
	bind_text(stmt, 10, row->request);
	bind_text(stmt, 11, row->source_ip);
	sqlite3_bind_text(stmt, 12, row->body.n == 0 ? "" : (const char *)row->body.p, (int)row->body.n, SQLITE_STATIC);
}

int gb_sqlite_insert(struct gb_store *store, struct gb_batch_row *rows, size_t count, struct gb_diag *diag)
{
	struct gb_sqlite *sqlite = store->connection;
	sqlite3_stmt *stmt = NULL;
	int r = gb_sqlite_statement(store,
	        "INSERT INTO events (n, time, id, function, version, facet, sandbox, seq, status, request, "
	        "source_ip, body)"
	        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (time, id) DO NOTHING",
	        &stmt, diag);

	for (size_t i = 0; i < count && r >= 0; i++) {
		bind_row(stmt, &rows[i]);
		r = step(store, stmt, diag);
		rows[i].is_inserted = r >= 0 && sqlite3_changes(sqlite->db) > 0;
	}
	if (stmt != NULL)
		sqlite3_clear_bindings(stmt);
	return r;
}

int gb_sqlite_count(struct gb_store *store, const struct gb_batch_count *counts, size_t count, struct gb_diag *diag)
{
	sqlite3_stmt *stmt = NULL;
	int r = gb_sqlite_statement(store,
	        "INSERT INTO event_counts (function, hour, facet, n) VALUES ($1, $2, $3, $4)"
	        " ON CONFLICT (function, hour, facet) DO UPDATE SET n = event_counts.n + excluded.n",
	        &stmt, diag);

	for (size_t i = 0; i < count && r >= 0; i++) {
		sqlite3_bind_int64(stmt, 1, counts[i].function);
		sqlite3_bind_int64(stmt, 2, counts[i].hour);
		sqlite3_bind_int64(stmt, 3, counts[i].facet);
		sqlite3_bind_int64(stmt, 4, counts[i].n);
		r = step(store, stmt, diag);
	}
	return r;
}

struct writing {
	struct gb_store *store;
	sqlite3_stmt *stmt;
	int64_t run;
	struct gb_diag *diag;
};

static int write_list(void *context, int64_t key, struct gb_span list)
{
	struct writing *writing = context;

	sqlite3_bind_int64(writing->stmt, 1, writing->run);
	sqlite3_bind_int64(writing->stmt, 2, key);
	sqlite3_bind_blob(writing->stmt, 3, list.p, (int)list.n, SQLITE_STATIC);
	return step(writing->store, writing->stmt, writing->diag);
}

int gb_sqlite_postings(struct gb_store *store, const struct gb_run *run, struct gb_run_event *events, size_t count,
        struct gb_diag *diag)
{
	struct writing writing = {.store = store, .run = run->run, .diag = diag};
	int r = gb_sqlite_statement(
	        store, "INSERT INTO event_postings (run, key, list) VALUES ($1, $2, $3)", &writing.stmt, diag);

	if (r >= 0)
		r = gb_postings_build(run, events, count, write_list, &writing);
	if (writing.stmt != NULL)
		sqlite3_clear_bindings(writing.stmt);
	return r;
}

static void bind_key(sqlite3_stmt *stmt, const struct gb_sums_row *row)
{
	sqlite3_bind_int64(stmt, 1, row->hours);
	sqlite3_bind_int64(stmt, 2, row->moment);
	sqlite3_bind_int64(stmt, 3, row->facet);
	sqlite3_bind_int64(stmt, 4, row->part);
}

int gb_sqlite_sums_read(
        struct gb_store *store, struct gb_sums_row *rows, size_t count, struct gb_arena *arena, struct gb_diag *diag)
{
	sqlite3_stmt *stmt = NULL;
	int r = gb_sqlite_statement(store,
	        "SELECT list FROM event_sums WHERE hours = $1 AND moment = $2 AND facet = $3 AND part = $4", &stmt,
	        diag);

	for (size_t i = 0; i < count && r >= 0; i++) {
		int stepped;

		bind_key(stmt, &rows[i]);
		stepped = sqlite3_step(stmt);
		if (stepped == SQLITE_ROW && sqlite3_column_bytes(stmt, 0) > 0) {
			size_t n = (size_t)sqlite3_column_bytes(stmt, 0);
			void *list = gb_arena_take(arena, n);

			if (list == NULL)
				r = -ENOMEM;
			else
				rows[i].list = gb_span_of(memcpy(list, sqlite3_column_blob(stmt, 0), n), n);
		} else if (stepped != SQLITE_ROW && stepped != SQLITE_DONE) {
			r = gb_sqlite_error(store, stepped, diag);
		}
		sqlite3_reset(stmt);
	}
	return r;
}

int gb_sqlite_sums_write(struct gb_store *store, const struct gb_sums_row *rows, size_t count, struct gb_diag *diag)
{
	sqlite3_stmt *stmt = NULL;
	int r = gb_sqlite_statement(store,
	        "INSERT INTO event_sums (hours, moment, facet, part, list) VALUES ($1, $2, $3, $4, $5)"
	        " ON CONFLICT (hours, moment, facet, part) DO UPDATE SET list = excluded.list",
	        &stmt, diag);

	for (size_t i = 0; i < count && r >= 0; i++) {
		bind_key(stmt, &rows[i]);
		sqlite3_bind_blob(stmt, 5, rows[i].list.p, (int)rows[i].list.n, SQLITE_STATIC);
		r = step(store, stmt, diag);
	}
	if (stmt != NULL)
		sqlite3_clear_bindings(stmt);
	return r;
}
