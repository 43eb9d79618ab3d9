/* SPDX-License-Identifier: Apache-2.0 */
/*
 * act: does one thing that a test wants to see judged; exit status 0 when it worked, else its errno.
 *
 *	act posix_spawn|vfork|execveat|execveat_fd|memory_file PROGRAM	run PROGRAM that way and wait for it
 *	act connect ADDRESS PORT
 *	act kill PID SIGNAL
 *	act close_all PROGRAM		close every descriptor above 2, then exec PROGRAM
 *	act lose PROGRAM		close the sensor's descriptors past the sensor, then exec PROGRAM
 *	act open PATH			read it
 *	act link_then_open PATH		through a symbolic link in the working directory
 *	act socket FAMILY KIND		by their numbers
 *	act call NUMBER ARGUMENT	a system call with one argument, the others 0
 *	act reach PID			read another process's memory
 *	act write_memory PATH		one byte of its own code, as it is, through /proc/PID/mem
 *	act map_file PATH		copy libc there and map it executable
 *	act map_later PATH		map a file there readable, then make it executable
 *	act threads SECONDS		opens, spawns, signals, from several threads
 *	act detached COUNT		threads that end unjoined, one after the other; "all" is printed
 */
#include "raw.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;
static char *no_environment[] = {NULL};

static int wait_for(pid_t pid)
{
	int status;

	if (pid < 0)
		return errno;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 200;
}

static int spawn(char **argv)
{
	pid_t pid = -1;
	int error = posix_spawn(&pid, argv[0], NULL, NULL, argv, no_environment);

	return error != 0 ? error : wait_for(pid);
}

static int start_by_vfork(char **argv)
{
	pid_t pid = vfork();

	if (pid == 0) {
		(void)execve(argv[0], argv, no_environment);
		_exit(errno);
	}
	return wait_for(pid);
}

static int start_at(char **argv, bool is_by_fd)
{
	pid_t pid = fork();

	if (pid == 0) {
		int fd = open(is_by_fd ? argv[0] : "/", O_RDONLY | O_CLOEXEC);

		(void)syscall(SYS_execveat, fd, is_by_fd ? "" : argv[0] + 1, argv, no_environment,
		        is_by_fd ? AT_EMPTY_PATH : 0);
		_exit(errno);
	}
	return wait_for(pid);
}

static int start_memory_file(char **argv)
{
	int from = open(argv[0], O_RDONLY | O_CLOEXEC), to = memfd_create("copy", MFD_CLOEXEC);
	char buffer[4096];
	ssize_t n;
	pid_t pid;

	if (from < 0 || to < 0)
		return errno;
	while ((n = read(from, buffer, sizeof(buffer))) > 0)
		if (write(to, buffer, (size_t)n) != n)
			return errno;
	pid = fork();
	if (pid == 0) {
		(void)fexecve(to, argv, no_environment);
		_exit(errno);
	}
	return wait_for(pid);
}

static int connect_to(const char *host, const char *port)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	struct sockaddr_in6 six = {.sin6_family = AF_INET6};
	bool is_six = strchr(host, ':') != NULL;
	int fd = socket(is_six ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int result;

	address.sin_port = htons((unsigned short)strtol(port, NULL, 10));
	six.sin6_port = address.sin_port;
	if (is_six) {
		(void)inet_pton(AF_INET6, host, &six.sin6_addr);
		result = connect(fd, (struct sockaddr *)&six, sizeof(six));
	} else {
		(void)inet_pton(AF_INET, host, &address.sin_addr);
		result = connect(fd, (struct sockaddr *)&address, sizeof(address));
	}
	return result < 0 ? errno : 0;
}

static int close_all(char **argv)
{
	for (int fd = 3; fd < 1024; fd++)
		(void)close(fd);
	(void)syscall(SYS_close_range, 3u, ~0u, 0);
	(void)execve(argv[0], argv, environ);
	return errno;
}

static int lose(char **argv)
{
	for (int fd = 3; fd < 1024; fd++)
		(void)raw_close(fd);
	(void)execve(argv[0], argv, no_environment);
	return errno;
}

static int read_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return errno;
	(void)close(fd);
	return 0;
}

static int read_by_link(const char *path)
{
	int result;

	(void)unlink("act-link");
	if (symlink(path, "act-link") < 0)
		return errno;
	result = read_file("act-link");
	(void)unlink("act-link");
	return result;
}

static int read_of_process(const char *pid)
{
	char byte;
	struct iovec here = {&byte, 1}, there = {&byte, 1};

	return process_vm_readv((pid_t)strtol(pid, NULL, 10), &here, 1, &there, 1, 0) < 0 ? errno : 0;
}

static int write_memory(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);
	const char *here = (const char *)(uintptr_t)read_of_process;

	if (fd < 0)
		return errno;
	return pwrite(fd, here, 1, (off_t)(uintptr_t)here) < 0 ? errno : 0;
}

static int map_file(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || ftruncate(fd, 4096) < 0)
		return errno;
	return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0) == MAP_FAILED ? errno : 0;
}

static int map_later(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	void *at;

	if (fd < 0 || ftruncate(fd, 8192) < 0)
		return errno;
	at = mmap(NULL, 8192, PROT_READ, MAP_PRIVATE, fd, 0);
	return at == MAP_FAILED || mprotect((char *)at + 4096, 4096, PROT_READ | PROT_EXEC) < 0 ? errno : 0;
}

static bool is_over;
static unsigned long failures;

static void fail(void)
{
	(void)__atomic_add_fetch(&failures, 1, __ATOMIC_RELAXED);
}

