/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sandboxes.h"

#include "base/sha256.h"

#include <string.h>

#define SEAL_COLUMNS "sandbox, first_seq, last_seq, hashes, signature, seen, state, time"

struct seal_rows {
	gb_seal_row *on_seal;
	void *context;
};

struct line_rows {
	gb_line_row *on_line;
	void *context;
};

static int take_seal(void *context, const struct gb_sql_value *columns, size_t count)
{
	const struct seal_rows *rows = context;
	struct gb_seal seal = {.sandbox = (uint64_t)columns[0].integer,
	        .first = columns[1].integer,
	        .last = columns[2].integer,
	        .hashes = columns[3].bytes,
	        .signature = columns[4].bytes,
	        .seen = (uint64_t)columns[5].integer,
	        .state = (enum gb_seal_state)columns[6].integer,
	        .time = columns[7].integer};

	(void)count;
	return rows->on_seal(rows->context, &seal);
}

static int take_line(void *context, const struct gb_sql_value *columns, size_t count)
{
	const struct line_rows *rows = context;
	struct gb_line line = {
	        .sandbox = (uint64_t)columns[0].integer, .seq = columns[1].integer, .time = columns[3].integer};

	(void)count;
	if (columns[2].bytes.n == sizeof(line.hash))
		memcpy(line.hash, columns[2].bytes.p, sizeof(line.hash));
	return rows->on_line(rows->context, &line);
}

static int without_rows(int r)
{
	return r < 0 ? r : 0;
}

int gb_seal_put(struct gb_store *store, const struct gb_seal *seal, struct gb_diag *diag)
{
	const struct gb_sql_value values[] = {
	        gb_sql_integer((int64_t)seal->sandbox),
	        gb_sql_integer(seal->first),
	        gb_sql_integer(seal->last),
	        gb_sql_bytes(seal->hashes),
	        gb_sql_bytes(seal->signature),
	        gb_sql_integer((int64_t)seal->seen),
	        gb_sql_integer(seal->time),
	};

	return without_rows(gb_sql_run(store,
	        "INSERT INTO seals (sandbox, first_seq, last_seq, hashes, signature, seen, time)"
	        " VALUES ($1, $2, $3, $4, $5, $6, $7)"
	        " ON CONFLICT (sandbox, first_seq, signature) DO UPDATE SET seen = seals.seen | excluded.seen",
	        values, 7, NULL, NULL, diag));
}

int gb_seal_change(struct gb_store *store, const struct gb_seal *seal, struct gb_diag *diag)
{
	const struct gb_sql_value values[] = {gb_sql_integer((int64_t)seal->sandbox), gb_sql_integer(seal->first),
	        gb_sql_bytes(seal->signature), gb_sql_integer((int64_t)seal->seen), gb_sql_integer(seal->state)};

	return without_rows(gb_sql_run(store,
	        "UPDATE seals SET seen = seen | $4, state = $5 WHERE sandbox = $1 AND first_seq = $2 AND signature = "
	        "$3",
	        values, 5, NULL, NULL, diag));
}

int gb_seal_delete(struct gb_store *store, const struct gb_seal *seal, struct gb_diag *diag)
{
	const struct gb_sql_value values[] = {
	        gb_sql_integer((int64_t)seal->sandbox), gb_sql_integer(seal->first), gb_sql_bytes(seal->signature)};

	return without_rows(
	        gb_sql_run(store, "DELETE FROM seals WHERE sandbox = $1 AND first_seq = $2 AND signature = $3", values,
	                3, NULL, NULL, diag));
}

int gb_seals_list(struct gb_store *store, enum gb_seal_state state, int64_t before, size_t limit, gb_seal_row *on_seal,
        void *context, struct gb_diag *diag)
{
	const struct gb_sql_value values[] = {
	        gb_sql_integer(state), gb_sql_integer(before), gb_sql_integer((int64_t)limit)};
	struct seal_rows rows = {on_seal, context};

	return without_rows(gb_sql_run(store,
	        "SELECT " SEAL_COLUMNS " FROM (SELECT " SEAL_COLUMNS
	        " FROM seals WHERE state = $1 AND time < $2 ORDER BY time, sandbox, first_seq LIMIT $3) AS oldest "
	        "ORDER BY sandbox, first_seq",
	        values, 3, take_seal, &rows, diag));
}

int gb_seals_of_line(struct gb_store *store, uint64_t sandbox, int64_t seq, gb_seal_row *on_seal, void *context,
        struct gb_diag *diag)
{
	const struct gb_sql_value values[] = {gb_sql_integer((int64_t)sandbox), gb_sql_integer(seq)};
	struct seal_rows rows = {on_seal, context};

	return without_rows(gb_sql_run(store,
	        "SELECT " SEAL_COLUMNS " FROM seals WHERE sandbox = $1 AND first_seq <= $2 AND first_seq > $2 - 64 AND "
	        "last_seq >= $2 AND state IN (1, 2)",
	        values, 2, take_seal, &rows, diag));
}

