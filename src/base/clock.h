/* SPDX-License-Identifier: Apache-2.0 */
/* base/clock: how much time has gone by. For who has a libc. */
#ifndef GB_BASE_CLOCK_H
#define GB_BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

/* Milliseconds of a clock that only goes forwards. */
static inline int64_t gb_monotonic_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

#endif
