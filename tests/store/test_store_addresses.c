/* SPDX-License-Identifier: Apache-2.0 */
/* Events by address, which are counted by hashes, beside a plain list of the same events. */
#include "model.h"

#include "store/postings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ADDRESSES_MAX 256

struct address {
	char text[64];
	int64_t n;
};

struct addresses {
	struct address items[ADDRESSES_MAX];
	size_t count;
	int64_t rest;
};

static void add(struct addresses *addresses, struct gb_span text, int64_t n)
{
	size_t i = 0;

	while (i < addresses->count && !gb_span_equal(gb_span_cstr(addresses->items[i].text), text))
		i++;
	assert_true(i < ADDRESSES_MAX);
	if (i == addresses->count) {
		snprintf(addresses->items[i].text, sizeof addresses->items[i].text, "%.*s", (int)text.n,
		        (const char *)text.p);
		addresses->items[addresses->count++].n = 0;
	}
	addresses->items[i].n += n;
}

static int take(void *context, const struct gb_event_count *count)
{
	struct addresses *addresses = context;

	if (count->label.n == 0)
		addresses->rest += count->n;
	else
		add(addresses, count->label, count->n);
	return 0;
}

static int by_size(const void *left, const void *right)
{
	const struct address *a = left, *b = right;

	return a->n != b->n ? (a->n > b->n ? -1 : 1) : strcmp(a->text, b->text);
}

/* The LIMIT greatest, and all others together, are those of the list; of several as great any may be left out. */
static void compare(struct model *model, const char *name, const struct gb_event_filter *filter, size_t limit)
{
	static struct addresses want, have;
	int64_t sum = 0;

	want.count = have.count = 0;
	want.rest = have.rest = 0;
	for (size_t i = 0; i < model->count; i++)
		if (model->events[i].source_ip.n > 0 && model_wants(model, filter, &model->events[i]))
			add(&want, model->events[i].source_ip, 1);
	assert_ok(model->f, gb_events_count(model->f->store, NULL, filter, GB_GROUP_SOURCE_IP, 0, limit, take, &have,
	                            &model->f->diag));
	qsort(want.items, want.count, sizeof want.items[0], by_size);
	qsort(have.items, have.count, sizeof have.items[0], by_size);
	if (have.count != (want.count < limit ? want.count : limit))
		fail_msg("%s: %zu addresses of %zu", name, have.count, want.count);
	for (size_t i = 0; i < want.count; i++) {
		sum += i < have.count ? 0 : want.items[i].n;
		if (i < have.count && have.items[i].n != want.items[i].n)
			fail_msg("%s: %s %lld, not %s %lld", name, have.items[i].text, (long long)have.items[i].n,
			        want.items[i].text, (long long)want.items[i].n);
		if (limit >= want.count && strcmp(have.items[i].text, want.items[i].text) != 0)
			fail_msg("%s: %s, not %s", name, have.items[i].text, want.items[i].text);
	}
	assert_int_equal(have.rest, sum);
}

static void compare_all(struct model *model)
{
	static const struct gb_span sqli[] = {GB_SPAN("sqli")}, blocked[] = {GB_SPAN("blocked")},
	                            account[] = {GB_SPAN("111111111111")}, none[] = {GB_SPAN("mining")};
	int64_t middle = model->f->now - 5 * 24 * MODEL_HOUR + 1234567;
	const struct {
		const char *name;
		struct gb_event_filter filter;
	} rows[] = {
	        {"all", {0}},
	        {"class", {.classes = {sqli, 1}}},
	        {"account", {.accounts = {account, 1}}},
	        {"account, class and action",
	                {.accounts = {account, 1}, .classes = {sqli, 1}, .actions = {blocked, 1}}},
	        {"severity and time",
	                {.severity_min = GB_SEVERITY_HIGH, .from = middle, .before = middle + 30 * MODEL_HOUR}},
	        {"a moment", {.from = middle, .before = middle + 200000}},
	        {"request", {.request = GB_SPAN("req-77")}},
	        {"address", {.source_ip = GB_SPAN("203.0.113.7")}},
	        {"none", {.classes = {none, 1}}},
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		compare(model, rows[i].name, &rows[i].filter, 1000);
		compare(model, rows[i].name, &rows[i].filter, 7);
	}
}

static void counts_are_those_of_events(void **state)
{
	struct model model = model_begin(*state, MODEL_EVENTS);

	model.count = 900;
	model_insert_all(&model);
	compare_all(&model);
	model_insert(&model, 900, MODEL_EVENTS - 900, MODEL_EVENTS - 900);
	model.count = MODEL_EVENTS;
	compare_all(&model);
	model_end(&model);
}

/* Deleted events are still in lists. */
static void old_ones_are_not_counted(void **state)
{
	struct model model = model_begin(*state, MODEL_EVENTS);
	struct gb_store_retention retention = {.events_ms = 4 * 24 * MODEL_HOUR};
	struct gb_store_retained retained;
	size_t kept = 0;

	model_insert_all(&model);
	do
		assert_ok(model.f, gb_store_retain(model.f->store, &retention, &retained, &model.f->diag));
	while (retained.has_more);
	for (size_t i = 0; i < model.count; i++)
		if (model.events[i].time >= model.f->now - retention.events_ms)
			model.events[kept++] = model.events[i];
	assert_true(kept > 1000 && kept < model.count / 2);
	model.count = kept;
	compare_all(&model);
	model_end(&model);
}

struct hashed {
	uint32_t hash;
	uint32_t number;
};

static int by_hash(const void *left, const void *right)
{
	const struct hashed *a = left, *b = right;

	return a->hash < b->hash ? -1 : a->hash > b->hash;
}

static struct gb_span address_of(uint32_t number, char text[32])
{
	return gb_span_of(
	        text, (size_t)snprintf(text, 32, "10.%u.%u.%u", number >> 16, number >> 8 & 255, number & 255));
}

/* Who chooses addresses with the hash of another's must not hide behind it. */
static void one_hash_is_two_addresses(void **state)
{
	const uint32_t count = 1u << 18;
	struct model model = model_begin(*state, MODEL_EVENTS);
	struct hashed *hashed = malloc(count * sizeof *hashed);
	const struct gb_event_filter all = {0};
	char text[32], twins[2][32];
	struct gb_span twin[2] = {GB_SPAN_EMPTY, GB_SPAN_EMPTY};

	assert_non_null(hashed);
	for (uint32_t i = 0; i < count; i++)
		hashed[i] = (struct hashed){(uint32_t)gb_posting_hash(address_of(i, text)), i};
	qsort(hashed, count, sizeof *hashed, by_hash);
	for (uint32_t i = 1; i < count && twin[0].n == 0; i++)
		if (hashed[i - 1].hash == hashed[i].hash) {
			twin[0] = address_of(hashed[i - 1].number, twins[0]);
			twin[1] = address_of(hashed[i].number, twins[1]);
		}
	assert_true(twin[0].n > 0);
	for (size_t i = 0; i < model.count; i += 2)
		model.events[i].source_ip = twin[i % 3 == 0];
	model_insert_all(&model);
	compare(&model, "twins", &all, 1000);
	compare(&model, "twins", &all, 3);
	free(hashed);
	model_end(&model);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        ON_BOTH(counts_are_those_of_events),
	        ON_BOTH(old_ones_are_not_counted),
	        ON_BOTH(one_hash_is_two_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
