/* SPDX-License-Identifier: Apache-2.0 */
#include "control/event_json.h"
#include "store/sandboxes.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char *const statuses[] = {"open", "false_alarm", "excepted", "resolved"};

#define STATUSES (sizeof(statuses) / sizeof(statuses[0]))

const char *gb_event_status_name(int64_t status)
{
	return status >= 0 && (size_t)status < STATUSES ? statuses[status] : statuses[0];
}

int64_t gb_event_status_of(struct gb_span name)
{
	for (size_t i = 0; i < STATUSES; i++)
		if (gb_span_equal(name, gb_span_cstr(statuses[i])))
			return (int64_t)i;
	return -1;
}

/* The state of FUNCTION for people: "unprotected", "learning", "detecting", "blocking". */
static const char *state_of(const struct gb_function *function)
{
	if (function->mode.n == 0 || gb_span_equal(function->mode, GB_SPAN("off")))
		return "unprotected";
	if (!gb_span_equal(function->state, GB_SPAN("enforcing")))
		return "learning";
	return gb_span_equal(function->mode, GB_SPAN("block")) ? "blocking" : "detecting";
}

/* OBJECT gets NAME, unless the text is empty. */
static int put_text(json_t *object, const char *name, struct gb_span text)
{
	return text.n == 0 ? 0 : json_object_set_new(object, name, gb_json_text(text));
}

static int put_time(json_t *object, const char *name, int64_t ms)
{
	return ms == 0 ? 0 : json_object_set_new(object, name, gb_json_time(ms));
}

static int put_number_text(json_t *object, const char *name, int64_t number)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%" PRId64, number);
	return json_object_set_new(object, name, json_string(text));
}

json_t *gb_function_json(const struct gb_function *function)
{
	json_t *tags = json_loadb((const char *)function->tags.p, function->tags.n, 0, NULL);
	json_t *object = json_pack("{s:s, s:o, s:I, s:f}", "state", state_of(function), "tags",
	        tags != NULL ? tags : json_object(), "learning_percent", (json_int_t)function->learning_percent,
	        "bound", function->bound);

	if (object == NULL)
		return NULL;
	if (put_number_text(object, "id", function->id) < 0 ||
	        json_object_set_new(object, "account", gb_json_text(function->account)) < 0 ||
	        json_object_set_new(object, "region", gb_json_text(function->region)) < 0 ||
	        json_object_set_new(object, "name", gb_json_text(function->name)) < 0 ||
	        json_object_set_new(
	                object, "mode", gb_json_text(function->mode.n != 0 ? function->mode : GB_SPAN("off"))) < 0 ||
	        put_text(object, "posture", function->posture) < 0 ||
	        put_text(object, "runtime", function->runtime) < 0 ||
	        put_text(object, "agent_version", function->agent_version) < 0 ||
	        put_text(object, "group", function->group) < 0 || put_text(object, "learning", function->state) < 0 ||
	        put_time(object, "first_seen", function->first_seen) < 0 ||
	        put_time(object, "last_seen", function->last_seen) < 0 ||
	        put_time(object, "last_event", function->last_event) < 0) {
		json_decref(object);
		return NULL;
	}
	return object;
}

void gb_event_names_begin(struct gb_event_names *names, struct gb_store *store, struct gb_arena *arena)
{
	names->store = store;
	names->arena = arena;
	names->count = 0;
}

static struct gb_span keep(struct gb_arena *arena, struct gb_span text)
{
	unsigned char *copy = gb_arena_take(arena, text.n + 1);

	if (copy == NULL)
		return GB_SPAN_EMPTY;
	memcpy(copy, text.p, text.n);
	return gb_span_of(copy, text.n);
}

static int take_name(void *context, const struct gb_function *function)
{
	struct gb_event_names *names = context;
	size_t at = names->count < GB_EVENT_NAMES_MAX ? names->count++ : (size_t)function->id % GB_EVENT_NAMES_MAX;

	names->items[at].id = function->id;
	names->items[at].account = keep(names->arena, function->account);
	names->items[at].region = keep(names->arena, function->region);
	names->items[at].name = keep(names->arena, function->name);
	return 0;
}

/* Where it is in the list, or the list's length. */
static size_t find_name(struct gb_event_names *names, int64_t id)
{
	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < names->count; i++)
			if (names->items[i].id == id)
				return i;
		if (round == 0 && gb_function_get(names->store, NULL, id, take_name, names, NULL) <= 0)
			break; /* forgotten: its events stay */
	}
	return GB_EVENT_NAMES_MAX;
}

struct gb_span gb_event_names_of(struct gb_event_names *names, int64_t id)
{
	size_t at = find_name(names, id);

