/* SPDX-License-Identifier: Apache-2.0 */
#include "bench.h"

#include <sys/socket.h>
#include <sys/wait.h>

#define NOBODY 4200000u /* above every number of a process */

static void put(struct bench *bench, uint32_t pid, uint32_t parent, enum gb_activity_kind kind,
        enum gb_decision decision, const char *subject, struct gb_span arguments)
{
	struct gb_ring_report report = {.head = {.pid = pid,
	                                        .parent = parent,
	                                        .kind = (uint16_t)kind,
	                                        .decision = (uint8_t)decision,
	                                        .control = GB_CONTROL_ALLOWLIST,
	                                        .reason = GB_R_NOT_ON_ALLOWLIST,
	                                        .input_slot = -1},
	        .subject = gb_span_cstr(subject),
	        .arguments = arguments};

	assert_true(gb_ring_put(bench->ring, &report));
	warden_drain(bench->warden);
}

static void read_file(struct bench *bench, uint32_t pid, uint32_t parent)
{
	put(bench, pid, parent, GB_ACTIVITY_FILE_READ, GB_REPORT, "/etc/shadow", GB_SPAN_EMPTY);
}

/* Says its number and ends with the test: a program whose words do not depend on where the test's own stands. */
#define SAYS_ITS_NUMBER "echo $$; read line"

static _Noreturn void become_a_shell(int end)
{
	if (dup2(end, STDIN_FILENO) >= 0 && dup2(end, STDOUT_FILENO) >= 0)
		(void)execl("/bin/sh", "sh", "-c", SAYS_ITS_NUMBER, NULL);
	_exit(1);
}

