/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sensor/guard: calls that could hurt the product itself: its descriptors, and the warden's process.
 */
#include "sensor/sensor.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#define NR_PIDFD_SEND_SIGNAL 424
#define NR_CLOSE_RANGE       436
#define NR_PIDFD_GETFD       438

#define FIRST_SET_OWNER 0x8901u /* FIOSETOWN; SIOCSPGRP is the next */

static struct gb_activity activity_of_pid(enum gb_activity_kind kind, long pid, char *buffer, size_t cap)
{
	struct gb_text text = gb_text_on(buffer, cap);

	gb_text_add_i64(&text, (int32_t)pid);
	return (struct gb_activity){.kind = kind, .subject = gb_text_span(&text)};
}

static bool is_reserved(long fd)
{
	return (int32_t)fd == gb_sensor.segment_fd || (int32_t)fd == gb_sensor.ring_fd;
}

/* Close [first, last] but for the reserved descriptors, which cut it in up to three. */
static long close_range_around(struct gb_sensor_frame *frame)
{
	uint32_t first = (uint32_t)frame->arguments[0], last = (uint32_t)frame->arguments[1];
	uint32_t holes[2] = {(uint32_t)gb_sensor.segment_fd, (uint32_t)gb_sensor.ring_fd};
	long result = 0;

	if (first > last || holes[0] > INT32_MAX || holes[1] > INT32_MAX)
		return gb_sensor_run(frame);
	if (holes[0] > holes[1]) {
		uint32_t swapped = holes[0];

		holes[0] = holes[1];
		holes[1] = swapped;
	}
	for (int i = 0; i < 2 && result >= 0; i++) {
		if (holes[i] < first || holes[i] > last)
			continue;
		if (holes[i] > first)
			result = gb_call3(NR_CLOSE_RANGE, first, holes[i] - 1, frame->arguments[2]);
		if (holes[i] == last)
			return result;
		first = holes[i] + 1;
	}
	return result < 0 ? result : gb_call3(NR_CLOSE_RANGE, first, last, frame->arguments[2]);
}

long gb_sensor_handle_descriptor(struct gb_sensor_frame *frame)
{
	switch (frame->number) {
	case SYS_close: return is_reserved(frame->arguments[0]) ? 0 : gb_sensor_run(frame);
	case NR_CLOSE_RANGE: return close_range_around(frame);
	default: /* dup2, dup3: nothing may take the place of a reserved descriptor */
		if (is_reserved(frame->arguments[1]) && frame->arguments[0] != frame->arguments[1])
			return -EBADF;
		if (frame->arguments[0] != frame->arguments[1])
			gb_sensor_name_socket_set(frame->arguments[1], gb_sensor_name_socket_is(frame->arguments[0]));
		return gb_sensor_run(frame);
	}
}

/* Whether the call would do something to process arguments[0], or only ask. */
static bool is_harmless(const struct gb_sensor_frame *frame)
{
	switch (frame->number) {
	case SYS_kill:
	case SYS_tkill:
	case NR_PIDFD_SEND_SIGNAL:
	case SYS_rt_sigqueueinfo: return frame->arguments[1] == 0;
	case SYS_tgkill:
	case SYS_rt_tgsigqueueinfo: return frame->arguments[2] == 0;
	case SYS_prlimit64: return frame->arguments[2] == 0;
	default: return false;
	}
}

/* The process behind a pidfd, by whatever way it was had (pidfd_open, or of the other end of a socket): its line in
 * /proc/self/fdinfo. 0: none. */
static uint32_t pid_of_pidfd(long fd)
{
	char data[256];
	struct gb_text path = gb_text_on(data, sizeof(data));
	struct gb_span rest;
	uint64_t pid = 0;
	size_t at;
	long info, n;

	gb_text_add(&path, GB_SPAN("/proc/self/fdinfo/"));
	gb_text_add_u64(&path, (uint32_t)fd);
	info = gb_call4(SYS_openat, AT_FDCWD, (long)gb_text_cstr(&path), O_RDONLY | O_CLOEXEC, 0);
	if (info < 0)
		return 0;
	n = gb_call3(SYS_read, info, (long)data, sizeof(data));
	(void)gb_call3(SYS_close, info, 0, 0);
	rest = gb_span_of(data, n < 0 ? 0 : (size_t)n);
	at = gb_span_find(rest, GB_SPAN("\nPid:\t"), 0);
	if (at == SIZE_MAX)
		return 0;
	rest = gb_span_sub(rest, at + 6, rest.n);
	rest = gb_span_sub(rest, 0, gb_span_find_byte(rest, '\n', 0));
	return gb_span_to_u64(rest, &pid) && pid <= INT32_MAX ? (uint32_t)pid : 0;
}

/* The process that a descriptor stands for, if it is good for pidfd_send_signal(2): a directory of /proc is, too. 0: none. */
static uint32_t pid_of_descriptor(long fd)
{
	char buffer[64];
	struct gb_span name;
	uint64_t pid;

	if (gb_sensor_name_of_fd(fd, buffer, sizeof(buffer), &name) < 0)
		return pid_of_pidfd(fd);
	if (!gb_span_starts(name, GB_SPAN("/proc/")) || !gb_span_to_u64(gb_span_sub(name, 6, name.n), &pid) ||
	        pid > INT32_MAX)
		return 0;
	return (uint32_t)pid;
}

