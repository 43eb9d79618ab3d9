/* SPDX-License-Identifier: Apache-2.0 */
/* raw_close: a system call by the program's own instruction. */
#include <sys/syscall.h>

static long raw_close(long fd)
{
	register long number __asm__("x8") = SYS_close;
	register long result __asm__("x0") = fd;

	__asm__ volatile("svc #0" : "+r"(result) : "r"(number) : "memory");
	return result;
}
