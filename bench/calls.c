/* SPDX-License-Identifier: Apache-2.0 */
/*
 * calls: what single operations cost inside a process, through the libc, as one JSON line of medians in nanoseconds.
 * Run bare and under gambeson-agent; the difference is what the sensor adds.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void open_close(void)
{
	int fd = open("/etc/hostname", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		exit(1);
	close(fd);
}

static void stat_file(void)
{
	struct stat status;

	if (stat("/etc/hostname", &status) < 0)
		exit(1);
}

static void spawn_true(void)
{
	char *arguments[] = {(char[]){"true"}, NULL};
	pid_t child;
	int status;

	if (posix_spawn(&child, "/bin/true", NULL, NULL, arguments, environ) != 0 || waitpid(child, &status, 0) < 0 ||
	        status != 0)
		exit(1);
}

static struct sockaddr_in server;
static int listen_fd;

static void connect_loopback(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), accepted;
	struct linger at_once = {.l_onoff = 1, .l_linger = 0};

	if (fd < 0 || connect(fd, (const struct sockaddr *)&server, sizeof(server)) < 0)
		exit(1);
	accepted = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC);
	setsockopt(accepted, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once)); /* no port is left in TIME_WAIT */
	close(accepted);
	close(fd);
}

static void listen_loopback(void)
{
	socklen_t n = sizeof(server);

	server = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (listen_fd < 0 || bind(listen_fd, (const struct sockaddr *)&server, sizeof(server)) < 0 ||
	        listen(listen_fd, 16) < 0 || getsockname(listen_fd, (struct sockaddr *)&server, &n) < 0)
		exit(1);
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Median over ROUNDS of the mean of PER_ROUND calls. */
static double measure(void (*operation)(void), unsigned rounds, unsigned per_round)
{
	double *means = calloc(rounds, sizeof(*means)), median;

	if (!means)
		exit(1);
	operation();
	for (unsigned i = 0; i < rounds; i++) {
		int64_t from = now_ns();

		for (unsigned k = 0; k < per_round; k++)
			operation();
		means[i] = (double)(now_ns() - from) / per_round;
	}
	qsort(means, rounds, sizeof(*means), compare);
	median = means[rounds / 2];
	free(means);
	return median;
}

int main(void)
{
	listen_loopback();
	printf("{\"open_ns\":%.0f,", measure(open_close, 101, 200));
	printf("\"stat_ns\":%.0f,", measure(stat_file, 101, 200));
	printf("\"connect_ns\":%.0f,", measure(connect_loopback, 101, 10));
	printf("\"spawn_ns\":%.0f}\n", measure(spawn_true, 101, 1));
	return 0;
}
