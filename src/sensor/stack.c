/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sensor/stack: stacks for handlers in programs whose own may be too small for them (goroutines have as little as 2 KB).
 * A bit in the process page says that one is taken; that page is emptied at fork. When all are taken (by calls that
 * block), memory is mapped for the call. claim() and release() run on the small stack: no locals to speak of.
 */
#include "sensor/sensor.h"

#include <sys/mman.h>
#include <sys/syscall.h>

#define STACK_BYTES 16384u
#define POOL_BYTES  (GB_SENSOR_STACKS * STACK_BYTES)

static uintptr_t pool; /* address of the first stack; 0: none were needed so far */

static long map_memory(size_t bytes)
{
	return gb_call6(
	        SYS_mmap, 0, (long)bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
}

bool gb_sensor_stacks_make(void)
{
	long at = pool != 0 ? (long)pool : map_memory(POOL_BYTES);

	if (at < 0 && at > -4096)
		return false;
	pool = (uintptr_t)at;
	return true;
}

uintptr_t gb_sensor_stack_claim(void)
{
	uint64_t *used = &gb_sensor_page.is.stacks_used;
	uint64_t before = __atomic_load_n(used, __ATOMIC_RELAXED);
	long mapped;

	while (before != UINT64_MAX) {
		unsigned stack = (unsigned)__builtin_ctzll(~before);

		if (__atomic_compare_exchange_n(
		            used, &before, before | 1ull << stack, true, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
			return pool + (stack + 1) * STACK_BYTES;
	}
	do
		mapped = map_memory(STACK_BYTES);
	while (mapped < 0 && mapped > -4096);
	return (uintptr_t)mapped + STACK_BYTES;
}

void gb_sensor_stack_release(uintptr_t top)
{
	uintptr_t offset = top - STACK_BYTES - pool;

	if (offset < POOL_BYTES)
		(void)__atomic_fetch_and(
		        &gb_sensor_page.is.stacks_used, ~(1ull << (offset / STACK_BYTES)), __ATOMIC_RELEASE);
	else
		(void)gb_call3(SYS_munmap, (long)(top - STACK_BYTES), STACK_BYTES, 0);
}

uintptr_t gb_sensor_stack_in_use(void)
{
	uintptr_t offset = (uintptr_t)__builtin_frame_address(0) - pool;

	return pool != 0 && offset < POOL_BYTES ? pool + (offset / STACK_BYTES + 1) * STACK_BYTES : 0;
}
