/* SPDX-License-Identifier: Apache-2.0 */
/* A library whose constructor reads the secret with a `syscall` instruction of its own. */
#include "canary.h"

__attribute__((constructor)) static void read_secret(void)
{
	long fd;

	__asm__ volatile("syscall"
	                 : "=a"(fd)
	                 : "a"(SYS_open), "D"(SECRET), "S"(O_RDONLY), "d"(0)
	                 : "rcx", "r11", "memory");
	show((int)fd);
}

/* Found by its first bytes by who maps this file himself: open(path) from the first argument. */
__asm__(".text\n"
        ".balign 16\n"
        "	.byte 0x48, 0x87, 0xc0, 0x48, 0x87, 0xdb\n"
        "	xor %esi, %esi\n"
        "	xor %edx, %edx\n"
        "	mov $2, %eax\n"
        "	syscall\n"
        "	ret\n");
