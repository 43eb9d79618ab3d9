/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store: where the control plane keeps everything. Two databases, one meaning: SQLite in a folder, PostgreSQL for many
 * `gambeson serve` at once. A `struct gb_store` is one connection and belongs to one thread; open as many as there are
 * threads. Entities each have a header and a file here (functions.h, events.h …); statements go through sql.h.
 * Times are milliseconds since 1970, UTC.
 */
#ifndef GB_STORE_STORE_H
#define GB_STORE_STORE_H

#include "store/sql.h"

/* URL: "sqlite:FOLDER/gambeson.db" (the folder must exist; the file is made, mode 0600) or what libpq takes:
 * "postgresql://user@host/database?…". The schema is not touched: see gb_store_migrate(). Passwords in the URL are never
 * repeated in a message. Errors as in gb_sql_run(). *ret_store is closed by gb_store_close(). */
__attribute__((warn_unused_result)) int gb_store_open(
        const char *url, struct gb_store **ret_store, struct gb_diag *diag);

/* NULL is fine. What was begun is rolled back, locks are given back. */
void gb_store_close(struct gb_store *store);
void gb_store_closep(struct gb_store **store); /* for GB_CLEANUP */

enum gb_store_kind { GB_STORE_SQLITE = 0, GB_STORE_POSTGRES };
enum gb_store_kind gb_store_kind(const struct gb_store *store);

/* Bring the schema to what this program knows, each migration in a transaction of its own. Several programs may ask at
 * once. Result: how many were applied; -EPROTO when the database is newer than this program, which must not write then. */
__attribute__((warn_unused_result)) int gb_store_migrate(struct gb_store *store, struct gb_diag *diag);

/* Milliseconds since 1970: the system's clock, or the one that a test has set. */
int64_t gb_store_now_ms(const struct gb_store *store);
void gb_store_set_clock(struct gb_store *store, int64_t (*now_ms)(void *context), void *context);

/* Be the only one of all programs on this database that does NAME (letters, digits, '-' and '_'; at most 40). Held until
 * given back, closed or the process dies; asking again for what is held checks that it is held still (PostgreSQL may have lost
 * it with the connection) and takes it again if it can. 0: it is ours; -EBUSY: somebody else has it. Does not wait. */
__attribute__((warn_unused_result)) int gb_store_lock(struct gb_store *store, const char *name, struct gb_diag *diag);
void gb_store_unlock(struct gb_store *store, const char *name);

/* How much is kept. 0: no limit. */
struct gb_store_retention {
	int64_t events_ms;         /* age of events by their own time */
	int64_t counts_ms;         /* age of the counts behind overview and time series */
	uint64_t events_bytes_max; /* of the tables of events and their indices; oldest go first */
};

struct gb_store_retained {
	int64_t events_deleted; /* rows deleted one by one */
	int64_t parts_dropped;  /* partitions of PostgreSQL dropped whole */
	bool has_more;          /* the bound of one run was reached: call again */
};

/* One bounded run of retention (at most some 20,000 rows a transaction, some 200,000 in all), so that ingest goes on between. */
__attribute__((warn_unused_result)) int gb_store_retain(struct gb_store *store,
        const struct gb_store_retention *retention, struct gb_store_retained *ret_retained, struct gb_diag *diag);

/* Bytes that the database takes on disk. */
__attribute__((warn_unused_result)) int gb_store_size(
        struct gb_store *store, uint64_t *ret_bytes, struct gb_diag *diag);

/* A whole, consistent copy at PATH (must not exist; appears in one step, mode 0600) while others read and write. PROGRESS
 * (may be NULL) is told pages done and in all, and ends the backup by a result other than 0 (-ECANCELED). SQLite only:
 * with PostgreSQL -ENOTSUP and a message that names pg_dump. */
__attribute__((warn_unused_result)) int gb_store_backup(struct gb_store *store, const char *path,
        int (*progress)(void *context, uint64_t done, uint64_t all), void *context, struct gb_diag *diag);

/* Cheap sign of life for /v1/ready: one statement. */
__attribute__((warn_unused_result)) int gb_store_ping(struct gb_store *store, struct gb_diag *diag);

#endif
