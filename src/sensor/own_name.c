/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sensor/own_name: in a static program that the sensor has loaded, /proc/self/exe is the sensor. The program reads,
 * opens and starts itself under that name (Go's os.Executable, busybox), so these calls are given its own file.
 */
#include "sensor/sensor.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>

#define SET_BYTES 8u

bool gb_sensor_is_own_name(struct gb_span name)
{
	return gb_sensor.program_n != 0 && gb_span_equal(name, GB_SPAN("/proc/self/exe"));
}

/* The kernel writes a set there to try the page; what it writes is overwritten at once. */
static bool is_writable(long address)
{
	return gb_call4(SYS_rt_sigprocmask, 0, 0, address, SET_BYTES) == 0;
}

/* As the kernel does: cut silently, no NUL. */
static long give_own_name(long buffer, long size)
{
	size_t n = gb_sensor.program_n;

	if (size <= 0)
		return -EINVAL;
	n = n < (size_t)size ? n : (size_t)size;
	if (n < SET_BYTES)
		return -ENAMETOOLONG;
	if (!is_writable(buffer) || !is_writable(buffer + (long)(n - SET_BYTES)))
		return -EFAULT;
	__builtin_memcpy((void *)buffer, gb_sensor_own_program, n);
	return (long)n;
}

long gb_sensor_handle_own_name(struct gb_sensor_frame *frame, const struct gb_syscall *row)
{
	long directory = row->directory == GB_SYSCALL_NO_ARGUMENT ? AT_FDCWD : frame->arguments[row->directory];
	struct gb_sensor_scratch *scratch;
	struct gb_span name;
	bool is_uncertain, is_own;
	long n;

	if (gb_sensor.program_n == 0)
		return gb_sensor_run(frame);
	scratch = gb_sensor_scratch_claim();
	if (scratch == NULL)
		return -ENOMEM;
	n = gb_sensor_copy_string(scratch->raw, GB_SENSOR_PATH_MAX, frame->arguments[row->path]);
	is_own = n > 0 && n < (long)GB_SENSOR_PATH_MAX &&
	         gb_sensor_locate(directory, gb_span_of(scratch->raw, (size_t)n), scratch->canonical,
	                 sizeof(scratch->canonical), &name, &is_uncertain) == 0 &&
	         gb_sensor_is_own_name(name);
	gb_sensor_scratch_release(scratch);
	if (!is_own)
		return gb_sensor_run(frame);
	return give_own_name(frame->arguments[row->path + 1], (int32_t)frame->arguments[row->path + 2]);
}
