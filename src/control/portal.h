/* SPDX-License-Identifier: Apache-2.0 */
/*
 * control/portal: the files of the portal, built into the program (portal/, tools/make-assets). Private to control.
 */
#ifndef GB_CONTROL_PORTAL_H
#define GB_CONTROL_PORTAL_H

#include <stdbool.h>
#include <stddef.h>

struct gb_asset {
	const char *path; /* "/index.html"; NULL ends the list */
	const char *type;
	const char *etag; /* with its quotes; of the plain bytes */
	bool is_forever;  /* its name changes with its content */
	const unsigned char *plain;
	size_t plain_n;
	const unsigned char *packed; /* gzip */
	size_t packed_n;
};

extern const struct gb_asset gb_assets[];

#endif
