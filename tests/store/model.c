/* SPDX-License-Identifier: Apache-2.0 */
#include "model.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *const types[] = {
        "SQL Injection Attack", "XSS Injection Attack", "Process Event", "File Event", "Host Event"};
static const char *const classes[] = {"sqli", "xss", "process", "file", "host"};
static const char *const actions[] = {"observed", "blocked"};
static const char *const accounts[] = {"111111111111", "222222222222", "333333333333"};

static uint64_t random_of(struct model *model)
{
	model->random ^= model->random << 13;
	model->random ^= model->random >> 7;
	model->random ^= model->random << 17;
	return model->random >> 11;
}

static void make_functions(struct model *model)
{
	struct gb_function_sighting sightings[MODEL_FUNCTIONS];
	struct gb_function_ids ids[MODEL_FUNCTIONS];
	char names[MODEL_FUNCTIONS][24];

	for (size_t i = 0; i < MODEL_FUNCTIONS; i++) {
		snprintf(names[i], sizeof names[i], "orders-%zu", i);
		sightings[i] = (struct gb_function_sighting){
		        .account = gb_span_cstr(accounts[i % 3]),
		        .region = i < 6 ? GB_SPAN("eu-central-1") : GB_SPAN("us-east-1"),
		        .name = gb_span_cstr(names[i]),
		        .number = GB_SPAN("$LATEST"),
		        .time = model->f->now,
		};
	}
	assert_ok(model->f, gb_functions_seen(model->f->store, sightings, MODEL_FUNCTIONS, ids, &model->f->diag));
	for (size_t i = 0; i < MODEL_FUNCTIONS; i++)
		model->functions[i] = ids[i].function;
}

static void make_event(struct model *model, size_t i)
{
	struct gb_event *event = &model->events[i];
	uint64_t a = random_of(model), b = random_of(model);
	size_t type = a % 11 < 5 ? 2 : a % 11 < 10 ? 3 : b % 5;
	size_t function = b >> 8 & 63 ? (b >> 16) % (MODEL_FUNCTIONS - 1) : MODEL_FUNCTIONS - 1;

	/* About ten days, mostly in order, some late, now and then several in one millisecond. */
	*event = (struct gb_event){
	        .time = model->f->now - 10 * 24 * MODEL_HOUR + (int64_t)(i / 3) * 120000 -
	                (a >> 20 & 15 ? 0 : (int64_t)(b >> 24 & 0xfffffff)),
	        .function = model->functions[function],
	        .facets = {.kind = GB_SPAN("finding"),
	                .type = gb_span_cstr(types[type]),
	                .class = gb_span_cstr(classes[type]),
	                .control = type < 2 ? GB_SPAN("firewall") : GB_SPAN("allowlist"),
	                .action = gb_span_cstr(actions[a >> 30 & 1]),
	                .severity = (enum gb_event_severity)(1 + (b >> 40) % 4)},
	        .sandbox = a,
	        .seq = (int64_t)i,
	};
	memcpy(event->id, &(uint64_t){__builtin_bswap64((uint64_t)event->time << 16)}, 6);
	memcpy(event->id + 6, &i, 8);
	snprintf(model->texts[i][0], sizeof model->texts[i][0], "req-%zu", i / 2);
	snprintf(model->texts[i][1], sizeof model->texts[i][1], "203.0.113.%u", (unsigned)(b >> 32) % 200);
	snprintf(model->texts[i][2], sizeof model->texts[i][2], "{\"message\":\"number %zu%s\"}", i,
	        i % 997 == 0 ? " Needle '%_" : "");
	event->request = i % 5 ? gb_span_cstr(model->texts[i][0]) : GB_SPAN_EMPTY;
	event->source_ip = i % 7 ? gb_span_cstr(model->texts[i][1]) : GB_SPAN_EMPTY;
	event->body = gb_span_cstr(model->texts[i][2]);
}

void model_insert(struct model *model, size_t from, size_t count, size_t want_new)
{
	struct gb_events_inserted inserted;

	assert_ok(model->f, gb_events_insert(model->f->store, model->events + from, count, &inserted, &model->f->diag));
	assert_int_equal(inserted.inserted, want_new);
	assert_int_equal(inserted.duplicates, count - want_new);
}

struct model model_begin(struct fixture *f, size_t count)
{
	struct model model = {.f = f, .count = count, .random = 88172645463325252u};

