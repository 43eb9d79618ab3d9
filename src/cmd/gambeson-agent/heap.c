/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The static agent's malloc(): each block a mapping of its own, for the C library's takes 10 KB and the agent asks for three
 * blocks in its life (a policy, a key, an environment). What was freed is gone: to touch it is a fault.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

/* In front of each block; keeps its alignment. */
struct block {
	size_t mapped;
	size_t unused;
};

void *malloc(size_t n)
{
	struct block *block;

	if (n > PTRDIFF_MAX - sizeof(*block)) {
		errno = ENOMEM;
		return NULL;
	}
	block = mmap(NULL, n + sizeof(*block), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (block == MAP_FAILED)
		return NULL;
	block->mapped = n + sizeof(*block);
	return block + 1;
}

void *calloc(size_t count, size_t each)
{
	size_t n;

	if (__builtin_mul_overflow(count, each, &n)) {
		errno = ENOMEM;
		return NULL;
	}
	return malloc(n); /* fresh pages are zero */
}

void *realloc(void *p, size_t n)
{
	struct block *block = (struct block *)p - 1;

	if (p == NULL)
		return malloc(n);
	if (n > PTRDIFF_MAX - sizeof(*block)) {
		errno = ENOMEM;
		return NULL;
	}
	block = mremap(block, block->mapped, n + sizeof(*block), MREMAP_MAYMOVE);
	if (block == MAP_FAILED)
		return NULL;
	block->mapped = n + sizeof(*block);
	return block + 1;
}

void free(void *p)
{
	struct block *block = (struct block *)p - 1;
	const int before = errno;

	if (p != NULL)
		(void)munmap(block, block->mapped);
	errno = before;
}
