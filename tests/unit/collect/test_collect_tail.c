/* SPDX-License-Identifier: Apache-2.0 */
/* A file that is written, rotated, truncated and left, and read by somebody who stops and goes on. */
#include "collect/tail.h"

#include "base/text.h"

#include <setjmp.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct place {
	char folder[64], log[96], old[96];
};

static int set_up(void **state)
{
	static struct place place;

	(void)snprintf(place.folder, sizeof(place.folder), "/tmp/gambeson-tail-XXXXXX");
	if (mkdtemp(place.folder) == NULL)
		return -1;
	(void)snprintf(place.log, sizeof(place.log), "%s/log", place.folder);
	(void)snprintf(place.old, sizeof(place.old), "%s/log.1", place.folder);
	*state = &place;
	return 0;
}

static int tear_down(void **state)
{
	struct place *place = *state;

	(void)unlink(place->log);
	(void)unlink(place->old);
	return rmdir(place->folder);
}

static void append(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(close(fd), 0);
}

static struct gb_collect_tail *open_tail(
        const struct place *place, const struct gb_collect_mark *mark, enum gb_collect_from from)
{
	struct gb_collect_tail *tail = NULL;
	struct gb_diag diag = {0};

	if (gb_collect_tail_open(place->log, mark, from, &tail, &diag) != 0)
		fail_msg("%s", diag.message);
	return tail;
}

/* All that there is now. */
static const char *read_all(struct gb_collect_tail *tail, bool is_last)
{
	static char room[4096];
	struct gb_text text = gb_text_on(room, sizeof(room) - 1);
	struct gb_diag diag = {0};
	struct gb_span lines;
	int r;

	while ((r = gb_collect_tail_read(tail, is_last, &lines, &diag)) > 0)
		gb_text_add(&text, lines);
	assert_int_equal(r, 0);
	return gb_text_cstr(&text);
}

/* As somebody does who stops and is started again. */
static struct gb_collect_tail *again(const struct place *place, struct gb_collect_tail *tail)
{
	char text[GB_COLLECT_MARK_CHARS];
	struct gb_collect_mark mark, back;

	gb_collect_tail_mark(tail, &mark);
	gb_collect_tail_close(tail);
	gb_collect_mark_print(&mark, text);
	assert_true(gb_collect_mark_parse(gb_span_cstr(text), &back));
	assert_memory_equal(&mark, &back, sizeof(mark));
	return open_tail(place, &back, GB_COLLECT_FROM_END);
}

static void whole_lines_only(void **state)
{
	struct place *place = *state;
	struct gb_collect_tail *tail;

	append(place->log, "one\ntwo\nthr");
	tail = open_tail(place, NULL, GB_COLLECT_FROM_BEGIN);
	assert_string_equal(read_all(tail, false), "one\ntwo\n");
	append(place->log, "ee\nfo");
	assert_string_equal(read_all(tail, false), "three\n");
	assert_string_equal(read_all(tail, true), "fo");
	gb_collect_tail_close(tail);
	tail = open_tail(place, NULL, GB_COLLECT_FROM_END);
	append(place->log, "ur\nfive\n");
	assert_string_equal(read_all(tail, false), "ur\nfive\n");
	gb_collect_tail_close(tail);
}

static void goes_on_where_it_stopped(void **state)
{
	struct place *place = *state;
	struct gb_collect_tail *tail;

	append(place->log, "one\ntwo\nthr");
	tail = open_tail(place, NULL, GB_COLLECT_FROM_BEGIN);
	assert_string_equal(read_all(tail, false), "one\ntwo\n");
	tail = again(place, tail);
	append(place->log, "ee\n");
	assert_string_equal(read_all(tail, false), "three\n");
	tail = again(place, tail);
	assert_string_equal(read_all(tail, false), "");
	gb_collect_tail_close(tail);
}

