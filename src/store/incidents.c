/* SPDX-License-Identifier: Apache-2.0 */
#include "store/incidents.h"

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "store/store.h"

#include <errno.h>
#include <string.h>

#define COLUMNS                                                                                                        \
	"i.id, i.kind, i.title, i.account, i.source_ip, i.request, i.function, i.first_time, i.last_time, i.severity," \
	" i.n, i.blocked, i.techniques, i.status"

struct rows {
	gb_incident_row *on_row;
	void *context;
};

static int take_row(void *context, const struct gb_sql_value *c, size_t count)
{
	const struct rows *rows = context;
	struct gb_incident incident = {.id = c[0].integer,
	        .kind = c[1].bytes,
	        .title = c[2].bytes,
	        .account = c[3].bytes,
	        .source_ip = c[4].bytes,
	        .request = c[5].bytes,
	        .function = c[6].integer,
	        .first = c[7].integer,
	        .last = c[8].integer,
	        .severity = (enum gb_event_severity)c[9].integer,
	        .events = c[10].integer,
	        .blocked = c[11].integer,
	        .techniques = c[12].bytes,
	        .status = c[13].integer};

	(void)count;
	return rows->on_row(rows->context, &incident);
}

/* What joining changes of an incident. */
struct known {
	int64_t n;
	char techniques[GB_INCIDENT_TECHNIQUES_MAX * 16 + 2];
	struct gb_text text;
};

static int take_known(void *context, const struct gb_sql_value *c, size_t count)
{
	struct known *known = context;

	(void)count;
	known->n = c[0].integer;
	if (c[1].bytes.n >= 2) {
		/* Without its closing bracket: more may follow. */
		gb_text_add(&known->text, gb_span_sub(c[1].bytes, 0, c[1].bytes.n - 1));
	}
	return 0;
}

static bool is_technique(struct gb_span id)
{
	for (size_t i = 0; i < id.n; i++)
		if (!gb_ascii_is_digit(id.p[i]) && !gb_ascii_is_alpha(id.p[i]) && id.p[i] != '.')
			return false;
	return id.n != 0 && id.n <= 12;
}

/* The list with those of FINDING that are not in it yet, and its closing bracket. */
static void add_techniques(struct known *known, const struct gb_incident_finding *finding)
{
	for (size_t i = 0; i < finding->technique_count; i++) {
		char quoted[16];
		struct gb_text text = gb_text_on(quoted, sizeof(quoted));

		if (!is_technique(finding->techniques[i]))
			continue;
		gb_text_add_byte(&text, '"');
		gb_text_add(&text, finding->techniques[i]);
		gb_text_add_byte(&text, '"');
		if (gb_span_find(gb_text_span(&known->text), gb_text_span(&text), 0) != SIZE_MAX ||
		        known->text.n + text.n + 2 > known->text.cap)
			continue;
		if (known->text.n > 1)
			gb_text_add_byte(&known->text, ',');
		gb_text_add(&known->text, gb_text_span(&text));
	}
	gb_text_add_byte(&known->text, ']');
}

static int find(struct gb_store *store, const struct gb_event *event, struct gb_span account, int64_t *ret,
        struct gb_diag *diag)
{
	struct gb_sql_value request[] = {gb_sql_integer(event->function), gb_sql_text(event->request)};
	struct gb_sql_value attacker[] = {gb_sql_text(account), gb_sql_text(event->source_ip),
	        gb_sql_integer(event->time - GB_INCIDENT_QUIET_MS)};
	int r = 0;

	if (event->request.n != 0)
		r = gb_sql_integer_of(store,
		        "SELECT incident FROM incident_requests WHERE function = $1 AND request = $2", request, 2, ret,
		        diag);
	if (r == 0 && event->source_ip.n != 0)
		r = gb_sql_integer_of(store,
		        "SELECT id FROM incidents WHERE account = $1 AND key = $2 AND status = 0 AND last_time >= $3"
		        " ORDER BY last_time DESC LIMIT 1",
		        attacker, 3, ret, diag);
	return r;
}

static int open_new(struct gb_store *store, const struct gb_event *event, const struct gb_incident_finding *finding,
        int64_t *ret, struct gb_diag *diag)
{
	bool is_attacker = event->source_ip.n != 0;
	int64_t now = gb_store_now_ms(store);
	struct gb_sql_value values[] = {gb_sql_integer(now), gb_sql_integer(event->time),
	        gb_sql_integer(event->function), gb_sql_text(is_attacker ? event->source_ip : event->request),
	        gb_sql_text(finding->message), gb_sql_cstr(is_attacker ? "attacker" : "request"),
	        gb_sql_text(finding->account), gb_sql_text(event->source_ip), gb_sql_text(event->request)};

	return gb_sql_integer_of(store,
	        "INSERT INTO incidents (opened, updated, first_time, last_time, function, key, title, severity, kind, "
	        "account,"
	        " source_ip, request) VALUES ($1, $1, $2, $2, $3, $4, $5, 0, $6, $7, $8, $9) RETURNING id",
	        values, sizeof(values) / sizeof(values[0]), ret, diag);
}

