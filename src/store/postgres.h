/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store/postgres: the PostgreSQL driver's own things. Private to src/store.
 */
#ifndef GB_STORE_POSTGRES_H
#define GB_STORE_POSTGRES_H

#include "store/driver.h"

/* PGconn and PGresult. */
struct pg_conn;
struct pg_result;

#define GB_POSTGRES_STATEMENTS 192u
#define GB_POSTGRES_LOCKS      16u
#define GB_POSTGRES_WEEKS      16u

struct gb_postgres_statement {
	uint64_t hash;
	uint64_t used;
	char *text; /* NULL: free */
	char name[24];
};

struct gb_postgres {
	struct pg_conn *connection;
	uint64_t uses, names;
	bool is_broken; /* the transaction: until it is rolled back nothing else is said */
	bool is_lost;   /* the connection, though it is up: its server takes no more writes */
	struct gb_postgres_statement statements[GB_POSTGRES_STATEMENTS];
	char locks[GB_POSTGRES_LOCKS][41]; /* free where "" */
	int64_t weeks[GB_POSTGRES_WEEKS];  /* that have a partition, or cannot have one; 0: none */
	size_t week_next;
	unsigned doubtful; /* so many batches more are looked at for duplicates beforehand */
};

/* What went wrong as a negative errno, PostgreSQL's words in DIAG. RESULT may be NULL: the connection's error. */
int gb_postgres_error(struct gb_store *store, const struct pg_result *result, struct gb_diag *diag);

/* For statements without values, prepared nowhere. 0 or an error. */
int gb_postgres_say(struct gb_store *store, const char *text, struct gb_diag *diag);

/* Of the driver (store/driver.h). */
int gb_postgres_lock(struct gb_store *store, const char *name, struct gb_diag *diag);
void gb_postgres_unlock(struct gb_store *store, const char *name);
int gb_postgres_size(struct gb_store *store, uint64_t *ret_bytes, struct gb_diag *diag);
int gb_postgres_events_size(struct gb_store *store, uint64_t *ret_bytes, struct gb_diag *diag);
int gb_postgres_backup(struct gb_store *store, const char *path,
        int (*progress)(void *context, uint64_t done, uint64_t all), void *context, struct gb_diag *diag);

#endif
