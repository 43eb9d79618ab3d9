/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sensor/entry: from a stub into C and back. The stub has stepped over the red zone and called; rax holds the number and
 * the other registers the arguments, as the syscall instruction would find them. All but rax, rcx and r11 come back
 * unchanged. The stack is aligned here, because a system call may be made on any.
 */
#include "sensor/sensor.h"

__asm__(".text\n"
        ".balign 16\n"
        ".globl gb_sensor_entry\n"
        ".hidden gb_sensor_entry\n"
        ".type gb_sensor_entry, @function\n"
        "gb_sensor_entry:\n"
        "	endbr64\n"
        "	push %rbp\n"
        "	mov %rsp, %rbp\n"
        "	push %r9\n"
        "	push %r8\n"
        "	push %r10\n"
        "	push %rdx\n"
        "	push %rsi\n"
        "	push %rdi\n"
        "	push %rax\n"
        "	mov %rsp, %rdi\n"
        "	and $-16, %rsp\n"
        "	call gb_sensor_handle\n"
        "	mov -48(%rbp), %rdi\n"
        "	mov -40(%rbp), %rsi\n"
        "	mov -32(%rbp), %rdx\n"
        "	mov -24(%rbp), %r10\n"
        "	mov -16(%rbp), %r8\n"
        "	mov -8(%rbp), %r9\n"
        "	leave\n"
        "	ret\n"
        ".size gb_sensor_entry, . - gb_sensor_entry\n");
