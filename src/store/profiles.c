/* SPDX-License-Identifier: Apache-2.0 */
#include "store/profiles.h"

#include "store/copy.h"
#include "store/settings.h"
#include "store/store.h"

#include <errno.h>
#include <stdio.h>

#define CURSOR "learn.cursor" /* setting: the last event that was looked at for findings */

struct ids {
	int (*on_id)(void *context, int64_t function);
	void *context;
};

static int on_function(void *context, const struct gb_sql_value *columns, size_t count)
{
	const struct ids *ids = context;

	(void)count;
	return ids->on_id(ids->context, columns[0].integer);
}

int gb_observations_functions(struct gb_store *store, int64_t after, size_t limit,
        int (*on_id)(void *context, int64_t function), void *context, struct gb_diag *diag)
{
	const struct gb_sql_value values[] = {gb_sql_integer(after), gb_sql_integer((int64_t)limit)};
	struct ids ids = {on_id, context};

	return gb_sql_run(store,
	        "SELECT f.id FROM functions f WHERE f.id > $1 AND EXISTS (SELECT 1 FROM observations o WHERE "
	        "o.function = f.id AND o.waits_since < 0) ORDER BY f.id LIMIT $2",
	        values, 2, on_function, &ids, diag);
}

struct rows {
	gb_observation_row *on_row;
	void *context;
};

static int on_observation(void *context, const struct gb_sql_value *columns, size_t count)
{
	const struct rows *rows = context;
	const struct gb_observation observation = {.n = columns[0].integer,
	        .sandbox = (uint64_t)columns[1].integer,
	        .code = columns[2].bytes,
	        .number = columns[3].bytes,
	        .line = columns[4].bytes};

	(void)count;
	return rows->on_row(rows->context, &observation);
}

int gb_observations_take(struct gb_store *store, int64_t function, size_t limit, gb_observation_row *on_row,
        void *context, struct gb_diag *diag)
{
	const struct gb_sql_value values[] = {gb_sql_integer(function), gb_sql_integer((int64_t)limit)};
	struct rows rows = {on_row, context};

	/* What is deleted is what is handed out: a line that is committed meanwhile, though its number is smaller, stays. */
	return gb_sql_run(store,
	        "DELETE FROM observations WHERE n IN (SELECT o.n FROM observations o WHERE o.function = $1 AND "
	        "o.waits_since < 0 ORDER BY o.n LIMIT $2) RETURNING n, sandbox, COALESCE((SELECT v.code FROM versions "
	        "v WHERE v.id = "
	        "observations.version), ''), COALESCE((SELECT v.number FROM versions v WHERE v.id = "
	        "observations.version), ''), line",
	        values, 2, on_row == NULL ? NULL : on_observation, &rows, diag);
}

static int add_findings(struct gb_store *store, int64_t from, int64_t last, struct gb_diag *diag)
{
	const struct gb_sql_value values[] = {gb_sql_integer(from), gb_sql_integer(last)};
	char text[24];
	int n = gb_sql_run(store,
	        "INSERT INTO observations (function, version, sandbox, seq, time, line, waits_since) SELECT "
	        "e.function, "
	        "e.version, e.sandbox, e.seq, e.time, e.body, -1 FROM events e JOIN event_facets f ON f.id = e.facet "
	        "WHERE e.n > $1 AND e.n <= $2 AND f.kind = 'finding'",
	        values, 2, NULL, NULL, diag);
	int r;

	(void)snprintf(text, sizeof(text), "%lld", (long long)last);
	r = n < 0 ? n : gb_setting_put(store, CURSOR, gb_span_cstr(text), diag);
	return r < 0 ? r : n;
}

