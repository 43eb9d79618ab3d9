/* SPDX-License-Identifier: Apache-2.0 */
#include "worlds.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static uint64_t dice_next(struct dice *dice)
{
	dice->state ^= dice->state >> 12;
	dice->state ^= dice->state << 25;
	dice->state ^= dice->state >> 27;
	return dice->state * 0x2545f4914f6cdd1du;
}

double dice_fraction(struct dice *dice)
{
	return (double)(dice_next(dice) >> 11) / 9007199254740992.0;
}

uint64_t dice_below(struct dice *dice, uint64_t n)
{
	return dice_next(dice) % n;
}

void world_start(struct world_run *run, const struct world *world, uint64_t seed, bool is_merged)
{
	memset(run, 0, sizeof(*run));
	run->world = world;
	run->dice.state = (seed + 1) * 0x9e3779b97f4a7c15u;
	run->is_merged = is_merged;
	run->code = "c";
	run->profile = gb_profile_new();
	assert_non_null(run->profile);
}

void world_end(struct world_run *run)
{
	gb_profile_free(run->profile);
	gb_profile_free(run->part);
}

static struct gb_profile *target(struct world_run *run)
{
	return run->is_merged ? run->part : run->profile;
}

static struct gb_span sandbox_id(struct world_run *run, char buffer[32])
{
	return gb_span_of(buffer, (size_t)snprintf(buffer, 32, "%016llx",
	                                  (unsigned long long)(run->sandbox_number * 0x9e3779b97f4a7c15u)));
}

void world_tell(struct world_run *run)
{
	struct gb_profile_sandbox *sandbox;
	char id[32];

	if (run->version == NULL)
		return;
	assert_int_equal(
	        gb_profile_sandbox_take(target(run), run->version, sandbox_id(run, id), run->in_sandbox, &sandbox), 0);
	assert_int_equal(gb_profile_shape_add(target(run), sandbox, GB_SPAN("s3"), run->in_sandbox), 0);
	if (run->is_merged)
		assert_int_equal(gb_profile_merge(run->profile, run->part, NULL), 0);
}

static void next_sandbox(struct world_run *run)
{
	const struct world *world = run->world;

	world_tell(run);
	if (run->is_merged) {
		gb_profile_free(run->part);
		run->part = gb_profile_new();
		assert_non_null(run->part);
	}
	assert_int_equal(gb_profile_version_take(target(run), gb_span_cstr(run->code), GB_SPAN("1"), &run->version), 0);
	run->sandbox_number = dice_next(&run->dice);
	run->in_sandbox = 0;
	run->sandbox_length = world->sandbox_min + dice_below(&run->dice, world->sandbox_max - world->sandbox_min + 1);
	memset(run->counts, 0, sizeof(run->counts));
}

struct gb_profile_item world_item(struct world_run *run, size_t i, char *buffer)
{
	int n = run->world->is_made_up ? snprintf(buffer, 128, "/tmp/job%zu/%08llx%08llx.dat", i,
	                                         (unsigned long long)dice_next(&run->dice) & 0xffffffffu,
	                                         (unsigned long long)dice_next(&run->dice) & 0xffffffffu)
	                               : snprintf(buffer, 128, "/var/task/data/%zu", i);

	return (struct gb_profile_item){.kind = GB_ACTIVITY_FILE_READ, .subject = gb_span_of(buffer, (size_t)n)};
}

/* What such names are in a profile. */
static struct gb_profile_item pattern(size_t i, char *buffer)
{
	int n = snprintf(buffer, 128, "/tmp/job%zu/*.dat", i);

	return (struct gb_profile_item){
	        .kind = GB_ACTIVITY_FILE_READ, .subject = gb_span_of(buffer, (size_t)n), .is_pattern = true};
}

