/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sensor/socket_file: unix sockets with a name in the file system, where the function can make links: what is reached is
 * judged by its own name too, and a connection goes to the very file that was looked at.
 */
#include "sensor/sensor.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>

#define PATH_AT offsetof(struct sockaddr_un, sun_path)

/* The name, copied to PATH with a NUL; empty for other addresses. */
static struct gb_span path_of(const unsigned char *sockaddr, long n, char *path)
{
	size_t length = 0;

	if (n <= (long)PATH_AT || sockaddr[0] != AF_UNIX || sockaddr[1] != 0)
		return GB_SPAN_EMPTY;
	while (PATH_AT + length < (size_t)n && sockaddr[PATH_AT + length] != '\0') {
		path[length] = (char)sockaddr[PATH_AT + length];
		length++;
	}
	path[length] = '\0';
	return gb_span_of(path, length);
}

int gb_sensor_judge_socket_file(const struct gb_activity *named, const unsigned char *sockaddr, long n, long *ret_fd)
{
	struct gb_activity activity = *named;
	char path[GB_SENSOR_SOCKADDR_BYTES];
	struct gb_span given = path_of(sockaddr, n, path), name;
	struct gb_sensor_scratch *scratch;
	bool is_uncertain = false;
	int result = 0;

	*ret_fd = -1;
	if (given.n == 0)
		return 0;
	scratch = gb_sensor_scratch_claim();
	if (scratch == NULL)
		return -ENOMEM;
	if (gb_sensor_locate(AT_FDCWD, given, scratch->canonical, sizeof(scratch->canonical), &name, &is_uncertain) ==
	                0 &&
	        is_uncertain)
		*ret_fd = gb_call4(SYS_openat, AT_FDCWD, (long)path, O_PATH | O_CLOEXEC, 0);
	/* What cannot be looked at is not reached. */
	if (*ret_fd == -EMFILE || *ret_fd == -ENFILE || *ret_fd == -ENOMEM)
		result = gb_sensor_posture() == GB_MODE_BLOCK ? (int)*ret_fd : 0;
	else if (*ret_fd >= 0 &&
	         gb_sensor_name_of_fd(*ret_fd, scratch->second_canonical, sizeof(scratch->second_canonical),
	                 &activity.subject) == 0 &&
	         !gb_span_equal(activity.subject, name))
		result = gb_sensor_judge(&activity, -EACCES);
	gb_sensor_scratch_release(scratch);
	if (result < 0) {
		if (*ret_fd >= 0)
			(void)gb_call3(SYS_close, *ret_fd, 0, 0);
		*ret_fd = -1;
	}
	return result;
}

long gb_sensor_name_socket_file(unsigned char *sockaddr, long fd)
{
	struct gb_text text = gb_text_on((char *)sockaddr + PATH_AT, GB_SENSOR_SOCKADDR_BYTES - PATH_AT);

	gb_text_add(&text, GB_SPAN("/proc/self/fd/"));
	gb_text_add_u64(&text, (uint64_t)fd);
	(void)gb_text_cstr(&text);
	return (long)(PATH_AT + text.n + 1);
}
