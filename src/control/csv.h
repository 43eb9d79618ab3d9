/* SPDX-License-Identifier: Apache-2.0 */
/* control/csv: tables that are opened in spreadsheets. What stands in them was written by strangers. */
#ifndef GB_CONTROL_CSV_H
#define GB_CONTROL_CSV_H

#include <stdbool.h>
#include <stdio.h>

/* A cell as RFC 4180 wants it, with what stands behind it; what a spreadsheet would take for a formula gets an apostrophe before it. */
void gb_csv_add(FILE *out, const char *text, bool is_last);

#endif