static int add_event(struct gb_store *store, const struct gb_event *event, int64_t incident,
        const struct gb_incident_finding *finding, struct gb_diag *diag)
{
	struct known known = {0};
	struct gb_sql_value id = gb_sql_integer(incident);
	struct gb_sql_value names[] = {id, gb_sql_integer(event->n), gb_sql_integer(event->time),
	        gb_sql_bytes(gb_span_of(event->id, sizeof(event->id)))};
	struct gb_sql_value changes[6];
	int r;

	known.text = gb_text_on(known.techniques, sizeof(known.techniques));
	r = gb_sql_run(store, "SELECT n, techniques FROM incidents WHERE id = $1", &id, 1, take_known, &known, diag);
	if (r < 0)
		return r;
	if (known.text.n == 0)
		gb_text_add_byte(&known.text, '[');
	add_techniques(&known, finding);
	changes[0] = id;
	changes[1] = gb_sql_integer(event->time);
	changes[2] = gb_sql_integer(event->facets.severity);
	changes[3] = gb_sql_integer(gb_span_equal(event->facets.action, GB_SPAN("blocked")));
	changes[4] = gb_sql_text(gb_text_span(&known.text));
	changes[5] = gb_sql_integer(gb_store_now_ms(store));
	r = gb_sql_run(store,
	        "UPDATE incidents SET first_time = CASE WHEN first_time > $2 THEN $2 ELSE first_time END,"
	        " last_time = CASE WHEN last_time < $2 THEN $2 ELSE last_time END,"
	        " title = CASE WHEN severity < $3 AND n > 0 THEN CAST($7 AS TEXT) ELSE title END,"
	        " severity = CASE WHEN severity < $3 THEN $3 ELSE severity END, n = n + 1, blocked = blocked + $4,"
	        " techniques = $5, updated = $6 WHERE id = $1",
	        (struct gb_sql_value[]){changes[0], changes[1], changes[2], changes[3], changes[4], changes[5],
	                gb_sql_text(finding->message)},
	        7, NULL, NULL, diag);
	if (r < 0 || known.n >= (int64_t)GB_INCIDENT_EVENTS_MAX)
		return r < 0 ? r : 0;
	return gb_sql_run(store,
	        "INSERT INTO incident_events (incident, event_n, time, id) VALUES ($1, $2, $3, $4) ON CONFLICT DO "
	        "NOTHING",
	        names, 4, NULL, NULL, diag);
}

int gb_incident_join(struct gb_store *store, const struct gb_event *event, const struct gb_incident_finding *finding,
        int64_t *ret_incident, struct gb_diag *diag)
{
	int r;

	*ret_incident = 0;
	if (event->request.n == 0 && event->source_ip.n == 0)
		return 0;
	r = find(store, event, finding->account, ret_incident, diag);
	if (r == 0)
		r = open_new(store, event, finding, ret_incident, diag);
	if (r > 0 && event->request.n != 0) {
		struct gb_sql_value values[] = {
		        gb_sql_integer(event->function), gb_sql_text(event->request), gb_sql_integer(*ret_incident)};

		r = gb_sql_run(store,
		        "INSERT INTO incident_requests (function, request, incident) VALUES ($1, $2, $3) ON CONFLICT "
		        "DO NOTHING",
		        values, 3, NULL, NULL, diag);
	}
	return r < 0 ? r : add_event(store, event, *ret_incident, finding, diag);
}

int gb_incidents_list(struct gb_store *store, const struct gb_scope *scope, const struct gb_incident_filter *filter,
        size_t limit, gb_incident_row *on_row, void *context, struct gb_diag *diag)
{
	GB_CLEANUP(gb_arena_freep) struct gb_arena *arena = gb_arena_new();
	bool has_cursor = filter->behind.n != 0;
	struct rows rows = {on_row, context};
	struct gb_sql_value values[] = {{0}, gb_sql_integer(filter->from),
	        gb_sql_integer(filter->before != 0 ? filter->before : INT64_MAX), gb_sql_integer(filter->function),
	        gb_sql_text(filter->source_ip), gb_sql_integer(filter->severity_min),
	        gb_sql_integer(filter->status_plus_1), gb_sql_integer(has_cursor ? filter->behind.time : INT64_MAX),
	        gb_sql_integer(has_cursor ? filter->behind.n : INT64_MAX), gb_sql_integer((int64_t)limit)};

	if (arena == NULL || gb_scope_value(scope, arena, &values[0]) < 0)
		return -ENOMEM;
	return gb_sql_run(store,
	        "SELECT " COLUMNS " FROM incidents i LEFT JOIN functions f ON f.id = i.function WHERE "
	        "gb_in_scope($1, COALESCE(f.account, i.account), COALESCE(f.tags, '{}'))"
	        " AND i.last_time >= $2 AND i.last_time < $3 AND (CAST($4 AS BIGINT) = 0 OR i.function = $4)"
	        " AND (CAST($5 AS TEXT) = '' OR i.source_ip = $5) AND i.severity >= $6"
	        " AND (CAST($7 AS BIGINT) = 0 OR i.status + 1 = $7)"
	        " AND (i.last_time < $8 OR (i.last_time = $8 AND i.id < $9))"
	        " ORDER BY i.last_time DESC, i.id DESC LIMIT $10",
	        values, sizeof(values) / sizeof(values[0]), take_row, &rows, diag);
}

