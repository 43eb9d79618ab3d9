/* SPDX-License-Identifier: Apache-2.0 */
/*
 * start SENSOR: what the sensor's start adds to a process. This program is not watched itself; it starts /bin/true by turns
 * without and with the sensor in it (segment, ring and site tables as the warden gives them) and prints the medians as
 * one JSON line, in nanoseconds. Everything that the sensor costs such a process is in it: loading, patching, leaving.
 */
#include "lib/sandbox.h"

#include <inttypes.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>

#define ROUNDS 400u

static int64_t now_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int64_t time_start(char *const *environment)
{
	char *arguments[] = {(char[]){"true"}, NULL};
	int64_t begin = now_ns();
	pid_t child;
	int status;

	if (posix_spawn(&child, "/bin/true", NULL, NULL, arguments, environment) != 0 ||
	        waitpid(child, &status, 0) < 0 || status != 0)
		exit(1);
	return now_ns() - begin;
}

static int compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	static int64_t bare[ROUNDS], watched[ROUNDS];
	char *plain[] = {(char[]){"PATH=/usr/bin:/bin"}, NULL};
	char preload[512], variable[128];
	char *with_sensor[] = {plain[0], preload, variable, NULL};
	struct gb_sandbox sandbox;

	if (argc != 2) {
		(void)fprintf(stderr, "start: give the absolute path of libgambeson.so\n");
		return 2;
	}
	gb_sandbox_open(&sandbox, argv[1]);
	(void)gb_sandbox_add_library(&sandbox, "/lib64/ld-linux-x86-64.so.2");
	(void)gb_sandbox_add_library(&sandbox, "/lib/x86_64-linux-gnu/libc.so.6");
	gb_sandbox_enter(&sandbox);
	(void)snprintf(preload, sizeof(preload), "LD_PRELOAD=%s", argv[1]);
	(void)snprintf(variable, sizeof(variable), "%s=%s", GB_SENSOR_VARIABLE, getenv(GB_SENSOR_VARIABLE));
	for (unsigned round = 0; round < ROUNDS; round++) {
		bare[round] = time_start(plain);
		watched[round] = time_start(with_sensor);
		(void)gb_sandbox_has_report(&sandbox, -1, -1, NULL);
	}
	qsort(bare, ROUNDS, sizeof(bare[0]), compare);
	qsort(watched, ROUNDS, sizeof(watched[0]), compare);
	(void)printf("{\"bare_ns\":%" PRId64 ",\"watched_ns\":%" PRId64 ",\"q1_ns\":%" PRId64 ",\"q3_ns\":%" PRId64
	             "}\n",
	        bare[ROUNDS / 2], watched[ROUNDS / 2], watched[ROUNDS / 4] - bare[ROUNDS / 2],
	        watched[ROUNDS * 3 / 4] - bare[ROUNDS / 2]);
	gb_sandbox_close(&sandbox);
	return 0;
}
