/* SPDX-License-Identifier: Apache-2.0 */
#include "activity/syscall.h"

#define O_ACCESS_MASK 03u
#define O_CREATE      0100u
#define O_TRUNCATE    01000u
#define O_TEMPORARY   020000000u

const struct gb_syscall *gb_syscall_row(uint64_t number)
{
	unsigned place = number < GB_SYSCALL_NUMBERS ? gb_syscall_places[number] : 0;

	return place == 0 ? NULL : &gb_syscall_rows[place - 1];
}

enum gb_activity_kind gb_syscall_open_kind(uint64_t flags)
{
	if ((flags & O_ACCESS_MASK) != 0 || (flags & (O_CREATE | O_TRUNCATE)) != 0 ||
	        (flags & O_TEMPORARY) == O_TEMPORARY)
		return GB_ACTIVITY_FILE_WRITE;
	return GB_ACTIVITY_FILE_READ;
}
