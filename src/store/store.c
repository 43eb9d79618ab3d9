/* SPDX-License-Identifier: Apache-2.0 */
#include "store/driver.h"

#include "base/cleanup.h"

#include <errno.h>

int gb_store_open(const char *url, struct gb_store **ret_store, struct gb_diag *diag)
{
	struct gb_store *store = calloc(1, sizeof *store);
	struct gb_span span = gb_span_cstr(url);
	int r;

	if (store == NULL)
		return gb_diag_set(diag, -ENOMEM, 0, 0, "out of memory");
	if (gb_span_starts(span, GB_SPAN("sqlite:")))
		r = gb_sqlite_open(store, url + sizeof("sqlite:") - 1, diag);
	else if (gb_span_starts(span, GB_SPAN("postgresql://")) || gb_span_starts(span, GB_SPAN("postgres://")))
		r = gb_postgres_open(store, url, diag);
	else
		r = gb_diag_set(diag, -EINVAL, 0, 0, "the store's URL must begin with sqlite: or postgresql://");
	if (r < 0) {
		gb_store_close(store);
		return r;
	}
	*ret_store = store;
	return 0;
}

/* Numbers that a rolled back transaction gave must not be believed. */
static void forget(struct gb_store *store)
{
	gb_functions_cache_free(store->functions);
	store->functions = NULL;
	gb_facets_free(store->facets);
	store->facets = NULL;
}

void gb_store_close(struct gb_store *store)
{
	if (store == NULL)
		return;
	if (store->driver != NULL) {
		gb_store_rollback(store);
		store->driver->close(store);
	}
	forget(store);
	free(store);
}

void gb_store_closep(struct gb_store **store)
{
	gb_store_close(*store);
	*store = NULL;
}

enum gb_store_kind gb_store_kind(const struct gb_store *store)
{
	return store->driver->kind;
}

int64_t gb_store_now_ms(const struct gb_store *store)
{
	struct timespec now;

	if (store->clock != NULL)
		return store->clock(store->clock_context);
	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void gb_store_set_clock(struct gb_store *store, int64_t (*now_ms)(void *context), void *context)
{
	store->clock = now_ms;
	store->clock_context = context;
}

bool gb_store_is_in_transaction(const struct gb_store *store)
{
	return store->is_in_transaction;
}

int gb_store_begin(struct gb_store *store, struct gb_diag *diag)
{
	int r;

	if (store->is_in_transaction)
		return gb_diag_set(diag, -EALREADY, 0, 0, "a transaction is open already");
	r = store->driver->begin(store, diag);
	if (r == 0)
		store->is_in_transaction = true;
	return r;
}

int gb_store_commit(struct gb_store *store, struct gb_diag *diag)
{
	int r;

	if (!store->is_in_transaction)
		return gb_diag_set(diag, -EINVAL, 0, 0, "there is no transaction to commit");
	r = store->driver->commit(store, diag);
	if (r < 0)
		gb_store_rollback(store);
	store->is_in_transaction = false;
	return r;
}

void gb_store_rollback(struct gb_store *store)
{
	if (!store->is_in_transaction)
		return;
	store->driver->rollback(store);
	store->is_in_transaction = false;
	forget(store);
}

int gb_sql_run(struct gb_store *store, const char *text, const struct gb_sql_value *values, size_t count,
        gb_sql_row *on_row, void *context, struct gb_diag *diag)
{
	struct gb_sql_value cleaned[GB_SQL_PARAMETERS_MAX];
	GB_CLEANUP(gb_freep) char *memory = NULL;
	int r;

	if (count > GB_SQL_PARAMETERS_MAX)
		return gb_diag_set(diag, -EINVAL, 0, 0, "more than %u parameters", GB_SQL_PARAMETERS_MAX);
	r = gb_sql_clean(values, count, cleaned, &memory);
	if (r < 0)
		return gb_diag_set(diag, r, 0, 0, "out of memory");
	return store->driver->run(store, text, cleaned, count, on_row, context, diag);
}

static int take_integer(void *context, const struct gb_sql_value *columns, size_t count)
{
	struct gb_sql_value *to = context;

	if (count > 0)
		*to = columns[0];
	return 1;
}

int gb_sql_integer_of(struct gb_store *store, const char *text, const struct gb_sql_value *values, size_t count,
        int64_t *ret_value, struct gb_diag *diag)
{
	struct gb_sql_value value = {.type = GB_SQL_NULL};
	int r = gb_sql_run(store, text, values, count, take_integer, &value, diag);

	if (r < 0)
		return r;
	if (value.type != GB_SQL_INTEGER)
		return 0;
	*ret_value = value.integer;
	return 1;
}

static bool is_lock_name(struct gb_span name)
{
	if (name.n == 0 || name.n > 40)
		return false;
	for (size_t i = 0; i < name.n; i++)
		if (!gb_ascii_is_alpha(name.p[i]) && !gb_ascii_is_digit(name.p[i]) && name.p[i] != '-' &&
		        name.p[i] != '_')
			return false;
	return true;
}

int gb_store_lock(struct gb_store *store, const char *name, struct gb_diag *diag)
{
	if (!is_lock_name(gb_span_cstr(name)))
		return gb_diag_set(diag, -EINVAL, 0, 0, "a lock's name has 1 to 40 letters, digits, - and _");
	return store->driver->lock(store, name, diag);
}

void gb_store_unlock(struct gb_store *store, const char *name)
{
	store->driver->unlock(store, name);
}

int gb_store_size(struct gb_store *store, uint64_t *ret_bytes, struct gb_diag *diag)
{
	return store->driver->size(store, ret_bytes, diag);
}

int gb_store_backup(struct gb_store *store, const char *path,
        int (*progress)(void *context, uint64_t done, uint64_t all), void *context, struct gb_diag *diag)
{
	return store->driver->backup(store, path, progress, context, diag);
}

int gb_store_ping(struct gb_store *store, struct gb_diag *diag)
{
	int64_t value = 0;
	int r = gb_sql_integer_of(store, "SELECT value FROM counters WHERE name = 'events'", NULL, 0, &value, diag);

	return r < 0 ? r : 0;
}
