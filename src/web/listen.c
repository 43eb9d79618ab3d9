/* SPDX-License-Identifier: Apache-2.0 */
#include "web/state.h"

#include "base/ip.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 1024

bool gb_web_range_parse(struct gb_span text, struct gb_web_range *ret_range)
{
	size_t slash = gb_span_find_byte(text, '/', 0);
	struct gb_span address = gb_span_sub(text, 0, slash);
	bool is_v6 = gb_span_find_byte(address, ':', 0) != SIZE_MAX;
	uint64_t bits = is_v6 ? 128 : 32;

	if (slash != SIZE_MAX &&
	        (!gb_span_to_u64(gb_span_sub(text, slash + 1, SIZE_MAX), &bits) || bits > (is_v6 ? 128 : 32)))
		return false;
	if (!gb_ip_parse(address, is_v6, ret_range->address))
		return false;
	ret_range->bits = (unsigned)bits + (is_v6 ? 0 : 96);
	return true;
}

/* "host:port" at the last colon; brackets of an IPv6 address are taken off. A port beyond 65535 is refused:
 * getaddrinfo() would take it modulo 65536. */
static int split(const char *where, char *host, size_t cap, const char **ret_port)
{
	const char *colon = strrchr(where, ':');
	uint64_t port;
	size_t n;

	if (colon == NULL || !gb_span_to_u64(gb_span_cstr(colon + 1), &port) || port > UINT16_MAX)
		return -EINVAL;
	n = (size_t)(colon - where);
	if (n >= 2 && where[0] == '[' && where[n - 1] == ']') {
		where++;
		n -= 2;
	} else if (memchr(where, ':', n) != NULL) {
		return -EINVAL;
	}
	if (n >= cap)
		return -EINVAL;
	memcpy(host, where, n);
	host[n] = '\0';
	*ret_port = colon + 1;
	return 0;
}

static int name_of(int fd, char *to, size_t cap)
{
	struct sockaddr_storage address;
	socklen_t n = sizeof(address);
	char host[INET6_ADDRSTRLEN], port[8];

	if (getsockname(fd, (struct sockaddr *)&address, &n) < 0)
		return -errno;
	if (getnameinfo((struct sockaddr *)&address, n, host, sizeof(host), port, sizeof(port),
	            NI_NUMERICHOST | NI_NUMERICSERV) != 0)
		return -EINVAL;
	snprintf(to, cap, address.ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host, port);
	return 0;
}

static int bound(const struct addrinfo *info)
{
	int fd = socket(info->ai_family, info->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, info->ai_protocol);
	int one = 1, none = 0, error;

	if (fd < 0)
		return -errno;
	/* "[::]" takes IPv4 too. */
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) == 0 &&
	        (info->ai_family != AF_INET6 || setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &none, sizeof(none)) == 0) &&
	        bind(fd, info->ai_addr, info->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	error = errno;
	close(fd);
	return -error;
}

int gb_web_listen(const char *where, char *ret_address, size_t cap, struct gb_diag *diag)
{
	struct addrinfo hints = {.ai_flags = AI_PASSIVE | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM}, *infos = NULL;
	char host[256];
	const char *port;
	int fd, r;

	if (split(where, host, sizeof(host), &port) < 0)
		return gb_diag_set(diag, -EINVAL, 0, 0,
		        "'%s' is no address to listen on: write ADDRESS:PORT, or :PORT for all", where);
	r = getaddrinfo(host[0] != '\0' ? host : NULL, port, &hints, &infos);
	if (r != 0)
		return gb_diag_set(diag, -EINVAL, 0, 0, "cannot listen on %s: %s", where, gai_strerror(r));
	fd = bound(infos);
	freeaddrinfo(infos);
	if (fd < 0)
		return gb_diag_set(diag, fd, 0, 0, "cannot listen on %s: %s", where, strerror(-fd));
	r = name_of(fd, ret_address, cap);
	if (r < 0) {
		close(fd);
		return gb_diag_set(diag, r, 0, 0, "cannot tell where %s is: %s", where, strerror(-r));
	}
	return fd;
}
