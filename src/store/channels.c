/* SPDX-License-Identifier: Apache-2.0 */
#include "store/channels.h"

#include "store/copy.h"
#include "store/outbox.h"

#define COLUMNS                                                                                                        \
	"name, kind, config, filter, secrets, last_error, id, severity_min, window_ms, cursor_n, created, changed, "   \
	"last_sent, failures, not_before, is_enabled"
#define TEXTS 6u

static struct gb_channel channel_of(const struct gb_sql_value *columns)
{
	return (struct gb_channel){
	        .name = columns[0].bytes,
	        .kind = columns[1].bytes,
	        .config = columns[2].bytes,
	        .filter = columns[3].bytes,
	        .secrets = columns[4].bytes,
	        .last_error = columns[5].bytes,
	        .id = columns[6].integer,
	        .severity_min = columns[7].integer,
	        .window_ms = columns[8].integer,
	        .after = columns[9].integer,
	        .created = columns[10].integer,
	        .changed = columns[11].integer,
	        .last_sent = columns[12].integer,
	        .failures = columns[13].integer,
	        .not_before = columns[14].integer,
	        .is_enabled = columns[15].integer != 0,
	};
}

static struct gb_sql_value sealed(struct gb_span secrets)
{
	return secrets.n > 0 ? gb_sql_bytes(secrets) : gb_sql_null();
}

int gb_channel_add(struct gb_store *store, const struct gb_channel *channel, int64_t *ret_id, struct gb_diag *diag)
{
	const struct gb_sql_value values[] = {
	        gb_sql_text(channel->name),
	        gb_sql_text(channel->kind),
	        gb_sql_text(channel->config),
	        gb_sql_text(channel->filter),
	        sealed(channel->secrets),
	        gb_sql_integer(channel->severity_min),
	        gb_sql_integer(channel->window_ms),
	        gb_sql_integer(channel->after),
	        gb_sql_integer(channel->created),
	        gb_sql_integer(channel->is_enabled),
	};

	return gb_sql_integer_of(store,
	        "INSERT INTO channels (name, kind, config, filter, secrets, severity_min, window_ms, cursor_n, "
	        "created, "
	        "changed, is_enabled) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10) RETURNING id",
	        values, 10, ret_id, diag);
}

int gb_channel_change(struct gb_store *store, const struct gb_channel *channel, struct gb_diag *diag)
{
	const struct gb_sql_value values[] = {
	        gb_sql_integer(channel->id),
	        gb_sql_text(channel->name),
	        gb_sql_text(channel->config),
	        gb_sql_text(channel->filter),
	        sealed(channel->secrets),
	        gb_sql_integer(channel->severity_min),
	        gb_sql_integer(channel->window_ms),
	        gb_sql_integer(channel->is_enabled),
	        gb_sql_integer(channel->changed),
	};

	return gb_sql_run(store,
	        "UPDATE channels SET name = $2, config = $3, filter = $4, secrets = $5, severity_min = $6, "
	        "window_ms = $7, is_enabled = $8, changed = $9, failures = 0, not_before = 0, last_error = '' "
	        "WHERE id = $1",
	        values, 9, NULL, NULL, diag);
}

int gb_channel_delete(struct gb_store *store, int64_t id, struct gb_diag *diag)
{
	const struct gb_sql_value value = gb_sql_integer(id);
	int r = gb_sql_run(store, "DELETE FROM outbox WHERE channel = $1", &value, 1, NULL, NULL, diag);

	return r < 0 ? r : gb_sql_run(store, "DELETE FROM channels WHERE id = $1", &value, 1, NULL, NULL, diag);
}

struct one {
	struct gb_arena *arena;
	struct gb_channel *channel;
};

static int keep(void *context, const struct gb_sql_value *columns, size_t count)
{
	const struct one *one = context;
	struct gb_channel channel = channel_of(columns);
	struct gb_span *texts[TEXTS] = {
	        &channel.name, &channel.kind, &channel.config, &channel.filter, &channel.secrets, &channel.last_error};
	int r = gb_store_copy(one->arena, columns, texts, TEXTS);

	(void)count;
	if (r < 0)
		return r;
	*one->channel = channel;
	return 1;
}

int gb_channel_get(struct gb_store *store, int64_t id, struct gb_arena *arena, struct gb_channel *ret_channel,
        struct gb_diag *diag)
{
	const struct gb_sql_value value = gb_sql_integer(id);
	struct one one = {arena, ret_channel};

	return gb_sql_run(store, "SELECT " COLUMNS " FROM channels WHERE id = $1", &value, 1, keep, &one, diag);
}

