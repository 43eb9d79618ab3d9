/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Static programs, which the sensor loads: nothing changes for them, nothing that they do is missed. A shell with the
 * sensor in it starts them. Arguments: libgambeson.so, then the programs self, battery and act linked by glibc, by glibc
 * as static-pie, by musl, and to musl with its dynamic linker.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "activity/activity.h"
#include "lib/sandbox.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define OUTPUT_BYTES (64u * 1024u)
#define LINKINGS     4

static const char *sensor_path;
static const struct {
	const char *name;
} linkings[LINKINGS] = {{"glibc"}, {"glibc, static-pie"}, {"musl"}, {"musl, dynamic"}};
static char *self_paths[LINKINGS], *battery_paths[LINKINGS], *act_paths[LINKINGS];
static char with[OUTPUT_BYTES], without[OUTPUT_BYTES];

/* `exec` makes the shell's own call the one that starts the program. */
static int run(
        const struct gb_sandbox *sandbox, const char *program, const char *first, const char *second, char *output)
{
	const char *argv[] = {"/bin/sh", "-c", "exec \"$0\" \"$@\"", program, first, second, NULL};

	return gb_sandbox_run(sandbox, argv, output, OUTPUT_BYTES);
}

static void is_the_same(const char *name, const char *program, const char *first, const char *second)
{
	struct gb_sandbox sandbox;
	int plain = run(NULL, program, first, second, without), watched;

	gb_sandbox_open(&sandbox, sensor_path);
	watched = run(&sandbox, program, first, second, with);
	gb_sandbox_close(&sandbox);
	if (watched != plain || strcmp(with, without) != 0)
		fail_msg("%s: status %d became %d, \"%s\" became \"%s\"", name, plain, watched, without, with);
	assert_true(strlen(with) > 0);
}

static void knows_itself(void **state)
{
	(void)state;
	for (unsigned i = 0; i < LINKINGS; i++) {
		is_the_same(linkings[i].name, self_paths[i], "an argument", NULL);
		is_the_same(linkings[i].name, self_paths[i], "again", "");
	}
}

static void battery_is_the_same(void **state)
{
	(void)state;
	for (unsigned i = 0; i < LINKINGS; i++) {
		char first[] = "/tmp/gb-battery-XXXXXX", second[] = "/tmp/gb-battery-XXXXXX";
		const char *clear[] = {"rm", "-rf", first, second, NULL};
		struct gb_sandbox sandbox;
		bool is_seen;

		assert_non_null(mkdtemp(first));
		assert_non_null(mkdtemp(second));
		assert_int_equal(run(NULL, battery_paths[i], first, NULL, without), 0);
		gb_sandbox_open(&sandbox, sensor_path);
		assert_int_equal(run(&sandbox, battery_paths[i], second, NULL, with), 0);
		is_seen = gb_sandbox_has_report(&sandbox, GB_ACTIVITY_FILE_READ, GB_OBSERVE, "/etc/hostname");
		gb_sandbox_close(&sandbox);
		if (strcmp(with, without) != 0 || !is_seen)
			fail_msg("%s: %sseen; \"%s\" became \"%s\"", linkings[i].name, is_seen ? "" : "not ", without,
			        with);
		assert_true(strlen(with) > 4000);
		(void)gb_sandbox_run(NULL, clear, with, sizeof(with));
	}
}

/* The program that act starts is static as well: the sensor has to be in the second one to see the file. */
static void every_way_to_start_is_seen(void **state)
{
	static const char *const ways[] = {"posix_spawn", "vfork", "execveat", "execveat_fd", "memory_file"};

	(void)state;
	for (unsigned i = 0; i < LINKINGS; i++) {
		for (unsigned way = 0; way < sizeof(ways) / sizeof(ways[0]); way++) {
			struct gb_sandbox sandbox;
			bool is_seen;

			if (i == LINKINGS - 1 && way >= 2 && gb_sandbox_is_emulated())
				continue; /* QEMU has no execveat, and a linked program is not ours to load */
			gb_sandbox_open(&sandbox, sensor_path);
			(void)run(&sandbox, act_paths[i], ways[way], self_paths[i], with);
			is_seen = gb_sandbox_has_report(&sandbox, GB_ACTIVITY_FILE_READ, GB_OBSERVE, "/etc/hostname");
			gb_sandbox_close(&sandbox);
			if (!is_seen || strstr(with, "headers") == NULL)
				fail_msg("%s by %s: %sseen: %s", linkings[i].name, ways[way], is_seen ? "" : "not ",
				        with);
		}
	}
}

