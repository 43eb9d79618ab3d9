/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sensor in real processes: nothing changes for the program, nothing is missed, what must be refused is.
 * Arguments: paths of libgambeson.so, act, registers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "acting.h"
#include "activity/activity.h"
#include "system.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ARGUMENTS_MAX 8
#define TEXT_OF(x)    #x
#define NUMBER_OF(x)  TEXT_OF(x)

static const char *registers_path;
static char without[OUTPUT_BYTES];

static void make_directory(char *template)
{
	assert_non_null(mkdtemp(template));
}

static void remove_directory(const char *path)
{
	const char *argv[] = {"rm", "-rf", path, NULL};

	(void)gb_sandbox_run(NULL, argv, with, sizeof(with));
}

/* The libc's pages are the warden's, and nothing of them has been copied. */
static void overlays_are_used(void **state)
{
	const char *argv[] = {"grep", "-c", "r-xp .*test-segment", "/proc/self/maps", NULL};
	struct gb_sandbox sandbox;

	(void)state;
	gb_sandbox_open(&sandbox, sensor_path);
	assert_int_equal(gb_sandbox_run(&sandbox, argv, with, sizeof(with)), 0);
	assert_true(strtol(with, NULL, 10) > 4);
	memset(sandbox.segment->overlays, 0, sizeof(sandbox.segment->overlays));
	assert_int_equal(gb_sandbox_run(&sandbox, argv, with, sizeof(with)), 1 << 8);
	assert_string_equal(with, "0\n");
	gb_sandbox_close(&sandbox);
}

static void registers_stay(void **state)
{
	const char *argv[] = {registers_path, NULL};
	struct gb_sandbox sandbox;

	(void)state;
	gb_sandbox_open(&sandbox, sensor_path);
	assert_int_equal(gb_sandbox_run(&sandbox, argv, with, sizeof(with)), 0);
	assert_string_equal(with, "");
	assert_true(gb_sandbox_has_report(&sandbox, GB_ACTIVITY_FILE_READ, GB_OBSERVE, "/etc/passwd"));
	gb_sandbox_close(&sandbox);
}

/* Each ends in /bin/true being started; the report of that says that the sensor was in the process that did it. */
static const struct {
	const char *name;
	const char *argv[ARGUMENTS_MAX];
} followed[] = {
        {"dash", {"/bin/dash", "-c", "/bin/true; :"}},
        {"bash", {"/bin/bash", "-c", "/bin/true; :"}},
        {"env -i", {"/usr/bin/env", "-i", "/bin/sh", "-c", "/bin/true; :"}},
        {"env -u", {"/usr/bin/env", "-u", "LD_PRELOAD", "-u", "GAMBESON_SENSOR", "/bin/sh", "-c", "/bin/true; :"}},
        {"altered", {"/usr/bin/env", "LD_PRELOAD=", "GAMBESON_SENSOR=9,9,x", "/bin/sh", "-c", "/bin/true; :"}},
        {"exported",
                {"/bin/sh", "-c", "unset LD_PRELOAD; GAMBESON_SENSOR=; export GAMBESON_SENSOR; sh -c '/bin/true; :'"}},
        {"python", {"/usr/bin/python3", "-c",
                           "import subprocess; subprocess.run(['/bin/sh', '-c', '/bin/true; :'], close_fds=True, "
                           "env={})"}},
        {"perl", {"/usr/bin/perl", "-e", "%ENV = (); system('/bin/sh', '-c', '/bin/true; :')"}},
        {"node", {"/usr/bin/node", "-e", "require('child_process').execSync('/bin/true; :', {env: {}})"}},
        {"ld.so", {LOADER, "/bin/sh", "-c", "/bin/true; :"}},
};

