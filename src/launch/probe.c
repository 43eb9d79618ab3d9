/* SPDX-License-Identifier: Apache-2.0 */
#include "launch/probe.h"

#include "launch/probe_calls.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/wait.h>
#include <unistd.h>

const struct gb_probe *gb_probe_all(size_t *ret_count)
{
	static const struct gb_probe probes[] = {
	        {"preload", "load the sensor by LD_PRELOAD", gb_probe_preload},
	        {"writable_text", "patch the C library's system call sites (the sensor)", gb_probe_writable_text},
	        {"temporary_folder", "files in /tmp", gb_probe_temporary_folder},
	        {"memory_file", "memory files that can be sealed (settings, policy)", gb_probe_memory_file},
	        {"subreaper", "adopt the function's orphans", gb_probe_subreaper},
	        {"parent_death_signal", "end the runtime with the warden", gb_probe_parent_death_signal},
	        {"process_descriptor", "pidfd_open", gb_probe_process_descriptor},
	        {"no_new_privs", "needed for seccomp filters without privilege", gb_probe_no_new_privs},
	        {"seccomp_filter", "stop system calls in the kernel", gb_probe_seccomp_filter},
	        {"user_notification", "judge system calls in the warden, the whole loop", gb_probe_user_notification},
	        {"ptrace", "trace a child (an attacker's means too)", gb_probe_ptrace},
	        {"process_memory", "read a child's memory (an attacker's means too)", gb_probe_process_memory},
	        {"landlock", "file rules of the kernel; the number is the ABI", gb_probe_landlock},
	        {"io_uring", "system calls by shared memory, which pass patched sites by", gb_probe_io_uring},
	        {"user_namespace", "unshare a user namespace", gb_probe_user_namespace},
	        {"shared_memory_folder", "files in /dev/shm", gb_probe_shared_memory_folder},
	};

	*ret_count = sizeof(probes) / sizeof(probes[0]);
	return probes;
}

struct message {
	int error;
	int detail;
};

/* In a process group of its own, so that the child's children go with it. */
static _Noreturn void run_child(const struct gb_probe *probe, int fd)
{
	struct message message = {0};

	(void)setpgid(0, 0);
	message.error = probe->run(&message.detail);
	_exit(write(fd, &message, sizeof(message)) == sizeof(message) ? 0 : 1);
}

/* Wait for the child's word, then end it and its children. */
static struct gb_probe_outcome judge(int fd, pid_t pid)
{
	struct pollfd wait = {.fd = fd, .events = POLLIN};
	struct message message;
	bool has_answered;
	int ready, status = 0;

	do
		ready = poll(&wait, 1, GB_PROBE_LIMIT_MS);
	while (ready < 0 && errno == EINTR);
	has_answered = ready == 1 && read(fd, &message, sizeof(message)) == sizeof(message);
	/* Without an answer but with an end of file, the child has ended by itself: how, is the result. */
	if (has_answered || ready != 1)
		(void)kill(-pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	(void)kill(-pid, SIGKILL);
	if (has_answered)
		return (struct gb_probe_outcome){
		        message.error == 0 ? GB_PROBE_YES : GB_PROBE_NO, message.error, message.detail};
	if (ready != 1)
		return (struct gb_probe_outcome){GB_PROBE_TIMEOUT, 0, 0};
	if (WIFSIGNALED(status))
		return (struct gb_probe_outcome){GB_PROBE_KILLED, WTERMSIG(status), 0};
	return (struct gb_probe_outcome){GB_PROBE_NO, EIO, 0};
}

struct gb_probe_outcome gb_probe_try(const struct gb_probe *probe)
{
	struct gb_probe_outcome outcome = {GB_PROBE_NO, EIO, 0};
	int pair[2];
	pid_t pid;

	if (pipe2(pair, O_CLOEXEC) < 0) {
		outcome.error = errno;
		return outcome;
	}
	pid = fork();
	if (pid == 0)
		run_child(probe, pair[1]);
	(void)close(pair[1]);
	if (pid < 0) {
		outcome.error = errno;
	} else {
		(void)setpgid(pid, pid);
		outcome = judge(pair[0], pid);
	}
	(void)close(pair[0]);
	return outcome;
}
