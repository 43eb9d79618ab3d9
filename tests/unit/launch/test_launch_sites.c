/* SPDX-License-Identifier: Apache-2.0 */
#include "launch/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

struct place {
	char folder[64];
};

static int make_folder(void **state)
{
	static struct place place;

	(void)snprintf(place.folder, sizeof(place.folder), "/tmp/gb-launch-XXXXXX");
	*state = &place;
	return mkdtemp(place.folder) == NULL ? -1 : 0;
}

static int drop_folder(void **state)
{
	struct place *place = *state;

	return rmdir(place->folder);
}

static void put(const struct place *place, const char *name, const char *text, char *path, size_t cap)
{
	FILE *file;

	(void)snprintf(path, cap, "%s/%s", place->folder, name);
	file = fopen(path, "w");
	assert_non_null(file);
	(void)fputs(text, file);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, 0755), 0);
}

static void loader_is_found_through_scripts(void **state)
{
	static const char *const scripts[] = {"#!/bin/sh\n", "#! /bin/sh -e\nexit", "#!/usr/bin/env sh\n", "#!/bin/sh"};
	char wanted[GB_LAUNCH_PATH_MAX], found[GB_LAUNCH_PATH_MAX], path[128];

	assert_int_equal(gb_launch_interpreter_find("/bin/sh", wanted), 0);
	assert_true(wanted[0] == '/');
	for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
		put(*state, "script", scripts[i], path, sizeof(path));
		if (gb_launch_interpreter_find(path, found) != 0 || strcmp(found, wanted) != 0)
			fail_msg("%s: %s", scripts[i], found);
		assert_int_equal(unlink(path), 0);
	}
}

/* Started as a program it loads the sensor like any other. */
static void loader_as_a_program(void **state)
{
	const struct place *place = *state;
	char loader[GB_LAUNCH_PATH_MAX], found[GB_LAUNCH_PATH_MAX], link[128];
	struct gb_segment *segment =
	        mmap(NULL, sizeof(*segment), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert_true(segment != MAP_FAILED);
	assert_int_equal(gb_launch_interpreter_find("/bin/sh", loader), 0);
	assert_int_equal(gb_launch_interpreter_find(loader, found), 0);
	assert_string_equal(found, loader);
	assert_true(gb_launch_sites_fill(segment, loader, true) >= 2);
	(void)munmap(segment, sizeof(*segment));

	(void)snprintf(link, sizeof(link), "%s/loader", place->folder);
	assert_int_equal(symlink(loader, link), 0);
	assert_int_equal(gb_launch_interpreter_find(link, found), 0);
	assert_string_equal(found, link);
	assert_int_equal(unlink(link), 0);

	/* A shared object without an interpreter that is no loader. */
	assert_int_equal(gb_launch_interpreter_find(SENSOR, found), 0);
	assert_string_equal(found, "");
}

static void what_is_no_program(void **state)
{
	static const char *const contents[] = {"", "#", "#!\n", "#!   \n", "text", "\177ELF"};
	char found[GB_LAUNCH_PATH_MAX], path[128], line[256];

	for (size_t i = 0; i < sizeof(contents) / sizeof(contents[0]); i++) {
		put(*state, "data", contents[i], path, sizeof(path));
		if (gb_launch_interpreter_find(path, found) >= 0 || found[0] != '\0')
			fail_msg("row %zu", i);
		assert_int_equal(unlink(path), 0);
	}
	put(*state, "self", "", path, sizeof(path));
	(void)snprintf(line, sizeof(line), "#!%s\n", path);
	put(*state, "self", line, path, sizeof(path));
	assert_int_equal(gb_launch_interpreter_find(path, found), -ELOOP);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(gb_launch_interpreter_find("/no/such/file", found), -ENOENT);
}

static void tables_hold_the_loader_and_the_libc(void **state)
{
	struct gb_segment *segment =
	        mmap(NULL, sizeof(*segment), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char loader[GB_LAUNCH_PATH_MAX];
	int count;

	(void)state;
	assert_true(segment != MAP_FAILED);
	assert_int_equal(gb_launch_interpreter_find("/bin/sh", loader), 0);
	count = gb_launch_sites_fill(segment, loader, false);
	assert_true(count >= 2);
	for (int i = 0; i < count; i++)
		assert_true(segment->site_tables[i].count > 10);
	assert_int_equal(segment->site_tables[count == 4 ? 3 : count].count, 0);
	assert_memory_not_equal(segment->site_tables[0].build_id, segment->site_tables[1].build_id, 20);
	(void)munmap(segment, sizeof(*segment));
}

/* Whatever comes of it: sensors wait. */
static void search_always_settles(void **state)
{
	static const char *const interpreters[] = {
	        "/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1", "", "/no/such"};
	struct gb_segment *segment =
	        mmap(NULL, sizeof(*segment), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)state;
	assert_true(segment != MAP_FAILED);
	for (size_t i = 0; i < sizeof(interpreters) / sizeof(interpreters[0]); i++) {
		gb_launch_sites_announce(segment);
		assert_int_equal(segment->sites_state, GB_SITES_COMING);
		(void)gb_launch_sites_fill(segment, interpreters[i], true);
		assert_int_equal(segment->sites_state, GB_SITES_SETTLED);
	}
	(void)munmap(segment, sizeof(*segment));
}

static void memory_is_sealed_and_at_high_numbers(void **state)
{
	struct gb_launch_memory memory = {.segment_fd = -1, .ring_fd = -1};
	struct gb_diag diag;

	(void)state;
	assert_int_equal(gb_launch_memory_make(&memory, &diag), 0);
	assert_true(memory.segment_fd > 64 && memory.ring_fd > 64 && memory.segment_fd <= 1022);
	assert_int_equal(memory.segment->magic, GB_SEGMENT_MAGIC);
	assert_int_equal(memory.segment->size_bytes, sizeof(struct gb_segment));
	assert_true(fcntl(memory.segment_fd, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(fcntl(memory.segment_fd, F_GETFL) & O_ACCMODE, O_RDONLY);
	assert_true(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, memory.segment_fd, 0) == MAP_FAILED);
	assert_int_equal(ftruncate(memory.ring_fd, 0), -1);
	memory.segment->policies[0].posture = 2;
	memory.ring->head = 1;
	(void)munmap(memory.segment, sizeof(*memory.segment));
	(void)munmap(memory.ring, sizeof(*memory.ring));
	(void)close(memory.segment_fd);
	(void)close(memory.ring_fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(loader_is_found_through_scripts),
	        cmocka_unit_test(loader_as_a_program),
	        cmocka_unit_test(what_is_no_program),
	        cmocka_unit_test(tables_hold_the_loader_and_the_libc),
	        cmocka_unit_test(search_always_settles),
	        cmocka_unit_test(memory_is_sealed_and_at_high_numbers),
	};

	return cmocka_run_group_tests(tests, make_folder, drop_folder);
}
