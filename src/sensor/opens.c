/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sensor/opens: files opened.
 */
#include "sensor/sensor.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>

#define HOW_BYTES_MAX 4096l /* a page: the kernel takes no more */

long gb_sensor_path_take(struct gb_sensor_frame *frame, int index, char *raw)
{
	long n = gb_sensor_copy_string(raw, GB_SENSOR_PATH_MAX, frame->arguments[index]);

	frame->arguments[index] = n < 0 ? GB_SENSOR_BAD_POINTER : (long)raw;
	return n == (long)GB_SENSOR_PATH_MAX ? -ENAMETOOLONG : n;
}

/* One open while it is being judged. */
struct opening {
	struct gb_sensor_frame *frame;
	struct gb_sensor_scratch *scratch;
	struct gb_activity activity;
	struct gb_verdict pending;
	long directory;
	uint64_t flags;
	bool is_uncertain;
	struct open_how how; /* our copy for openat2 */
	size_t path_n;
	int path_at;   /* argument */
	char held[32]; /* name of a descriptor */
	bool has_name; /* what was looked at last: not so where there is no /proc, and pipes */
	struct gb_sensor_creation creation;
};

/* Where the object behind FD really is; judged when that is another place than the name said. The second buffer is free
 * here: opens have one path. */
static int judge_object(struct opening *opening, long fd)
{
	struct gb_activity activity = opening->activity;

	opening->has_name = gb_sensor_name_of_fd(fd, opening->scratch->second_canonical,
	                            sizeof(opening->scratch->second_canonical), &activity.subject) == 0;
	if (!opening->has_name || gb_span_equal(activity.subject, opening->activity.subject))
		return 0;
	return gb_sensor_judge(&activity, -EACCES);
}

/* Opening can change things before there is a descriptor to look at (O_TRUNC, devices, FIFOs): look at the object by
 * O_PATH first. That it is another one a moment later is caught after the open. */
__attribute__((noinline, cold)) static int judge_ahead(struct opening *opening)
{
	const char *path = opening->scratch->raw;
	const uint64_t resolve = opening->how.resolve;
	long fd = gb_sensor_open_as(
	        opening->directory, path, O_PATH | O_CLOEXEC | (opening->flags & O_NOFOLLOW), resolve);
	int result;

	if (fd == -ENOENT && (opening->flags & O_CREAT) != 0 && opening->path_n != 0)
		return gb_sensor_create_ahead(opening->frame, &opening->activity, opening->directory,
		        gb_span_of(path, opening->path_n), opening->flags, resolve, &opening->creation);
	if (fd < 0)
		return (int)fd; /* as the open would say; a moment later there may be something else */
	result = judge_object(opening, fd);
	/* What is emptied is what was looked at. */
	if (result == 0 && opening->has_name && (opening->flags & (O_TRUNC | O_NOFOLLOW | O_EXCL)) == O_TRUNC &&
	        resolve == 0) {
		struct gb_text text = gb_text_on(opening->held, sizeof(opening->held));

		gb_text_add(&text, GB_SPAN("/proc/self/fd/"));
		gb_text_add_u64(&text, (uint64_t)fd);
		opening->frame->arguments[opening->path_at] = (long)gb_text_cstr(&text);
		opening->creation.place.fd = fd;
	} else {
		(void)gb_call3(SYS_close, fd, 0, 0);
	}
	return result;
}

/* Flags of the open; false when the kernel will refuse the arguments itself. */
static bool read_flags(struct opening *opening)
{
	struct gb_sensor_frame *frame = opening->frame;
	long *how = &frame->arguments[2];

	if (frame->number == GB_NR_CREAT) {
		opening->flags = O_WRONLY | O_CREAT | O_TRUNC;
	} else if (frame->number == GB_NR_OPEN) {
		opening->flags = (uint64_t)frame->arguments[1];
	} else if (frame->number != GB_NR_OPENAT2) {
		opening->flags = (uint64_t)frame->arguments[2];
	} else {
		/* A newer kernel's longer structure is the kernel's to judge; ours is known to be the first part of it. Opens have
		 * one path: the room of the second holds it. */
		_Static_assert(HOW_BYTES_MAX <= sizeof(opening->scratch->second_raw), "the longest fits");
		if (frame->arguments[3] < (long)sizeof(opening->how) || frame->arguments[3] > HOW_BYTES_MAX)
			return false;
		if (gb_sensor_copy(opening->scratch->second_raw, *how, (size_t)frame->arguments[3]) < 0) {
			*how = GB_SENSOR_BAD_POINTER;
			return false;
		}
		*how = (long)opening->scratch->second_raw;
		__builtin_memcpy(&opening->how, opening->scratch->second_raw, sizeof(opening->how));
		opening->flags = opening->how.flags;
	}
	return true;
}

