/* SPDX-License-Identifier: Apache-2.0 */
/* sensor/x86_64/machine: see sensor/machine.h. */
#ifndef GB_SENSOR_X86_64_MACHINE_H
#define GB_SENSOR_X86_64_MACHINE_H

#include <elf.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>

#define GB_MACHINE_ADDRESS_END    0x00007ffffffff000u
#define GB_MACHINE_REACH          0x7fff0000u
#define GB_MACHINE_RELATIVE       R_X86_64_RELATIVE
#define GB_MACHINE_DATA_ALIGNMENT 8

enum {
	GB_NR_OPEN = SYS_open,
	GB_NR_CREAT = SYS_creat,
	GB_NR_SYMLINK = SYS_symlink,
	GB_NR_LCHOWN = SYS_lchown,
	GB_NR_MODIFY_LDT = SYS_modify_ldt,
};

static inline void gb_machine_copy(void *to, const void *from, size_t n)
{
	__asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(n) : : "memory");
}

static inline void gb_machine_fill(void *to, int c, size_t n)
{
	__asm__ volatile("rep stosb" : "+D"(to), "+c"(n) : "a"(c) : "memory");
}

static inline void gb_machine_call_on_stack(uintptr_t top, uintptr_t function, uintptr_t argument)
{
	__asm__ volatile("mov %%rsp, %%rbx\n\t"
	                 "mov %[top], %%rsp\n\t"
	                 "call *%[function]\n\t"
	                 "mov %%rbx, %%rsp"
	                 : [function] "+&r"(function), [top] "+&r"(top), "+D"(argument)
	                 :
	                 : "rbx", "rax", "rcx", "rdx", "rsi", "r8", "r9", "r10", "r11", "memory", "cc");
}

#endif
