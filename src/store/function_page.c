/* SPDX-License-Identifier: Apache-2.0 */
#include "store/function_page.h"

#include "base/arena.h"
#include "base/cleanup.h"

#include <errno.h>

#define COLUMNS                                                                                                        \
	"f.id, f.account, f.region, f.name, f.runtime, f.agent_version, f.mode, f.posture, f.grp, f.tags,"             \
	" f.first_seen, f.last_seen, f.last_event, f.state, f.learning_percent, f.bound"

/* REPLACE finds a part of a text in both databases: LIKE would want its signs escaped. */
#define WHERE                                                                                                          \
	" FROM functions f WHERE " GB_SCOPE_SQL("f",                                                                   \
	        "$1") " AND (CAST($2 AS TEXT) = '' OR f.account = $2) AND (CAST($3 AS TEXT) = '' OR f.region = $3)"    \
	              " AND (CAST($4 AS TEXT) = '' OR f.runtime = $4) AND (CAST($5 AS TEXT) = '' "                     \
	              "OR " GB_FUNCTION_STATE_SQL " = $5)"                                                             \
	              " AND (CAST($6 AS TEXT) = '' OR f.mode = $6) AND (CAST($7 AS TEXT) = '' OR f.grp = $7)"          \
	              " AND (CAST($8 AS TEXT) = '' OR f.agent_version = $8)"                                           \
	              " AND (CAST($9 AS TEXT) = '' OR REPLACE(LOWER(f.name), LOWER($9), '') <> LOWER(f.name))"

struct rows {
	gb_function_row *on_row;
	void *context;
};

static int take_row(void *context, const struct gb_sql_value *c, size_t count)
{
	const struct rows *rows = context;
	struct gb_function function = {.id = c[0].integer,
	        .account = c[1].bytes,
	        .region = c[2].bytes,
	        .name = c[3].bytes,
	        .runtime = c[4].bytes,
	        .agent_version = c[5].bytes,
	        .mode = c[6].bytes,
	        .posture = c[7].bytes,
	        .group = c[8].bytes,
	        .tags = c[9].bytes,
	        .first_seen = c[10].integer,
	        .last_seen = c[11].integer,
	        .last_event = c[12].integer,
	        .state = c[13].bytes,
	        .learning_percent = c[14].integer,
	        .bound = c[15].real};

	(void)count;
	return rows->on_row(rows->context, &function);
}

int gb_function_page(struct gb_store *store, const struct gb_scope *scope, const struct gb_function_table *table,
        gb_function_row *on_row, void *context, int64_t *ret_total, struct gb_diag *diag)
{
	GB_CLEANUP(gb_arena_freep) struct gb_arena *arena = gb_arena_new();
	struct rows rows = {on_row, context};
	struct gb_sql_value values[12] = {{0}, gb_sql_text(table->account), gb_sql_text(table->region),
	        gb_sql_text(table->runtime), gb_sql_text(table->state), gb_sql_text(table->mode),
	        gb_sql_text(table->group), gb_sql_text(table->agent_version), gb_sql_text(table->text),
	        gb_sql_text(table->sort), gb_sql_integer((int64_t)table->limit),
	        gb_sql_integer((int64_t)table->offset)};
	int r;

	if (arena == NULL || gb_scope_value(scope, arena, &values[0]) < 0)
		return -ENOMEM;
	r = gb_sql_integer_of(store, "SELECT COUNT(*)" WHERE, values, 9, ret_total, diag);
	if (r < 0)
		return r;
	return gb_sql_run(store,
	        "SELECT " COLUMNS WHERE " ORDER BY CASE WHEN $10 = '-name' THEN LOWER(f.name) END DESC,"
	        " CASE CAST($10 AS TEXT) WHEN 'last_event' THEN f.last_event WHEN 'learning' THEN f.learning_percent"
	        " WHEN 'first_seen' THEN f.first_seen WHEN '-last_event' THEN -f.last_event"
	        " WHEN '-learning' THEN -f.learning_percent WHEN '-first_seen' THEN -f.first_seen END,"
	        " LOWER(f.name), f.account, f.region, f.id LIMIT $11 OFFSET $12",
	        values, 12, take_row, &rows, diag);
}

