/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sums.h"

#include "base/arena.h"
#include "base/cleanup.h"
#include "store/driver.h"

#include <errno.h>

/* Where filling is: (part of 2^HOUR_BITS functions, window of 32 days) as one number; what lies before it is in the sums. */
#define WINDOW_HOURS (32 * GB_DAY_HOURS)
#define WINDOW_BITS  13 /* until 2500 */
#define ROWS_AT_ONCE 2000

struct entry {
	int64_t hours, moment, facet, part, function, n;
};

static int bits_of(int64_t hours)
{
	return hours == 1 ? GB_SUMS_HOUR_BITS : GB_SUMS_DAY_BITS;
}

struct gb_sums_reader gb_sums_read(int64_t hours, int64_t part, struct gb_span list)
{
	return (struct gb_sums_reader){.rest = list, .function = part << bits_of(hours)};
}

bool gb_sums_next(struct gb_sums_reader *reader)
{
	uint64_t step, n;

	if (!gb_varint_take(&reader->rest, &step) || !gb_varint_take(&reader->rest, &n))
		return false;
	reader->function += (int64_t)step;
	reader->n = (int64_t)n;
	return true;
}

static int compare(int64_t a, int64_t b)
{
	return a < b ? -1 : a > b;
}

static int by_row(const struct entry *a, const struct entry *b)
{
	int order = compare(a->hours, b->hours);

	order = order != 0 ? order : compare(a->moment, b->moment);
	order = order != 0 ? order : compare(a->facet, b->facet);
	return order != 0 ? order : compare(a->part, b->part);
}

static int by_function(const void *left, const void *right)
{
	const struct entry *a = left;
	const struct entry *b = right;
	int order = by_row(a, b);

	return order != 0 ? order : compare(a->function, b->function);
}

/* An hour's and a day's entry of one count. */
static void put_entries(struct entry *to, const struct gb_batch_count *count)
{
	to[0] = (struct entry){
	        1, count->hour, count->facet, count->function >> GB_SUMS_HOUR_BITS, count->function, count->n};
	to[1] = (struct entry){GB_DAY_HOURS, count->hour - count->hour % GB_DAY_HOURS, count->facet,
	        count->function >> GB_SUMS_DAY_BITS, count->function, count->n};
}

/* In order, one for each function of a row. Result: how many. */
static size_t put_in_order(struct entry *entries, size_t count)
{
	size_t to = 0;

	qsort(entries, count, sizeof *entries, by_function);
	for (size_t i = 0; i < count; i++)
		if (to > 0 && by_function(&entries[to - 1], &entries[i]) == 0)
			entries[to - 1].n += entries[i].n;
		else
			entries[to++] = entries[i];
	return to;
}

/* The row's list with ENTRIES added. */
static int merge(struct gb_sums_row *row, const struct entry *entries, size_t count, struct gb_arena *arena)
{
	struct gb_sums_reader reader = gb_sums_read(row->hours, row->part, row->list);
	unsigned char *list = gb_arena_take(arena, row->list.n + count * 2 * GB_VARINT_MAX + 2 * GB_VARINT_MAX);
	int64_t before = reader.function;
	bool has_old = gb_sums_next(&reader);
	size_t n = 0;

	if (list == NULL)
		return -ENOMEM;
	for (size_t i = 0; has_old || i < count;) {
		bool is_old = has_old && (i == count || reader.function <= entries[i].function);
		bool is_new = i < count && (!has_old || entries[i].function <= reader.function);
		int64_t function = is_old ? reader.function : entries[i].function;

		n += gb_varint_put(list + n, (uint64_t)(function - before));
		n += gb_varint_put(list + n, (uint64_t)((is_old ? reader.n : 0) + (is_new ? entries[i].n : 0)));
		before = function;
		i += is_new;
		if (is_old)
			has_old = gb_sums_next(&reader);
	}
	row->list = gb_span_of(list, n);
	return 0;
}

