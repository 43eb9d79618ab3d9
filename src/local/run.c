/* SPDX-License-Identifier: Apache-2.0 */
#include "local/run.h"

#include "base/cleanup.h"
#include "base/fd.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* How long a runtime that has given its last answer may take to ask for another event, writing its log meanwhile. */
#define LAST_WORDS_NS (2u * 1000000000ull)

const char *gb_local_status_name(enum gb_local_status status)
{
	static const char *const names[_GB_LOCAL_STATUS_MAX] = {
	        [GB_LOCAL_NOT_RUN] = "not_run",
	        [GB_LOCAL_OK] = "ok",
	        [GB_LOCAL_ERROR] = "error",
	        [GB_LOCAL_INIT_ERROR] = "init_error",
	        [GB_LOCAL_TIMEOUT] = "timeout",
	        [GB_LOCAL_EXITED] = "exited",
	};

	return (unsigned)status < _GB_LOCAL_STATUS_MAX ? names[status] : names[GB_LOCAL_NOT_RUN];
}

void gb_local_fail(struct gb_local_run *run, int error)
{
	run->error = error;
	run->has_ended = true;
}

static void report(struct gb_local_run *run, struct gb_local_invocation *invocation)
{
	run->summary->count[invocation->status]++;
	run->settings->on_done(run->settings->context, invocation);
	gb_local_bytes_free(&invocation->response);
	gb_local_bytes_free(&invocation->log);
}

void gb_local_slot_finish(struct gb_local_slot *slot)
{
	gb_loop_timer_drop(&slot->run->loop, &slot->timer);
	slot->state = SLOT_FREE;
	report(slot->run, &slot->invocation);
}

static void slot_due(void *context)
{
	struct gb_local_slot *slot = context;
	struct gb_local_run *run = slot->run;
	struct gb_local_invocation *invocation = &slot->invocation;

	run->has_ended = true;
	if (slot->state != SLOT_WORKING)
		return;
	invocation->status = GB_LOCAL_TIMEOUT;
	invocation->duration_us = (gb_loop_now_ns() - slot->begin_ns) / 1000u;
	(void)snprintf(invocation->error_type, sizeof(invocation->error_type), "Sandbox.Timedout");
	(void)snprintf(invocation->error_message, sizeof(invocation->error_message),
	        "no answer within %llu.%03llu seconds; killed", (unsigned long long)(run->settings->timeout_ms / 1000u),
	        (unsigned long long)(run->settings->timeout_ms % 1000u));
}

/* The log and the start-up time of a process belong to its first invocation. */
static void take_over_start(struct gb_local_run *run, struct gb_local_invocation *invocation)
{
	invocation->log = run->early_log;
	run->early_log = (struct gb_local_bytes){0};
	invocation->init_us = run->init_us;
	run->init_us = 0;
}

void gb_local_slot_begin(struct gb_local_slot *slot)
{
	struct gb_local_run *run = slot->run;
	struct gb_local_invocation *invocation = &slot->invocation;
	char request_id[37];

	memcpy(request_id, invocation->request_id, sizeof(request_id));
	*invocation = (struct gb_local_invocation){0};
	memcpy(invocation->request_id, request_id, sizeof(request_id));
	invocation->index = run->next_index++;
	invocation->event_index = invocation->index % run->settings->event_count;
	take_over_start(run, invocation);
	slot->state = SLOT_WORKING;
	slot->begin_ns = gb_loop_now_ns();
	slot->timer.on_due = slot_due;
	slot->timer.context = slot;
	gb_loop_timer_set(&run->loop, &slot->timer, run->settings->timeout_ms * 1000000u);
}

void gb_local_slot_answered(struct gb_local_slot *slot)
{
	struct gb_local_run *run = slot->run;

	slot->state = SLOT_ANSWERED;
	slot->invocation.duration_us = (gb_loop_now_ns() - slot->begin_ns) / 1000u;
	if (run->next_index == run->settings->invocation_count)
		gb_loop_timer_set(&run->loop, &slot->timer, LAST_WORDS_NS);
}

static void init_due(void *context)
{
	struct gb_local_run *run = context;

	(void)snprintf(run->init_failure.error_message, sizeof(run->init_failure.error_message),
	        "it did not ask for an event within %llu seconds; killed",
	        (unsigned long long)(run->settings->init_timeout_ms / 1000u));
	run->has_ended = true;
}

static void log_ready(void *context, uint32_t events)
{
	(void)events;
	gb_local_log_drain(context);
}

static void child_ready(void *context, uint32_t events)
{
	struct gb_local_run *run = context;

	(void)events;
	gb_loop_watch_drop(&run->loop, &run->child);
	gb_local_process_note_end(run);
	run->has_ended = true;
}

static void stop_ready(void *context, uint32_t events)
{
	struct gb_local_run *run = context;

	(void)events;
	run->summary->is_stopped = true;
	run->has_ended = true;
}

/* Whoever was given an event and did not answer has failed with its process. */
static void finish_slots(struct gb_local_run *run)
{
	for (size_t i = 0; i < GB_LOCAL_SLOTS_MAX; i++) {
		struct gb_local_slot *slot = &run->slots[i];
		struct gb_local_invocation *invocation = &slot->invocation;

		if (slot->state == SLOT_FREE)
			continue;
		if (slot->state == SLOT_WORKING && invocation->status == GB_LOCAL_NOT_RUN) {
			invocation->status = GB_LOCAL_EXITED;
			invocation->duration_us = (gb_loop_now_ns() - slot->begin_ns) / 1000u;
			(void)snprintf(invocation->error_type, sizeof(invocation->error_type), "Runtime.ExitError");
			(void)snprintf(invocation->error_message, sizeof(invocation->error_message),
			        "the runtime ended before it answered: %s", run->end_text);
		}
		gb_local_slot_finish(slot);
	}
}

