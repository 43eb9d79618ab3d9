/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base/fd: thin wrappers of the operating system for files and descriptors. EINTR is handled here and nowhere else.
 * Every descriptor is born close-on-exec. All functions return 0 or more, or a negative errno.
 */
#ifndef GB_BASE_FD_H
#define GB_BASE_FD_H

#include "base/span.h"

#include <sys/types.h>

/* Close *FD if it is not -1 and set it to -1; errors of close() are of no use to anybody here. For GB_CLEANUP. */
void gb_fd_closep(int *fd);

/* open(2) with O_CLOEXEC and EINTR handled. Result: the descriptor, the caller's. */
__attribute__((warn_unused_result)) int gb_fd_open(const char *path, int flags, mode_t mode);

/* Write all of S, also through short writes. A non-blocking FD that is full gives -EAGAIN with part written. */
__attribute__((warn_unused_result)) int gb_fd_write_all(int fd, struct gb_span s);

/* Read up to CAP bytes, until CAP or end of file. Result: how many. */
__attribute__((warn_unused_result)) ssize_t gb_fd_read_upto(int fd, void *buffer, size_t cap);

/* The whole file PATH as malloc'ed memory with one NUL behind it; files over LIMIT bytes give -EFBIG. PATH "-" is
 * standard input. *ret_data (the caller's to free) and *ret_n are written on success only. */
__attribute__((warn_unused_result)) int gb_fd_read_file(const char *path, size_t limit, char **ret_data, size_t *ret_n);

/* Write a file in one step as others see it: a temporary beside it, fsync, rename. What is no regular file (a device, a
 * pipe, a link) is written in place: `-o /dev/null` by root must not put a file in its place. */
__attribute__((warn_unused_result)) int gb_fd_write_file(const char *path, struct gb_span data, mode_t mode);

/* A memory file named NAME for people who look in /proc; without memfd_create(2), an unlinked file in /tmp.
 * Result: a descriptor of SIZE bytes, all zero, read-write. *ret_sealable says whether it can be sealed. */
__attribute__((warn_unused_result)) int gb_fd_memory(const char *name, size_t size, bool *ret_sealable);

#endif
