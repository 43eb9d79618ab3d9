/* SPDX-License-Identifier: Apache-2.0 */
/* What is told to the learner: in how many invocations a thing was seen, and of how many. */
#include "sights.h"

/* As a sensor: a process's own count of one thing. */
struct process {
	bool has_seen;
	uint16_t round, count;
};

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
	        BENCH_TEST(progress_is_told),
	        BENCH_TEST(without_observing_nothing_is_told),
	        BENCH_TEST(a_new_sandbox_has_seen_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
