/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base/day: calendar days, as numbers since 1970-01-01.
 */
#ifndef GB_BASE_DAY_H
#define GB_BASE_DAY_H

#include "base/text.h"

/* "2026-11-20" → days; false for anything else, for days that are not in the calendar, and for those before 1970-01-02. */
bool gb_day_parse(struct gb_span text, uint32_t *ret_day);

/* The same back. */
void gb_day_print(uint32_t day, struct gb_text *out);

#endif