int gb_seals_behind(struct gb_store *store, uint64_t sandbox, int64_t after, size_t limit, gb_seal_row *on_seal,
        void *context, struct gb_diag *diag)
{
	const struct gb_sql_value values[] = {
	        gb_sql_integer((int64_t)sandbox), gb_sql_integer(after), gb_sql_integer((int64_t)limit)};
	struct seal_rows rows = {on_seal, context};

	return without_rows(gb_sql_run(store,
	        "SELECT " SEAL_COLUMNS
	        " FROM seals WHERE sandbox = $1 AND first_seq > $2 AND state = 1 ORDER BY first_seq LIMIT $3",
	        values, 3, take_seal, &rows, diag));
}

int gb_lines_vouched(struct gb_store *store, size_t limit, gb_line_row *on_line, void *context, struct gb_diag *diag)
{
	const struct gb_sql_value values[] = {gb_sql_integer((int64_t)limit), gb_sql_integer(GB_LINE_TOLD)};
	struct line_rows rows = {on_line, context};

	return without_rows(gb_sql_run(store,
	        "SELECT l.sandbox, l.seq, l.hash, l.time FROM lines AS l WHERE EXISTS (SELECT 1 FROM seals AS s"
	        " WHERE s.sandbox = l.sandbox AND s.first_seq <= l.seq AND s.first_seq > l.seq - 64 AND s.last_seq >= "
	        "l.seq"
	        " AND s.state IN (1, 2)) AND l.time < $2 LIMIT $1",
	        values, 2, take_line, &rows, diag));
}

int gb_lines_waiting(
        struct gb_store *store, int64_t before, size_t limit, gb_line_row *on_line, void *context, struct gb_diag *diag)
{
	const struct gb_sql_value values[] = {gb_sql_integer(before), gb_sql_integer((int64_t)limit)};
	struct line_rows rows = {on_line, context};

	return without_rows(gb_sql_run(store,
	        "SELECT sandbox, seq, hash, time FROM (SELECT sandbox, seq, hash, time FROM lines WHERE time < $1"
	        " ORDER BY time LIMIT $2) AS oldest ORDER BY sandbox, seq",
	        values, 2, take_line, &rows, diag));
}

int gb_lines_of_seal(
        struct gb_store *store, const struct gb_seal *seal, gb_line_row *on_line, void *context, struct gb_diag *diag)
{
	const struct gb_sql_value values[] = {
	        gb_sql_integer((int64_t)seal->sandbox), gb_sql_integer(seal->first), gb_sql_integer(seal->last)};
	struct line_rows rows = {on_line, context};

	return without_rows(gb_sql_run(store,
	        "SELECT sandbox, seq, hash, time FROM lines WHERE sandbox = $1 AND seq >= $2 AND seq <= $3", values, 3,
	        take_line, &rows, diag));
}

int gb_seals_adopt(struct gb_store *store, uint64_t sandbox, struct gb_diag *diag)
{
	const struct gb_sql_value values[] = {gb_sql_integer((int64_t)sandbox)};

	return without_rows(gb_sql_run(
	        store, "UPDATE seals SET state = 0 WHERE sandbox = $1 AND state = 3", values, 1, NULL, NULL, diag));
}

int gb_line_delete(struct gb_store *store, const struct gb_line *line, struct gb_diag *diag)
{
	const struct gb_sql_value values[] = {gb_sql_integer((int64_t)line->sandbox), gb_sql_integer(line->seq),
	        gb_sql_bytes(gb_span_of(line->hash, sizeof(line->hash)))};

	return without_rows(gb_sql_run(
	        store, "DELETE FROM lines WHERE sandbox = $1 AND seq = $2 AND hash = $3", values, 3, NULL, NULL, diag));
}

int gb_forged_put(struct gb_store *store, const struct gb_line *line, struct gb_diag *diag)
{
	const struct gb_sql_value values[] = {gb_sql_integer((int64_t)line->sandbox), gb_sql_integer(line->seq),
	        gb_sql_bytes(gb_span_of(line->hash, sizeof(line->hash))), gb_sql_integer(line->time)};

	return without_rows(gb_sql_run(store,
	        "INSERT INTO forged (sandbox, seq, hash, time) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING", values,
	        4, NULL, NULL, diag));
}

int gb_forged_clear(struct gb_store *store, const struct gb_seal *seal, struct gb_diag *diag)
{
	for (int64_t seq = seal->first; seq <= seal->last; seq++) {
		size_t at = (size_t)(seq - seal->first) * GB_LINE_HASH_BYTES;
		const struct gb_sql_value values[] = {gb_sql_integer((int64_t)seal->sandbox), gb_sql_integer(seq),
		        gb_sql_bytes(gb_span_sub(seal->hashes, at, GB_LINE_HASH_BYTES))};
		int r = gb_sql_run(store, "DELETE FROM forged WHERE sandbox = $1 AND seq = $2 AND hash = $3", values, 3,
		        NULL, NULL, diag);

		if (r < 0)
			return r;
	}
	return 0;
}

