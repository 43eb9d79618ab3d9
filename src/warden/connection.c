/* SPDX-License-Identifier: Apache-2.0 */
#include "warden/state.h"

#include "base/fd.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <sys/mman.h>
#include <unistd.h>

/*
 * One upstream connection for each of the runtime's, so that keep-alive, closing and order are the two ends' own
 * business. Bytes flow through two bounded buffers; a side is only read while the other keeps up.
 */

#define ROUNDS_MAX 64 /* turns on one connection before the others get theirs */

static void on_down(void *context, uint32_t events);
static void on_up(void *context, uint32_t events);

struct warden_connection *warden_connection_of(struct gb_warden *warden, uint64_t serial)
{
	for (unsigned i = 0; i < CONNECTIONS_MAX; i++)
		if (serial != 0 && warden->connections[i].serial == serial)
			return &warden->connections[i];
	return NULL;
}

static void close_watched(struct gb_warden *warden, struct gb_loop_watch *watch, int *fd)
{
	gb_loop_watch_drop(&warden->loop, watch);
	gb_fd_closep(fd);
}

void warden_connection_close(struct warden_connection *connection)
{
	struct gb_warden *warden = connection->warden;

	close_watched(warden, &connection->down_watch, &connection->down_fd);
	close_watched(warden, &connection->up_watch, &connection->up_fd);
	connection->serial = 0;
	warden_buffer_release(&connection->down);
	if (gb_loop_watch_set(&warden->loop, &warden->listen_watch, EPOLLIN) < 0)
		warden->listen_watch.events = 0;
}

