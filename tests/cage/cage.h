/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cage: a sandbox as mean as AWS Lambda's, so that what works in it works there: root built from read-only binds, /tmp
 * the only place to write, no /dev/shm, own process and network namespaces (loopback only), uid 993, no capabilities,
 * and a seccomp filter that refuses what Lambda's is known to refuse. no_new_privs is *not* set, as in Lambda.
 * A test tool: needs root to set up, keeps none of it. On failure these functions print a line and exit with
 * CAGE_FAILED.
 */
#ifndef CAGE_H
#define CAGE_H

#include <stdbool.h>
#include <stddef.h>

enum {
	CAGE_FAILED = 125, /* the cage itself; everything else is the command's own status */
	CAGE_UID = 993,
	CAGE_GID = 990,
	CAGE_PROCESSES = 1024,
	CAGE_DESCRIPTORS = 1024,
	CAGE_BINDS = 16,
};

struct cage_bind {
	const char *source;
	const char *target; /* absolute, in the cage */
};

struct cage {
	struct cage_bind binds[CAGE_BINDS];
	size_t bind_count;
	const char *image;      /* folder with the root's directories; NULL: this machine's own */
	const char *directory;  /* working directory; NULL: /var/task */
	bool is_prctl_strict;   /* refuse PR_SET_DUMPABLE too: nobody knows what Lambda does with it */
	bool is_kernel_current; /* do not hide the system calls that came after kernel 5.10 */
	char *const *command;
};

/* Print "cage: WHAT: strerror(errno)" and exit. */
_Noreturn void cage_die(const char *what);

/* Replace the file system of this mount namespace: everything read-only but /tmp. */
void cage_root_enter(const struct cage *cage);

/* Install the filter for this process and its children, without no_new_privs: needs CAP_SYS_ADMIN. */
void cage_filter_install(const struct cage *cage);

#endif
