/* SPDX-License-Identifier: Apache-2.0 */
/* Events of both databases beside a plain list of the same events. */
#include "model.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void queries_find_what_is_there(void **state)
{
	static const struct gb_span two_types[] = {GB_SPAN("SQL Injection Attack"), GB_SPAN("Host Event")};
	static const struct gb_span sqli[] = {GB_SPAN("sqli")}, blocked[] = {GB_SPAN("blocked")},
	                            none[] = {GB_SPAN("nothing")};
	static const struct gb_span first_account[] = {GB_SPAN("111111111111")}, east[] = {GB_SPAN("us-east-1")};
	static const struct gb_span firewall[] = {GB_SPAN("firewall")};
	struct model model = model_begin(*state, MODEL_EVENTS);
	int64_t rare = model.functions[MODEL_FUNCTIONS - 1];
	int64_t two[] = {model.functions[0], model.functions[5]};
	int64_t middle = model.f->now - 5 * 24 * MODEL_HOUR;
	const struct {
		const char *name;
		size_t limit;
		struct gb_event_filter filter;
	} rows[] = {
	        {"all", 1000, {0}},
	        {"time", 700, {.from = middle, .before = middle + 10 * MODEL_HOUR}},
	        {"function", 500, {.functions = two, .function_count = 1}},
	        {"two functions", 900, {.functions = two, .function_count = 2}},
	        {"rare function", 50, {.functions = &rare, .function_count = 1}},
	        {"function and time", 50,
	                {.functions = two, .function_count = 1, .from = middle, .before = middle + 10 * MODEL_HOUR}},
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

	model_insert_all(&model);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		model_check(&model, rows[i].name, &rows[i].filter, rows[i].limit);
	model_end(&model);
}

struct counts {
	size_t rows;
	int64_t sum, last_moment;
};

static int add_count(void *context, const struct gb_event_count *count)
{
	struct counts *counts = context;

	counts->rows++;
	assert_true(count->moment >= counts->last_moment);
	counts->last_moment = count->moment;
	counts->sum += count->n;
	return 0;
}

static void counts_are_those_of_events(void **state)
{
	static const struct gb_span sqli[] = {GB_SPAN("sqli")}, first_account[] = {GB_SPAN("111111111111")};
	struct model model = model_begin(*state, MODEL_EVENTS);
	int64_t from = (model.f->now - 5 * 24 * MODEL_HOUR) / MODEL_HOUR * MODEL_HOUR;
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
	        {"a day by hours", {.from = from, .before = from + 24 * MODEL_HOUR}, GB_GROUP_NONE, MODEL_HOUR, 0, 24},
	        {"addresses", {.classes = {sqli, 1}}, GB_GROUP_SOURCE_IP, 0, 1000, 0},
	};

	model_insert_all(&model);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct counts counts = {.rows = 0};
		int64_t want = model_count(&model, &rows[i].filter);
		int r = gb_events_count(model.f->store, NULL, &rows[i].filter, rows[i].group, rows[i].step,
		        rows[i].limit, add_count, &counts, &model.f->diag);

		assert_ok(model.f, r);
		if (rows[i].group == GB_GROUP_SOURCE_IP)
			for (size_t e = 0; e < model.count; e++)
				want -= model_wants(&model, &rows[i].filter, &model.events[e]) &&
				        model.events[e].source_ip.n == 0;
		else if (counts.rows != rows[i].want_rows)
			fail_msg("%s: %zu rows", rows[i].name, counts.rows);
		if (counts.sum != want)
			fail_msg("%s: %lld of %lld", rows[i].name, (long long)counts.sum, (long long)want);
	}
	model_end(&model);
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
	struct model model = model_begin(*state, 3000);
	struct taken taken = {.model = &model, .seen = calloc(3000, 1)};
	int64_t at = 0, last = -1;

	assert_ok(model.f, gb_events_last(model.f->store, &last, &model.f->diag));
	assert_int_equal(last, 0);
	for (size_t i = 0; i < 3000; i += 300) {
		int r;

		model_insert(&model, i, 300, 300);
		do {
			r = gb_events_after(model.f->store, NULL, at, 77, note, &taken, &at, &model.f->diag);
			assert_ok(model.f, r);
		} while (r == 77);
		assert_int_equal(taken.count, i + 300);
	}
	free(taken.seen);
	model_end(&model);
}

