/* SPDX-License-Identifier: Apache-2.0 */
#include "launch/launch.h"

#include "base/cleanup.h"
#include "base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum start_step {
	STEP_DESCRIPTORS = 1,
	STEP_EXEC,
};

/* What the child leaves in the memory that it shares with us until it has become another program. */
struct start_failure {
	int step; /* 0: none */
	int error;
};

static bool keep_open(int fd)
{
	return fd < 0 || fcntl(fd, F_SETFD, 0) == 0;
}

/* As execvp(3) does for a script without `#!`. */
static void exec_by_shell(const struct gb_launch_start *start)
{
	const char *argv[256] = {"sh", start->path};
	size_t n = 2;

	for (size_t i = 1; start->argv[0] != NULL && start->argv[i] != NULL && n < 255; i++)
		argv[n++] = start->argv[i];
	argv[n] = NULL;
	(void)execve("/bin/sh", (char *const *)(uintptr_t)argv, start->environment);
}

/* In the parent's memory, which waits: only system calls from here to exec, and *RET_FAILURE. */
__attribute__((noreturn)) static void become_runtime(
        const struct gb_launch_start *start, pid_t parent, volatile struct start_failure *ret_failure)
{
	int step = STEP_DESCRIPTORS;

	if (start->dies_with_parent) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		/* The parent may have died before the kernel was told. */
		if (getppid() != parent)
			_exit(1);
	}
	if (start->process_limit != 0) {
		struct rlimit limit;

		if (getrlimit(RLIMIT_NPROC, &limit) == 0 && limit.rlim_cur > start->process_limit) {
			limit.rlim_cur = limit.rlim_max = start->process_limit;
			/* Not setrlimit(): musl's stops all threads for it, with code for that. */
			(void)prlimit(0, RLIMIT_NPROC, &limit, NULL);
		}
	}
	if (start->runtime_pid != NULL)
		*start->runtime_pid = (uint32_t)getpid();
	if (keep_open(start->segment_fd) && keep_open(start->ring_fd)) {
		(void)sigaction(SIGCHLD, start->child_signal, NULL);
		(void)sigprocmask(SIG_SETMASK, start->signal_mask, NULL);
		step = STEP_EXEC;
		if (start->loader != NULL && keep_open(start->program_fd))
			(void)execve(start->loader, start->argv, start->environment);
		(void)execve(start->path, start->argv, start->environment);
		if (errno == ENOEXEC)
			exec_by_shell(start);
	}
	ret_failure->error = errno;
	ret_failure->step = step;
	_exit(127);
}

int gb_launch_runtime_start(const struct gb_launch_start *start, struct gb_diag *diag)
{
	volatile struct start_failure failure = {0};
	pid_t parent = getpid(), child;

	/* Copying our memory for a child that gives it up at once would take a tenth of a millisecond. */
	child = vfork();
	if (child < 0)
		return gb_diag_set(diag, -errno, 0, 0, "the runtime cannot be forked: %s", strerror(errno));
	if (child == 0)
		become_runtime(start, parent, &failure);
	if (failure.step == 0)
		return child;
	while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
		continue;
	if (failure.step == STEP_DESCRIPTORS)
		return gb_diag_set(diag, -failure.error, 0, 0, "the shared memory cannot be handed to the runtime: %s",
		        strerror(failure.error));
	return gb_diag_set(
	        diag, -failure.error, 0, 0, "%.180s: cannot be started: %s", start->path, strerror(failure.error));
}
