/* SPDX-License-Identifier: Apache-2.0 */
#include "web/state.h"

#include <errno.h>
#include <signal.h>

#define QUEUE_MAX 4096u

static void work_on(struct gb_web_work *work, void *worker)
{
	if (work->kind == GB_WEB_WORK_PRODUCE)
		gb_web_stream_work(work->subject, worker);
	else
		gb_web_exchange_work(work->subject, work->kind, worker);
}

/* The next piece of work; NULL when there is none left and the end has come. */
static struct gb_web_work *wait_for_work(struct gb_web_crew *crew)
{
	struct gb_web_work *work;

	pthread_mutex_lock(&crew->lock);
	while (crew->first == NULL && !crew->is_stopping)
		pthread_cond_wait(&crew->is_wanted, &crew->lock);
	work = crew->first;
	if (work != NULL) {
		crew->first = work->next;
		if (crew->first == NULL)
			crew->last = &crew->first;
		crew->queued--;
	}
	pthread_mutex_unlock(&crew->lock);
	return work;
}

static void *worker_main(void *context)
{
	struct gb_web_server *server = context;
	struct gb_web_crew *crew = &server->crew;
	const struct gb_web_handler *handler = &server->settings->handler;
	struct gb_diag diag = {0};
	struct gb_web_work *work;
	void *worker = NULL;
	int r = handler->worker_begin != NULL ? handler->worker_begin(handler->context, &worker, &diag) : 0;

	pthread_mutex_lock(&crew->lock);
	crew->begun++;
	if (r < 0 && crew->begin_error == 0) {
		crew->begin_error = r;
		crew->diag = diag;
	}
	pthread_cond_broadcast(&crew->is_begun);
	pthread_mutex_unlock(&crew->lock);
	if (r < 0)
		return NULL;
	while ((work = wait_for_work(crew)) != NULL)
		work_on(work, worker);
	if (handler->worker_end != NULL)
		handler->worker_end(handler->context, worker);
	return NULL;
}

int gb_web_crew_start(struct gb_web_server *server, struct gb_diag *diag)
{
	struct gb_web_crew *crew = &server->crew;
	unsigned wanted = server->settings->workers;
	sigset_t all, before;
	int r = 0;

	if (wanted < 1 || wanted > sizeof(crew->threads) / sizeof(crew->threads[0]))
		return gb_diag_set(diag, -EINVAL, 0, 0, "there may be 1 to 64 workers");
	/* Signals are the main thread's. */
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	while (r == 0 && crew->count < wanted) {
		r = -pthread_create(&crew->threads[crew->count], NULL, worker_main, server);
		crew->count += r == 0;
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (r < 0)
		return gb_diag_set(diag, r, 0, 0, "cannot start a thread");
	pthread_mutex_lock(&crew->lock);
	while (crew->begun < crew->count)
		pthread_cond_wait(&crew->is_begun, &crew->lock);
	r = crew->begin_error;
	if (r < 0 && diag != NULL)
		*diag = crew->diag;
	pthread_mutex_unlock(&crew->lock);
	return r;
}

int gb_web_crew_add(struct gb_web_server *server, struct gb_web_work *work)
{
	struct gb_web_crew *crew = &server->crew;
	int r = -EBUSY;

	pthread_mutex_lock(&crew->lock);
	if (!crew->is_stopping && crew->queued < QUEUE_MAX) {
		work->next = NULL;
		*crew->last = work;
		crew->last = &work->next;
		crew->queued++;
		pthread_cond_signal(&crew->is_wanted);
		r = 0;
	}
	pthread_mutex_unlock(&crew->lock);
	return r;
}

void gb_web_crew_stop(struct gb_web_server *server)
{
	struct gb_web_crew *crew = &server->crew;

	pthread_mutex_lock(&crew->lock);
	crew->is_stopping = true;
	pthread_cond_broadcast(&crew->is_wanted);
	pthread_mutex_unlock(&crew->lock);
	for (unsigned i = 0; i < crew->count; i++)
		pthread_join(crew->threads[i], NULL);
	crew->count = 0;
}
