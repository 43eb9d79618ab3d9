/* SPDX-License-Identifier: Apache-2.0 */
/* Joins findings to incidents behind their arrival: in one server of all, in transactions with the place that was come to. */
#include "base/arena.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "control/event_json.h"
#include "store/incidents.h"
#include "store/settings.h"
#include "store/store.h"

#include <errno.h>

#define BATCH      500u
#define BATCHES    20 /* of one run */
#define CURSOR_KEY "incidents.after"

struct joining {
	struct gb_store *store;
	struct gb_diag *diag;
};

static int take_account(void *context, const struct gb_function *function)
{
	struct gb_text *account = context;

	gb_text_add(account, gb_span_sub(function->account, 0, account->cap));
	return 1;
}

static int join(void *context, const struct gb_event *event)
{
	const struct joining *joining = context;
	struct gb_span techniques[GB_INCIDENT_TECHNIQUES_MAX];
	struct gb_incident_finding finding = {.techniques = techniques};
	char bytes[GB_FUNCTION_NAME_MAX];
	struct gb_text account = gb_text_on(bytes, sizeof(bytes));
	const json_t *attack, *item;
	json_t *line;
	int64_t incident;
	size_t i;
	int r;

	/* What a text only mentions is no attack. */
	if (!gb_span_equal(event->facets.kind, GB_SPAN("finding")) || event->facets.severity <= GB_SEVERITY_LOW)
		return 0;
	line = json_loadb((const char *)event->body.p, event->body.n, 0, NULL);
	attack = json_object_get(line, "attack");
	json_array_foreach(
	        attack, i, item) if (finding.technique_count < GB_INCIDENT_TECHNIQUES_MAX && json_is_string(item))
	        techniques[finding.technique_count++] = gb_span_cstr(json_string_value(item));
	finding.message = gb_span_cstr(json_string_value(json_object_get(line, "message")));
	r = gb_function_get(joining->store, NULL, event->function, take_account, &account, joining->diag);
	finding.account = gb_text_span(&account);
	if (r >= 0)
		r = gb_incident_join(joining->store, event, &finding, &incident, joining->diag);
	json_decref(line);
	return r < 0 ? r : 0;
}

static int read_cursor(struct gb_store *store, int64_t *ret_after, struct gb_diag *diag)
{
	GB_CLEANUP(gb_arena_freep) struct gb_arena *arena = gb_arena_new();
	struct gb_span text = GB_SPAN_EMPTY;
	uint64_t after = 0;
	int r = arena == NULL ? -ENOMEM : gb_setting_get(store, CURSOR_KEY, arena, &text, diag);

	(void)gb_span_to_u64(text, &after);
	*ret_after = (int64_t)after;
	return r;
}

static int write_cursor(struct gb_store *store, int64_t after, struct gb_diag *diag)
{
	char bytes[24];
	struct gb_text text = gb_text_on(bytes, sizeof(bytes));

	gb_text_add_i64(&text, after);
	return gb_setting_put(store, CURSOR_KEY, gb_text_span(&text), diag);
}

static int run_batch(struct gb_store *store, struct gb_diag *diag)
{
	struct joining joining = {store, diag};
	int64_t after = 0, last;
	int r = gb_store_begin(store, diag), n = 0;

	if (r >= 0)
		r = read_cursor(store, &after, diag);
	last = after;
	if (r >= 0)
		r = n = gb_events_after(store, NULL, after, BATCH, join, &joining, &last, diag);
	if (r >= 0 && last != after)
		r = write_cursor(store, last, diag);
	if (r >= 0)
		r = gb_store_commit(store, diag);
	if (r < 0)
		gb_store_rollback(store);
	return r < 0 ? r : n;
}

static int run(struct gb_store *store, void *context, struct gb_diag *diag)
{
	int all = 0;

	(void)context;
	for (int i = 0; i < BATCHES; i++) {
		int n = run_batch(store, diag);

		if (n <= 0)
			return n < 0 ? n : all;
		all += n;
	}
	return all;
}

extern const struct gb_task gb_incident_task;
const struct gb_task gb_incident_task = {.name = "incidents", .period_ms = 1000, .is_singleton = true, .run = run};
