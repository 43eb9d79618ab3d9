/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The test of the statistics: functions whose behaviour is known exactly are learned again and again, with fixed seeds.
 * When learning says that it is done, the chance that the next invocation does something that the allowlist does not have
 * is worked out, not estimated: it must be ε or less in 95 % of the runs. Rules that are known to be wrong must fail.
 */
#include "learn/statistics.h"
#include "worlds.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define RUNS            200u
#define EPSILON         0.03
#define DELTA           0.05
#define INVOCATIONS_MAX 60000u

/* Whether to stop now. */
typedef bool rule(const struct world_run *run, const struct gb_learn_view *view);

static bool right_rule(const struct world_run *run, const struct gb_learn_view *view)
{
	struct gb_learn_decision decision;

	(void)run;
	assert_int_equal(gb_learn_decide(view, &decision), 0);
	return decision.is_done;
}

/* Good and Turing's estimate, taken for a bound. */
static bool estimate_rule(const struct world_run *run, const struct gb_learn_view *view)
{
	uint64_t once = 0;

	(void)view;
	for (size_t i = 0; i < run->world->count * run->world->bundle; i++)
		once += run->total[i] == 1 ? 1 : 0;
	return (double)once / (double)run->invocations <= EPSILON;
}

/* Clopper and Pearson's limit of what was seen once. */
static bool once_rule(const struct world_run *run, const struct gb_learn_view *view)
{
	uint64_t once = 0;

	(void)view;
	for (size_t i = 0; i < run->world->count * run->world->bundle; i++)
		once += run->total[i] == 1 ? 1 : 0;
	return gb_learn_upper_limit(once, run->invocations, DELTA) <= EPSILON;
}

static struct gb_learn_view *view_of(struct world_run *run, const struct gb_boundaries *boundaries)
{
	struct gb_learn_settings settings = gb_learn_settings_usual();
	struct gb_learn_view *view;

	settings.epsilon = EPSILON;
	settings.delta = DELTA;
	settings.boundaries = boundaries;
	world_tell(run);
	assert_int_equal(gb_learn_view_new(run->profile, &settings, &view, NULL), 0);
	return view;
}

/* What the allowlist has, by the policy that it becomes. */
static double truth(struct world_run *run, const struct gb_learn_view *view)
{
	bool listed[WORLD_ITEMS_MAX];
	struct gb_policyc_document *document;
	struct gb_policy policy;
	struct gb_policy_context context = {.policy = &policy, .posture = GB_MODE_BLOCK};
	unsigned char *blob;
	size_t n;

	assert_int_equal(gb_learn_allowlist(view, &document), 0);
	assert_int_equal(gb_policyc_compile(document, 1, &blob, &n, NULL), 0);
	assert_int_equal(gb_policy_open(gb_span_of(blob, n), &policy), 0);
	for (size_t i = 0; i < run->world->count * run->world->bundle; i++) {
		char buffer[128];
		struct gb_profile_item item = world_item(run, i, buffer);
		struct gb_activity activity = {.kind = item.kind, .subject = item.subject};

		listed[i] = gb_policy_ask(GB_POLICY_ALLOWLIST, &context, &activity).decision == GB_ALLOW;
	}
	free(blob);
	gb_policyc_document_free(document);
	return world_novelty(run->world, listed);
}

struct outcome {
	unsigned stopped, broken; /* runs */
	uint64_t invocations;     /* until it stopped, of all runs */
};

static void run_once(const struct world *world, uint64_t seed, bool is_merged, rule *is_done,
        const struct gb_boundaries *boundaries, struct outcome *outcome)
{
	struct world_run run;
	uint64_t look = is_done == right_rule ? (uint64_t)(4 / EPSILON) : 50;

	world_start(&run, world, seed, is_merged);
	while (run.invocations < INVOCATIONS_MAX) {
		struct gb_learn_view *view;
		bool has_stopped;

		world_step(&run);
		if (run.invocations < look)
			continue;
		/* More often than the looks that the error is shared between. */
		look += look / 5;
		view = view_of(&run, boundaries);
		has_stopped = is_done(&run, view);
		if (has_stopped) {
			outcome->stopped++;
			outcome->broken += truth(&run, view) > EPSILON ? 1 : 0;
			outcome->invocations += run.invocations;
		}
		gb_learn_view_free(view);
		if (has_stopped)
			break;
	}
	world_end(&run);
}

static struct outcome run_all(const struct world *world, uint64_t runs, bool is_merged, rule *is_done)
{
	struct gb_boundaries *boundaries = gb_boundaries_new();
	struct outcome outcome = {0};

	for (uint64_t seed = 0; seed < runs; seed++)
		run_once(world, seed, is_merged, is_done, boundaries, &outcome);
	gb_boundaries_free(boundaries);
	fprintf(stderr, "# %s: %u of %u runs ended, after %u invocations on average; promise broken in %u\n",
	        world->name, outcome.stopped, (unsigned)runs,
	        outcome.stopped == 0 ? 0 : (unsigned)(outcome.invocations / outcome.stopped), outcome.broken);
	return outcome;
}