/* Rows that ENTRIES belong to, in order: read, added to and written. */
static int write_rows(struct gb_store *store, const struct entry *entries, size_t count, struct gb_diag *diag)
{
	GB_CLEANUP(gb_arena_freep) struct gb_arena *arena = gb_arena_new();
	size_t row_max = count < ROWS_AT_ONCE ? count : ROWS_AT_ONCE;
	struct gb_sums_row *rows = arena == NULL ? NULL : gb_arena_take(arena, row_max * sizeof *rows);
	size_t row_count = 0, at = 0;
	int r = rows == NULL ? -ENOMEM : 0;

	for (size_t i = 0; r >= 0 && i < count; i++)
		if (i == 0 || by_row(&entries[i - 1], &entries[i]) != 0)
			rows[row_count++] = (struct gb_sums_row){
			        entries[i].hours, entries[i].moment, entries[i].facet, entries[i].part, GB_SPAN_EMPTY};
	if (r >= 0)
		r = store->driver->sums_read(store, rows, row_count, arena, diag);
	for (size_t i = 0; r >= 0 && i < row_count; i++) {
		size_t end = at + 1;

		while (end < count && by_row(&entries[at], &entries[end]) == 0)
			end++;
		r = merge(&rows[i], entries + at, end - at, arena);
		at = end;
	}
	if (r >= 0)
		r = store->driver->sums_write(store, rows, row_count, diag);
	return r == -ENOMEM ? gb_diag_set(diag, r, 0, 0, "out of memory") : r;
}

/* By pieces of some rows, however many there are. */
static int write_entries(struct gb_store *store, struct entry *entries, size_t count, struct gb_diag *diag)
{
	int r = 0;

	count = put_in_order(entries, count);
	for (size_t from = 0; r >= 0 && from < count;) {
		size_t rows = 0, to = from;

		for (; to < count; to++)
			if ((to == from || by_row(&entries[to - 1], &entries[to]) != 0) && rows++ == ROWS_AT_ONCE)
				break;
		r = write_rows(store, entries + from, to - from, diag);
		from = to;
	}
	return r < 0 ? r : 0;
}

static int64_t place_of(int64_t function, int64_t hour)
{
	return (function >> GB_SUMS_HOUR_BITS) << WINDOW_BITS | hour / WINDOW_HOURS;
}

/* What of the counts is in the sums. Whole once is whole for ever. */
static int read_filled(struct gb_store *store, int64_t *ret_filled, struct gb_diag *diag)
{
	int r = 0;

	*ret_filled = INT64_MAX;
	if (!store->sums_are_whole)
		r = gb_sql_integer_of(
		        store, "SELECT value FROM counters WHERE name = 'sums'", NULL, 0, ret_filled, diag);
	store->sums_are_whole = r >= 0 && *ret_filled == INT64_MAX;
	return r < 0 ? r : 0;
}

int gb_sums_are_whole(struct gb_store *store, struct gb_diag *diag)
{
	int64_t filled;
	int r = read_filled(store, &filled, diag);

	return r < 0 ? r : filled == INT64_MAX;
}

int gb_sums_add(struct gb_store *store, const struct gb_batch_count *counts, size_t count, struct gb_diag *diag)
{
	GB_CLEANUP(gb_freep) struct entry *entries = malloc((2 * count + 1) * sizeof *entries);
	int64_t filled;
	size_t n = 0;
	int r = read_filled(store, &filled, diag);

	if (entries == NULL)
		return gb_diag_set(diag, -ENOMEM, 0, 0, "out of memory");
	for (size_t i = 0; r >= 0 && i < count; i++)
		if (counts[i].function != 0 && place_of(counts[i].function, counts[i].hour) < filled) {
			put_entries(entries + n, &counts[i]);
			n += 2;
		}
	return r < 0 ? r : write_entries(store, entries, n, diag);
}

struct filling {
	struct entry *entries;
	size_t count, cap;
};

static int add_counted(void *context, const struct gb_sql_value *columns, size_t count)
{
	const struct gb_batch_count counted = {
	        columns[0].integer, columns[1].integer, columns[2].integer, columns[3].integer};
	struct filling *filling = context;

	(void)count;
	if (filling->count + 2 > filling->cap) {
		size_t cap = filling->cap == 0 ? 4096 : 2 * filling->cap;
		struct entry *grown = realloc(filling->entries, cap * sizeof *grown);

		if (grown == NULL)
			return -ENOMEM;
		filling->entries = grown;
		filling->cap = cap;
	}
	put_entries(filling->entries + filling->count, &counted);
	filling->count += 2;
	return 0;
}