static void *open_in_loop(void *path)
{
	while (!__atomic_load_n(&is_over, __ATOMIC_RELAXED)) {
		int fd = open(path, O_RDONLY | O_CLOEXEC);

		if (fd < 0 || close(fd) < 0)
			fail();
	}
	return NULL;
}

static void *spawn_in_loop(void *program)
{
	char *argv[] = {program, NULL};

	while (!__atomic_load_n(&is_over, __ATOMIC_RELAXED))
		if (spawn(argv) != 0 || start_by_vfork(argv) != 0)
			fail();
	return NULL;
}

static void *fork_in_loop(void *path)
{
	while (!__atomic_load_n(&is_over, __ATOMIC_RELAXED)) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(read_file(path));
		if (wait_for(pid) != 0)
			fail();
	}
	return NULL;
}

static void on_signal(int number)
{
	int saved = errno, fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);

	(void)number;
	if (fd < 0 || close(fd) < 0)
		fail();
	errno = saved;
}

static void *end_alone(void *ended)
{
	(void)sem_post(ended);
	return NULL;
}

static int run_detached(const char *count)
{
	sem_t ended;
	unsigned threads = getenv("GAMBESON_EMULATED") == NULL ? 1 : 2; /* QEMU has one of its own */

	(void)sem_init(&ended, 0, 0);
	for (int i = 0; i < atoi(count); i++) {
		pthread_t thread;

		if (pthread_create(&thread, NULL, end_alone, &ended) != 0)
			return 1;
		(void)pthread_detach(thread);
		(void)sem_wait(&ended);
	}
	/* The last one is still on its way out when it has posted. */
	for (int i = 0; i < 2000 && access("/proc/self/task", R_OK) == 0; i++) {
		struct stat tasks;

		if (stat("/proc/self/task", &tasks) == 0 && tasks.st_nlink == 2 + threads)
			return puts("all") < 0;
		(void)usleep(1000);
	}
	return 2;
}

static int run_threads(const char *seconds)
{
	char hostname[] = "/etc/hostname", here[] = ".", link[] = "/proc/self/exe", program[] = "/bin/true";
	void *(*loops[])(void *) = {
	        open_in_loop, open_in_loop, open_in_loop, spawn_in_loop, spawn_in_loop, fork_in_loop};
	void *arguments[] = {hostname, here, link, program, program, hostname};
	unsigned count =
	        getenv("GAMBESON_EMULATED") == NULL ? 6 : 3; /* QEMU's locks do not outlive a fork among threads */
	struct itimerval timer = {{0, 2000}, {0, 2000}};
	struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
	struct timespec now, end;
	pthread_t threads[6];

	(void)sigaction(SIGALRM, &action, NULL);
	(void)setitimer(ITIMER_REAL, &timer, NULL);
	(void)clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += strtol(seconds, NULL, 10);
	for (unsigned i = 0; i < count; i++)
		if (pthread_create(&threads[i], NULL, loops[i], arguments[i]) != 0)
			return 1;
	do {
		(void)read_file("/etc/hostname");
		(void)syscall(SYS_close_range, 2000u, ~0u, 0);
		(void)clock_gettime(CLOCK_MONOTONIC, &now);
	} while (now.tv_sec < end.tv_sec);
	__atomic_store_n(&is_over, true, __ATOMIC_RELAXED);
	for (unsigned i = 0; i < count; i++)
		(void)pthread_join(threads[i], NULL);
	return failures == 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
	const char *what = argc > 2 ? argv[1] : "";

	if (strcmp(what, "posix_spawn") == 0)
		return spawn(argv + 2);
	if (strcmp(what, "vfork") == 0)
		return start_by_vfork(argv + 2);
	if (strcmp(what, "execveat") == 0)
		return start_at(argv + 2, false);
	if (strcmp(what, "execveat_fd") == 0)
		return start_at(argv + 2, true);
	if (strcmp(what, "memory_file") == 0)
		return start_memory_file(argv + 2);
	if (strcmp(what, "connect") == 0 && argc == 4)
		return connect_to(argv[2], argv[3]);
	if (strcmp(what, "kill") == 0 && argc == 4)
		return kill((pid_t)strtol(argv[2], NULL, 10), (int)strtol(argv[3], NULL, 10)) < 0 ? errno : 0;
	if (strcmp(what, "close_all") == 0)
		return close_all(argv + 2);
	if (strcmp(what, "lose") == 0)
		return lose(argv + 2);
	if (strcmp(what, "open") == 0)
		return read_file(argv[2]);
	if (strcmp(what, "link_then_open") == 0)
		return read_by_link(argv[2]);
	if (strcmp(what, "socket") == 0 && argc == 4)
		return socket((int)strtol(argv[2], NULL, 10), (int)strtol(argv[3], NULL, 10), 0) < 0 ? errno : 0;
	if (strcmp(what, "call") == 0 && argc == 4)
		return syscall(strtol(argv[2], NULL, 10), strtol(argv[3], NULL, 10), 0, 0, 0, 0, 0) < 0 ? errno : 0;
	if (strcmp(what, "reach") == 0)
		return read_of_process(argv[2]);
	if (strcmp(what, "write_memory") == 0)
		return write_memory(argv[2]);
	if (strcmp(what, "map_file") == 0)
		return map_file(argv[2]);
	if (strcmp(what, "map_later") == 0)
		return map_later(argv[2]);
	if (strcmp(what, "detached") == 0)
		return run_detached(argv[2]);
	if (strcmp(what, "threads") == 0)
		return run_threads(argv[2]);
	return 99;
}
