/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sensor/process: what a forked child does not inherit. Linked second: right behind gb_sensor, which is made read-only, so
 * that the kernel splits the memory there once for both.
 */
#include "sensor/sensor.h"

union gb_sensor_process_page gb_sensor_page __attribute__((aligned(4096)));
