/* SPDX-License-Identifier: Apache-2.0 */
/* A library that makes its system calls itself: some by a number that is set before the call, others by any. */
#include <sys/syscall.h>

__attribute__((visibility("default"))) long newcomer_call(long number, long a, long b, long c);
__attribute__((visibility("default"))) long newcomer_open(const char *path);

long newcomer_call(long number, long a, long b, long c)
{
	long result;

	__asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
	return result;
}

long newcomer_open(const char *path)
{
	long result;

	__asm__ volatile("syscall" : "=a"(result) : "a"(SYS_open), "D"(path), "S"(0), "d"(0) : "rcx", "r11", "memory");
	return result;
}
