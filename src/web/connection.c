/* SPDX-License-Identifier: Apache-2.0 */
#include "web/state.h"

#include "base/ip.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static bool is_within(const struct gb_web_range *range, const unsigned char address[16])
{
	unsigned whole = range->bits / 8, rest = range->bits % 8;

	return memcmp(range->address, address, whole) == 0 &&
	       (rest == 0 || ((range->address[whole] ^ address[whole]) >> (8 - rest)) == 0);
}

bool gb_web_is_proxy(const struct gb_web_settings *settings, const unsigned char address[16])
{
	for (size_t i = 0; i < settings->proxy_count; i++)
		if (is_within(&settings->proxies[i], address))
			return true;
	return false;
}

static void address_of(const struct sockaddr *from, unsigned char ret_address[16])
{
	static const unsigned char mapped[12] = GB_IP_MAPPED_HEAD;

	memset(ret_address, 0, 16);
	if (from->sa_family == AF_INET) {
		memcpy(ret_address, mapped, sizeof(mapped));
		memcpy(ret_address + 12, &((const struct sockaddr_in *)(const void *)from)->sin_addr, 4);
	} else if (from->sa_family == AF_INET6) {
		memcpy(ret_address, &((const struct sockaddr_in6 *)(const void *)from)->sin6_addr, 16);
	}
}

/* Who counts as one client: an IPv4 address, an IPv6 /64 (what one line gets). */
static bool is_same_client(const unsigned char a[16], const unsigned char b[16])
{
	return memcmp(a, b, gb_ip_is_v4(a) ? 16 : 8) == 0;
}

enum MHD_Result gb_web_connection_accept(void *context, const struct sockaddr *from, socklen_t from_n)
{
	struct gb_web_server *server = context;
	unsigned char address[16];
	unsigned count = 0;

	(void)from_n;
	address_of(from, address);
	if (atomic_load(&server->is_stopping))
		return MHD_NO;
	if (gb_web_is_proxy(server->settings, address))
		return MHD_YES;
	pthread_mutex_lock(&server->connections_lock);
	for (struct gb_web_connection *c = server->connections; c != NULL; c = c->next)
		count += is_same_client(c->address, address);
	pthread_mutex_unlock(&server->connections_lock);
	if (count < server->settings->limits.connections_per_address)
		return MHD_YES;
	atomic_fetch_add(&server->refused, 1);
	return MHD_NO;
}

static struct gb_web_connection *connection_new(struct gb_web_server *server, struct MHD_Connection *mhd)
{
	const union MHD_ConnectionInfo *socket = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD);
	const union MHD_ConnectionInfo *address = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	struct gb_web_connection *connection = calloc(1, sizeof(*connection));

	if (connection == NULL || socket == NULL || address == NULL) {
		free(connection);
		return NULL;
	}
	connection->server = server;
	connection->fd = socket->connect_fd;
	address_of(address->client_addr, connection->address);
	connection->is_proxy = gb_web_is_proxy(server->settings, connection->address);
	connection->deadline_ms = gb_web_clock_ms() + server->settings->limits.head_ms;
	return connection;
}

void gb_web_connection_notify(
        void *context, struct MHD_Connection *mhd, void **holder, enum MHD_ConnectionNotificationCode code)
{
	struct gb_web_server *server = context;
	struct gb_web_connection *connection = *holder;

	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		connection = connection_new(server, mhd);
		*holder = connection;
		if (connection == NULL)
			return;
		atomic_fetch_add(&server->connection_count, 1);
		pthread_mutex_lock(&server->connections_lock);
		connection->next = server->connections;
		if (connection->next != NULL)
			connection->next->previous = connection;
		server->connections = connection;
		pthread_mutex_unlock(&server->connections_lock);
		return;
	}
	if (connection == NULL)
		return;
	*holder = NULL;
	pthread_mutex_lock(&server->connections_lock);
	if (connection->previous != NULL)
		connection->previous->next = connection->next;
	else
		server->connections = connection->next;
	if (connection->next != NULL)
		connection->next->previous = connection->previous;
	pthread_mutex_unlock(&server->connections_lock);
	atomic_fetch_sub(&server->connection_count, 1);
	free(connection);
}

void gb_web_connection_deadline(struct gb_web_connection *connection, uint64_t in_ms)
{
	pthread_mutex_lock(&connection->server->connections_lock);
	connection->deadline_ms = in_ms > 0 ? gb_web_clock_ms() + in_ms : 0;
	pthread_mutex_unlock(&connection->server->connections_lock);
}

/* The event loop owns the sockets and closes them behind gb_web_connection_notify(), which waits for this lock: the
 * number cannot be another file's here. It sees the end of the connection and cleans up. */
void gb_web_connections_cut(struct gb_web_server *server, bool is_all)
{
	uint64_t now = gb_web_clock_ms();

	pthread_mutex_lock(&server->connections_lock);
	for (struct gb_web_connection *c = server->connections; c != NULL; c = c->next) {
		if (!is_all && (c->deadline_ms == 0 || now < c->deadline_ms))
			continue;
		shutdown(c->fd, SHUT_RDWR);
		c->deadline_ms = 0;
		atomic_fetch_add(&server->timed_out, 1);
	}
	pthread_mutex_unlock(&server->connections_lock);
}
