/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fd.h"

#include "base/cleanup.h"
#include "base/format.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

void gb_fd_closep(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

int gb_fd_open(const char *path, int flags, mode_t mode)
{
	int fd;

	do
		fd = open(path, flags | O_CLOEXEC, mode);
	while (fd < 0 && errno == EINTR);
	return fd < 0 ? -errno : fd;
}

int gb_fd_write_all(int fd, struct gb_span s)
{
	while (s.n > 0) {
		ssize_t n = write(fd, s.p, s.n);

		if (n < 0) {
			if (errno == EINTR)
				continue;
			return -errno;
		}
		s = gb_span_sub(s, (size_t)n, SIZE_MAX);
	}
	return 0;
}

ssize_t gb_fd_read_upto(int fd, void *buffer, size_t cap)
{
	size_t have = 0;

	while (have < cap) {
		ssize_t n = read(fd, (char *)buffer + have, cap - have);

		if (n < 0) {
			if (errno == EINTR)
				continue;
			return -errno;
		}
		if (n == 0)
			break;
		have += (size_t)n;
	}
	return (ssize_t)have;
}

int gb_fd_read_file(const char *path, size_t limit, char **ret_data, size_t *ret_n)
{
	GB_CLEANUP(gb_fd_closep) int opened = -1;
	GB_CLEANUP(gb_freep) char *data = NULL;
	size_t cap = 4096, have = 0;
	int fd = STDIN_FILENO;

	if (strcmp(path, "-") != 0) {
		opened = gb_fd_open(path, O_RDONLY, 0);
		if (opened < 0)
			return opened;
		fd = opened;
	}
	for (;;) {
		char *grown = realloc(data, cap + 1);
		ssize_t n;

		if (grown == NULL)
			return -ENOMEM;
		data = grown;
		n = gb_fd_read_upto(fd, data + have, cap - have);
		if (n < 0)
			return (int)n;
		have += (size_t)n;
		if (have > limit)
			return -EFBIG;
		if (have < cap)
			break;
		cap *= 2;
	}
	data[have] = '\0';
	*ret_data = GB_TAKE_PTR(data);
	*ret_n = have;
	return 0;
}

/* A device, a pipe, a link: what is there stays, and takes the bytes. */
static int write_in_place(const char *path, struct gb_span data)
{
	GB_CLEANUP(gb_fd_closep) int fd = gb_fd_open(path, O_WRONLY | O_TRUNC, 0);

	return fd < 0 ? fd : gb_fd_write_all(fd, data);
}

int gb_fd_write_file(const char *path, struct gb_span data, mode_t mode)
{
	struct stat about;
	char temporary[4096];
	GB_CLEANUP(gb_fd_closep) int fd = -1;
	int r;

	if (lstat(path, &about) == 0 && !S_ISREG(about.st_mode))
		return write_in_place(path, data);
	r = gb_format(temporary, sizeof(temporary), "%s.%ld.new", path, (long)gettid());
	if (r < 0)
		return r;
	fd = gb_fd_open(temporary, O_WRONLY | O_CREAT | O_EXCL, mode);
	if (fd == -EEXIST) {
		/* Of somebody who was killed and had our number: in a container a program gets the same one again. */
		(void)unlink(temporary);
		fd = gb_fd_open(temporary, O_WRONLY | O_CREAT | O_EXCL, mode);
	}
	if (fd < 0)
		return fd;
	r = gb_fd_write_all(fd, data);
	if (r == 0 && fsync(fd) < 0)
		r = -errno;
	if (r == 0 && rename(temporary, path) < 0)
		r = -errno;
	if (r < 0)
		(void)unlink(temporary);
	return r;
}

static int unlinked_file(void)
{
	char path[] = "/tmp/.gambeson-XXXXXX";
	int fd = mkostemp(path, O_CLOEXEC);

	if (fd < 0)
		return -errno;
	(void)unlink(path);
	return fd;
}

int gb_fd_memory(const char *name, size_t size, bool *ret_sealable)
{
	GB_CLEANUP(gb_fd_closep) int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	bool sealable = fd >= 0;

	if (fd < 0) {
		fd = unlinked_file();
		if (fd < 0)
			return fd;
	}
	if (ftruncate(fd, (off_t)size) < 0)
		return -errno;
	*ret_sealable = sealable;
	return GB_TAKE_FD(fd);
}
