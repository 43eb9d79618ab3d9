/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store/sql: one thin road to both databases. A statement is one SQL text that SQLite and PostgreSQL both understand,
 * with its values as $1, $2 …; values are always bound, never written into the text. All functions belong to the thread
 * that opened the store.
 *
 * What both understand: INTEGER columns hold int64 (booleans too: 0 and 1), TEXT is UTF-8, BYTES any bytes, REAL a double;
 * INSERT … ON CONFLICT (…) DO UPDATE SET x = excluded.x, RETURNING, common table expressions, LIMIT $n, row values
 * `(a, b) < ($1, $2)`, COALESCE, CASE, `IS NOT DISTINCT FROM` not (use COALESCE). A parameter standing alone has no type in
 * PostgreSQL: write CAST($1 AS BIGINT), CAST($1 AS TEXT) then. Integer parameters take the type of what they are compared with:
 * all our integer columns are BIGINT there.
 *
 * Text is cleaned when it is bound: bytes that are not UTF-8, and NUL, which PostgreSQL has no place for, become U+FFFD
 * each, on both databases.
 */
#ifndef GB_STORE_SQL_H
#define GB_STORE_SQL_H

#include "base/diag.h"
#include "base/span.h"

struct gb_store; /* store/store.h */

enum gb_sql_type { GB_SQL_NULL = 0, GB_SQL_INTEGER, GB_SQL_REAL, GB_SQL_TEXT, GB_SQL_BYTES };

struct gb_sql_value {
	enum gb_sql_type type;
	int64_t integer;
	double real;
	struct gb_span bytes; /* of TEXT and BYTES; borrowed */
};

#define GB_SQL_PARAMETERS_MAX 64u
#define GB_SQL_COLUMNS_MAX    64u

static inline struct gb_sql_value gb_sql_null(void)
{
	return (struct gb_sql_value){.type = GB_SQL_NULL};
}

static inline struct gb_sql_value gb_sql_integer(int64_t value)
{
	return (struct gb_sql_value){.type = GB_SQL_INTEGER, .integer = value};
}

static inline struct gb_sql_value gb_sql_real(double value)
{
	return (struct gb_sql_value){.type = GB_SQL_REAL, .real = value};
}

static inline struct gb_sql_value gb_sql_text(struct gb_span value)
{
	return (struct gb_sql_value){.type = GB_SQL_TEXT, .bytes = value};
}

/* Of a C string; NULL gives the SQL NULL. */
static inline struct gb_sql_value gb_sql_cstr(const char *value)
{
	return value == NULL ? gb_sql_null() : gb_sql_text(gb_span_cstr(value));
}

static inline struct gb_sql_value gb_sql_bytes(struct gb_span value)
{
	return (struct gb_sql_value){.type = GB_SQL_BYTES, .bytes = value};
}

/* One row; COLUMNS and their bytes live until it returns. 0: go on; positive: enough, end well; negative: end with that
 * error. It may run other statements. */
typedef int gb_sql_row(void *context, const struct gb_sql_value *columns, size_t count);

/* Run one statement. TEXT is prepared once per connection. ON_ROW may be NULL. Outside of a transaction the
 * statement is one of its own. Result: rows handed out, or for a statement without RETURNING how many rows it changed; or
 *   -EEXIST      a unique constraint does not allow it
 *   -EAGAIN      another writer was in the way (busy, deadlock, serialization): roll back, and the whole may be tried again
 *   -ECONNRESET  the database went away; what was begun is gone; the next statement outside a transaction connects anew
 *   -ENOSPC      disk full
 *   -EINVAL      the statement or its values are not understood (each of the COUNT values has to stand in it): a mistake of
 *                the program
 *   -ECANCELED   the transaction is broken already, roll it back
 *   -EIO, -ENOMEM
 * With an error inside a transaction the caller rolls back. */
__attribute__((warn_unused_result)) int gb_sql_run(struct gb_store *store, const char *text,
        const struct gb_sql_value *values, size_t count, gb_sql_row *on_row, void *context, struct gb_diag *diag);

/* The same for statements that give one integer (COUNT, RETURNING id): *ret_value is written when there was a row that is
 * not NULL. Result: 1, or 0 when there was none, or an error as above. */
__attribute__((warn_unused_result)) int gb_sql_integer_of(struct gb_store *store, const char *text,
        const struct gb_sql_value *values, size_t count, int64_t *ret_value, struct gb_diag *diag);

/* Transactions; they do not nest (-EALREADY). In SQLite it is the one writer from the beginning on; waits at most ten
 * seconds for another to end. When commit has returned 0 the change is on disk. After any error of commit nothing of it
 * is, or, with -ECONNRESET, it is not known: say it again (everything we write may be said twice). Rollback cannot fail and may
 * be called without a transaction. */
__attribute__((warn_unused_result)) int gb_store_begin(struct gb_store *store, struct gb_diag *diag);
__attribute__((warn_unused_result)) int gb_store_commit(struct gb_store *store, struct gb_diag *diag);
void gb_store_rollback(struct gb_store *store);
bool gb_store_is_in_transaction(const struct gb_store *store);

#endif
