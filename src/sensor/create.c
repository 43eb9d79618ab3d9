/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sensor/create: opens that make a file, where names may lead elsewhere. There is nothing yet that could be looked at, and
 * afterwards it is too late: the folder is looked at, and the file made in it.
 */
#include "sensor/sensor.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>

#define LINKS_MAX 8u

/* A link that leads to where nothing is: the file is made there. Result: length of what it says, in TARGET; 0: it is none. */
static long read_link(const struct gb_sensor_place *place, char *target)
{
	long n = gb_call4(SYS_readlinkat, place->fd, (long)place->last, (long)target, GB_SENSOR_PATH_MAX);

	if (n <= 0 || n == (long)GB_SENSOR_PATH_MAX)
		return n <= 0 ? 0 : -ENAMETOOLONG;
	target[n] = '\0';
	return n;
}

/* The folder that a file of PATH would be made in, links at its end followed if the open does. */
static int hold_folder(long directory, struct gb_span path, uint64_t flags, uint64_t resolve,
        struct gb_sensor_scratch *room, struct gb_sensor_place *place)
{
	char *names[2] = {room->raw, room->second_raw};
	long n = (long)path.n, from;
	int result;

	__builtin_memcpy(names[0], path.p, path.n);
	names[0][path.n] = '\0';
	for (unsigned turn = 0; turn < LINKS_MAX; turn++) {
		from = place->fd;
		result = gb_sensor_place_hold(from < 0 ? directory : from, names[turn & 1u], (size_t)n, resolve, false,
		        room->canonical, sizeof(room->canonical), place);
		if (from >= 0)
			(void)gb_call3(SYS_close, from, 0, 0);
		if (result < 0 || place->name.n == 0 || (flags & (O_NOFOLLOW | O_EXCL)) != 0)
			return result;
		n = read_link(place, names[~turn & 1u]);
		if (n <= 0)
			return (int)n;
		if (resolve != 0)
			break; /* the link would be judged by other rules than the kernel's */
	}
	return -ELOOP;
}

/* The same open, but in the folder that is held. A link that came into being meanwhile is not followed. */
static void open_in_folder(struct gb_sensor_frame *frame, const struct gb_sensor_place *place, uint64_t flags)
{
	long *a = frame->arguments;

	if (frame->number == GB_NR_OPENAT2) {
		((struct open_how *)a[2])->flags |= O_NOFOLLOW;
	} else {
		a[3] = frame->number == GB_NR_CREAT ? a[1] : frame->number == GB_NR_OPEN ? a[2] : a[3];
		a[2] = (long)(flags | O_NOFOLLOW);
		frame->number = SYS_openat;
	}
	a[0] = place->fd;
	a[1] = (long)place->last;
}

int gb_sensor_create_ahead(struct gb_sensor_frame *frame, const struct gb_activity *activity, long directory,
        struct gb_span path, uint64_t flags, uint64_t resolve, struct gb_sensor_creation *creation)
{
	struct gb_activity real = *activity;
	int result;

	creation->room = gb_sensor_scratch_claim();
	if (creation->room == NULL)
		return -ENOMEM;
	result = hold_folder(directory, path, flags, resolve, creation->room, &creation->place);
	if (result < 0 || creation->place.name.n == 0)
		return result;
	if (!gb_span_equal(creation->place.name, activity->subject)) {
		real.subject = creation->place.name;
		result = gb_sensor_judge(&real, -EACCES);
	}
	if (result == 0)
		open_in_folder(frame, &creation->place, flags);
	return result;
}

void gb_sensor_creation_release(struct gb_sensor_creation *creation)
{
	gb_sensor_place_release(&creation->place);
	if (creation->room != NULL)
		gb_sensor_scratch_release(creation->room);
}
