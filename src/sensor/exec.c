/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/exec.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>

#define ARGUMENTS_MAX (1u << 20)
#define TOTAL_MAX     (64u << 20) /* far beyond what the kernel takes (6 MB) */

static bool is_array_readable(uintptr_t at, uintptr_t *page)
{
	if ((at & ~(uintptr_t)4095) == *page && ((at + 7) & ~(uintptr_t)4095) == *page)
		return true;
	if (!gb_sensor_is_readable(at, sizeof(long)))
		return false;
	*page = (at + 7) & ~(uintptr_t)4095;
	return true;
}

/* How many arguments, and the bytes of them all. -EFAULT when an argument cannot be read, -E2BIG when the kernel would
 * never take them. */
static int measure_arguments(long argv, size_t *ret_count, size_t *ret_bytes)
{
	size_t count = 0, bytes = 0;
	uintptr_t page = 1;

	for (uintptr_t at = (uintptr_t)argv; argv != 0; at += sizeof(long), count++) {
		uintptr_t string;
		long n;

		if (!is_array_readable(at, &page))
			return -EFAULT;
		string = *(const volatile uintptr_t *)at;
		if (string == 0)
			break;
		n = gb_sensor_string_length((long)string, GB_EXEC_STRING_MAX);
		if (n < 0)
			return -EFAULT;
		bytes += (size_t)n + 1;
		if (count == ARGUMENTS_MAX || bytes > TOTAL_MAX)
			return -E2BIG;
	}
	*ret_count = count;
	*ret_bytes = bytes;
	return 0;
}

/* The arguments as they are at this moment; the kernel gets this copy. */
static int copy_arguments(struct gb_exec *exec)
{
	const volatile uintptr_t *theirs = (const volatile uintptr_t *)exec->argv;
	char *text = exec->strings.p + exec->strings.n;
	size_t used = 0, i;

	for (i = 0; i < exec->argument_count; i++) {
		uintptr_t string = theirs[i];
		size_t room = exec->argument_bytes - used;
		long n;

		if (string == 0 || room == 0)
			break;
		if (room > GB_EXEC_STRING_MAX + 1)
			room = GB_EXEC_STRING_MAX + 1;
		n = gb_sensor_copy_string(text + used, room, (long)string);
		if (n < 0 || ((size_t)n == room && room <= GB_EXEC_STRING_MAX))
			return -EFAULT;
		if ((size_t)n == room)
			text[used + (size_t)--n] = '\0'; /* too long for the kernel, and stays so */
		exec->arguments[i] = (long)(text + used);
		used += (size_t)n + 1;
	}
	exec->arguments[i] = 0;
	exec->argument_count = i;
	exec->argument_text = gb_span_of(text, used);
	exec->strings.n += used;
	return 0;
}

long *gb_exec_take_array(struct gb_exec *exec, size_t count)
{
	long *array;

	exec->strings.n = (exec->strings.n + 7u) & ~(size_t)7u;
	array = (long *)(void *)(exec->strings.p + exec->strings.n);
	exec->strings.n += count * sizeof(long);
	return array;
}

/* Let the kernel see our copies of everything. */
static int prepare(struct gb_exec *exec, bool are_arguments_good, bool is_environment_good)
{
	long *slots = &exec->frame->arguments[exec->row->path + 1];

	exec->arguments = gb_exec_take_array(exec, exec->argument_count + 1);
	exec->environment = gb_exec_take_array(exec, exec->variable_count + 4);
	if (are_arguments_good && copy_arguments(exec) < 0)
		are_arguments_good = false;
	if (is_environment_good)
		gb_exec_build_environment(exec);
	else
		exec->environment[0] = 0;
	slots[0] = are_arguments_good ? (long)exec->arguments : GB_SENSOR_BAD_POINTER;
	slots[1] = is_environment_good ? (long)exec->environment : GB_SENSOR_BAD_POINTER;
	return are_arguments_good ? 0 : -EFAULT;
}

static void set_inherited(bool is_inherited)
{
	long flags = is_inherited ? 0 : FD_CLOEXEC;

	(void)gb_call3(SYS_fcntl, gb_sensor.segment_fd, F_SETFD, flags);
	(void)gb_call3(SYS_fcntl, gb_sensor.ring_fd, F_SETFD, flags);
}

static void start_program(struct gb_exec *exec)
{
	set_inherited(true);
	gb_exec_arm(exec);
	/* With arguments as many as the kernel takes at most, say, there is no room for the sensor's. */
	if (exec->loaded_fd >= 0) {
		exec->result = gb_exec_start_loaded(exec);
		exec->result = gb_exec_refuse_unwatched(exec, (int)exec->result);
	}
	if (exec->result == 0)
		exec->result = gb_sensor_run(exec->frame);
	gb_exec_disarm(exec);
	set_inherited(false);
}

long gb_sensor_handle_exec(struct gb_sensor_frame *frame, const struct gb_syscall *row)
{
	long argv = frame->arguments[row->path + 1], envp = frame->arguments[row->path + 2], result;
	size_t argument_count = 0, argument_bytes = 0, variable_count = 0, preload_bytes = 0;
	int arguments_result = measure_arguments(argv, &argument_count, &argument_bytes);
	int environment_result = gb_exec_measure_environment(envp, &variable_count, &preload_bytes);
	struct gb_exec *exec;

	if (arguments_result == -E2BIG || environment_result == -E2BIG)
		return -E2BIG;
	/* Script interpreters and the loader's program are judged with arguments of their own: twice the text. */
	exec = gb_exec_claim(2 * argument_bytes + 2 * preload_bytes + sizeof(gb_sensor.preload) +
	                     (2 * argument_count + variable_count + 16) * sizeof(long) + 2 * GB_SENSOR_PATH_MAX);
	if (exec == NULL)
		return -ENOMEM;
	exec->frame = frame;
	exec->row = row;
	exec->argv = argv;
	exec->envp = envp;
	exec->argument_count = argument_count;
	exec->argument_bytes = argument_bytes;
	exec->variable_count = variable_count;
	exec->preload_bytes = preload_bytes;
	exec->argument_text = GB_SPAN_EMPTY;
	exec->loaded_fd = -1;
	exec->result = 0;
	exec->path_n = gb_sensor_copy_string(exec->raw, GB_SENSOR_PATH_MAX, frame->arguments[row->path]);
	frame->arguments[row->path] = exec->path_n < 0 ? GB_SENSOR_BAD_POINTER : (long)exec->raw;
	if (prepare(exec, arguments_result == 0, environment_result == 0) == 0 && exec->path_n >= 0 &&
	        exec->path_n < (long)GB_SENSOR_PATH_MAX)
		gb_exec_on_own_stack(exec, gb_exec_judge);
	if (exec->result == 0)
		start_program(exec);
	result = exec->result;
	gb_exec_release(exec);
	return result;
}
