/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sensor/files: calls that take a name, or two, and open nothing.
 */
#include "activity/path.h"
#include "sensor/sensor.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>

#define NR_FCHMODAT2 452

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

/* A call on one or two paths while it is being judged. */
struct naming {
	struct gb_sensor_frame *frame;
	const struct gb_syscall *row;
	struct gb_sensor_scratch *scratch;
	struct gb_activity activity;
	struct gb_verdict pending;
	bool is_uncertain[2];
	/* Of names that may lead elsewhere: where they do. */
	struct gb_sensor_scratch *further;
	struct gb_sensor_place places[2];
};

static int judge_named(struct naming *naming, long n, long second_n)
{
	const struct gb_sensor_frame *frame = naming->frame;
	const struct gb_syscall *row = naming->row;
	struct gb_sensor_scratch *scratch = naming->scratch;
	struct gb_activity *activity = &naming->activity;

	if (row->second_path != GB_SYSCALL_NO_ARGUMENT &&
	        gb_sensor_locate(gb_sensor_argument(frame, row->second_directory, AT_FDCWD),
	                gb_span_of(scratch->second_raw, (size_t)second_n), scratch->second_canonical,
	                sizeof(scratch->second_canonical), &activity->object, &naming->is_uncertain[1]) < 0)
		return 0;
	if (is_symlink(frame->number))
		(void)locate_target(gb_span_of(scratch->raw, (size_t)n), activity->object, scratch->canonical,
		        sizeof(scratch->canonical), &activity->subject);
	else if (gb_sensor_locate(gb_sensor_argument(frame, row->directory, AT_FDCWD),
	                 gb_span_of(scratch->raw, (size_t)n), scratch->canonical, sizeof(scratch->canonical),
	                 &activity->subject, &naming->is_uncertain[0]) < 0)
		return 0;
	return gb_sensor_judge_ahead(activity, -EACCES, &naming->pending);
}

/* Whether the call is about what a link leads to that is the last part of its (first) path. */
static bool follows_last(const struct gb_sensor_frame *frame, const struct gb_syscall *row)
{
	switch (frame->number) {
	case SYS_truncate: return true;
	case SYS_linkat: return (frame->arguments[4] & AT_SYMLINK_FOLLOW) != 0;
	case SYS_fchownat: return (frame->arguments[4] & AT_SYMLINK_NOFOLLOW) == 0;
	case SYS_utimensat:
	case NR_FCHMODAT2: return (frame->arguments[3] & AT_SYMLINK_NOFOLLOW) == 0;
	default: return row->kind == GB_ACTIVITY_FILE_MODE && frame->number != GB_NR_LCHOWN;
	}
}

/* Hold the place of path argument INDEX, N bytes at RAW, which the call is to be made by. */
static int hold(struct naming *naming, unsigned which, int index, long directory, const char *raw, long n)
{
	struct gb_sensor_scratch *further = naming->further;
	char *path = which == 0 ? further->raw : further->second_raw;
	int result;

	if (!naming->is_uncertain[which] || n == 0)
		return 0;
	__builtin_memcpy(path, raw, (size_t)n + 1);
	result = gb_sensor_place_hold(directory, path, (size_t)n, 0,
	        which == 0 && follows_last(naming->frame, naming->row),
	        which == 0 ? further->canonical : further->second_canonical, sizeof(further->canonical),
	        &naming->places[which]);
	naming->frame->arguments[index] = (long)path;
	return result;
}

/* By the names of the places, when those are others than were said. */
static int judge_places(struct naming *naming, long n, long second_n)
{
	const struct gb_syscall *row = naming->row;
	struct gb_sensor_scratch *scratch = naming->scratch;
	struct gb_activity real = naming->activity;
	int result = 0;

	if (!is_symlink(naming->frame->number))
		result = hold(naming, 0, row->path, gb_sensor_argument(naming->frame, row->directory, AT_FDCWD),
		        scratch->raw, n);
	if (result == 0 && row->second_path != GB_SYSCALL_NO_ARGUMENT)
		result = hold(naming, 1, row->second_path,
		        gb_sensor_argument(naming->frame, row->second_directory, AT_FDCWD), scratch->second_raw,
		        second_n);
	if (result < 0)
		return result;
	if (naming->places[0].name.n != 0)
		real.subject = naming->places[0].name;
	if (naming->places[1].name.n != 0)
		real.object = naming->places[1].name;
	if (is_symlink(naming->frame->number))
		(void)locate_target(gb_span_of(scratch->raw, (size_t)n), real.object, naming->further->canonical,
		        sizeof(naming->further->canonical), &real.subject);
	if (gb_span_equal(real.subject, naming->activity.subject) &&
	        gb_span_equal(real.object, naming->activity.object))
		return 0;
	/* A file that had no name yet gets one: there is nothing to say of the one that it has not. */
	if (real.kind == GB_ACTIVITY_FILE_LINK && gb_span_ends(real.subject, GB_SPAN(" (deleted)")))
		real.subject = naming->activity.subject;
	return gb_sensor_judge(&real, -EACCES);
}

/* 0: judged and allowed, or nothing to judge; negative: denied, or the kernel's own answer. */
static int judge_paths(struct naming *naming)
{
	struct gb_sensor_frame *frame = naming->frame;
	const struct gb_syscall *row = naming->row;
	struct gb_sensor_scratch *scratch = naming->scratch;
	long n, second_n = 0;
	int result;

	if (row->path == GB_SYSCALL_NO_ARGUMENT || is_of_descriptor(frame, row)) {
		if (gb_sensor_name_of_fd(gb_sensor_argument(frame, row->directory, AT_FDCWD), scratch->canonical,
		            sizeof(scratch->canonical), &naming->activity.subject) < 0)
			return 0;
		return gb_sensor_judge_ahead(&naming->activity, -EACCES, &naming->pending);
	}
	n = gb_sensor_path_take(frame, row->path, scratch->raw);
	if (row->second_path != GB_SYSCALL_NO_ARGUMENT)
		second_n = gb_sensor_path_take(frame, row->second_path, scratch->second_raw);
	if (n < 0 || second_n < 0)
		return 0;
	result = judge_named(naming, n, second_n);
	if (result < 0 || naming->pending.decision == GB_DENY || (!naming->is_uncertain[0] && !naming->is_uncertain[1]))
		return result;
	naming->further = gb_sensor_scratch_claim();
	return naming->further == NULL ? -ENOMEM : judge_places(naming, n, second_n);
}

long gb_sensor_handle_path(struct gb_sensor_frame *frame, const struct gb_syscall *row)
{
	struct naming naming = {.frame = frame,
	        .row = row,
	        .activity = {.kind = (enum gb_activity_kind)row->kind},
	        .pending = {.decision = GB_ALLOW},
	        .places = {{.fd = -1}, {.fd = -1}}};
	long result;

	if (!gb_sensor_is_judging((enum gb_activity_kind)row->kind))
		return gb_sensor_run(frame);
	naming.scratch = gb_sensor_scratch_claim();
	if (naming.scratch == NULL)
		return -ENOMEM;
	result = judge_paths(&naming);
	if (result == 0 && naming.pending.decision == GB_DENY)
		result = gb_sensor_report(&naming.activity, &naming.pending, -EACCES);
	if (result == 0) {
		result = gb_sensor_run(frame);
		gb_sensor_observe(&naming.activity, &naming.pending, result);
	}
	gb_sensor_place_release(&naming.places[0]);
	gb_sensor_place_release(&naming.places[1]);
	if (naming.further != NULL)
		gb_sensor_scratch_release(naming.further);
	gb_sensor_scratch_release(naming.scratch);
	return result;
}
