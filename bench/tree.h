/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench/tree: a process and all that it starts: their processor time, their memory.
 */
#ifndef GB_BENCH_TREE_H
#define GB_BENCH_TREE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define BENCH_PROCESSES_MAX 64

/* Counts the processor time of whatever is started from now on, threads and ended processes included. */
struct bench_clock {
	int fd; /* of a perf event; -1: not allowed here */
	int64_t own_before_ns;
};

struct bench_clock bench_clock_start(void);
/* Microseconds since the start; 0 where perf events are not allowed. */
long bench_clock_read(const struct bench_clock *clock);

/* Process ids of the tree under ROOT, itself first. Result: how many. */
size_t bench_process_tree(pid_t root, pid_t tree[static BENCH_PROCESSES_MAX]);

/* The number behind NAME in /proc/PID/FILE, 0 when there is none. */
long bench_process_number(pid_t pid, const char *file, const char *name);

#endif
