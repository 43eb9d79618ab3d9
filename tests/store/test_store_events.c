/* SPDX-License-Identifier: Apache-2.0 */
/* Events of both databases beside a plain list of the same events: whatever is asked, both say what the list says. */
#include "fixture.h"

#include "store/events.h"
#include "store/functions.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define FUNCTIONS 12
#define EVENTS    21000
#define HOUR      INT64_C(3600000)

static const char *const types[] = {
        "SQL Injection Attack", "XSS Injection Attack", "Process Event", "File Event", "Host Event"};
static const char *const classes[] = {"sqli", "xss", "process", "file", "host"};
static const char *const actions[] = {"observed", "blocked"};
static const char *const accounts[] = {"111111111111", "222222222222", "333333333333"};

struct model {
	struct fixture *f;
	struct gb_event *events;
	char (*texts)[3][96];
	size_t count;
	int64_t functions[FUNCTIONS];
	uint64_t random;
};

static uint64_t random_of(struct model *model)
{
	model->random ^= model->random << 13;
	model->random ^= model->random >> 7;
	model->random ^= model->random << 17;
	return model->random >> 11;
}

static void make_functions(struct model *model)
{
	struct gb_function_sighting sightings[FUNCTIONS];
	struct gb_function_ids ids[FUNCTIONS];
	char names[FUNCTIONS][24];

	for (size_t i = 0; i < FUNCTIONS; i++) {
		snprintf(names[i], sizeof names[i], "orders-%zu", i);
		sightings[i] = (struct gb_function_sighting){
		        .account = gb_span_cstr(accounts[i % 3]),
		        .region = i < 6 ? GB_SPAN("eu-central-1") : GB_SPAN("us-east-1"),
		        .name = gb_span_cstr(names[i]),
		        .number = GB_SPAN("$LATEST"),
		        .time = model->f->now,
		};
	}
	assert_ok(model->f, gb_functions_seen(model->f->store, sightings, FUNCTIONS, ids, &model->f->diag));
	for (size_t i = 0; i < FUNCTIONS; i++)
		model->functions[i] = ids[i].function;
}

