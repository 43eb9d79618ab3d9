/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_INSPECT_DETECT_FILE_KNOWN_H
#define GB_INSPECT_DETECT_FILE_KNOWN_H

#include "inspect/detect/detect.h"

/* Whether PATH, all of a value, aims at a file that no event names honestly: of the system's configuration, of a process,
 * of a person's hidden ones, of a server's or an application's secrets, however Windows lets one spell it. Looks at 256
 * bytes at most; longer ones are none. */
bool gb_detect_is_known_file(struct gb_span path);

/* Whether NAME, all of a value, is spelled as only a check of endings makes one spell it: x.php::$DATA, x.config.. */
bool gb_detect_is_disguised_name(struct gb_span name);

/* Schemes of file functions, steps up in disguise, scripts fetched from elsewhere. */
bool gb_detect_file_trick(const struct gb_detect_input *input, struct gb_detect_hit *ret_hit);

#endif