static void exec_is_followed(void **state)
{
	(void)state;
	for (unsigned i = 0; i < sizeof(followed) / sizeof(followed[0]); i++) {
		struct gb_sandbox sandbox;
		int status;
		bool is_seen;

		if (gb_sandbox_is_emulated() && access(followed[i].argv[0], X_OK) < 0)
			continue; /* not in the arm64 system of the tests */
		gb_sandbox_open(&sandbox, sensor_path);
		status = gb_sandbox_run(&sandbox, followed[i].argv, with, sizeof(with));
		is_seen = gb_sandbox_has_report(&sandbox, GB_ACTIVITY_PROCESS_START, GB_OBSERVE, "/bin/true");
		gb_sandbox_close(&sandbox);
		if (status != 0 || !is_seen)
			fail_msg("%s: status %d, /bin/true %sseen; %s", followed[i].name, status, is_seen ? "" : "not ",
			        with);
	}
}

static void every_way_to_start_is_seen(void **state)
{
	static const struct {
		const char *what;
		const char *subject;
		bool is_native; /* QEMU has no execveat; it finds no program whose descriptor is closed by its start */
	} ways[] = {{"posix_spawn", "/bin/true", false}, {"vfork", "/bin/true", false}, {"execveat", "/bin/true", true},
	        {"execveat_fd", "/usr/bin/true", true}, {"memory_file", "/memfd:copy (deleted)", true},
	        {"close_all", "/bin/true", false}};

	(void)state;
	for (unsigned i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		struct gb_sandbox sandbox;
		int result;
		bool is_seen;

		gb_sandbox_open(&sandbox, sensor_path);
		result = act(&sandbox, ways[i].what, "/bin/true", NULL);
		is_seen = gb_sandbox_has_report(&sandbox, GB_ACTIVITY_PROCESS_START, GB_OBSERVE, ways[i].subject);
		gb_sandbox_close(&sandbox);
		if (gb_sandbox_is_emulated() && ways[i].is_native)
			result = 0;
		if (result != 0 || !is_seen)
			fail_msg("%s: result %d, %sseen", ways[i].what, result, is_seen ? "" : "not ");
	}
}

/* A process that lost the two descriptors gets them from the warden's socket: its child's child is seen. */
static void lost_descriptors_come_back(void **state)
{
	struct gb_sandbox sandbox;
	const char *argv[] = {act_path, "lose", "/bin/sh", "-c", "/bin/true; :", NULL};

	(void)state;
	gb_sandbox_open(&sandbox, sensor_path);
	gb_sandbox_listen(&sandbox);
	assert_int_equal(gb_sandbox_run(&sandbox, argv, with, sizeof(with)), 0);
	assert_true(gb_sandbox_has_report(&sandbox, GB_ACTIVITY_PROCESS_START, GB_OBSERVE, "/bin/true"));
	gb_sandbox_close(&sandbox);
}

static void input_in_a_command_is_refused(void **state)
{
	const char *path = "queryStringParameters.url", *value = "http://x.y; /usr/bin/id";
	const char *attack[] = {"/bin/dash", "-c", "sh -c \"echo http://x.y; /usr/bin/id\"", NULL};
	const char *benign[] = {"/bin/dash", "-c", "sh -c \"echo http://x.y | /usr/bin/tr x z\"", NULL};
	struct gb_sandbox sandbox;
	int status;

	(void)state;
	gb_sandbox_open(&sandbox, sensor_path);
	gb_sandbox_settings(&sandbox)->posture = GB_MODE_BLOCK;
	gb_sandbox_set_input(&sandbox, &path, &value, 1);
	status = gb_sandbox_run(&sandbox, attack, with, sizeof(with));
	assert_int_not_equal(status, 0);
	assert_null(strstr(with, "uid="));
	assert_true(gb_sandbox_has_report(&sandbox, GB_ACTIVITY_PROCESS_START, GB_DENY, "/usr/bin/sh"));
	assert_int_equal(gb_sandbox_run(&sandbox, benign, with, sizeof(with)), 0);
	assert_string_equal(with, "http://z.y\n");
	gb_sandbox_settings(&sandbox)->posture = GB_MODE_DETECT;
	assert_int_equal(gb_sandbox_run(&sandbox, attack, with, sizeof(with)), 0);
	assert_non_null(strstr(with, "uid="));
	assert_true(gb_sandbox_has_report(&sandbox, GB_ACTIVITY_PROCESS_START, GB_REPORT, "/usr/bin/sh"));
	gb_sandbox_close(&sandbox);
}