static void make_event(struct model *model, size_t i)
{
	struct gb_event *event = &model->events[i];
	uint64_t a = random_of(model), b = random_of(model);
	size_t type = a % 11 < 5 ? 2 : a % 11 < 10 ? 3 : b % 5;
	size_t function = b >> 8 & 63 ? (b >> 16) % (FUNCTIONS - 1) : FUNCTIONS - 1;

	/* About ten days, mostly in order, some late, now and then several in one millisecond. */
	*event = (struct gb_event){
	        .time = model->f->now - 10 * 24 * HOUR + (int64_t)(i / 3) * 120000 -
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

static void insert(struct model *model, size_t from, size_t count, size_t want_new)
{
	struct gb_events_inserted inserted;

	assert_ok(model->f, gb_events_insert(model->f->store, model->events + from, count, &inserted, &model->f->diag));
	assert_int_equal(inserted.inserted, want_new);
	assert_int_equal(inserted.duplicates, count - want_new);
}

static struct model begin(struct fixture *f, size_t count)
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

static void end(struct model *model)
{
	free(model->events);
	free(model->texts);
}

/* All of them, in batches small and large, some of them twice. */
static void insert_all(struct model *model)
{
	static const size_t sizes[] = {1, 1, 3, 100, 2000, 700, 9000, 1, 500, 5000};
	size_t at = 0;

	for (size_t i = 0; at < model->count; i++) {
		size_t n = sizes[i % 10] < model->count - at ? sizes[i % 10] : model->count - at;
		size_t again = i % 3 == 2 && at > 50 ? 50 : 0;

		insert(model, at - again, n + again, n);
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

static bool is_wanted(const struct model *model, const struct gb_event_filter *filter, const struct gb_event *event)
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

struct taken {
	const struct model *model;
	const char *name;
	uint8_t *seen; /* by seq */
	size_t count;
	struct gb_event_cursor last;
};

static int take(void *context, const struct gb_event *event)
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

static void check(struct model *model, const char *name, const struct gb_event_filter *filter, size_t limit)
{
	struct taken taken = {.model = model, .name = name, .seen = calloc(model->count, 1)};
	struct gb_event_page page = {.next = {0, 0}};
	size_t pages = 0;

	while (!page.is_end && pages++ < 5000) {
		struct gb_event_cursor before = page.next;

		assert_ok(model->f, gb_events_query(model->f->store, NULL, filter, page.next, limit, take, &taken,
		                            &page, &model->f->diag));
		if (!page.is_end && memcmp(&before, &page.next, sizeof before) == 0)
			fail_msg("%s: does not get on", name);
	}
	for (size_t i = 0; i < model->count; i++)
		if (is_wanted(model, filter, &model->events[i]) != taken.seen[i])
			fail_msg("%s: event %zu (of %zu told)", name, i, taken.count);
	free(taken.seen);
}

static void queries_find_what_is_there(void **state)
{
	static const struct gb_span two_types[] = {GB_SPAN("SQL Injection Attack"), GB_SPAN("Host Event")};
	static const struct gb_span sqli[] = {GB_SPAN("sqli")}, blocked[] = {GB_SPAN("blocked")},
	                            none[] = {GB_SPAN("nothing")};
	static const struct gb_span first_account[] = {GB_SPAN("111111111111")}, east[] = {GB_SPAN("us-east-1")};
	static const struct gb_span firewall[] = {GB_SPAN("firewall")};
	struct model model = begin(*state, EVENTS);
	int64_t rare = model.functions[FUNCTIONS - 1];
	int64_t two[] = {model.functions[0], model.functions[5]};
	int64_t middle = model.f->now - 5 * 24 * HOUR;
	const struct {
		const char *name;
		size_t limit;
		struct gb_event_filter filter;
	} rows[] = {
	        {"all", 1000, {0}},
	        {"time", 700, {.from = middle, .before = middle + 10 * HOUR}},
	        {"function", 500, {.functions = two, .function_count = 1}},
	        {"two functions", 900, {.functions = two, .function_count = 2}},
	        {"rare function", 50, {.functions = &rare, .function_count = 1}},
	        {"function and time", 50,
	                {.functions = two, .function_count = 1, .from = middle, .before = middle + 10 * HOUR}},
	        {"account", 1000, {.accounts = {first_account, 1}}},
	        {"account and region", 1000, {.accounts = {first_account, 1}, .regions = {east, 1}}},
	        {"type", 100, {.types = {two_types, 2}}},
	        {"class and action", 100, {.classes = {sqli, 1}, .actions = {blocked, 1}}},
	        {"control", 300, {.controls = {firewall, 1}}},
	        {"severity", 1000, {.severity_min = GB_SEVERITY_HIGH}},
	        {"no such class", 10, {.classes = {none, 1}}},
	        {"function and class", 7, {.functions = two, .function_count = 1, .classes = {sqli, 1}}},
	        {"rare and critical", 3,
	                {.functions = &rare, .function_count = 1, .severity_min = GB_SEVERITY_CRITICAL}},
	        {"request", 10, {.request = GB_SPAN("req-4321")}},
	        {"waiting request", 10, {.request = GB_SPAN("req-10499")}},
	        {"no such request", 10, {.request = GB_SPAN("req-x")}},
	        {"address", 40, {.source_ip = GB_SPAN("203.0.113.77")}},
	        {"address and class", 5, {.source_ip = GB_SPAN("203.0.113.77"), .classes = {sqli, 1}}},
	        {"text", 10, {.text = GB_SPAN("nEEDLE '%_")}},
	        {"text and function", 10, {.text = GB_SPAN("needle"), .functions = two, .function_count = 2}},
	};

	insert_all(&model);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		check(&model, rows[i].name, &rows[i].filter, rows[i].limit);
	end(&model);
}

struct counts {
	int64_t n[8];
	size_t rows;
	int64_t sum, last_moment;
	char first[64];
};

static int add_count(void *context, const struct gb_event_count *count)
{
	struct counts *counts = context;

	if (counts->rows++ == 0)
		snprintf(
		        counts->first, sizeof counts->first, "%.*s", (int)count->label.n, (const char *)count->label.p);
	assert_true(count->moment >= counts->last_moment);
	counts->last_moment = count->moment;
	counts->sum += count->n;
	return 0;
}

static int64_t count_of(struct model *model, const struct gb_event_filter *filter)
{
	int64_t n = 0;

	for (size_t i = 0; i < model->count; i++)
		n += is_wanted(model, filter, &model->events[i]);
	return n;
}

static void counts_are_those_of_events(void **state)
{
	static const struct gb_span sqli[] = {GB_SPAN("sqli")}, first_account[] = {GB_SPAN("111111111111")};
	struct model model = begin(*state, EVENTS);
	int64_t from = (model.f->now - 5 * 24 * HOUR) / HOUR * HOUR;
	const struct {
		const char *name;
		struct gb_event_filter filter;
		enum gb_event_group group;
		int64_t step;
		size_t limit, want_rows;
	} rows[] = {
	        {"all", {0}, GB_GROUP_NONE, 0, 0, 1},
	        {"types", {0}, GB_GROUP_TYPE, 0, 0, 5},
	        {"two types and the rest", {0}, GB_GROUP_TYPE, 0, 2, 3},
	        {"severities", {0}, GB_GROUP_SEVERITY, 0, 0, 4},
	        {"actions", {.classes = {sqli, 1}}, GB_GROUP_ACTION, 0, 0, 2},
	        {"accounts", {0}, GB_GROUP_ACCOUNT, 0, 0, 3},
	        {"functions of an account", {.accounts = {first_account, 1}}, GB_GROUP_FUNCTION, 0, 0, 4},
	        {"a day by hours", {.from = from, .before = from + 24 * HOUR}, GB_GROUP_NONE, HOUR, 0, 24},
	        {"addresses", {.classes = {sqli, 1}}, GB_GROUP_SOURCE_IP, 0, 1000, 0},
	};

	insert_all(&model);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct counts counts = {.rows = 0};
		int64_t want = count_of(&model, &rows[i].filter);
		int r = gb_events_count(model.f->store, NULL, &rows[i].filter, rows[i].group, rows[i].step,
		        rows[i].limit, add_count, &counts, &model.f->diag);

		assert_ok(model.f, r);
		if (rows[i].group == GB_GROUP_SOURCE_IP)
			for (size_t e = 0; e < model.count; e++)
				want -= is_wanted(&model, &rows[i].filter, &model.events[e]) &&
				        model.events[e].source_ip.n == 0;
		else if (counts.rows != rows[i].want_rows)
			fail_msg("%s: %zu rows", rows[i].name, counts.rows);
		if (counts.sum != want)
			fail_msg("%s: %lld of %lld", rows[i].name, (long long)counts.sum, (long long)want);
	}
	end(&model);
}

static int note(void *context, const struct gb_event *event)
{
	struct taken *taken = context;

	assert_true(event->n > taken->last.n);
	taken->last.n = event->n;
	assert_int_equal(taken->seen[event->seq]++, 0);
	taken->count++;
	return 0;
}

static void feed_has_each_once(void **state)
{
	struct model model = begin(*state, 3000);
	struct taken taken = {.model = &model, .seen = calloc(3000, 1)};
	int64_t at = 0, last = -1;

	assert_ok(model.f, gb_events_last(model.f->store, &last, &model.f->diag));
	assert_int_equal(last, 0);
	for (size_t i = 0; i < 3000; i += 300) {
		int r;

		insert(&model, i, 300, 300);
		do {
			r = gb_events_after(model.f->store, NULL, at, 77, note, &taken, &at, &model.f->diag);
			assert_ok(model.f, r);
		} while (r == 77);
		assert_int_equal(taken.count, i + 300);
	}
	free(taken.seen);
	end(&model);
}

static void scope_hides(void **state)
{
	static const struct gb_span account[] = {GB_SPAN("222222222222")};
	const struct gb_scope scope = {.accounts = account, .account_count = 1};
	const struct gb_scope nothing = {.is_empty = true};
	const struct gb_event_filter all = {0}, same = {.accounts = {account, 1}};
	struct model model = begin(*state, 3000);
	struct taken taken = {.model = &model, .name = "scope", .seen = calloc(3000, 1)};
	struct counts counts = {.rows = 0};
	struct gb_event_page page = {.next = {0, 0}};
	int64_t at = 0;

	insert(&model, 0, 3000, 3000);
	while (!page.is_end)
		assert_ok(model.f, gb_events_query(model.f->store, &scope, &all, page.next, 1000, take, &taken, &page,
		                           &model.f->diag));
	assert_int_equal(taken.count, count_of(&model, &same));
	assert_ok(model.f,
	        gb_events_query(model.f->store, &nothing, &all, page.next, 1000, take, &taken, &page, &model.f->diag));
	assert_true(page.is_end && page.count == 0);
	assert_ok(model.f,
	        gb_events_count(model.f->store, &scope, &all, GB_GROUP_TYPE, 0, 0, add_count, &counts, &model.f->diag));
	assert_int_equal(counts.sum, taken.count);
	memset(taken.seen, 0, 3000);
	taken.count = 0;
	taken.last.n = 0;
	for (size_t i = 0; i < 40; i++)
		assert_ok(model.f, gb_events_after(model.f->store, &scope, at, 100, note, &taken, &at, &model.f->diag));
	assert_int_equal(taken.count, count_of(&model, &same));
	/* One that is not in scope is not there. */
	for (size_t i = 0; i < 20; i++) {
		bool is_in = is_wanted(&model, &same, &model.events[i]);

		taken.last = (struct gb_event_cursor){0, 0};
		memset(taken.seen, 0, 3000);
		assert_int_equal(
		        gb_event_get(model.f->store, &scope, model.events[i].id, take, &taken, &model.f->diag), is_in);
		assert_int_equal(
		        gb_event_set_status(model.f->store, &scope, model.events[i].id, 2, &model.f->diag), is_in);
	}
	free(taken.seen);
	end(&model);
}

static void two_writers_share(void **state)
{
	struct model model = begin(*state, 2000);
	struct gb_store *other = fixture_open(model.f);
	struct gb_events_inserted inserted;

	insert(&model, 0, 1000, 1000);
	assert_ok(model.f, gb_events_insert(other, model.events + 500, 1000, &inserted, &model.f->diag));
	assert_int_equal(inserted.inserted, 500);
	insert(&model, 0, 2000, 500);
	insert(&model, 0, 2000, 0);
	check(&model, "of two writers", &(struct gb_event_filter){0}, 1000);
	gb_store_close(other);
	end(&model);
}

static void hostile_text_is_only_text(void **state)
{
	struct model model = begin(*state, 4);
	struct gb_event_filter filter = {.request = GB_SPAN("'; DROP TABLE events; --")};
	struct gb_events_inserted inserted;

	model.events[0].request = filter.request;
	model.events[1].body = GB_SPAN("a\0b\xff");
	model.events[2].facets.type = GB_SPAN("x'\") \\ \n%s\xff");
	model.events[3].request = GB_SPAN("\xed\xa0\x80\0");
	insert(&model, 0, 4, 4);
	check(&model, "quotes", &filter, 10);
	insert(&model, 0, 4, 0);
	model.events[0].time = -1;
	assert_int_equal(gb_events_insert(model.f->store, model.events, 1, &inserted, &model.f->diag), -EINVAL);
	model.events[0].time = INT64_MAX;
	assert_int_equal(gb_events_insert(model.f->store, model.events, 1, &inserted, &model.f->diag), -EINVAL);
	end(&model);
}

static void old_ones_go(void **state)
{
	struct model model = begin(*state, EVENTS);
	struct gb_store_retention retention = {.events_ms = 4 * 24 * HOUR, .counts_ms = 4 * 24 * HOUR};
	struct gb_store_retained retained;
	size_t kept = 0;

	insert_all(&model);
	do
		assert_ok(model.f, gb_store_retain(model.f->store, &retention, &retained, &model.f->diag));
	while (retained.has_more);
	for (size_t i = 0; i < EVENTS; i++)
		if (model.events[i].time >= model.f->now - retention.events_ms)
			kept++;
	assert_true(kept > 1000 && kept < EVENTS / 2);
	for (int turn = 0; turn < 2; turn++) {
		struct taken taken = {.model = &model, .name = "kept", .seen = calloc(EVENTS, 1)};
		struct gb_event_filter filter = {
		        .functions = model.functions, .function_count = turn == 0 ? 0 : FUNCTIONS};
		struct gb_event_page page = {.next = {0, 0}};

		while (!page.is_end)
			assert_ok(model.f, gb_events_query(model.f->store, NULL, &filter, page.next, 1000, take, &taken,
			                           &page, &model.f->diag));
		assert_int_equal(taken.count, kept);
		free(taken.seen);
	}
	end(&model);
}

static void ids_print(void **state)
{
	unsigned char id[GB_EVENT_ID_BYTES];
	char text[26];

	(void)state;
	assert_true(gb_event_id_parse(GB_SPAN("01JD7ZK3W8XQ4V0T5M2N6P7R9S"), id));
	gb_event_id_print(id, text);
	assert_memory_equal(text, "01JD7ZK3W8XQ4V0T5M2N6P7R9S", 26);
	assert_true(gb_event_id_parse(GB_SPAN("7ZZZZZZZZZZZZZZZZZZZZZZZZZ"), id));
	assert_false(gb_event_id_parse(GB_SPAN("8ZZZZZZZZZZZZZZZZZZZZZZZZZ"), id));
	assert_false(gb_event_id_parse(GB_SPAN("01JD7ZK3W8XQ4V0T5M2N6P7R9"), id));
	assert_false(gb_event_id_parse(GB_SPAN("01JD7ZK3W8XQ4V0T5M2N6P7R9U"), id));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        ON_BOTH(queries_find_what_is_there),
	        ON_BOTH(counts_are_those_of_events),
	        ON_BOTH(feed_has_each_once),
	        ON_BOTH(scope_hides),
	        ON_BOTH(two_writers_share),
	        ON_BOTH(hostile_text_is_only_text),
	        ON_BOTH(old_ones_go),
	        cmocka_unit_test(ids_print),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
