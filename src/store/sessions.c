/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sessions.h"

#include "store/copy.h"

#define COLUMNS "hash, csrf, address, agent, user_id, created, last_used, expires"
#define TEXTS   4u

static struct gb_session session_of(const struct gb_sql_value *columns)
{
	return (struct gb_session){
	        .hash = columns[0].bytes,
	        .csrf = columns[1].bytes,
	        .address = columns[2].bytes,
	        .agent = columns[3].bytes,
	        .user = columns[4].integer,
	        .created = columns[5].integer,
	        .last_used = columns[6].integer,
	        .expires = columns[7].integer,
	};
}

int gb_session_add(struct gb_store *store, const struct gb_session *session, struct gb_diag *diag)
{
	const struct gb_sql_value values[] = {
	        gb_sql_bytes(session->hash),
	        gb_sql_integer(session->user),
	        gb_sql_bytes(session->csrf),
	        gb_sql_integer(session->created),
	        gb_sql_integer(session->last_used),
	        gb_sql_integer(session->expires),
	        gb_sql_text(session->address),
	        gb_sql_text(session->agent),
	};

	return gb_sql_run(store,
	        "INSERT INTO sessions (hash, user_id, csrf, created, last_used, expires, address, agent) "
	        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
	        values, 8, NULL, NULL, diag);
}

struct one {
	struct gb_arena *arena;
	struct gb_session *session;
};

static int keep(void *context, const struct gb_sql_value *columns, size_t count)
{
	struct one *one = context;
	struct gb_session session = session_of(columns);
	struct gb_span *texts[TEXTS] = {&session.hash, &session.csrf, &session.address, &session.agent};
	int r = gb_store_copy(one->arena, columns, texts, TEXTS);

	(void)count;
	if (r < 0)
		return r;
	*one->session = session;
	return 1;
}

int gb_session_get(struct gb_store *store, struct gb_span hash, struct gb_arena *arena, struct gb_session *ret_session,
        struct gb_diag *diag)
{
	const struct gb_sql_value value = gb_sql_bytes(hash);
	struct one one = {arena, ret_session};

	return gb_sql_run(store, "SELECT " COLUMNS " FROM sessions WHERE hash = $1", &value, 1, keep, &one, diag);
}

int gb_session_used(struct gb_store *store, struct gb_span hash, int64_t now, struct gb_diag *diag)
{
	const struct gb_sql_value values[] = {gb_sql_bytes(hash), gb_sql_integer(now)};

	return gb_sql_run(store, "UPDATE sessions SET last_used = $2 WHERE hash = $1", values, 2, NULL, NULL, diag);
}

int gb_session_delete(struct gb_store *store, struct gb_span hash, struct gb_diag *diag)
{
	const struct gb_sql_value value = gb_sql_bytes(hash);

	return gb_sql_run(store, "DELETE FROM sessions WHERE hash = $1", &value, 1, NULL, NULL, diag);
}

int gb_sessions_delete(struct gb_store *store, int64_t user, struct gb_span but, struct gb_diag *diag)
{
	const struct gb_sql_value values[] = {gb_sql_integer(user), gb_sql_bytes(but)};

	return gb_sql_run(store, "DELETE FROM sessions WHERE user_id = $1 AND hash <> $2", values, 2, NULL, NULL, diag);
}

int gb_sessions_expire(struct gb_store *store, int64_t now, int64_t idle_before, struct gb_diag *diag)
{
	const struct gb_sql_value values[] = {gb_sql_integer(now), gb_sql_integer(idle_before)};

	return gb_sql_run(
	        store, "DELETE FROM sessions WHERE expires <= $1 OR last_used < $2", values, 2, NULL, NULL, diag);
}

struct each {
	gb_session_row *on_row;
	void *context;
};

static int hand_out(void *context, const struct gb_sql_value *columns, size_t count)
{
	const struct each *each = context;
	const struct gb_session session = session_of(columns);

	(void)count;
	return each->on_row(each->context, &session);
}

int gb_sessions_list(
        struct gb_store *store, int64_t user, size_t limit, gb_session_row *on_row, void *context, struct gb_diag *diag)
{
	const struct gb_sql_value values[] = {gb_sql_integer(user), gb_sql_integer((int64_t)limit)};
	struct each each = {on_row, context};

	return gb_sql_run(store,
	        "SELECT " COLUMNS " FROM sessions WHERE $1 = 0 OR user_id = $1 ORDER BY created DESC, hash LIMIT $2",
	        values, 2, hand_out, &each, diag);
}
