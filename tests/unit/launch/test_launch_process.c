/* SPDX-License-Identifier: Apache-2.0 */
#include "launch/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define NOT_TOUCHED 77

static unsigned runs;

static void count(void *context)
{
	assert_ptr_equal(context, &runs);
	runs++;
}

static struct gb_launch_start start_of(char *const *argv)
{
	static const struct sigaction plain = {.sa_handler = SIG_DFL};
	static sigset_t none;
	static char *environment[] = {NULL};

	runs = 0;
	return (struct gb_launch_start){.path = argv[0],
	        .argv = argv,
	        .environment = environment,
	        .program_fd = -1,
	        .segment_fd = -1,
	        .ring_fd = -1,
	        .signal_mask = &none,
	        .child_signal = &plain,
	        .meanwhile = count,
	        .context = &runs};
}

static int end_of(int pid)
{
	int status;

	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void a_program_starts(void **state)
{
	char *argv[] = {(char[]){"/bin/sh"}, (char[]){"-c"}, (char[]){"exit 5"}, NULL};
	struct gb_launch_start start = start_of(argv);
	struct gb_diag diag;
	uint32_t pid = 0;
	int child;

	(void)state;
	start.runtime_pid = &pid;
	child = gb_launch_runtime_start(&start, &diag);
	assert_int_equal(pid, child);
	assert_int_equal(end_of(child), 5);
	assert_int_equal(runs, 1);
	start.meanwhile = NULL;
	assert_int_equal(end_of(gb_launch_runtime_start(&start, &diag)), 5);
	assert_int_equal(runs, 1);
}

static void a_script_without_a_first_line_is_the_shells(void **state)
{
	char path[] = "/tmp/gambeson-script-XXXXXX", *argv[] = {path, (char[]){"9"}, NULL};
	struct gb_launch_start start = start_of(argv);
	struct gb_diag diag;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "exit $1\n", 8), 8);
	assert_int_equal(fchmod(fd, 0700), 0);
	close(fd);
	assert_int_equal(end_of(gb_launch_runtime_start(&start, &diag)), 9);
	unlink(path);
}

/* Until the child has failed. What we know of errors is ours all the same. */
static void wait_for_failure(void *context)
{
	siginfo_t about;

	count(context);
	errno = NOT_TOUCHED;
	assert_int_equal(waitid(P_ALL, 0, &about, WEXITED | WNOWAIT), 0);
	assert_int_equal(errno, NOT_TOUCHED);
}

static void what_keeps_it_is_told(void **state)
{
	char *argv[] = {(char[]){"/does/not/exist"}, NULL}, *folder[] = {(char[]){"/tmp"}, NULL};
	struct gb_launch_start start = start_of(argv);
	struct gb_diag diag;

	(void)state;
	assert_int_equal(gb_launch_runtime_start(&start, &diag), -ENOENT);
	assert_non_null(strstr(diag.message, "/does/not/exist"));
	start = start_of(folder);
	assert_int_equal(gb_launch_runtime_start(&start, &diag), -EACCES);
	start.ring_fd = 1 << 20;
	assert_int_equal(gb_launch_runtime_start(&start, &diag), -EBADF);
	assert_non_null(strstr(diag.message, "shared memory"));
	assert_int_equal(waitpid(-1, NULL, 0), -1);
	assert_int_equal(errno, ECHILD);
}

static void a_failing_child_leaves_errno_alone(void **state)
{
	char *argv[] = {(char[]){"/does/not/exist"}, NULL};
	struct gb_launch_start start = start_of(argv);
	struct gb_diag diag;

	(void)state;
	start.meanwhile = wait_for_failure;
	assert_int_equal(gb_launch_runtime_start(&start, &diag), -ENOENT);
}

static void its_descriptors_stay_open(void **state)
{
	char script[64], *argv[] = {(char[]){"/bin/sh"}, (char[]){"-c"}, script, NULL};
	struct gb_launch_start start = start_of(argv);
	struct gb_diag diag;
	int kept[2], other;

	(void)state;
	assert_int_equal(pipe2(kept, O_CLOEXEC), 0);
	other = open("/dev/null", O_RDONLY | O_CLOEXEC);
	assert_true(other >= 0);
	snprintf(script, sizeof(script), "cd /proc/self/fd; test -e %d -a -e %d -a ! -e %d", kept[0], kept[1], other);
	start.segment_fd = kept[0];
	start.ring_fd = kept[1];
	assert_int_equal(end_of(gb_launch_runtime_start(&start, &diag)), 0);
	close(kept[0]);
	close(kept[1]);
	close(other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_program_starts),
	        cmocka_unit_test(a_script_without_a_first_line_is_the_shells),
	        cmocka_unit_test(what_keeps_it_is_told),
	        cmocka_unit_test(a_failing_child_leaves_errno_alone),
	        cmocka_unit_test(its_descriptors_stay_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