static void what_is_rare_is_seen(void **state)
{
	static const struct {
		const char *what, *first, *second;
		int kind;
		const char *subject;
	} rows[] = {
	        {"socket", "17", "3", GB_ACTIVITY_NET_SOCKET, "packet"},
	        {"socket", "2", "3", GB_ACTIVITY_NET_SOCKET, "raw inet"},
	        {"socket", "40", "1", GB_ACTIVITY_NET_SOCKET, "vsock"},
	        {"socket", "38", "5", GB_ACTIVITY_NET_SOCKET, "alg"},
	        {"socket", "31", "1", GB_ACTIVITY_NET_SOCKET, "family 31"},
	        {"call", NUMBER_OF(SYS_unshare), "0", GB_ACTIVITY_SANDBOX_CHANGE, "unshare"},
	        {"call", NUMBER_OF(SYS_chroot), "0", GB_ACTIVITY_SANDBOX_CHANGE, "chroot"},
	        {"call", NUMBER_OF(SYS_bpf), "99", GB_ACTIVITY_KERNEL_ACCESS, "bpf"},
	        {"call", NUMBER_OF(SYS_userfaultfd), "1", GB_ACTIVITY_KERNEL_ACCESS, "userfaultfd"},
	        {"call", NUMBER_OF(SYS_perf_event_open), "0", GB_ACTIVITY_KERNEL_ACCESS, "perf_event_open"},
	        {"reach", "1", NULL, GB_ACTIVITY_PROCESS_TRACE, "1"},
	        {"map_file", "/tmp/gb-act-library", NULL, GB_ACTIVITY_LIBRARY_MAP, "/tmp/gb-act-library"},
	};
	struct gb_sandbox sandbox;

	(void)state;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		gb_sandbox_open(&sandbox, sensor_path);
		(void)act(&sandbox, rows[i].what, rows[i].first, rows[i].second);
		if (!gb_sandbox_has_report(&sandbox, rows[i].kind, GB_OBSERVE, rows[i].subject))
			fail_msg("%s %s is not seen", rows[i].what, rows[i].first);
		gb_sandbox_close(&sandbox);
	}
	(void)unlink("/tmp/gb-act-library");
}

/* io_uring and /proc/PID/mem would get round the sensor: refused in block mode without any policy. */
static void ways_round_are_refused(void **state)
{
	struct gb_sandbox sandbox;

	(void)state;
	gb_sandbox_open(&sandbox, sensor_path);
	gb_sandbox_settings(&sandbox)->flags = 0;
	if (!gb_sandbox_is_emulated()) { /* QEMU has none */
		assert_int_not_equal(act(&sandbox, "call", "425", "0"), ENOSYS);
		assert_true(gb_sandbox_has_report(&sandbox, GB_ACTIVITY_KERNEL_ACCESS, GB_REPORT, "io_uring_setup"));
	}
	assert_int_equal(act(&sandbox, "write_memory", "/proc/self/mem", NULL), 0);
	assert_true(gb_sandbox_has_report(&sandbox, GB_ACTIVITY_FILE_WRITE, GB_REPORT, "/proc/self/mem"));
	gb_sandbox_settings(&sandbox)->posture = GB_MODE_BLOCK;
	assert_int_equal(act(&sandbox, "call", "425", "0"), ENOSYS);
	assert_true(gb_sandbox_is_emulated() ||
	            gb_sandbox_has_report(&sandbox, GB_ACTIVITY_KERNEL_ACCESS, GB_DENY, "io_uring_setup"));
	assert_int_equal(act(&sandbox, "write_memory", "/proc/self/mem", NULL), EACCES);
	assert_true(gb_sandbox_has_report(&sandbox, GB_ACTIVITY_FILE_WRITE, GB_DENY, "/proc/self/mem"));
	assert_int_equal(act(&sandbox, "write_memory", "/proc/thread-self/mem", NULL), EACCES);
	gb_sandbox_close(&sandbox);
}

