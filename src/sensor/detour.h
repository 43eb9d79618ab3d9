/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sensor/detour: the code that a patched site jumps to, in this machine's instructions (<machine>/detour.c). All detours
 * of a process lie in one mapping. Private to the sensor.
 */
#ifndef GB_SENSOR_DETOUR_H
#define GB_SENSOR_DETOUR_H

#include "sensor/sensor.h"

#define GB_DETOURS_AT       544u /* bytes of the mapping that all detours share */
#define GB_DETOUR_BYTES_MAX 152u

struct gb_detours {
	unsigned char *p;   /* where the next one comes to lie */
	unsigned char *end; /* of the mapping */
	const unsigned char *base;
};

/* What all detours share: fills GB_DETOURS_AT bytes from the start. */
void gb_detour_put_base(struct gb_detours *w);
/* Room that the detour for SITE needs at most. */
size_t gb_detour_bytes(const struct gb_site *site);
/* Write the detour for SITE, then the jump over the site, whose page is writable. A site that the library does not have
 * (its table was made from another file) is left alone. False: no room, nothing is changed. */
bool gb_detour_put(struct gb_detours *w, const struct gb_sensor_library *library, const struct gb_site *site);

#endif