int gb_function_states(
        struct gb_store *store, const struct gb_scope *scope, gb_sql_row *on_state, void *context, struct gb_diag *diag)
{
	GB_CLEANUP(gb_arena_freep) struct gb_arena *arena = gb_arena_new();
	struct gb_sql_value value;

	if (arena == NULL || gb_scope_value(scope, arena, &value) < 0)
		return -ENOMEM;
	return gb_sql_run(store,
	        "SELECT " GB_FUNCTION_STATE_SQL
	        ", COUNT(*) FROM functions f WHERE " GB_SCOPE_SQL("f", "$1") " GROUP BY 1",
	        &value, 1, on_state, context, diag);
}

int gb_function_new(
        struct gb_store *store, const struct gb_scope *scope, int64_t since, int64_t *ret_count, struct gb_diag *diag)
{
	GB_CLEANUP(gb_arena_freep) struct gb_arena *arena = gb_arena_new();
	struct gb_sql_value values[2] = {{0}, gb_sql_integer(since)};

	if (arena == NULL || gb_scope_value(scope, arena, &values[0]) < 0)
		return -ENOMEM;
	return gb_sql_integer_of(store,
	        "SELECT COUNT(*) FROM functions f WHERE " GB_SCOPE_SQL("f", "$1") " AND f.first_seen >= $2", values, 2,
	        ret_count, diag);
}

static struct gb_sql_value text_or_null(const struct gb_span *text)
{
	return text == NULL ? gb_sql_null() : gb_sql_text(*text);
}

int gb_function_change(struct gb_store *store, const struct gb_scope *scope, int64_t id, const struct gb_span *group,
        const struct gb_span *posture, const struct gb_span *tags, struct gb_diag *diag)
{
	GB_CLEANUP(gb_arena_freep) struct gb_arena *arena = gb_arena_new();
	struct gb_sql_value values[5] = {
	        {0}, gb_sql_integer(id), text_or_null(group), text_or_null(posture), text_or_null(tags)};

	if (arena == NULL || gb_scope_value(scope, arena, &values[0]) < 0)
		return -ENOMEM;
	return gb_sql_run(store,
	        "UPDATE functions SET grp = COALESCE(CAST($3 AS TEXT), grp), posture = COALESCE(CAST($4 AS TEXT), "
	        "posture),"
	        " tags = COALESCE(CAST($5 AS TEXT), tags) WHERE " GB_SCOPE_SQL("functions", "$1") " AND id = $2",
	        values, 5, NULL, NULL, diag);
}

int gb_function_forget(struct gb_store *store, const struct gb_scope *scope, int64_t id, struct gb_diag *diag)
{
	static const char *const others[] = {"DELETE FROM versions WHERE function = $1",
	        "DELETE FROM sandboxes WHERE function = $1", "DELETE FROM observations WHERE function = $1",
	        "DELETE FROM profiles WHERE function = $1", "DELETE FROM learning_points WHERE function = $1",
	        "DELETE FROM rules WHERE function = $1"};
	GB_CLEANUP(gb_arena_freep) struct gb_arena *arena = gb_arena_new();
	struct gb_sql_value values[2] = {{0}, gb_sql_integer(id)};
	int r;

	if (arena == NULL || gb_scope_value(scope, arena, &values[0]) < 0)
		return -ENOMEM;
	r = gb_sql_run(store, "DELETE FROM functions WHERE " GB_SCOPE_SQL("functions", "$1") " AND id = $2", values, 2,
	        NULL, NULL, diag);
	for (size_t i = 0; r > 0 && i < sizeof(others) / sizeof(others[0]); i++) {
		int others_r = gb_sql_run(store, others[i], &values[1], 1, NULL, NULL, diag);

		if (others_r < 0)
			r = others_r;
	}
	return r;
}
