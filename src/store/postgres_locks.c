/* SPDX-License-Identifier: Apache-2.0 */
/* What is about a whole database: locks, its size; copies are PostgreSQL's own business. */
#include "store/postgres.h"

#include <errno.h>

static int size_by(struct gb_store *store, const char *text, uint64_t *ret_bytes, struct gb_diag *diag)
{
	int64_t bytes = 0;
	int r = gb_sql_integer_of(store, text, NULL, 0, &bytes, diag);

	*ret_bytes = (uint64_t)bytes;
	return r < 0 ? r : 0;
}

int gb_postgres_size(struct gb_store *store, uint64_t *ret_bytes, struct gb_diag *diag)
{
	return size_by(store, "SELECT pg_database_size(current_database())", ret_bytes, diag);
}

int gb_postgres_events_size(struct gb_store *store, uint64_t *ret_bytes, struct gb_diag *diag)
{
	return size_by(store,
	        "SELECT COALESCE(sum(pg_total_relation_size(inhrelid)), 0) FROM pg_inherits WHERE inhparent = "
	        "'events'::regclass",
	        ret_bytes, diag);
}

int gb_postgres_backup(struct gb_store *store, const char *path,
        int (*progress)(void *context, uint64_t done, uint64_t all), void *context, struct gb_diag *diag)
{
	(void)store, (void)path, (void)progress, (void)context;
	return gb_diag_set(diag, -ENOTSUP, 0, 0,
	        "PostgreSQL is backed up by its own programs: pg_dump --format=custom --file=FILE \"$URL\" "
	        "(docs/STORE.md)");
}

/* An advisory lock of the session: it goes with the connection, at which connect_anew() forgets the names. */
int gb_postgres_lock(struct gb_store *store, const char *name, struct gb_diag *diag)
{
	struct gb_postgres *postgres = store->connection;
	struct gb_sql_value value = gb_sql_cstr(name);
	char *slot = NULL;
	int64_t is_ours = 0;
	int r = gb_store_ping(store, diag); /* connects anew when the connection is gone */

	if (r == -ECONNRESET && !store->is_in_transaction)
		r = gb_store_ping(store, diag);
	if (r < 0)
		return r;
	for (size_t i = 0; i < GB_POSTGRES_LOCKS; i++) {
		if (strcmp(postgres->locks[i], name) == 0)
			return 0;
		if (postgres->locks[i][0] == '\0')
			slot = postgres->locks[i];
	}
	if (slot == NULL)
		return gb_diag_set(diag, -ENOSPC, 0, 0, "more than %u locks", GB_POSTGRES_LOCKS);
	r = gb_sql_integer_of(store, "SELECT pg_try_advisory_lock(7163, hashtext($1))", &value, 1, &is_ours, diag);
	if (r < 0)
		return r;
	if (is_ours == 0)
		return gb_diag_set(diag, -EBUSY, 0, 0, "%s is held by another program", name);
	snprintf(slot, sizeof postgres->locks[0], "%s", name);
	return 0;
}

void gb_postgres_unlock(struct gb_store *store, const char *name)
{
	struct gb_postgres *postgres = store->connection;
	struct gb_sql_value value = gb_sql_cstr(name);

	for (size_t i = 0; i < GB_POSTGRES_LOCKS; i++)
		if (name[0] != '\0' && strcmp(postgres->locks[i], name) == 0) {
			int r = gb_sql_run(
			        store, "SELECT pg_advisory_unlock(7163, hashtext($1))", &value, 1, NULL, NULL, NULL);

			(void)r; /* gone with the connection at the latest */
			postgres->locks[i][0] = '\0';
		}
}
