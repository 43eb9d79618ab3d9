/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loop: one epoll descriptor, level-triggered, and a handful of timers. Single-threaded; allocates nothing: watches and
 * timers lie in their owner's memory and must stay there while they are set. A watch that is dropped during a round
 * gets no event of that round any more, so an owner may close its descriptor and reuse its memory at once.
 */
#ifndef GB_LOOP_LOOP_H
#define GB_LOOP_LOOP_H

#include "base/span.h"

#include <sys/epoll.h>

#define GB_LOOP_BATCH 16

/* Fill `fd`, `on_ready` and `context`; `events` is the loop's. */
struct gb_loop_watch {
	int fd;
	uint32_t events; /* EPOLL…, 0: not watched */
	void (*on_ready)(void *context, uint32_t events);
	void *context;
};

/* Fill `on_due` and `context`; the rest is the loop's. */
struct gb_loop_timer {
	uint64_t due_ns; /* 0: not set */
	void (*on_due)(void *context);
	void *context;
	struct gb_loop_timer *next;
};

struct gb_loop {
	int epoll_fd;
	bool is_stopped;
	int batch_at;
	int batch_n;
	struct epoll_event batch[GB_LOOP_BATCH];
	struct gb_loop_timer *timers;
};

/* 0, or a negative errno of epoll_create1(2). */
__attribute__((warn_unused_result)) int gb_loop_init(struct gb_loop *loop);
/* Close the epoll descriptor; watches and timers are forgotten. Fine on a loop that is all zero but epoll_fd -1. */
void gb_loop_done(struct gb_loop *loop);

/* Watch for EVENTS from now on; 0 drops the watch (a hang-up is then not told either). -EPERM: the descriptor is of a
 * kind that is always ready, such as a regular file. */
__attribute__((warn_unused_result)) int gb_loop_watch_set(
        struct gb_loop *loop, struct gb_loop_watch *watch, uint32_t events);
/* Drop the watch. Call it before the descriptor is closed. */
void gb_loop_watch_drop(struct gb_loop *loop, struct gb_loop_watch *watch);

/* Monotonic clock, nanoseconds. */
uint64_t gb_loop_now_ns(void);
/* Call back once, AFTER_NS from now; replaces the timer's earlier setting. */
void gb_loop_timer_set(struct gb_loop *loop, struct gb_loop_timer *timer, uint64_t after_ns);
void gb_loop_timer_drop(struct gb_loop *loop, struct gb_loop_timer *timer);

/* Wait for events or timers, run their callbacks, once round. 0, or a negative errno of epoll_wait(2). */
__attribute__((warn_unused_result)) int gb_loop_round(struct gb_loop *loop);
/* Rounds until gb_loop_stop(). */
__attribute__((warn_unused_result)) int gb_loop_run(struct gb_loop *loop);
void gb_loop_stop(struct gb_loop *loop);

#endif
