/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sandboxes.h"

#include <string.h>

static const char *const state_names[] = {"open", "gap", "forged"};

static int take_sandbox(void *context, const struct gb_sql_value *columns, size_t count)
{
	struct gb_sandbox *sandbox = context;

	(void)count;
	*sandbox = (struct gb_sandbox){.id = (uint64_t)columns[0].integer,
	        .function = columns[1].integer,
	        .version = columns[2].integer,
	        .start_seq = columns[4].integer,
	        .time = columns[5].integer,
	        .verified_to = columns[6].integer};
	if (columns[3].type == GB_SQL_BYTES && columns[3].bytes.n == sizeof(sandbox->key)) {
		memcpy(sandbox->key, columns[3].bytes.p, sizeof(sandbox->key));
		sandbox->has_key = true;
	}
	for (size_t i = 0; i < sizeof(state_names) / sizeof(state_names[0]); i++)
		if (gb_span_equal(columns[7].bytes, gb_span_cstr(state_names[i])))
			sandbox->state = (enum gb_sandbox_state)i;
	return 0;
}

int gb_sandbox_get(struct gb_store *store, uint64_t id, struct gb_sandbox *ret_sandbox, struct gb_diag *diag)
{
	const struct gb_sql_value values[] = {gb_sql_integer((int64_t)id)};

	return gb_sql_run(store,
	        "SELECT id, function, version, key, start_seq, last_seen, verified_to, state FROM sandboxes WHERE id = "
	        "$1",
	        values, 1, take_sandbox, ret_sandbox, diag);
}

int gb_sandbox_put(struct gb_store *store, const struct gb_sandbox *sandbox, struct gb_diag *diag)
{
	const struct gb_sql_value values[] = {
	        gb_sql_integer((int64_t)sandbox->id),
	        gb_sql_integer(sandbox->function),
	        gb_sql_integer(sandbox->version),
	        sandbox->has_key ? gb_sql_bytes(gb_span_of(sandbox->key, sizeof(sandbox->key))) : gb_sql_null(),
	        gb_sql_integer(sandbox->time),
	        gb_sql_integer(sandbox->start_seq),
	        gb_sql_text(sandbox->stream),
	};
	int r = gb_sql_run(store,
	        "INSERT INTO sandboxes (id, function, version, key, first_seen, last_seen, start_seq, stream)"
	        " VALUES ($1, $2, $3, $4, $5, $5, $6, $7)"
	        " ON CONFLICT (id) DO UPDATE SET"
	        " function = CASE WHEN sandboxes.function = 0 THEN excluded.function ELSE sandboxes.function END,"
	        " version = CASE WHEN sandboxes.version = 0 THEN excluded.version ELSE sandboxes.version END,"
	        " key = COALESCE(sandboxes.key, excluded.key),"
	        " start_seq = CASE WHEN sandboxes.start_seq < 0 THEN excluded.start_seq ELSE sandboxes.start_seq END,"
	        " stream = CASE WHEN sandboxes.stream = '' THEN excluded.stream ELSE sandboxes.stream END,"
	        " last_seen = CASE WHEN excluded.last_seen > sandboxes.last_seen THEN excluded.last_seen ELSE "
	        "sandboxes.last_seen END",
	        values, 7, NULL, NULL, diag);

	return r < 0 ? r : 0;
}

int gb_sandbox_verified(
        struct gb_store *store, uint64_t id, int64_t verified_to, enum gb_sandbox_state state, struct gb_diag *diag)
{
	const struct gb_sql_value values[] = {
	        gb_sql_integer((int64_t)id), gb_sql_integer(verified_to), gb_sql_cstr(state_names[state])};
	int r = gb_sql_run(store,
	        "UPDATE sandboxes SET verified_to = $2,"
	        " state = CASE WHEN state = 'forged' OR ($3 = 'open' AND state = 'gap') THEN state ELSE $3 END WHERE "
	        "id = $1",
	        values, 3, NULL, NULL, diag);

	return r < 0 ? r : 0;
}

int gb_sandbox_streams(struct gb_store *store, int64_t function, struct gb_span stream, uint64_t but,
        int64_t *ret_count, struct gb_diag *diag)
{
	const struct gb_sql_value values[] = {
	        gb_sql_integer(function), gb_sql_text(stream), gb_sql_integer((int64_t)but)};
	int r = gb_sql_integer_of(store,
	        "SELECT COUNT(*) FROM sandboxes WHERE stream = $2 AND stream <> '' AND function = $1 AND id <> $3",
	        values, 3, ret_count, diag);

	return r < 0 ? r : 0;
}

