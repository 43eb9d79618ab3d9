/* SPDX-License-Identifier: Apache-2.0 */
/* Names that are made up for one invocation are counted together; all others one by one. */
#include "sights.h"

enum { NAME_BYTES = 80 };

static void long_id(char *out, uint64_t a, uint64_t b)
{
	(void)snprintf(out, NAME_BYTES, "/tmp/unread-%08x%08x.json", (unsigned)a, (unsigned)b);
}

static void short_id(char *out, uint64_t a, uint64_t b)
{
	(void)b;
	(void)snprintf(out, NAME_BYTES, "/tmp/x%06x", (unsigned)(a % 0x900000 + 0x100000));
}

static void letters(char *out, uint64_t a, uint64_t b)
{
	(void)snprintf(out, NAME_BYTES, "/tmp/tmp%c%c%c%c", (char)('a' + a % 26), (char)('a' + a / 26 % 26),
	        (char)('a' + b % 26), (char)('a' + b / 26 % 26));
}

static void process_folder(char *out, uint64_t a, uint64_t b)
{
	(void)b;
	(void)snprintf(out, NAME_BYTES, "/proc/%u/status", (unsigned)(a % 30000 + 2));
}

static const struct name_row {
	const char *name;
	void (*make)(char *out, uint64_t a, uint64_t b);
	enum gb_activity_kind kind; /* of a process start it is an argument */
	unsigned told_max;          /* 10,000 times something: at 1, 2, 3, 4, 8, … 8192 */
	bool is_pattern;
} name_rows[] = {
        {"an id that one sample shows", long_id, GB_ACTIVITY_FILE_WRITE, 15, true},
        {"a process's folder", process_folder, GB_ACTIVITY_FILE_READ, 15, true},
        {"a short id", short_id, GB_ACTIVITY_FILE_WRITE, 16 + 15, false},
        {"letters", letters, GB_ACTIVITY_FILE_READ, 64 + 15, false},
        {"an argument", short_id, GB_ACTIVITY_PROCESS_START, 16 + 15, false},
};

static void put_made_up(struct bench *bench, const struct name_row *row, uint64_t *seed)
{
	uint64_t a = random_of(seed), b = random_of(seed);
	bool is_argument = row->kind == GB_ACTIVITY_PROCESS_START;
	char name[NAME_BYTES];
	struct gb_ring_report report = {.head = {.kind = (uint16_t)row->kind,
	                                        .decision = GB_OBSERVE,
	                                        .round = (uint16_t)bench->segment->round,
	                                        .sightings = 1,
	                                        .input_slot = -1}};

	row->make(name, a, b);
	report.subject = is_argument ? GB_SPAN("/bin/x") : gb_span_cstr(name);
	report.arguments = is_argument ? gb_span_of(name, strlen(name) + 1) : GB_SPAN_EMPTY;
	assert_true(gb_ring_put(bench->ring, &report));
}

/* Ten thousand names that never come again: the table holds, and they are told ever more rarely. */
static void made_up_names_are_counted_together(void **state)
{
	for (size_t i = 0; i < sizeof(name_rows) / sizeof(name_rows[0]); i++) {
		const struct name_row *row = &name_rows[i];
		uint64_t seed = 7;
		unsigned lines = 0, alike = 0;
		struct bench *bench;

		assert_int_equal(close_bench(state), 0);
		assert_int_equal(open_bench(state), 0);
		bench = *state;
		for (unsigned k = 1; k <= 10000; k++) {
			const char *log;

			begin(bench, 0, "id");
			put_made_up(bench, row, &seed);
			end(bench, 0);
			log = log_of(bench);
			count(log, "observation_limit", 0);
			lines += strstr(log, "\"items\"") != NULL;
			alike += strstr(log, "\"alike\":true") != NULL;
			if (k == 4096 && row->is_pattern)
				count(log, "\"n\":4096,\"alike\":true", 1);
		}
		if (lines > row->told_max || alike == 0 || (alike == lines) != row->is_pattern ||
		        bench->warden->observing.count > row->told_max * 2)
			fail_msg("%s: told %u times, %u together, %u entries", row->name, lines, alike,
			        bench->warden->observing.count);
	}
}

/* Where nobody makes up names each is what it is, and so is a program. */
static void other_names_are_told_one_by_one(void **state)
{
	struct bench *bench = *state;

	for (unsigned i = 0; i < 200; i++) {
		char subject[NAME_BYTES];

		begin(bench, 0, "id");
		if (i % 2 == 0)
			(void)snprintf(subject, sizeof(subject), "/var/task/data-%06u.json", i);
		else
			(void)snprintf(
			        subject, sizeof(subject), "/tmp/%c%c/list", (char)('a' + i % 26), (char)('a' + i / 26));
		put_sight(bench, subject, (uint16_t)bench->segment->round, 1);
		end(bench, 0);
		if (told(log_of(bench), subject) != 1)
			fail_msg("%s: %s", subject, bench->log);
		count(bench->log, "alike", 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        BENCH_TEST(made_up_names_are_counted_together),
	        BENCH_TEST(other_names_are_told_one_by_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