/* No event was ever asked for: the invocation that would have been first has failed; the others are not tried. */
static void fail_init(struct gb_local_run *run)
{
	struct gb_local_invocation *failure = &run->init_failure;

	failure->index = run->next_index++;
	failure->event_index = failure->index % run->settings->event_count;
	failure->status = GB_LOCAL_INIT_ERROR;
	failure->duration_us = (gb_loop_now_ns() - run->start_ns) / 1000u;
	take_over_start(run, failure);
	if (failure->error_type[0] == '\0')
		(void)snprintf(failure->error_type, sizeof(failure->error_type), "Runtime.ExitError");
	if (failure->error_message[0] == '\0' && !run->has_init_failure)
		(void)snprintf(failure->error_message, sizeof(failure->error_message),
		        "the runtime ended before it asked for an event: %s", run->end_text);
	report(run, failure);
}

static void skip_the_rest(struct gb_local_run *run)
{
	while (run->next_index < run->settings->invocation_count) {
		struct gb_local_invocation invocation = {.index = run->next_index++, .status = GB_LOCAL_NOT_RUN};

		invocation.event_index = invocation.index % run->settings->event_count;
		report(run, &invocation);
	}
}

static int watch_process(struct gb_local_run *run, int log_fd)
{
	int pidfd = (int)syscall(SYS_pidfd_open, run->pid, 0);
	int r;

	run->log = (struct gb_loop_watch){.fd = log_fd, .on_ready = log_ready, .context = run};
	run->child = (struct gb_loop_watch){.fd = pidfd, .on_ready = child_ready, .context = run};
	if (pidfd < 0)
		return -errno;
	r = gb_loop_watch_set(&run->loop, &run->child, EPOLLIN);
	if (r == 0)
		r = gb_loop_watch_set(&run->loop, &run->log, EPOLLIN);
	run->phase.on_due = init_due;
	run->phase.context = run;
	gb_loop_timer_set(&run->loop, &run->phase, run->settings->init_timeout_ms * 1000000u);
	return r;
}

static void unwatch_process(struct gb_local_run *run)
{
	gb_loop_timer_drop(&run->loop, &run->phase);
	gb_loop_watch_drop(&run->loop, &run->child);
	gb_fd_closep(&run->child.fd);
	gb_local_log_drain(run);
	gb_loop_watch_drop(&run->loop, &run->log);
	gb_fd_closep(&run->log.fd);
	gb_local_server_drop_connections(run);
}

/* The life of one process: as many events as it manages. */
static int run_process(struct gb_local_run *run, struct gb_diag *diag)
{
	int log_fd = -1, r;

	run->is_initialised = run->has_ended = false;
	run->end_text[0] = '\0';
	run->start_ns = gb_loop_now_ns();
	run->init_us = 0;
	r = gb_local_process_start(run, &log_fd, diag);
	if (r < 0)
		return r;
	run->summary->processes++;
	r = watch_process(run, log_fd);
	while (r == 0 && !run->has_ended)
		r = gb_loop_round(&run->loop);
	gb_local_process_end(run);
	unwatch_process(run);
	finish_slots(run);
	if (r == 0 && run->error < 0)
		r = run->error;
	if (r < 0)
		return gb_diag_set(diag, r, 0, 0, "the run broke off: %s", strerror(-r));
	if (!run->is_initialised && !run->summary->is_stopped) {
		fail_init(run);
		skip_the_rest(run);
	}
	return 0;
}

static int prepare(struct gb_local_run *run, struct gb_diag *diag)
{
	int r;

	for (size_t i = 0; i < GB_LOCAL_CONNECTIONS_MAX; i++)
		run->connections[i].watch.fd = -1;
	for (size_t i = 0; i < GB_LOCAL_SLOTS_MAX; i++)
		run->slots[i].run = run;
	run->listener.fd = run->log.fd = run->child.fd = -1;
	r = gb_loop_init(&run->loop);
	if (r == 0)
		r = gb_local_server_open(run, diag);
	if (r == 0 && run->settings->stop_fd >= 0) {
		run->stop =
		        (struct gb_loop_watch){.fd = run->settings->stop_fd, .on_ready = stop_ready, .context = run};
		r = gb_loop_watch_set(&run->loop, &run->stop, EPOLLIN);
	}
	return r;
}

int gb_local_run(const struct gb_local_settings *settings, struct gb_local_summary *ret_summary, struct gb_diag *diag)
{
	GB_CLEANUP(gb_freep) struct gb_local_run *run = calloc(1, sizeof(*run));
	int r;

	if (settings->concurrency == 0 || settings->concurrency > GB_LOCAL_SLOTS_MAX || settings->event_count == 0)
		return gb_diag_set(diag, -EINVAL, 0, 0, "at most %u events at a time", GB_LOCAL_SLOTS_MAX);
	if (run == NULL)
		return -ENOMEM;
	*ret_summary = (struct gb_local_summary){0};
	run->settings = settings;
	run->summary = ret_summary;
	run->loop.epoll_fd = -1;
	/* Processes that leave the group come to us when their parents are killed, and are killed in turn. */
	(void)prctl(PR_SET_CHILD_SUBREAPER, 1);
	r = prepare(run, diag);
	while (r == 0 && run->next_index < settings->invocation_count && !ret_summary->is_stopped)
		r = run_process(run, diag);
	gb_local_server_close(run);
	gb_loop_done(&run->loop);
	gb_local_bytes_free(&run->early_log);
	gb_local_bytes_free(&run->log_pending);
	gb_local_bytes_free(&run->init_failure.response);
	return r;
}
