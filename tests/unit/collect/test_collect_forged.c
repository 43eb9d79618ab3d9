/* SPDX-License-Identifier: Apache-2.0 */
/* What is found out about a log that somebody has had his hands in. */
#include "stored.h"

static void a_line_taken_out_is_missed(void **state)
{
	struct bench *bench = *state;

	log_write(bench->log, 10);
	put_lines(bench, 0, 4);
	put_lines(bench, 5, bench->log->count - 5);
	verify(bench);
	expect_told(bench, 0, 0, 0);
	verify_later(bench);
	expect_told(bench, 0, 1, 0);
	assert_int_equal(authentic(bench, bench->log->lines[5]), GB_AUTHENTIC_YES);
	/* It comes after all: the event stays, for it was true when it was told. */
	put_lines(bench, 4, 1);
	verify_later(bench);
	expect_told(bench, 0, 1, 0);
}

static void a_line_that_comes_late_is_no_gap(void **state)
{
	struct bench *bench = *state;

	log_write(bench->log, 10);
	put_lines(bench, 0, 4);
	put_lines(bench, 5, bench->log->count - 5);
	verify(bench);
	bench->now += GB_COLLECT_GRACE_MS / 2;
	put_lines(bench, 4, 1);
	verify_later(bench);
	expect_told(bench, 0, 0, 0);
}

static void an_invocation_taken_out_with_its_seal_is_missed(void **state)
{
	struct bench *bench = *state;

	log_write(bench->log, 10);
	put_lines(bench, 0, 4);
	put_lines(bench, 7, bench->log->count - 7);
	verify_later(bench);
	/* The lines, and the seal that the next one vouches for. */
	expect_told(bench, 0, 2, 0);
}

static char *changed(const char *line, const char *from, const char *to)
{
	const char *at = strstr(line, from);
	char *copy = malloc(strlen(line) + strlen(to) + 1);

	assert_non_null(at);
	assert_non_null(copy);
	(void)snprintf(copy, strlen(line) + strlen(to) + 1, "%.*s%s%s", (int)(at - line), line, to, at + strlen(from));
	return copy;
}

static void a_changed_line_is_forged(void **state)
{
	struct bench *bench = *state;
	char *line;

	log_write(bench->log, 5);
	put_lines(bench, 0, 4);
	line = changed(bench->log->lines[4], "\"severity\":\"high\"", "\"severity\":\"low\"");
	put_line(bench, line);
	put_lines(bench, 5, bench->log->count - 5);
	verify_later(bench);
	/* What stands there is not what was written, and what was written is missing. */
	expect_told(bench, 1, 1, 0);
	assert_int_equal(authentic(bench, line), GB_AUTHENTIC_NO);
	assert_int_equal(number(bench, "SELECT state = 'forged' FROM sandboxes"), 1);
	free(line);
}

static void a_line_beside_the_true_one_is_forged(void **state)
{
	for (unsigned when = 0; when < 3; when++) {
		struct bench *bench = *state;
		char *line;

		log_write(bench->log, 5);
		line = changed(bench->log->lines[4], "\"id\":\"0", "\"id\":\"1");
		if (when == 0)
			put_line(bench, line);
		put_lines(bench, 0, bench->log->count);
		if (when == 2)
			verify(bench);
		if (when != 0)
			put_line(bench, line);
		verify_later(bench);
		expect_told(bench, 1, 0, 0);
		assert_int_equal(authentic(bench, line), GB_AUTHENTIC_NO);
		assert_int_equal(authentic(bench, bench->log->lines[4]), GB_AUTHENTIC_YES);
		free(line);
		tear_down(state);
		set_up(state);
	}
}

static void lines_behind_the_end_have_no_seal(void **state)
{
	struct bench *bench = *state;

	log_write(bench->log, 3);
	log_finding(bench->log, "' OR 1=1");
	log_finding(bench->log, "' OR 2=2");
	put_lines(bench, 0, bench->log->count);
	verify(bench);
	assert_int_equal(authentic(bench, bench->log->lines[bench->log->count - 1]), GB_AUTHENTIC_PENDING);
	verify_later(bench);
	expect_told(bench, 0, 0, 1);
	assert_int_equal(authentic(bench, bench->log->lines[bench->log->count - 1]), GB_AUTHENTIC_PENDING);
	verify_later(bench);
	expect_told(bench, 0, 0, 1);
}

static void a_seal_of_another_key_is_forged(void **state)
{
	struct bench *bench = *state;
	struct log *other = calloc(1, sizeof(*other));
	char *seal;

	assert_non_null(other);
	log_write(bench->log, 3);
	/* Somebody with a key of his own seals a line that he made up, with the next number. */
	log_open(other, 2);
	memcpy(other->sandbox, bench->log->sandbox, sizeof(other->sandbox));
	other->seq = other->sealed_to = bench->log->seq;
	log_finding(other, "made up");
	log_seal(other);
	put_lines(bench, 0, bench->log->count);
	put_packed(bench, pack_text(other, 0, 2), &orders);
	verify_later(bench);
	expect_told(bench, 1, 0, 1);
	assert_int_not_equal(authentic(bench, other->lines[0]), GB_AUTHENTIC_YES);
	assert_int_equal(authentic(bench, bench->log->lines[1]), GB_AUTHENTIC_YES);
	/* The true seal with another signature. */
	seal = changed(bench->log->lines[3], "\"signature\":\"", "\"signature\":\"");
	strstr(seal, "\"signature\":\"")[13] ^= 1;
	put_line(bench, seal);
	verify_later(bench);
	assert_int_equal(told(bench, "log_forged"), 2);
	free(seal);
	log_close(other);
	free(other);
}

