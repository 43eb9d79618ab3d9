/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of event_sums go over by the hundred, their numbers and lists as text: "1,24,…". */
#include "store/postgres.h"
#include "store/sums.h"

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/text.h"

#include <errno.h>

#define KEYS       4
#define NUMBER_MAX 21 /* digits, sign and comma */

static void free_texts(struct gb_text (*texts)[KEYS + 1])
{
	for (size_t i = 0; i < KEYS + 1; i++)
		free((*texts)[i].p);
}

/* A text for each column; that of lists only when it is wanted. */
static int write_texts(const struct gb_sums_row *rows, size_t count, bool has_lists, struct gb_text texts[KEYS + 1])
{
	size_t columns = has_lists ? KEYS + 1 : KEYS, list_bytes = 1;

	for (size_t i = 0; has_lists && i < count; i++)
		list_bytes += 2 * rows[i].list.n + 1;
	for (size_t i = 0; i < columns; i++) {
		size_t cap = i == KEYS ? list_bytes : count * NUMBER_MAX + 1;

		texts[i] = gb_text_on(malloc(cap), cap);
		if (texts[i].p == NULL)
			return -ENOMEM;
	}
	for (size_t i = 0; i < count; i++) {
		const int64_t keys[KEYS] = {rows[i].hours, rows[i].moment, rows[i].facet, rows[i].part};

		for (size_t k = 0; k < columns; k++) {
			if (i > 0)
				gb_text_add_byte(&texts[k], ',');
			if (k < KEYS)
				gb_text_add_i64(&texts[k], keys[k]);
			else
				gb_text_add_hex(&texts[k], rows[i].list);
		}
	}
	return 0;
}

static int run(struct gb_store *store, const char *statement, struct gb_text texts[KEYS + 1], size_t count,
        gb_sql_row *on_row, void *context, struct gb_diag *diag)
{
	struct gb_sql_value values[KEYS + 1];

	for (size_t i = 0; i < count; i++)
		values[i] = gb_sql_text(gb_text_span(&texts[i]));
	return gb_sql_run(store, statement, values, count, on_row, context, diag);
}

#define NUMBERS(parameter) "CAST(string_to_array(CAST(" parameter " AS TEXT), ',') AS BIGINT[])"

struct reading {
	struct gb_sums_row *rows;
	size_t count;
	struct gb_arena *arena;
};

static int take_list(void *context, const struct gb_sql_value *columns, size_t count)
{
	const struct reading *reading = context;
	size_t at = (size_t)(columns[0].integer - 1);
	struct gb_span list = columns[1].bytes;
	void *copy;

	(void)count;
	if (at >= reading->count || list.n == 0)
		return 0;
	copy = gb_arena_take(reading->arena, list.n);
	if (copy == NULL)
		return -ENOMEM;
	reading->rows[at].list = gb_span_of(memcpy(copy, list.p, list.n), list.n);
	return 0;
}

int gb_postgres_sums_read(
        struct gb_store *store, struct gb_sums_row *rows, size_t count, struct gb_arena *arena, struct gb_diag *diag)
{
	GB_CLEANUP(free_texts) struct gb_text texts[KEYS + 1] = {{.p = NULL}};
	struct reading reading = {rows, count, arena};
	int r = write_texts(rows, count, false, texts);

	if (r >= 0 && count > 0)
		r = run(store,
		        "SELECT k.i, s.list FROM unnest(" NUMBERS("$1") ", " NUMBERS("$2") ", " NUMBERS(
		                "$3") ", " NUMBERS("$4") ") WITH ORDINALITY AS k(hours, moment, facet, part, i), "
		                                         "LATERAL (SELECT list FROM event_sums e"
		                                         " WHERE e.hours = k.hours AND e.moment = k.moment AND e.facet "
		                                         "= k.facet AND e.part = k.part OFFSET 0) s",
		        texts, KEYS, take_list, &reading, diag);
	return r < 0 ? r : 0;
}

int gb_postgres_sums_write(struct gb_store *store, const struct gb_sums_row *rows, size_t count, struct gb_diag *diag)
{
	GB_CLEANUP(free_texts) struct gb_text texts[KEYS + 1] = {{.p = NULL}};
	int r = write_texts(rows, count, true, texts);

	if (r >= 0 && count > 0)
		r = run(store,
		        "INSERT INTO event_sums (hours, moment, facet, part, list)"
		        " SELECT hours, moment, facet, part, decode(list, 'hex') FROM unnest(" NUMBERS(
		                "$1") ", " NUMBERS("$2") ", " NUMBERS("$3") ", " NUMBERS("$4") ", "
		                                                                               "string_to_array(CAST($"
		                                                                               "5 AS TEXT), ','))"
		                                                                               " AS k(hours, moment, "
		                                                                               "facet, part, list)"
		                                                                               " ON CONFLICT (hours, "
		                                                                               "moment, facet, part) "
		                                                                               "DO UPDATE SET list = "
		                                                                               "excluded.list",
		        texts, KEYS + 1, NULL, NULL, diag);
	return r < 0 ? r : 0;
}
