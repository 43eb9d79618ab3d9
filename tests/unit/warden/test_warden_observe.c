/* SPDX-License-Identifier: Apache-2.0 */
/* What is told to the learner: in how many invocations a thing was seen, and of how many. */
#include "bench.h"

/* As a sensor: a process's own count of one thing. */
struct process {
	bool has_seen;
	uint16_t round, count;
};

static void put_sight(struct bench *bench, const char *subject, uint16_t round, uint16_t sightings)
{
	struct gb_ring_report report = {.head = {.kind = GB_ACTIVITY_FILE_READ,
	                                        .decision = GB_OBSERVE,
	                                        .control = GB_CONTROL_ALLOWLIST,
	                                        .reason = GB_R_NOT_ON_ALLOWLIST,
	                                        .input_slot = -1,
	                                        .round = round,
	                                        .sightings = sightings},
	        .subject = gb_span_cstr(subject)};

	assert_true(gb_ring_put(bench->ring, &report));
}

static void see(struct bench *bench, struct process *process, const char *subject)
{
	uint16_t round = (uint16_t)bench->segment->round;

	if (process->has_seen && (int16_t)(round - process->round) < GB_SEGMENT_ROUNDS_APART)
		return;
	process->has_seen = true;
	process->round = round;
	process->count++;
	if (gb_ring_is_told(process->count))
		put_sight(bench, subject, round, process->count);
}

static void begin(struct bench *bench, unsigned slot, const char *id)
{
	struct warden_invocation *invocation = &bench->warden->invocations[slot];

	*invocation = (struct warden_invocation){.is_active = true, .order = ++bench->warden->orders};
	invocation->request_id_n = strlen(id);
	memcpy(invocation->request_id, id, invocation->request_id_n);
	memcpy(invocation->source_ip, "192.0.2.7", 9);
	invocation->source_ip_n = 9;
	warden_observe_event(bench->warden, slot, GB_SHAPE_SQS);
}

static void end(struct bench *bench, unsigned slot)
{
	warden_drain(bench->warden);
	bench->warden->invocations[slot].is_answered = true;
	bench->warden->invocations[slot].is_active = false;
}

/* The greatest number that LOG tells of SUBJECT; 0: it is not told. */
static unsigned told(const char *log, const char *subject)
{
	char wanted[64];
	unsigned most = 0;

	(void)snprintf(wanted, sizeof(wanted), "\"subject\":\"%s\"", subject);
	for (const char *at = strstr(log, wanted); at != NULL; at = strstr(at + 1, wanted)) {
		const char *behind = at + strlen(wanted);
		unsigned n = strncmp(behind, ",\"n\":", 5) == 0 ? (unsigned)strtoul(behind + 5, NULL, 10) : 1;

		most = n > most ? n : most;
	}
	return most;
}

static void a_thing_is_told_ever_more_rarely(void **state)
{
	struct bench *bench = *state;
	struct process process = {.has_seen = false};
	char id[32];

	for (unsigned i = 1; i <= 70; i++) {
		unsigned n;

		(void)snprintf(id, sizeof(id), "id-%u", i);
		begin(bench, 0, id);
		for (unsigned often = 0; often < 3; often++)
			see(bench, &process, "/a");
		end(bench, 0);
		n = told(log_of(bench), "/a");
		if (n != (i <= 4 || (i & (i - 1)) == 0 ? i : 0))
			fail_msg("invocation %u tells %u: %s", i, n, bench->log);
		if (n == 0)
			continue;
		count(bench->log, id, 1);
		count(bench->log, "\"shape\":\"sqs\",\"source_ip\":\"192.0.2.7\"", 1);
		(void)snprintf(id, sizeof(id), "invocations\":%u,\"shape\":", i);
		count(bench->log, id, 1);
	}
}

/* Processes that live for one invocation know of none before. */
static void short_lived_processes_add_up(void **state)
{
	struct bench *bench = *state;

	for (unsigned i = 1; i <= 20; i++) {
		unsigned n;

		begin(bench, 0, "id");
		for (unsigned k = 0; k < 5; k++) {
			struct process process = {.has_seen = false};

			see(bench, &process, "/a");
		}
		end(bench, 0);
		n = told(log_of(bench), "/a");
		if (n != (i <= 4 || (i & (i - 1)) == 0 ? i : 0))
			fail_msg("invocation %u tells %u", i, n);
	}
}

static void start_up_counts_to_the_first_event(void **state)
{
	struct bench *bench = *state;
	struct process process = {.has_seen = false};

	see(bench, &process, "/a");
	warden_drain(bench->warden);
	assert_int_equal(told(log_of(bench), "/a"), 1);
	count(bench->log, "\"phase\":\"init\",\"invocations\":0,\"items\"", 1);
	count(bench->log, "\"request\"", 0);
	begin(bench, 0, "one");
	see(bench, &process, "/a");
	see(bench, &(struct process){.has_seen = false}, "/a");
	end(bench, 0);
	assert_int_equal(told(log_of(bench), "/a"), 0);
	begin(bench, 0, "two");
	see(bench, &process, "/a");
	end(bench, 0);
	assert_int_equal(told(log_of(bench), "/a"), 2);
	count(bench->log, "\"phase\":\"invoke\"", 1);
}

