/* SPDX-License-Identifier: Apache-2.0 */
#include "local/run.h"

#include "base/cleanup.h"
#include "base/fd.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define READ_BYTES 65536u
#define IN_MAX     (1024u * 1024u) /* requests sent ahead while the connection waits */

static void drop_connection(struct gb_local_connection *connection)
{
	gb_loop_watch_drop(&connection->run->loop, &connection->watch);
	gb_fd_closep(&connection->watch.fd);
	gb_local_bytes_free(&connection->in);
	gb_local_bytes_free(&connection->out);
	gb_local_bytes_free(&connection->request.body);
	gb_local_bytes_free(&connection->request.trailers);
	connection->state = CONNECTION_HEAD;
	connection->closes_after_output = false;
}

static void watch_for(struct gb_local_connection *connection, uint32_t events)
{
	if (gb_loop_watch_set(&connection->run->loop, &connection->watch, events) < 0)
		drop_connection(connection);
}

/* Send what is in `out`; what the socket does not take waits for EPOLLOUT. */
static void flush_output(struct gb_local_connection *connection)
{
	size_t sent = 0;

	while (sent < connection->out.n) {
		ssize_t n = send(connection->watch.fd, connection->out.p + sent, connection->out.n - sent,
		        MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			break;
		if (n < 0) {
			drop_connection(connection);
			return;
		}
		sent += (size_t)n;
	}
	gb_local_bytes_drop(&connection->out, sent);
	if (connection->out.n > 0)
		watch_for(connection, EPOLLIN | EPOLLOUT);
	else if (connection->closes_after_output)
		drop_connection(connection);
	else
		watch_for(connection, EPOLLIN);
}

static void send_bytes(struct gb_local_connection *connection, struct gb_span s)
{
	if (gb_local_bytes_add(&connection->out, s) < 0)
		gb_local_fail(connection->run, -ENOMEM);
}

void gb_local_answer(struct gb_local_connection *connection, unsigned status, const char *fields, struct gb_span body)
{
	char head[1024];
	int n = snprintf(head, sizeof(head), "HTTP/1.1 %u %s\r\n%sContent-Length: %zu\r\n%s\r\n", status,
	        status < 300 ? "OK" : "Error", fields, body.n,
	        connection->request.closes ? "Connection: close\r\n" : "");

	connection->state = CONNECTION_HEAD;
	connection->closes_after_output = connection->request.closes;
	if (n < 0 || (size_t)n >= sizeof(head)) {
		drop_connection(connection);
		return;
	}
	send_bytes(connection, gb_span_of(head, (size_t)n));
	send_bytes(connection, body);
	flush_output(connection);
}

static void refuse(struct gb_local_connection *connection)
{
	connection->request.closes = true;
	gb_local_answer(connection, 400, "Content-Type: application/json\r\n",
	        GB_SPAN("{\"errorMessage\":\"not an HTTP request\",\"errorType\":\"BadRequest\"}"));
}

/* Result: false when the head is not complete or the connection is lost. */
static bool take_head(struct gb_local_connection *connection)
{
	struct gb_http_head head;
	ssize_t n = gb_http_request_parse(gb_local_bytes_span(&connection->in), &head);

	if (n == 0)
		return false;
	gb_local_bytes_free(&connection->request.body);
	gb_local_bytes_free(&connection->request.trailers);
	connection->request = (struct gb_local_request){0};
	if (n < 0) {
		refuse(connection);
		return false;
	}
	gb_local_request_read(&connection->request, &head);
	gb_http_body_begin(&connection->body, &head);
	if (gb_span_equal_nocase(gb_http_field_value(&head, GB_SPAN("Expect")), GB_SPAN("100-continue"))) {
		send_bytes(connection, GB_SPAN("HTTP/1.1 100 Continue\r\n\r\n"));
		flush_output(connection);
	}
	gb_local_bytes_drop(&connection->in, (size_t)n);
	connection->state = CONNECTION_BODY;
	return connection->watch.fd >= 0;
}

static int keep_body(struct gb_local_connection *connection, const unsigned char *content, size_t n)
{
	struct gb_local_request *request = &connection->request;
	size_t limit = request->is_streamed ? GB_LOCAL_STREAM_MAX : GB_LOCAL_PAYLOAD_MAX;

	if (request->is_too_large || n > limit - request->body.n) {
		request->is_too_large = true;
		gb_local_bytes_free(&request->body);
		return 0;
	}
	return gb_local_bytes_add(&request->body, gb_span_of(content, n));
}

/* A piece of the body out of what has come in. Result: false when the connection is lost. */
static bool take_piece(struct gb_local_connection *connection)
{
	unsigned char content[READ_BYTES];
	size_t content_n, trailers_before = connection->body.trailer_bytes, trailers_n;
	struct gb_span data = gb_span_sub(gb_local_bytes_span(&connection->in), 0, sizeof(content));
	ssize_t n = gb_http_body_follow(&connection->body, data, content, &content_n);

	if (n < 0) {
		refuse(connection);
		return false;
	}
	trailers_n = connection->body.trailer_bytes - trailers_before;
	data = gb_span_sub(data, (size_t)n - trailers_n, trailers_n);
	if (keep_body(connection, content, content_n) < 0 ||
	        gb_local_bytes_add(&connection->request.trailers, data) < 0) {
		gb_local_fail(connection->run, -ENOMEM);
		return false;
	}
	gb_local_bytes_drop(&connection->in, (size_t)n);
	return true;
}

/* Result: false when the body is not complete or the connection is lost. */
static bool take_body(struct gb_local_connection *connection)
{
	while (!connection->body.is_done)
		if (connection->in.n == 0 || !take_piece(connection))
			return false;
	return true;
}

static void take_requests(struct gb_local_connection *connection)
{
	while (connection->watch.fd >= 0 && connection->state != CONNECTION_WAITING) {
		if (connection->state == CONNECTION_HEAD && (connection->in.n == 0 || !take_head(connection)))
			return;
		if (!take_body(connection))
			return;
		connection->state = CONNECTION_HEAD;
		gb_local_request_handle(connection);
	}
}

static void connection_ready(void *context, uint32_t events)
{
	struct gb_local_connection *connection = context;
	unsigned char data[READ_BYTES];
	ssize_t n;

	if ((events & EPOLLOUT) != 0)
		flush_output(connection);
	if (connection->watch.fd < 0 || (events & ~(uint32_t)EPOLLOUT) == 0)
		return;
	n = recv(connection->watch.fd, data, sizeof(data), MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0 || connection->in.n > IN_MAX) {
		drop_connection(connection);
		return;
	}
	if (gb_local_bytes_add(&connection->in, gb_span_of(data, (size_t)n)) < 0) {
		gb_local_fail(connection->run, -ENOMEM);
		return;
	}
	take_requests(connection);
}

static struct gb_local_connection *free_connection(struct gb_local_run *run)
{
	for (size_t i = 0; i < GB_LOCAL_CONNECTIONS_MAX; i++)
		if (run->connections[i].watch.fd < 0)
			return &run->connections[i];
	return NULL;
}

static void listener_ready(void *context, uint32_t events)
{
	struct gb_local_run *run = context;
	struct gb_local_connection *connection = free_connection(run);
	int fd = accept4(run->listener.fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	int one = 1;

	(void)events;
	if (fd < 0)
		return;
	if (connection == NULL) {
		(void)close(fd);
		return;
	}
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	connection->run = run;
	connection->state = CONNECTION_HEAD;
	connection->watch = (struct gb_loop_watch){.fd = fd, .on_ready = connection_ready, .context = connection};
	watch_for(connection, EPOLLIN);
}

int gb_local_server_open(struct gb_local_run *run, struct gb_diag *diag)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t address_n = sizeof(address);
	GB_CLEANUP(gb_fd_closep) int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(fd, 128) < 0 ||
	        getsockname(fd, (struct sockaddr *)&address, &address_n) < 0)
		return gb_diag_set(diag, -errno, 0, 0, "cannot listen on 127.0.0.1: %s", strerror(errno));
	run->port = ntohs(address.sin_port);
	run->listener = (struct gb_loop_watch){.fd = GB_TAKE_FD(fd), .on_ready = listener_ready, .context = run};
	return gb_loop_watch_set(&run->loop, &run->listener, EPOLLIN);
}

void gb_local_server_drop_connections(struct gb_local_run *run)
{
	for (size_t i = 0; i < GB_LOCAL_CONNECTIONS_MAX; i++)
		if (run->connections[i].watch.fd >= 0)
			drop_connection(&run->connections[i]);
}

void gb_local_server_close(struct gb_local_run *run)
{
	gb_local_server_drop_connections(run);
	if (run->listener.fd >= 0)
		gb_loop_watch_drop(&run->loop, &run->listener);
	gb_fd_closep(&run->listener.fd);
}
