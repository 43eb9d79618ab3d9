/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include "store/functions.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define BATCH 500

static const char *const classes[] = {"sqli", "xss", "process", ""};
static const char *const actions[] = {"observed", "blocked"};
static const char *const regions[] = {"eu-central-1", "us-east-1", "eu-west-1"};

static uint64_t random_of(struct world *world)
{
	world->random ^= world->random << 13;
	world->random ^= world->random >> 7;
	world->random ^= world->random << 17;
	return world->random >> 11;
}

static const char *account_of(size_t function)
{
	static const char *const accounts[] = {"111111111111", "222222222222", "333333333333"};

	/* One has few functions, which are counted another way. */
	return accounts[function % 100 == 7 ? 2 : function % 2];
}

static void make_functions(struct world *world)
{
	static struct gb_function_sighting sightings[WORLD_FUNCTIONS];
	static struct gb_function_ids ids[WORLD_FUNCTIONS];
	static char names[WORLD_FUNCTIONS][24];

	for (size_t i = 0; i < WORLD_FUNCTIONS; i++) {
		snprintf(names[i], sizeof names[i], "orders-%zu", i);
		sightings[i] = (struct gb_function_sighting){
		        .account = gb_span_cstr(account_of(i)),
		        .region = gb_span_cstr(regions[i % 3]),
		        .name = gb_span_cstr(names[i]),
		        .number = GB_SPAN("$LATEST"),
		        .time = world->f->now,
		};
	}
	assert_ok(world->f, gb_store_begin(world->f->store, &world->f->diag));
	assert_ok(world->f, gb_functions_seen(world->f->store, sightings, WORLD_FUNCTIONS, ids, &world->f->diag));
	assert_ok(world->f, gb_store_commit(world->f->store, &world->f->diag));
	for (size_t i = 0; i < WORLD_FUNCTIONS; i++)
		world->functions[i] = ids[i].function;
}

/* Of eighty days, more of the last; some at the ends of a day. */
static void make_event(struct world *world, size_t i)
{
	struct gb_event *event = &world->events[i];
	uint64_t a = random_of(world), b = random_of(world);
	size_t class = a % 4, function = a >> 8 & 3 ? (a >> 16) % WORLD_FUNCTIONS : (a >> 16) % 5 * 256;
	int64_t time = world->f->now - (int64_t)(b % (a >> 40 & 1 ? 80 * WORLD_DAY : 3 * WORLD_DAY));

	if (b >> 50 & 1)
		time = time / WORLD_DAY * WORLD_DAY - (b >> 51 & 1);
	world->function_of[i] = function;
	*event = (struct gb_event){
	        .time = time,
	        .function = world->functions[function],
	        .facets = {.kind = class == 3 ? GB_SPAN("start") : GB_SPAN("finding"),
	                .class = gb_span_cstr(classes[class]),
	                .action = gb_span_cstr(actions[a >> 30 & 1]),
	                .severity = (enum gb_event_severity)(1 + (b >> 40) % 4)},
	        .seq = -1,
	        .body = GB_SPAN("{}"),
	};
	memcpy(event->id, &(uint64_t){__builtin_bswap64((uint64_t)time << 16)}, 6);
	memcpy(event->id + 6, &i, 8);
}

struct world *world_begin(struct fixture *f)
{
	struct world *world = calloc(1, sizeof *world);

	assert_non_null(world);
	world->f = f;
	world->random = 88172645463325252u;
	world->want = malloc(WORLD_EVENTS * sizeof *world->want);
	world->have = malloc(WORLD_EVENTS * sizeof *world->have);
	assert_true(world->want != NULL && world->have != NULL);
	make_functions(world);
	for (size_t i = 0; i < WORLD_EVENTS; i++)
		make_event(world, i);
	return world;
}

void world_end(struct world *world)
{
	free(world->want);
	free(world->have);
	free(world);
}

void world_insert(struct world *world, size_t count)
{
	while (count > 0) {
		size_t n = count < BATCH ? count : BATCH, again = world->count < 40 ? 0 : 40;
		struct gb_events_inserted inserted;

		assert_ok(world->f, gb_events_insert(world->f->store, world->events + world->count - again, n + again,
		                            &inserted, &world->f->diag));
		assert_int_equal(inserted.inserted, n);
		world->count += n;
		count -= n;
	}
}

struct question {
	struct gb_event_filter filter;
	enum gb_event_group group;
	int64_t step;
	struct gb_span word[3];
	int64_t functions[60];
};

