/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sensor/state: what is constant after the start. gb_sensor lies in the one page that the linker writes to, and alone in
 * .data: own.c makes that page read-only by one call that splits no mapping. tests/sensor/check_binary.py looks.
 */
#include "sensor/sensor.h"

struct gb_sensor gb_sensor __attribute__((section(".data")));

char gb_sensor_own_program[GB_SENSOR_PATH_MAX] __attribute__((aligned(4096)));
