/* SPDX-License-Identifier: Apache-2.0 */
/*
 * activity/script: which file an interpreter is told to run. Pure, freestanding.
 */
#ifndef GB_ACTIVITY_SCRIPT_H
#define GB_ACTIVITY_SCRIPT_H

#include "base/span.h"

enum gb_script_place {
	GB_SCRIPT_NONE = 0, /* no interpreter that we know, code on its command line, or a module by its name */
	GB_SCRIPT_FILE,
	GB_SCRIPT_INPUT, /* what comes in on standard input */
};

/* PROGRAM is the path, ARGUMENTS argv as in struct gb_activity. *ret_file is the argument, as it stands there. */
enum gb_script_place gb_script_of(struct gb_span program, struct gb_span arguments, struct gb_span *ret_file);

#endif
