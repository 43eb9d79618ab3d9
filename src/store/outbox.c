/* SPDX-License-Identifier: Apache-2.0 */
#include "store/outbox.h"

#define COLUMNS "key, grp, payload, error, id, channel, state, action, created, due, attempts, n, first_time, last_time"

static struct gb_outbox_message message_of(const struct gb_sql_value *columns)
{
	return (struct gb_outbox_message){
	        .key = columns[0].bytes,
	        .group = columns[1].bytes,
	        .payload = columns[2].bytes,
	        .error = columns[3].bytes,
	        .id = columns[4].integer,
	        .channel = columns[5].integer,
	        .state = (enum gb_outbox_state)columns[6].integer,
	        .action = (enum gb_outbox_action)columns[7].integer,
	        .created = columns[8].integer,
	        .due = columns[9].integer,
	        .attempts = columns[10].integer,
	        .count = columns[11].integer,
	        .first_time = columns[12].integer,
	        .last_time = columns[13].integer,
	};
}

static int take_in(
        struct gb_store *store, const struct gb_outbox_message *message, int64_t window_ms, struct gb_diag *diag)
{
	const struct gb_sql_value values[] = {
	        gb_sql_integer(message->channel),
	        gb_sql_text(message->group),
	        gb_sql_integer(message->created - window_ms),
	        gb_sql_integer(message->first_time),
	        gb_sql_integer(message->last_time),
	        gb_sql_integer(message->count),
	};

	return gb_sql_run(store,
	        "UPDATE outbox SET n = n + $6, first_time = CASE WHEN first_time < $4 THEN first_time ELSE $4 END, "
	        "last_time = CASE WHEN last_time > $5 THEN last_time ELSE $5 END "
	        "WHERE channel = $1 AND grp = $2 AND state = 0 AND action = 0 AND attempts = 0 AND created > $3",
	        values, 6, NULL, NULL, diag);
}

int gb_outbox_put(
        struct gb_store *store, const struct gb_outbox_message *message, int64_t window_ms, struct gb_diag *diag)
{
	const struct gb_sql_value values[] = {
	        gb_sql_integer(message->channel),
	        gb_sql_text(message->key),
	        gb_sql_text(message->group),
	        gb_sql_integer(message->action),
	        gb_sql_integer(message->created),
	        gb_sql_integer(message->due),
	        gb_sql_integer(message->count),
	        gb_sql_integer(message->first_time),
	        gb_sql_integer(message->last_time),
	        gb_sql_text(message->payload),
	};
	int r = window_ms > 0 ? take_in(store, message, window_ms, diag) : 0;

	if (r != 0)
		return r < 0 ? r : 2;
	return gb_sql_run(store,
	        "INSERT INTO outbox (channel, key, grp, action, created, due, n, first_time, last_time, payload) "
	        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (channel, key) DO NOTHING",
	        values, 10, NULL, NULL, diag);
}

int gb_outbox_waiting(struct gb_store *store, int64_t channel, int64_t *ret_count, struct gb_diag *diag)
{
	const struct gb_sql_value value = gb_sql_integer(channel);

	return gb_sql_integer_of(
	        store, "SELECT count(*) FROM outbox WHERE state = 0 AND channel = $1", &value, 1, ret_count, diag);
}

struct each {
	gb_outbox_row *on_row;
	void *context;
};

static int hand_out(void *context, const struct gb_sql_value *columns, size_t count)
{
	const struct each *each = context;
	const struct gb_outbox_message message = message_of(columns);

	(void)count;
	return each->on_row(each->context, &message);
}

int gb_outbox_claim(struct gb_store *store, int64_t channel, int64_t now, size_t limit, gb_outbox_row *on_row,
        void *context, struct gb_diag *diag)
{
	const struct gb_sql_value values[] = {
	        gb_sql_integer(channel), gb_sql_integer(now), gb_sql_integer((int64_t)limit)};
	struct each each = {on_row, context};

	return gb_sql_run(store,
	        "UPDATE outbox SET state = 1 WHERE id IN (SELECT id FROM outbox WHERE state = 0 AND channel = $1 AND "
	        "due <= $2 ORDER BY due, id LIMIT $3) RETURNING " COLUMNS,
	        values, 3, hand_out, &each, diag);
}

int gb_outbox_settle(struct gb_store *store, int64_t id, enum gb_outbox_state state, int64_t now, int64_t due,
        int64_t attempts, struct gb_span error, struct gb_diag *diag)
{
	const struct gb_sql_value values[] = {
	        gb_sql_integer(id),
	        gb_sql_integer(state),
	        gb_sql_integer(state == GB_OUTBOX_WAITING ? due : now),
	        gb_sql_integer(attempts),
	        gb_sql_text(error),
	};

	return gb_sql_run(store,
	        "UPDATE outbox SET state = $2, due = $3, attempts = $4, error = $5 WHERE id = $1 AND state = 1", values,
	        5, NULL, NULL, diag);
}

int gb_outbox_list(struct gb_store *store, int64_t channel, enum gb_outbox_state state, int64_t before, size_t limit,
        gb_outbox_row *on_row, void *context, struct gb_diag *diag)
{
	const struct gb_sql_value values[] = {
	        gb_sql_integer(channel),
	        gb_sql_integer(state),
	        gb_sql_integer(before > 0 ? before : INT64_MAX),
	        gb_sql_integer((int64_t)limit),
	};
	struct each each = {on_row, context};

	return gb_sql_run(store,
	        "SELECT " COLUMNS
	        " FROM outbox WHERE channel = $1 AND state = $2 AND id < $3 ORDER BY id DESC LIMIT $4",
	        values, 4, hand_out, &each, diag);
}

static int count_one(void *context, const struct gb_sql_value *columns, size_t count)
{
	int64_t *counts = context;

	(void)count;
	if (columns[0].integer >= 0 && columns[0].integer < _GB_OUTBOX_STATE_MAX)
		counts[columns[0].integer] = columns[1].integer;
	return 0;
}

int gb_outbox_count(
        struct gb_store *store, int64_t channel, int64_t ret_counts[_GB_OUTBOX_STATE_MAX], struct gb_diag *diag)
{
	const struct gb_sql_value value = gb_sql_integer(channel);

	for (size_t i = 0; i < _GB_OUTBOX_STATE_MAX; i++)
		ret_counts[i] = 0;
	return gb_sql_run(store, "SELECT state, count(*) FROM outbox WHERE channel = $1 GROUP BY state", &value, 1,
	        count_one, ret_counts, diag);
}

int gb_outbox_resend(struct gb_store *store, int64_t channel, int64_t id, int64_t now, struct gb_diag *diag)
{
	const struct gb_sql_value values[] = {gb_sql_integer(channel), gb_sql_integer(id), gb_sql_integer(now)};

	return gb_sql_run(store,
	        "UPDATE outbox SET state = 0, due = $3, attempts = 0 WHERE channel = $1 AND state = 3 AND "
	        "($2 = 0 OR id = $2)",
	        values, 3, NULL, NULL, diag);
}

int gb_outbox_clean(
        struct gb_store *store, int64_t sent_before, int64_t dead_before, size_t limit, struct gb_diag *diag)
{
	const struct gb_sql_value values[] = {
	        gb_sql_integer(sent_before), gb_sql_integer(dead_before), gb_sql_integer((int64_t)limit)};

	return gb_sql_run(store,
	        "DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE (state = 2 AND due < $1) OR "
	        "(state = 3 AND due < $2) ORDER BY id LIMIT $3)",
	        values, 3, NULL, NULL, diag);
}
