/* SPDX-License-Identifier: Apache-2.0 */
/*
 * put URL: events into a store, as collect would. Each line of standard input is {"function": {"account", "region", "name",
 * "tags"}, "events": [{"id", "time" in milliseconds, "line": {…}}]}, one batch, or {"close": ID}; each is answered with an empty
 * line once it is durable.
 */
#include "store/events.h"
#include "store/functions.h"
#include "store/store.h"

#include <jansson.h>
#include <stdio.h>

static struct gb_span text_of(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);

	return gb_span_of(json_string_value(value), json_string_length(value));
}

static int seen(struct gb_store *store, const json_t *function, int64_t *ret_id, struct gb_diag *diag)
{
	const struct gb_function_sighting sighting = {.account = text_of(function, "account"),
	        .region = text_of(function, "region"),
	        .name = text_of(function, "name"),
	        .runtime = GB_SPAN("nodejs22.x"),
	        .time = gb_store_now_ms(store),
	        .is_event = true};
	struct gb_function_ids ids = {0};
	char *tags = json_dumps(json_object_get(function, "tags"), 0);
	int r = gb_functions_seen(store, &sighting, 1, &ids, diag);
	const struct gb_sql_value values[] = {gb_sql_integer(ids.function), gb_sql_cstr(tags)};

	*ret_id = ids.function;
	if (r >= 0 && tags)
		r = gb_sql_run(store, "UPDATE functions SET tags = $2 WHERE id = $1", values, 2, NULL, NULL, diag);
	free(tags);
	return r;
}

static bool event_of(const json_t *given, int64_t function, struct gb_event *ret, char **ret_body)
{
	const json_t *line = json_object_get(given, "line");

	*ret_body = json_dumps(line, JSON_COMPACT);
	*ret = (struct gb_event){.time = json_integer_value(json_object_get(given, "time")),
	        .function = function,
	        .facets = {text_of(line, "kind"), text_of(line, "type"), text_of(line, "class"),
	                text_of(line, "control"), text_of(line, "action"), gb_severity_of(text_of(line, "severity"))},
	        .seq = -1,
	        .body = gb_span_cstr(*ret_body)};
	return *ret_body && gb_event_id_parse(text_of(given, "id"), ret->id);
}

static int put(struct gb_store *store, const json_t *batch, struct gb_diag *diag)
{
	const json_t *list = json_object_get(batch, "events");
	size_t count = json_array_size(list);
	struct gb_event *events = calloc(count + 1, sizeof(*events));
	char **bodies = calloc(count + 1, sizeof(*bodies));
	struct gb_events_inserted inserted;
	unsigned char id[GB_EVENT_ID_BYTES];
	int64_t function = 0;
	int r = events && bodies ? 0 : -1;

	if (r == 0 && gb_event_id_parse(text_of(batch, "close"), id))
		r = gb_event_set_status(store, NULL, id, 3, diag);
	else if (r == 0)
		r = seen(store, json_object_get(batch, "function"), &function, diag);
	for (size_t i = 0; r >= 0 && i < count; i++)
		r = event_of(json_array_get(list, i), function, &events[i], &bodies[i]) ? 0 : -1;
	if (r >= 0 && count > 0)
		r = gb_events_insert(store, events, count, &inserted, diag);
	for (size_t i = 0; bodies && i < count; i++)
		free(bodies[i]);
	free(bodies);
	free(events);
	return r;
}

int main(int argc, char **argv)
{
	struct gb_store *store = NULL;
	struct gb_diag diag = {.message = "not understood"};
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;
	int r = argc == 2 ? gb_store_open(argv[1], &store, &diag) : -1;

	while (r >= 0 && (n = getline(&line, &cap, stdin)) > 0) {
		json_t *batch = json_loadb(line, (size_t)n, 0, NULL);

		r = batch ? put(store, batch, &diag) : -1;
		json_decref(batch);
		if (r >= 0) {
			puts("");
			fflush(stdout);
		}
	}
	if (r < 0)
		fprintf(stderr, "put: %s\n", diag.message);
	free(line);
	gb_store_close(store);
	return r < 0;
}
