/* SPDX-License-Identifier: Apache-2.0 */
/*
 * site/detour: the code that a patched site jumps to, in this machine's instructions (<machine>/detour.c). It is written
 * at one place and may run at another: the sensor writes detours where they will run, the warden writes ones into the
 * segment that every process maps (site/overlay.h). Pure, freestanding.
 */
#ifndef GB_SITE_DETOUR_H
#define GB_SITE_DETOUR_H

#include "site/site.h"

#define GB_DETOUR_POINTER_BYTES 32u  /* what differs from process to process */
#define GB_DETOUR_TABLE_BYTES   512u /* which system calls are watched */
#define GB_DETOUR_BYTES_MAX     152u /* of one detour */

/* Where detours lead in this process. */
struct gb_detour_pointers {
	uintptr_t entry;
	uintptr_t entry_small;  /* for code that may run on small stacks */
	uintptr_t name_sockets; /* byte for each of 1024 descriptors: of interest or not */
	uint64_t reserved;      /* at most 1024: to close this descriptor or a higher one is always of interest */
};

struct gb_detours {
	unsigned char *p; /* where the next byte is written */
	unsigned char *end;
	uintptr_t at;       /* the address that p has when the code runs */
	uintptr_t pointers; /* run-time address of what gb_detour_put_pointers() wrote */
	uintptr_t table;    /* run-time address of what gb_detour_put_table() wrote */
};

/* One site: gb_detour_site_bytes() of code from its offset on. */
struct gb_detour_place {
	const unsigned char *original; /* the library's own bytes */
	unsigned char *patched;        /* where the jump is written: the same place, or a copy of it */
	uintptr_t at;                  /* the site's address when the code runs */
	bool has_small_stacks;
};

/* Bytes of a site that move or change: the call and the straight code beside it. */
static inline size_t gb_detour_site_bytes(const struct gb_site *site)
{
	return site->shape == GB_SITE_WHOLE ? 4u : site->length + 2u;
}

/* Fill GB_DETOUR_POINTER_BYTES. */
void gb_detour_put_pointers(unsigned char *to, const struct gb_detour_pointers *pointers);
/* Fill GB_DETOUR_TABLE_BYTES. */
void gb_detour_put_table(unsigned char *to);
/* Room that the detour for SITE needs at most. */
size_t gb_detour_bytes(const struct gb_site *site);
/* Write the detour for SITE, then the jump over the site. A site that the library does not have (its table was made from
 * another file) is left alone. False: no room, nothing is changed. */
bool gb_detour_put(struct gb_detours *w, const struct gb_site *site, const struct gb_detour_place *place);

#endif
