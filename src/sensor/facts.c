/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sensor/facts: what is found out about a program before it is judged: the script that an interpreter is given, the
 * bytes of the file when the policy asks for them, how many the invocation has started.
 */
#include "sensor/exec.h"

#include "activity/script.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#define CONTENT_BYTES_MAX (32u << 20)

void gb_sensor_count(enum gb_usage kind)
{
	const struct gb_sensor_force force = gb_sensor_in_force();
	const struct gb_policy *policy = gb_sensor_policy(&force);

	if (policy != NULL && gb_sensor.ring != NULL && policy->header->guards.budgets[kind] != 0)
		(void)__atomic_add_fetch(&gb_sensor.ring->usage[kind], 1, __ATOMIC_RELAXED);
}

/* Memory of its own: a mapping of the file could be cut off under our eyes. */
void gb_sensor_content_take(struct gb_activity *activity, long fd)
{
	const struct gb_sensor_force force = gb_sensor_in_force();
	struct stat status = {0};
	size_t n = 0;
	long at;

	activity->policy = force.generation;
	if (fd < 0 || !gb_policy_wants_content(gb_sensor_policy(&force), force.posture, activity->subject) ||
	        gb_call3(SYS_fstat, fd, (long)&status, 0) < 0 || !S_ISREG(status.st_mode) || status.st_size <= 0 ||
	        status.st_size > CONTENT_BYTES_MAX)
		return;
	at = gb_call6(SYS_mmap, 0, status.st_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (at < 0 && at > -4096)
		return;
	while (n < (size_t)status.st_size) {
		long some = gb_call4(SYS_pread64, fd, at + (long)n, status.st_size - (long)n, (long)n);

		if (some <= 0)
			break;
		n += (size_t)some;
	}
	if (n == (size_t)status.st_size)
		activity->content = gb_span_of((const void *)at, n);
	else
		(void)gb_call3(SYS_munmap, at, status.st_size, 0);
}

void gb_sensor_content_release(struct gb_span content)
{
	if (content.n != 0)
		(void)gb_call3(SYS_munmap, (long)content.p, (long)content.n, 0);
}

/* What standard input is; a file by its name. */
static struct gb_span name_of_input(struct gb_sensor_scratch *scratch)
{
	struct stat status = {0};
	struct gb_span name;

	if (gb_call3(SYS_fstat, 0, (long)&status, 0) < 0)
		return GB_SPAN_EMPTY;
	if (S_ISREG(status.st_mode) &&
	        gb_sensor_name_of_fd(0, scratch->canonical, sizeof(scratch->canonical), &name) == 0)
		return name;
	if (S_ISFIFO(status.st_mode))
		return GB_SPAN("stdin:pipe");
	return S_ISSOCK(status.st_mode) ? GB_SPAN("stdin:socket") : GB_SPAN_EMPTY;
}

static struct gb_span script_of(const struct gb_activity *activity, struct gb_sensor_scratch *scratch)
{
	struct gb_span file = GB_SPAN_EMPTY, name;
	enum gb_script_place place = gb_script_of(activity->subject, activity->arguments, &file);
	bool is_uncertain;

	if (place == GB_SCRIPT_INPUT)
		return name_of_input(scratch);
	if (place == GB_SCRIPT_NONE || gb_sensor_locate(AT_FDCWD, file, scratch->canonical, sizeof(scratch->canonical),
	                                       &name, &is_uncertain) < 0)
		return GB_SPAN_EMPTY;
	return name;
}

int gb_exec_judge_start(struct gb_span path, struct gb_span arguments, long fd)
{
	struct gb_activity activity = {.kind = GB_ACTIVITY_PROCESS_START, .subject = path, .arguments = arguments};
	struct gb_sensor_scratch *scratch = gb_sensor_scratch_claim();
	int result;

	if (scratch == NULL)
		return -ENOMEM;
	activity.object = script_of(&activity, scratch);
	gb_sensor_content_take(&activity, fd);
	result = gb_sensor_judge(&activity, -EACCES);
	gb_sensor_content_release(activity.content);
	gb_sensor_scratch_release(scratch);
	return result;
}

int gb_sensor_judge_library(struct gb_span path)
{
	struct gb_activity activity = {.kind = GB_ACTIVITY_LIBRARY_MAP};
	struct gb_sensor_scratch *scratch = gb_sensor_scratch_claim();
	bool is_uncertain;
	long fd;
	int result = 0;

	if (scratch == NULL)
		return -ENOMEM;
	/* The sensor's own file may lie anywhere on a developer's machine. */
	if (gb_sensor_locate(AT_FDCWD, path, scratch->canonical, sizeof(scratch->canonical), &activity.subject,
	            &is_uncertain) == 0 &&
	        !gb_span_equal(activity.subject, gb_span_cstr(gb_sensor.segment->sensor_path)) &&
	        gb_sensor_is_shifting_place(activity.subject) && path.n < sizeof(scratch->raw)) {
		__builtin_memcpy(scratch->raw, path.p, path.n);
		scratch->raw[path.n] = '\0';
		fd = gb_call4(SYS_openat, AT_FDCWD, (long)scratch->raw, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0);
		if (fd >= 0) {
			gb_sensor_content_take(&activity, fd);
			result = gb_sensor_judge(&activity, -EACCES);
			gb_sensor_content_release(activity.content);
			(void)gb_call3(SYS_close, fd, 0, 0);
		}
	}
	gb_sensor_scratch_release(scratch);
	return result;
}

/* Paths in a list of libraries, separated by blanks or colons. */
static int judge_list(struct gb_span list)
{
	int result = 0;

	while (list.n != 0 && result == 0) {
		size_t n = 0;

		while (n < list.n && list.p[n] != ':' && list.p[n] != ' ')
			n++;
		if (gb_span_find_byte(gb_span_sub(list, 0, n), '/', 0) != SIZE_MAX)
			result = gb_sensor_judge_library(gb_span_sub(list, 0, n));
		list = gb_span_sub(list, n + 1, list.n);
	}
	return result;
}

/* An auditor of the linker runs before everything else, in a libc of its own. */
int gb_exec_refuse_auditor(struct gb_span name)
{
	const struct gb_activity activity = {.kind = GB_ACTIVITY_LIBRARY_MAP, .subject = name};

	return name.n == 0 ? 0 : gb_sensor_refuse(&activity, GB_R_TAMPER, -EACCES);
}

/* What the linker would write for the child, before the sensor is there. */
static int refuse_written(struct gb_span name)
{
	const struct gb_activity activity = {.kind = GB_ACTIVITY_FILE_WRITE, .subject = name};

	return name.n == 0 ? 0 : gb_sensor_refuse(&activity, GB_R_UNWATCHED_CALLS, -EACCES);
}

/* The linker maps what these name, and runs its code, or writes to it, before the sensor is there. */
int gb_exec_judge_environment(struct gb_exec *exec)
{
	enum { AUDIT = 1, FIRST_WRITTEN = 2, COUNT = 4 };
	static const char names[COUNT][20] = {"LD_PRELOAD=", "LD_AUDIT=", "LD_DEBUG_OUTPUT=", "LD_PROFILE_OUTPUT="};
	int result = 0;

	for (size_t i = 0; exec->environment[i] != 0 && result == 0; i++) {
		long at = exec->environment[i], n;

		/* Found readable a moment ago, when the list was made. */
		if (at == GB_SENSOR_BAD_POINTER || *(const volatile char *)at != 'L')
			continue;
		n = gb_sensor_copy_string(exec->other, sizeof(exec->other), at);
		if (n < 0 || n == (long)sizeof(exec->other))
			continue;
		for (size_t k = 0; k < COUNT && result == 0; k++) {
			struct gb_span entry = gb_span_of(exec->other, (size_t)n), name = gb_span_cstr(names[k]), list;

			if (!gb_span_starts(entry, name))
				continue;
			list = gb_span_sub(entry, name.n, entry.n);
			result = k < FIRST_WRITTEN ? judge_list(list) : refuse_written(list);
			if (result == 0 && k == AUDIT)
				result = gb_exec_refuse_auditor(list);
		}
	}
	return result;
}
