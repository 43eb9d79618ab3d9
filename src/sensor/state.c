/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sensor/state: alone in its file, which is linked first, so that it lies right behind the relocated constants: own.c
 * makes both read-only by one call. tests/sensor/check_binary.py looks.
 */
#include "sensor/sensor.h"

struct gb_sensor gb_sensor;
