/* SPDX-License-Identifier: Apache-2.0 */
/* network TECHNIQUE: ways to reach sockets at addresses that are not allowed. */
#include "canary.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

static struct sockaddr_in at(const char *address, int number)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)number)};

	inet_pton(AF_INET, address, &a.sin_addr);
	return a;
}

static int tcp(void)
{
	return socket(AF_INET, SOCK_STREAM, 0);
}

static int udp(void)
{
	return socket(AF_INET, SOCK_DGRAM, 0);
}

static void connect_to(const char *address)
{
	struct sockaddr_in a = at(address, port("EVASION_TCP"));

	(void)!connect(tcp(), (struct sockaddr *)&a, sizeof(a));
}

static void plain(void)
{
	connect_to("127.0.0.1");
}

static void any_address(void)
{
	connect_to("0.0.0.0");
}

static void mapped(void)
{
	struct sockaddr_in6 a = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port("EVASION_TCP"))};

	inet_pton(AF_INET6, "::ffff:127.0.0.1", &a.sin6_addr);
	(void)!connect(socket(AF_INET6, SOCK_STREAM, 0), (struct sockaddr *)&a, sizeof(a));
}

static void by_syscall(void)
{
	struct sockaddr_in a = at("127.0.0.1", port("EVASION_TCP"));

	(void)syscall(SYS_connect, tcp(), &a, sizeof(a));
}

static void fast_open(void)
{
	struct sockaddr_in a = at("127.0.0.1", port("EVASION_TCP"));

	(void)!sendto(tcp(), "x", 1, MSG_FASTOPEN, (struct sockaddr *)&a, sizeof(a));
}

static void fast_open_connect(void)
{
	struct sockaddr_in a = at("127.0.0.1", port("EVASION_TCP"));
	int fd = tcp(), one = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, &one, sizeof(one));
	(void)!connect(fd, (struct sockaddr *)&a, sizeof(a));
	(void)!write(fd, "x", 1);
}

static void datagram(void)
{
	struct sockaddr_in a = at("127.0.0.1", port("EVASION_UDP"));

	(void)!sendto(udp(), "x", 1, 0, (struct sockaddr *)&a, sizeof(a));
}

static void datagram_connected(void)
{
	struct sockaddr_in a = at("127.0.0.1", port("EVASION_UDP"));
	int fd = udp();

	(void)!connect(fd, (struct sockaddr *)&a, sizeof(a));
	(void)!write(fd, "x", 1);
}

/* The kernel takes an address of no family for one of IPv4. */
static void datagram_of_no_family(void)
{
	struct sockaddr_in a = at("127.0.0.1", port("EVASION_UDP"));

	a.sin_family = AF_UNSPEC;
	(void)!sendto(udp(), "x", 1, 0, (struct sockaddr *)&a, sizeof(a));
}

static struct mmsghdr message_to(struct sockaddr_in *a, struct iovec *vector)
{
	return (struct mmsghdr){
	        .msg_hdr = {.msg_name = a, .msg_namelen = sizeof(*a), .msg_iov = vector, .msg_iovlen = 1}};
}

static void message(void)
{
	struct sockaddr_in a = at("127.0.0.1", port("EVASION_UDP"));
	struct iovec vector = {(char[]){"x"}, 1};
	struct mmsghdr m = message_to(&a, &vector);

	(void)!sendmsg(udp(), &m.msg_hdr, 0);
}

/* The first is allowed, the second is not. */
static void messages(void)
{
	struct sockaddr_in allowed = at("127.0.0.1", 9), a = at("127.0.0.1", port("EVASION_UDP"));
	struct iovec vector = {(char[]){"x"}, 1};
	struct mmsghdr m[2] = {message_to(&allowed, &vector), message_to(&a, &vector)};

	(void)!sendmmsg(udp(), m, 2, 0);
}

/* More at once than the sensor looks at in one go. */
static void many_messages(void)
{
	static struct sockaddr_in addresses[40];
	static struct mmsghdr m[40];
	struct iovec vector = {(char[]){"x"}, 1};

	for (int i = 0; i < 40; i++) {
		addresses[i] = at("127.0.0.1", i == 35 ? port("EVASION_UDP") : 9);
		m[i] = message_to(&addresses[i], &vector);
	}
	(void)!sendmmsg(udp(), m, 40, 0);
	(void)!sendmmsg(udp(), m + 33, 7, 0);
}

static void unix_path(void)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX, .sun_path = "/tmp/canary.sock"};

	(void)!connect(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&a, sizeof(a));
}

static void unix_link(void)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX, .sun_path = "/tmp/allowed.sock"};

	(void)!symlink("/tmp/canary.sock", "/tmp/allowed.sock");
	(void)!connect(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&a, sizeof(a));
	(void)!unlink("/tmp/allowed.sock");
}

/* With no descriptor left, nobody can look where the link leads. */
static void unix_link_when_full(void)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX, .sun_path = "/tmp/allowed.sock"};
	const struct rlimit limit = {64, 64};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	(void)!symlink("/tmp/canary.sock", "/tmp/allowed.sock");
	setrlimit(RLIMIT_NOFILE, &limit);
	while (dup(0) >= 0)
		continue;
	(void)!connect(fd, (struct sockaddr *)&a, sizeof(a));
	(void)!unlink("/tmp/allowed.sock");
}

