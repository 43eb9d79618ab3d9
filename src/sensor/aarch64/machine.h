/* SPDX-License-Identifier: Apache-2.0 */
/* sensor/aarch64/machine: see sensor/machine.h. */
#ifndef GB_SENSOR_AARCH64_MACHINE_H
#define GB_SENSOR_AARCH64_MACHINE_H

#include <elf.h>
#include <stddef.h>
#include <stdint.h>

#define GB_MACHINE_ADDRESS_END    0x0010000000000000u /* of 52 bits; most kernels have 48 */
#define GB_MACHINE_REACH          0x07f00000u
#define GB_MACHINE_RELATIVE       R_AARCH64_RELATIVE
#define GB_MACHINE_DATA_ALIGNMENT 4096

enum {
	GB_NR_OPEN = -1,
	GB_NR_CREAT = -2,
	GB_NR_SYMLINK = -3,
	GB_NR_MODIFY_LDT = -4,
	GB_NR_LCHOWN = -5,
};

static inline void gb_machine_copy(void *to, const void *from, size_t n)
{
	uint64_t low, high;

	for (; n >= 16; n -= 16)
		__asm__ volatile("ldp %[low], %[high], [%[from]], #16\n\t"
		                 "stp %[low], %[high], [%[to]], #16"
		                 : [to] "+r"(to), [from] "+r"(from), [low] "=&r"(low), [high] "=&r"(high)
		                 :
		                 : "memory");
	for (; n != 0; n--)
		__asm__ volatile("ldrb %w[low], [%[from]], #1\n\t"
		                 "strb %w[low], [%[to]], #1"
		                 : [to] "+r"(to), [from] "+r"(from), [low] "=&r"(low)
		                 :
		                 : "memory");
}

static inline void gb_machine_fill(void *to, int c, size_t n)
{
	uint64_t value = 0x0101010101010101u * (unsigned char)c;

	for (; n >= 16; n -= 16)
		__asm__ volatile("stp %[value], %[value], [%[to]], #16"
		                 : [to] "+r"(to)
		                 : [value] "r"(value)
		                 : "memory");
	for (; n != 0; n--)
		__asm__ volatile("strb %w[value], [%[to]], #1" : [to] "+r"(to) : [value] "r"(value) : "memory");
}

static inline void gb_machine_call_on_stack(uintptr_t top, uintptr_t function, uintptr_t argument)
{
	register uintptr_t x0 __asm__("x0") = argument;

	__asm__ volatile("mov x19, sp\n\t"
	                 "mov sp, %[top]\n\t"
	                 "blr %[function]\n\t"
	                 "mov sp, x19"
	                 : "+r"(x0)
	                 : [function] "r"(function), [top] "r"(top)
	                 : "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13", "x14",
	                 "x15", "x16", "x17", "x18", "x19", "x30", "memory", "cc");
}

#endif