static void ask_for(struct world *world, struct question *question)
{
	static const enum gb_event_group groups[] = {GB_GROUP_NONE, GB_GROUP_KIND, GB_GROUP_CLASS, GB_GROUP_ACTION,
	        GB_GROUP_SEVERITY, GB_GROUP_FUNCTION, GB_GROUP_ACCOUNT, GB_GROUP_REGION};
	static const int64_t steps[] = {0, 0, WORLD_HOUR, WORLD_DAY, 2 * WORLD_DAY, 36 * WORLD_HOUR};
	struct gb_event_filter *filter = &question->filter;
	uint64_t a = random_of(world), b = random_of(world);

	*question = (struct question){.group = groups[a % 8], .step = steps[(a >> 8) % 6]};
	if (b & 1)
		filter->from = world->f->now - (int64_t)(random_of(world) % (85 * WORLD_DAY));
	if (b & 2)
		filter->before = filter->from + 1 + (int64_t)(random_of(world) % ((b & 4 ? 70 : 2) * WORLD_DAY));
	if ((a >> 16 & 3) == 0) {
		question->word[0] = gb_span_cstr(account_of(a >> 20 & 7));
		filter->accounts = (struct gb_span_list){&question->word[0], 1};
	}
	if ((a >> 24 & 3) == 0) {
		question->word[1] = gb_span_cstr(classes[a >> 28 & 1]);
		filter->classes = (struct gb_span_list){&question->word[1], 1};
	}
	if ((a >> 32 & 3) == 0)
		filter->severity_min = (enum gb_event_severity)(1 + (a >> 34 & 3));
	if ((a >> 36 & 3) == 0) {
		filter->functions = question->functions;
		filter->function_count = 1 + (a >> 40) % 60;
		for (size_t i = 0; i < filter->function_count; i++)
			question->functions[i] = world->functions[random_of(world) % WORLD_FUNCTIONS];
	}
}

static bool is_counted(const struct world *world, const struct gb_event_filter *filter, size_t i)
{
	const struct gb_event *event = &world->events[i];
	bool is_function = filter->function_count == 0;

	for (size_t j = 0; j < filter->function_count; j++)
		is_function = is_function || filter->functions[j] == event->function;
	return is_function && event->time >= world->kept_from &&
	       event->time >= filter->from / WORLD_HOUR * WORLD_HOUR &&
	       (filter->before == 0 || event->time < (filter->before + WORLD_HOUR - 1) / WORLD_HOUR * WORLD_HOUR) &&
	       event->facets.severity >= filter->severity_min &&
	       (filter->classes.count == 0 || gb_span_equal(filter->classes.items[0], event->facets.class)) &&
	       (filter->accounts.count == 0 ||
	               gb_span_equal(filter->accounts.items[0], gb_span_cstr(account_of(world->function_of[i]))));
}

static void put_key(char key[WORLD_KEY], int64_t moment, int64_t function, struct gb_span label)
{
	snprintf(key, WORLD_KEY, "%lld %lld %.*s", (long long)moment, (long long)function, (int)label.n,
	        label.n == 0 ? "" : (const char *)label.p);
}

static void key_of(const struct world *world, const struct question *question, size_t i, char key[WORLD_KEY])
{
	const struct gb_event *event = &world->events[i];
	struct gb_span label = GB_SPAN_EMPTY;

	switch ((int)question->group) {
	case GB_GROUP_KIND: label = event->facets.kind; break;
	case GB_GROUP_CLASS: label = event->facets.class; break;
	case GB_GROUP_ACTION: label = event->facets.action; break;
	case GB_GROUP_SEVERITY: label = gb_severity_name(event->facets.severity); break;
	case GB_GROUP_ACCOUNT: label = gb_span_cstr(account_of(world->function_of[i])); break;
	case GB_GROUP_REGION: label = gb_span_cstr(regions[world->function_of[i] % 3]); break;
	default: break;
	}
	put_key(key, question->step == 0 ? 0 : event->time / question->step * question->step,
	        question->group == GB_GROUP_FUNCTION ? event->function : 0, label);
}

static int take(void *context, const struct gb_event_count *count)
{
	struct world *world = context;

	for (int64_t i = 0; i < count->n; i++) {
		if (world->have_count == WORLD_EVENTS)
			return -E2BIG;
		put_key(world->have[world->have_count++], count->moment, count->function, count->label);
	}
	return 0;
}

static int by_text(const void *left, const void *right)
{
	return strcmp(left, right);
}

void world_compare(struct world *world, const char *when, int questions)
{
	for (int i = 0; i < questions; i++) {
		struct question question;
		size_t want = 0;
		int r;

		ask_for(world, &question);
		for (size_t e = 0; e < world->count; e++)
			if (is_counted(world, &question.filter, e))
				key_of(world, &question, e, world->want[want++]);
		world->have_count = 0;
		r = gb_events_count(world->f->store, NULL, &question.filter, question.group, question.step, 20000, take,
		        world, &world->f->diag);
		if (r < 0)
			fail_msg("%s, question %d: %d: %s", when, i, r, world->f->diag.message);
		qsort(world->want, want, WORLD_KEY, by_text);
		qsort(world->have, world->have_count, WORLD_KEY, by_text);
		if (world->have_count != want)
			fail_msg("%s, question %d (group %d): %zu of %zu", when, i, (int)question.group,
			        world->have_count, want);
		for (size_t e = 0; e < want; e++)
			if (strcmp(world->want[e], world->have[e]) != 0)
				fail_msg(
				        "%s, question %d: \"%s\", not \"%s\"", when, i, world->have[e], world->want[e]);
	}
}