struct each {
	gb_channel_row *on_row;
	void *context;
};

static int hand_out(void *context, const struct gb_sql_value *columns, size_t count)
{
	const struct each *each = context;
	const struct gb_channel channel = channel_of(columns);

	(void)count;
	return each->on_row(each->context, &channel);
}

int gb_channels_list(struct gb_store *store, int64_t after, size_t limit, gb_channel_row *on_row, void *context,
        struct gb_diag *diag)
{
	const struct gb_sql_value values[] = {gb_sql_integer(after), gb_sql_integer((int64_t)limit)};
	struct each each = {on_row, context};

	return gb_sql_run(store, "SELECT " COLUMNS " FROM channels WHERE id > $1 ORDER BY id LIMIT $2", values, 2,
	        hand_out, &each, diag);
}

int gb_channel_claim(struct gb_store *store, int64_t now, int64_t lease_until, struct gb_arena *arena,
        struct gb_channel *ret_channel, struct gb_diag *diag)
{
	const struct gb_sql_value now_value = gb_sql_integer(now);
	struct gb_sql_value values[] = {gb_sql_null(), now_value, gb_sql_integer(lease_until)};
	struct gb_sql_value states[] = {
	        gb_sql_null(), gb_sql_integer(GB_OUTBOX_SENDING), gb_sql_integer(GB_OUTBOX_WAITING)};
	struct one one = {arena, ret_channel};
	int64_t id = 0;
	/* What is being sent under a lease that has ended was left behind by a sender that died. */
	int r = gb_sql_integer_of(store,
	        "SELECT c.id FROM channels c WHERE c.is_enabled = 1 AND c.lease <= $1 AND c.not_before <= $1 AND "
	        "(EXISTS (SELECT 1 FROM outbox o WHERE o.state = 0 AND o.channel = c.id AND o.due <= $1) OR "
	        "EXISTS (SELECT 1 FROM outbox o WHERE o.state = 1 AND o.channel = c.id)) ORDER BY c.lease, c.id LIMIT "
	        "1",
	        &now_value, 1, &id, diag);

	if (r <= 0)
		return r;
	values[0] = states[0] = gb_sql_integer(id);
	r = gb_sql_run(
	        store, "UPDATE channels SET lease = $3 WHERE id = $1 AND lease <= $2", values, 3, NULL, NULL, diag);
	if (r <= 0)
		return r;
	r = gb_sql_run(
	        store, "UPDATE outbox SET state = $3 WHERE channel = $1 AND state = $2", states, 3, NULL, NULL, diag);
	if (r < 0)
		return r;
	return gb_sql_run(store, "SELECT " COLUMNS " FROM channels WHERE id = $1", values, 1, keep, &one, diag);
}

int gb_channel_extend(struct gb_store *store, int64_t id, int64_t previous, int64_t lease_until, struct gb_diag *diag)
{
	const struct gb_sql_value values[] = {
	        gb_sql_integer(id), gb_sql_integer(previous), gb_sql_integer(lease_until)};

	return gb_sql_run(
	        store, "UPDATE channels SET lease = $3 WHERE id = $1 AND lease = $2", values, 3, NULL, NULL, diag);
}

int gb_channel_settle(struct gb_store *store, const struct gb_channel *channel, int64_t lease, struct gb_diag *diag)
{
	const struct gb_sql_value values[] = {
	        gb_sql_integer(channel->id),
	        gb_sql_integer(channel->failures),
	        gb_sql_integer(channel->not_before),
	        gb_sql_integer(channel->last_sent),
	        gb_sql_text(channel->last_error),
	        gb_sql_integer(lease),
	};

	return gb_sql_run(store,
	        "UPDATE channels SET lease = 0, failures = $2, not_before = $3, last_sent = $4, last_error = $5 "
	        "WHERE id = $1 AND lease = $6",
	        values, 6, NULL, NULL, diag);
}

int gb_channels_cursor(struct gb_store *store, int64_t *ret_n, struct gb_diag *diag)
{
	*ret_n = 0;
	return gb_sql_integer_of(store, "SELECT value FROM counters WHERE name = 'tell'", NULL, 0, ret_n, diag);
}

int gb_channels_cursor_set(struct gb_store *store, int64_t n, struct gb_diag *diag)
{
	const struct gb_sql_value value = gb_sql_integer(n);

	return gb_sql_run(store, "UPDATE counters SET value = $1 WHERE name = 'tell'", &value, 1, NULL, NULL, diag);
}
