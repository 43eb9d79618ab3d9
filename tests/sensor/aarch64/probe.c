/* SPDX-License-Identifier: Apache-2.0 */
#include "registers.h"

const char *const register_names[] = {"x8", 0, "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x9", "x10", "x11", "x12",
        "x13", "x14", "x15", "x16", "x17", "x18", "x19", "x20", "x21", "x22", "x23", "x24", "x25", "x26", "x27", "x28",
        "x29", "x30", "d0", "d7", "d15", "d31"};
const unsigned register_count = sizeof(register_names) / sizeof(register_names[0]);

/* The address of the values lies on the stack; what Go keeps in the word below the stack pointer must stay, and so must
 * the flags. */
#define PROBE(name, number)                                                                                            \
	__asm__(".text\n"                                                                                              \
	        ".globl " name "\n"                                                                                    \
	        ".type " name ", %function\n" name ":\n"                                                               \
	        "	sub sp, sp, #176\n"                                                                                  \
	        "	stp x19, x20, [sp]\n	stp x21, x22, [sp, #16]\n	stp x23, x24, [sp, #32]\n"                            \
	        "	stp x25, x26, [sp, #48]\n	stp x27, x28, [sp, #64]\n	stp x29, x30, [sp, #80]\n"                       \
	        "	str d15, [sp, #96]\n	str x0, [sp, #104]\n	stur x0, [sp, #-8]\n"                                      \
	        "	mov x30, x0\n	cmp x30, x30\n	mrs x1, nzcv\n	str x1, [sp, #112]\n"                                    \
	        "	ldp x8, x0, [x30]\n	ldp x1, x2, [x30, #16]\n	ldp x3, x4, [x30, #32]\n"                               \
	        "	ldp x5, x6, [x30, #48]\n	ldp x7, x9, [x30, #64]\n	ldp x10, x11, [x30, #80]\n"                        \
	        "	ldp x12, x13, [x30, #96]\n	ldp x14, x15, [x30, #112]\n	ldp x16, x17, [x30, #128]\n"                  \
	        "	ldp x18, x19, [x30, #144]\n	ldp x20, x21, [x30, #160]\n	ldp x22, x23, [x30, #176]\n"                 \
	        "	ldp x24, x25, [x30, #192]\n	ldp x26, x27, [x30, #208]\n	ldp x28, x29, [x30, #224]\n"                 \
	        "	ldp d0, d7, [x30, #248]\n	ldp d15, d31, [x30, #264]\n	ldr x30, [x30, #240]\n" number \
	        "	svc #0\n"                                                                                            \
	        "	str x30, [sp, #120]\n	ldr x30, [sp, #104]\n"                                                         \
	        "	stp x8, x0, [x30]\n	stp x1, x2, [x30, #16]\n	stp x3, x4, [x30, #32]\n"                               \
	        "	stp x5, x6, [x30, #48]\n	stp x7, x9, [x30, #64]\n	stp x10, x11, [x30, #80]\n"                        \
	        "	stp x12, x13, [x30, #96]\n	stp x14, x15, [x30, #112]\n	stp x16, x17, [x30, #128]\n"                  \
	        "	stp x18, x19, [x30, #144]\n	stp x20, x21, [x30, #160]\n	stp x22, x23, [x30, #176]\n"                 \
	        "	stp x24, x25, [x30, #192]\n	stp x26, x27, [x30, #208]\n	stp x28, x29, [x30, #224]\n"                 \
	        "	stp d0, d7, [x30, #248]\n	stp d15, d31, [x30, #264]\n"                                               \
	        "	mrs x2, nzcv\n"                                                                                      \
	        "	ldr x1, [sp, #120]\n	str x1, [x30, #240]\n"                                                          \
	        "	ldr x1, [sp, #112]\n	cmp x1, x2\n	b.ne 1f\n"                                                         \
	        "	ldur x1, [sp, #-8]\n	cmp x1, x30\n	b.ne 1f\n"                                                        \
	        "	ldp x19, x20, [sp]\n	ldp x21, x22, [sp, #16]\n	ldp x23, x24, [sp, #32]\n"                            \
	        "	ldp x25, x26, [sp, #48]\n	ldp x27, x28, [sp, #64]\n	ldp x29, x30, [sp, #80]\n"                       \
	        "	ldr d15, [sp, #96]\n"                                                                                \
	        "	add sp, sp, #176\n"                                                                                  \
	        "	ret\n"                                                                                               \
	        "1:	udf #0\n"                                                                                          \
	        ".size " name ", . - " name "\n")

PROBE("probe_openat", "	mov x8, #56\n");
PROBE("probe_any", "	nop\n");
