/* SPDX-License-Identifier: Apache-2.0 */
#include "loop/loop.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

struct pair {
	struct gb_loop *loop;
	int ends[2][2];
	struct gb_loop_watch watches[2];
	int calls;
};

/* Whichever comes first drops the other: of two that are ready at once, one is called. */
static void drop_both(void *context, uint32_t events)
{
	struct pair *pair = context;

	assert_true((events & EPOLLIN) != 0);
	pair->calls++;
	gb_loop_watch_drop(pair->loop, &pair->watches[0]);
	gb_loop_watch_drop(pair->loop, &pair->watches[1]);
}

static void a_dropped_watch_is_not_called_any_more(void **state)
{
	struct gb_loop loop;
	struct pair pair = {.loop = &loop};

	(void)state;
	assert_int_equal(gb_loop_init(&loop), 0);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(pipe(pair.ends[i]), 0);
		pair.watches[i] =
		        (struct gb_loop_watch){.fd = pair.ends[i][0], .on_ready = drop_both, .context = &pair};
		assert_int_equal(gb_loop_watch_set(&loop, &pair.watches[i], EPOLLIN), 0);
		assert_int_equal(write(pair.ends[i][1], "x", 1), 1);
	}
	assert_int_equal(gb_loop_round(&loop), 0);
	assert_int_equal(pair.calls, 1);
	for (int i = 0; i < 2; i++) {
		(void)close(pair.ends[i][0]);
		(void)close(pair.ends[i][1]);
	}
	gb_loop_done(&loop);
}

struct clock {
	struct gb_loop *loop;
	struct gb_loop_timer timer;
	int ticks;
	int wanted;
};

static void tick(void *context)
{
	struct clock *clock = context;

	if (++clock->ticks < clock->wanted)
		gb_loop_timer_set(clock->loop, &clock->timer, 1000000);
	else
		gb_loop_stop(clock->loop);
}

static void must_not_tick(void *context)
{
	(void)context;
	fail_msg("a dropped timer came due");
}

static void timers_repeat_and_are_dropped(void **state)
{
	struct gb_loop loop;
	struct clock clock = {.loop = &loop, .wanted = 3};
	struct gb_loop_timer dropped = {.on_due = must_not_tick};
	uint64_t start = gb_loop_now_ns();

	(void)state;
	assert_int_equal(gb_loop_init(&loop), 0);
	clock.timer = (struct gb_loop_timer){.on_due = tick, .context = &clock};
	gb_loop_timer_set(&loop, &dropped, 0);
	gb_loop_timer_set(&loop, &clock.timer, 1000000);
	gb_loop_timer_drop(&loop, &dropped);
	gb_loop_timer_drop(&loop, &dropped);
	assert_int_equal(gb_loop_run(&loop), 0);
	assert_int_equal(clock.ticks, 3);
	assert_true(gb_loop_now_ns() - start >= 3000000);
	gb_loop_done(&loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_dropped_watch_is_not_called_any_more),
	        cmocka_unit_test(timers_repeat_and_are_dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