/* Told at the 1st, 2nd, 3rd, 4th, 8th, 16th … time in a sandbox; a made-up name comes once, unless they are counted together. */
static void do_one(struct world_run *run, size_t i)
{
	uint64_t n = run->world->is_each ? 1 : ++run->counts[i];
	char buffer[128], id[32], request[48];
	struct gb_profile_item item, *kept;
	struct gb_profile_first first = {.at = run->in_sandbox};

	run->total[i]++;
	if (n != 3 && (n & (n - 1)) != 0)
		return;
	first.request = gb_span_of(
	        request, (size_t)snprintf(request, sizeof(request), "r%llu", (unsigned long long)run->invocations));
	item = run->world->is_made_up ? pattern(i, buffer) : world_item(run, i, buffer);
	assert_int_equal(
	        gb_profile_item_take(target(run), &run->version->items, GB_PROFILE_ITEMS_MAX, &item, &kept), 0);
	assert_non_null(kept);
	kept->is_each = run->world->is_each;
	assert_int_equal(gb_profile_seen_add(target(run), kept, sandbox_id(run, id), n), 0);
	assert_int_equal(gb_profile_first_add(target(run), kept, sandbox_id(run, id), first), 0);
	assert_int_equal(gb_profile_source_add(target(run), run->version, kept, GB_SPAN_EMPTY), 0);
}

static void do_bundle(struct world_run *run, size_t i)
{
	for (size_t k = 0; k < run->world->bundle; k++)
		do_one(run, i * run->world->bundle + k);
}

void world_step(struct world_run *run)
{
	const struct world *world = run->world;
	double at;

	if (run->in_sandbox == run->sandbox_length)
		next_sandbox(run);
	run->in_sandbox++;
	run->invocations++;
	if (!world->is_single) {
		for (size_t i = 0; i < world->count; i++)
			if (dice_fraction(&run->dice) < world->chances[i])
				do_bundle(run, i);
		return;
	}
	at = dice_fraction(&run->dice);
	for (size_t i = 0; i < world->count; i++) {
		at -= world->chances[i];
		if (at < 0 || i + 1 == world->count) {
			do_bundle(run, i);
			return;
		}
	}
}

double world_novelty(const struct world *world, const bool *listed)
{
	double none = 1, sum = 0;

	for (size_t i = 0; i < world->count; i++) {
		bool is_listed = true;

		for (size_t k = 0; k < world->bundle; k++)
			is_listed &= listed[i * world->bundle + k];
		if (is_listed)
			continue;
		none *= 1 - world->chances[i];
		sum += world->chances[i];
	}
	return world->is_single ? sum : 1 - none;
}

/* All alike, each a little more frequent than what is promised: one that is missed breaks the promise. */
void world_uniform(struct world *world, double epsilon)
{
	*world = (struct world){.name = "uniform",
	        .count = (size_t)(0.97 / epsilon),
	        .is_single = true,
	        .bundle = 1,
	        .sandbox_min = 100000,
	        .sandbox_max = 100000};
	for (size_t i = 0; i < world->count; i++)
		world->chances[i] = 1.0 / (double)world->count;
}

/* 60 things, from always to once in 300,000 invocations. */
void world_heavy_tail(struct world *world, uint64_t seed)
{
	struct dice dice = {.state = (seed + 77) * 0x9e3779b97f4a7c15u};

	*world = (struct world){
	        .name = "log-uniform tail", .count = 60, .bundle = 1, .sandbox_min = 100000, .sandbox_max = 100000};
	for (size_t i = 0; i < world->count; i++)
		world->chances[i] = pow(10, -5.5 * dice_fraction(&dice));
}

/* One of 400 things an invocation, the k-th in proportion to 1/k². */
void world_zipf(struct world *world)
{
	double sum = 0;

	*world = (struct world){.name = "Zipf",
	        .count = 400,
	        .is_single = true,
	        .bundle = 1,
	        .sandbox_min = 100000,
	        .sandbox_max = 100000};
	for (size_t i = 0; i < world->count; i++)
		sum += world->chances[i] = pow((double)(i + 1), -2);
	for (size_t i = 0; i < world->count; i++)
		world->chances[i] /= sum;
}
