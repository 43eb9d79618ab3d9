/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sensor/linker: the kernel starts what a program names as its dynamic linker, whatever that is. A real one loads the sensor;
 * anything else would run unwatched.
 */
#include "sensor/exec.h"

#include "activity/path.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>

/* The name, copied to exec->other; empty when the kernel takes it for none. It mostly lies in HEAD. */
static struct gb_span read_name(struct gb_exec *exec, long fd, struct gb_span head)
{
	uint64_t offset, n;

	if (!gb_site_program_linker(head, &offset, &n) || n < 2 || n > GB_SENSOR_PATH_MAX)
		return GB_SPAN_EMPTY;
	if (offset < head.n && n <= head.n - offset)
		__builtin_memcpy(exec->other, head.p + offset, n);
	else if (gb_call4(SYS_pread64, fd, (long)exec->other, (long)n, (long)offset) != (long)n)
		return GB_SPAN_EMPTY;
	return exec->other[n - 1] == '\0' ? gb_span_cstr(exec->other) : GB_SPAN_EMPTY;
}

int gb_exec_judge_linker(struct gb_exec *exec, long fd, struct gb_span head)
{
	struct gb_span path = read_name(exec, fd, head), name = path;
	bool is_uncertain;
	int result;

	if (path.n == 0)
		return 0;
	if (!gb_path_is_canonical(path) && gb_sensor_locate(AT_FDCWD, path, exec->other + GB_SENSOR_PATH_MAX,
	                                           sizeof(exec->other) - GB_SENSOR_PATH_MAX, &name, &is_uncertain) < 0)
		return 0;
	result = gb_sensor_judge_library(path);
	if (result == 0 && (!gb_path_is_loader(name) || gb_sensor_is_shifting_place(name)))
		result = gb_exec_refuse_unwatched(exec, -EACCES);
	return result;
}