static bool is_warden_s_group(uint32_t warden, int32_t pid)
{
	int32_t group = (int32_t)gb_call3(SYS_getpgid, (long)warden, 0, 0);

	return group == (pid == 0 ? (int32_t)gb_call3(SYS_getpgid, 0, 0, 0) : -pid);
}

/* Who is to get the signals of a descriptor: a process, or, negative, a group; 0: nobody, or the call is about something
 * else. What the argument points to goes to COPY, and the kernel gets that. */
static int32_t owner_to_be(struct gb_sensor_frame *frame, struct f_owner_ex *copy)
{
	uint32_t command = (uint32_t)frame->arguments[1];
	bool is_fcntl = frame->number == SYS_fcntl;
	size_t n = is_fcntl ? sizeof(*copy) : sizeof(copy->type);

	if (is_fcntl && command == F_SETOWN)
		return (int32_t)frame->arguments[2];
	if (is_fcntl ? command != F_SETOWN_EX : command - FIRST_SET_OWNER > 1)
		return 0;
	if (gb_sensor_copy(copy, frame->arguments[2], n) < 0) {
		frame->arguments[2] = GB_SENSOR_BAD_POINTER;
		return 0;
	}
	frame->arguments[2] = (long)copy;
	if (!is_fcntl)
		return (int32_t)copy->type;
	return copy->type == F_OWNER_PGRP ? -copy->pid : copy->pid;
}

/* Groups and users are named as in setpriority(2): 0 is one's own. */
static bool is_warden_among(enum __priority_which which, int32_t who, uint32_t warden)
{
	switch (which) {
	case PRIO_PROCESS: return (uint32_t)who == warden;
	case PRIO_PGRP: return is_warden_s_group(warden, -who);
	case PRIO_USER: break;
	}
	return true; /* it is the same user */
}

static bool names_warden(struct gb_sensor_frame *frame, uint32_t warden, struct f_owner_ex *copy)
{
	int32_t pid = (int32_t)frame->arguments[0], second = (int32_t)frame->arguments[1];

	switch (frame->number) {
	case SYS_kill: return (uint32_t)pid == warden || pid == -1 || (pid <= 0 && is_warden_s_group(warden, pid));
	case SYS_fcntl:
	case SYS_ioctl:
		pid = owner_to_be(frame, copy);
		return pid != 0 && ((uint32_t)pid == warden || (pid < 0 && is_warden_s_group(warden, pid)));
	case SYS_setpriority: return is_warden_among((enum __priority_which)pid, second, warden);
	case SYS_ioprio_set: return is_warden_among((enum __priority_which)(pid - 1), second, warden);
	case NR_PIDFD_SEND_SIGNAL: return pid_of_descriptor(frame->arguments[0]) == warden;
	case NR_PIDFD_GETFD: return false;
	default: return (uint32_t)pid == warden;
	}
}

/* Another process's memory or descriptors. */
static int judge_reach(const struct gb_sensor_frame *frame)
{
	struct gb_activity activity;
	char name[16];

	if (frame->number != SYS_process_vm_readv && frame->number != SYS_process_vm_writev &&
	        frame->number != NR_PIDFD_GETFD)
		return 0;
	if (frame->number != NR_PIDFD_GETFD && (int32_t)frame->arguments[0] == (int32_t)gb_call3(SYS_getpid, 0, 0, 0))
		return 0;
	activity = activity_of_pid(GB_ACTIVITY_PROCESS_TRACE, frame->arguments[0], name, sizeof(name));
	if (frame->number == NR_PIDFD_GETFD)
		activity.subject = GB_SPAN("pidfd");
	return gb_sensor_judge(&activity, -EPERM);
}

long gb_sensor_handle_process(struct gb_sensor_frame *frame)
{
	const struct gb_segment *segment = gb_sensor.segment;
	struct gb_activity activity;
	struct f_owner_ex owner;
	char name[16];
	int result = 0;

	if (segment == NULL || is_harmless(frame))
		return gb_sensor_run(frame);
	if (segment->warden_pid != 0 && names_warden(frame, segment->warden_pid, &owner)) {
		activity = activity_of_pid(GB_ACTIVITY_PROCESS_TRACE, (int32_t)segment->warden_pid, name, sizeof(name));
		result = gb_sensor_refuse(&activity, GB_R_TAMPER, -EPERM);
	}
	if (result == 0)
		result = judge_reach(frame);
	return result < 0 ? result : gb_sensor_run(frame);
}

long gb_sensor_handle_trace(struct gb_sensor_frame *frame)
{
	char name[16];
	struct gb_activity activity;
	int result;

	if (!gb_sensor_is_judging(GB_ACTIVITY_PROCESS_TRACE))
		return gb_sensor_run(frame);
	activity = activity_of_pid(GB_ACTIVITY_PROCESS_TRACE, frame->arguments[1], name, sizeof(name));
	if (gb_sensor.segment->warden_pid != 0 && (uint32_t)frame->arguments[1] == gb_sensor.segment->warden_pid)
		result = gb_sensor_refuse(&activity, GB_R_TAMPER, -EPERM);
	else
		result = gb_sensor_judge(&activity, -EPERM);
	return result < 0 ? result : gb_sensor_run(frame);
}