/* A child and its child, which wait until the result, which the caller closes, is closed. */
static int fork_two(pid_t ret_pids[2])
{
	char said[64];
	size_t n = 0, lines = 0;
	int ends[2], numbers[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	ret_pids[0] = fork();
	assert_true(ret_pids[0] >= 0);
	if (ret_pids[0] == 0) {
		(void)fork();
		become_a_shell(ends[1]);
	}
	(void)close(ends[1]);
	for (; lines < 2; lines += said[n++] == '\n') {
		assert_true(n + 1 < sizeof(said));
		assert_int_equal(read(ends[0], said + n, 1), 1);
	}
	said[n] = '\0';
	assert_int_equal(sscanf(said, "%d\n%d\n", &numbers[0], &numbers[1]), 2);
	assert_true(numbers[0] == ret_pids[0] || numbers[1] == ret_pids[0]);
	ret_pids[1] = numbers[numbers[0] == ret_pids[0]];
	return ends[0];
}

/* What the kernel says is its program: under QEMU that is QEMU. */
static void write_wanted(char *to, size_t cap, const char *before, pid_t pid)
{
	char name[32], path[256];
	ssize_t n;

	(void)snprintf(name, sizeof(name), "/proc/%d/exe", (int)pid);
	n = readlink(name, path, sizeof(path));
	assert_in_range(n, 1, sizeof(path) - 1);
	(void)snprintf(to, cap, "%s{\"pid\":%d,\"path\":\"%.*s\",\"arguments\":[\"", before, (int)pid, (int)n, path);
}

static void living_ones_are_asked(void **state)
{
	struct bench *bench = *state;
	char want[512];
	pid_t pids[2];
	int end = fork_two(pids);

	read_file(bench, (uint32_t)pids[1], (uint32_t)pids[0]);
	write_wanted(want, sizeof(want), "\"processes\":[", pids[1]);
	count(log_of(bench), want, 1);
	write_wanted(want, sizeof(want), "},", pids[0]);
	count(bench->log, want, 1);
	/* The warden itself is none of them. */
	count(bench->log, "{\"pid\":", 2);
	count(bench->log, "\"" SAYS_ITS_NUMBER "\"]}", 2);
	bench->warden->runtime = pids[1];
	read_file(bench, (uint32_t)pids[1], (uint32_t)pids[0]);
	count(log_of(bench), "{\"pid\":", 1);
	(void)close(end);
	assert_int_equal(waitpid(pids[0], NULL, 0), pids[0]);
}

static void those_that_have_ended_are_known_by_their_start(void **state)
{
	struct bench *bench = *state;

	put(bench, NOBODY, NOBODY + 9, GB_ACTIVITY_PROCESS_START, GB_OBSERVE, "/bin/sh", GB_SPAN("sh\0-c\0id\0"));
	put(bench, NOBODY, NOBODY + 9, GB_ACTIVITY_PROCESS_START, GB_DENY, "/bin/refused", GB_SPAN("refused\0"));
	(void)log_of(bench);
	read_file(bench, NOBODY + 1, NOBODY);
	count(log_of(bench),
	        ",\"processes\":[{\"pid\":4200001},{\"pid\":4200000,\"path\":\"/bin/"
	        "sh\",\"arguments\":[\"sh\",\"-c\",\"id\"]},"
	        "{\"pid\":4200009}]}\n",
	        1);
}

static void a_start_names_who_started_it(void **state)
{
	struct bench *bench = *state;

	put(bench, NOBODY, NOBODY + 9, GB_ACTIVITY_PROCESS_START, GB_REPORT, "/bin/sh", GB_SPAN("sh\0"));
	count(log_of(bench), ",\"processes\":[{\"pid\":4200009}]}\n", 1);
	/* In its own place. */
	put(bench, NOBODY, NOBODY + 9, GB_ACTIVITY_PROCESS_START, GB_REPORT, "/bin/env", GB_SPAN("env\0"));
	count(log_of(bench), "[{\"pid\":4200000,\"path\":\"/bin/sh\",\"arguments\":[\"sh\"]},{\"pid\":4200009}]}\n", 1);
	/* Another process that has got the same number. */
	put(bench, NOBODY, NOBODY + 8, GB_ACTIVITY_PROCESS_START, GB_REPORT, "/bin/ls", GB_SPAN("ls\0"));
	count(log_of(bench), ",\"processes\":[{\"pid\":4200008}]}\n", 1);
	put(bench, NOBODY + 1, 0, GB_ACTIVITY_PROCESS_START, GB_REPORT, "/bin/ls", GB_SPAN("ls\0"));
	count(log_of(bench), "\"processes\"", 0);
}

static void the_longest_is_bounded(void **state)
{
	struct bench *bench = *state;
	char words[201];

	memset(words, '\\', sizeof(words) - 1);
	words[sizeof(words) - 1] = '\0';
	for (uint32_t i = 0; i < 2 * LINEAGE_STARTS_MAX; i++)
		put(bench, NOBODY + i, NOBODY + i + 1, GB_ACTIVITY_PROCESS_START, GB_OBSERVE, words,
		        gb_span_of(words, sizeof(words)));
	while (log_of(bench)[0] != '\0')
		;
	/* The older half is forgotten; of the others each stands below the next. */
	read_file(bench, NOBODY + LINEAGE_STARTS_MAX, 0);
	count(log_of(bench), "{\"pid\":", GB_EVENT_PROCESSES_MAX);
	count(bench->log, "\"cut\":true", GB_EVENT_PROCESSES_MAX);
	assert_true(bench->log_n <= GB_EVENT_LINE_MAX);
	read_file(bench, NOBODY, 0);
	count(log_of(bench), "\"processes\":[{\"pid\":4200000}]", 1);
	/* Who says that it is its own parent is believed eight times at most. */
	read_file(bench, NOBODY - 1, NOBODY - 1);
	count(log_of(bench), "{\"pid\":4199999}", GB_EVENT_PROCESSES_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        BENCH_TEST(living_ones_are_asked),
	        BENCH_TEST(those_that_have_ended_are_known_by_their_start),
	        BENCH_TEST(a_start_names_who_started_it),
	        BENCH_TEST(the_longest_is_bounded),
	};

	return cmocka_run_group_tests_name("warden_lineage", tests, NULL, NULL);
}
