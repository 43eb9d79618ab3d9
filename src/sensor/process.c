/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sensor/process: what a forked child does not inherit. Linked first, so that .bss begins with it: the kernel then splits
 * the memory only behind it.
 */
#include "sensor/sensor.h"

union gb_sensor_process_page gb_sensor_page __attribute__((aligned(4096)));
