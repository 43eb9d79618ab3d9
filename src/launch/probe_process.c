/* SPDX-License-Identifier: Apache-2.0 */
/* Probes of what the launcher, the warden and the sensor themselves use. */
#include "launch/probe_calls.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE_BYTES 4096u

/* What the warden does with its shared state: written through one map, no other may follow. The detail is the step. */
int gb_probe_memory_file(int *ret_detail)
{
	int fd = (int)syscall(SYS_memfd_create, "gambeson-probe", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	void *map;

	*ret_detail = 1;
	if (fd < 0 || ftruncate(fd, PAGE_BYTES) < 0)
		return errno;
	map = mmap(NULL, PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		return errno;
	*ret_detail = 2;
	if (fcntl(fd, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_FUTURE_WRITE) < 0)
		return errno;
	*ret_detail = 3;
	*(volatile char *)map = 1;
	if (mmap(NULL, PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) != MAP_FAILED)
		return EPROTO;
	*ret_detail = 0;
	return 0;
}

/* What the sensor does with the C library's pages: text from a file, made writable, written, executed again. */
int gb_probe_writable_text(int *ret_detail)
{
	uintptr_t page = (uintptr_t)(void *)&getppid & ~(uintptr_t)(PAGE_BYTES - 1);

	(void)ret_detail;
	if (mprotect((void *)page, PAGE_BYTES, PROT_READ | PROT_WRITE | PROT_EXEC) < 0)
		return errno;
	*(volatile unsigned char *)page = *(volatile unsigned char *)page;
	if (mprotect((void *)page, PAGE_BYTES, PROT_READ | PROT_EXEC) < 0)
		return errno;
	return getppid() >= 0 ? 0 : EPROTO;
}

/* Loaders complain on standard error about a library that they were told to load and cannot find: so they obeyed. */
int gb_probe_preload(int *ret_detail)
{
	int pair[2], status;
	char text[256];
	ssize_t n;
	pid_t pid;

	(void)ret_detail;
	if (pipe2(pair, O_CLOEXEC) < 0)
		return errno;
	pid = fork();
	if (pid < 0)
		return errno;
	if (pid == 0) {
		char *const environment[] = {(char[]){"LD_PRELOAD=/nonexistent/gambeson-probe.so"}, NULL};
		char *const arguments[] = {(char[]){"true"}, NULL};

		(void)dup2(pair[1], STDERR_FILENO);
		(void)execve("/bin/true", arguments, environment);
		_exit(127);
	}
	(void)close(pair[1]);
	n = read(pair[0], text, sizeof(text));
	if (waitpid(pid, &status, 0) != pid || (WIFEXITED(status) && WEXITSTATUS(status) == 127 && n <= 0))
		return ENOEXEC;
	return n > 0 ? 0 : ENOSYS;
}

static int write_in(const char *pattern)
{
	char path[64];
	int fd;

	(void)snprintf(path, sizeof(path), "%s", pattern);
	fd = mkstemp(path);
	if (fd < 0)
		return errno;
	(void)unlink(path);
	return write(fd, "x", 1) == 1 ? 0 : errno;
}

int gb_probe_shared_memory_folder(int *ret_detail)
{
	(void)ret_detail;
	return write_in("/dev/shm/.gambeson-XXXXXX");
}

int gb_probe_temporary_folder(int *ret_detail)
{
	(void)ret_detail;
	return write_in("/tmp/.gambeson-XXXXXX");
}

int gb_probe_parent_death_signal(int *ret_detail)
{
	(void)ret_detail;
	return prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 ? 0 : errno;
}

int gb_probe_subreaper(int *ret_detail)
{
	(void)ret_detail;
	return prctl(PR_SET_CHILD_SUBREAPER, 1) == 0 ? 0 : errno;
}

int gb_probe_process_descriptor(int *ret_detail)
{
	(void)ret_detail;
	return syscall(SYS_pidfd_open, getpid(), 0) >= 0 ? 0 : errno;
}
