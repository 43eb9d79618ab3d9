/* SPDX-License-Identifier: Apache-2.0 */
#include "control/state.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

int gb_task_add(struct gb_plane *control, const struct gb_task *task)
{
	struct gb_running_task *running;
	pthread_condattr_t steady;

	if (control->task_count == GB_TASKS_MAX)
		return -ENOSPC;
	running = &control->tasks[control->task_count++];
	*running = (struct gb_running_task){.task = *task, .control = control};
	pthread_condattr_init(&steady);
	pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
	pthread_cond_init(&running->is_wanted, &steady);
	pthread_condattr_destroy(&steady);
	return 0;
}

bool gb_task_is_stopping(const struct gb_plane *control)
{
	return atomic_load(&control->is_stopping);
}

void gb_task_wake(struct gb_plane *control, const char *name)
{
	pthread_mutex_lock(&control->tasks_lock);
	for (size_t i = 0; i < control->task_count; i++)
		if (strcmp(control->tasks[i].task.name, name) == 0) {
			control->tasks[i].is_woken = true;
			pthread_cond_signal(&control->tasks[i].is_wanted);
		}
	pthread_mutex_unlock(&control->tasks_lock);
}

static void wait_for_turn(struct gb_running_task *running, unsigned in_ms)
{
	struct gb_plane *control = running->control;
	struct timespec until;
	int r = 0;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += in_ms / 1000;
	until.tv_nsec += (long)(in_ms % 1000) * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	pthread_mutex_lock(&control->tasks_lock);
	while (r == 0 && !running->is_woken && !atomic_load(&control->is_stopping))
		r = pthread_cond_timedwait(&running->is_wanted, &control->tasks_lock, &until);
	running->is_woken = false;
	pthread_mutex_unlock(&control->tasks_lock);
}

/* A database that was away is opened at the next turn. */
static int run_once(struct gb_running_task *running, struct gb_store **store, struct gb_diag *diag)
{
	const struct gb_task *task = &running->task;
	int r = *store == NULL ? gb_store_open(running->control->store_url, store, diag) : 0;

	if (r == 0 && task->is_singleton) {
		r = gb_store_lock(*store, task->name, diag);
		if (r == -EBUSY)
			return 0;
	}
	if (r == 0)
		r = task->run(*store, task->context, diag);
	/* A task that failed half way leaves nothing behind. */
	if (*store != NULL)
		gb_store_rollback(*store);
	return r;
}

static void *task_main(void *context)
{
	struct gb_running_task *running = context;
	struct gb_plane *control = running->control;
	const struct gb_task *task = &running->task;

	struct gb_store *store = NULL;

	while (!atomic_load(&control->is_stopping)) {
		struct gb_diag diag = {0};
		int r = run_once(running, &store, &diag);

		if (r < 0)
			gb_log(control, GB_LOG_ERROR, "a task failed", "{s:s,s:s}", "task", task->name, "why",
			        diag.message[0] != '\0' ? diag.message : strerror(-r));
		wait_for_turn(running, task->period_ms);
	}
	gb_store_close(store);
	return NULL;
}

int gb_tasks_begin(struct gb_plane *control, struct gb_diag *diag)
{
	sigset_t all, before;
	int r = gb_tasks_start(control, diag);

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	for (size_t i = 0; r == 0 && i < control->task_count; i++) {
		r = -pthread_create(&control->tasks[i].thread, NULL, task_main, &control->tasks[i]);
		control->tasks[i].has_thread = r == 0;
		if (r < 0)
			gb_diag_set(diag, r, 0, 0, "cannot start a thread");
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return r;
}

void gb_tasks_end(struct gb_plane *control)
{
	pthread_mutex_lock(&control->tasks_lock);
	for (size_t i = 0; i < control->task_count; i++)
		pthread_cond_signal(&control->tasks[i].is_wanted);
	pthread_mutex_unlock(&control->tasks_lock);
	for (size_t i = 0; i < control->task_count; i++)
		if (control->tasks[i].task.stop != NULL)
			control->tasks[i].task.stop(control->tasks[i].task.context);
	for (size_t i = 0; i < control->task_count; i++) {
		if (control->tasks[i].has_thread)
			pthread_join(control->tasks[i].thread, NULL);
		if (control->tasks[i].task.done != NULL)
			control->tasks[i].task.done(control->tasks[i].task.context);
	}
	control->task_count = 0;
}