static int connect_up(struct warden_connection *connection)
{
	struct gb_warden *warden = connection->warden;
	int one = 1;

	connection->up_fd = socket(warden->upstream.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (connection->up_fd < 0)
		return -errno;
	(void)setsockopt(connection->up_fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	connection->is_connecting =
	        connect(connection->up_fd, (struct sockaddr *)&warden->upstream, warden->upstream_n) < 0;
	if (connection->is_connecting && errno != EINPROGRESS)
		return -errno;
	connection->up_watch =
	        (struct gb_loop_watch){.fd = connection->up_fd, .on_ready = on_up, .context = connection};
	return 0;
}

int warden_connection_upstream_renew(struct warden_connection *connection)
{
	close_watched(connection->warden, &connection->up_watch, &connection->up_fd);
	connection->up_ended = connection->is_up_shut = connection->is_up_last = false;
	return connect_up(connection);
}

/* Address space for a connection's two buffers, kept for the slot's next users. The kernel gives memory page by page as
 * bytes arrive. */
static bool has_buffers(struct warden_connection *connection)
{
	unsigned char *p;

	if (connection->up.p != NULL)
		return true;
	p = mmap(NULL, REQUEST_BYTES_MAX + EVENT_BYTES_MAX, PROT_READ | PROT_WRITE,
	        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (p == MAP_FAILED)
		return false;
	connection->up = (struct warden_buffer){.p = p, .cap = REQUEST_BYTES_MAX};
	connection->down = (struct warden_buffer){.p = p + REQUEST_BYTES_MAX, .cap = EVENT_BYTES_MAX};
	return true;
}

static void update_interest(struct warden_connection *connection)
{
	struct gb_warden *warden = connection->warden;
	bool may_read_down = !connection->down_ended && !connection->is_closing &&
	                     warden_buffer_room(&connection->up, STREAM_BYTES) > 0;
	bool may_read_up =
	        !connection->is_connecting && !connection->up_ended &&
	        warden_buffer_room(&connection->down, connection->is_held ? EVENT_BYTES_MAX : STREAM_BYTES) > 0;
	bool writes_down = connection->down.begin < connection->down.ready;
	bool writes_up = connection->is_connecting || connection->up.begin < connection->up.ready;
	uint32_t down = (may_read_down ? EPOLLIN : 0u) | (writes_down ? EPOLLOUT : 0u);
	uint32_t up = (may_read_up ? EPOLLIN : 0u) | (writes_up ? EPOLLOUT : 0u);

	if (gb_loop_watch_set(&warden->loop, &connection->down_watch, down) < 0 ||
	        gb_loop_watch_set(&warden->loop, &connection->up_watch, up) < 0)
		warden_connection_close(connection);
}

/* Read what fits. Result: bytes, 0 when there is nothing now; *ended at end of file; negative errno on a broken one. */
static ssize_t fill(int fd, struct warden_buffer *buffer, size_t limit, bool *ended)
{
	size_t room = warden_buffer_room(buffer, limit);
	ssize_t n;

	if (room == 0)
		return 0;
	do
		n = recv(fd, buffer->p + buffer->end, room, MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EAGAIN ? 0 : -errno;
	if (n == 0)
		*ended = true;
	buffer->end += (size_t)n;
	if (buffer->end > buffer->high)
		buffer->high = buffer->end;
	return n;
}

static ssize_t spill(int fd, struct warden_buffer *buffer)
{
	struct gb_span ready = warden_buffer_part(buffer, buffer->begin, buffer->ready);
	ssize_t n;

	if (ready.n == 0)
		return 0;
	do
		n = send(fd, ready.p, ready.n, MSG_DONTWAIT | MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EAGAIN ? 0 : -errno;
	buffer->begin += (size_t)n;
	return n;
}

/* Pass the ends of the two streams on, once all that came before them is out. */
static int pass_ends(struct warden_connection *connection)
{
	bool is_up_empty = connection->up.begin == connection->up.ready;
	bool is_down_empty = connection->down.begin == connection->down.ready;

	if (connection->up_ended && !connection->is_closing) {
		int r = warden_exchange_upstream_ended(connection);

		if (r < 0)
			return r;
		connection->is_closing = connection->up_ended;
		is_down_empty = connection->down.begin == connection->down.ready;
	}
	if (connection->is_closing && is_down_empty)
		return -ECONNRESET;
	if (!connection->down_ended || connection->is_connecting || !is_up_empty)
		return 0;
	/* The client is gone, or has only closed its sending half: nobody can tell. Between requests it is gone. */
	if (connection->request != PHASE_DONE)
		return is_down_empty ? -ECONNRESET : 0;
	if (!connection->is_up_shut && connection->road == ROAD_RUNTIME) {
		connection->is_up_shut = true;
		(void)shutdown(connection->up_fd, SHUT_WR);
	}
	return 0;
}

/* One turn: understand, write, start over. Result: whether anything moved, or a negative errno. */
static ssize_t turn(struct warden_connection *connection)
{
	ssize_t moved = 0, n;
	int r;

	r = warden_exchange_requests(connection);
	if (r >= 0)
		r = warden_exchange_responses(connection);
	if (r < 0)
		return r;
	if (!connection->is_connecting) {
		n = spill(connection->up_fd, &connection->up);
		if (n < 0)
			return n;
		moved += n;
	}
	n = spill(connection->down_fd, &connection->down);
	if (n < 0)
		return n;
	moved += n;
	if (warden_exchange_finish(connection))
		moved++;
	r = pass_ends(connection);
	return r < 0 ? r : moved;
}

static void pump(struct warden_connection *connection)
{
	for (int round = 0; round < ROUNDS_MAX; round++) {
		ssize_t moved = turn(connection);

		if (moved < 0) {
			warden_connection_close(connection);
			return;
		}
		if (moved == 0)
			break;
	}
	update_interest(connection);
}

static void on_down(void *context, uint32_t events)
{
	struct warden_connection *connection = context;

	if ((events & EPOLLERR) != 0 ||
	        ((events & (EPOLLIN | EPOLLHUP)) != 0 && !connection->down_ended &&
	                fill(connection->down_fd, &connection->up, STREAM_BYTES, &connection->down_ended) < 0)) {
		warden_connection_close(connection);
		return;
	}
	pump(connection);
}

static void on_up(void *context, uint32_t events)
{
	struct warden_connection *connection = context;
	size_t limit = connection->is_held ? EVENT_BYTES_MAX : STREAM_BYTES;

	if (connection->is_connecting && (events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) != 0) {
		int error = 0;
		socklen_t n = sizeof(error);

		if (getsockopt(connection->up_fd, SOL_SOCKET, SO_ERROR, &error, &n) < 0 || error != 0) {
			warden_connection_close(connection);
			return;
		}
		connection->is_connecting = false;
	}
	if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0 && !connection->up_ended &&
	        fill(connection->up_fd, &connection->down, limit, &connection->up_ended) < 0)
		connection->up_ended = true;
	pump(connection);
}

/* A client that has closed its half may be gone for good: such a slot is given up when no other is left. */
static struct warden_connection *free_connection(struct gb_warden *warden)
{
	struct warden_connection *half = NULL;

	for (unsigned i = 0; i < CONNECTIONS_MAX; i++) {
		if (warden->connections[i].serial == 0)
			return &warden->connections[i];
		if (warden->connections[i].down_ended)
			half = &warden->connections[i];
	}
	if (half != NULL)
		warden_connection_close(half);
	return half;
}

static void begin(struct gb_warden *warden, struct warden_connection *connection, int fd)
{
	struct warden_buffer up = connection->up, down = connection->down;
	int one = 1;

	up.begin = up.ready = up.framed = up.end = 0;
	down.begin = down.ready = down.framed = down.end = 0;
	*connection = (struct warden_connection){
	        .warden = warden, .serial = ++warden->serials, .down_fd = fd, .up_fd = -1, .up = up, .down = down};
	connection->down_watch = (struct gb_loop_watch){.fd = fd, .on_ready = on_down, .context = connection};
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (!has_buffers(connection) || connect_up(connection) < 0)
		warden_connection_close(connection);
	else
		update_interest(connection);
}

void warden_connections_accept(void *context, uint32_t events)
{
	struct gb_warden *warden = context;
	struct warden_connection *connection = free_connection(warden);
	int fd;

	(void)events;
	if (connection == NULL) {
		/* The rest waits in the backlog until a connection closes. */
		gb_loop_watch_drop(&warden->loop, &warden->listen_watch);
		return;
	}
	fd = accept4(warden->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd >= 0)
		begin(warden, connection, fd);
}
