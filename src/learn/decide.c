/* SPDX-License-Identifier: Apache-2.0 */
/* When learning may end. What is promised is about the next invocation, so it is tested on invocations that the allowlist
 * was not made of: a part is set aside, an allowlist is made of the rest, and the invocations set aside that do what it
 * does not have are counted. Theirs is the chance of an allowlist made of less, which is greater. Counting single
 * occurrences in the whole instead (Good and Turing) estimates the same chance well but bounds it badly: see
 * docs/LEARNING.md, "Why not simply what was seen once". */
#include "learn/activity.h"
#include "learn/statistics.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* From so many sandboxes on, of which none is most of it all, whole ones are set aside: that tests cold starts too. */
#define SANDBOXES_MIN     32u
#define LARGEST_SHARE_MAX 8u

/* What is set aside, and the share of delta that the test on it may spend. Much aside tests well what is learned soon,
 * little aside what is learned late. With all of it aside, the allowlist is that of the version before. */
static const struct split {
	double aside, share;
} splits[] = {{0.9375, 0.5}, {0.75, 0.3}, {0.5, 0.2}, {1.0, 0.5}};

/* More than anybody waits for. */
#define NEEDED_MAX (1ull << 50)

#define SPLITS_ALONE 3u
#define SPLITS_ALL   4u

/* An invocation that did something new. */
struct novelty {
	const struct gb_profile_sandbox *sandbox;
	uint64_t at;
};

struct test {
	const struct gb_learn_view *view;
	struct gb_arena *arena;
	double aside;
	bool is_by_sandbox, is_carrying;
	uint64_t tested;
	const struct gb_profile_item **kept; /* what the rest shows */
	const struct gb_profile_item **news; /* what only the part set aside shows */
	size_t kept_count, new_count;
	struct novelty *novelties;
};

