/* SPDX-License-Identifier: Apache-2.0 */
/* constants: prints what its tables hold. They read as code that makes system calls; the linker puts them beside the code. */
#include <stdint.h>
#include <stdio.h>

#define TIMES_4(...) __VA_ARGS__, __VA_ARGS__, __VA_ARGS__, __VA_ARGS__

/* mov %rdi,%rax; mov %rsi,%rdi; mov %rdx,%rsi; syscall; cmp $-4095,%rax; mov %rax,%rcx; mov %rcx,%rdx */
#define CALL                                                                                                           \
	0x48, 0x89, 0xf8, 0x48, 0x89, 0xf7, 0x48, 0x89, 0xd6, 0x0f, 0x05, 0x48, 0x3d, 0x01, 0xf0, 0xff, 0xff, 0x48,    \
	        0x89, 0xc1, 0x48, 0x89, 0xca
/* zeros as in long immediates, and the half of a jump */
#define JUMP 0, 0, 0, 0, 0, 0, 0, 0, 0x48, 0x85, 0xc0, 0x0f, 0x84, 0x0f, 0x05, 0, 0, 0x48, 0x89, 0x44, 0x24, 0x20

static const unsigned char calls[] = {TIMES_4(CALL), TIMES_4(CALL)}, jumps[] = {TIMES_4(JUMP), TIMES_4(JUMP)};

static uint32_t hash(const unsigned char *p, size_t n)
{
	uint32_t sum = 2166136261u;

	__asm__("" : "+r"(p)); /* not computed by the compiler */
	while (n-- > 0)
		sum = (sum ^ *p++) * 16777619u;
	return sum;
}

int main(void)
{
	printf("%08x %08x\n", (unsigned)hash(calls, sizeof(calls)), (unsigned)hash(jumps, sizeof(jumps)));
	return 0;
}
