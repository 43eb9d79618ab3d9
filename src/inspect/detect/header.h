/* SPDX-License-Identifier: Apache-2.0 */
/* inspect/detect/header: what the files of header injection share. */
#ifndef GB_INSPECT_DETECT_HEADER_H
#define GB_INSPECT_DETECT_HEADER_H

#include "inspect/detect/detect.h"

/* Whether LINE is a field of a message's head, and no line of notes. header_field.c. */
bool gb_header_is_field(struct gb_span line);

#endif
