/* SPDX-License-Identifier: Apache-2.0 */
#include "launch/launch.h"

#include "base/call.h"
#include "base/cleanup.h"
#include "base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHILD_STACK_BYTES 8192u

enum start_step {
	STEP_NONE = 0, /* no failure */
	STEP_DESCRIPTORS,
	STEP_EXEC,
};

/* The child lives in our memory until it has become another program, and leaves here what kept it from that. */
struct child {
	const struct gb_launch_start *start;
	pid_t parent;
	volatile int error;
	volatile int step;
};

static long keep_open(int fd)
{
	return fd < 0 ? 0 : gb_call3(SYS_fcntl, fd, F_SETFD, 0);
}

static long exec(const char *path, const void *argv, const struct gb_launch_start *start)
{
	return gb_call3(SYS_execve, (long)path, (long)argv, (long)start->environment);
}

/* As execvp(3) does for a script without `#!`. */
static long exec_by_shell(const struct gb_launch_start *start)
{
	const char *argv[256] = {"sh", start->path};
	size_t n = 2;

	for (size_t i = 1; start->argv[0] != NULL && start->argv[i] != NULL && n < 255; i++)
		argv[n++] = start->argv[i];
	argv[n] = NULL;
	return exec("/bin/sh", argv, start);
}

static void limit_processes(uint32_t most)
{
	struct {
		uint64_t current, maximum;
	} limit;

	if (gb_call4(SYS_prlimit64, 0, RLIMIT_NPROC, 0, (long)&limit) < 0 || limit.current <= most)
		return;
	limit.current = limit.maximum = most;
	(void)gb_call4(SYS_prlimit64, 0, RLIMIT_NPROC, (long)&limit, 0);
}

/* The parent may be at work in the same memory: only system calls from here to exec, and none that sets errno. */
static int become_runtime(void *argument)
{
	struct child *child = argument;
	const struct gb_launch_start *start = child->start;
	long result;

	if (start->dies_with_parent) {
		(void)gb_call4(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0);
		/* The parent may have died before the kernel was told. */
		if (getppid() != child->parent)
			_exit(1);
	}
	if (start->process_limit != 0)
		limit_processes(start->process_limit);
	if (start->runtime_pid != NULL)
		*start->runtime_pid = (uint32_t)getpid();
	child->error = (int)-keep_open(start->segment_fd);
	if (child->error == 0)
		child->error = (int)-keep_open(start->ring_fd);
	if (child->error != 0) {
		child->step = STEP_DESCRIPTORS;
		_exit(127);
	}
	(void)sigaction(SIGCHLD, start->child_signal, NULL);
	(void)sigprocmask(SIG_SETMASK, start->signal_mask, NULL);
	if (start->loader != NULL && keep_open(start->program_fd) == 0)
		(void)exec(start->loader, start->argv, start);
	result = exec(start->path, start->argv, start);
	if (result == -ENOEXEC)
		result = exec_by_shell(start);
	child->error = (int)-result;
	child->step = STEP_EXEC;
	_exit(127);
}

/* To load a program takes the kernel a tenth of a millisecond and more, in which there is something else to do: the child
 * gets a stack of its own and we go on. It is the program when its end of a pipe is closed. Where that cannot be had (QEMU
 * knows no such children) vfork does, and the rest comes afterwards. */
static pid_t start_beside(struct child *child)
{
	_Alignas(16) unsigned char stack[CHILD_STACK_BYTES];
	int ends[2];
	pid_t pid;
	char byte;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	pid = clone(become_runtime, stack + sizeof(stack), CLONE_VM | SIGCHLD, child);
	if (pid < 0)
		pid = -errno;
	(void)close(ends[1]);
	if (pid > 0) {
		child->start->meanwhile(child->start->context);
		while (read(ends[0], &byte, 1) < 0 && errno == EINTR)
			continue;
	}
	(void)close(ends[0]);
	return pid;
}

static pid_t start_first(struct child *child)
{
	/* Copying our memory for a child that gives it up at once would take a tenth of a millisecond. */
	pid_t pid = vfork();

	if (pid == 0)
		(void)become_runtime(child);
	if (pid > 0 && child->step == STEP_NONE && child->start->meanwhile != NULL)
		child->start->meanwhile(child->start->context);
	return pid < 0 ? -errno : pid;
}

int gb_launch_runtime_start(const struct gb_launch_start *start, struct gb_diag *diag)
{
	struct child child = {.start = start, .parent = getpid()};
	pid_t pid = start->meanwhile != NULL ? start_beside(&child) : -ENOSYS;

	if (pid < 0)
		pid = start_first(&child);
	if (pid < 0)
		return gb_diag_set(diag, pid, 0, 0, "the runtime cannot be forked: %s", strerror(-pid));
	if (child.step == STEP_NONE)
		return pid;
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		continue;
	if (child.step == STEP_DESCRIPTORS)
		return gb_diag_set(diag, -child.error, 0, 0, "the shared memory cannot be handed to the runtime: %s",
		        strerror(child.error));
	return gb_diag_set(
	        diag, -child.error, 0, 0, "%.180s: cannot be started: %s", start->path, strerror(child.error));
}
