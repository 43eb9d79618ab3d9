/* SPDX-License-Identifier: Apache-2.0 */
#include "store/postgres.h"

#include "store/sums.h"

#include "base/cleanup.h"

#include <errno.h>
#include <inttypes.h>
#include <libpq-fe.h>

/* The types of columns that we make or that our expressions give (pg_type.dat). */
enum {
	OID_BOOL = 16,
	OID_BYTEA = 17,
	OID_INT8 = 20,
	OID_INT2 = 21,
	OID_INT4 = 23,
	OID_FLOAT4 = 700,
	OID_FLOAT8 = 701,
	OID_NUMERIC = 1700,
	OID_UUID = 2950
};

static const struct {
	char state[6]; /* the SQLSTATE, or its class */
	int error;
} states[] = {
        {"23505", -EEXIST},
        {"40", -EAGAIN},
        {"55P03", -EAGAIN},     /* lock_timeout */
        {"0A000", -EAGAIN},     /* a plan that a migration has overtaken */
        {"26000", -EAGAIN},     /* a prepared statement that is not there any more */
        {"25P02", -ECANCELED},  /* the transaction is broken */
        {"25006", -ECONNRESET}, /* read only: what was the first server is the second now */
        {"53100", -ENOSPC},
        {"53200", -ENOMEM},
        {"53300", -ECONNRESET}, /* too many connections */
        {"08P01", -EINVAL},     /* values that the statement does not have */
        {"08", -ECONNRESET},
        {"57P", -ECONNRESET}, /* shut down, crashed, starting up */
        {"22", -EINVAL},
        {"23", -EINVAL},
        {"42", -EINVAL},
        {"28", -EACCES},
};

static int error_of(const struct gb_postgres *postgres, const char *state)
{
	/* Without a state it is libpq's own complaint: the server has not said a word, though libpq may not have noticed yet. */
	if (PQstatus(postgres->connection) != CONNECTION_OK || state == NULL)
		return -ECONNRESET;
	for (size_t i = 0; i < sizeof states / sizeof states[0]; i++)
		if (strncmp(state, states[i].state, strlen(states[i].state)) == 0)
			return states[i].error;
	return -EIO;
}

int gb_postgres_error(struct gb_store *store, const PGresult *result, struct gb_diag *diag)
{
	struct gb_postgres *postgres = store->connection;
	const char *message = result != NULL ? PQresultErrorMessage(result) : PQerrorMessage(postgres->connection);
	int r = error_of(postgres, result == NULL ? NULL : PQresultErrorField(result, PG_DIAG_SQLSTATE));

	if (store->is_in_transaction)
		postgres->is_broken = true;
	postgres->is_lost |= r == -ECONNRESET;
	if (strncmp(message, "ERROR:  ", 8) == 0)
		message += 8;
	return gb_diag_set(diag, r, 0, 0, "PostgreSQL: %.*s", (int)strcspn(message, "\n"), message);
}

static void clear_resultp(PGresult **result)
{
	PQclear(*result);
}

static void forget_statements(struct gb_postgres *postgres)
{
	for (size_t i = 0; i < GB_POSTGRES_STATEMENTS; i++)
		free(postgres->statements[i].text);
	memset(postgres->statements, 0, sizeof postgres->statements);
}

int gb_postgres_say(struct gb_store *store, const char *text, struct gb_diag *diag)
{
	struct gb_postgres *postgres = store->connection;
	GB_CLEANUP(clear_resultp) PGresult *result = PQexec(postgres->connection, text);

	if (PQresultStatus(result) != PGRES_COMMAND_OK && PQresultStatus(result) != PGRES_TUPLES_OK)
		return gb_postgres_error(store, result, diag);
	return 0;
}

/* Waits for locks are bounded, so that one who hangs does not hang all. */
static const char settings[] = "SET synchronous_commit = on; SET lock_timeout = '10s'; SET TimeZone = 'UTC';"
                               "SET idle_in_transaction_session_timeout = '120s'; SET jit = off";

/* A connection that was lost is made anew, but never in the middle of a transaction. */
static int connect_anew(struct gb_store *store, struct gb_diag *diag)
{
	struct gb_postgres *postgres = store->connection;

	forget_statements(postgres);
	memset(postgres->locks, 0, sizeof postgres->locks);
	PQreset(postgres->connection);
	if (PQstatus(postgres->connection) != CONNECTION_OK)
		return gb_postgres_error(store, NULL, diag);
	postgres->is_lost = false;
	return gb_postgres_say(store, settings, diag);
}

static int ensure_connected(struct gb_store *store, struct gb_diag *diag)
{
	struct gb_postgres *postgres = store->connection;

	if (store->is_in_transaction) {
		if (postgres->is_broken)
			return gb_diag_set(diag, -ECANCELED, 0, 0, "the transaction is broken");
		return 0;
	}
	return PQstatus(postgres->connection) == CONNECTION_OK && !postgres->is_lost ? 0 : connect_anew(store, diag);
}