	return at < GB_EVENT_NAMES_MAX ? names->items[at].name : GB_SPAN_EMPTY;
}

bool gb_event_names_is_of(struct gb_event_names *names, int64_t id, struct gb_span account, struct gb_span region)
{
	size_t at = account.n == 0 && region.n == 0 ? 0 : find_name(names, id);

	if (account.n == 0 && region.n == 0)
		return true;
	return at < GB_EVENT_NAMES_MAX && (account.n == 0 || gb_span_equal(names->items[at].account, account)) &&
	       (region.n == 0 || gb_span_equal(names->items[at].region, region));
}

static int put_function(struct gb_event_names *names, json_t *object, int64_t id)
{
	size_t at = find_name(names, id);

	if (at == GB_EVENT_NAMES_MAX)
		return 0;
	return put_text(object, "function_name", names->items[at].name) < 0 ||
	                       put_text(object, "account", names->items[at].account) < 0 ||
	                       put_text(object, "region", names->items[at].region) < 0
	               ? -1
	               : 0;
}

static const char *text_of(const json_t *line, const char *name)
{
	const char *text = json_string_value(json_object_get(line, name));

	return text != NULL ? text : "";
}

/* What the event was about: what the function did, or which part of the input is to blame. */
static const char *subject_of(const json_t *line)
{
	const char *subject = text_of(json_object_get(line, "activity"), "subject");

	return subject[0] != '\0' ? subject : text_of(json_object_get(line, "input"), "path");
}

static int put_line(json_t *object, const json_t *line)
{
	static const char *const members[] = {"reason", "confidence", "message"};
	const char *rule = text_of(json_object_get(line, "rule"), "name");

	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		const char *text = text_of(line, members[i]);

		if (text[0] != '\0' && json_object_set_new(object, members[i], json_string(text)) < 0)
			return -1;
	}
	if (rule[0] != '\0' && json_object_set_new(object, "rule", json_string(rule)) < 0)
		return -1;
	return subject_of(line)[0] == '\0' ? 0 : json_object_set_new(object, "subject", json_string(subject_of(line)));
}

static const char *authentic(struct gb_store *store, const struct gb_event *event)
{
	enum gb_authentic found = GB_AUTHENTIC_UNSIGNED;

	if (event->sandbox != 0 && event->seq >= 0 &&
	        gb_line_authentic(store, event->function, event->sandbox, event->seq, event->body, &found, NULL) < 0)
		found = GB_AUTHENTIC_PENDING;
	return gb_authentic_name(found);
}

static int put_whole(struct gb_event_names *names, json_t *object, const struct gb_event *event, json_t *line)
{
	return json_object_set_new(object, "authentic", json_string(authentic(names->store, event))) < 0 ||
	                       json_object_set(object, "line", line) < 0
	               ? -1
	               : 0;
}

static int put_places(json_t *object, const struct gb_event *event)
{
	char sandbox[17];

	(void)snprintf(sandbox, sizeof(sandbox), "%016" PRIx64, event->sandbox);
	return put_text(object, "class", event->facets.class) < 0 ||
	                       put_text(object, "control", event->facets.control) < 0 ||
	                       put_text(object, "action", event->facets.action) < 0 ||
	                       put_text(object, "request", event->request) < 0 ||
	                       put_text(object, "source_ip", event->source_ip) < 0 ||
	                       put_text(object, "sandbox",
	                               event->sandbox != 0 ? gb_span_cstr(sandbox) : GB_SPAN_EMPTY) < 0 ||
	                       put_number_text(object, "function", event->function) < 0
	               ? -1
	               : 0;
}

json_t *gb_event_json(struct gb_event_names *names, const struct gb_event *event, bool is_whole)
{
	char id[26];
	enum gb_event_severity severity =
	        event->facets.severity != GB_SEVERITY_NONE ? event->facets.severity : GB_SEVERITY_LOW;
	json_t *line = json_loadb((const char *)event->body.p, event->body.n, 0, NULL), *object;

	if (line == NULL)
		line = json_object();
	gb_event_id_print(event->id, id);
	object = json_pack("{s:s#, s:o, s:o, s:o, s:o, s:s, s:s}", "id", id, sizeof(id), "time",
	        gb_json_time(event->time), "kind", gb_json_text(event->facets.kind), "type",
	        gb_json_text(event->facets.type), "severity", gb_json_text(gb_severity_name(severity)), "status",
	        gb_event_status_name(event->status), "message", "");
	if (object != NULL && (put_places(object, event) < 0 || put_line(object, line) < 0 ||
	                              put_function(names, object, event->function) < 0 ||
	                              (is_whole && put_whole(names, object, event, line) < 0))) {
		json_decref(object);
		object = NULL;
	}
	json_decref(line);
	return object;
}
