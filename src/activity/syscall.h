/* SPDX-License-Identifier: Apache-2.0 */
/*
 * activity/syscall: which activity a system call of this machine is, and where in its arguments the paths are: the
 * rows of data/syscalls.txt. Pure, freestanding.
 */
#ifndef GB_ACTIVITY_SYSCALL_H
#define GB_ACTIVITY_SYSCALL_H

#include "activity/activity.h"

/* How a call is handled. */
enum gb_syscall_family {
	GB_SYSCALL_UNWATCHED = 0,
	GB_SYSCALL_PATH, /* one or two paths; judged by path */
	GB_SYSCALL_OPEN, /* the same, with open flags */
	GB_SYSCALL_EXEC,
	GB_SYSCALL_CONNECT,
	GB_SYSCALL_SEND,   /* sendto, sendmsg, sendmmsg */
	GB_SYSCALL_LISTEN, /* bind, listen */
	GB_SYSCALL_MEMORY, /* mmap, mprotect and their kind, memfd_create */
	GB_SYSCALL_TRACE,
	GB_SYSCALL_DESCRIPTOR, /* close, close_range, dup2, dup3: guards the reserved descriptors */
	GB_SYSCALL_PROCESS,    /* names a process: guards the warden; reads or writes its memory */
	GB_SYSCALL_SOCKET,
	GB_SYSCALL_KERNEL,   /* judged by its name */
	GB_SYSCALL_OWN_NAME, /* readlink: a loaded program asks for its own file */
	GB_SYSCALL_RECEIVE,  /* recvfrom, recvmsg: answers of name servers */
	GB_SYSCALL_WRITE,    /* write, writev: questions to them */
};

#define GB_SYSCALL_NO_ARGUMENT (-1)

struct gb_syscall {
	uint16_t number;
	uint8_t family; /* enum gb_syscall_family */
	uint8_t kind;   /* enum gb_activity_kind; for opens the flags decide */
	/* Argument indexes, GB_SYSCALL_NO_ARGUMENT when there is none. Without a directory, paths are relative to the working
	 * directory; with a directory and no path, the call works on the descriptor itself. */
	int8_t directory;
	int8_t path;
	int8_t second_directory;
	int8_t second_path;
};

/* All rows, sorted by number. */
extern const struct gb_syscall gb_syscall_rows[];
extern const size_t gb_syscall_row_count;
#define GB_SYSCALL_NUMBERS 512u /* all are below */
/* Of each number: its row, counted from 1; 0: none. */
extern const uint8_t gb_syscall_places[GB_SYSCALL_NUMBERS];

/* Row of NUMBER or NULL. */
const struct gb_syscall *gb_syscall_row(uint64_t number);

/* What an open with these flags is. */
enum gb_activity_kind gb_syscall_open_kind(uint64_t flags);

#endif
