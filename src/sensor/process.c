/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sensor/process: what a forked child does not inherit. Linked second: right behind gb_sensor, which is made read-only, so
 * that the kernel splits the memory there once for both.
 */
#include "sensor/sensor.h"

#include <sys/syscall.h>

union gb_sensor_process_page gb_sensor_page __attribute__((aligned(4096)));

int32_t gb_sensor_pid(void)
{
	int32_t pid = __atomic_load_n(&gb_sensor_page.is.pid, __ATOMIC_RELAXED);

	if (pid == 0) {
		pid = (int32_t)gb_call3(SYS_getpid, 0, 0, 0);
		__atomic_store_n(&gb_sensor_page.is.pid, pid, __ATOMIC_RELAXED);
	}
	return pid;
}