static int find_statement(
        struct gb_store *store, const char *text, struct gb_postgres_statement **ret_statement, struct gb_diag *diag)
{
	struct gb_postgres *postgres = store->connection;
	struct gb_postgres_statement *oldest = &postgres->statements[0];
	uint64_t hash = gb_span_hash(gb_span_cstr(text));

	for (size_t i = 0; i < GB_POSTGRES_STATEMENTS; i++) {
		struct gb_postgres_statement *statement = &postgres->statements[i];

		if (statement->hash == hash && statement->text != NULL && strcmp(statement->text, text) == 0) {
			statement->used = ++postgres->uses;
			*ret_statement = statement;
			return 0;
		}
		if (statement->used < oldest->used)
			oldest = statement;
	}
	if (oldest->text != NULL) {
		char drop[64];
		int r;

		snprintf(drop, sizeof drop, "DEALLOCATE %s", oldest->name);
		r = gb_postgres_say(store, drop, diag);
		if (r < 0)
			return r;
		free(oldest->text);
	}
	*oldest = (struct gb_postgres_statement){.text = NULL};
	snprintf(oldest->name, sizeof oldest->name, "gb%" PRIu64, ++postgres->names);
	GB_CLEANUP(clear_resultp) PGresult *result = PQprepare(postgres->connection, oldest->name, text, 0, NULL);
	if (PQresultStatus(result) != PGRES_COMMAND_OK)
		return gb_postgres_error(store, result, diag);
	oldest->text = strdup(text);
	if (oldest->text == NULL)
		return gb_diag_set(diag, -ENOMEM, 0, 0, "out of memory");
	oldest->hash = hash;
	oldest->used = ++postgres->uses;
	*ret_statement = oldest;
	return 0;
}

/* Numbers go as text, whose type the server chooses by the place; text and bytes go as they are, with their lengths. */
static PGresult *execute(
        struct gb_postgres *postgres, const char *name, const struct gb_sql_value *values, size_t count)
{
	const char *pointers[GB_SQL_PARAMETERS_MAX];
	int lengths[GB_SQL_PARAMETERS_MAX];
	int formats[GB_SQL_PARAMETERS_MAX];
	char numbers[GB_SQL_PARAMETERS_MAX][32];

	for (size_t i = 0; i < count; i++) {
		const struct gb_sql_value *value = &values[i];

		pointers[i] = numbers[i];
		lengths[i] = 0;
		formats[i] = 0;
		switch (value->type) {
		case GB_SQL_NULL: pointers[i] = NULL; break;
		case GB_SQL_INTEGER: snprintf(numbers[i], sizeof numbers[i], "%" PRId64, value->integer); break;
		case GB_SQL_REAL: snprintf(numbers[i], sizeof numbers[i], "%.17g", value->real); break;
		case GB_SQL_TEXT:
		case GB_SQL_BYTES:
			pointers[i] = value->bytes.n > 0 ? (const char *)value->bytes.p : "";
			lengths[i] = (int)value->bytes.n;
			formats[i] = 1;
			break;
		}
	}
	return PQexecPrepared(postgres->connection, name, (int)count, pointers, lengths, formats, 0);
}

static int digit_of(char c)
{
	return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
}

/* The bytes of a bytea ("\x61…") or uuid, decoded where they lie: they are shorter than their digits. */
static struct gb_span unhex(char *text, size_t n)
{
	size_t from = n >= 2 && text[0] == '\\' ? 2 : 0;
	size_t to = 0;

	while (from + 1 < n) {
		if (text[from] == '-') {
			from++;
			continue;
		}
		text[to++] = (char)(digit_of(text[from]) << 4 | digit_of(text[from + 1]));
		from += 2;
	}
	return gb_span_of(text, to);
}

static struct gb_sql_value read_value(const PGresult *result, int row, int column)
{
	char *text = PQgetvalue(result, row, column);
	size_t n = (size_t)PQgetlength(result, row, column);

	if (PQgetisnull(result, row, column))
		return gb_sql_null();
	switch (PQftype(result, column)) {
	case OID_BOOL: return gb_sql_integer(text[0] == 't');
	case OID_INT2:
	case OID_INT4:
	case OID_INT8: return gb_sql_integer(strtoll(text, NULL, 10));
	case OID_NUMERIC:
		return strchr(text, '.') == NULL ? gb_sql_integer(strtoll(text, NULL, 10))
		                                 : gb_sql_real(strtod(text, NULL));
	case OID_FLOAT4:
	case OID_FLOAT8: return gb_sql_real(strtod(text, NULL));
	case OID_BYTEA:
	case OID_UUID: return gb_sql_bytes(unhex(text, n));
	default: return gb_sql_text(gb_span_of(text, n));
	}
}

static int hand_out(const PGresult *result, gb_sql_row *on_row, void *context, struct gb_diag *diag)
{
	struct gb_sql_value columns[GB_SQL_COLUMNS_MAX];
	int column_count = PQnfields(result);
	int row_count = PQntuples(result);

	if (column_count > (int)GB_SQL_COLUMNS_MAX)
		return gb_diag_set(diag, -EINVAL, 0, 0, "more than %u columns", GB_SQL_COLUMNS_MAX);
	for (int row = 0; on_row != NULL && row < row_count; row++) {
		int wish;

		for (int i = 0; i < column_count; i++)
			columns[i] = read_value(result, row, i);
		wish = on_row(context, columns, (size_t)column_count);
		if (wish < 0)
			return wish;
		if (wish > 0)
			return row + 1;
	}
	return row_count;
}

