/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_stress SENSOR STRESS [SECONDS]: runs stress.c with the sensor in it and reads the reports meanwhile, as the warden
 * does. Every event that was made must have been seen, or be counted as dropped where the ring was full; nothing may be
 * left behind in the process.
 */
#include "activity/activity.h"
#include "lib/sandbox.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define MORE_MAPS_MAX  8u   /* glibc's arenas and cached stacks differ from round to round */
#define MORE_PAGES_MAX 256u /* the same: 1 MB */
#define BESIDES_MAX    8u   /* its reads of /proc/self may be dropped as well */
#define SETTLE_ROUNDS  64u
#define LOOK_NS        500000

static const char *sensor_path, *stress_path, *seconds = "20";

static const enum gb_activity_kind kinds[] = {GB_ACTIVITY_FILE_WRITE, GB_ACTIVITY_FILE_DELETE, GB_ACTIVITY_FILE_RENAME,
        GB_ACTIVITY_PROCESS_START, GB_ACTIVITY_NET_CONNECT, GB_ACTIVITY_NET_SEND};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

struct tally {
	uint64_t seen[KINDS], lost, wrong;
};

static void drain(struct gb_sandbox *sandbox, struct tally *tally)
{
	struct gb_ring_record record;

	while (gb_ring_take(sandbox->ring, &sandbox->reader, &record)) {
		tally->wrong += record.decision != GB_OBSERVE || record.kind >= _GB_ACTIVITY_KIND_MAX;
		for (size_t i = 0; i < KINDS; i++)
			tally->seen[i] += record.kind == kinds[i];
	}
	tally->lost += gb_ring_lost(sandbox->ring, &sandbox->reader);
}

static pid_t start(const struct gb_sandbox *sandbox, const char *directory, int *ret_output)
{
	int ends[2];
	pid_t child;

	assert_int_equal(pipe(ends), 0);
	child = fork();
	if (child == 0) {
		(void)dup2(ends[1], 1);
		(void)close(ends[0]);
		(void)close(ends[1]);
		gb_sandbox_enter(sandbox);
		(void)execl(stress_path, stress_path, seconds, directory, (char *)NULL);
		_exit(127);
	}
	(void)close(ends[1]);
	*ret_output = ends[0];
	return child;
}

/* The number WHICH (0: the first) in the line that begins with NAME. */
static uint64_t number_after(char *output, const char *name, unsigned which)
{
	char line[32];
	char *at;
	uint64_t value = 0;

	(void)snprintf(line, sizeof(line), "%s ", name);
	at = strstr(output, line);
	if (at == NULL) {
		fail_msg("stress says nothing of %s", name);
		return 0;
	}
	at += strlen(line);
	for (unsigned i = 0; i <= which; i++)
		value = strtoull(at, &at, 10);
	return value;
}

static void compare(char *output, const struct tally *tally)
{
	uint64_t made = 0, seen = 0;

	for (size_t i = 0; i < KINDS; i++) {
		const char *name = gb_activity_kind_name(kinds[i]);
		uint64_t one = number_after(output, name, 0);

		print_message("# %-14s made %8llu seen %8llu\n", name, (unsigned long long)one,
		        (unsigned long long)tally->seen[i]);
		if (tally->seen[i] > one || one == 0)
			fail_msg("%s", name);
		made += one;
		seen += tally->seen[i];
	}
	print_message("# dropped, the ring being full: %llu\n", (unsigned long long)tally->lost);
	assert_int_equal(tally->wrong, 0);
	if (seen + tally->lost < made || seen + tally->lost > made + BESIDES_MAX)
		fail_msg("made %llu, seen or dropped %llu", (unsigned long long)made,
		        (unsigned long long)(seen + tally->lost));
}

static void nothing_is_missed_or_left(void **state)
{
	char directory[] = "/tmp/gb-stress-XXXXXX", output[2048];
	struct timespec nap = {0, LOOK_NS};
	struct gb_sandbox sandbox;
	struct tally tally = {0};
	int pipe_end, status;
	ssize_t n;
	pid_t child;

	(void)state;
	assert_non_null(mkdtemp(directory));
	gb_sandbox_open(&sandbox, sensor_path);
	child = start(&sandbox, directory, &pipe_end);
	while (waitpid(child, &status, WNOHANG) == 0) {
		drain(&sandbox, &tally);
		(void)nanosleep(&nap, NULL);
	}
	for (unsigned i = 0; i < SETTLE_ROUNDS; i++)
		drain(&sandbox, &tally);
	n = read(pipe_end, output, sizeof(output) - 1);
	(void)close(pipe_end);
	gb_sandbox_close(&sandbox);
	assert_true(n > 0);
	output[n] = '\0';
	assert_int_equal(status, 0);
	assert_int_equal(rmdir(directory), 0);
	compare(output, &tally);
	print_message("# held after a second and at the end:\n# %s", strstr(output, "maps "));
	assert_int_equal(number_after(output, "descriptors", 0), number_after(output, "descriptors", 1));
	assert_true(number_after(output, "maps", 1) <= number_after(output, "maps", 0) + MORE_MAPS_MAX);
	assert_true(number_after(output, "pages", 1) <= number_after(output, "pages", 0) + MORE_PAGES_MAX);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(nothing_is_missed_or_left)};

	if (argc < 3) {
		(void)fputs("usage: test_stress SENSOR STRESS [SECONDS]\n", stderr);
		return 2;
	}
	sensor_path = realpath(argv[1], NULL);
	stress_path = realpath(argv[2], NULL);
	if (argc > 3)
		seconds = argv[3];
	return cmocka_run_group_tests_name("sensor stress", tests, NULL, NULL);
}
