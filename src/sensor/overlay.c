/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sensor/overlay: patched code that the warden made, mapped over a library's own. One mapping for the detours, whose first
 * page gets this process's pointers, then one for each run of pages that have sites; nothing else is copied, so that
 * processes share it. Each mapping costs about 3 us. Private ones: whoever may change code can change these, in his own
 * process.
 */
#include "sensor/sensor.h"

#include "site/detour.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/syscall.h>

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
	return overlay->run_count <= GB_OVERLAY_RUNS_MAX && overlay->text_bytes == library->text.n &&
	       (uintptr_t)library->text.p == library->load_address + overlay->text_address &&
	       library->load_address > GB_OVERLAY_DISTANCE;
}

static long map_code(uintptr_t at, size_t bytes, int protection, int flags, size_t code_at)
{
	return gb_call6(SYS_mmap, (long)at, (long)bytes, protection, MAP_PRIVATE | flags, gb_sensor.segment_fd,
	        (long)(offsetof(struct gb_segment, code) + code_at));
}

/* At the distance that the jumps count on. Writable until the pointers are in. */
static int map_detours(uintptr_t place, const struct gb_overlay *overlay)
{
	long at = map_code(
	        place, overlay->detours_bytes, PROT_READ | PROT_WRITE, MAP_FIXED_NOREPLACE, overlay->detours_at);

	if (is_error(at))
		return -ENOENT;
	/* Kernels before 4.17 take the place as a hint. */
	if ((uintptr_t)at == place) {
		gb_sensor_put_pointers((unsigned char *)at);
		if (gb_call3(SYS_mprotect, at, overlay->detours_bytes, PROT_READ | PROT_EXEC) == 0)
			return 0;
	}
	(void)gb_call3(SYS_munmap, at, overlay->detours_bytes, 0);
	return -ENOENT;
}

int gb_sensor_lay_over(const struct gb_sensor_library *library, const struct gb_overlay *overlay)
{
	uintptr_t place = library->load_address - GB_OVERLAY_DISTANCE, from, end;
	const struct gb_overlay_run *run, *last;

	if (!fits(library, overlay) || map_detours(place, overlay) < 0)
		return -ENOENT;
	last = &overlay->runs[overlay->run_count - 1];
	for (run = overlay->runs; run <= last; run++) {
		if (!is_error(map_code(library->load_address + run->address, run->bytes, PROT_READ | PROT_EXEC,
		            MAP_FIXED, run->code_at)))
			continue;
		if (run != overlay->runs)
			return -EACCES;
		(void)gb_call3(SYS_munmap, (long)place, overlay->detours_bytes, 0);
		return -ENOENT;
	}
	from = library->load_address + overlay->runs[0].address;
	end = library->load_address + last->address + last->bytes;
	gb_sensor_own_add(GB_SENSOR_OWNED_DATA, place, overlay->detours_bytes);
	gb_sensor_own_add(GB_SENSOR_OWNED_CODE, from, end - from);
	return 0;
}
