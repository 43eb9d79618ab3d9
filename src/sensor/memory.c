/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sensor/memory: reading memory that the program points to. A page is tried by a system call that reads 8 bytes of it
 * and then fails: rt_sigprocmask with an impossible `how` copies the set first. It changes nothing and is allowed in
 * every sandbox. A program that unmaps the page between the trial and the read from another thread crashes itself.
 */
#include "sensor/sensor.h"

#include <errno.h>
#include <sys/syscall.h>

#define PAGE_BYTES     4096u
#define IMPOSSIBLE_HOW 0x7fff

/* The compiler may call these four; nothing else is linked. */
void *memcpy(void *restrict destination, const void *restrict source, size_t n);
void *memmove(void *destination, const void *source, size_t n);
void *memset(void *destination, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);

/* The start of a machine's own copy costs more than copying the few bytes that most calls are about. */
void *memcpy(void *restrict destination, const void *restrict source, size_t n)
{
	unsigned char *to = destination;
	const unsigned char *from = source;
	uint64_t first, last;

	if (n > 64) {
		gb_machine_copy(to, from, n);
		return destination;
	}
	if (n < 8) {
		for (size_t i = 0; i < n; i++) {
			to[i] = from[i];
			__asm__ volatile("" : : : "memory");
		}
		return destination;
	}
	__builtin_memcpy(&last, from + n - 8, 8);
	for (size_t i = 0; i + 8 <= n; i += 8) {
		__builtin_memcpy(&first, from + i, 8);
		__builtin_memcpy(to + i, &first, 8);
	}
	__builtin_memcpy(to + n - 8, &last, 8);
	return destination;
}

void *memmove(void *destination, const void *source, size_t n)
{
	unsigned char *to = destination;
	const unsigned char *from = source;

	if ((uintptr_t)to - (uintptr_t)from >= n)
		return memcpy(destination, source, n);
	while (n-- > 0) {
		to[n] = from[n];
		__asm__ volatile("" : : : "memory");
	}
	return destination;
}

void *memset(void *destination, int c, size_t n)
{
	gb_machine_fill(destination, c, n);
	return destination;
}

int memcmp(const void *a, const void *b, size_t n)
{
	const unsigned char *p = a, *q = b;

	for (size_t i = 0; i < n; i++)
		if (p[i] != q[i])
			return p[i] < q[i] ? -1 : 1;
	return 0;
}

static bool is_page_readable(uintptr_t address)
{
	if (address >= GB_MACHINE_ADDRESS_END)
		return false;
	address &= ~(uintptr_t)7;
	if (address == 0)
		address = 8; /* a NULL set would mean none */
	return gb_call4(SYS_rt_sigprocmask, IMPOSSIBLE_HOW, (long)address, 0, 8) != -EFAULT;
}

bool gb_sensor_is_readable(uintptr_t address, size_t n)
{
	uintptr_t end;

	if (n == 0)
		return true;
	if (__builtin_add_overflow(address, n - 1, &end) || end >= GB_MACHINE_ADDRESS_END)
		return false;
	for (uintptr_t page = address; page <= end; page = (page | (PAGE_BYTES - 1)) + 1)
		if (!is_page_readable(page))
			return false;
	return true;
}

/* The high bits of bytes that are 0: the lowest is one for certain. */
static uint64_t zero_bytes(uint64_t word)
{
	return (word - 0x0101010101010101u) & ~word & 0x8080808080808080u;
}

long gb_sensor_copy_string(char *destination, size_t cap, long source)
{
	uintptr_t at = (uintptr_t)source;
	size_t n = 0;

	while (n < cap) {
		size_t end = PAGE_BYTES - (at & (PAGE_BYTES - 1));

		if (!is_page_readable(at))
			return -EFAULT;
		end = end < cap - n ? n + end : cap;
		while (n + 8 <= end) {
			uint64_t word, zeros;

			__builtin_memcpy(&word, (const void *)at, 8);
			__asm__("" : "+r"(word)); /* read once: another thread may be writing */
			zeros = zero_bytes(word);
			__builtin_memcpy(destination + n, &word, 8);
			if (zeros != 0)
				return (long)(n + (size_t)__builtin_ctzll(zeros) / 8);
			n += 8;
			at += 8;
		}
		for (; n < end; n++, at++) {
			destination[n] = *(const volatile char *)at;
			if (destination[n] == '\0')
				return (long)n;
		}
	}
	return (long)cap;
}

long gb_sensor_copy(void *destination, long source, size_t n)
{
	if (!gb_sensor_is_readable((uintptr_t)source, n))
		return -EFAULT;
	if (n != 0)
		__builtin_memcpy(destination, (const void *)source, n);
	return 0;
}

long gb_sensor_string_length(long source, size_t limit)
{
	uintptr_t at = (uintptr_t)source;
	size_t n = 0;

	while (n < limit) {
		size_t end = n + PAGE_BYTES - (at & (PAGE_BYTES - 1));

		if (!is_page_readable(at))
			return -EFAULT;
		for (; n < end && n < limit; n++, at++)
			if (*(const volatile char *)at == '\0')
				return (long)n;
	}
	return (long)limit;
}