#define ROW4(a, b, c, d)       "($" #a ",$" #b ",$" #c ",$" #d ")"
#define ROW6(a, b, c, d, e, f) "($" #a ",$" #b ",$" #c ",$" #d ",$" #e ",$" #f ")"
#define MANY_LINES             16u
#define MANY_OBSERVATIONS      10u

int gb_lines_put(struct gb_store *store, const struct gb_line *lines, size_t count, struct gb_diag *diag)
{
	struct gb_sql_value values[4 * MANY_LINES];

	for (size_t at = 0, step; at < count; at += step) {
		int r;

		step = count - at >= MANY_LINES ? MANY_LINES : 1;
		for (size_t i = 0; i < step; i++) {
			const struct gb_line *line = &lines[at + i];

			values[4 * i] = gb_sql_integer((int64_t)line->sandbox);
			values[4 * i + 1] = gb_sql_integer(line->seq);
			values[4 * i + 2] = gb_sql_bytes(gb_span_of(line->hash, sizeof(line->hash)));
			values[4 * i + 3] = gb_sql_integer(line->time);
		}
		if (step == 1)
			r = gb_sql_run(store,
			        "INSERT INTO lines (sandbox, seq, hash, time) VALUES ($1, $2, $3, $4) ON CONFLICT DO "
			        "NOTHING",
			        values, 4, NULL, NULL, diag);
		else
			r = gb_sql_run(store,
			        "INSERT INTO lines (sandbox, seq, hash, time) VALUES " ROW4(1, 2, 3, 4) "," ROW4(
			                5, 6, 7, 8) "," ROW4(9, 10, 11, 12) "," ROW4(13, 14, 15, 16) "," ROW4(17, 18,
			                19, 20) "," ROW4(21, 22, 23, 24) "," ROW4(25, 26, 27, 28) "," ROW4(29, 30, 31,
			                32) "," ROW4(33, 34, 35, 36) "," ROW4(37, 38, 39, 40) "," ROW4(41, 42, 43,
			                44) "," ROW4(45, 46, 47, 48) "," ROW4(49, 50, 51, 52) "," ROW4(53, 54, 55,
			                56) "," ROW4(57, 58, 59, 60) "," ROW4(61, 62, 63, 64) " ON CONFLICT DO NOTHING",
			        values, 4 * MANY_LINES, NULL, NULL, diag);
		if (r < 0)
			return r;
	}
	return 0;
}

int gb_observations_put(
        struct gb_store *store, const struct gb_observed_line *observations, size_t count, struct gb_diag *diag)
{
	struct gb_sql_value values[6 * MANY_OBSERVATIONS];

	for (size_t at = 0, step; at < count; at += step) {
		int r;

		step = count - at >= MANY_OBSERVATIONS ? MANY_OBSERVATIONS : 1;
		for (size_t i = 0; i < step; i++) {
			const struct gb_observed_line *one = &observations[at + i];

			values[6 * i] = gb_sql_integer(one->function);
			values[6 * i + 1] = gb_sql_integer(one->version);
			values[6 * i + 2] = gb_sql_integer((int64_t)one->sandbox);
			values[6 * i + 3] = gb_sql_integer(one->seq);
			values[6 * i + 4] = gb_sql_integer(one->time);
			values[6 * i + 5] = gb_sql_text(one->line);
		}
		if (step == 1)
			r = gb_sql_run(store,
			        "INSERT INTO observations (function, version, sandbox, seq, time, line) VALUES ($1, "
			        "$2, $3, $4, $5, $6)",
			        values, 6, NULL, NULL, diag);
		else
			r = gb_sql_run(store,
			        "INSERT INTO observations (function, version, sandbox, seq, time, line) VALUES " ROW6(1,
			                2, 3, 4, 5,
			                6) "," ROW6(7, 8, 9, 10, 11, 12) "," ROW6(13, 14, 15, 16, 17, 18) "," ROW6(19,
			                20, 21, 22, 23, 24) "," ROW6(25, 26, 27, 28, 29, 30) "," ROW6(31, 32, 33, 34,
			                35, 36) "," ROW6(37, 38, 39, 40, 41, 42) "," ROW6(43, 44, 45, 46, 47,
			                48) "," ROW6(49, 50, 51, 52, 53, 54) "," ROW6(55, 56, 57, 58, 59, 60),
			        values, 6 * MANY_OBSERVATIONS, NULL, NULL, diag);
		if (r < 0)
			return r;
	}
	return 0;
}
