/* SPDX-License-Identifier: Apache-2.0 */
/* A library with a system call that no jump can take the place of: open(path). */
__asm__(".text\n"
        ".globl unpatchable\n"
        ".type unpatchable, @function\n"
        "unpatchable:\n"
        "	.cfi_startproc\n"
        "	mov %rsi, %rdi\n"
        "	mov $2, %eax\n"
        "	lea 0(%rip), %rcx\n"
        "	mov %edx, %esi\n"
        "	syscall\n"
        "	ret\n"
        "	.cfi_endproc\n"
        ".section .note.GNU-stack,\"\",@progbits\n");
