/* SPDX-License-Identifier: Apache-2.0 */
/* Counts beside a plain list of the same events: whatever is counted, and whatever happened before, both databases say what the list says. */
#include "world.h"

#include "store/sums.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void counts_are_those_of_events(void **state)
{
	struct world *world = world_begin(*state);

	world_compare(world, "before there is any", 5);
	world_insert(world, 1);
	world_insert(world, 2);
	world_insert(world, 3000);
	world_compare(world, "half of them", 60);
	world_insert(world, WORLD_EVENTS - world->count);
	world_compare(world, "all", 100);
	world_end(world);
}

static void sums_are_made_of_counts(void **state)
{
	struct world *world = world_begin(*state);
	struct fixture *f = world->f;
	int steps = 0, r;

	world_insert(world, 2000);
	/* As a store is that was made before there were sums. */
	assert_ok(f, gb_sql_run(f->store, "DELETE FROM event_sums", NULL, 0, NULL, NULL, &f->diag));
	assert_ok(f, gb_sql_run(f->store, "UPDATE counters SET value = 0 WHERE name = 'sums'", NULL, 0, NULL, NULL,
	                     &f->diag));
	struct gb_store *other = fixture_open(f), *mine = f->store;
	f->store = other;
	assert_int_equal(gb_sums_are_whole(other, &f->diag), 0);
	world_compare(world, "none is made", 10);
	do {
		/* Events go on coming while they are made. */
		world_insert(world, 300);
		r = gb_sums_fill(other, &f->diag);
		assert_ok(f, r);
		world_insert(world, 100);
		world_compare(world, "some are made", 5);
	} while (++steps < 20 && r > 0);
	assert_int_equal(r, 0);
	assert_true(steps > 4);
	assert_int_equal(gb_sums_are_whole(other, &f->diag), 1);
	world_compare(world, "all are made", 60);
	f->store = mine;
	gb_store_close(other);
	world_end(world);
}

static int64_t rows_of(struct fixture *f, const char *text)
{
	int64_t n = -1;

	assert_ok(f, gb_sql_integer_of(f->store, text, NULL, 0, &n, &f->diag));
	return n;
}

static void old_ones_go_by_days(void **state)
{
	struct world *world = world_begin(*state);
	struct gb_store_retention retention = {.counts_ms = 30 * WORLD_DAY + 5 * WORLD_HOUR};
	struct gb_store_retained retained;
	int64_t sums;

	world_insert(world, 5000);
	sums = rows_of(world->f, "SELECT COUNT(*) FROM event_sums");
	do
		assert_ok(world->f, gb_store_retain(world->f->store, &retention, &retained, &world->f->diag));
	while (retained.has_more);
	world->kept_from = (world->f->now - retention.counts_ms) / WORLD_DAY * WORLD_DAY;
	assert_true(rows_of(world->f, "SELECT COUNT(*) FROM event_sums") < sums);
	assert_int_equal(rows_of(world->f, "SELECT MIN(hour) FROM event_counts") / 24 * WORLD_DAY, world->kept_from);
	world_compare(world, "old ones are gone", 60);
	world_end(world);
}

/* What is not committed is nowhere. */
static void rolled_back_is_not_counted(void **state)
{
	struct world *world = world_begin(*state);
	struct gb_events_inserted inserted;

	world_insert(world, 1000);
	assert_ok(world->f, gb_store_begin(world->f->store, &world->f->diag));
	assert_ok(world->f, gb_events_insert(world->f->store, world->events + 1000, 500, &inserted, &world->f->diag));
	gb_store_rollback(world->f->store);
	world_compare(world, "rolled back", 20);
	world_insert(world, 700);
	world_compare(world, "inserted behind", 40);
	world_end(world);
}

static void broken_lists_are_borne(void **state)
{
	static const char *const lists[] = {"", "\x80", "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80", "\x01"};
	int64_t sum;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct gb_tally *tally = gb_tally_new(NULL);

		assert_int_equal(gb_tally_add(tally, 24, 3, gb_span_cstr(lists[i]), &sum), 0);
		assert_int_equal(sum, 0);
		gb_tally_free(tally);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        ON_BOTH(counts_are_those_of_events),
	        ON_BOTH(sums_are_made_of_counts),
	        ON_BOTH(old_ones_go_by_days),
	        ON_BOTH(rolled_back_is_not_counted),
	        cmocka_unit_test(broken_lists_are_borne),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
