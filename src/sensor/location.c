/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/sensor.h"

#include "activity/path.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>

/* Places where the function itself can make links, or where names are links by nature. A path outside of these in a
 * sandbox whose other directories are read-only means what it says. */
bool gb_sensor_is_shifting_place(struct gb_span name)
{
	return gb_span_starts(name, GB_SPAN("/tmp/")) || gb_span_starts(name, GB_SPAN("/proc/")) ||
	       gb_span_starts(name, GB_SPAN("/dev/")) || gb_span_starts(name, GB_SPAN("/var/tmp/")) ||
	       gb_span_starts(name, GB_SPAN("/run/")) || gb_span_starts(name, GB_SPAN("/mnt/"));
}

static struct gb_span proc_fd_path(char *buffer, size_t cap, long fd)
{
	struct gb_text text = gb_text_on(buffer, cap);

	gb_text_add(&text, GB_SPAN("/proc/self/fd/"));
	gb_text_add_u64(&text, (uint64_t)(uint32_t)fd);
	(void)gb_text_cstr(&text);
	return gb_text_span(&text);
}

static bool is_of_numbered_process(struct gb_span name)
{
	return gb_span_starts(name, GB_SPAN("/proc/")) && name.n >= 7 && gb_ascii_is_digit(name.p[6]);
}

/* "/proc/<own pid>/x" → "/proc/self/x", so that the same thing has the same name in every process. */
static void name_self(char *buffer, size_t *n)
{
	struct gb_span name = gb_span_of(buffer, *n), own;
	char prefix[32];
	struct gb_text text = gb_text_on(prefix, sizeof(prefix));

	if (!is_of_numbered_process(name))
		return;
	gb_text_add(&text, GB_SPAN("/proc/"));
	gb_text_add_u64(&text, (uint64_t)gb_call3(SYS_getpid, 0, 0, 0));
	own = gb_text_span(&text);
	if (!gb_path_is_under(name, own))
		return;
	__builtin_memmove(buffer + 10, buffer + own.n, *n - own.n);
	__builtin_memcpy(buffer, "/proc/self", 10);
	*n = *n - own.n + 10;
}

int gb_sensor_name_of_fd(long fd, char *buffer, size_t cap, struct gb_span *ret_name)
{
	char link[40];
	size_t n;
	long result;

	(void)proc_fd_path(link, sizeof(link), fd);
	result = gb_call4(SYS_readlinkat, AT_FDCWD, (long)link, (long)buffer, (long)cap - 8);
	if (result < 0)
		return (int)result;
	if (result == 0 || buffer[0] != '/')
		return -ENOENT;
	n = (size_t)result;
	name_self(buffer, &n);
	*ret_name = gb_span_of(buffer, n);
	return 0;
}

static int directory_name(long directory_fd, char *buffer, size_t cap, size_t *ret_n)
{
	struct gb_span name = GB_SPAN_EMPTY;
	long result;

	if ((int)directory_fd == AT_FDCWD) {
		result = gb_call3(SYS_getcwd, (long)buffer, (long)cap, 0);
		if (result <= 0)
			return result == 0 ? -ENOENT : (int)result;
		*ret_n = (size_t)result - 1;
		return 0;
	}
	result = gb_sensor_name_of_fd(directory_fd, buffer, cap, &name);
	*ret_n = name.n;
	return (int)result;
}

int gb_sensor_locate(long directory_fd, struct gb_span path, char *buffer, size_t cap, struct gb_span *ret_name,
        bool *ret_is_uncertain)
{
	struct gb_text text = gb_text_on(buffer, cap);
	bool went_up = false;
	int result;

	if (gb_path_is_canonical(path) && !is_of_numbered_process(path)) {
		*ret_name = path;
		*ret_is_uncertain = gb_sensor_is_shifting_place(path);
		return 0;
	}
	if (path.n == 0 || path.p[0] != '/') {
		result = directory_name(directory_fd, buffer, GB_SENSOR_PATH_MAX, &text.n);
		if (result < 0)
			return result;
	}
	gb_path_join(&text, path, &went_up);
	name_self(buffer, &text.n);
	*ret_name = gb_text_span(&text);
	*ret_is_uncertain = went_up || gb_sensor_is_shifting_place(*ret_name);
	return 0;
}
