/* SPDX-License-Identifier: Apache-2.0 */
/*
 * warden/fetch_dial: names to addresses, as far as a sandbox needs it (/etc/hosts, the name servers of /etc/resolv.conf over
 * UDP, no search domains), and connections with a deadline. The C library's resolver is as large as a fifth of the agent.
 */
#include "warden/fetch.h"

#include "activity/dns.h"
#include "base/cleanup.h"
#include "base/fd.h"
#include "base/ip.h"
#include "loop/loop.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#define ADDRESSES_MAX   8u
#define SERVERS_MAX     3u
#define TRIES           2u
#define TRY_NS          1000000000u
#define HOSTS_BYTES_MAX 65536u
#define ANSWER_BYTES    1500u
#define TYPE_A          1u
#define TYPE_AAAA       28u

int warden_wait(int fd, short events, uint64_t deadline_ns)
{
	for (;;) {
		uint64_t now = gb_loop_now_ns();
		struct pollfd one = {.fd = fd, .events = events};
		int n;

		if (now >= deadline_ns)
			return -ETIMEDOUT;
		n = poll(&one, 1, (int)((deadline_ns - now) / 1000000u) + 1);
		if (n > 0)
			return 0;
		if (n < 0 && errno != EINTR)
			return -errno;
	}
}

static bool parse_address(struct gb_span text, unsigned char address[16])
{
	return gb_ip_parse(text, false, address) || gb_ip_parse(text, true, address);
}

/* Result: how long the address is. */
static socklen_t fill(const unsigned char address[16], uint16_t port, struct sockaddr_storage *storage)
{
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(port)};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};

	if (gb_ip_is_v4(address)) {
		memcpy(&in.sin_addr, address + 12, 4);
		memcpy(storage, &in, sizeof(in));
		return sizeof(in);
	}
	memcpy(&in6.sin6_addr, address, 16);
	memcpy(storage, &in6, sizeof(in6));
	return sizeof(in6);
}

static int open_socket(const unsigned char address[16], uint16_t port, int type, uint64_t deadline_ns)
{
	struct sockaddr_storage storage;
	socklen_t n = fill(address, port, &storage);
	GB_CLEANUP(gb_fd_closep)
	int fd = socket(storage.ss_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int error = 0, r;
	socklen_t error_n = sizeof(error);

	if (fd < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)&storage, n) == 0)
		return GB_TAKE_FD(fd);
	if (errno != EINPROGRESS)
		return -errno;
	r = warden_wait(fd, POLLOUT, deadline_ns);
	if (r < 0)
		return r;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &error_n) < 0 || error != 0)
		return error != 0 ? -error : -EIO;
	return GB_TAKE_FD(fd);
}

/* The next line of *TEXT without its comment. */
static bool take_line(struct gb_span *text, struct gb_span *ret_line)
{
	size_t end = gb_span_find_byte(*text, '\n', 0);

	if (text->n == 0)
		return false;
	*ret_line = gb_span_sub(*text, 0, end);
	*ret_line = gb_span_sub(*ret_line, 0, gb_span_find_byte(*ret_line, '#', 0));
	*text = end == SIZE_MAX ? GB_SPAN_EMPTY : gb_span_sub(*text, end + 1, SIZE_MAX);
	return true;
}

static size_t ask_hosts(struct gb_span host, unsigned char (*addresses)[16])
{
	GB_CLEANUP(gb_freep) char *data = NULL;
	struct gb_span text, line, name;
	size_t n, count = 0;

	if (gb_fd_read_file("/etc/hosts", HOSTS_BYTES_MAX, &data, &n) < 0)
		return 0;
	text = gb_span_of(data, n);
	while (count < ADDRESSES_MAX && take_line(&text, &line)) {
		struct gb_span address = gb_span_take_word(&line);

		while ((name = gb_span_take_word(&line)).n != 0)
			if (gb_span_equal_nocase(name, host) && parse_address(address, addresses[count])) {
				count++;
				break;
			}
	}
	return count;
}

static size_t find_servers(unsigned char (*servers)[16])
{
	GB_CLEANUP(gb_freep) char *data = NULL;
	struct gb_span text, line;
	size_t n, count = 0;

	if (gb_fd_read_file("/etc/resolv.conf", HOSTS_BYTES_MAX, &data, &n) == 0) {
		text = gb_span_of(data, n);
		while (count < SERVERS_MAX && take_line(&text, &line))
			if (gb_span_equal(gb_span_take_word(&line), GB_SPAN("nameserver")) &&
			        parse_address(gb_span_take_word(&line), servers[count]))
				count++;
	}
	if (count == 0 && gb_ip_parse(GB_SPAN("127.0.0.1"), false, servers[0]))
		count = 1;
	return count;
}