/* What start-up did while the first event came already. */
static void late_reports_stay_where_they_belong(void **state)
{
	struct bench *bench = *state;

	put_sight(bench, "/early", 0, 1);
	begin(bench, 0, "one");
	put_sight(bench, "/a", (uint16_t)bench->segment->round, 1);
	end(bench, 0);
	count(log_of(bench),
	        "\"phase\":\"init\",\"invocations\":0,\"items\":[{\"kind\":\"file_read\",\"subject\":\"/early\"", 1);
	count(bench->log, "\"request\":\"one\"", 1);
	put_sight(bench, "/left", (uint16_t)bench->segment->round, 1);
	begin(bench, 0, "two");
	end(bench, 0);
	/* By whoever was left behind; not by the second event. */
	count(log_of(bench), "\"subject\":\"/left\"", 1);
	count(bench->log, "\"request\":\"two\"", 0);
}

static void events_at_once_are_told_as_such(void **state)
{
	struct bench *bench = *state;

	begin(bench, 0, "one");
	begin(bench, 1, "two");
	see(bench, &(struct process){.has_seen = false}, "/a");
	warden_drain(bench->warden);
	assert_int_equal(told(log_of(bench), "/a"), 1);
	count(bench->log, "\"among\":[\"one\",\"two\"]", 1);
	count(bench->log, "\"request\"", 0);
	count(bench->log, "\"shape\":", 0);
	end(bench, 0);
	see(bench, &(struct process){.has_seen = false}, "/b");
	end(bench, 1);
	count(log_of(bench), "\"request\":\"two\"", 1);
}

static void findings_name_all_that_may_have_done_it(void **state)
{
	struct gb_ring_report report = {.head = {.kind = GB_ACTIVITY_FILE_READ,
	                                        .decision = GB_DENY,
	                                        .control = GB_CONTROL_DECOY,
	                                        .reason = GB_R_DECOY_TOUCHED,
	                                        .input_slot = -1},
	        .subject = GB_SPAN("/tmp/key")};
	struct bench *bench = *state;

	begin(bench, 0, "one");
	assert_true(gb_ring_put(bench->ring, &report));
	warden_drain(bench->warden);
	count(log_of(bench), "\"request\":\"one\"", 1);
	count(bench->log, "among", 0);
	begin(bench, 1, "two");
	assert_true(gb_ring_put(bench->ring, &report));
	warden_drain(bench->warden);
	count(log_of(bench), "\"among\":[\"one\",\"two\"]}\n", 1);
	count(bench->log, "\"request\"", 0);
}

static void a_liar_is_bounded(void **state)
{
	struct bench *bench = *state;

	begin(bench, 0, "one");
	put_sight(bench, "/a", (uint16_t)bench->segment->round, 60000);
	end(bench, 0);
	assert_int_equal(told(log_of(bench), "/a"), 1);
	begin(bench, 0, "two");
	put_sight(bench, "/a", 12345, 0);
	put_sight(bench, "/b", UINT16_MAX, UINT16_MAX);
	end(bench, 0);
	assert_true(told(log_of(bench), "/a") <= 2);
	assert_true(told(bench->log, "/b") <= 2);
}

static void what_was_evicted_may_still_run(void **state)
{
	struct bench *bench = *state;
	struct warden_invocation gone = {.is_active = true, .deadline_ms = UINT64_MAX / 2};
	struct process process = {.has_seen = false};

	begin(bench, 0, "one");
	see(bench, &process, "/a");
	end(bench, 0);
	warden_observe_evicted(bench->warden, &gone);
	for (unsigned i = 0; i < 5; i++) {
		begin(bench, 0, "next");
		see(bench, &process, "/a");
		end(bench, 0);
	}
	assert_int_equal(told(log_of(bench), "/a"), 1);
	bench->warden->observing.held_until_ms = 1; /* its time is over */
	begin(bench, 0, "last");
	see(bench, &process, "/a");
	end(bench, 0);
	assert_int_equal(told(log_of(bench), "/a"), 2);
}

static uint64_t random_of(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return *seed >> 33;
}

enum { SLOTS = 4, PROCESSES = 3, STEPS = 400 };

/* Up to WIDTH events at once, which begin, show one thing by some process, and end, in any order. Whatever happens, not more
 * is told than the number of events that showed it. */