/* Each function that has counts is found by the table's key, whatever has become of it. */
static int fill_place(struct gb_store *store, int64_t part, int64_t window, struct gb_diag *diag)
{
	const struct gb_sql_value values[] = {
	        gb_sql_integer(part == 0 ? 1 : part << GB_SUMS_HOUR_BITS),
	        gb_sql_integer((part + 1) << GB_SUMS_HOUR_BITS),
	        gb_sql_integer(window * WINDOW_HOURS),
	        gb_sql_integer((window + 1) * WINDOW_HOURS),
	};
	struct filling filling = {NULL, 0, 0};
	int r = gb_sql_run(store,
	        "WITH RECURSIVE f(x) AS (SELECT min(function) FROM event_counts WHERE function >= $1 UNION ALL"
	        " SELECT (SELECT min(function) FROM event_counts WHERE function > f.x) FROM f WHERE f.x < $2)"
	        " SELECT c.function, c.hour, c.facet, c.n FROM f JOIN event_counts c ON c.function = f.x"
	        " WHERE f.x < $2 AND c.hour >= $3 AND c.hour < $4",
	        values, 4, add_counted, &filling, diag);

	if (r == -ENOMEM)
		r = gb_diag_set(diag, r, 0, 0, "out of memory");
	if (r >= 0)
		r = write_entries(store, filling.entries, filling.count, diag);
	free(filling.entries);
	return r;
}

struct bounds {
	int64_t part_last, window_first, window_last;
};

static int read_bounds(void *context, const struct gb_sql_value *columns, size_t count)
{
	struct bounds *bounds = context;

	(void)count;
	bounds->part_last = columns[0].integer >> GB_SUMS_HOUR_BITS;
	bounds->window_first = columns[1].integer / WINDOW_HOURS;
	bounds->window_last = columns[2].integer / WINDOW_HOURS;
	return 1;
}

/* The place behind FILLED where there may be counts, then the one behind that. Empty places count as done. */
static int fill_step(struct gb_store *store, int64_t filled, struct gb_diag *diag)
{
	int64_t part = filled >> WINDOW_BITS, window = filled & ((1 << WINDOW_BITS) - 1);
	struct bounds bounds = {-1, 0, 0};
	struct gb_sql_value next = gb_sql_integer(INT64_MAX);
	int r = gb_sql_run(store,
	        "SELECT max(function), (SELECT min(hour) FROM event_counts WHERE function = 0),"
	        " (SELECT max(hour) FROM event_counts WHERE function = 0) FROM event_counts",
	        NULL, 0, read_bounds, &bounds, diag);

	if (window < bounds.window_first)
		window = bounds.window_first;
	if (window > bounds.window_last) {
		part++;
		window = bounds.window_first;
	}
	if (r >= 0 && part <= bounds.part_last) {
		r = fill_place(store, part, window, diag);
		next = gb_sql_integer((part << WINDOW_BITS | window) + 1);
	}
	if (r >= 0)
		r = gb_sql_run(store, "UPDATE counters SET value = $1 WHERE name = 'sums'", &next, 1, NULL, NULL, diag);
	return r < 0 ? r : next.integer != INT64_MAX;
}

int gb_sums_fill(struct gb_store *store, struct gb_diag *diag)
{
	int64_t filled;
	int has_more = 0;
	int r = read_filled(store, &filled, diag);

	if (r < 0 || filled == INT64_MAX)
		return r;
	r = gb_store_begin(store, diag);
	/* The row that every insert locks: no count comes in beside us. */
	if (r >= 0)
		r = gb_sql_run(store, "UPDATE counters SET value = value + 0 WHERE name = 'events'", NULL, 0, NULL,
		        NULL, diag);
	if (r >= 0)
		r = read_filled(store, &filled, diag);
	if (r >= 0 && filled != INT64_MAX)
		r = has_more = fill_step(store, filled, diag);
	store->sums_are_whole = false; /* asked again once this is committed */
	if (r < 0)
		gb_store_rollback(store);
	else
		r = gb_store_commit(store, diag);
	return r < 0 ? r : has_more;
}
