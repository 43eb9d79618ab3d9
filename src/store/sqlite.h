/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store/sqlite: the SQLite driver's own things. Private to src/store.
 */
#ifndef GB_STORE_SQLITE_H
#define GB_STORE_SQLITE_H

#include "store/driver.h"

#include <sqlite3.h>

#define GB_SQLITE_STATEMENTS 192u
#define GB_SQLITE_LOCKS      16u

struct gb_sqlite_statement {
	uint64_t hash; /* of its text */
	uint64_t used; /* when: the least recently used gives way */
	sqlite3_stmt *stmt;
	short parameters[GB_SQL_PARAMETERS_MAX]; /* SQLite numbers $n by first appearance; 0: not in the text */
	bool is_running;
};

struct gb_sqlite {
	sqlite3 *db;
	char *path;
	uint64_t uses;
	struct gb_sqlite_statement statements[GB_SQLITE_STATEMENTS];
	struct {
		char name[41];
		int fd;
	} locks[GB_SQLITE_LOCKS]; /* free where the name is "" */
};

/* What CODE means as a negative errno, with SQLite's words in DIAG. */
int gb_sqlite_error(struct gb_store *store, int code, struct gb_diag *diag);

/* The prepared statement TEXT, whose parameters stand in their order; not one that runs. Inside of a transaction. */
int gb_sqlite_statement(struct gb_store *store, const char *text, sqlite3_stmt **ret_stmt, struct gb_diag *diag);

/* Registers gb_in_scope(). */
int gb_sqlite_functions(struct gb_store *store, struct gb_diag *diag);

/* Of the driver (store/driver.h). */
int gb_sqlite_lock(struct gb_store *store, const char *name, struct gb_diag *diag);
void gb_sqlite_unlock(struct gb_store *store, const char *name);
void gb_sqlite_unlock_all(struct gb_sqlite *sqlite);
int gb_sqlite_size(struct gb_store *store, uint64_t *ret_bytes, struct gb_diag *diag);
int gb_sqlite_events_size(struct gb_store *store, uint64_t *ret_bytes, struct gb_diag *diag);
int gb_sqlite_backup(struct gb_store *store, const char *path,
        int (*progress)(void *context, uint64_t done, uint64_t all), void *context, struct gb_diag *diag);

#endif