static int postgres_run(struct gb_store *store, const char *text, const struct gb_sql_value *values, size_t count,
        gb_sql_row *on_row, void *context, struct gb_diag *diag)
{
	struct gb_postgres *postgres = store->connection;
	struct gb_postgres_statement *statement = NULL;
	int r = ensure_connected(store, diag);

	if (r >= 0)
		r = find_statement(store, text, &statement, diag);
	if (r < 0)
		return r;
	GB_CLEANUP(clear_resultp) PGresult *result = execute(postgres, statement->name, values, count);
	switch ((int)PQresultStatus(result)) {
	case PGRES_TUPLES_OK: return hand_out(result, on_row, context, diag);
	case PGRES_COMMAND_OK: return (int)strtol(PQcmdTuples(result), NULL, 10);
	default: break;
	}
	r = gb_postgres_error(store, result, diag);
	if (r == -EAGAIN) {
		/* A plan that is of no use any more is made anew next time; its name is not used again. */
		free(statement->text);
		*statement = (struct gb_postgres_statement){.text = NULL};
	}
	return r;
}

static int postgres_script(struct gb_store *store, const char *text, struct gb_diag *diag)
{
	int r = ensure_connected(store, diag);

	return r < 0 ? r : gb_postgres_say(store, text, diag);
}

static int postgres_begin(struct gb_store *store, struct gb_diag *diag)
{
	struct gb_postgres *postgres = store->connection;

	postgres->is_broken = false;
	return postgres_script(store, "BEGIN", diag);
}

static int postgres_commit(struct gb_store *store, struct gb_diag *diag)
{
	struct gb_postgres *postgres = store->connection;
	GB_CLEANUP(clear_resultp) PGresult *result = PQexec(postgres->connection, "COMMIT");

	if (PQresultStatus(result) != PGRES_COMMAND_OK)
		return gb_postgres_error(store, result, diag);
	/* COMMIT of a broken transaction is answered by ROLLBACK, which is no error to PostgreSQL. */
	if (strcmp(PQcmdStatus(result), "COMMIT") != 0)
		return gb_diag_set(diag, -ECANCELED, 0, 0, "the transaction was broken and is rolled back");
	return 0;
}

static void postgres_rollback(struct gb_store *store)
{
	struct gb_postgres *postgres = store->connection;

	if (PQstatus(postgres->connection) == CONNECTION_OK)
		PQclear(PQexec(postgres->connection, "ROLLBACK"));
	postgres->is_broken = false;
}

static void postgres_close(struct gb_store *store)
{
	struct gb_postgres *postgres = store->connection;

	if (postgres == NULL)
		return;
	forget_statements(postgres);
	/* The server would give locks back some time after we are gone. */
	if (PQstatus(postgres->connection) == CONNECTION_OK)
		PQclear(PQexec(postgres->connection, "SELECT pg_advisory_unlock_all()"));
	PQfinish(postgres->connection);
	free(postgres);
	store->connection = NULL;
}

static const struct gb_store_driver postgres_driver = {
        .kind = GB_STORE_POSTGRES,
        .close = postgres_close,
        .run = postgres_run,
        .script = postgres_script,
        .begin = postgres_begin,
        .commit = postgres_commit,
        .rollback = postgres_rollback,
        .insert = gb_postgres_insert,
        .count = gb_postgres_count,
        .postings = gb_postgres_postings,
        .sums_read = gb_postgres_sums_read,
        .sums_write = gb_postgres_sums_write,
        .lock = gb_postgres_lock,
        .unlock = gb_postgres_unlock,
        .size = gb_postgres_size,
        .events_size = gb_postgres_events_size,
        .backup = gb_postgres_backup,
};

static void say_nothing(void *context, const char *message)
{
	(void)context, (void)message;
}

int gb_postgres_open(struct gb_store *store, const char *url, struct gb_diag *diag)
{
	/* What stands in the URL comes last, and counts. */
	const char *keys[] = {"application_name", "connect_timeout", "tcp_user_timeout", "keepalives_idle",
	        "client_encoding", "dbname", NULL};
	const char *values[] = {"gambeson", "10", "30000", "30", "UTF8", url, NULL};
	struct gb_postgres *postgres = calloc(1, sizeof *postgres);

	if (postgres == NULL)
		return gb_diag_set(diag, -ENOMEM, 0, 0, "out of memory");
	store->connection = postgres;
	store->driver = &postgres_driver;
	postgres->connection = PQconnectdbParams(keys, values, 1);
	PQsetNoticeProcessor(postgres->connection, say_nothing, NULL);
	if (PQstatus(postgres->connection) != CONNECTION_OK)
		return gb_postgres_error(store, NULL, diag);
	return gb_postgres_say(store, settings, diag);
}