/* Asked before a read is refused: EACCES where there is nothing would make programs fail that look in many places. */
static bool is_absent(const struct opening *opening)
{
	long result = gb_call3(SYS_faccessat, opening->directory, (long)opening->scratch->raw, 0);

	return result == -ENOENT || result == -ENOTDIR;
}

/* Under RESOLVE_IN_ROOT the directory is the root: of names, and of links and dots on the way. */
static struct gb_span name_to_locate(const struct opening *opening, size_t n)
{
	const char *path = opening->scratch->raw;

	while ((opening->how.resolve & RESOLVE_IN_ROOT) != 0 && n > 0 && path[0] == '/') {
		path++;
		n--;
	}
	return gb_span_of(path, n);
}

static long open_judged(struct opening *opening, const struct gb_syscall *row)
{
	struct gb_sensor_frame *frame = opening->frame;
	long n = gb_sensor_path_take(frame, row->path, opening->scratch->raw);
	long result;

	if (!read_flags(opening) || n < 0)
		return gb_sensor_run(frame);
	opening->path_n = (size_t)n;
	opening->path_at = row->path;
	opening->directory = gb_sensor_argument(frame, row->directory, AT_FDCWD);
	opening->activity.kind = gb_syscall_open_kind(opening->flags);
	if (gb_sensor_locate(opening->directory, name_to_locate(opening, (size_t)n), opening->scratch->canonical,
	            sizeof(opening->scratch->canonical), &opening->activity.subject, &opening->is_uncertain) < 0)
		return gb_sensor_run(frame);
	opening->is_uncertain |= (opening->how.resolve & RESOLVE_IN_ROOT) != 0;
	if (gb_sensor_is_own_name(opening->activity.subject)) {
		opening->activity.subject = gb_span_of(gb_sensor_own_program, gb_sensor.program_n);
		__builtin_memcpy(opening->scratch->raw, gb_sensor_own_program, gb_sensor.program_n + 1);
	}
	result = gb_sensor_judge_ahead(&opening->activity, -EACCES, &opening->pending);
	if (result == 0 && opening->pending.decision == GB_DENY)
		return is_absent(opening) ? -ENOENT : gb_sensor_report(&opening->activity, &opening->pending, -EACCES);
	if (result < 0)
		return result;
	if (opening->is_uncertain && opening->activity.kind == GB_ACTIVITY_FILE_WRITE) {
		result = judge_ahead(opening);
		if (result < 0)
			return result;
	}
	result = gb_sensor_run(frame);
	gb_sensor_observe(&opening->activity, &opening->pending, result);
	if (opening->is_uncertain && result >= 0 && judge_object(opening, result) < 0) {
		(void)gb_call3(SYS_close, result, 0, 0);
		return -EACCES;
	}
	return result;
}

/* The call was made while a place was held, which took the lowest descriptor: what was opened gets that number, as it would
 * have without. Where it took the last one, nobody is refused for it unless the function is. */
__attribute__((noinline, cold)) static long give_back(struct opening *opening, long result)
{
	long *held = &opening->creation.place.fd;

	if (result == -EMFILE && opening->frame->number == SYS_openat && gb_sensor_posture() != GB_MODE_BLOCK) {
		(void)gb_call3(SYS_close, *held, 0, 0);
		*held = -1;
		return gb_call4(SYS_openat, opening->directory, (long)opening->scratch->raw, (long)opening->flags,
		        opening->frame->arguments[3]);
	}
	if (result > *held && gb_call3(SYS_dup3, result, *held, (long)(opening->flags & O_CLOEXEC)) == *held) {
		(void)gb_call3(SYS_close, result, 0, 0);
		result = *held;
		*held = -1;
	}
	return result;
}

long gb_sensor_handle_open(struct gb_sensor_frame *frame, const struct gb_syscall *row)
{
	struct opening opening;
	long result;

	if (!gb_sensor_is_judging(GB_ACTIVITY_FILE_READ))
		return gb_sensor_run(frame);
	opening.frame = frame;
	opening.activity = (struct gb_activity){0};
	opening.how = (struct open_how){0};
	opening.scratch = gb_sensor_scratch_claim();
	if (opening.scratch == NULL)
		return -ENOMEM;
	opening.creation = (struct gb_sensor_creation){.place = {.fd = -1}};
	result = open_judged(&opening, row);
	if (opening.creation.place.fd >= 0)
		result = give_back(&opening, result);
	gb_sensor_creation_release(&opening.creation);
	gb_sensor_scratch_release(opening.scratch);
	return result;
}
