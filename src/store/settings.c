/* SPDX-License-Identifier: Apache-2.0 */
#include "store/settings.h"

#include "store/copy.h"

struct one {
	struct gb_arena *arena;
	struct gb_span *value;
};

static int keep(void *context, const struct gb_sql_value *columns, size_t count)
{
	struct one *one = context;

	(void)count;
	return gb_store_copy(one->arena, columns, &one->value, 1);
}

int gb_setting_get(struct gb_store *store, const char *key, struct gb_arena *arena, struct gb_span *ret_value,
        struct gb_diag *diag)
{
	const struct gb_sql_value name = gb_sql_cstr(key);
	struct one one = {arena, ret_value};

	return gb_sql_run(store, "SELECT value FROM settings WHERE key = $1", &name, 1, keep, &one, diag);
}

int gb_setting_put(struct gb_store *store, const char *key, struct gb_span value, struct gb_diag *diag)
{
	const struct gb_sql_value values[] = {gb_sql_cstr(key), gb_sql_text(value)};

	return gb_sql_run(store,
	        "INSERT INTO settings (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = "
	        "excluded.value",
	        values, 2, NULL, NULL, diag);
}

int gb_setting_delete(struct gb_store *store, const char *key, struct gb_diag *diag)
{
	const struct gb_sql_value name = gb_sql_cstr(key);

	return gb_sql_run(store, "DELETE FROM settings WHERE key = $1", &name, 1, NULL, NULL, diag);
}

int gb_setting_hold(struct gb_store *store, const char *key, struct gb_arena *arena, struct gb_span *ret_value,
        struct gb_diag *diag)
{
	const struct gb_sql_value name = gb_sql_cstr(key);
	struct one one = {arena, ret_value};

	/* Writing the row, though nothing changes, takes its lock in PostgreSQL, and then gives what the last holder left. */
	return gb_sql_run(store,
	        "INSERT INTO settings (key, value) VALUES ($1, '') ON CONFLICT (key) DO UPDATE SET value = "
	        "settings.value "
	        "RETURNING value",
	        &name, 1, keep, &one, diag);
}
