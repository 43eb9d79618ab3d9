/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of the deserialization detector. */
#ifndef GB_INSPECT_DETECT_OBJECT_H
#define GB_INSPECT_DETECT_OBJECT_H

#include "inspect/detect/detect.h"

/* Serialized objects in binary formats (Java, Python's pickle, .NET, Ruby), as bytes, hexadecimal or base64. */
bool gb_detect_object_binary(const struct gb_detect_input *input, struct gb_detect_hit *hit);

/* The same for a text that is all of it digits of base64 or hexadecimal, whatever it begins with. */
bool gb_detect_object_whole(const struct gb_detect_input *input, struct gb_detect_hit *hit);

#endif