static void play(struct bench *bench, uint64_t seed, unsigned width, unsigned *ref_told, unsigned *ref_true)
{
	struct process processes[PROCESSES] = {{.has_seen = false}};
	bool has_shown[SLOTS] = {false};
	unsigned truth = 0, most = 0;

	for (unsigned step = 0; step < STEPS; step++) {
		unsigned slot = (unsigned)random_of(&seed) % width, what = (unsigned)random_of(&seed) % 3, n;

		if (!bench->warden->invocations[slot].is_active) {
			begin(bench, slot, "id");
			has_shown[slot] = false;
		} else if (what == 0) {
			end(bench, slot);
		} else if (what == 1) {
			truth += has_shown[slot] ? 0 : 1;
			has_shown[slot] = true;
			see(bench, &processes[random_of(&seed) % PROCESSES], "/a");
		} else {
			processes[random_of(&seed) % PROCESSES] = (struct process){.has_seen = false};
		}
		warden_drain(bench->warden);
		n = told(log_of(bench), "/a");
		if (n > truth || (width == 1 && truth <= 4 && n != 0 && n != truth))
			fail_msg("seed %llu, step %u: %u told, %u true", (unsigned long long)seed, step, n, truth);
		most = n > most ? n : most;
	}
	*ref_told += most;
	*ref_true += truth;
}

static void never_more_is_told_than_was(void **state)
{
	/* Powers of two are told: half of the truth at the least, when events come one by one. */
	static const unsigned parts[SLOTS + 1] = {0, 2, 4, 6, 8};

	for (unsigned width = 1; width <= SLOTS; width++) {
		unsigned told_in_all = 0, true_in_all = 0;

		for (uint64_t seed = 1; seed <= 40; seed++) {
			assert_int_equal(close_bench(state), 0);
			assert_int_equal(open_bench(state), 0);
			play(*state, seed, width, &told_in_all, &true_in_all);
		}
		if (told_in_all * parts[width] < true_in_all)
			fail_msg("%u at once: %u of %u told", width, told_in_all, true_in_all);
	}
}

static void progress_is_told(void **state)
{
	static const unsigned wanted[] = {1, 2, 3, 4, 5, 7, 9, 12, 15, 19, 24, 30, 38};
	struct bench *bench = *state;
	char line[64];
	size_t at = 0;

	for (unsigned i = 1; i <= 40; i++) {
		begin(bench, 0, "id");
		end(bench, 0);
		(void)snprintf(line, sizeof(line), "\"invocations\":%u,\"shapes\":{\"sqs\":%u}}\n", i, i);
		count(log_of(bench), line, wanted[at] == i ? 1 : 0);
		at += wanted[at] == i && at + 1 < sizeof(wanted) / sizeof(wanted[0]) ? 1 : 0;
	}
	warden_observe_end(bench->warden);
	count(log_of(bench), "\"invocations\":40,\"shapes\":{\"sqs\":40}}\n", 1);
	warden_observe_end(bench->warden);
	count(log_of(bench), "progress", 0);
}

static void without_observing_nothing_is_told(void **state)
{
	struct bench *bench = *state;

	bench->warden->options.has_observe = true;
	for (unsigned i = 1; i <= 5; i++) {
		begin(bench, 0, "id");
		end(bench, 0);
	}
	warden_observe_end(bench->warden);
	count(log_of(bench), "\n", 0);
}

static void a_new_sandbox_has_seen_nothing(void **state)
{
	struct bench *bench = *state;
	struct process process = {.has_seen = false};
	char before[17] = {0};

	memcpy(before, warden_observe_sandbox(bench->warden).p, 16);
	begin(bench, 0, "one");
	see(bench, &process, "/a");
	end(bench, 0);
	count(log_of(bench), before, 2); /* progress, observation */
	warden_observe_open(bench->warden);
	assert_memory_not_equal(before, warden_observe_sandbox(bench->warden).p, 16);
	begin(bench, 0, "two");
	see(bench, &process, "/a");
	end(bench, 0);
	count(log_of(bench), before, 0);
	assert_int_equal(told(bench->log, "/a"), 1);
	count(bench->log, "\"invocations\":1,", 2);
}

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
	        BENCH_TEST(a_thing_is_told_ever_more_rarely),
	        BENCH_TEST(short_lived_processes_add_up),
	        BENCH_TEST(start_up_counts_to_the_first_event),
	        BENCH_TEST(late_reports_stay_where_they_belong),
	        BENCH_TEST(events_at_once_are_told_as_such),
	        BENCH_TEST(findings_name_all_that_may_have_done_it),
	        BENCH_TEST(a_liar_is_bounded),
	        BENCH_TEST(what_was_evicted_may_still_run),
	        BENCH_TEST(never_more_is_told_than_was),
	        BENCH_TEST(made_up_names_are_counted_together),
	        BENCH_TEST(other_names_are_told_one_by_one),
	        BENCH_TEST(progress_is_told),
	        BENCH_TEST(without_observing_nothing_is_told),
	        BENCH_TEST(a_new_sandbox_has_seen_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
