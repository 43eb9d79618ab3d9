/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sqlite.h"

#include "store/sums.h"

#include "base/fd.h"

#include <errno.h>
#include <fcntl.h>

#define BUSY_MS 10000

int gb_sqlite_error(struct gb_store *store, int code, struct gb_diag *diag)
{
	const struct gb_sqlite *sqlite = store->connection;
	int system_errno = sqlite3_system_errno(sqlite->db);
	int r;

	switch (code & 0xff) {
	case SQLITE_CONSTRAINT:
		r = code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY ? -EEXIST : -EINVAL;
		break;
	case SQLITE_BUSY:
	case SQLITE_LOCKED: r = -EAGAIN; break;
	case SQLITE_FULL: r = -ENOSPC; break;
	case SQLITE_NOMEM: r = -ENOMEM; break;
	case SQLITE_ERROR:
	case SQLITE_MISMATCH:
	case SQLITE_RANGE:
	case SQLITE_TOOBIG:
	case SQLITE_MISUSE: r = -EINVAL; break;
	case SQLITE_CANTOPEN:
	case SQLITE_READONLY:
	case SQLITE_PERM: r = -EACCES; break;
	default: r = -EIO; break;
	}
	if (r == -EIO && (system_errno == ENOSPC || system_errno == EDQUOT || system_errno == EFBIG))
		r = -ENOSPC;
	return gb_diag_set(diag, r, 0, 0, "%s: %s", sqlite->path, sqlite3_errmsg(sqlite->db));
}

static int bind(struct gb_sqlite_statement *statement, const struct gb_sql_value *values, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct gb_sql_value *value = &values[i];
		const char *bytes = value->bytes.n > 0 ? (const char *)value->bytes.p : "";
		int at = statement->parameters[i];
		int r = SQLITE_OK;

		if (at == 0)
			return SQLITE_RANGE;
		switch (value->type) {
		case GB_SQL_NULL: r = sqlite3_bind_null(statement->stmt, at); break;
		case GB_SQL_INTEGER: r = sqlite3_bind_int64(statement->stmt, at, value->integer); break;
		case GB_SQL_REAL: r = sqlite3_bind_double(statement->stmt, at, value->real); break;
		case GB_SQL_TEXT:
			r = sqlite3_bind_text64(statement->stmt, at, bytes, value->bytes.n, SQLITE_STATIC, SQLITE_UTF8);
			break;
		case GB_SQL_BYTES:
			r = sqlite3_bind_blob64(statement->stmt, at, bytes, value->bytes.n, SQLITE_STATIC);
			break;
		}
		if (r != SQLITE_OK)
			return r;
	}
	return SQLITE_OK;
}

static void read_row(sqlite3_stmt *stmt, int count, struct gb_sql_value *columns)
{
	for (int i = 0; i < count; i++) {
		columns[i] = (struct gb_sql_value){.type = GB_SQL_NULL};
		switch (sqlite3_column_type(stmt, i)) {
		case SQLITE_INTEGER: columns[i] = gb_sql_integer(sqlite3_column_int64(stmt, i)); break;
		case SQLITE_FLOAT: columns[i] = gb_sql_real(sqlite3_column_double(stmt, i)); break;
		case SQLITE_TEXT:
			columns[i] = gb_sql_text(
			        gb_span_of(sqlite3_column_text(stmt, i), (size_t)sqlite3_column_bytes(stmt, i)));
			break;
		case SQLITE_BLOB:
			columns[i] = gb_sql_bytes(
			        gb_span_of(sqlite3_column_blob(stmt, i), (size_t)sqlite3_column_bytes(stmt, i)));
			break;
		default: break;
		}
	}
}

/* A statement that runs in a callback of itself gets a second copy. */
static int find_statement(
        struct gb_store *store, const char *text, struct gb_sqlite_statement **ret_statement, struct gb_diag *diag)
{
	struct gb_sqlite *sqlite = store->connection;
	struct gb_sqlite_statement *oldest = NULL;
	uint64_t hash = gb_span_hash(gb_span_cstr(text));
	int r;

