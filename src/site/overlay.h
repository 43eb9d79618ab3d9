/* SPDX-License-Identifier: Apache-2.0 */
/*
 * site/overlay: a library's patched pages and the detours that they lead to, made once by the warden and mapped by every
 * process. To patch one's own copy would cost each process a page fault and 4 KB of its own for every page that has a
 * site: 39 in Debian's libc, 1 to 2 us each. Pure.
 */
#ifndef GB_SITE_OVERLAY_H
#define GB_SITE_OVERLAY_H

#include "site/site.h"

/* Where patched pages and detours are written: the segment's `code`. */
struct gb_overlay_code {
	unsigned char *bytes; /* page-aligned */
	size_t cap;
	size_t used; /* whole pages */
	/* Told what is about to be written, whole pages; may be NULL. */
	void (*about_to_write)(unsigned char *from, size_t n);
};

/* Add the overlay of the library IMAGE, whose sites are TABLE's. False, with nothing changed, when a site lies too near the
 * end of the text, the text does not begin with a page, or CODE has no room. */
bool gb_overlay_make(const struct gb_site_image *image, const struct gb_site_table *table, struct gb_overlay_code *code,
        struct gb_overlay *ret_overlay);

#endif
