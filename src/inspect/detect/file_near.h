/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GB_INSPECT_DETECT_FILE_NEAR_H
#define GB_INSPECT_DETECT_FILE_NEAR_H

#include "inspect/detect/detect.h"
#include "inspect/lex/lex.h"

/* Whether PATH, all of INPUT, which climbs, does so as people and programs name what lies beside their own folder: it stays
 * below where it began or leaves it by a step or two, and leads to nothing that an attacker would read. */
bool gb_detect_is_near_path(const struct gb_detect_input *input, const struct gb_lex_path *path);

#endif
