/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sensor/patch: a detour for each site, in one mapping near the libraries, and a jump to it at the site. Runs once, from
 * the constructor, before the program has threads.
 */
#include "sensor/sensor.h"

#include "site/detour.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#define PAGE_BYTES     4096u
#define SITE_BYTES_MAX 34u /* 32 of straight code and the call */
#define PLACES_TRIED   120u
#define PLACES_APART   ((uintptr_t)16 << 20)

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

static bool is_near(uintptr_t a, uintptr_t b)
{
	return (a > b ? a - b : b - a) < GB_MACHINE_REACH;
}

static bool is_near_all(uintptr_t at, const struct gb_sensor_library *libraries, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!is_near(at, (uintptr_t)libraries[i].text.p) ||
		        !is_near(at, (uintptr_t)libraries[i].text.p + libraries[i].text.n))
			return false;
	return true;
}

static long map_memory(uintptr_t place, size_t bytes)
{
	return gb_call6(SYS_mmap, (long)place, (long)bytes, PROT_READ | PROT_WRITE,
	        MAP_PRIVATE | MAP_ANONYMOUS | (place != 0 ? MAP_FIXED_NOREPLACE : 0), -1, 0);
}

/* Memory within reach of every library: wherever the kernel puts it, or below the first library, or above it. */
static long map_detours(const struct gb_sensor_library *libraries, size_t count, size_t bytes)
{
	uintptr_t first = (uintptr_t)libraries[0].text.p & ~(uintptr_t)(PAGE_BYTES - 1), place = 0;

	for (unsigned tries = 0; tries < PLACES_TRIED; tries++) {
		uintptr_t distance = (uintptr_t)(tries / 2 + 1) * PLACES_APART;
		bool is_above = (tries & 1u) != 0 || first < distance + PLACES_APART;
		long at = map_memory(place, bytes);

		/* A kernel that does not know MAP_FIXED_NOREPLACE (before 4.17) takes the place as a hint. */
		if (at > 0 && is_near_all((uintptr_t)at, libraries, count))
			return at;
		if (at > 0)
			(void)gb_call3(SYS_munmap, at, (long)bytes, 0);
		place = is_above ? first + distance : first - distance;
	}
	return -ENOMEM;
}

/* The pages of LIBRARY that its sites are in. -ENOEXEC when they are not all of its text. */
static int patched_pages(const struct gb_sensor_library *library, struct gb_sensor_range *ret_pages)
{
	uintptr_t text = (uintptr_t)library->text.p & ~(uintptr_t)(PAGE_BYTES - 1);
	uintptr_t end = ((uintptr_t)library->text.p + library->text.n + PAGE_BYTES - 1) & ~(uintptr_t)(PAGE_BYTES - 1);
	uintptr_t low = UINTPTR_MAX, high = 0;

	for (size_t i = 0; i < library->site_count; i++) {
		uintptr_t at = library->load_address + library->sites[i].offset;

		low = at < low ? at : low;
		high = at > high ? at : high;
	}
	low &= ~(uintptr_t)(PAGE_BYTES - 1);
	high = (high + SITE_BYTES_MAX + PAGE_BYTES - 1) & ~(uintptr_t)(PAGE_BYTES - 1);
	*ret_pages = (struct gb_sensor_range){GB_SENSOR_OWNED_CODE, low, high < end ? high : end};
	return low < text ? -ENOEXEC : 0;
}

static int patch_library(const struct gb_sensor_library *library, struct gb_detours *w)
{
	struct gb_sensor_range pages;
	uintptr_t low, high;
	int r = patched_pages(library, &pages);

	if (r < 0)
		return r;
	low = pages.from;
	high = pages.to;
	if (gb_call3(SYS_mprotect, (long)low, (long)(high - low), PROT_READ | PROT_WRITE | PROT_EXEC) < 0)
		return -EACCES;
	for (size_t i = 0; i < library->site_count; i++) {
		uintptr_t at = library->load_address + library->sites[i].offset;
		struct gb_detour_place place = {.original = (const unsigned char *)at,
		        .patched = (unsigned char *)at,
		        .at = at,
		        .has_small_stacks = library->has_small_stacks};

		if (at - (uintptr_t)library->text.p + gb_detour_site_bytes(&library->sites[i]) > library->text.n)
			continue;
		if (!gb_detour_put(w, &library->sites[i], &place))
			break; /* cannot be: the mapping was sized for all */
	}
	(void)gb_call3(SYS_mprotect, (long)low, (long)(high - low), PROT_READ | PROT_EXEC);
	gb_sensor_own_add(GB_SENSOR_OWNED_CODE, low, high - low);
	return 0;
}

void gb_sensor_put_pointers(unsigned char *to)
{
	uint32_t segment_fd = (uint32_t)gb_sensor.segment_fd, ring_fd = (uint32_t)gb_sensor.ring_fd;
	struct gb_detour_pointers pointers;

	_Static_assert(GB_SENSOR_DESCRIPTORS == 1024, "as the detours compare");
	pointers.reserved = segment_fd < ring_fd ? segment_fd : ring_fd;
	if (pointers.reserved > GB_SENSOR_DESCRIPTORS)
		pointers.reserved = GB_SENSOR_DESCRIPTORS;
	pointers.entry = (uintptr_t)gb_sensor_entry;
	pointers.entry_small = (uintptr_t)gb_sensor_entry_small;
	pointers.name_sockets = (uintptr_t)gb_sensor_name_sockets;
	gb_detour_put_pointers(to, &pointers);
}

int gb_sensor_patch(const struct gb_sensor_library *libraries, size_t count)
{
	size_t bytes = GB_DETOUR_POINTER_BYTES + GB_DETOUR_TABLE_BYTES + GB_DETOUR_BYTES_MAX;
	struct gb_detours w;
	long at;
	int result = 0;

	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < libraries[i].site_count; k++)
			bytes += gb_detour_bytes(&libraries[i].sites[k]);
	bytes = (bytes + PAGE_BYTES - 1) & ~(size_t)(PAGE_BYTES - 1);
	at = map_detours(libraries, count, bytes);
	if (at <= 0)
		return at == 0 ? -ENOMEM : (int)at;
	gb_sensor_own_add(GB_SENSOR_OWNED_DATA, (uintptr_t)at, bytes);
	w = (struct gb_detours){.p = (unsigned char *)at,
	        .end = (unsigned char *)at + bytes,
	        .at = (uintptr_t)at,
	        .pointers = (uintptr_t)at,
	        .table = (uintptr_t)at + GB_DETOUR_POINTER_BYTES};
	gb_sensor_put_pointers(w.p);
	gb_detour_put_table(w.p + GB_DETOUR_POINTER_BYTES);
	w.p += GB_DETOUR_POINTER_BYTES + GB_DETOUR_TABLE_BYTES;
	w.at = (uintptr_t)w.p;
	/* The detours become executable before the first jump to them: the patching itself makes system calls only by the
	 * sensor's own instructions, but a signal handler may run in between. */
	if (gb_call3(SYS_mprotect, at, (long)bytes, PROT_READ | PROT_WRITE | PROT_EXEC) < 0)
		return -EACCES;
	for (size_t i = 0; i < count; i++) {
		int patched = patch_library(&libraries[i], &w);

		if (patched < 0)
			result = patched;
	}
	if (gb_call3(SYS_mprotect, at, (long)bytes, PROT_READ | PROT_EXEC) < 0)
		return -EACCES;
	return result;
}
