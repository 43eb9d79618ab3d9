/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd/gambeson/zip: a zip file whose bytes hang on nothing but its contents: no times, no owners, files in the order
 * given.
 */
#ifndef GB_CMD_ZIP_H
#define GB_CMD_ZIP_H

#include "base/diag.h"
#include "base/span.h"

#include <sys/types.h>

struct gb_zip_file {
	const char *name; /* path in the zip */
	mode_t mode;      /* permission bits */
	struct gb_span data;
};

/* The zip of COUNT files as malloc'ed memory, the caller's to free. */
__attribute__((warn_unused_result)) int gb_zip_build(
        const struct gb_zip_file *files, size_t count, unsigned char **ret_data, size_t *ret_n, struct gb_diag *diag);

#endif