	for (size_t i = 0; i < GB_SQLITE_STATEMENTS; i++) {
		struct gb_sqlite_statement *statement = &sqlite->statements[i];

		if (statement->is_running)
			continue;
		if (statement->hash == hash && statement->stmt != NULL &&
		        strcmp(sqlite3_sql(statement->stmt), text) == 0) {
			statement->used = ++sqlite->uses;
			*ret_statement = statement;
			return 0;
		}
		if (oldest == NULL || statement->used < oldest->used)
			oldest = statement;
	}
	if (oldest == NULL)
		return gb_diag_set(diag, -EINVAL, 0, 0, "too many statements one within the other");
	sqlite3_finalize(oldest->stmt);
	*oldest = (struct gb_sqlite_statement){.hash = hash, .used = ++sqlite->uses};
	r = sqlite3_prepare_v3(sqlite->db, text, -1, SQLITE_PREPARE_PERSISTENT, &oldest->stmt, NULL);
	if (r != SQLITE_OK)
		return gb_sqlite_error(store, r, diag);
	for (unsigned i = 0; i < GB_SQL_PARAMETERS_MAX; i++) {
		char name[12];

		snprintf(name, sizeof name, "$%u", i + 1);
		oldest->parameters[i] = (short)sqlite3_bind_parameter_index(oldest->stmt, name);
	}
	*ret_statement = oldest;
	return 0;
}

static bool is_broken(const struct gb_store *store)
{
	const struct gb_sqlite *sqlite = store->connection;

	return store->is_in_transaction && sqlite3_get_autocommit(sqlite->db) != 0;
}

int gb_sqlite_statement(struct gb_store *store, const char *text, sqlite3_stmt **ret_stmt, struct gb_diag *diag)
{
	struct gb_sqlite_statement *statement = NULL;
	int r;

	if (is_broken(store))
		return gb_diag_set(diag, -ECANCELED, 0, 0, "the transaction is broken");
	r = find_statement(store, text, &statement, diag);
	if (r >= 0)
		*ret_stmt = statement->stmt;
	return r;
}

static int step_all(struct gb_store *store, sqlite3_stmt *stmt, gb_sql_row *on_row, void *context, struct gb_diag *diag)
{
	struct gb_sqlite *sqlite = store->connection;
	struct gb_sql_value columns[GB_SQL_COLUMNS_MAX];
	int column_count = sqlite3_column_count(stmt);
	int64_t changes = sqlite3_total_changes64(sqlite->db);
	int rows = 0;
	int r;

	if (column_count > (int)GB_SQL_COLUMNS_MAX)
		return gb_diag_set(diag, -EINVAL, 0, 0, "more than %u columns", GB_SQL_COLUMNS_MAX);
	while ((r = sqlite3_step(stmt)) == SQLITE_ROW) {
		int wish = 0;

		rows++;
		if (on_row != NULL) {
			read_row(stmt, column_count, columns);
			wish = on_row(context, columns, (size_t)column_count);
		}
		if (wish < 0)
			return wish;
		if (wish > 0)
			return rows;
	}
	if (r != SQLITE_DONE)
		return gb_sqlite_error(store, r, diag);
	if (column_count > 0)
		return rows;
	changes = sqlite3_total_changes64(sqlite->db) - changes;
	return changes > INT32_MAX ? INT32_MAX : (int)changes;
}

static int sqlite_run(struct gb_store *store, const char *text, const struct gb_sql_value *values, size_t count,
        gb_sql_row *on_row, void *context, struct gb_diag *diag)
{
	struct gb_sqlite_statement *statement;
	int r;

	/* After an error like a full disk SQLite has rolled back by itself; what follows must not be written alone. */
	if (is_broken(store))
		return gb_diag_set(diag, -ECANCELED, 0, 0, "the transaction is broken");
	r = find_statement(store, text, &statement, diag);
	if (r < 0)
		return r;
	r = bind(statement, values, count);
	if (r != SQLITE_OK)
		return gb_sqlite_error(store, r, diag);
	statement->is_running = true;
	r = step_all(store, statement->stmt, on_row, context, diag);
	sqlite3_reset(statement->stmt);
	sqlite3_clear_bindings(statement->stmt);
	statement->is_running = false;
	return r;
}

