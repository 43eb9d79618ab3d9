/* SPDX-License-Identifier: Apache-2.0 */
/* A warden alone, for tests that look at its lines; to be included once. */
#ifndef GB_TESTS_WARDEN_BENCH_H
#define GB_TESTS_WARDEN_BENCH_H

#include "warden/state.h"

#include <setjmp.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

/* A warden whose log is a pipe that the test reads. */
struct bench {
	struct gb_warden *warden;
	struct gb_segment *segment;
	struct gb_ring *ring;
	int log_fd;
	char log[65536];
	size_t log_n;
};

static void *shared(size_t n)
{
	void *p = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert_true(p != MAP_FAILED);
	return p;
}

static int open_bench(void **state)
{
	static struct bench bench;
	struct gb_warden_options options = {.segment_fd = -1, .ring_fd = -1};
	int ends[2];

	bench.segment = options.segment = shared(sizeof(*bench.segment));
	bench.ring = options.ring = shared(sizeof(*bench.ring));
	bench.log_n = 0;
	bench.warden = gb_warden_new(&options);
	if (bench.warden == NULL || pipe2(ends, O_NONBLOCK | O_CLOEXEC) < 0)
		return -1;
	(void)close(bench.warden->output.fd);
	bench.warden->output.fd = ends[1];
	bench.log_fd = ends[0];
	warden_drain_open(bench.warden);
	*state = &bench;
	return 0;
}

static int close_bench(void **state)
{
	struct bench *bench = *state;

	gb_warden_free(bench->warden);
	(void)close(bench->log_fd);
	(void)munmap(bench->segment, sizeof(*bench->segment));
	return munmap(bench->ring, sizeof(*bench->ring));
}

static const char *log_of(struct bench *bench)
{
	ssize_t n = read(bench->log_fd, bench->log, sizeof(bench->log) - 1);

	bench->log_n = n < 0 ? 0 : (size_t)n;
	bench->log[bench->log_n] = '\0';
	return bench->log;
}

static void count(const char *log, const char *what, size_t wanted)
{
	size_t n = 0;

	for (const char *at = strstr(log, what); at != NULL; at = strstr(at + 1, what))
		n++;
	if (n != wanted)
		fail_msg("%zu times %s, wanted %zu, in %s", n, what, wanted, log);
}

#define BENCH_TEST(function) cmocka_unit_test_setup_teardown(function, open_bench, close_bench)

#endif
