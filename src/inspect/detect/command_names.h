/* SPDX-License-Identifier: Apache-2.0 */
/* The table of program names, made from data/commands.txt by tools/make-commands when the project is built. */
#ifndef GB_INSPECT_DETECT_COMMAND_NAMES_H
#define GB_INSPECT_DETECT_COMMAND_NAMES_H

#include "inspect/detect/detect.h"

#define GB_COMMAND_NAME_MAX 23u

struct gb_command_row {
	char name[GB_COMMAND_NAME_MAX + 1]; /* NUL behind it */
	uint8_t length;
	uint8_t kind; /* enum gb_command_name */
};

/* Sorted by the names' bytes, each name once. */
extern const struct gb_command_row gb_command_rows[];
extern const size_t gb_command_row_count;

/* Index of the first row whose first byte is not below the subscript; [128] is the count. */
extern const uint16_t gb_command_starts[129];

#endif
