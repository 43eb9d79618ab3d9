/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base/format: text by a format, for messages and paths. A small part of printf(3), so that static programs need not
 * carry all of it: %s %c %d %i %u %x %%, with - and 0, a width, a precision, h, l, ll and z. No floats, no positions.
 * What is none of these stands in the text as it is.
 */
#ifndef GB_BASE_FORMAT_H
#define GB_BASE_FORMAT_H

#include "base/text.h"

#include <stdarg.h>

/* Adds to TEXT. Unlike other additions one that does not fit is cut, and `truncated` set. */
__attribute__((format(__printf__, 2, 3))) void gb_text_format(struct gb_text *text, const char *format, ...);
__attribute__((format(__printf__, 2, 0))) void gb_text_format_list(
        struct gb_text *text, const char *format, va_list list);

/* Into TO of CAP bytes, NUL-terminated. Result: bytes before the NUL, or -ENAMETOOLONG: it was cut. */
__attribute__((format(__printf__, 3, 4))) int gb_format(char *to, size_t cap, const char *format, ...);

#endif
