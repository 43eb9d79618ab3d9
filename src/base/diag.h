/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base/diag: what a person must read when something from outside was wrong: what, where, and what to do. Filled by
 * the library that noticed, printed only by a program (cmd/). Libraries themselves never print.
 */
#ifndef GB_BASE_DIAG_H
#define GB_BASE_DIAG_H

#include <stddef.h>
#include <stdint.h>

struct gb_diag {
	uint32_t line;   /* from 1; 0 when the place is not a line of text */
	uint32_t column; /* from 1, in bytes; 0 as above */
	char message[240];
};

/* Fill DIAG (NULL is fine). The message names the subject and, where there is one, the remedy; lower case, no full
 * stop. Text that does not fit is cut. Returns NEGATIVE_ERRNO, so that a caller can `return gb_diag_set(…)`. */
__attribute__((format(__printf__, 5, 6))) int gb_diag_set(
        struct gb_diag *diag, int negative_errno, uint32_t line, uint32_t column, const char *format, ...);

#endif
