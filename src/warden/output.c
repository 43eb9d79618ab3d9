/* SPDX-License-Identifier: Apache-2.0 */
#include "warden/state.h"

#include "base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * Our own way to the function's standard output. O_NONBLOCK belongs to the open file, which the runtime shares: setting
 * it on fd 1 would make the function's own writes fail. A pipe or terminal is therefore opened anew; a socket is sent to
 * with MSG_DONTWAIT; a regular file never blocks and must share its offset. Where a pipe cannot be opened again (made
 * by another user), it is asked with poll(2) before each write: a writable pipe takes PIPE_BUF bytes at once.
 */
void warden_output_open(struct gb_warden *warden)
{
	struct warden_output *output = &warden->output;
	struct stat about;

	output->fd = -1;
	if (fstat(STDOUT_FILENO, &about) < 0)
		return;
	output->is_socket = S_ISSOCK(about.st_mode);
	if (S_ISFIFO(about.st_mode) || S_ISCHR(about.st_mode)) {
		output->fd = gb_fd_open("/proc/self/fd/1", O_WRONLY | O_NONBLOCK | O_NOCTTY, 0);
		output->must_poll = output->fd < 0;
	}
	if (output->fd < 0)
		output->fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
}

/* Result: bytes taken, or -EAGAIN; anything else that goes wrong swallows the bytes: there is nowhere to tell it. */
static ssize_t write_some(struct warden_output *output, const char *p, size_t n)
{
	struct pollfd ask = {.fd = output->fd, .events = POLLOUT};
	ssize_t r;

	if (output->fd < 0)
		return (ssize_t)n;
	if (output->must_poll && poll(&ask, 1, 0) == 0)
		return -EAGAIN;
	do
		r = output->is_socket ? send(output->fd, p, n, MSG_DONTWAIT | MSG_NOSIGNAL) : write(output->fd, p, n);
	while (r < 0 && errno == EINTR);
	if (r < 0)
		return errno == EAGAIN ? -EAGAIN : (ssize_t)n;
	return r;
}

static void write_queue(struct gb_warden *warden)
{
	struct warden_output *output = &warden->output;

	while (output->queue_begin < output->queue_end) {
		const char *p = output->queue + output->queue_begin;
		const char *newline = memchr(p, '\n', output->queue_end - output->queue_begin);
		size_t n = newline == NULL ? output->queue_end - output->queue_begin : (size_t)(newline + 1 - p);
		ssize_t r = write_some(output, p, n);

		if (r < 0)
			break;
		output->queue_begin += (size_t)r;
		if ((size_t)r < n)
			break;
	}
	if (output->queue_begin == output->queue_end)
		output->queue_begin = output->queue_end = 0;
	/* -EPERM: a regular file, which is never full. */
	if (gb_loop_watch_set(&warden->loop, &output->watch, output->queue_end == 0 ? 0 : EPOLLOUT) < 0)
		output->watch.events = 0;
}

static void on_writable(void *context, uint32_t events)
{
	(void)events;
	write_queue(context);
}

static bool queue(struct warden_output *output, struct gb_span bytes)
{
	if (bytes.n > QUEUE_BYTES - output->queue_end && output->queue_begin > 0) {
		output->queue_end -= output->queue_begin;
		memmove(output->queue, output->queue + output->queue_begin, output->queue_end);
		output->queue_begin = 0;
	}
	if (bytes.n > QUEUE_BYTES - output->queue_end)
		return false;
	memcpy(output->queue + output->queue_end, bytes.p, bytes.n);
	output->queue_end += bytes.n;
	return true;
}

static void put(struct gb_warden *warden, struct gb_span line)
{
	struct warden_output *output = &warden->output;
	ssize_t n = 0;

	output->watch = (struct gb_loop_watch){
	        .fd = output->fd, .events = output->watch.events, .on_ready = on_writable, .context = warden};
	if (output->queue_end == 0) {
		n = write_some(output, (const char *)line.p, line.n);
		if (n == (ssize_t)line.n)
			return;
	}
	/* A line that is begun is always finished: the queue is empty then and has room. */
	if (!queue(output, gb_span_sub(line, n < 0 ? 0 : (size_t)n, SIZE_MAX)))
		output->lost_lines++;
	else
		write_queue(warden);
}

void warden_output_put(struct gb_warden *warden, const struct gb_event_head *head, struct gb_span line)
{
	put(warden, line);
	warden_seal_add(warden, head->seq, line);
}

void warden_output_flush(struct gb_warden *warden, int timeout_ms)
{
	struct pollfd ask = {.fd = warden->output.fd, .events = POLLOUT};
	uint64_t end = gb_loop_now_ns() + (uint64_t)timeout_ms * 1000000u;

	write_queue(warden);
	while (warden->output.queue_end != 0 && gb_loop_now_ns() < end) {
		(void)poll(&ask, 1, 10);
		write_queue(warden);
	}
}

struct gb_event_head warden_output_head(struct gb_warden *warden, struct gb_span request)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	return (struct gb_event_head){.seq = warden->output.seq++,
	        .time_ms = (uint64_t)now.tv_sec * 1000u + (uint64_t)now.tv_nsec / 1000000u,
	        .request = request,
	        .sandbox = warden_observe_sandbox(warden)};
}