static void the_promise_is_kept(void **state)
{
	static struct world world;
	struct outcome outcome;

	(void)state;
	world_uniform(&world, EPSILON);
	outcome = run_all(&world, RUNS, false, right_rule);
	assert_true(outcome.stopped == RUNS && outcome.broken * 20 <= RUNS);
	world_zipf(&world);
	outcome = run_all(&world, RUNS, false, right_rule);
	assert_true(outcome.broken * 20 <= RUNS);
	world_heavy_tail(&world, 1);
	outcome = run_all(&world, RUNS, false, right_rule);
	assert_true(outcome.stopped == RUNS && outcome.broken * 20 <= RUNS);
}

/* Files whose names never come again: what counts is the pattern. */
static void of_patterns(void **state)
{
	static struct world world;
	struct outcome outcome;

	(void)state;
	world_heavy_tail(&world, 2);
	world.name = "made-up names";
	world.count = 30;
	world.is_made_up = true;
	outcome = run_all(&world, RUNS, false, right_rule);
	assert_true(outcome.stopped == RUNS && outcome.broken * 20 <= RUNS);
	world.name = "made-up names, told one by one";
	world.is_each = true;
	outcome = run_all(&world, RUNS, false, right_rule);
	assert_true(outcome.stopped == RUNS && outcome.broken * 20 <= RUNS);
}

/* Five things that always come together are one chance of something new, not five. */
static void of_things_together(void **state)
{
	static struct world world;
	struct outcome outcome;

	(void)state;
	world_heavy_tail(&world, 3);
	world.name = "things that come together";
	world.count = 40;
	world.bundle = 5;
	outcome = run_all(&world, RUNS, false, right_rule);
	assert_true(outcome.stopped == RUNS && outcome.broken * 20 <= RUNS);
}

/* Each sandbox tells its own part, from one invocation to sixty; the parts are merged. */
static void of_many_sandboxes(void **state)
{
	static struct world world;
	struct outcome outcome;

	(void)state;
	world_heavy_tail(&world, 4);
	world.name = "many sandboxes";
	world.count = 40;
	world.sandbox_min = 1;
	world.sandbox_max = 60;
	outcome = run_all(&world, RUNS, true, right_rule);
	assert_true(outcome.stopped == RUNS && outcome.broken * 20 <= RUNS);
	world_uniform(&world, EPSILON);
	world.name = "uniform, many sandboxes";
	world.sandbox_min = 1;
	world.sandbox_max = 20;
	outcome = run_all(&world, RUNS, true, right_rule);
	assert_true(outcome.stopped == RUNS && outcome.broken * 20 <= RUNS);
}

/* Invocations of a second version until learning ends again. */
static uint64_t second_version(const struct world *world, uint64_t seed, const struct gb_boundaries *boundaries,
        bool is_alone, unsigned *broken)
{
	struct world_run run;
	uint64_t look = (uint64_t)(3 / EPSILON), before = 3000, wanted = 0;

	world_start(&run, world, seed, false);
	while (run.invocations < before)
		world_step(&run);
	world_tell(&run);
	run.code = "d";
	run.sandbox_length = run.in_sandbox;
	while (wanted == 0 && run.invocations < before + INVOCATIONS_MAX) {
		struct gb_learn_view *view;

		world_step(&run);
		if (run.invocations - before < look)
			continue;
		look += look / 5;
		view = view_of(&run, boundaries);
		assert_non_null(view->previous);
		view->previous = is_alone ? NULL : view->previous;
		if (right_rule(&run, view)) {
			wanted = run.invocations - before;
			*broken += truth(&run, view) > EPSILON ? 1 : 0;
		}
		gb_learn_view_free(view);
	}
	world_end(&run);
	return wanted;
}

static void a_new_version_is_learned_sooner(void **state)
{
	struct gb_boundaries *boundaries = gb_boundaries_new();
	static struct world world;
	uint64_t carried = 0, alone = 0;
	unsigned broken = 0;

	(void)state;
	world_heavy_tail(&world, 1);
	for (uint64_t seed = 0; seed < RUNS / 5; seed++) {
		unsigned unused = 0;

		carried += second_version(&world, seed, boundaries, false, &broken);
		alone += second_version(&world, seed, boundaries, true, &unused);
	}
	fprintf(stderr, "# a second version: %u invocations, %u alone; promise broken in %u\n",
	        (unsigned)(carried / (RUNS / 5)), (unsigned)(alone / (RUNS / 5)), broken);
	assert_true(carried != 0 && carried * 3 <= alone * 2);
	assert_true(broken * 20 <= RUNS / 5);
	gb_boundaries_free(boundaries);
}

static void wrong_rules_break_it(void **state)
{
	static struct world world;
	struct outcome outcome;

	(void)state;
	world_uniform(&world, EPSILON);
	outcome = run_all(&world, RUNS, false, estimate_rule);
	assert_true(outcome.broken * 20 > RUNS);
	outcome = run_all(&world, RUNS, false, once_rule);
	assert_true(outcome.broken * 20 > RUNS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_promise_is_kept),
	        cmocka_unit_test(of_patterns),
	        cmocka_unit_test(of_things_together),
	        cmocka_unit_test(of_many_sandboxes),
	        cmocka_unit_test(a_new_version_is_learned_sooner),
	        cmocka_unit_test(wrong_rules_break_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
