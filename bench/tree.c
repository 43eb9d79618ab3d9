/* SPDX-License-Identifier: Apache-2.0 */
#include "tree.h"

#include <dirent.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static int64_t own_cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

struct bench_clock bench_clock_start(void)
{
	struct perf_event_attr about = {
	        .type = PERF_TYPE_SOFTWARE, .size = sizeof(about), .config = PERF_COUNT_SW_TASK_CLOCK, .inherit = 1};
	int fd = (int)syscall(SYS_perf_event_open, &about, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);

	return (struct bench_clock){.fd = fd, .own_before_ns = own_cpu_ns()};
}

long bench_clock_read(const struct bench_clock *clock)
{
	int64_t all_ns;

	if (clock->fd < 0 || read(clock->fd, &all_ns, sizeof(all_ns)) != sizeof(all_ns))
		return 0;
	return (long)((all_ns - (own_cpu_ns() - clock->own_before_ns)) / 1000);
}

long bench_process_number(pid_t pid, const char *file, const char *name)
{
	char path[64], line[256];
	long value = 0;
	FILE *in;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, file);
	in = fopen(path, "re");
	while (in && fgets(line, sizeof(line), in)) {
		if (strncmp(line, name, strlen(name)) == 0)
			value = strtol(line + strlen(name), NULL, 10);
	}
	if (in)
		fclose(in);
	return value;
}

static bool read_parent(pid_t pid, pid_t *ret_parent)
{
	char path[64], line[1024], *fields;
	FILE *in;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	in = fopen(path, "re");
	if (!in)
		return false;
	fields = fgets(line, sizeof(line), in) ? strrchr(line, ')') : NULL;
	fclose(in);
	return fields && sscanf(fields + 2, "%*c %d", ret_parent) == 1;
}

size_t bench_process_tree(pid_t root, pid_t tree[static BENCH_PROCESSES_MAX])
{
	size_t count = 1, before;
	struct dirent *entry;
	pid_t pid, parent;
	bool is_known;
	DIR *proc;

	tree[0] = root;
	do {
		before = count;
		proc = opendir("/proc");
		while (proc && (entry = readdir(proc)) && count < BENCH_PROCESSES_MAX) {
			pid = (pid_t)strtol(entry->d_name, NULL, 10);
			if (pid <= 0 || !read_parent(pid, &parent))
				continue;
			is_known = false;
			for (size_t i = 0; i < count; i++)
				is_known = is_known || tree[i] == pid;
			for (size_t i = 0; !is_known && i < count; i++) {
				if (tree[i] != parent)
					continue;
				tree[count++] = pid;
				break;
			}
		}
		if (proc)
			closedir(proc);
	} while (count > before);
	return count;
}
