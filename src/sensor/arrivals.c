/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sensor/arrivals: code that comes into the process with system calls of its own: a packaged library, a second libc. It
 * is searched, and patched before it can run: mapped without the right to execute at first. What the base image brings
 * calls libc and is not searched, which would take a millisecond for each 8 MB.
 */
#include "sensor/sensor.h"

#include "activity/path.h"
#include "site/site.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#define FILE_BYTES_MAX (256l << 20)
#define TEXT_BYTES_MAX ((size_t)32 << 20)

bool gb_sensor_is_of_image(struct gb_span path)
{
	static const char places[][14] = {
	        "/usr/", "/lib/", "/lib64/", "/bin/", "/sbin/", "/var/lang/", "/var/runtime/"};

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (gb_span_starts(path, gb_span_cstr(places[i])))
			return gb_span_find(path, GB_SPAN("-packages/"), 0) == SIZE_MAX;
	return false;
}

/* Only a libc makes system calls in the base image. */
bool gb_sensor_is_stranger(struct gb_span path)
{
	if (gb_sensor.segment == NULL || gb_sensor_posture() == GB_MODE_OFF || path.n == 0 || path.p[0] == '[' ||
	        gb_span_equal(path, gb_span_cstr(gb_sensor.segment->sensor_path)))
		return false;
	return !gb_sensor_is_of_image(path) || gb_sensor_is_libc(path);
}

/* Told as an observation: honest libraries (OpenMP's) have such calls too, which wait and wake. */
static void report_unseen(struct gb_span path)
{
	const struct gb_activity activity = {.kind = GB_ACTIVITY_LIBRARY_MAP, .subject = path};
	const struct gb_verdict verdict = {
	        .decision = GB_OBSERVE, .control = GB_CONTROL_SELF, .reason = GB_R_SENSOR_LIMITED, .input_slot = -1};

	(void)gb_sensor_report(&activity, &verdict, 0);
}

/* What a function does nothing without. */
static bool is_grave(unsigned number)
{
	const struct gb_syscall *row = gb_syscall_row(number);

	return row != NULL && (row->family == GB_SYSCALL_OPEN || row->family == GB_SYSCALL_PATH ||
	                              row->family == GB_SYSCALL_EXEC || row->family == GB_SYSCALL_CONNECT ||
	                              row->family == GB_SYSCALL_SEND || row->family == GB_SYSCALL_TRACE);
}

/* Take those out that cannot be patched. True: one of them is grave. */
static bool drop_unpatchable(struct gb_site *sites, size_t *count)
{
	size_t kept = 0;
	bool is_any_grave = false;

	for (size_t i = 0; i < *count; i++) {
		if (sites[i].shape != GB_SITE_UNPATCHABLE)
			sites[kept++] = sites[i];
		else
			is_any_grave = is_any_grave || is_grave(sites[i].number);
	}
	*count = kept;
	return is_any_grave;
}

static int refuse_unseen(struct gb_span path)
{
	const struct gb_activity activity = {.kind = GB_ACTIVITY_LIBRARY_MAP, .subject = path};

	return gb_sensor_refuse(&activity, GB_R_SENSOR_LIMITED, -EACCES);
}

int gb_sensor_patch_stranger(struct gb_site_image *image, struct gb_span text, struct gb_span path)
{
	struct gb_sensor_scratch *scratch = gb_sensor_scratch_claim();
	struct gb_sensor_library library = {.load_address = (uintptr_t)text.p - image->text_address,
	        .text = text,
	        .has_small_stacks = image->is_go};
	struct gb_site *sites = (struct gb_site *)(void *)scratch;
	size_t unpatchable = 0;
	int found, result = 0;

	if (scratch == NULL)
		return 0;
	/* Go knows its functions by a table of its own; a libc has no data between them, but functions without a frame. */
	image->may_hold_data = !image->is_go && !gb_sensor_is_libc(path);
	image->tells_unpatchable = true;
	library.sites = sites;
	found = text.n > TEXT_BYTES_MAX ? -EFBIG
	                                : gb_site_find(image, sites, sizeof(*scratch) / sizeof(*sites), &unpatchable);
	library.site_count = found < 0 ? 0 : (size_t)found;
	if (drop_unpatchable(sites, &library.site_count))
		result = refuse_unseen(path);
	if (library.site_count != 0 && ((image->is_go && !gb_sensor_stacks_make()) || gb_sensor_patch(&library, 1) < 0))
		found = -EACCES;
	if (result == 0 && (found < 0 || unpatchable != 0))
		report_unseen(path);
	gb_sensor_scratch_release(scratch);
	return result;
}

/* N bytes of the file from OFFSET on lie at AT, the executable part of IMAGE among them or not: then they are code of
 * which nothing is known. */
static int patch_part(struct gb_site_image *image, struct gb_span file, const unsigned char *at, size_t n,
        uint64_t offset, struct gb_span path)
{
	size_t text_offset = image->text.n == 0 ? SIZE_MAX : (size_t)(image->text.p - file.p);

	if (text_offset < offset || text_offset - offset >= n || image->text.n > n - (text_offset - offset)) {
		image->text = gb_span_sub(file, offset, n);
		image->text_address = offset;
		image->frames.header = GB_SPAN_EMPTY;
		text_offset = offset;
	}
	return gb_sensor_patch_stranger(image, gb_span_of(at + (text_offset - offset), image->text.n), path);
}

int gb_sensor_patch_mapping(uintptr_t at, size_t n, long fd, uint64_t offset, struct gb_span path)
{
	struct gb_site_image image = {.text = GB_SPAN_EMPTY};
	struct stat status = {0};
	struct gb_span file;
	long mapped;
	int result;

	if (gb_call3(SYS_fstat, fd, (long)&status, 0) < 0 || !S_ISREG(status.st_mode) ||
	        offset >= (uint64_t)status.st_size)
		return 0;
	mapped = status.st_size > FILE_BYTES_MAX ? -EFBIG
	                                         : gb_call6(SYS_mmap, 0, status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (mapped < 0 && mapped > -4096) {
		report_unseen(path);
		return 0;
	}
	file = gb_span_of((const void *)mapped, (size_t)status.st_size);
	if (gb_site_image_of_file(file, &image) < 0)
		image.text = GB_SPAN_EMPTY;
	result = patch_part(&image, file, (const unsigned char *)at, n < file.n - offset ? n : file.n - (size_t)offset,
	        offset, path);
	(void)gb_call3(SYS_munmap, mapped, status.st_size, 0);
	return result;
}
