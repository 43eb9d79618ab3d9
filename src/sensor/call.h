/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sensor/call: system calls made by the sensor itself. No errno: the result is the kernel's, negative errno on error.
 */
#ifndef GB_SENSOR_CALL_H
#define GB_SENSOR_CALL_H

#include <stdint.h>

static inline long gb_call6(long number, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long result;

	__asm__ volatile("syscall"
	                 : "=a"(result)
	                 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
	                 : "rcx", "r11", "memory", "cc");
	return result;
}

static inline long gb_call4(long number, long a, long b, long c, long d)
{
	register long r10 __asm__("r10") = d;
	long result;

	__asm__ volatile("syscall"
	                 : "=a"(result)
	                 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10)
	                 : "rcx", "r11", "memory", "cc");
	return result;
}

static inline long gb_call3(long number, long a, long b, long c)
{
	long result;

	__asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory", "cc");
	return result;
}

#endif
