/* SPDX-License-Identifier: Apache-2.0 */
/* Functions as they are seen, copies while others write, and what goes when there is too much. */
#include "fixture.h"

#include "store/events.h"
#include "store/functions.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define WEEK INT64_C(604800000)

struct listed {
	char names[16][40];
	size_t count;
	struct gb_function last;
	char mode[16];
};

static int list(void *context, const struct gb_function *function)
{
	struct listed *listed = context;

	snprintf(
	        listed->names[listed->count++ % 16], 40, "%.*s", (int)function->name.n, (const char *)function->name.p);
	snprintf(listed->mode, sizeof listed->mode, "%.*s", (int)function->mode.n, (const char *)function->mode.p);
	listed->last = *function;
	return 0;
}

static void functions_are_seen(void **state)
{
	struct fixture *f = *state;
	struct gb_function_sighting sightings[] = {
	        {.account = GB_SPAN("1"),
	                .region = GB_SPAN("r"),
	                .name = GB_SPAN("a"),
	                .number = GB_SPAN("1"),
	                .time = 1000},
	        {.account = GB_SPAN("1"),
	                .region = GB_SPAN("r"),
	                .name = GB_SPAN("a"),
	                .number = GB_SPAN("2"),
	                .time = 2000},
	        {.account = GB_SPAN("1"),
	                .region = GB_SPAN("r"),
	                .name = GB_SPAN("b_%"),
	                .time = 3000,
	                .is_event = true},
	        {.account = GB_SPAN("1r"), .name = GB_SPAN("a"), .time = 3000, .mode = GB_SPAN("block")},
	};
	struct gb_function_ids ids[4], again[4];
	struct gb_function_filter filter = {.text = GB_SPAN("B_%")};
	struct gb_scope scope = {.accounts = &sightings[3].account, .account_count = 1};
	struct listed listed = {.count = 0};
	struct gb_store *other = fixture_open(f);
	int64_t id = 0;

	assert_ok(f, gb_functions_seen(f->store, sightings, 4, ids, &f->diag));
	assert_true(ids[0].function == ids[1].function && ids[0].version != ids[1].version);
	assert_true(ids[2].function != ids[0].function && ids[3].function != ids[0].function && ids[2].version == 0);
	for (size_t i = 0; i < 4; i++)
		sightings[i].time += 3600000;
	sightings[0].mode = GB_SPAN("detect");
	assert_ok(f, gb_functions_seen(other, sightings, 4, again, &f->diag));
	assert_memory_equal(ids, again, sizeof ids);
	assert_ok(f, gb_function_find(f->store, GB_SPAN("1"), GB_SPAN("r"), GB_SPAN("a"), &id, &f->diag));
	assert_int_equal(id, ids[0].function);
	assert_int_equal(gb_function_find(f->store, GB_SPAN("1"), GB_SPAN("r"), GB_SPAN("A"), &id, &f->diag), 0);
	assert_int_equal(gb_function_get(f->store, NULL, ids[0].function, list, &listed, &f->diag), 1);
	assert_true(listed.last.first_seen == 1000 && listed.last.last_seen == 3602000 && listed.last.last_event == 0);
	assert_string_equal(listed.mode, "detect");
	assert_int_equal(gb_function_get(f->store, &scope, ids[0].function, list, &listed, &f->diag), 0);
	assert_int_equal(
	        gb_functions_list(f->store, &scope, &(struct gb_function_filter){0}, 0, 10, list, &listed, &f->diag),
	        1);
	assert_int_equal(gb_functions_list(f->store, NULL, &filter, 0, 10, list, &listed, &f->diag), 1);
	assert_string_equal(listed.names[2], "b_%");
	listed.count = 0;
	assert_int_equal(
	        gb_functions_list(f->store, NULL, &(struct gb_function_filter){0}, 0, 2, list, &listed, &f->diag), 2);
	assert_int_equal(gb_functions_list(f->store, NULL, &(struct gb_function_filter){0}, listed.last.id, 2, list,
	                         &listed, &f->diag),
	        1);
	sightings[0].name = GB_SPAN_EMPTY;
	assert_int_equal(gb_functions_seen(f->store, sightings, 4, ids, &f->diag), -EINVAL);
	/* What was rolled back is not believed. */
	sightings[0].name = GB_SPAN("new");
	assert_ok(f, gb_store_begin(f->store, &f->diag));
	assert_ok(f, gb_functions_seen(f->store, sightings, 1, ids, &f->diag));
	gb_store_rollback(f->store);
	assert_ok(f, gb_functions_seen(f->store, sightings, 1, ids, &f->diag));
	assert_int_equal(gb_function_get(other, NULL, ids[0].function, list, &listed, &f->diag), 1);
	gb_store_close(other);
}

