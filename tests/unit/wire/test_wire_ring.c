/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/ring.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define PATIENCE 16u /* calls that meet an unfinished record before it is passed over */

static struct gb_ring ring;
static struct gb_ring_reader reader;
static struct gb_ring_record record;

static int empty_ring(void **state)
{
	(void)state;
	memset(&ring, 0, sizeof(ring));
	memset(&reader, 0, sizeof(reader));
	return 0;
}

static bool put(uint32_t pid, const char *subject)
{
	struct gb_ring_report report = {.head.pid = pid, .subject = gb_span_cstr(subject)};

	return gb_ring_put(&ring, &report);
}

static void records_come_in_order(void **state)
{
	(void)state;
	assert_false(gb_ring_take(&ring, &reader, &record));
	for (uint32_t lap = 0; lap < 3; lap++) {
		for (uint32_t i = 0; i < GB_RING_RECORDS; i++)
			assert_true(put(i, "subject"));
		for (uint32_t i = 0; i < GB_RING_RECORDS; i++) {
			assert_true(gb_ring_take(&ring, &reader, &record));
			assert_int_equal(record.pid, i);
			assert_true(gb_span_equal(gb_ring_subject(&record), GB_SPAN("subject")));
		}
		assert_false(gb_ring_take(&ring, &reader, &record));
	}
	assert_int_equal(gb_ring_lost(&ring, &reader), 0);
}

static void what_finds_it_full_is_counted(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < GB_RING_RECORDS; i++)
		assert_true(put(i, "x"));
	assert_false(put(1, "x"));
	assert_false(put(2, "x"));
	assert_int_equal(gb_ring_lost(&ring, &reader), 2);
	assert_int_equal(gb_ring_lost(&ring, &reader), 0);
	assert_true(gb_ring_take(&ring, &reader, &record));
	assert_true(put(3, "x"));
}

/* A writer took ticket 0 and was held up. */
static void hold_up_first(void)
{
	ring.head = 1;
}

static void unfinished_record_is_waited_for(void **state)
{
	(void)state;
	hold_up_first();
	assert_true(put(1, "second"));
	assert_false(gb_ring_take(&ring, &reader, &record));
	ring.records[0].pid = 7;
	ring.records[0].state = 1;
	assert_true(gb_ring_take(&ring, &reader, &record));
	assert_int_equal(record.pid, 7);
	assert_true(gb_ring_take(&ring, &reader, &record));
	assert_int_equal(record.pid, 1);
	assert_int_equal(gb_ring_lost(&ring, &reader), 0);
}

static void unfinished_record_is_lost_and_counted(void **state)
{
	(void)state;
	hold_up_first();
	for (unsigned i = 0; i < 2 * PATIENCE; i++)
		assert_false(gb_ring_take(&ring, &reader, &record)); /* nothing later is complete */
	assert_true(put(1, "second"));
	for (unsigned i = 1; i < PATIENCE; i++)
		assert_false(gb_ring_take(&ring, &reader, &record));
	assert_true(gb_ring_take(&ring, &reader, &record));
	assert_int_equal(record.pid, 1);
	assert_int_equal(gb_ring_lost(&ring, &reader), 1);
	assert_int_equal(gb_ring_lost(&ring, &reader), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup(records_come_in_order, empty_ring),
	        cmocka_unit_test_setup(what_finds_it_full_is_counted, empty_ring),
	        cmocka_unit_test_setup(unfinished_record_is_waited_for, empty_ring),
	        cmocka_unit_test_setup(unfinished_record_is_lost_and_counted, empty_ring),
	};

	return cmocka_run_group_tests_name("wire ring", tests, NULL, NULL);
}
