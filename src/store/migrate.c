/* SPDX-License-Identifier: Apache-2.0 */
#include "store/migrate.h"

#include "store/sums.h"

#include <errno.h>

struct applied {
	uint8_t is_applied[GB_MIGRATION_NUMBER_MAX + 1];
	int64_t unknown; /* a number that this program does not know, or 0 */
};

static bool is_known(enum gb_store_kind kind, int64_t number)
{
	for (size_t i = 0; i < gb_migrations_count; i++)
		if (gb_migrations[i].kind == kind && gb_migrations[i].number == number)
			return true;
	return false;
}

struct reading {
	struct gb_store *store;
	struct applied *applied;
};

static int read_number(void *context, const struct gb_sql_value *columns, size_t count)
{
	struct reading *reading = context;
	int64_t number = columns[0].integer;

	(void)count;
	if (number < 1 || number > GB_MIGRATION_NUMBER_MAX || !is_known(gb_store_kind(reading->store), number))
		reading->applied->unknown = number;
	else
		reading->applied->is_applied[number] = 1;
	return 0;
}

/* In a transaction that no other program's migration runs beside. */
static int begin(struct gb_store *store, struct applied *ret_applied, struct gb_diag *diag)
{
	struct reading reading = {store, ret_applied};
	int r = gb_store_begin(store, diag);

	if (r < 0)
		return r;
	*ret_applied = (struct applied){.unknown = 0};
	if (gb_store_kind(store) == GB_STORE_POSTGRES)
		r = gb_sql_run(store, "SELECT pg_advisory_xact_lock(7163, 1)", NULL, 0, NULL, NULL, diag);
	if (r >= 0)
		r = gb_sql_run(store,
		        "CREATE TABLE IF NOT EXISTS migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL, time "
		        "BIGINT NOT NULL)",
		        NULL, 0, NULL, NULL, diag);
	if (r >= 0)
		r = gb_sql_run(store, "SELECT number FROM migrations", NULL, 0, read_number, &reading, diag);
	if (r >= 0 && ret_applied->unknown != 0)
		r = gb_diag_set(diag, -EPROTO, 0, 0,
		        "the database has migration %lld, which this program does not know: it is older than the "
		        "database",
		        (long long)ret_applied->unknown);
	if (r < 0)
		gb_store_rollback(store);
	return r < 0 ? r : 0;
}

static int apply(struct gb_store *store, const struct gb_migration *migration, struct gb_diag *diag)
{
	struct gb_sql_value values[] = {
	        gb_sql_integer(migration->number),
	        gb_sql_cstr(migration->name),
	        gb_sql_integer(gb_store_now_ms(store)),
	};
	int r = store->driver->script(store, migration->text, diag);

	if (r >= 0)
		r = gb_sql_run(store, "INSERT INTO migrations (number, name, time) VALUES ($1, $2, $3)", values, 3,
		        NULL, NULL, diag);
	return r;
}

int gb_store_migrate(struct gb_store *store, struct gb_diag *diag)
{
	int count = 0;

	for (size_t i = 0; i < gb_migrations_count; i++) {
		const struct gb_migration *migration = &gb_migrations[i];
		struct applied applied;
		int r;

		if (migration->kind != gb_store_kind(store))
			continue;
		r = begin(store, &applied, diag);
		if (r < 0)
			return r;
		if (applied.is_applied[migration->number] == 0) {
			r = apply(store, migration, diag);
			count++;
		}
		if (r < 0) {
			gb_store_rollback(store);
			return r;
		}
		r = gb_store_commit(store, diag);
		if (r < 0)
			return r;
	}
	for (int r = 1; r > 0;) {
		r = gb_sums_fill(store, diag);
		if (r < 0)
			return r;
	}
	return count;
}
