/* SPDX-License-Identifier: Apache-2.0 */
#include "warden/state.h"

#include "base/fd.h"
#include "base/format.h"

#include <errno.h>
#include <stddef.h>
#include <sys/random.h>
#include <sys/un.h>
#include <unistd.h>

/* A process that lost the descriptors connects, gets one message with both, and is disconnected. Both are readable to
 * the same user anyway; other users are turned away. */
static void hand_out(struct gb_warden *warden, int fd)
{
	char byte = 1;
	union {
		char bytes[CMSG_SPACE(2 * sizeof(int))];
		struct cmsghdr align;
	} control = {.bytes = {0}};
	struct iovec part = {.iov_base = &byte, .iov_len = 1};
	struct msghdr message = {.msg_iov = &part,
	        .msg_iovlen = 1,
	        .msg_control = control.bytes,
	        .msg_controllen = sizeof(control.bytes)};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	int fds[2] = {warden->options.segment_fd, warden->options.ring_fd};

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(fds));
	memcpy(CMSG_DATA(header), fds, sizeof(fds));
	/* A peer that does not take it is on its own. */
	if (sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		return;
}

static void on_connect(void *context, uint32_t events)
{
	struct gb_warden *warden = context;
	struct ucred peer;
	socklen_t n = sizeof(peer);
	int fd = accept4(warden->handout_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)events;
	if (fd < 0)
		return;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &n) == 0 && (peer.uid == getuid() || peer.uid == 0))
		hand_out(warden, fd);
	gb_fd_closep(&fd);
}

int warden_handout_open(struct gb_warden *warden)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	uint64_t random = 0;
	int n;

	if (getrandom(&random, sizeof(random), 0) != (ssize_t)sizeof(random))
		return -EIO;
	n = gb_format(warden->socket_name, sizeof(warden->socket_name), "gambeson-%016llx", (unsigned long long)random);
	memcpy(address.sun_path + 1, warden->socket_name, (size_t)n);
	warden->handout_fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (warden->handout_fd < 0)
		return -errno;
	if (bind(warden->handout_fd, (struct sockaddr *)&address,
	            (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)n)) < 0 ||
	        listen(warden->handout_fd, 64) < 0)
		return -errno;
	warden->handout_watch =
	        (struct gb_loop_watch){.fd = warden->handout_fd, .on_ready = on_connect, .context = warden};
	return gb_loop_watch_set(&warden->loop, &warden->handout_watch, EPOLLIN);
}
