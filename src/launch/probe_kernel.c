/* SPDX-License-Identifier: Apache-2.0 */
/* Probes of what the kernel tier would need, and of what an attacker could use in its place. */
#include "launch/probe_calls.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/io_uring.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#endif
#define LANDLOCK_VERSION_FLAG 1u

int gb_probe_no_new_privs(int *ret_detail)
{
	(void)ret_detail;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 ? 0 : errno;
}

/* A filter that lets everything pass but getppid(2), for which it takes ACTION. */
static int install_filter(unsigned flags, uint32_t action)
{
	struct sock_filter code[] = {
	        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
	        BPF_STMT(BPF_RET | BPF_K, action),
	        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {.len = sizeof(code) / sizeof(code[0]), .filter = code};
	int r;

	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	r = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
	return r >= 0 ? r : -errno;
}

int gb_probe_seccomp_filter(int *ret_detail)
{
	int r = install_filter(0, SECCOMP_RET_ERRNO | ENOTTY);

	(void)ret_detail;
	if (r < 0)
		return -r;
	return syscall(SYS_getppid) == -1 && errno == ENOTTY ? 0 : EPROTO;
}

/* The supervisor's part: one notification, answered with -EXDEV. */
static int answer_notification(int fd)
{
	struct pollfd wait = {.fd = fd, .events = POLLIN};
	struct seccomp_notif request = {0};
	struct seccomp_notif_resp response = {.error = -EXDEV};

	if (poll(&wait, 1, GB_PROBE_LIMIT_MS / 2) != 1)
		return ETIMEDOUT;
	if (ioctl(fd, SECCOMP_IOCTL_NOTIF_RECV, &request) < 0)
		return errno;
	response.id = request.id;
	return ioctl(fd, SECCOMP_IOCTL_NOTIF_SEND, &response) < 0 ? errno : 0;
}

/* The whole loop, not the installation only: there are sandboxes where the filter goes in and nothing can be received.
 * The detail is the step that failed. */
int gb_probe_user_notification(int *ret_detail)
{
	int fd = install_filter(SECCOMP_FILTER_FLAG_NEW_LISTENER, SECCOMP_RET_USER_NOTIF);
	int status, r;
	pid_t pid;

	*ret_detail = 1;
	if (fd < 0)
		return -fd;
	*ret_detail = 2;
	pid = fork();
	if (pid < 0)
		return errno;
	if (pid == 0)
		_exit(syscall(SYS_getppid) == -1 && errno == EXDEV ? 0 : 1);
	*ret_detail = 3;
	r = answer_notification(fd);
	if (r != 0)
		return r;
	*ret_detail = 4;
	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return EPROTO;
	*ret_detail = 0;
	return 0;
}

/* A child that does nothing; killed with the probe's process group. */
static pid_t start_idle_child(void)
{
	pid_t pid = fork();

	if (pid == 0)
		for (;;)
			(void)pause();
	return pid;
}

int gb_probe_ptrace(int *ret_detail)
{
	pid_t pid = start_idle_child();
	int status;

	(void)ret_detail;
	if (pid < 0 || ptrace(PTRACE_ATTACH, pid, NULL, NULL) < 0)
		return errno;
	return waitpid(pid, &status, 0) == pid && WIFSTOPPED(status) ? 0 : EPROTO;
}

int gb_probe_process_memory(int *ret_detail)
{
	volatile int known = 7;
	int copy = 0;
	struct iovec local = {.iov_base = &copy, .iov_len = sizeof(copy)};
	struct iovec remote = {.iov_base = (void *)(uintptr_t)&known, .iov_len = sizeof(known)};
	pid_t pid = start_idle_child();

	(void)ret_detail;
	if (pid < 0 || process_vm_readv(pid, &local, 1, &remote, 1, 0) != sizeof(copy))
		return errno;
	return copy == known ? 0 : EPROTO;
}

int gb_probe_landlock(int *ret_detail)
{
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_VERSION_FLAG);

	*ret_detail = version > 0 ? (int)version : 0;
	return version > 0 ? 0 : errno;
}

int gb_probe_io_uring(int *ret_detail)
{
	struct io_uring_params parameters = {0};

	(void)ret_detail;
	return syscall(SYS_io_uring_setup, 1, &parameters) >= 0 ? 0 : errno;
}

int gb_probe_user_namespace(int *ret_detail)
{
	(void)ret_detail;
	return unshare(CLONE_NEWUSER) == 0 ? 0 : errno;
}
