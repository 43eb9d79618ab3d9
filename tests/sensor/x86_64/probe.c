/* SPDX-License-Identifier: Apache-2.0 */
#include "registers.h"

const char *const register_names[] = {
        0, "rdi", "rsi", "rdx", "r10", "r8", "r9", "rbx", "rbp", "r12", "r13", "r14", "r15"};
const unsigned register_count = sizeof(register_names) / sizeof(register_names[0]);

/* rcx and r11 are the call's; rax is its result. The red zone below the stack pointer holds the address of the values,
 * and a second copy of it at its far end must still be there afterwards. */
#define PROBE(name, number)                                                                                            \
	__asm__(".text\n"                                                                                              \
	        ".globl " name "\n"                                                                                    \
	        ".type " name ", @function\n" name ":\n"                                                               \
	        "	push %rbx\n	push %rbp\n	push %r12\n	push %r13\n	push %r14\n	push %r15\n"                             \
	        "	mov %rdi, -8(%rsp)\n	mov %rdi, -128(%rsp)\n	mov %rdi, %r11\n"                                        \
	        "	mov 8(%r11), %rdi\n	mov 16(%r11), %rsi\n	mov 24(%r11), %rdx\n	mov 32(%r11), %r10\n"                  \
	        "	mov 40(%r11), %r8\n	mov 48(%r11), %r9\n	mov 56(%r11), %rbx\n	mov 64(%r11), %rbp\n"                   \
	        "	mov 72(%r11), %r12\n	mov 80(%r11), %r13\n	mov 88(%r11), %r14\n	mov 96(%r11), %r15\n"                 \
	        "	mov (%r11), %rax\n" number "	syscall\n"                                                        \
	        "	mov -8(%rsp), %rcx\n"                                                                                \
	        "	cmp %rcx, -128(%rsp)\n	jne 1f\n"                                                                     \
	        "	mov %rdi, 8(%rcx)\n	mov %rsi, 16(%rcx)\n	mov %rdx, 24(%rcx)\n	mov %r10, 32(%rcx)\n"                  \
	        "	mov %r8, 40(%rcx)\n	mov %r9, 48(%rcx)\n	mov %rbx, 56(%rcx)\n	mov %rbp, 64(%rcx)\n"                   \
	        "	mov %r12, 72(%rcx)\n	mov %r13, 80(%rcx)\n	mov %r14, 88(%rcx)\n	mov %r15, 96(%rcx)\n"                 \
	        "	pop %r15\n	pop %r14\n	pop %r13\n	pop %r12\n	pop %rbp\n	pop %rbx\n"                                   \
	        "	ret\n"                                                                                               \
	        "1:	ud2\n"                                                                                             \
	        ".size " name ", . - " name "\n")

PROBE("probe_openat", "	mov $257, %eax\n");
PROBE("probe_any", "	nop\n");