static void datagram_to_unix_link(void)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX, .sun_path = "/tmp/allowed.sock"};

	(void)!symlink("/tmp/canary.dgram", "/tmp/allowed.sock");
	(void)!sendto(socket(AF_UNIX, SOCK_DGRAM, 0), "x", 1, 0, (struct sockaddr *)&a, sizeof(a));
	(void)!unlink("/tmp/allowed.sock");
}

static void by_multipath(void)
{
	struct sockaddr_in a = at("127.0.0.1", port("EVASION_TCP"));

	(void)!connect(socket(AF_INET, SOCK_STREAM, 262), (struct sockaddr *)&a, sizeof(a));
}

/* IPv4's address at a socket of IPv6. */
static void other_family(void)
{
	struct sockaddr_in a = at("127.0.0.1", port("EVASION_UDP"));

	(void)!sendto(socket(AF_INET6, SOCK_DGRAM, 0), "x", 1, 0, (struct sockaddr *)&a, sizeof(a));
}

static void unix_abstract(void)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX, .sun_path = "\0canary"};

	(void)!connect(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&a, (socklen_t)(sizeof(sa_family_t) + 7));
}

static struct sockaddr_in flipped;
static volatile int is_over;

static void *flip(void *unused)
{
	uint16_t canary = htons((uint16_t)port("EVASION_TCP"));

	while (!is_over) {
		*(volatile uint16_t *)&flipped.sin_port = canary;
		sched_yield();
		*(volatile uint16_t *)&flipped.sin_port = htons(9);
	}
	return unused;
}

static void address_flipped(void)
{
	pthread_t thread;

	flipped = at("127.0.0.1", 9);
	pthread_create(&thread, NULL, flip, NULL);
	for (int i = 0; i < 400; i++) {
		int fd = tcp();

		(void)!connect(fd, (struct sockaddr *)&flipped, sizeof(flipped));
		close(fd);
	}
	is_over = 1;
	pthread_join(thread, NULL);
}

static int share(void)
{
	int pair[2];
	char byte = 0, control[CMSG_SPACE(sizeof(int))] = {0};
	struct iovec vector = {&byte, 1};
	struct msghdr m = {
	        .msg_iov = &vector, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)};
	struct cmsghdr *head = CMSG_FIRSTHDR(&m);
	int fd = udp();

	(void)!socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(head), &fd, sizeof(int));
	(void)!sendmsg(pair[0], &m, 0);
	(void)!recvmsg(pair[1], &m, 0);
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof(int));
	return fd;
}

static void received_descriptor(void)
{
	struct sockaddr_in a = at("127.0.0.1", port("EVASION_UDP"));
	int fd = share();

	(void)!connect(fd, (struct sockaddr *)&a, sizeof(a));
	(void)!write(fd, "x", 1);
}

/* The back channel: whoever waits here can be reached from outside; the effect is made by a second process. */
static void listening(void)
{
	struct sockaddr_in a = at("127.0.0.1", 0), peer = at("127.0.0.1", port("EVASION_TCP"));
	int fd = tcp();

	if (bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0 && listen(fd, 1) == 0)
		(void)syscall(SYS_connect, tcp(), &peer, sizeof(peer));
}

static void request_next(int number)
{
	struct sockaddr_in a = at("127.0.0.1", number);
	static const char request[] = "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: x\r\n\r\n";
	int fd = tcp();

	if (connect(fd, (struct sockaddr *)&a, sizeof(a)) == 0)
		(void)!write(fd, request, sizeof(request) - 1);
	usleep(200000);
}

static void next_of_platform(void)
{
	request_next(port("EVASION_API"));
}

static void next_of_warden(void)
{
	const char *address = getenv("AWS_LAMBDA_RUNTIME_API");

	if (address && fork() == 0) {
		request_next(atoi(strchr(address, ':') + 1));
		_exit(0);
	}
	usleep(400000);
}

/* An association is made by a socket option. */
static void by_sctp_option(void)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port("EVASION_TCP"))};
	int fd = socket(AF_INET, SOCK_STREAM, 132);

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	(void)setsockopt(fd, 132, 110, &to, sizeof(to));
}

static const struct technique techniques[] = {
        {"connect", plain},
        {"syscall", by_syscall},
        {"any", any_address},
        {"mapped", mapped},
        {"fastopen", fast_open},
        {"fastopen-connect", fast_open_connect},
        {"sendto", datagram},
        {"udp-connect", datagram_connected},
        {"sendmsg", message},
        {"sendmmsg", messages},
        {"unix", unix_path},
        {"unix-link", unix_link},
        {"unix-link-full", unix_link_when_full},
        {"unix-link-datagram", datagram_to_unix_link},
        {"unspecified", datagram_of_no_family},
        {"sendmmsg-many", many_messages},
        {"mptcp", by_multipath},
        {"other-family", other_family},
        {"abstract", unix_abstract},
        {"race", address_flipped},
        {"sctp", by_sctp_option},
        {"scm-rights", received_descriptor},
        {"listen", listening},
        {"api-direct", next_of_platform},
        {"api-child", next_of_warden},
};

int main(int argc, char **argv)
{
	return run_technique(techniques, sizeof(techniques) / sizeof(techniques[0]), argc, argv);
}
