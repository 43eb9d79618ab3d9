/* SPDX-License-Identifier: Apache-2.0 */
/* Preloaded into store_victim: the process kills itself at its CRASH_AT-th call that writes a file or a socket, half of the bytes
 * written. So a seed names a point of time exactly. */
#include <dlfcn.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

static long calls;

static int is_time(void)
{
	const char *at = getenv("CRASH_AT");

	return at != NULL && ++calls == strtol(at, NULL, 10);
}

static void die(void)
{
	kill(getpid(), SIGKILL);
	for (;;)
		pause();
}

ssize_t pwrite64(int fd, const void *bytes, size_t n, off64_t at);
ssize_t pwrite64(int fd, const void *bytes, size_t n, off64_t at)
{
	ssize_t (*real)(int, const void *, size_t, off64_t) =
	        (ssize_t(*)(int, const void *, size_t, off64_t))dlsym(RTLD_NEXT, "pwrite64");

	if (is_time()) {
		(void)real(fd, bytes, n / 2, at);
		die();
	}
	return real(fd, bytes, n, at);
}

ssize_t send(int fd, const void *bytes, size_t n, int flags)
{
	ssize_t (*real)(int, const void *, size_t, int) =
	        (ssize_t(*)(int, const void *, size_t, int))dlsym(RTLD_NEXT, "send");

	if (is_time()) {
		(void)real(fd, bytes, n / 2, flags);
		die();
	}
	return real(fd, bytes, n, flags);
}

static int synced(int fd, const char *name)
{
	int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);

	if (is_time())
		die();
	return real(fd);
}

int fsync(int fd)
{
	return synced(fd, "fsync");
}

int fdatasync(int fd)
{
	return synced(fd, "fdatasync");
}