int gb_incident_get(struct gb_store *store, const struct gb_scope *scope, int64_t id, gb_incident_row *on_row,
        void *context, struct gb_diag *diag)
{
	GB_CLEANUP(gb_arena_freep) struct gb_arena *arena = gb_arena_new();
	struct rows rows = {on_row, context};
	struct gb_sql_value values[2] = {{0}, gb_sql_integer(id)};

	if (arena == NULL || gb_scope_value(scope, arena, &values[0]) < 0)
		return -ENOMEM;
	return gb_sql_run(store,
	        "SELECT " COLUMNS " FROM incidents i LEFT JOIN functions f ON f.id = i.function WHERE "
	        "gb_in_scope($1, COALESCE(f.account, i.account), COALESCE(f.tags, '{}')) AND i.id = $2",
	        values, 2, take_row, &rows, diag);
}

struct events {
	struct gb_store *store;
	const struct gb_scope *scope;
	gb_event_row *on_event;
	void *context;
	struct gb_diag *diag;
};

static int take_event(void *context, const struct gb_sql_value *c, size_t count)
{
	const struct events *events = context;
	unsigned char id[GB_EVENT_ID_BYTES];
	int r;

	(void)count;
	if (c[0].bytes.n != sizeof(id))
		return 0;
	memcpy(id, c[0].bytes.p, sizeof(id));
	r = gb_event_get(events->store, events->scope, id, events->on_event, events->context, events->diag);
	return r < 0 ? r : 0;
}

int gb_incident_events(struct gb_store *store, const struct gb_scope *scope, int64_t id, size_t limit,
        gb_event_row *on_event, void *context, struct gb_diag *diag)
{
	struct events events = {store, scope, on_event, context, diag};
	struct gb_sql_value values[] = {gb_sql_integer(id), gb_sql_integer((int64_t)limit)};

	return gb_sql_run(store, "SELECT id FROM incident_events WHERE incident = $1 ORDER BY time, event_n LIMIT $2",
	        values, 2, take_event, &events, diag);
}

int gb_incident_of_event(
        struct gb_store *store, const unsigned char id[GB_EVENT_ID_BYTES], int64_t *ret_id, struct gb_diag *diag)
{
	struct gb_sql_value value = gb_sql_bytes(gb_span_of(id, GB_EVENT_ID_BYTES));

	return gb_sql_integer_of(store, "SELECT incident FROM incident_events WHERE id = $1", &value, 1, ret_id, diag);
}

int gb_incident_set_status(
        struct gb_store *store, const struct gb_scope *scope, int64_t id, int64_t status, struct gb_diag *diag)
{
	GB_CLEANUP(gb_arena_freep) struct gb_arena *arena = gb_arena_new();
	struct gb_sql_value values[3] = {{0}, gb_sql_integer(id), gb_sql_integer(status)};

	if (arena == NULL || gb_scope_value(scope, arena, &values[0]) < 0)
		return -ENOMEM;
	return gb_sql_run(store,
	        "UPDATE incidents SET status = $3 WHERE id = $2 AND gb_in_scope($1,"
	        " COALESCE((SELECT f.account FROM functions f WHERE f.id = incidents.function), account),"
	        " COALESCE((SELECT f.tags FROM functions f WHERE f.id = incidents.function), '{}'))",
	        values, 3, NULL, NULL, diag);
}

int gb_incidents_retain(struct gb_store *store, int64_t before, struct gb_diag *diag)
{
	static const char old[] = "DELETE FROM incidents WHERE id IN"
	                          " (SELECT id FROM incidents WHERE last_time < $1 ORDER BY last_time LIMIT 1000)";
	static const char *const parts[] = {
	        "DELETE FROM incident_events WHERE incident IN"
	        " (SELECT id FROM incidents WHERE last_time < $1 ORDER BY last_time LIMIT 1000)",
	        "DELETE FROM incident_requests WHERE incident IN"
	        " (SELECT id FROM incidents WHERE last_time < $1 ORDER BY last_time LIMIT 1000)"};
	struct gb_sql_value value = gb_sql_integer(before);
	int r = gb_store_begin(store, diag), gone;

	for (size_t i = 0; r >= 0 && i < sizeof(parts) / sizeof(parts[0]); i++)
		r = gb_sql_run(store, parts[i], &value, 1, NULL, NULL, diag);
	gone = r < 0 ? r : gb_sql_run(store, old, &value, 1, NULL, NULL, diag);
	r = gone < 0 ? gone : gb_store_commit(store, diag);
	if (r < 0) {
		gb_store_rollback(store);
		return r;
	}
	return gone;
}