int gb_observations_add_findings(struct gb_store *store, int64_t limit, bool *ret_has_more, struct gb_diag *diag)
{
	struct gb_arena *arena = gb_arena_new();
	struct gb_span cursor = GB_SPAN_EMPTY;
	uint64_t from = 0;
	int64_t last = 0;
	int n = 0, r = arena == NULL ? -ENOMEM : gb_setting_get(store, CURSOR, arena, &cursor, diag);

	if (r < 0 || !gb_span_to_u64(cursor, &from))
		from = 0;
	gb_arena_free(arena);
	if (r >= 0)
		r = gb_sql_integer_of(store, "SELECT MAX(n) FROM events", NULL, 0, &last, diag);
	*ret_has_more = last > (int64_t)from + limit;
	if (*ret_has_more)
		last = (int64_t)from + limit;
	if (r < 0 || last <= (int64_t)from)
		return r < 0 ? r : 0;
	r = gb_store_begin(store, diag);
	if (r == 0)
		r = n = add_findings(store, (int64_t)from, last, diag);
	if (r >= 0)
		r = gb_store_commit(store, diag);
	if (r < 0)
		gb_store_rollback(store);
	return r < 0 ? r : n;
}

struct one {
	struct gb_arena *arena;
	struct gb_span *text;
	int64_t *number;
};

static int keep(void *context, const struct gb_sql_value *columns, size_t count)
{
	struct one *one = context;
	int r = gb_store_copy(one->arena, columns, &one->text, 1);

	if (count > 1)
		*one->number = columns[1].integer;
	return r < 0 ? r : 1;
}

int gb_profile_load(struct gb_store *store, int64_t function, struct gb_arena *arena, struct gb_span *ret_body,
        int64_t *ret_revision, struct gb_diag *diag)
{
	const struct gb_sql_value value = gb_sql_integer(function);
	struct one one = {arena, ret_body, ret_revision};

	*ret_body = GB_SPAN_EMPTY;
	*ret_revision = 0;
	return gb_sql_run(
	        store, "SELECT body, revision FROM profiles WHERE function = $1", &value, 1, keep, &one, diag);
}

int gb_profile_save(
        struct gb_store *store, int64_t function, struct gb_span body, int64_t revision, struct gb_diag *diag)
{
	const struct gb_sql_value values[] = {gb_sql_integer(function), gb_sql_bytes(body),
	        gb_sql_integer(gb_store_now_ms(store)), gb_sql_integer(revision)};
	int r = gb_sql_run(store,
	        "INSERT INTO profiles (function, body, revision, time) VALUES ($1, $2, 1, $3) ON CONFLICT (function) "
	        "DO "
	        "UPDATE SET body = excluded.body, revision = profiles.revision + 1, time = excluded.time WHERE "
	        "profiles.revision = $4",
	        values, 4, NULL, NULL, diag);

	return r == 0 ? gb_diag_set(diag, -ESTALE, 0, 0, "the profile has been changed meanwhile") : r < 0 ? r : 0;
}

int gb_function_learned(struct gb_store *store, int64_t function, const char *state, int64_t percent, double bound,
        struct gb_diag *diag)
{
	const struct gb_sql_value values[] = {
	        gb_sql_cstr(state), gb_sql_integer(percent), gb_sql_real(bound), gb_sql_integer(function)};
	int r = gb_sql_run(store,
	        "UPDATE functions SET state = $1, learning_percent = $2, bound = $3 WHERE id = $4 AND (state <> $1 OR "
	        "learning_percent <> $2 OR bound <> $3)",
	        values, 4, NULL, NULL, diag);

	return r < 0 ? r : 0;
}

int gb_function_state_set(struct gb_store *store, int64_t function, const char *state, struct gb_diag *diag)
{
	const struct gb_sql_value values[] = {gb_sql_cstr(state), gb_sql_integer(function)};
	int r = gb_sql_run(store, "UPDATE functions SET state = $1 WHERE id = $2", values, 2, NULL, NULL, diag);

	return r < 0 ? r : 0;
}

int gb_function_code(struct gb_store *store, int64_t function, struct gb_arena *arena, struct gb_span *ret_code,
        struct gb_diag *diag)
{
	const struct gb_sql_value value = gb_sql_integer(function);
	struct one one = {arena, ret_code, NULL};

	*ret_code = GB_SPAN_EMPTY;
	return gb_sql_run(store,
	        "SELECT code FROM versions WHERE function = $1 AND code <> '' ORDER BY first_seen DESC, id DESC LIMIT "
	        "1",
	        &value, 1, keep, &one, diag);
}