static void insert(struct fixture *f, struct gb_store *store, size_t first, size_t count, int64_t from, int64_t step)
{
	static char body[1000];
	struct gb_event *events = calloc(count, sizeof *events);
	struct gb_events_inserted inserted;

	memset(body, 'x', sizeof body);
	for (size_t i = 0; i < count; i++) {
		size_t number = first + i;

		events[i] = (struct gb_event){
		        .time = from + (int64_t)i * step, .function = 1, .body = gb_span_of(body, sizeof body)};
		memcpy(events[i].id, &number, sizeof number);
	}
	assert_ok(f, gb_events_insert(store, events, count, &inserted, &f->diag));
	assert_int_equal(inserted.inserted, count);
	free(events);
}

struct copying {
	struct fixture *f;
	struct gb_store *other;
	size_t turns;
};

/* Another connection goes on writing between the steps of a copy. */
static int write_between(void *context, uint64_t done, uint64_t all)
{
	struct copying *copying = context;

	assert_true(done <= all);
	insert(copying->f, copying->other, 100000 + 10 * copying->turns, 10, copying->f->now, 1);
	return copying->turns++ > 1000;
}

static int stop(void *context, uint64_t done, uint64_t all)
{
	(void)context, (void)done, (void)all;
	return 1;
}

static int64_t count_of(struct fixture *f, struct gb_store *store)
{
	int64_t n = -1;

	assert_ok(f, gb_sql_integer_of(store, "SELECT count(*) FROM events", NULL, 0, &n, &f->diag));
	return n;
}

static void copies_are_whole(void **state)
{
	struct fixture *f = *state;
	struct copying copying = {f, fixture_open(f), 0};
	struct gb_store *copy = NULL;
	char path[128], url[160];
	struct stat status;

	insert(f, f->store, 0, 9000, f->now - WEEK, 1000);
	snprintf(path, sizeof path, "%s/copy.db", f->folder);
	if (f->kind == GB_STORE_POSTGRES) {
		assert_int_equal(gb_store_backup(f->store, path, NULL, NULL, &f->diag), -ENOTSUP);
		assert_non_null(strstr(f->diag.message, "pg_dump"));
	} else {
		assert_int_equal(gb_store_backup(f->store, path, stop, NULL, &f->diag), -ECANCELED);
		assert_int_equal(stat(path, &status), -1);
		assert_ok(f, gb_store_backup(f->store, path, write_between, &copying, &f->diag));
		assert_true(copying.turns > 2);
		assert_int_equal(stat(path, &status), 0);
		assert_int_equal(status.st_mode & 0777, 0600);
		assert_int_equal(gb_store_backup(f->store, path, NULL, NULL, &f->diag), -EEXIST);
		snprintf(url, sizeof url, "sqlite:%s", path);
		assert_ok(f, gb_store_open(url, &copy, &f->diag));
		assert_int_equal(gb_store_migrate(copy, &f->diag), 0);
		assert_int_equal(count_of(f, copy), 9000);
		assert_int_equal(count_of(f, f->store), 9000 + 10 * (int64_t)copying.turns);
		gb_store_close(copy);
	}
	gb_store_close(copying.other);
}

static void too_much_goes(void **state)
{
	struct fixture *f = *state;
	struct gb_store_retention retention = {.events_bytes_max = 14 << 20};
	struct gb_store_retained retained;
	uint64_t bytes = 0;
	int64_t newest = 0;

	for (int64_t week = 3; week >= 0; week--)
		insert(f, f->store, (size_t)week * 8000, 8000, f->now - week * WEEK - 80000, 10);
	assert_ok(f, gb_store_size(f->store, &bytes, &f->diag));
	assert_true(bytes > 30u << 20);
	do
		assert_ok(f, gb_store_retain(f->store, &retention, &retained, &f->diag));
	while (retained.has_more);
	assert_true(count_of(f, f->store) >= 2000 && count_of(f, f->store) <= 16000);
	assert_ok(f, gb_sql_integer_of(f->store, "SELECT max(time) FROM events", NULL, 0, &newest, &f->diag));
	assert_true(newest > f->now - 80000);
	if (f->kind == GB_STORE_POSTGRES)
		assert_true(retained.parts_dropped >= 2);
	/* Ingest goes on where a week was dropped. */
	insert(f, f->store, 900000, 100, f->now - 3 * WEEK, 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        ON_BOTH(functions_are_seen),
	        ON_BOTH(copies_are_whole),
	        ON_BOTH(too_much_goes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
