/* SPDX-License-Identifier: Apache-2.0 */
/* Files written in one step, and what must not be replaced by one. */
#include "base/cleanup.h"
#include "base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/gambeson-fd-XXXXXX";

static char *in_folder(const char *name)
{
	static char path[64];

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static void assert_holds(const char *name, const char *want)
{
	GB_CLEANUP(gb_freep) char *data = NULL;
	size_t n = 0;

	assert_int_equal(gb_fd_read_file(in_folder(name), 100, &data, &n), 0);
	assert_string_equal(data, want);
}

static mode_t kind_of(const char *name)
{
	struct stat about;

	assert_int_equal(lstat(in_folder(name), &about), 0);
	return about.st_mode & S_IFMT;
}

static void a_file_is_replaced(void **state)
{
	(void)state;
	assert_int_equal(gb_fd_write_file(in_folder("file"), GB_SPAN("a long text"), 0600), 0);
	assert_int_equal(gb_fd_write_file(in_folder("file"), GB_SPAN("short"), 0600), 0);
	assert_holds("file", "short");
	assert_int_equal(gb_fd_write_file(in_folder("no/such"), GB_SPAN("x"), 0600), -ENOENT);
}

/* In a container a program that was killed comes back under the same number. */
static void what_a_killed_one_left_is_no_hindrance(void **state)
{
	char name[32];
	int fd;

	(void)state;
	(void)snprintf(name, sizeof(name), "file.%ld.new", (long)getpid());
	fd = open(in_folder(name), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	(void)close(fd);
	assert_int_equal(gb_fd_write_file(in_folder("file"), GB_SPAN("whole"), 0600), 0);
	assert_holds("file", "whole");
	assert_int_not_equal(access(in_folder(name), F_OK), 0);
}

static void a_link_stays(void **state)
{
	(void)state;
	assert_int_equal(gb_fd_write_file(in_folder("target"), GB_SPAN("a long text"), 0600), 0);
	assert_int_equal(symlink("target", in_folder("link")), 0);
	assert_int_equal(gb_fd_write_file(in_folder("link"), GB_SPAN("short"), 0600), 0);
	assert_int_equal(kind_of("link"), S_IFLNK);
	assert_holds("target", "short");
}

/* As /dev/null, which only root could put something else in the place of. */
static void a_pipe_stays(void **state)
{
	char got[8] = "";
	int reader;

	(void)state;
	assert_int_equal(mkfifo(in_folder("pipe"), 0600), 0);
	reader = open(in_folder("pipe"), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	assert_true(reader >= 0);
	assert_int_equal(gb_fd_write_file(in_folder("pipe"), GB_SPAN("bytes"), 0600), 0);
	assert_int_equal(read(reader, got, sizeof(got)), 5);
	assert_string_equal(got, "bytes");
	assert_int_equal(kind_of("pipe"), S_IFIFO);
	(void)close(reader);
}

static int tear_down(void **state)
{
	static const char *const names[] = {"file", "target", "link", "pipe"};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		(void)unlink(in_folder(names[i]));
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_file_is_replaced),
	        cmocka_unit_test(what_a_killed_one_left_is_no_hindrance),
	        cmocka_unit_test(a_link_stays),
	        cmocka_unit_test(a_pipe_stays),
	};

	if (mkdtemp(folder) == NULL)
		return 2;
	return cmocka_run_group_tests_name("tests", tests, NULL, tear_down);
}
