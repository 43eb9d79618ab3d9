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
