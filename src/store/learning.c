/* SPDX-License-Identifier: Apache-2.0 */
#include "store/learning.h"

struct last {
	int64_t invocations, percent;
	bool is_there;
};

static int keep_last(void *context, const struct gb_sql_value *columns, size_t count)
{
	struct last *last = context;

	(void)count;
	*last = (struct last){columns[0].integer, columns[1].integer, true};
	return 0;
}

int gb_learning_note(struct gb_store *store, int64_t function, struct gb_span code,
        const struct gb_learning_point *point, struct gb_diag *diag)
{
	const struct gb_sql_value values[] = {gb_sql_integer(function), gb_sql_text(code),
	        gb_sql_integer(point->invocations), gb_sql_integer(point->needed), gb_sql_integer(point->percent),
	        gb_sql_real(point->bound), gb_sql_integer(point->time)};
	struct last last = {0};
	int r = gb_sql_run(store,
	        "SELECT invocations, percent FROM learning_points WHERE function = $1 AND code = $2 ORDER BY "
	        "invocations DESC LIMIT 1",
	        values, 2, keep_last, &last, diag);

	if (r < 0)
		return r;
	if (last.is_there && point->invocations <= last.invocations + last.invocations / 10 &&
	        !(point->percent >= 100 && last.percent < 100))
		return 0;
	r = gb_sql_run(
	        store, "DELETE FROM learning_points WHERE function = $1 AND code <> $2", values, 2, NULL, NULL, diag);
	if (r >= 0)
		r = gb_sql_run(store,
		        "INSERT INTO learning_points (function, code, invocations, needed, percent, bound, time) "
		        "VALUES ($1, "
		        "$2, $3, $4, $5, $6, $7) ON CONFLICT (function, invocations) DO UPDATE SET needed = $4, "
		        "percent = $5, "
		        "bound = $6, time = $7",
		        values, 7, NULL, NULL, diag);
	return r < 0 ? r : 1;
}

struct listing {
	gb_learning_row *on_row;
	void *context;
};

static int on_point(void *context, const struct gb_sql_value *columns, size_t count)
{
	const struct listing *listing = context;
	const struct gb_learning_point point = {.invocations = columns[0].integer,
	        .needed = columns[1].integer,
	        .percent = columns[2].integer,
	        .bound = columns[3].real,
	        .time = columns[4].integer};

	(void)count;
	return listing->on_row(listing->context, &point);
}

int gb_learning_list(
        struct gb_store *store, int64_t function, gb_learning_row *on_row, void *context, struct gb_diag *diag)
{
	const struct gb_sql_value value = gb_sql_integer(function);
	struct listing listing = {on_row, context};

	return gb_sql_run(store,
	        "SELECT invocations, needed, percent, bound, time FROM learning_points WHERE function = $1 ORDER BY "
	        "invocations",
	        &value, 1, on_point, &listing, diag);
}
