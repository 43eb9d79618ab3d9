/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sensor_load: times a few system calls in this process and prints "name nanoseconds" lines, the median of many rounds.
 * Run it with and without the sensor (tests/sensor/watch) and compare.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS    41u
#define LOADS_MAX 200u

static uint64_t now_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void open_file(void)
{
	int fd = open("/etc/hostname", O_RDONLY | O_CLOEXEC);

	if (fd >= 0)
		(void)close(fd);
}

static void open_in_tmp(void)
{
	int fd = open("/tmp", O_RDONLY | O_CLOEXEC | O_DIRECTORY);

	if (fd >= 0)
		(void)close(fd);
}

static void open_relative(void)
{
	int fd = open("etc/hostname", O_RDONLY | O_CLOEXEC);

	if (fd >= 0)
		(void)close(fd);
}

static void close_nothing(void)
{
	(void)close(-1);
}

static void ask_status(void)
{
	struct stat status;

	(void)stat("/etc/hostname", &status);
}

static void map_memory(void)
{
	void *at = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)munmap(at, 4096);
}

static void connect_udp(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(9)};
	static int fd = -1;

	if (fd < 0)
		fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	(void)connect(fd, (struct sockaddr *)&address, sizeof(address));
}

static const char *program = "/bin/true";

static void spawn(void)
{
	char name[] = "true";
	char *argv[] = {name, NULL};
	extern char **environ;
	pid_t pid;
	int status;

	if (posix_spawn(&pid, program, NULL, NULL, argv, environ) == 0)
		(void)waitpid(pid, &status, 0);
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static void measure(const char *name, void (*load)(void), unsigned loads)
{
	double times[ROUNDS];

	for (unsigned round = 0; round < ROUNDS; round++) {
		uint64_t start = now_ns();

		for (unsigned i = 0; i < loads; i++)
			load();
		times[round] = (double)(now_ns() - start) / loads;
	}
	qsort(times, ROUNDS, sizeof(times[0]), compare);
	printf("%-14s %10.1f ns  (%.1f to %.1f)\n", name, times[ROUNDS / 2], times[ROUNDS / 4], times[ROUNDS * 3 / 4]);
}

int main(int argc, char **argv)
{
	if (argc > 1)
		program = argv[1];
	if (chdir("/") < 0)
		return 1;
	measure("open", open_file, LOADS_MAX);
	measure("open_relative", open_relative, LOADS_MAX);
	measure("open_tmp", open_in_tmp, LOADS_MAX);
	measure("close", close_nothing, LOADS_MAX);
	measure("stat", ask_status, LOADS_MAX);
	measure("mmap", map_memory, LOADS_MAX);
	measure("connect", connect_udp, LOADS_MAX);
	measure("spawn", spawn, 10);
	return 0;
}
