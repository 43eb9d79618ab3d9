/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sensor/aarch64/entry: from a detour into C and back. The detour has put x16 and x30 on the stack and called; x8 holds
 * the number and the other registers the arguments, as the svc instruction would find them. All but x0 come back
 * unchanged, the flags too; the vector registers are not touched, since nothing here is compiled to use them.
 */
#include "sensor/sensor.h"

/* What C code does not save by itself. Of x8 the kernel looks at 32 bits. The frame for C is at sp. */
#define SAVE                                                                                                           \
	"	bti c\n"                                                                                                     \
	"	sub sp, sp, #192\n"                                                                                          \
	"	stp x8, x0, [sp]\n"                                                                                          \
	"	stp x1, x2, [sp, #16]\n"                                                                                     \
	"	stp x3, x4, [sp, #32]\n"                                                                                     \
	"	stp x5, x6, [sp, #48]\n"                                                                                     \
	"	stp x7, x9, [sp, #64]\n"                                                                                     \
	"	stp x10, x11, [sp, #80]\n"                                                                                   \
	"	stp x12, x13, [sp, #96]\n"                                                                                   \
	"	stp x14, x15, [sp, #112]\n"                                                                                  \
	"	stp x17, x18, [sp, #128]\n"                                                                                  \
	"	stp x29, x30, [sp, #144]\n"                                                                                  \
	"	mrs x9, nzcv\n"                                                                                              \
	"	stp x9, x19, [sp, #160]\n"                                                                                   \
	"	add x29, sp, #144\n"
#define RESTORE                                                                                                        \
	"	ldp x9, x19, [sp, #160]\n"                                                                                   \
	"	msr nzcv, x9\n"                                                                                              \
	"	ldr x8, [sp]\n"                                                                                              \
	"	ldp x1, x2, [sp, #16]\n"                                                                                     \
	"	ldp x3, x4, [sp, #32]\n"                                                                                     \
	"	ldp x5, x6, [sp, #48]\n"                                                                                     \
	"	ldp x7, x9, [sp, #64]\n"                                                                                     \
	"	ldp x10, x11, [sp, #80]\n"                                                                                   \
	"	ldp x12, x13, [sp, #96]\n"                                                                                   \
	"	ldp x14, x15, [sp, #112]\n"                                                                                  \
	"	ldp x17, x18, [sp, #128]\n"                                                                                  \
	"	ldp x29, x30, [sp, #144]\n"                                                                                  \
	"	add sp, sp, #192\n"                                                                                          \
	"	ret\n"

__asm__(".text\n"
        ".balign 16\n"
        ".globl gb_sensor_entry\n"
        ".hidden gb_sensor_entry\n"
        ".type gb_sensor_entry, %function\n"
        "gb_sensor_entry:\n" SAVE "	mov x0, sp\n"
        "	bl gb_sensor_handle\n" RESTORE ".size gb_sensor_entry, . - gb_sensor_entry\n"
        ".balign 16\n"
        ".globl gb_sensor_entry_small\n"
        ".hidden gb_sensor_entry_small\n"
        ".type gb_sensor_entry_small, %function\n"
        "gb_sensor_entry_small:\n" SAVE "	str x20, [sp, #176]\n"
        "	mov x19, sp\n"
        "	bl gb_sensor_stack_claim\n"
        "	mov x20, x0\n"
        "	mov x0, x19\n"
        "	mov sp, x20\n"
        "	bl gb_sensor_handle\n"
        "	mov sp, x19\n"
        "	str x0, [sp, #184]\n"
        "	mov x0, x20\n"
        "	bl gb_sensor_stack_release\n"
        "	ldp x20, x0, [sp, #176]\n" RESTORE ".size gb_sensor_entry_small, . - gb_sensor_entry_small\n");

/* The kernel enters here with everything on the stack and zeros in the registers; so does the program that we enter. */
__asm__(".text\n"
        ".balign 16\n"
        ".globl gb_sensor_program\n"
        ".hidden gb_sensor_program\n"
        ".type gb_sensor_program, %function\n"
        "gb_sensor_program:\n"
        "	bti c\n"
        "	mov x29, #0\n"
        "	mov x30, #0\n"
        "	mov x0, sp\n"
        "	bl gb_loader_run\n"
        "	mov sp, x0\n"
        "	mov x16, x1\n"
        "	mov x0, #0\n	mov x1, #0\n	mov x2, #0\n	mov x3, #0\n	mov x4, #0\n	mov x5, #0\n"
        "	mov x6, #0\n	mov x7, #0\n	mov x8, #0\n	mov x9, #0\n	mov x10, #0\n	mov x11, #0\n"
        "	mov x12, #0\n	mov x13, #0\n	mov x14, #0\n	mov x15, #0\n	mov x17, #0\n	mov x18, #0\n"
        "	mov x30, #0\n"
        "	br x16\n"
        ".size gb_sensor_program, . - gb_sensor_program\n");
