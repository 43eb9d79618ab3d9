/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sensor/scratch: buffers for paths, so that the caller's stack can be small. The slots are in .bss, where untouched
 * pages cost nothing; a bit in the process page says that one is taken. That page is emptied at fork, so that slots of
 * threads that do not exist in the child are free there. A slot that a jump out of a signal handler left behind stays
 * taken; when all are, memory is mapped for the call.
 */
#include "sensor/sensor.h"

#include <sys/mman.h>
#include <sys/syscall.h>

static struct gb_sensor_scratch slots[GB_SENSOR_SCRATCH_SLOTS];

struct gb_sensor_scratch *gb_sensor_scratch_claim(void)
{
	uint32_t *used = &gb_sensor_page.is.scratch_used;
	uint32_t before = __atomic_load_n(used, __ATOMIC_RELAXED);
	long mapped;

	while (before != UINT32_MAX) {
		unsigned slot = (unsigned)__builtin_ctz(~before);

		if (__atomic_compare_exchange_n(
		            used, &before, before | 1u << slot, true, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
			return &slots[slot];
	}
	mapped = gb_call6(SYS_mmap, 0, sizeof(struct gb_sensor_scratch), PROT_READ | PROT_WRITE,
	        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return mapped < 0 ? NULL : (struct gb_sensor_scratch *)mapped;
}

void gb_sensor_scratch_release(struct gb_sensor_scratch *scratch)
{
	uintptr_t offset = (uintptr_t)scratch - (uintptr_t)slots;

	if (offset < sizeof(slots))
		(void)__atomic_fetch_and(
		        &gb_sensor_page.is.scratch_used, ~(1u << (offset / sizeof(slots[0]))), __ATOMIC_RELEASE);
	else
		(void)gb_call3(SYS_munmap, (long)scratch, sizeof(*scratch), 0);
}
