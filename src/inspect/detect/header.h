/* SPDX-License-Identifier: Apache-2.0 */
/* inspect/detect/header: what the files of header injection share. */
#ifndef GB_INSPECT_DETECT_HEADER_H
#define GB_INSPECT_DETECT_HEADER_H

#include "inspect/detect/detect.h"

/* Whether LINE is a field of a message's head, and no line of notes. header_field.c. */
bool gb_header_is_field(struct gb_span line);

/* Whether LINE is one that nobody writes into a text of several lines: a copy of a mail to somebody, how its body is
 * written, a cookie, where to go on. */
bool gb_header_is_protocol(struct gb_span line);

#endif
