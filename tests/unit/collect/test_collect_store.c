/* SPDX-License-Identifier: Apache-2.0 */
/* What is stored: the same whatever the order, the splits and the repeats in which lines come. */
#include "stored.h"

static void a_whole_log_is_authentic(void **state)
{
	struct bench *bench = *state;

	log_write(bench->log, 20);
	put_lines(bench, 0, bench->log->count);
	assert_int_equal(authentic(bench, bench->log->lines[1]), GB_AUTHENTIC_PENDING);
	verify(bench);
	assert_int_equal(number(bench, "SELECT COUNT(*) FROM events"), 21);
	assert_int_equal(number(bench, "SELECT COUNT(*) FROM observations"), 20);
	assert_int_equal(number(bench, "SELECT verified_to FROM sandboxes"), (int64_t)bench->log->count - 2);
	assert_int_equal(number(bench, "SELECT COUNT(*) FROM lines"), 1);
	for (size_t i = 0; i < bench->log->count; i++)
		if (i % 3 != 0)
			assert_int_equal(authentic(bench, bench->log->lines[i]), GB_AUTHENTIC_YES);
	verify_later(bench);
	expect_told(bench, 0, 0, 0);
}

/* What waited for something is looked at when that comes, not when the time for it is over. */
static void nothing_waits_for_what_has_come(void **state)
{
	struct bench *bench = *state;
	size_t count;

	log_write(bench->log, 10);
	count = bench->log->count;
	put_lines(bench, 0, 4);
	put_lines(bench, 13, count - 13);
	verify(bench);
	assert_int_equal(number(bench, "SELECT verified_to FROM sandboxes"), 2);
	assert_int_equal(number(bench, "SELECT COUNT(*) FROM seals WHERE state = 1"), 6);
	put_lines(bench, 4, 4);
	put_lines(bench, 9, 4);
	verify(bench);
	assert_int_equal(number(bench, "SELECT verified_to FROM sandboxes"), (int64_t)count - 2);
	assert_int_equal(number(bench, "SELECT COUNT(*) FROM seals WHERE state = 1"), 1);
	put_lines(bench, 8, 1);
	verify(bench);
	assert_int_equal(number(bench, "SELECT COUNT(*) FROM seals WHERE state <> 2"), 0);
	verify_later(bench);
	expect_told(bench, 0, 0, 0);
}

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

/* Pieces of the log in an order of SEED's, some of them twice, by any envelope, with looks at them in between. */
static void put_in_pieces(struct bench *bench, uint32_t seed)
{
	size_t cuts[64], order[128], cut_count = 0, n = 0;

	for (size_t at = 0; at < bench->log->count; at += 1 + next_random(&seed) % 9)
		cuts[cut_count++] = at;
	for (size_t i = 0; i < cut_count; i++) {
		order[n++] = i;
		if (next_random(&seed) % 3 == 0)
			order[n++] = i;
	}
	for (size_t i = n; i > 1; i--) {
		size_t k = next_random(&seed) % i, kept = order[i - 1];

		order[i - 1] = order[k];
		order[k] = kept;
	}
	for (size_t i = 0; i < n; i++) {
		size_t first = cuts[order[i]], end = order[i] + 1 < cut_count ? cuts[order[i] + 1] : bench->log->count;

		put_packed(
		        bench, packings[next_random(&seed) % PACKINGS].pack(bench->log, first, end - first), &orders);
		if (next_random(&seed) % 4 == 0)
			verify(bench);
	}
}

static void any_order_gives_the_same_store(void **state)
{
	struct bench *bench = *state, again = {.log = bench->log};
	char *whole, *pieces;

	log_write(bench->log, 30);
	put_lines(bench, 0, bench->log->count);
	verify_later(bench);
	whole = dump_of(bench);
	for (uint32_t seed = 1; seed <= 12; seed++) {
		open_store(&again);
		put_in_pieces(&again, seed);
		verify_later(&again);
		pieces = dump_of(&again);
		if (strcmp(whole, pieces) != 0) {
			size_t at = 0;

			while (whole[at] == pieces[at])
				at++;
			at = at < 100 ? 0 : at - 100;
			fail_msg("seed %u:\n%.400s\ninstead of\n%.400s", seed, pieces + at, whole + at);
		}
		free(pieces);
		close_store(&again);
	}
	free(whole);
	expect_told(bench, 0, 0, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(a_whole_log_is_authentic, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(nothing_waits_for_what_has_come, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(any_order_gives_the_same_store, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