static int sqlite_script(struct gb_store *store, const char *text, struct gb_diag *diag)
{
	struct gb_sqlite *sqlite = store->connection;
	int r = sqlite3_exec(sqlite->db, text, NULL, NULL, NULL);

	return r == SQLITE_OK ? 0 : gb_sqlite_error(store, r, diag);
}

static int sqlite_begin(struct gb_store *store, struct gb_diag *diag)
{
	int r = sqlite_run(store, "BEGIN IMMEDIATE", NULL, 0, NULL, NULL, diag);

	return r < 0 ? r : 0;
}

static int sqlite_commit(struct gb_store *store, struct gb_diag *diag)
{
	int r = sqlite_run(store, "COMMIT", NULL, 0, NULL, NULL, diag);

	return r < 0 ? r : 0;
}

static void sqlite_rollback(struct gb_store *store)
{
	struct gb_sqlite *sqlite = store->connection;

	/* Rolled back already is an error here, and what was wanted. */
	(void)sqlite3_exec(sqlite->db, "ROLLBACK", NULL, NULL, NULL);
}

static void sqlite_close(struct gb_store *store)
{
	struct gb_sqlite *sqlite = store->connection;

	if (sqlite == NULL)
		return;
	gb_sqlite_unlock_all(sqlite);
	for (size_t i = 0; i < GB_SQLITE_STATEMENTS; i++)
		sqlite3_finalize(sqlite->statements[i].stmt);
	sqlite3_close(sqlite->db);
	free(sqlite->path);
	free(sqlite);
	store->connection = NULL;
}

static const struct gb_store_driver sqlite_driver = {
        .kind = GB_STORE_SQLITE,
        .close = sqlite_close,
        .run = sqlite_run,
        .script = sqlite_script,
        .begin = sqlite_begin,
        .commit = sqlite_commit,
        .rollback = sqlite_rollback,
        .insert = gb_sqlite_insert,
        .count = gb_sqlite_count,
        .postings = gb_sqlite_postings,
        .sums_read = gb_sqlite_sums_read,
        .sums_write = gb_sqlite_sums_write,
        .lock = gb_sqlite_lock,
        .unlock = gb_sqlite_unlock,
        .size = gb_sqlite_size,
        .events_size = gb_sqlite_events_size,
        .backup = gb_sqlite_backup,
};

/* FULL: a commit is on disk before it is answered. What is deleted is overwritten where that costs no more writes. The file
 * may have been made by somebody else: its schema is not trusted with our functions. */
static const char pragmas[] =
        "PRAGMA page_size = 4096; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
        "PRAGMA secure_delete = FAST; PRAGMA cell_size_check = ON; PRAGMA trusted_schema = OFF;"
        "PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16384; PRAGMA wal_autocheckpoint = 8192;"
        "PRAGMA journal_size_limit = 67108864; PRAGMA recursive_triggers = OFF;";

int gb_sqlite_open(struct gb_store *store, const char *path, struct gb_diag *diag)
{
	struct gb_sqlite *sqlite = calloc(1, sizeof *sqlite);
	int fd;
	int r;

	if (sqlite == NULL || (sqlite->path = strdup(path)) == NULL) {
		free(sqlite);
		return gb_diag_set(diag, -ENOMEM, 0, 0, "out of memory");
	}
	store->connection = sqlite;
	store->driver = &sqlite_driver;
	/* SQLite would make it readable for all; its journal gets the same mode. */
	fd = gb_fd_open(path, O_RDWR | O_CREAT | O_NOFOLLOW, 0600);
	if (fd < 0)
		return gb_diag_set(diag, fd, 0, 0, "cannot open %s: %s", path, strerror(-fd));
	gb_fd_closep(&fd);
	r = sqlite3_open_v2(
	        path, &sqlite->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
	if (r != SQLITE_OK)
		return gb_sqlite_error(store, r, diag);
	sqlite3_busy_timeout(sqlite->db, BUSY_MS);
	sqlite3_db_config(sqlite->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(sqlite->db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
	sqlite3_db_config(sqlite->db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
	sqlite3_limit(sqlite->db, SQLITE_LIMIT_ATTACHED, 0);
	sqlite3_limit(sqlite->db, SQLITE_LIMIT_LENGTH, 64 << 20);
	r = sqlite_script(store, pragmas, diag);
	return r < 0 ? r : gb_sqlite_functions(store, diag);
}