/* A question for HOST of TYPE; false when it is no name. */
static bool make_question(struct gb_span host, unsigned type, const unsigned char id[2], struct gb_text *text)
{
	static const unsigned char head[10] = {1 /* recursion is desired */, 0, 0, 1};

	gb_text_add(text, gb_span_of(id, 2));
	gb_text_add(text, gb_span_of(head, sizeof(head)));
	while (host.n > 0) {
		size_t end = gb_span_find_byte(host, '.', 0);
		struct gb_span label = gb_span_sub(host, 0, end);

		if (label.n == 0 || label.n > 63)
			return false;
		gb_text_add_byte(text, (unsigned char)label.n);
		gb_text_add(text, label);
		host = end == SIZE_MAX ? GB_SPAN_EMPTY : gb_span_sub(host, end + 1, SIZE_MAX);
	}
	gb_text_add_byte(text, 0);
	gb_text_add_byte(text, 0);
	gb_text_add_byte(text, (unsigned char)type);
	gb_text_add_byte(text, 0);
	gb_text_add_byte(text, 1 /* the Internet */);
	return !text->truncated;
}

/* Answers that are not to this question are passed over, as the first of them may be a guess of somebody's. */
static size_t ask_server(int fd, struct gb_span question, uint64_t until_ns, unsigned char (*addresses)[16])
{
	unsigned char answer[ANSWER_BYTES];

	if (send(fd, question.p, question.n, MSG_NOSIGNAL) < 0)
		return 0;
	while (warden_wait(fd, POLLIN, until_ns) == 0) {
		ssize_t n = recv(fd, answer, sizeof(answer), 0);

		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return 0;
		if (n < (ssize_t)question.n || memcmp(answer, question.p, 2) != 0 ||
		        memcmp(answer + 12, question.p + 12, question.n - 12) != 0)
			continue;
		return gb_dns_addresses(gb_span_of(answer, (size_t)n), addresses, ADDRESSES_MAX);
	}
	return 0;
}

static size_t ask_servers(struct gb_span host, unsigned type, uint64_t deadline_ns, unsigned char (*addresses)[16])
{
	unsigned char servers[SERVERS_MAX][16], id[2];
	char room[GB_DNS_QUESTION_BYTES];
	struct gb_text question = gb_text_on(room, sizeof(room));
	size_t server_count = find_servers(servers), count = 0;

	if (getrandom(id, sizeof(id), 0) != (ssize_t)sizeof(id) || !make_question(host, type, id, &question))
		return 0;
	for (unsigned try = 0; try < TRIES * server_count && count == 0; try++) {
		uint64_t until_ns = gb_loop_now_ns() + TRY_NS;
		GB_CLEANUP(gb_fd_closep)
		int fd = open_socket(servers[try % server_count], GB_DNS_PORT, SOCK_DGRAM, deadline_ns);

		if (fd >= 0)
			count = ask_server(fd, gb_text_span(&question), until_ns < deadline_ns ? until_ns : deadline_ns,
			        addresses);
	}
	return count;
}

static size_t resolve(struct gb_span host, uint64_t deadline_ns, unsigned char (*addresses)[16])
{
	size_t count;

	if (gb_span_equal_nocase(host, GB_SPAN("localhost")))
		host = GB_SPAN("127.0.0.1");
	if (parse_address(host, addresses[0]))
		return 1;
	count = ask_hosts(host, addresses);
	if (count == 0)
		count = ask_servers(host, TYPE_A, deadline_ns, addresses);
	return count != 0 ? count : ask_servers(host, TYPE_AAAA, deadline_ns, addresses);
}

int warden_dial(const char *host, uint16_t port, uint64_t deadline_ns)
{
	unsigned char addresses[ADDRESSES_MAX][16];
	size_t count = resolve(gb_span_cstr(host), deadline_ns, addresses);
	int r = -EHOSTUNREACH;

	for (size_t i = 0; i < count; i++) {
		/* One that is silent leaves time for those behind it. */
		uint64_t now = gb_loop_now_ns(),
		         until = now >= deadline_ns ? now : now + (deadline_ns - now) / (count - i);

		r = open_socket(addresses[i], port, SOCK_STREAM, until);
		if (r >= 0)
			return r;
	}
	return r;
}