static void rotated_while_it_reads(void **state)
{
	struct place *place = *state;
	struct gb_collect_tail *tail;

	append(place->log, "one\n");
	tail = open_tail(place, NULL, GB_COLLECT_FROM_BEGIN);
	assert_string_equal(read_all(tail, false), "one\n");
	assert_int_equal(rename(place->log, place->old), 0);
	append(place->old, "two\nhalf");
	assert_string_equal(read_all(tail, false), "two\n");
	append(place->log, "three\n");
	assert_string_equal(read_all(tail, true), "halfthree\n");
	append(place->log, "four\n");
	assert_string_equal(read_all(tail, true), "four\n");
	gb_collect_tail_close(tail);
}

static void rotated_while_it_was_away(void **state)
{
	struct place *place = *state;
	struct gb_collect_tail *tail;
	struct gb_collect_mark mark;

	append(place->log, "one\n");
	tail = open_tail(place, NULL, GB_COLLECT_FROM_BEGIN);
	assert_string_equal(read_all(tail, false), "one\n");
	gb_collect_tail_mark(tail, &mark);
	gb_collect_tail_close(tail);
	append(place->log, "two\n");
	assert_int_equal(rename(place->log, place->old), 0);
	append(place->log, "three\n");
	tail = open_tail(place, &mark, GB_COLLECT_FROM_END);
	assert_string_equal(read_all(tail, true), "two\nthree\n");
	gb_collect_tail_close(tail);
	/* And the old one deleted: what is there is all new. */
	assert_int_equal(unlink(place->old), 0);
	tail = open_tail(place, &mark, GB_COLLECT_FROM_END);
	assert_string_equal(read_all(tail, false), "three\n");
	gb_collect_tail_close(tail);
}

static void truncated_and_written_anew(void **state)
{
	struct place *place = *state;
	struct gb_collect_tail *tail;
	struct gb_collect_mark mark;

	append(place->log, "one\ntwo\n");
	tail = open_tail(place, NULL, GB_COLLECT_FROM_BEGIN);
	assert_string_equal(read_all(tail, false), "one\ntwo\n");
	assert_int_equal(truncate(place->log, 0), 0);
	append(place->log, "three\n");
	assert_string_equal(read_all(tail, false), "three\n");
	/* Longer than before at the next look: only what it begins with tells. */
	gb_collect_tail_mark(tail, &mark);
	assert_int_equal(truncate(place->log, 0), 0);
	append(place->log, "four, which is longer\n");
	assert_string_equal(read_all(tail, false), "four, which is longer\n");
	gb_collect_tail_close(tail);
	tail = open_tail(place, &mark, GB_COLLECT_FROM_END);
	assert_string_equal(read_all(tail, false), "four, which is longer\n");
	gb_collect_tail_close(tail);
}

static void what_is_no_file_is_refused(void **state)
{
	struct place *place = *state;
	struct gb_collect_tail *tail;
	struct gb_diag diag;

	assert_true(gb_collect_tail_open(place->folder, NULL, GB_COLLECT_FROM_BEGIN, &tail, &diag) < 0);
	assert_true(gb_collect_tail_open(place->log, NULL, GB_COLLECT_FROM_BEGIN, &tail, &diag) < 0);
	assert_true(gb_collect_tail_open("/dev/null", NULL, GB_COLLECT_FROM_BEGIN, &tail, &diag) < 0);
}

static void odd_marks(void **state)
{
	static const char *const rows[] = {"", "1 2 3 4", "1 2 3 4 AAAA",
	        "1 2 3 1025 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
	        "1 2 99999999999999999999 4 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
	        "1 2 -3 4 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"};
	struct gb_collect_mark mark;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (gb_collect_mark_parse(gb_span_cstr(rows[i]), &mark))
			fail_msg("taken: %s", rows[i]);
	assert_true(gb_collect_mark_parse(GB_SPAN("1 2 3 4 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), &mark));
}

#define TAIL_TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TAIL_TEST(whole_lines_only),
	        TAIL_TEST(goes_on_where_it_stopped),
	        TAIL_TEST(rotated_while_it_reads),
	        TAIL_TEST(rotated_while_it_was_away),
	        TAIL_TEST(truncated_and_written_anew),
	        TAIL_TEST(what_is_no_file_is_refused),
	        cmocka_unit_test(odd_marks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
