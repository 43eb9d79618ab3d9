/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store/batch: events on their way into the tables. Private to src/store.
 */
#ifndef GB_STORE_BATCH_H
#define GB_STORE_BATCH_H

#include "store/events.h"

#define GB_HOUR_MS 3600000

struct gb_batch_row {
	const struct gb_event *event;
	int64_t n, facet;
	int64_t request_key, source_key;         /* 0: there is none */
	struct gb_span request, source_ip, body; /* cleaned and bounded */
	bool is_inserted;                        /* false: it was there already. By the driver */
};

/* So many events more for this function (0: all of them together), hour and facet. */
struct gb_batch_count {
	int64_t function, hour, facet, n;
};

struct gb_run;
struct gb_run_event;

/* The drivers' own ways for many rows, inside of a transaction. */
int gb_sqlite_insert(struct gb_store *store, struct gb_batch_row *rows, size_t count, struct gb_diag *diag);
int gb_sqlite_count(struct gb_store *store, const struct gb_batch_count *counts, size_t count, struct gb_diag *diag);
int gb_sqlite_postings(struct gb_store *store, const struct gb_run *run, struct gb_run_event *events, size_t count,
        struct gb_diag *diag);
int gb_postgres_insert(struct gb_store *store, struct gb_batch_row *rows, size_t count, struct gb_diag *diag);
int gb_postgres_count(struct gb_store *store, const struct gb_batch_count *counts, size_t count, struct gb_diag *diag);
int gb_postgres_postings(struct gb_store *store, const struct gb_run *run, struct gb_run_event *events, size_t count,
        struct gb_diag *diag);

#endif
