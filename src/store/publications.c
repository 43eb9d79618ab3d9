/* SPDX-License-Identifier: Apache-2.0 */
#include "store/publications.h"

#include "store/copy.h"
#include "store/store.h"

#include <errno.h>
#include <string.h>

#define COLUMNS "etag, diag, function, serial, sha256, state, time"

static const char *const names[] = {"begun", "published", "refused"};

const char *gb_publication_state_name(enum gb_publication_state state)
{
	return names[state];
}

static struct gb_publication publication_of(const struct gb_sql_value *columns)
{
	struct gb_publication publication = {.etag = columns[0].bytes,
	        .diag = columns[1].bytes,
	        .function = columns[2].integer,
	        .serial = columns[3].integer,
	        .time = columns[6].integer};

	if (columns[4].bytes.n == GB_SHA256_BYTES)
		memcpy(publication.sha256, columns[4].bytes.p, GB_SHA256_BYTES);
	for (int state = GB_PUBLICATION_BEGUN; state <= GB_PUBLICATION_REFUSED; state++)
		if (gb_span_equal(columns[5].bytes, gb_span_cstr(names[state])))
			publication.state = (enum gb_publication_state)state;
	return publication;
}

struct one {
	struct gb_arena *arena;
	struct gb_publication *publication;
};

static int keep(void *context, const struct gb_sql_value *columns, size_t count)
{
	struct one *one = context;
	struct gb_span *const texts[] = {&one->publication->etag, &one->publication->diag};
	int r;

	(void)count;
	*one->publication = publication_of(columns);
	r = gb_store_copy(one->arena, columns, texts, 2);
	return r < 0 ? r : 1;
}

int gb_publication_last(struct gb_store *store, int64_t function, struct gb_arena *arena,
        struct gb_publication *ret_publication, struct gb_diag *diag)
{
	const struct gb_sql_value value = gb_sql_integer(function);
	struct one one = {arena, ret_publication};

	return gb_sql_run(store,
	        "SELECT " COLUMNS " FROM publications WHERE function = $1 ORDER BY serial DESC LIMIT 1", &value, 1,
	        keep, &one, diag);
}

int gb_publication_begin(struct gb_store *store, int64_t function, const unsigned char sha256[GB_SHA256_BYTES],
        int64_t least, enum gb_publication_state state, struct gb_span complaint, int64_t *ret_serial,
        struct gb_diag *diag)
{
	const struct gb_sql_value values[] = {gb_sql_integer(function), gb_sql_integer(least),
	        gb_sql_bytes(gb_span_of(sha256, GB_SHA256_BYTES)), gb_sql_integer(gb_store_now_ms(store)),
	        gb_sql_cstr(names[state]), gb_sql_text(complaint)};
	int r = gb_sql_integer_of(store,
	        "INSERT INTO publications (function, serial, sha256, time, state, diag) VALUES ($1, (SELECT CASE WHEN "
	        "COALESCE(MAX(p.serial), 0) + 1 > CAST($2 AS BIGINT) THEN COALESCE(MAX(p.serial), 0) + 1 ELSE CAST($2 "
	        "AS "
	        "BIGINT) END FROM publications p WHERE p.function = $1), $3, $4, $5, $6) RETURNING serial",
	        values, 6, ret_serial, diag);

	return r == 0 ? -EIO : r < 0 ? r : 0;
}

int gb_publication_end(
        struct gb_store *store, int64_t function, int64_t serial, struct gb_span etag, struct gb_diag *diag)
{
	const struct gb_sql_value values[] = {gb_sql_text(etag), gb_sql_integer(gb_store_now_ms(store)),
	        gb_sql_integer(function), gb_sql_integer(serial)};
	int r = gb_sql_run(store,
	        "UPDATE publications SET state = 'published', etag = $1, time = $2 WHERE function = $3 AND serial = $4",
	        values, 4, NULL, NULL, diag);

	return r < 0 ? r : 0;
}

struct rows {
	gb_publication_row *on_row;
	void *context;
};

static int on_publication(void *context, const struct gb_sql_value *columns, size_t count)
{
	const struct rows *rows = context;
	struct gb_publication publication = publication_of(columns);

	(void)count;
	return rows->on_row(rows->context, &publication);
}

int gb_publications_list(struct gb_store *store, int64_t function, int64_t before, size_t limit,
        gb_publication_row *on_row, void *context, struct gb_diag *diag)
{
	const struct gb_sql_value values[] = {
	        gb_sql_integer(function), gb_sql_integer(before), gb_sql_integer((int64_t)limit)};
	struct rows rows = {on_row, context};

	return gb_sql_run(store,
	        "SELECT " COLUMNS " FROM publications WHERE function = $1 AND (serial < $2 OR $2 = 0) ORDER BY serial "
	        "DESC LIMIT $3",
	        values, 3, on_publication, &rows, diag);
}
