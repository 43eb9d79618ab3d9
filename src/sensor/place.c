/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sensor/place: where a name really is, when a link on its way may lead elsewhere. The folder is held open and the call
 * made in it, so that nobody can put a link in between after it has been looked at.
 */
#include "activity/path.h"
#include "sensor/sensor.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>

#define LAST_BYTES_MAX 255u /* NAME_MAX */

static bool is_full(long error)
{
	return error == -EMFILE || error == -ENFILE || error == -ENOMEM;
}

/* Where the last part of PATH begins: behind its last slash that is not at the end. */
static size_t last_part(struct gb_span path)
{
	size_t at = path.n;

	while (at > 0 && path.p[at - 1] == '/')
		at--;
	while (at > 0 && path.p[at - 1] != '/')
		at--;
	return at;
}

long gb_sensor_open_as(long directory, const char *path, uint64_t flags, uint64_t resolve)
{
	const struct open_how how = {.flags = flags, .resolve = resolve};

	return resolve == 0 ? gb_call4(SYS_openat, directory, (long)path, (long)flags, 0)
	                    : gb_call4(GB_NR_OPENAT2, directory, (long)path, (long)&how, sizeof(how));
}

/* The folder of PATH, whose last part begins at LAST: by O_PATH, which changes nothing. */
static long open_folder(long directory, char *path, size_t last, uint64_t resolve)
{
	const char *name = last == 0 ? "." : path;
	char kept = path[last];
	long fd;

	path[last] = '\0';
	fd = gb_sensor_open_as(directory, name, O_PATH | O_DIRECTORY | O_CLOEXEC, resolve);
	path[last] = kept;
	return fd;
}

/* PATH becomes the name of the descriptor FD, and in it LAST. Result: where that stands. */
static const char *name_held(char *path, long fd, struct gb_span last)
{
	char kept[LAST_BYTES_MAX + 1];
	struct gb_text text = gb_text_on(path, GB_SENSOR_PATH_MAX);

	__builtin_memcpy(kept, last.p, last.n);
	gb_text_add(&text, GB_SPAN("/proc/self/fd/"));
	gb_text_add_u64(&text, (uint64_t)fd);
	if (last.n != 0) {
		gb_text_add_byte(&text, '/');
		gb_text_add(&text, gb_span_of(kept, last.n));
	}
	return gb_text_cstr(&text) + text.n - last.n;
}

int gb_sensor_place_hold(long directory, char *path, size_t n, uint64_t resolve, bool follows, char *buffer, size_t cap,
        struct gb_sensor_place *ret)
{
	struct gb_span whole = gb_span_of(path, n), last = GB_SPAN_EMPTY;
	size_t at = last_part(whole);
	struct gb_text text;

	ret->name = GB_SPAN_EMPTY;
	ret->fd = follows ? gb_call4(SYS_openat, directory, (long)path, O_PATH | O_CLOEXEC, 0)
	                  : open_folder(directory, path, at, resolve);
	if (ret->fd < 0) {
		/* Nobody knows then where it leads. */
		if (is_full(ret->fd) && gb_sensor_posture() != GB_MODE_BLOCK)
			return 0;
		return (int)ret->fd;
	}
	if (!follows) {
		last = gb_span_sub(whole, at, n);
		while (last.n > 1 && last.p[last.n - 1] == '/' && last.p[last.n - 2] == '/')
			last.n--;
		if (last.n > LAST_BYTES_MAX)
			return -ENAMETOOLONG;
	}
	/* Without /proc there are no names, and no way by the descriptor. What has none, a pipe, is nowhere. */
	if (gb_sensor_name_of_fd(ret->fd, buffer, cap - LAST_BYTES_MAX - 1, &ret->name) < 0)
		return 0;
	if (!follows) {
		text = gb_text_on(buffer, cap);
		text.n = ret->name.n;
		gb_path_join(&text, last, NULL);
		ret->name = gb_text_span(&text);
	}
	ret->last = name_held(path, ret->fd, last);
	return 0;
}

void gb_sensor_place_release(struct gb_sensor_place *place)
{
	if (place->fd >= 0)
		(void)gb_call3(SYS_close, place->fd, 0, 0);
	place->fd = -1;
}
