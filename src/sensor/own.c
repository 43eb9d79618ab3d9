/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sensor/own: memory that nobody but the sensor may change: code with its jumps in it, the detours, its own image, the
 * warden's two files. Calls that would are found here; what is constant after the start is read-only for stores as well.
 */
#include "sensor/sensor.h"

#include <elf.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#define PAGE_BYTES 4096u

/* Laid by the linker around the image. */
extern const Elf64_Ehdr __ehdr_start __attribute__((visibility("hidden")));
extern const char _end[] __attribute__((visibility("hidden")));

/* Of libraries that were loaded later. Writable: whoever can store anywhere can unguard these, not the first ones. */
static struct gb_sensor_range later[GB_SENSOR_LATER_MAX];
static uint32_t next_later;

void gb_sensor_own_add(enum gb_sensor_owned kind, uintptr_t from, size_t n)
{
	struct gb_sensor_range range = {.kind = kind,
	        .from = from & ~(uintptr_t)(PAGE_BYTES - 1),
	        .to = (from + n + PAGE_BYTES - 1) & ~(uintptr_t)(PAGE_BYTES - 1)};

	/* So many libraries with calls of their own that the rest would find no place. */
	if (gb_sensor.is_sealed ||
	        (!gb_sensor.is_sealing && gb_sensor.own_count == GB_SENSOR_OWN_MAX - GB_SENSOR_OWN_LAST))
		later[__atomic_fetch_add(&next_later, 1, __ATOMIC_RELAXED) % GB_SENSOR_LATER_MAX] = range;
	else if (gb_sensor.own_count < GB_SENSOR_OWN_MAX)
		gb_sensor.own[gb_sensor.own_count++] = range;
}

static bool overlaps(const struct gb_sensor_range *range, uintptr_t from, uintptr_t last)
{
	return from < range->to && last >= range->from;
}

enum gb_sensor_owned gb_sensor_own_find(uintptr_t from, size_t n)
{
	uintptr_t last = from + ((n - 1) | (PAGE_BYTES - 1));

	if (n == 0)
		return GB_SENSOR_OWNED_NOT;
	if (last < from)
		last = UINTPTR_MAX;
	for (unsigned i = 0; i < gb_sensor.own_count; i++)
		if (overlaps(&gb_sensor.own[i], from, last))
			return gb_sensor.own[i].kind;
	for (unsigned i = 0; i < GB_SENSOR_LATER_MAX && i < __atomic_load_n(&next_later, __ATOMIC_RELAXED); i++)
		if (overlaps(&later[i], from, last))
			return later[i].kind == GB_SENSOR_OWNED_CODE ? GB_SENSOR_OWNED_LATER : later[i].kind;
	return GB_SENSOR_OWNED_NOT;
}

void gb_sensor_own_forget(uintptr_t from, size_t n)
{
	for (unsigned i = 0; n != 0 && i < GB_SENSOR_LATER_MAX; i++)
		if (later[i].kind == GB_SENSOR_OWNED_CODE && overlaps(&later[i], from, from + n - 1))
			later[i] = (struct gb_sensor_range){0};
}

/* Where the part of the image begins that can be written. */
static uintptr_t writable_part(void)
{
	uintptr_t base = (uintptr_t)&__ehdr_start;
	const Elf64_Phdr *part = (const Elf64_Phdr *)(base + __ehdr_start.e_phoff);

	while (part->p_type != PT_LOAD || (part->p_flags & PF_W) == 0)
		part++;
	return (base + part->p_vaddr) & ~(uintptr_t)(PAGE_BYTES - 1);
}

void gb_sensor_own_seal(void)
{
	uintptr_t from = writable_part(), to = (uintptr_t)&gb_sensor_page;

	if (gb_sensor.segment == NULL)
		return;
	gb_sensor.is_sealing = true;
	gb_sensor_own_add(GB_SENSOR_OWNED_DATA, (uintptr_t)&__ehdr_start, (size_t)(_end - (const char *)&__ehdr_start));
	gb_sensor_own_add(GB_SENSOR_OWNED_DATA, (uintptr_t)gb_sensor.segment, GB_SEGMENT_READ_BYTES);
	if (gb_sensor.ring != NULL)
		gb_sensor_own_add(GB_SENSOR_OWNED_DATA, (uintptr_t)gb_sensor.ring, sizeof(*gb_sensor.ring));
	gb_sensor.is_sealed = true;
	/* All that is in front of .bss, which begins with the process page: what was relocated, and gb_sensor. */
	(void)gb_call3(SYS_mprotect, (long)from, (long)(to - from), PROT_READ);
	if (gb_sensor.program_n != 0)
		(void)gb_call3(SYS_mprotect, (long)gb_sensor_own_program, sizeof(gb_sensor_own_program), PROT_READ);
}
