/* SPDX-License-Identifier: Apache-2.0 */
/* raw_close: a system call by the program's own instruction. */
#include <sys/syscall.h>

static long raw_close(long fd)
{
	long result;

	__asm__ volatile("syscall" : "=a"(result) : "a"((long)SYS_close), "D"(fd) : "rcx", "r11", "memory");
	return result;
}