static void scope_hides(void **state)
{
	static const struct gb_span account[] = {GB_SPAN("222222222222")};
	const struct gb_scope scope = {.accounts = account, .account_count = 1};
	const struct gb_scope nothing = {.is_empty = true};
	const struct gb_event_filter all = {0}, same = {.accounts = {account, 1}};
	struct model model = model_begin(*state, 3000);
	struct taken taken = {.model = &model, .name = "scope", .seen = calloc(3000, 1)};
	struct counts counts = {.rows = 0};
	struct gb_event_page page = {.next = {0, 0}};
	int64_t at = 0;

	model_insert(&model, 0, 3000, 3000);
	while (!page.is_end)
		assert_ok(model.f, gb_events_query(model.f->store, &scope, &all, page.next, 1000, model_take, &taken,
		                           &page, &model.f->diag));
	assert_int_equal(taken.count, model_count(&model, &same));
	assert_ok(model.f, gb_events_query(model.f->store, &nothing, &all, page.next, 1000, model_take, &taken, &page,
	                           &model.f->diag));
	assert_true(page.is_end && page.count == 0);
	assert_ok(model.f,
	        gb_events_count(model.f->store, &scope, &all, GB_GROUP_TYPE, 0, 0, add_count, &counts, &model.f->diag));
	assert_int_equal(counts.sum, taken.count);
	memset(taken.seen, 0, 3000);
	taken.count = 0;
	taken.last.n = 0;
	for (size_t i = 0; i < 40; i++)
		assert_ok(model.f, gb_events_after(model.f->store, &scope, at, 100, note, &taken, &at, &model.f->diag));
	assert_int_equal(taken.count, model_count(&model, &same));
	/* One that is not in scope is not there. */
	for (size_t i = 0; i < 20; i++) {
		bool is_in = model_wants(&model, &same, &model.events[i]);

		taken.last = (struct gb_event_cursor){0, 0};
		memset(taken.seen, 0, 3000);
		assert_int_equal(
		        gb_event_get(model.f->store, &scope, model.events[i].id, model_take, &taken, &model.f->diag),
		        is_in);
		assert_int_equal(
		        gb_event_set_status(model.f->store, &scope, model.events[i].id, 2, &model.f->diag), is_in);
	}
	free(taken.seen);
	model_end(&model);
}

static void two_writers_share(void **state)
{
	struct model model = model_begin(*state, 2000);
	struct gb_store *other = fixture_open(model.f);
	struct gb_events_inserted inserted;

	model_insert(&model, 0, 1000, 1000);
	assert_ok(model.f, gb_events_insert(other, model.events + 500, 1000, &inserted, &model.f->diag));
	assert_int_equal(inserted.inserted, 500);
	model_insert(&model, 0, 2000, 500);
	model_insert(&model, 0, 2000, 0);
	model_check(&model, "of two writers", &(struct gb_event_filter){0}, 1000);
	gb_store_close(other);
	model_end(&model);
}

static void hostile_text_is_only_text(void **state)
{
	struct model model = model_begin(*state, 4);
	struct gb_event_filter filter = {.request = GB_SPAN("'; DROP TABLE events; --")};
	struct gb_events_inserted inserted;

	model.events[0].request = filter.request;
	model.events[1].body = GB_SPAN("a\0b\xff");
	model.events[2].facets.type = GB_SPAN("x'\") \\ \n%s\xff");
	model.events[3].request = GB_SPAN("\xed\xa0\x80\0");
	model_insert(&model, 0, 4, 4);
	model_check(&model, "quotes", &filter, 10);
	model_insert(&model, 0, 4, 0);
	model.events[0].time = -1;
	assert_int_equal(gb_events_insert(model.f->store, model.events, 1, &inserted, &model.f->diag), -EINVAL);
	model.events[0].time = INT64_MAX;
	assert_int_equal(gb_events_insert(model.f->store, model.events, 1, &inserted, &model.f->diag), -EINVAL);
	model_end(&model);
}

static void old_ones_go(void **state)
{
	struct model model = model_begin(*state, MODEL_EVENTS);
	struct gb_store_retention retention = {.events_ms = 4 * 24 * MODEL_HOUR, .counts_ms = 4 * 24 * MODEL_HOUR};
	struct gb_store_retained retained;
	size_t kept = 0;

	model_insert_all(&model);
	do
		assert_ok(model.f, gb_store_retain(model.f->store, &retention, &retained, &model.f->diag));
	while (retained.has_more);
	for (size_t i = 0; i < MODEL_EVENTS; i++)
		if (model.events[i].time >= model.f->now - retention.events_ms)
			kept++;
	assert_true(kept > 1000 && kept < MODEL_EVENTS / 2);
	for (int turn = 0; turn < 2; turn++) {
		struct taken taken = {.model = &model, .name = "kept", .seen = calloc(MODEL_EVENTS, 1)};
		struct gb_event_filter filter = {
		        .functions = model.functions, .function_count = turn == 0 ? 0 : MODEL_FUNCTIONS};
		struct gb_event_page page = {.next = {0, 0}};

		while (!page.is_end)
			assert_ok(model.f, gb_events_query(model.f->store, NULL, &filter, page.next, 1000, model_take,
			                           &taken, &page, &model.f->diag));
		assert_int_equal(taken.count, kept);
		free(taken.seen);
	}
	model_end(&model);
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
