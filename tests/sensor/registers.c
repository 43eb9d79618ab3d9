/* SPDX-License-Identifier: Apache-2.0 */
/*
 * registers: what a system call leaves alone must stay as it was with the sensor, too: compilers rely on it. Prints what
 * changed; exit status 1 then.
 */
#include "registers.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#define REGISTERS_MAX 40u
#define HIGH_BIT      (1L << 32) /* the kernel does not look at it, nor on some machines care */

static bool is_changed;

static long probe(const char *name, long (*call)(long *), const long *head)
{
	long values[REGISTERS_MAX], before[REGISTERS_MAX], result;

	for (unsigned i = 0; i < register_count; i++)
		before[i] = values[i] = i < 7 ? head[i] : (long)(0x1234567800000000u + i * 0x01010101u);
	result = call(values);
	for (unsigned i = 0; i < register_count; i++)
		if (register_names[i] != NULL && values[i] != before[i]) {
			printf("%s: %s is %lx, was %lx\n", name, register_names[i], (unsigned long)values[i],
			        (unsigned long)before[i]);
			is_changed = true;
		}
	return result;
}

static void expect(const char *name, bool is_good)
{
	if (is_good)
		return;
	printf("%s: wrong result\n", name);
	is_changed = true;
}

int main(void)
{
	static char text[64];
	int pipe_fds[2] = {-1, -1};
	const long open_call[] = {SYS_openat, AT_FDCWD, (long)"/etc/hostname", O_RDONLY, 0, 5, 6};
	const long bad_open[] = {SYS_openat, AT_FDCWD, 8, O_RDONLY, 0, 5, 6};
	const long high_open[] = {HIGH_BIT + SYS_openat, AT_FDCWD, (long)"/etc/passwd", O_RDONLY, 0, 5, 6};
	const long pid_call[] = {SYS_getppid, 1, 2, 3, 4, 5, 6};
	long result;

	if (pipe(pipe_fds) < 0)
		return 2;
	const long write_call[] = {SYS_write, pipe_fds[1], (long)"text", 4, 4, 5, 6};
	const long read_call[] = {SYS_read, pipe_fds[0], (long)text, sizeof(text), 4, 5, 6};

	expect("openat", probe("openat", probe_openat, open_call) >= 0);
	expect("openat by number", probe("openat by number", probe_any, open_call) >= 0);
	expect("openat of nothing", probe("openat of nothing", probe_openat, bad_open) == -14);
	expect("getppid", probe("getppid", probe_any, pid_call) == getppid());
	expect("write", probe("write", probe_any, write_call) == 4);
	expect("read", probe("read", probe_any, read_call) == 4);
	result = probe("openat with a high bit", probe_any, high_open);
	expect("openat with a high bit", result >= 0 || result == -38);
	return is_changed ? 1 : 0;
}