	model.events = calloc(count, sizeof *model.events);
	model.texts = calloc(count, sizeof *model.texts);
	assert_non_null(model.events);
	assert_non_null(model.texts);
	make_functions(&model);
	for (size_t i = 0; i < count; i++)
		make_event(&model, i);
	return model;
}

void model_end(struct model *model)
{
	free(model->events);
	free(model->texts);
}

void model_insert_all(struct model *model)
{
	static const size_t sizes[] = {1, 1, 3, 100, 2000, 700, 9000, 1, 500, 5000};
	size_t at = 0;

	for (size_t i = 0; at < model->count; i++) {
		size_t n = sizes[i % 10] < model->count - at ? sizes[i % 10] : model->count - at;
		size_t again = i % 3 == 2 && at > 50 ? 50 : 0;

		model_insert(model, at - again, n + again, n);
		at += n;
	}
}

static bool lists(struct gb_span_list list, struct gb_span value)
{
	for (size_t i = 0; i < list.count; i++)
		if (gb_span_equal(list.items[i], value))
			return true;
	return list.count == 0;
}

bool model_wants(const struct model *model, const struct gb_event_filter *filter, const struct gb_event *event)
{
	size_t function = 0;
	bool is_function = filter->function_count == 0;

	while (model->functions[function] != event->function)
		function++;
	for (size_t i = 0; i < filter->function_count; i++)
		is_function = is_function || filter->functions[i] == event->function;
	return is_function && event->time >= filter->from && (filter->before == 0 || event->time < filter->before) &&
	       lists(filter->accounts, gb_span_cstr(accounts[function % 3])) &&
	       lists(filter->regions, function < 6 ? GB_SPAN("eu-central-1") : GB_SPAN("us-east-1")) &&
	       lists(filter->types, event->facets.type) && lists(filter->classes, event->facets.class) &&
	       lists(filter->controls, event->facets.control) && lists(filter->actions, event->facets.action) &&
	       event->facets.severity >= filter->severity_min &&
	       (filter->request.n == 0 || gb_span_equal(filter->request, event->request)) &&
	       (filter->source_ip.n == 0 || gb_span_equal(filter->source_ip, event->source_ip)) &&
	       (filter->text.n == 0 || strstr((const char *)event->body.p, "Needle") != NULL);
}

int model_take(void *context, const struct gb_event *event)
{
	struct taken *taken = context;
	const struct gb_event *want = &taken->model->events[event->seq];

	if (taken->last.time != 0 &&
	        (event->time > taken->last.time || (event->time == taken->last.time && event->n >= taken->last.n)))
		fail_msg("%s: out of order", taken->name);
	if (taken->seen[event->seq]++ != 0)
		fail_msg("%s: event %d told twice", taken->name, (int)event->seq);
	if (event->time != want->time || memcmp(event->id, want->id, 16) != 0 || event->function != want->function ||
	        event->sandbox != want->sandbox || !gb_span_equal(event->body, want->body) ||
	        !gb_span_equal(event->request, want->request) || !gb_span_equal(event->source_ip, want->source_ip) ||
	        !gb_span_equal(event->facets.type, want->facets.type) ||
	        event->facets.severity != want->facets.severity)
		fail_msg("%s: event %d is not as it was", taken->name, (int)event->seq);
	taken->last = (struct gb_event_cursor){event->time, event->n};
	taken->count++;
	return 0;
}

void model_check(struct model *model, const char *name, const struct gb_event_filter *filter, size_t limit)
{
	struct taken taken = {.model = model, .name = name, .seen = calloc(model->count, 1)};
	struct gb_event_page page = {.next = {0, 0}};
	size_t pages = 0;

	while (!page.is_end && pages++ < 5000) {
		struct gb_event_cursor before = page.next;

		assert_ok(model->f, gb_events_query(model->f->store, NULL, filter, page.next, limit, model_take, &taken,
		                            &page, &model->f->diag));
		if (!page.is_end && memcmp(&before, &page.next, sizeof before) == 0)
			fail_msg("%s: does not get on", name);
	}
	for (size_t i = 0; i < model->count; i++)
		if (model_wants(model, filter, &model->events[i]) != taken.seen[i])
			fail_msg("%s: event %zu (of %zu told)", name, i, taken.count);
	free(taken.seen);
}

int64_t model_count(struct model *model, const struct gb_event_filter *filter)
{
	int64_t n = 0;

	for (size_t i = 0; i < model->count; i++)
		n += model_wants(model, filter, &model->events[i]);
	return n;
}
