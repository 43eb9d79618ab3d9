/* SPDX-License-Identifier: Apache-2.0 */
#include "loop/loop.h"

#include <errno.h>
#include <limits.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_MS 1000000u

int gb_loop_init(struct gb_loop *loop)
{
	*loop = (struct gb_loop){.epoll_fd = epoll_create1(EPOLL_CLOEXEC)};
	return loop->epoll_fd < 0 ? -errno : 0;
}

void gb_loop_done(struct gb_loop *loop)
{
	if (loop->epoll_fd >= 0)
		(void)close(loop->epoll_fd);
	*loop = (struct gb_loop){.epoll_fd = -1};
}

int gb_loop_watch_set(struct gb_loop *loop, struct gb_loop_watch *watch, uint32_t events)
{
	struct epoll_event event = {.events = events, .data.ptr = watch};
	int operation = watch->events == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;

	if (events == watch->events)
		return 0;
	if (events == 0) {
		gb_loop_watch_drop(loop, watch);
		return 0;
	}
	if (epoll_ctl(loop->epoll_fd, operation, watch->fd, &event) < 0)
		return -errno;
	watch->events = events;
	return 0;
}

void gb_loop_watch_drop(struct gb_loop *loop, struct gb_loop_watch *watch)
{
	if (watch->events == 0)
		return;
	watch->events = 0;
	(void)epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, watch->fd, NULL);
	for (int i = loop->batch_at; i < loop->batch_n; i++)
		if (loop->batch[i].data.ptr == watch)
			loop->batch[i].data.ptr = NULL;
}

uint64_t gb_loop_now_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000u * NS_PER_MS + (uint64_t)now.tv_nsec;
}

void gb_loop_timer_set(struct gb_loop *loop, struct gb_loop_timer *timer, uint64_t after_ns)
{
	if (timer->due_ns == 0) {
		timer->next = loop->timers;
		loop->timers = timer;
	}
	timer->due_ns = gb_loop_now_ns() + after_ns;
}

void gb_loop_timer_drop(struct gb_loop *loop, struct gb_loop_timer *timer)
{
	struct gb_loop_timer **at = &loop->timers;

	if (timer->due_ns == 0)
		return;
	while (*at != timer)
		at = &(*at)->next;
	*at = timer->next;
	timer->due_ns = 0;
}

/* Milliseconds for epoll_wait(2), rounded up so that a timer is due when we wake. */
static int milliseconds_until_first(const struct gb_loop *loop)
{
	uint64_t first = UINT64_MAX, now;

	for (const struct gb_loop_timer *timer = loop->timers; timer != NULL; timer = timer->next)
		if (timer->due_ns < first)
			first = timer->due_ns;
	if (first == UINT64_MAX)
		return -1;
	now = gb_loop_now_ns();
	if (first <= now)
		return 0;
	first = (first - now + NS_PER_MS - 1) / NS_PER_MS;
	return first > INT_MAX ? INT_MAX : (int)first;
}

static struct gb_loop_timer *first_due(struct gb_loop *loop, uint64_t now)
{
	for (struct gb_loop_timer *timer = loop->timers; timer != NULL; timer = timer->next)
		if (timer->due_ns <= now)
			return timer;
	return NULL;
}

int gb_loop_round(struct gb_loop *loop)
{
	struct gb_loop_timer *timer;
	uint64_t now;
	int n = epoll_wait(loop->epoll_fd, loop->batch, GB_LOOP_BATCH, milliseconds_until_first(loop));

	if (n < 0 && errno != EINTR)
		return -errno;
	loop->batch_n = n < 0 ? 0 : n;
	loop->batch_at = 0;
	while (loop->batch_at < loop->batch_n) {
		struct epoll_event event = loop->batch[loop->batch_at++];
		struct gb_loop_watch *watch = event.data.ptr;

		if (watch != NULL)
			watch->on_ready(watch->context, event.events);
	}
	if (loop->timers == NULL)
		return 0;
	/* A callback may set its timer again: that one is due later than NOW, so this ends. */
	now = gb_loop_now_ns();
	while ((timer = first_due(loop, now)) != NULL) {
		gb_loop_timer_drop(loop, timer);
		timer->on_due(timer->context);
	}
	return 0;
}

int gb_loop_run(struct gb_loop *loop)
{
	int r = 0;

	while (!loop->is_stopped && r == 0)
		r = gb_loop_round(loop);
	return r;
}

void gb_loop_stop(struct gb_loop *loop)
{
	loop->is_stopped = true;
}
