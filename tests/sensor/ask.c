/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ask: look a name up by one way of talking to a name server, then connect to the address that was answered. Exit
 * status 0 when the lookup worked, else its errno. For tests of the sensor.
 *
 *	ask send|sendto|sendmsg|sendmmsg|write|writev|tcp|libc|forge SERVER NAME
 *
 * forge: the answer comes from somebody else, ahead of the server's; it says 127.99.9.9.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <resolv.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

static size_t put_question(unsigned char *message, const char *name)
{
	static const unsigned char head[12] = {0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0};
	size_t n = sizeof(head);

	memcpy(message, head, sizeof(head));
	while (*name != '\0') {
		size_t label = strcspn(name, ".");

		message[n++] = (unsigned char)label;
		memcpy(message + n, name, label);
		n += label;
		name += label + (name[label] == '.');
	}
	memcpy(message + n, "\0\0\1\0\1", 5);
	return n + 5;
}

static ssize_t put(int fd, const char *way, unsigned char *message, size_t n, struct sockaddr_in *server)
{
	unsigned char length[2] = {(unsigned char)(n >> 8), (unsigned char)n};
	struct iovec pieces[2] = {{message, 5}, {message + 5, n - 5}}, framed[2] = {{length, 2}, {message, n}};
	struct mmsghdr many = {.msg_hdr = {.msg_iov = pieces, .msg_iovlen = 2}};

	if (strcmp(way, "sendto") == 0)
		return sendto(fd, message, n, 0, (struct sockaddr *)server, sizeof(*server));
	if (connect(fd, (struct sockaddr *)server, sizeof(*server)) < 0)
		return -1;
	if (strcmp(way, "send") == 0)
		return send(fd, message, n, 0);
	if (strcmp(way, "sendmsg") == 0)
		return sendmsg(fd, &many.msg_hdr, 0);
	if (strcmp(way, "sendmmsg") == 0)
		return sendmmsg(fd, &many, 1, 0);
	if (strcmp(way, "write") == 0)
		return write(fd, message, n);
	if (strcmp(way, "writev") == 0)
		return writev(fd, pieces, 2);
	return writev(fd, framed, 2); /* tcp */
}

static ssize_t take(int fd, const char *way, unsigned char *message, size_t cap)
{
	struct iovec vector = {message, cap};
	struct msghdr header = {.msg_iov = &vector, .msg_iovlen = 1};

	if (strcmp(way, "sendmsg") == 0)
		return recvmsg(fd, &header, 0);
	if (strcmp(way, "write") == 0)
		return read(fd, message, cap);
	return recv(fd, message, cap, 0);
}

static int connect_to(struct in_addr address)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(9), .sin_addr = address};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	return connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0 && errno == EACCES ? EACCES : 0;
}

static int ask_libc(const char *name, const struct sockaddr_in *server)
{
	struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM}, *found = NULL;

	if (res_init() < 0)
		return 99;
	_res.nscount = 1;
	_res.nsaddr_list[0] = *server;
	_res.retrans = 1;
	_res.retry = 1;
	if (getaddrinfo(name, NULL, &hints, &found) != 0)
		return EHOSTUNREACH;
	return connect_to(((struct sockaddr_in *)(void *)found->ai_addr)->sin_addr);
}

/* To the socket FD, whose question MESSAGE of N bytes was. */
static void forge_answer(int fd, const unsigned char *message, size_t n)
{
	static const unsigned char record[16] = {0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 99, 9, 9};
	struct sockaddr_in own = {0};
	socklen_t own_n = sizeof(own);
	unsigned char answer[512];

	memcpy(answer, message, n);
	memcpy(answer + n, record, sizeof(record));
	answer[2] |= 0x80;
	answer[7] = 1;
	(void)getsockname(fd, (struct sockaddr *)&own, &own_n);
	(void)inet_pton(AF_INET, "127.0.0.1", &own.sin_addr);
	(void)sendto(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), answer, n + sizeof(record), 0,
	        (struct sockaddr *)&own, own_n);
}

/* The question is unconnected, so that anybody can answer it. All answers are taken. */
static int forge(const char *name, struct sockaddr_in *server)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct timeval time_out = {.tv_usec = 200000};
	unsigned char message[512];
	size_t n = put_question(message, name);
	struct in_addr address;

	if (put(fd, "sendto", message, n, server) < 0)
		return errno;
	forge_answer(fd, message, n);
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &time_out, sizeof(time_out));
	while (recv(fd, message, sizeof(message), 0) > 0)
		continue;
	(void)inet_pton(AF_INET, "127.99.9.9", &address);
	return connect_to(address);
}

int main(int argc, char **argv)
{
	struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons(53)};
	struct timeval time_out = {.tv_sec = 5};
	unsigned char message[512];
	struct in_addr address;
	ssize_t n;
	int fd;

	if (argc != 4 || strlen(argv[3]) > 200 || inet_pton(AF_INET, argv[2], &server.sin_addr) != 1)
		return 99;
	if (strcmp(argv[1], "libc") == 0)
		return ask_libc(argv[3], &server);
	if (strcmp(argv[1], "forge") == 0)
		return forge(argv[3], &server);
	fd = socket(AF_INET, (strcmp(argv[1], "tcp") == 0 ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC, 0);
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &time_out, sizeof(time_out));
	if (put(fd, argv[1], message, put_question(message, argv[3]), &server) < 0)
		return errno;
	n = take(fd, argv[1], message, sizeof(message));
	if (n < 16)
		return n < 0 ? errno : 98;
	memcpy(&address, message + n - 4, 4);
	return connect_to(address);
}
