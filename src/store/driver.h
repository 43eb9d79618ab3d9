/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store/driver: what one database has to be able to do. Private to src/store. The functions are called by store.c and
 * sql.c only, which have looked after transactions and the clock.
 */
#ifndef GB_STORE_DRIVER_H
#define GB_STORE_DRIVER_H

#include "store/store.h"

#include <stdio.h>

struct gb_batch_row;   /* store/batch.h */
struct gb_batch_count; /* there too */
struct gb_run;         /* store/postings.h */
struct gb_run_event;   /* there too */
struct gb_sums_row;    /* store/sums.h */
struct gb_arena;
struct gb_functions_cache;
struct gb_facets;

struct gb_store_driver {
	enum gb_store_kind kind;
	void (*close)(struct gb_store *store);
	int (*run)(struct gb_store *store, const char *text, const struct gb_sql_value *values, size_t count,
	        gb_sql_row *on_row, void *context, struct gb_diag *diag);
	/* Several statements without values. */
	int (*script)(struct gb_store *store, const char *text, struct gb_diag *diag);
	int (*begin)(struct gb_store *store, struct gb_diag *diag);
	int (*commit)(struct gb_store *store, struct gb_diag *diag);
	void (*rollback)(struct gb_store *store);
	int (*insert)(struct gb_store *store, struct gb_batch_row *rows, size_t count, struct gb_diag *diag);
	int (*count)(struct gb_store *store, const struct gb_batch_count *counts, size_t count, struct gb_diag *diag);
	int (*postings)(struct gb_store *store, const struct gb_run *run, struct gb_run_event *events, size_t count,
	        struct gb_diag *diag);
	int (*sums_read)(struct gb_store *store, struct gb_sums_row *rows, size_t count, struct gb_arena *arena,
	        struct gb_diag *diag);
	int (*sums_write)(struct gb_store *store, const struct gb_sums_row *rows, size_t count, struct gb_diag *diag);
	int (*lock)(struct gb_store *store, const char *name, struct gb_diag *diag);
	void (*unlock)(struct gb_store *store, const char *name);
	int (*size)(struct gb_store *store, uint64_t *ret_bytes, struct gb_diag *diag);
	/* Bytes that events and their indices take. */
	int (*events_size)(struct gb_store *store, uint64_t *ret_bytes, struct gb_diag *diag);
	int (*backup)(struct gb_store *store, const char *path,
	        int (*progress)(void *context, uint64_t done, uint64_t all), void *context, struct gb_diag *diag);
};

struct gb_store {
	const struct gb_store_driver *driver;
	void *connection; /* the driver's own */
	bool is_in_transaction;
	int64_t (*clock)(void *context);
	void *clock_context;
	/* What was read or written once and need not be asked for again; emptied by a rollback. */
	struct gb_functions_cache *functions;
	struct gb_facets *facets;
	bool sums_are_whole; /* no other process makes them partial again */
};

int gb_sqlite_open(struct gb_store *store, const char *path, struct gb_diag *diag);
int gb_postgres_open(struct gb_store *store, const char *url, struct gb_diag *diag);

/* Values as they are bound: text cleaned. What had to be changed lies in *ret_memory, the caller's to free. 0 or -ENOMEM. */
int gb_sql_clean(const struct gb_sql_value *values, size_t count, struct gb_sql_value *ret_values, char **ret_memory);
/* Whether S is UTF-8 without NUL. */
bool gb_sql_is_clean(struct gb_span s);
/* Adds S cleaned to TO, which needs room for three bytes each of S. Result: bytes added. */
size_t gb_sql_clean_into(struct gb_span s, char *to);

void gb_functions_cache_free(struct gb_functions_cache *cache);
void gb_facets_free(struct gb_facets *facets);

#endif
