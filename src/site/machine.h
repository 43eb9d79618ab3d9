/* SPDX-License-Identifier: Apache-2.0 */
/*
 * site/machine: what differs between machines, as data; site/<machine>/ has it, and gb_site_find(). Private to site.
 */
#ifndef GB_SITE_MACHINE_H
#define GB_SITE_MACHINE_H

#include <stddef.h>
#include <stdint.h>

/* e_machine of its ELF files. */
extern const uint16_t gb_site_elf_machine;

/* System calls that the sensor handles, sorted (the same that activity has rows for; a test compares). */
extern const uint16_t gb_site_watched[];
extern const size_t gb_site_watched_count;
/* Of these, the ones that matter for some descriptors only: reading and writing. */
extern const uint16_t gb_site_watched_for_some[];
extern const size_t gb_site_watched_for_some_count;

/* And the ones that matter for some values of their second argument only. */
struct gb_site_window {
	uint16_t number;
	uint16_t first;
	uint16_t last;
};
extern const struct gb_site_window gb_site_windows[];
extern const size_t gb_site_window_count;

/* That of NUMBER, or NULL. */
const struct gb_site_window *gb_site_window_of(unsigned number);

#endif
