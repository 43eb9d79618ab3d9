/* SPDX-License-Identifier: Apache-2.0 */
/* A 32-bit program without a libc. */
static int call(int number, int a, const void *b, int c)
{
	int result;

	__asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(a), "c"(b), "d"(c) : "memory");
	return result;
}

void _start(void);

void _start(void)
{
	static char data[64];
	int fd = call(5, (int)"/tmp/vault/secret", 0, 0);

	call(4, 1, data, call(3, fd, data, sizeof(data)));
	call(1, 0, 0, 0);
}
