/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sensor/static: starting a static program with the sensor in it: the kernel is told to start the sensor, which finds
 * the program in a descriptor that stays open across the exec (loader.c).
 */
#include "sensor/exec.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The kernel would ask for the right to execute; the loader only needs to read. */
static bool is_executable(long fd)
{
	char path[40];
	struct gb_text text = gb_text_on(path, sizeof(path));

	gb_text_add(&text, GB_SPAN("/proc/self/fd/"));
	gb_text_add_u64(&text, (uint64_t)fd);
	return gb_call3(SYS_faccessat, AT_FDCWD, (long)gb_text_cstr(&text), X_OK) == 0;
}

bool gb_exec_load(struct gb_exec *exec, long fd)
{
	struct gb_text text = gb_text_on(exec->loaded_variable, sizeof(exec->loaded_variable));
	struct gb_span name;

	if (!is_executable(fd) || gb_sensor_name_of_fd(fd, exec->other, sizeof(exec->other), &name) < 0)
		return false;
	gb_text_add(&text, GB_SPAN(GB_PROGRAM_VARIABLE "="));
	gb_text_add_u64(&text, (uint64_t)fd);
	gb_text_add_byte(&text, ',');
	gb_text_add(&text, name);
	(void)gb_text_cstr(&text);
	if (text.truncated || text.n == sizeof(exec->loaded_variable) || name.n >= GB_SENSOR_PATH_MAX)
		return false;
	exec->loaded_fd = (int)fd;
	return true;
}

long gb_exec_start_loaded(struct gb_exec *exec)
{
	long result;

	(void)gb_call3(SYS_fcntl, exec->loaded_fd, F_SETFD, 0);
	exec->environment[exec->environment_count] = (long)exec->loaded_variable;
	exec->environment[exec->environment_count + 1] = 0;
	result = gb_call3(SYS_execve, (long)gb_sensor.segment->sensor_path, (long)exec->loaded_arguments,
	        (long)exec->environment);
	exec->environment[exec->environment_count] = 0;
	(void)gb_call3(SYS_close, exec->loaded_fd, 0, 0);
	return result;
}