/* Before any line of the log comes one that is a start of its sandbox, too, from somebody with a key of his own. */
static void put_another_start(struct bench *bench, unsigned number, bool has_key)
{
	struct log *other = calloc(1, sizeof(*other));

	assert_non_null(other);
	log_open(other, number);
	memcpy(other->sandbox, bench->log->sandbox, sizeof(other->sandbox));
	log_start(other, "orders", has_key);
	put_packed(bench, pack_text(other, 0, 1), &orders);
	log_close(other);
	free(other);
}

static void a_start_with_another_key_is_forged(void **state)
{
	struct bench *bench = *state;

	log_write(bench->log, 3);
	put_another_start(bench, 2, true);
	put_lines(bench, 0, bench->log->count);
	verify_later(bench);
	/* By its key at once, and by its number. */
	expect_told(bench, 2, 0, 0);
	assert_int_equal(authentic(bench, bench->log->lines[1]), GB_AUTHENTIC_YES);
	/* One that denies that there is a key. */
	put_another_start(bench, 3, false);
	verify_later(bench);
	assert_int_equal(told(bench, "log_forged"), 3);
}

static void a_denied_key_is_found_out_when_it_comes(void **state)
{
	struct bench *bench = *state;

	log_write(bench->log, 3);
	put_another_start(bench, 2, false);
	put_lines(bench, 0, bench->log->count);
	verify_later(bench);
	assert_true(told(bench, "log_forged") >= 1);
	assert_int_equal(authentic(bench, bench->log->lines[1]), GB_AUTHENTIC_YES);
}

static void a_log_without_its_start_cannot_be_verified(void **state)
{
	struct bench *bench = *state;

	log_write(bench->log, 3);
	put_lines(bench, 1, bench->log->count - 1);
	verify(bench);
	expect_told(bench, 0, 0, 0);
	verify_later(bench);
	assert_int_equal(told(bench, "log_gap"), 1);
	/* And one that came late. */
	bench->log->serial = 9;
	put_lines(bench, 0, bench->log->count);
	verify_later(bench);
	assert_int_equal(authentic(bench, bench->log->lines[1]), GB_AUTHENTIC_YES);
}

static void logs_without_a_key_are_unsigned(void **state)
{
	struct bench *bench = *state;

	log_start(bench->log, "orders", false);
	log_finding(bench->log, "x");
	put_lines(bench, 0, 2);
	verify_later(bench);
	expect_told(bench, 0, 0, 0);
	assert_int_equal(number(bench, "SELECT COUNT(*) FROM lines"), 0);
	assert_int_equal(authentic(bench, bench->log->lines[1]), GB_AUTHENTIC_UNSIGNED);
}

static void a_restored_copy_begins_later(void **state)
{
	struct bench *bench = *state;

	bench->log->seq = bench->log->sealed_to = 40;
	log_write(bench->log, 3);
	put_lines(bench, 0, bench->log->count);
	verify_later(bench);
	expect_told(bench, 0, 0, 0);
}

static void names_come_from_the_road_or_else_from_the_line(void **state)
{
	static const struct gb_collect_origin nowhere, other = {.function = {(const unsigned char *)"invoices", 8}};
	struct bench *bench = *state;
	struct dump dump = {0};

	log_write(bench->log, 2);
	put_packed(bench, pack_text(bench->log, 0, 1), &nowhere);
	put_packed(bench, pack_text(bench->log, 1, 6), &nowhere);
	add_query(bench, &dump, "SELECT name FROM functions");
	assert_memory_equal(dump.text, "orders\n", 7);
	assert_int_equal(dump.n, 7);
	assert_int_equal(number(bench, "SELECT COUNT(*) FROM events WHERE version <> 0"), 3);
	free(dump.text);
	/* A log that is another function's than its lines say. */
	put_packed(bench, pack_text(bench->log, 0, 1), &other);
	assert_int_equal(told(bench, "log_mismatch"), 1);
}

static void a_second_sandbox_in_a_stream_is_told(void **state)
{
	struct gb_collect_origin stream = orders;
	struct bench *bench = *state;
	struct log *other = calloc(1, sizeof(*other));

	assert_non_null(other);
	stream.stream = GB_SPAN("2026/11/21/[$LATEST]abc");
	log_write(bench->log, 2);
	log_open(other, 2);
	log_write(other, 1);
	put_packed(bench, pack_text(bench->log, 0, bench->log->count), &stream);
	put_packed(bench, pack_text(bench->log, 0, bench->log->count), &stream);
	assert_int_equal(told(bench, "log_second_start"), 0);
	put_packed(bench, pack_text(other, 0, other->count), &stream);
	assert_int_equal(told(bench, "log_second_start"), 1);
	log_close(other);
	free(other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(a_line_taken_out_is_missed, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(a_line_that_comes_late_is_no_gap, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(an_invocation_taken_out_with_its_seal_is_missed, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(a_changed_line_is_forged, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(a_line_beside_the_true_one_is_forged, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(lines_behind_the_end_have_no_seal, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(a_seal_of_another_key_is_forged, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(a_start_with_another_key_is_forged, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(a_denied_key_is_found_out_when_it_comes, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(a_log_without_its_start_cannot_be_verified, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(logs_without_a_key_are_unsigned, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(a_restored_copy_begins_later, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(names_come_from_the_road_or_else_from_the_line, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(a_second_sandbox_in_a_stream_is_told, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
