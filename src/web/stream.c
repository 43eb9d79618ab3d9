/* SPDX-License-Identifier: Apache-2.0 */
#include "web/state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_BYTES 16384u

int gb_web_stream_add(struct gb_web_stream *stream, struct gb_span bytes)
{
	size_t n = stream->n + bytes.n;

	/* Only the one call of produce writes here: the reader rests while is_working. */
	if (bytes.n > GB_WEB_PIECE_MAX || n > GB_WEB_PIECE_MAX)
		return -EMSGSIZE;
	if (n > stream->cap) {
		size_t cap = n < 4096 ? 4096 : n * 2;
		unsigned char *grown = realloc(stream->bytes, cap);

		if (grown == NULL)
			return -ENOMEM;
		stream->bytes = grown;
		stream->cap = cap;
	}
	if (bytes.n > 0)
		memcpy(stream->bytes + stream->n, bytes.p, bytes.n);
	stream->n = n;
	return 0;
}

static void unreference(struct gb_web_stream *stream)
{
	bool is_last;

	pthread_mutex_lock(&stream->lock);
	is_last = --stream->references == 0;
	pthread_mutex_unlock(&stream->lock);
	if (!is_last)
		return;
	if (stream->source.done != NULL)
		stream->source.done(stream->source.context);
	pthread_mutex_destroy(&stream->lock);
	free(stream->bytes);
	free(stream);
}

/* Under the stream's lock: have the next piece made. */
static void ask(struct gb_web_stream *stream)
{
	stream->work = (struct gb_web_work){.kind = GB_WEB_WORK_PRODUCE, .subject = stream};
	stream->is_working = true;
	stream->references++;
	if (gb_web_crew_add(stream->server, &stream->work) == 0)
		return;
	stream->is_working = false;
	stream->references--;
	stream->is_broken = true;
}

/* Under the stream's lock. */
static void resume(struct gb_web_stream *stream)
{
	if (!stream->is_suspended || stream->is_gone)
		return;
	stream->is_suspended = false;
	MHD_resume_connection(stream->connection);
}

static struct gb_web_connection *connection_of(const struct gb_web_stream *stream)
{
	const union MHD_ConnectionInfo *info =
	        MHD_get_connection_info(stream->connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return info != NULL ? info->socket_context : NULL;
}

static ssize_t read_made(struct gb_web_stream *stream, char *to, size_t cap)
{
	size_t n = stream->n - stream->sent < cap ? stream->n - stream->sent : cap;

	memcpy(to, stream->bytes + stream->sent, n);
	stream->sent += n;
	if (stream->sent == stream->n) {
		stream->sent = stream->n = 0;
		if (stream->cap > BLOCK_BYTES) {
			free(stream->bytes);
			stream->bytes = NULL;
			stream->cap = 0;
		}
	}
	return (ssize_t)n;
}

/* On the event loop, when everything before was sent. */
static ssize_t on_read(void *context, uint64_t position, char *to, size_t cap)
{
	struct gb_web_stream *stream = context;
	struct gb_web_connection *connection = connection_of(stream);
	uint64_t in_ms = stream->server->settings->limits.answer_ms;
	ssize_t result = 0;

	(void)position;
	pthread_mutex_lock(&stream->lock);
	if (!stream->is_working && stream->n > stream->sent) {
		result = read_made(stream, to, cap);
	} else if (!stream->is_working && stream->is_broken) {
		result = MHD_CONTENT_READER_END_WITH_ERROR;
	} else if (!stream->is_working && stream->is_ended) {
		result = MHD_CONTENT_READER_END_OF_STREAM;
	} else {
		if (!stream->is_working && !stream->is_later)
			ask(stream);
		if (stream->is_broken) {
			result = MHD_CONTENT_READER_END_WITH_ERROR;
		} else {
			stream->is_suspended = true;
			in_ms = 0;
			MHD_suspend_connection(stream->connection);
		}
	}
	pthread_mutex_unlock(&stream->lock);
	if (connection != NULL)
		gb_web_connection_deadline(connection, in_ms);
	return result;
}

static void on_free(void *context)
{
	struct gb_web_stream *stream = context;
	struct gb_web_server *server = stream->server;

	pthread_mutex_lock(&server->streams_lock);
	if (stream->previous != NULL)
		stream->previous->next = stream->next;
	else
		server->streams = stream->next;
	if (stream->next != NULL)
		stream->next->previous = stream->previous;
	pthread_mutex_unlock(&server->streams_lock);
	pthread_mutex_lock(&stream->lock);
	stream->is_gone = true;
	pthread_mutex_unlock(&stream->lock);
	unreference(stream);
}

void gb_web_stream_work(struct gb_web_stream *stream, void *worker)
{
	int r = GB_WEB_END;
	bool is_gone;

	pthread_mutex_lock(&stream->lock);
	is_gone = stream->is_gone;
	pthread_mutex_unlock(&stream->lock);
	if (!is_gone)
		r = stream->source.produce(stream->source.context, worker, stream);
	pthread_mutex_lock(&stream->lock);
	stream->is_working = false;
	if (r < 0)
		stream->is_broken = true;
	else if (r == GB_WEB_END)
		stream->is_ended = true;
	else if (r == GB_WEB_LATER) {
		stream->is_later = true;
		stream->wake_ms = gb_web_clock_ms() + stream->source.later_ms;
	}
	if (stream->n > stream->sent || stream->is_ended || stream->is_broken)
		resume(stream);
	else if (r == GB_WEB_MORE && stream->is_suspended && !stream->is_gone)
		ask(stream);
	if (stream->is_broken)
		resume(stream);
	pthread_mutex_unlock(&stream->lock);
	unreference(stream);
}

void gb_web_streams_wake(struct gb_web_server *server, bool is_end)
{
	uint64_t now = gb_web_clock_ms();

	pthread_mutex_lock(&server->streams_lock);
	for (struct gb_web_stream *stream = server->streams; stream != NULL; stream = stream->next) {
		pthread_mutex_lock(&stream->lock);
		if (is_end) {
			stream->is_ended = true;
			if (!stream->is_working)
				resume(stream);
		} else if (stream->is_later && now >= stream->wake_ms) {
			stream->is_later = false;
			if (stream->is_suspended && !stream->is_working && stream->n == stream->sent)
				ask(stream);
			if (stream->is_broken)
				resume(stream);
		}
		pthread_mutex_unlock(&stream->lock);
	}
	pthread_mutex_unlock(&server->streams_lock);
}

struct MHD_Response *gb_web_stream_response(
        struct gb_web_server *server, struct MHD_Connection *mhd, struct gb_web_source source)
{
	struct gb_web_stream *stream = calloc(1, sizeof(*stream));
	struct MHD_Response *response = NULL;

	if (stream != NULL)
		response = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK_BYTES, on_read, stream, on_free);
	if (response == NULL) {
		free(stream);
		if (source.done != NULL)
			source.done(source.context);
		return NULL;
	}
	pthread_mutex_init(&stream->lock, NULL);
	stream->server = server;
	stream->source = source;
	stream->connection = mhd;
	stream->references = 1;
	stream->is_ended = atomic_load(&server->is_stopping);
	pthread_mutex_lock(&server->streams_lock);
	stream->next = server->streams;
	if (stream->next != NULL)
		stream->next->previous = stream;
	server->streams = stream;
	pthread_mutex_unlock(&server->streams_lock);
	return response;
}