/* Numbers come out of files: they may be of any size. */
static uint64_t plus(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static double fraction_of(uint64_t hash)
{
	return (double)(hash >> 11) / 9007199254740992.0;
}

/* How many invocations of SANDBOX, its first ones, are not set aside. */
static uint64_t kept_of(const struct test *test, const struct gb_profile_sandbox *sandbox)
{
	double fraction = fraction_of(sandbox->key.hash);
	uint64_t told = gb_profile_told(sandbox);

	if (test->is_carrying)
		return 0;
	if (test->is_by_sandbox)
		return fraction < 1 - test->aside ? told : 0;
	return (uint64_t)((1 - test->aside) * (double)told + (1 - fraction));
}

static void count_tested(struct test *test)
{
	const struct gb_profile_list *sandboxes = &test->view->version->sandboxes;

	for (size_t i = 0; i < sandboxes->count; i++) {
		const struct gb_profile_sandbox *sandbox = (const struct gb_profile_sandbox *)sandboxes->items[i];
		uint64_t kept = kept_of(test, sandbox), told = gb_profile_told(sandbox);

		test->tested = plus(test->tested, told > kept ? told - kept : 0);
	}
}

/* Whether an invocation that is not set aside showed ITEM, without a finding beside it. */
static bool is_kept(const struct test *test, const struct gb_profile_item *item)
{
	for (size_t i = 0; i < item->seen.count; i++) {
		const struct gb_profile_seen *seen = (const struct gb_profile_seen *)item->seen.items[i];
		const struct gb_profile_sandbox *sandbox =
		        gb_profile_find_same(&test->view->version->sandboxes, &seen->key);
		uint64_t kept = sandbox == NULL ? 0 : kept_of(test, sandbox);

		for (size_t k = 0; k < seen->first_count; k++)
			if (seen->first[k].at <= kept && !gb_learn_is_bad(test->view->profile, seen->first[k].request))
				return true;
	}
	return false;
}

/* Each entry into what the rest shows, or what only the part set aside shows. What is decided already, one way or the
 * other, is no question any more. */
static void divide(struct test *test)
{
	for (size_t i = 0; i < test->view->count; i++) {
		const struct gb_learn_entry *entry = &test->view->entries[i];

		if (entry->is_carried) {
			if (test->is_carrying && entry->status == GB_LEARN_LEARNED)
				test->kept[test->kept_count++] = entry->item;
			continue;
		}
		if (entry->status == GB_LEARN_HELD)
			test->news[test->new_count++] = entry->item;
		else if (entry->status != GB_LEARN_LEARNED)
			continue;
		else if (is_kept(test, entry->item) ||
		         (test->is_carrying && gb_profile_find_same(&test->view->previous->items, &entry->item->key)))
			test->kept[test->kept_count++] = entry->item;
		else
			test->news[test->new_count++] = entry->item;
	}
}

static int novelty_compare(const void *left, const void *right)
{
	const struct novelty *a = left, *b = right;

	if (a->sandbox != b->sandbox)
		return a->sandbox < b->sandbox ? -1 : 1;
	return (a->at > b->at) - (a->at < b->at);
}

/* In how many invocations behind those that are named SEEN was seen at most. It is told at 1, 2, 3, 4, 8, 16, …; of made-up
 * names that were told each by itself nobody has counted the invocations. */
static uint64_t unnamed(const struct gb_profile_item *item, const struct gb_profile_seen *seen,
        const struct gb_profile_sandbox *sandbox)
{
	uint64_t named = seen->first_count, count = seen->count;
	uint64_t last = named == 0 ? 0 : seen->first[named - 1].at,
	         told = sandbox == NULL ? 0 : gb_profile_told(sandbox);

	if (item->is_each && named == GB_PROFILE_FIRST_MAX)
		return told > last ? told - last : 0;
	if (count >= 4 && count < UINT64_MAX / 4)
		count = 2 * count - 1;
	return count > named ? count - named : 0;
}

/* Invocations set aside that showed one of COUNT ITEMS; at most so many, where the profile does not know them all. */
static uint64_t count_novel(struct test *test, const struct gb_profile_item *const *items, size_t count)
{
	uint64_t more = 0, novel = 0;
	size_t n = 0;

	for (size_t i = 0; i < count; i++) {
		for (size_t k = 0; k < items[i]->seen.count; k++) {
			const struct gb_profile_seen *seen = (const struct gb_profile_seen *)items[i]->seen.items[k];
			const struct gb_profile_sandbox *sandbox =
			        gb_profile_find_same(&test->view->version->sandboxes, &seen->key);
			uint64_t kept = sandbox == NULL ? 0 : kept_of(test, sandbox);

			more = plus(more, unnamed(items[i], seen, sandbox));
			for (size_t f = 0; f < seen->first_count; f++)
				if (seen->first[f].at > kept &&
				        !gb_learn_is_bad(test->view->profile, seen->first[f].request))
					test->novelties[n++] =
					        (struct novelty){.sandbox = sandbox, .at = seen->first[f].at};
		}
		if (items[i]->seen.count == GB_PROFILE_SEEN_MAX && test->view->sandboxes > GB_PROFILE_SEEN_MAX)
			more = plus(more, test->view->sandboxes - GB_PROFILE_SEEN_MAX);
	}
	if (n != 0)
		qsort(test->novelties, n, sizeof(*test->novelties), novelty_compare);
	for (size_t i = 0; i < n; i++)
		novel += i == 0 || novelty_compare(&test->novelties[i - 1], &test->novelties[i]) != 0 ? 1 : 0;
	return plus(novel, more);
}

static bool is_by_sandbox(const struct gb_learn_view *view)
{
	uint64_t largest = 0;

	for (size_t i = 0; i < view->version->sandboxes.count; i++) {
		const struct gb_profile_sandbox *sandbox =
		        (const struct gb_profile_sandbox *)view->version->sandboxes.items[i];

		uint64_t told = gb_profile_told(sandbox);

		largest = largest < told ? told : largest;
	}
	return view->sandboxes >= SANDBOXES_MIN && largest <= view->invocations / LARGEST_SHARE_MAX;
}

static int test_new(const struct gb_learn_view *view, struct gb_arena *arena, double aside, struct test *ret_test)
{
	struct test test = {.view = view, .arena = arena, .aside = aside, .is_carrying = aside >= 1};
	size_t room = view->count + 1;

	test.is_by_sandbox = is_by_sandbox(view);
	test.kept = gb_arena_take(arena, room * sizeof(*test.kept));
	test.news = gb_arena_take(arena, room * sizeof(*test.news));
	test.novelties =
	        gb_arena_take(arena, room * GB_PROFILE_SEEN_MAX * GB_PROFILE_FIRST_MAX * sizeof(*test.novelties));
	if (test.kept == NULL || test.news == NULL || test.novelties == NULL)
		return -ENOMEM;
	count_tested(&test);
	divide(&test);
	*ret_test = test;
	return 0;
}

/* The bound by one split, into DECISION when it is the best so far. */
static int try_split(const struct gb_learn_view *view, double aside, double delta, struct gb_learn_decision *decision)
{
	struct gb_arena *arena = gb_arena_new();
	double epsilon = view->settings.epsilon, bound;
	struct test test;
	uint64_t novel = 0, needed;
	size_t count;
	int r = arena == NULL ? -ENOMEM : test_new(view, arena, aside, &test);

	if (r == 0)
		novel = count_novel(&test, test.news, test.new_count);
	if (r == 0 && novel != 0 && gb_learn_upper_limit(novel, test.tested, delta) > epsilon) {
		r = gb_learn_unlisted(
		        &view->settings, arena, test.kept, test.kept_count, test.news, test.new_count, &count);
		if (r == 0)
			novel = count_novel(&test, test.news, count);
	}
	gb_arena_free(arena);
	if (r < 0)
		return r;
	bound = gb_learn_upper_limit(novel, test.tested, delta);
	needed = gb_learn_trials_wanted(novel, epsilon, delta);
	needed = needed > NEEDED_MAX ? UINT64_MAX : (uint64_t)((double)needed / aside + 1);
	if (needed < decision->needed)
		decision->needed = needed;
	if (bound < decision->bound) {
		decision->bound = bound;
		decision->novel = novel;
		decision->tested = test.tested;
		decision->is_carrying = test.is_carrying;
	}
	return 0;
}

/* Groups from AT on that are one behaviour: all runs of one program. Adds up their invocations. */
static size_t behaviour(const struct gb_learn_view *view, size_t at, uint64_t *ret_invocations)
{
	const struct gb_learn_entry *first = view->groups[at].entries;
	size_t end = at + 1;

	*ret_invocations = view->groups[at].invocations;
	for (; first->kind == GB_ACTIVITY_PROCESS_START && end < view->group_count; end++) {
		const struct gb_learn_entry *entry = view->groups[end].entries;

		if (entry->kind != first->kind || !gb_span_equal(entry->subject, first->subject))
			break;
		*ret_invocations = plus(*ret_invocations, view->groups[end].invocations);
	}
	return end;
}

/* Things seen in one, and in two invocations; those with made-up names by their pattern. */
static void estimate(const struct gb_learn_view *view, struct gb_learn_decision *decision)
{
	uint64_t seen = 0, once = 0, twice = 0, invocations;

	for (size_t at = 0, end; at < view->group_count; at = end) {
		const struct gb_learn_group *group = &view->groups[at];

		end = behaviour(view, at, &invocations);
		if (group->entries->status != GB_LEARN_LEARNED || group->is_carried)
			continue;
		seen++;
		/* What only a start shows is no sample of what invocations do. */
		if (group->is_start)
			continue;
		once += invocations == 1 ? 1 : 0;
		twice += invocations == 2 ? 1 : 0;
	}
	decision->behaviours = gb_learn_chao2(seen, once, twice, view->invocations);
	decision->rate = decision->tested != 0 ? (double)decision->novel / (double)decision->tested : 1;
}

static const char *missing(const struct gb_learn_view *view, const struct gb_learn_decision *decision)
{
	if (view->version->items.count == GB_PROFILE_ITEMS_MAX)
		return "there are more different things than a profile holds";
	if (decision->bound > view->settings.epsilon)
		return "too few invocations for what is still new";
	if (view->invocations < view->settings.invocations_min)
		return "fewer invocations than the floor that was set";
	if (view->shapes < view->settings.shapes_min)
		return "fewer shapes of events than the floor that was set";
	return NULL;
}

int gb_learn_decide(const struct gb_learn_view *view, struct gb_learn_decision *ret_decision)
{
	struct gb_learn_decision decision = {.bound = 2, .needed = UINT64_MAX};
	size_t count = view->previous != NULL ? SPLITS_ALL : SPLITS_ALONE;
	double epsilon = view->settings.epsilon, delta = view->settings.delta;
	double first = (double)gb_learn_trials_wanted(0, epsilon, delta * splits[0].share / 2) / splits[0].aside;
	unsigned look = gb_learn_look(view->invocations, (uint64_t)first);
	int r = 0;

	/* The other half is for what is carried. */
	delta *= count == SPLITS_ALL ? 0.5 : 1;
	delta *= gb_learn_share_of_look(look == 0 ? 1 : look);
	for (size_t i = 0; i < count && r == 0; i++) {
		double share = i == SPLITS_ALONE ? 1 : splits[i].share;

		/* What is carried over is wanted only while the version alone does not do. */
		if (i == SPLITS_ALONE && decision.bound <= epsilon)
			break;
		r = try_split(view, splits[i].aside, delta * share, &decision);
	}
	if (r < 0)
		return r;
	if (decision.bound > 1)
		decision.bound = 1;
	estimate(view, &decision);
	decision.invocations = view->invocations;
	decision.missing = missing(view, &decision);
	decision.is_done = decision.missing == NULL;
	if (decision.needed < view->settings.invocations_min)
		decision.needed = view->settings.invocations_min;
	decision.percent = decision.is_done
	                           ? 100
	                           : (unsigned)(99.0 * fmin(1, (double)view->invocations / (double)decision.needed));
	*ret_decision = decision;
	return 0;
}