static void links_are_seen_through(void **state)
{
	char directory[] = "/tmp/gb-link-XXXXXX";
	struct gb_sandbox sandbox;
	const char *argv[] = {"/bin/sh", "-c", "cd \"$1\" && exec \"$2\" link_then_open /etc/hostname", "sh", directory,
	        act_path, NULL};

	(void)state;
	make_directory(directory);
	gb_sandbox_open(&sandbox, sensor_path);
	assert_int_equal(gb_sandbox_run(&sandbox, argv, with, sizeof(with)), 0);
	assert_true(gb_sandbox_has_report(&sandbox, GB_ACTIVITY_FILE_READ, GB_OBSERVE, "/etc/hostname"));
	gb_sandbox_close(&sandbox);
	remove_directory(directory);
}

static void stress_is_survived(void **state)
{
	struct gb_sandbox sandbox;

	(void)state;
	gb_sandbox_open(&sandbox, sensor_path);
	assert_int_equal(act(&sandbox, "threads", "4", NULL), 0);
	gb_sandbox_close(&sandbox);
}

static void programs_are_unharmed(void **state)
{
	static const char *const programs[][ARGUMENTS_MAX] = {
	        {"/usr/bin/node", "-e", "fetch;console.log(require('fs').readFileSync('/etc/hostname').length > 0)"},
	        {"/usr/bin/python3", "-c", "import ssl, json, threading; print(json.dumps([1]))"},
	        {"/bin/bash", "-c", "for i in 1 2 3; do echo $(echo $i | cat); done; cat <<< here"},
	        {"/usr/bin/perl", "-e", "print join ',', map { `echo $_` } 1..3"},
	        {"/bin/ls", "/"},
	        {"/usr/bin/find", "/etc/apt", "-name", "*.list"},
	        {"/bin/sh", "-c", "echo a | tr a b | sed s/b/c/"},
	};
	struct gb_sandbox sandbox;

	(void)state;
	gb_sandbox_open(&sandbox, sensor_path);
	gb_sandbox_settings(&sandbox)->posture = GB_MODE_BLOCK;
	for (unsigned i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
		int status = gb_sandbox_run(NULL, programs[i], without, sizeof(without));

		if (access(programs[i][0], X_OK) < 0)
			continue; /* not a dependency of ours */
		if (gb_sandbox_run(&sandbox, programs[i], with, sizeof(with)) != status || strcmp(with, without) != 0)
			fail_msg("%s: \"%s\" became \"%s\"", programs[i][0], without, with);
	}
	gb_sandbox_close(&sandbox);
}

/* A shell that opens FILE by itself whenever it is asked to. */
struct shell {
	pid_t pid;
	FILE *to, *from;
};

static void shell_start(struct shell *shell, const struct gb_sandbox *sandbox, const char *file)
{
	int to[2], from[2];

	assert_int_equal(pipe(to) + pipe(from), 0);
	shell->pid = fork();
	if (shell->pid == 0) {
		(void)alarm(60);
		if (dup2(to[0], 0) < 0 || dup2(from[1], 1) < 0)
			_exit(99);
		(void)close(to[1]);
		gb_sandbox_enter(sandbox);
		(void)execl("/bin/sh", "sh", "-c", "while read x; do : < \"$0\"; echo; done", file, NULL);
		_exit(99);
	}
	(void)close(to[0]);
	(void)close(from[1]);
	shell->to = fdopen(to[1], "w");
	shell->from = fdopen(from[0], "r");
	assert_non_null(shell->to);
	assert_non_null(shell->from);
}

static void shell_open(struct shell *shell)
{
	assert_true(fputc('\n', shell->to) != EOF && fflush(shell->to) == 0);
	assert_int_equal(fgetc(shell->from), '\n');
}

