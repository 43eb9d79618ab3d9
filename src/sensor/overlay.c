/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sensor/overlay: patched code that the warden made, mapped over a library's own. Two mappings and a page of pointers for
 * the detours, then one mapping for each run of pages that have sites; nothing is copied, so that processes share it.
 * Private mappings: whoever may change code can change these, in his own process.
 */
#include "sensor/sensor.h"

#include "site/detour.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#define PAGE_BYTES 4096u

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

static bool is_error(long at)
{
	return at < 0 && at > -4096;
}

/* Made from this very text? The build id has said so; libraries can be edited. */
static bool fits(const struct gb_sensor_library *library, const struct gb_overlay *overlay)
{
	return overlay != NULL && overlay->run_count != 0 && overlay->run_count <= GB_OVERLAY_RUNS_MAX &&
	       overlay->text_bytes == library->text.n &&
	       (uintptr_t)library->text.p == library->load_address + overlay->text_address &&
	       library->load_address > GB_OVERLAY_DISTANCE;
}

static long map_code(uintptr_t at, size_t bytes, size_t code_at)
{
	return gb_call6(SYS_mmap, (long)at, (long)bytes, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_FIXED,
	        gb_sensor.segment_fd, (long)(offsetof(struct gb_segment, code) + code_at));
}

/* The page of pointers and the detours behind it, at the distance that the jumps count on. */
static int map_detours(uintptr_t place, const struct gb_overlay *overlay)
{
	size_t bytes = PAGE_BYTES + overlay->detours_bytes;
	long at = gb_call6(SYS_mmap, (long)place, (long)bytes, PROT_READ | PROT_WRITE,
	        MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

	/* Kernels before 4.17 take the place as a hint. */
	if (is_error(at))
		return -ENOENT;
	if ((uintptr_t)at == place &&
	        !is_error(map_code(place + PAGE_BYTES, overlay->detours_bytes, overlay->detours_at))) {
		gb_sensor_put_pointers((unsigned char *)at);
		if (gb_call3(SYS_mprotect, at, PAGE_BYTES, PROT_READ) == 0)
			return 0;
	}
	(void)gb_call3(SYS_munmap, at, (long)bytes, 0);
	return -ENOENT;
}

int gb_sensor_lay_over(const struct gb_sensor_library *library)
{
	const struct gb_overlay *overlay = library->overlay;
	uintptr_t place = library->load_address - GB_OVERLAY_DISTANCE;
	struct gb_sensor_range pages;

	if (!fits(library, overlay) || gb_sensor_patched_pages(library, &pages) < 0 || map_detours(place, overlay) < 0)
		return -ENOENT;
	for (unsigned i = 0; i < overlay->run_count; i++) {
		const struct gb_overlay_run *run = &overlay->runs[i];

		if (!is_error(map_code(library->load_address + run->address, run->bytes, run->code_at)))
			continue;
		if (i != 0)
			return -EACCES;
		(void)gb_call3(SYS_munmap, (long)place, (long)(PAGE_BYTES + overlay->detours_bytes), 0);
		return -ENOENT;
	}
	gb_sensor_own_add(GB_SENSOR_OWNED_DATA, place, PAGE_BYTES + overlay->detours_bytes);
	gb_sensor_own_add(pages.kind, pages.from, pages.to - pages.from);
	return 0;
}
