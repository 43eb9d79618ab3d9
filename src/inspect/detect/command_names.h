/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of program names, made from data/commands.txt by tools/make-commands when the project is built. Sorted and
 * front-coded: each row is a byte, kind (enum gb_command_name) in the two upper bits and the number of bytes shared with
 * the row before in the others, then the rest of the name, its last byte with the upper bit set. In front of them a filter
 * of one bit a name, for most words are no names.
 */
#ifndef GB_INSPECT_DETECT_COMMAND_NAMES_H
#define GB_INSPECT_DETECT_COMMAND_NAMES_H

#include "inspect/detect/detect.h"

#define GB_COMMAND_NAME_MAX     23u
#define GB_COMMAND_BLOCK        8u /* rows; the first of a block shares nothing */
#define GB_COMMAND_FILTER_BYTES 1024u

extern const size_t gb_command_count;
extern const size_t gb_command_pool_bytes;
extern const size_t gb_command_block_count;
extern const unsigned char gb_command_pool[];
extern const uint16_t gb_command_blocks[]; /* offsets in the pool */
extern const unsigned char gb_command_filter[GB_COMMAND_FILTER_BYTES];

#endif