int gb_seals_forget(struct gb_store *store, int64_t done_before, int64_t lines_before, struct gb_diag *diag)
{
	const struct gb_sql_value done[] = {gb_sql_integer(done_before)}, lines[] = {gb_sql_integer(lines_before)};
	const struct gb_sql_value told[] = {gb_sql_integer(GB_LINE_TOLD), gb_sql_integer(GB_LINE_TOLD + lines_before)};
	const struct gb_sql_value seals[] = {gb_sql_integer(GB_LINE_SEAL), gb_sql_integer(GB_LINE_SEAL + done_before)};
	int r = gb_sql_run(store, "DELETE FROM seals WHERE state = 2 AND time < $1", done, 1, NULL, NULL, diag);

	if (r >= 0)
		r = gb_sql_run(store, "DELETE FROM forged WHERE time < $1", lines, 1, NULL, NULL, diag);
	if (r >= 0)
		r = gb_sql_run(store, "DELETE FROM lines WHERE time >= $1 AND time < $2", told, 2, NULL, NULL, diag);
	if (r >= 0)
		r = gb_sql_run(store, "DELETE FROM lines WHERE time >= $1 AND time < $2", seals, 2, NULL, NULL, diag);
	return without_rows(r);
}

int gb_line_told(struct gb_store *store, const struct gb_line *line, struct gb_diag *diag)
{
	const struct gb_sql_value values[] = {gb_sql_integer((int64_t)line->sandbox), gb_sql_integer(line->seq),
	        gb_sql_bytes(gb_span_of(line->hash, sizeof(line->hash))), gb_sql_integer(line->time + GB_LINE_TOLD)};

	return without_rows(
	        gb_sql_run(store, "UPDATE lines SET time = $4 WHERE sandbox = $1 AND seq = $2 AND hash = $3", values, 4,
	                NULL, NULL, diag));
}

/* Whether FUNCTION is another one than OWNER. Logs do not always say of which account they are, and before the start line
 * of which function. */
static int is_of_another(struct gb_store *store, int64_t owner, int64_t function, struct gb_diag *diag)
{
	const struct gb_sql_value values[] = {gb_sql_integer(owner), gb_sql_integer(function)};
	int64_t count = 0;
	int r = gb_sql_integer_of(store,
	        "SELECT COUNT(*) FROM functions AS o, functions AS f WHERE o.id = $1 AND f.id = $2 AND o.name <> "
	        "'unknown' AND (o.name <> f.name OR (o.account <> '' AND f.account <> '' AND o.account <> f.account))",
	        values, 2, &count, diag);

	return r < 0 ? r : count > 0;
}

int gb_line_authentic(struct gb_store *store, int64_t function, uint64_t sandbox, int64_t seq, struct gb_span line,
        enum gb_authentic *ret_authentic, struct gb_diag *diag)
{
	unsigned char digest[GB_SHA256_BYTES];
	struct gb_sandbox about = {0};
	int64_t word = GB_AUTHENTIC_YES;
	struct gb_sql_value values[3];
	int r = gb_sandbox_get(store, sandbox, &about, diag);

	*ret_authentic = GB_AUTHENTIC_UNSIGNED;
	if (r <= 0 || !about.has_key || seq < 0)
		return without_rows(r);
	if (function != 0 && function != about.function) {
		r = is_of_another(store, about.function, function, diag);
		if (r != 0)
			return without_rows(r);
	}
	gb_sha256(line, digest);
	values[0] = gb_sql_integer((int64_t)sandbox);
	values[1] = gb_sql_integer(seq);
	values[2] = gb_sql_bytes(gb_span_of(digest, GB_LINE_HASH_BYTES));
	r = gb_sql_integer_of(store,
	        "SELECT CASE WHEN EXISTS (SELECT 1 FROM forged WHERE sandbox = $1 AND seq = $2 AND hash = $3) THEN 1"
	        " WHEN EXISTS (SELECT 1 FROM lines WHERE sandbox = $1 AND seq = $2 AND hash = $3) THEN 2"
	        " WHEN EXISTS (SELECT 1 FROM seals WHERE sandbox = $1 AND first_seq <= $2 AND first_seq > $2 - 64"
	        " AND last_seq >= $2 AND state = 0) THEN 2 ELSE 3 END",
	        values, 3, &word, diag);
	if (r > 0)
		*ret_authentic = (enum gb_authentic)word;
	return without_rows(r);
}

const char *gb_authentic_name(enum gb_authentic authentic)
{
	switch (authentic) {
	case GB_AUTHENTIC_NO: return "no";
	case GB_AUTHENTIC_PENDING: return "pending";
	case GB_AUTHENTIC_YES: return "yes";
	case GB_AUTHENTIC_UNSIGNED: break;
	}
	return "unsigned";
}
