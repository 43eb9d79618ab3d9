/* SPDX-License-Identifier: Apache-2.0 */
#include "activity/path.h"
#include "sensor/sensor.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>

#define NR_OPENAT2    437
#define HOW_BYTES_MAX 4096l /* a page: the kernel takes no more */

static long argument(const struct gb_sensor_frame *frame, int index, long otherwise)
{
	return index == GB_SYSCALL_NO_ARGUMENT ? otherwise : frame->arguments[index];
}

/* Copy the path argument INDEX into RAW and let the call use the copy. Result: its length; negative: there is nothing to
 * judge, since the kernel will refuse the path itself. */
static long take_path(struct gb_sensor_frame *frame, int index, char *raw)
{
	long n = gb_sensor_copy_string(raw, GB_SENSOR_PATH_MAX, frame->arguments[index]);

	frame->arguments[index] = n < 0 ? GB_SENSOR_BAD_POINTER : (long)raw;
	return n == (long)GB_SENSOR_PATH_MAX ? -ENAMETOOLONG : n;
}

static bool is_symlink(long number)
{
	return number == GB_NR_SYMLINK || number == SYS_symlinkat;
}

/* The target of a new symbolic link is seen from the directory of the link. */
static int locate_target(struct gb_span target, struct gb_span link, char *buffer, size_t cap, struct gb_span *ret_name)
{
	struct gb_text text = gb_text_on(buffer, cap);

	gb_text_add(&text, link);
	while (text.n > 0 && text.p[text.n - 1] != '/')
		text.n--;
	gb_path_join(&text, target, NULL);
	*ret_name = gb_text_span(&text);
	return 0;
}

/* utimensat and futimesat without a path set the times of the descriptor. */
static bool is_of_descriptor(const struct gb_sensor_frame *frame, const struct gb_syscall *row)
{
	return row->kind == GB_ACTIVITY_FILE_MODE && row->directory != GB_SYSCALL_NO_ARGUMENT &&
	       frame->arguments[row->path] == 0;
}

/* 0: judged and allowed, or nothing to judge; negative: denied. */
static int judge_paths(struct gb_sensor_frame *frame, const struct gb_syscall *row, struct gb_sensor_scratch *scratch,
        struct gb_activity *activity, struct gb_verdict *pending)
{
	long directory = argument(frame, row->directory, AT_FDCWD), n = 0, second_n = 0;
	bool is_uncertain;

	if (row->path == GB_SYSCALL_NO_ARGUMENT || is_of_descriptor(frame, row)) {
		if (gb_sensor_name_of_fd(
		            directory, scratch->canonical, sizeof(scratch->canonical), &activity->subject) < 0)
			return 0;
		return gb_sensor_judge_ahead(activity, -EACCES, pending);
	}
	n = take_path(frame, row->path, scratch->raw);
	if (row->second_path != GB_SYSCALL_NO_ARGUMENT)
		second_n = take_path(frame, row->second_path, scratch->second_raw);
	if (n < 0 || second_n < 0)
		return 0;
	if (row->second_path != GB_SYSCALL_NO_ARGUMENT &&
	        gb_sensor_locate(argument(frame, row->second_directory, AT_FDCWD),
	                gb_span_of(scratch->second_raw, (size_t)second_n), scratch->second_canonical,
	                sizeof(scratch->second_canonical), &activity->object, &is_uncertain) < 0)
		return 0;
	if (is_symlink(frame->number))
		(void)locate_target(gb_span_of(scratch->raw, (size_t)n), activity->object, scratch->canonical,
		        sizeof(scratch->canonical), &activity->subject);
	else if (gb_sensor_locate(directory, gb_span_of(scratch->raw, (size_t)n), scratch->canonical,
	                 sizeof(scratch->canonical), &activity->subject, &is_uncertain) < 0)
		return 0;
	return gb_sensor_judge_ahead(activity, -EACCES, pending);
}

long gb_sensor_handle_path(struct gb_sensor_frame *frame, const struct gb_syscall *row)
{
	struct gb_activity activity = {.kind = (enum gb_activity_kind)row->kind};
	struct gb_verdict pending = {.decision = GB_ALLOW};
	struct gb_sensor_scratch *scratch;
	long result;

	if (!gb_sensor_is_judging((enum gb_activity_kind)row->kind))
		return gb_sensor_run(frame);
	scratch = gb_sensor_scratch_claim();
	if (scratch == NULL)
		return -ENOMEM;
	result = judge_paths(frame, row, scratch, &activity, &pending);
	if (result == 0 && pending.decision == GB_DENY)
		result = gb_sensor_report(&activity, &pending, -EACCES);
	if (result == 0) {
		result = gb_sensor_run(frame);
		gb_sensor_observe(&activity, &pending, result);
	}
	gb_sensor_scratch_release(scratch);
	return result;
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
};

/* Where the object behind FD really is; judged when that is another place than the name said. The second buffer is free
 * here: opens have one path. */
static int judge_object(struct opening *opening, long fd)
{
	struct gb_activity activity = opening->activity;

	if (gb_sensor_name_of_fd(fd, opening->scratch->second_canonical, sizeof(opening->scratch->second_canonical),
	            &activity.subject) < 0 ||
	        gb_span_equal(activity.subject, opening->activity.subject))
		return 0;
	return gb_sensor_judge(&activity, -EACCES);
}

/* Opening can change things before there is a descriptor to look at (O_TRUNC, devices, FIFOs): look at the object by
 * O_PATH first. That it is another one a moment later is caught after the open. */
static int judge_ahead(struct opening *opening)
{
	struct open_how how = {
	        .flags = O_PATH | O_CLOEXEC | (opening->flags & O_NOFOLLOW), .resolve = opening->how.resolve};
	const char *path = opening->scratch->raw;
	long fd = how.resolve == 0 ? gb_call4(SYS_openat, opening->directory, (long)path, (long)how.flags, 0)
	                           : gb_call4(NR_OPENAT2, opening->directory, (long)path, (long)&how, sizeof(how));
	int result;

	if (fd < 0)
		return 0;
	result = judge_object(opening, fd);
	(void)gb_call3(SYS_close, fd, 0, 0);
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
	} else if (frame->number != NR_OPENAT2) {
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
	long n = take_path(frame, row->path, opening->scratch->raw);
	long result;

	if (!read_flags(opening) || n < 0)
		return gb_sensor_run(frame);
	opening->directory = argument(frame, row->directory, AT_FDCWD);
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
	result = open_judged(&opening, row);
	gb_sensor_scratch_release(opening.scratch);
	return result;
}