static void shell_end(struct shell *shell)
{
	(void)fclose(shell->to);
	(void)fclose(shell->from);
	assert_int_equal(waitpid(shell->pid, NULL, 0), shell->pid);
}

/* What the sensor says of reading FILE: in how many invocations it has seen it; 0: nothing. */
static unsigned told_sightings(struct gb_sandbox *sandbox, struct gb_ring_reader *reader, const char *file)
{
	struct gb_ring_record record;
	unsigned sightings = 0;

	while (gb_ring_take(sandbox->ring, reader, &record))
		if (record.kind == GB_ACTIVITY_FILE_READ &&
		        gb_span_equal(gb_ring_subject(&record), gb_span_cstr(file))) {
			assert_int_equal(sightings, 0);
			assert_int_equal(record.round, sandbox->segment->round);
			sightings = record.sightings;
		}
	return sightings;
}

/* A thing seen twice in one invocation is one sight, in start-up and the first invocation too. */
static void sights_are_counted_by_invocation(void **state)
{
	static const char file[] = "/etc/hostname";
	struct gb_ring_reader reader = {0};
	struct gb_sandbox sandbox;
	struct shell shell;

	(void)state;
	gb_sandbox_open(&sandbox, sensor_path);
	shell_start(&shell, &sandbox, file);
	for (unsigned event = 0; event <= 34; event++) {
		unsigned wanted = event == 0 ? 1 : event == 1 || !gb_ring_is_told(event) ? 0 : event;

		for (unsigned often = 0; often < 3; often++)
			shell_open(&shell);
		assert_int_equal(told_sightings(&sandbox, &reader, file), wanted);
		sandbox.segment->round += event == 0 ? 1 : 2;
	}
	/* Events at once: one round on may still be the same one. */
	sandbox.segment->round -= 1;
	shell_open(&shell);
	assert_int_equal(told_sightings(&sandbox, &reader, file), 0);
	shell_end(&shell);
	gb_sandbox_close(&sandbox);
}

/* What did not fit into the ring is told when it is seen again. */
static void what_was_lost_is_told_later(void **state)
{
	static const char file[] = "/etc/hostname";
	struct gb_ring_reader reader = {0};
	struct gb_sandbox sandbox;
	struct shell shell;

	(void)state;
	gb_sandbox_open(&sandbox, sensor_path);
	shell_start(&shell, &sandbox, file);
	shell_open(&shell);
	assert_int_equal(told_sightings(&sandbox, &reader, file), 1);
	sandbox.segment->round = 3;
	sandbox.ring->tail -= GB_RING_RECORDS;
	shell_open(&shell);
	sandbox.ring->tail += GB_RING_RECORDS;
	assert_int_equal(told_sightings(&sandbox, &reader, file), 0);
	assert_true(gb_ring_lost(sandbox.ring, &reader) > 0);
	shell_open(&shell);
	assert_int_equal(told_sightings(&sandbox, &reader, file), 2);
	shell_end(&shell);
	gb_sandbox_close(&sandbox);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(overlays_are_used),
	        cmocka_unit_test(registers_stay),
	        cmocka_unit_test(exec_is_followed),
	        cmocka_unit_test(every_way_to_start_is_seen),
	        cmocka_unit_test(lost_descriptors_come_back),
	        cmocka_unit_test(input_in_a_command_is_refused),
	        cmocka_unit_test(what_is_rare_is_seen),
	        cmocka_unit_test(ways_round_are_refused),
	        cmocka_unit_test(links_are_seen_through),
	        cmocka_unit_test(sights_are_counted_by_invocation),
	        cmocka_unit_test(what_was_lost_is_told_later),
	        cmocka_unit_test(stress_is_survived),
	        cmocka_unit_test(programs_are_unharmed),
	};

	if (argc != 4)
		return 2;
	sensor_path = realpath(argv[1], NULL);
	act_path = realpath(argv[2], NULL);
	registers_path = realpath(argv[3], NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