static void stress_is_survived(void **state)
{
	(void)state;
	for (unsigned i = 0; i < LINKINGS; i++) {
		struct gb_sandbox sandbox;
		int status;

		gb_sandbox_open(&sandbox, sensor_path);
		status = run(&sandbox, act_paths[i], "threads", "2", with);
		gb_sandbox_close(&sandbox);
		if (status != 0)
			fail_msg("%s: status %d: %s", linkings[i].name, status, with);
	}
}

/* musl's threads unmap their own stack, after which there is nothing to come back to. */
static void threads_end_unjoined(void **state)
{
	(void)state;
	for (unsigned i = 0; i < LINKINGS; i++)
		is_the_same(linkings[i].name, act_paths[i], "detached", "50");
}

static void write_file(const char *path, const char *text, size_t n, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, n), (ssize_t)n);
	assert_int_equal(fchmod(fd, mode), 0);
	(void)close(fd);
}

/* `#!` with a static interpreter, with and without an argument of its own. */
static void interpreters_are_loaded(void **state)
{
	char directory[] = "/tmp/gb-static-XXXXXX", script[64], text[4200];
	const char *clear[] = {"rm", "-rf", directory, NULL};

	(void)state;
	assert_non_null(mkdtemp(directory));
	(void)snprintf(script, sizeof(script), "%s/script", directory);
	for (unsigned i = 0; i < 2 * LINKINGS; i++) {
		struct gb_sandbox sandbox;

		(void)snprintf(text, sizeof(text), "#!%s%s\nbody\n", self_paths[i / 2], i % 2 == 0 ? "" : " -x y");
		write_file(script, text, strlen(text), 0755);
		is_the_same("script", script, "one", "two");
		gb_sandbox_open(&sandbox, sensor_path);
		(void)run(&sandbox, script, "one", "two", with);
		assert_true(gb_sandbox_has_report(&sandbox, GB_ACTIVITY_FILE_READ, GB_OBSERVE, self_paths[i / 2]));
		gb_sandbox_close(&sandbox);
	}
	(void)gb_sandbox_run(NULL, clear, with, sizeof(with));
}

/* What the kernel refuses stays refused, in the same words. */
static void broken_files_fail_alike(void **state)
{
	char directory[] = "/tmp/gb-static-XXXXXX", path[64], head[4096];
	const char *clear[] = {"rm", "-rf", directory, NULL};
	int fd = open(self_paths[0], O_RDONLY | O_CLOEXEC);

	(void)state;
	assert_non_null(mkdtemp(directory));
	assert_int_equal(read(fd, head, sizeof(head)), (ssize_t)sizeof(head));
	(void)close(fd);
	(void)snprintf(path, sizeof(path), "%s/x", directory);
	write_file(path, head, sizeof(head), 0644);
	is_the_same("not executable", path, NULL, NULL);
	write_file(path, head, 4, 0755);
	is_the_same("four bytes", path, NULL, NULL);
	head[18] = 40; /* EM_ARM */
	write_file(path, head, sizeof(head), 0755);
	is_the_same("another machine", path, NULL, NULL);
	(void)gb_sandbox_run(NULL, clear, with, sizeof(with));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(knows_itself),
	        cmocka_unit_test(battery_is_the_same),
	        cmocka_unit_test(every_way_to_start_is_seen),
	        cmocka_unit_test(stress_is_survived),
	        cmocka_unit_test(threads_end_unjoined),
	        cmocka_unit_test(interpreters_are_loaded),
	        cmocka_unit_test(broken_files_fail_alike),
	};

	if (argc != 2 + 3 * LINKINGS)
		return 2;
	sensor_path = realpath(argv[1], NULL);
	for (int i = 0; i < LINKINGS; i++) {
		self_paths[i] = realpath(argv[2 + 3 * i], NULL);
		battery_paths[i] = realpath(argv[3 + 3 * i], NULL);
		act_paths[i] = realpath(argv[4 + 3 * i], NULL);
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
