/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sensor/x86_64/entry: from a detour into C and back. The detour has stepped over the red zone and called; rax holds
 * the number and the other registers the arguments, as the syscall instruction would find them. All but rax, rcx and
 * r11 come back unchanged. The stack is aligned here, because a system call may be made on any.
 */
#include "sensor/sensor.h"

/* Both save what rbp and seven registers hold; FRAME is then at rsp, the caller's frame pointer at rbp. */
#define SAVE                                                                                                           \
	"	endbr64\n"                                                                                                   \
	"	push %rbp\n"                                                                                                 \
	"	mov %rsp, %rbp\n"                                                                                            \
	"	push %r9\n"                                                                                                  \
	"	push %r8\n"                                                                                                  \
	"	push %r10\n"                                                                                                 \
	"	push %rdx\n"                                                                                                 \
	"	push %rsi\n"                                                                                                 \
	"	push %rdi\n"                                                                                                 \
	"	push %rax\n"
#define RESTORE                                                                                                        \
	"	mov -48(%rbp), %rdi\n"                                                                                       \
	"	mov -40(%rbp), %rsi\n"                                                                                       \
	"	mov -32(%rbp), %rdx\n"                                                                                       \
	"	mov -24(%rbp), %r10\n"                                                                                       \
	"	mov -16(%rbp), %r8\n"                                                                                        \
	"	mov -8(%rbp), %r9\n"                                                                                         \
	"	leave\n"                                                                                                     \
	"	ret\n"

__asm__(".text\n"
        ".balign 16\n"
        ".globl gb_sensor_entry\n"
        ".hidden gb_sensor_entry\n"
        ".type gb_sensor_entry, @function\n"
        "gb_sensor_entry:\n" SAVE "	mov %rsp, %rdi\n"
        "	and $-16, %rsp\n"
        "	call gb_sensor_handle\n" RESTORE ".size gb_sensor_entry, . - gb_sensor_entry\n"
        ".balign 16\n"
        ".globl gb_sensor_entry_small\n"
        ".hidden gb_sensor_entry_small\n"
        ".type gb_sensor_entry_small, @function\n"
        "gb_sensor_entry_small:\n" SAVE "	and $-16, %rsp\n"
        "	call gb_sensor_stack_claim\n"
        "	lea -56(%rbp), %rdi\n"
        "	mov %rax, %rsp\n"
        "	push %rax\n" /* remembered, and a second time for the alignment */
        "	push %rax\n"
        "	call gb_sensor_handle\n"
        "	pop %rdi\n"
        "	lea -64(%rbp), %rsp\n"
        "	mov %rax, (%rsp)\n"
        "	and $-16, %rsp\n"
        "	call gb_sensor_stack_release\n"
        "	mov -64(%rbp), %rax\n" RESTORE ".size gb_sensor_entry_small, . - gb_sensor_entry_small\n");

/* The kernel enters here with everything on the stack and zeros in the registers; so does the program that we enter. */
__asm__(".text\n"
        ".balign 16\n"
        ".globl gb_sensor_program\n"
        ".hidden gb_sensor_program\n"
        ".type gb_sensor_program, @function\n"
        "gb_sensor_program:\n"
        "	xor %ebp, %ebp\n"
        "	mov %rsp, %rdi\n"
        "	and $-16, %rsp\n"
        "	call gb_loader_run\n"
        "	mov %rax, %rsp\n"
        "	mov %rdx, %r11\n"
        "	xor %eax, %eax\n"
        "	xor %ecx, %ecx\n"
        "	xor %edx, %edx\n"
        "	xor %esi, %esi\n"
        "	xor %edi, %edi\n"
        "	xor %r8d, %r8d\n"
        "	xor %r9d, %r9d\n"
        "	xor %r10d, %r10d\n"
        "	jmp *%r11\n"
        ".size gb_sensor_program, . - gb_sensor_program\n");
