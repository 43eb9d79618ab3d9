/* SPDX-License-Identifier: Apache-2.0 */
/*
 * collect/writer: one thread that stores for all: while it commits, what comes meanwhile gathers for the next commit. So
 * nothing waits longer than for two commits, and a commit is paid for by all that wait.
 */
#include "collect/batch.h"

#include "store/store.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define WAITING_MAX 256u
#define ATTEMPTS    5u

struct waiting {
	struct gb_collect_batch *batch;
	int result;
	bool is_done;
	struct gb_diag diag;
};

struct gb_collect_writer {
	pthread_t thread;
	pthread_mutex_t mutex;
	pthread_cond_t has_come, is_stored;
	struct gb_store *store;
	struct waiting *waiting[WAITING_MAX];
	size_t count;
	bool is_stopping;
};

static int store_all(
        struct gb_store *store, struct gb_collect_batch *const *batches, size_t count, struct gb_diag *diag)
{
	int r = -EAGAIN;

	/* A connection that was lost, another writer in the way: the same may be said again. */
	for (unsigned attempt = 0; attempt < ATTEMPTS && (r == -EAGAIN || r == -ECONNRESET); attempt++)
		r = gb_collect_store(store, batches, count, diag);
	return r;
}

static void store_waiting(struct gb_collect_writer *writer, struct waiting *const *waiting, size_t count)
{
	struct gb_collect_batch *batches[WAITING_MAX];
	struct gb_diag diag = {0};
	int r;

	for (size_t i = 0; i < count; i++)
		batches[i] = waiting[i]->batch;
	r = store_all(writer->store, batches, count, &diag);
	for (size_t i = 0; i < count; i++) {
		waiting[i]->result = r;
		waiting[i]->diag = diag;
		/* What is wrong with one is not the others' fault. */
		if (r == -EINVAL && count > 1)
			waiting[i]->result = store_all(writer->store, &batches[i], 1, &waiting[i]->diag);
	}
}

/* Under the mutex: those that came first, and no more lines at one time than a body may have: what is being stored takes memory. */
static size_t take(struct gb_collect_writer *writer, struct waiting **taken)
{
	size_t count = 1, lines = writer->waiting[0]->batch->count;

	while (count < writer->count && lines + writer->waiting[count]->batch->count <= GB_COLLECT_LINES_MAX)
		lines += writer->waiting[count++]->batch->count;
	memcpy(taken, writer->waiting, count * sizeof(struct waiting *));
	writer->count -= count;
	memmove(writer->waiting, writer->waiting + count, writer->count * sizeof(struct waiting *));
	return count;
}

static void *run(void *context)
{
	struct gb_collect_writer *writer = context;
	struct waiting *taken[WAITING_MAX];

	(void)pthread_mutex_lock(&writer->mutex);
	for (;;) {
		size_t count;

		while (writer->count == 0 && !writer->is_stopping)
			(void)pthread_cond_wait(&writer->has_come, &writer->mutex);
		if (writer->count == 0)
			break;
		count = take(writer, taken);
		(void)pthread_mutex_unlock(&writer->mutex);
		store_waiting(writer, taken, count);
		(void)pthread_mutex_lock(&writer->mutex);
		for (size_t i = 0; i < count; i++)
			taken[i]->is_done = true;
		(void)pthread_cond_broadcast(&writer->is_stored);
	}
	(void)pthread_mutex_unlock(&writer->mutex);
	return NULL;
}

int gb_collect_writer_new(const char *store_url, struct gb_collect_writer **ret_writer, struct gb_diag *diag)
{
	struct gb_collect_writer *writer = calloc(1, sizeof(*writer));
	int r = writer == NULL ? -ENOMEM : gb_store_open(store_url, &writer->store, diag);

	if (r < 0) {
		free(writer);
		return r;
	}
	(void)pthread_mutex_init(&writer->mutex, NULL);
	(void)pthread_cond_init(&writer->has_come, NULL);
	(void)pthread_cond_init(&writer->is_stored, NULL);
	r = pthread_create(&writer->thread, NULL, run, writer);
	if (r != 0) {
		gb_store_close(writer->store);
		free(writer);
		return gb_diag_set(diag, -r, 0, 0, "no thread for what is ingested: %s", strerror(r));
	}
	*ret_writer = writer;
	return 0;
}

void gb_collect_writer_free(struct gb_collect_writer *writer)
{
	if (writer == NULL)
		return;
	(void)pthread_mutex_lock(&writer->mutex);
	writer->is_stopping = true;
	(void)pthread_cond_signal(&writer->has_come);
	(void)pthread_mutex_unlock(&writer->mutex);
	(void)pthread_join(writer->thread, NULL);
	(void)pthread_cond_destroy(&writer->is_stored);
	(void)pthread_cond_destroy(&writer->has_come);
	(void)pthread_mutex_destroy(&writer->mutex);
	gb_store_close(writer->store);
	free(writer);
}

int gb_collect_writer_put(struct gb_collect_writer *writer, struct gb_collect_batch *batch, struct gb_diag *diag)
{
	struct waiting waiting = {.batch = batch};

	(void)pthread_mutex_lock(&writer->mutex);
	if (writer->count == WAITING_MAX) {
		(void)pthread_mutex_unlock(&writer->mutex);
		return gb_diag_set(diag, -EBUSY, 0, 0, "too much is waiting to be stored");
	}
	writer->waiting[writer->count++] = &waiting;
	(void)pthread_cond_signal(&writer->has_come);
	while (!waiting.is_done)
		(void)pthread_cond_wait(&writer->is_stored, &writer->mutex);
	(void)pthread_mutex_unlock(&writer->mutex);
	if (waiting.result < 0)
		*diag = waiting.diag;
	return waiting.result;
}
