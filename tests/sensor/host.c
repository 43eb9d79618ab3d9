/* SPDX-License-Identifier: Apache-2.0 */
/*
 * host LIBRARY: loads newcomer.so, uses it, unloads it, many times, from two threads; what its system calls give is to be
 * what libc's give. Prints "same" and what it has of memory, in kilobytes. For tests of the sensor.
 */
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ROUNDS 100

static const char *path;

static void check(int is_true, const char *what)
{
	if (!is_true) {
		(void)fprintf(stderr, "host: %s\n", what);
		exit(1);
	}
}

static void use(void *library)
{
	long (*call)(long, long, long, long);
	long (*open_file)(const char *);
	void *symbols[2] = {dlsym(library, "newcomer_call"), dlsym(library, "newcomer_open")};
	char data[4];
	long fd;

	memcpy(&call, &symbols[0], sizeof(call));
	memcpy(&open_file, &symbols[1], sizeof(open_file));
	fd = open_file("/etc/hostname");
	check(fd >= 0, "a file is there");
	check(call(SYS_read, fd, (long)data, 1) == 1, "it is read");
	check(call(SYS_close, fd, 0, 0) == 0, "and closed");
	check(call(SYS_close, -1, 0, 0) == -EBADF, "what is not open is not closed");
	check(open_file("/nonexistent") == -ENOENT, "a file is not there");
	check(open_file((const char *)8) == -EFAULT, "a bad pointer");
	check(call(SYS_getpid, 0, 0, 0) == getpid(), "a call that nobody watches");
	check(call(100000, 0, 0, 0) == -ENOSYS, "a call that nobody knows");
}

static void *run(void *unused)
{
	for (int i = 0; i < ROUNDS; i++) {
		void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);

		check(library != NULL, "the library is loaded");
		use(library);
		check(dlclose(library) == 0, "and unloaded");
	}
	return unused;
}

int main(int argc, char **argv)
{
	pthread_t thread;
	unsigned long pages = 0;
	FILE *size;

	check(argc == 2, "one argument");
	path = argv[1];
	check(pthread_create(&thread, NULL, run, NULL) == 0, "a thread");
	(void)run(NULL);
	(void)pthread_join(thread, NULL);
	size = fopen("/proc/self/statm", "r");
	check(size != NULL && fscanf(size, "%*u %lu", &pages) == 1, "its size");
	(void)printf("same %lu\n", pages * 4);
	return 0;
}
