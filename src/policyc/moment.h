/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policyc/moment: points in time as they stand in documents (RFC 3339), as seconds since 1970-01-01T00:00:00Z. A day is
 * a day of UTC. For policyc, the CLI and control.
 */
#ifndef GB_POLICYC_MOMENT_H
#define GB_POLICYC_MOMENT_H

#include "base/text.h"

enum gb_policyc_day_end {
	GB_POLICYC_DAY_FIRST = 0, /* a date alone is its first second: from then on */
	GB_POLICYC_DAY_LAST,      /* a date alone is the second behind its last one: to the end of it */
};

/* "2026-12-01", "2026-12-01T18:00:00Z", "2026-12-01T18:00:00.5+01:00". Fractions are dropped. False for anything else. */
bool gb_policyc_moment_parse(struct gb_span text, enum gb_policyc_day_end end, int64_t *ret_moment);

/* The same back, in UTC; a date alone where that says it. */
void gb_policyc_moment_print(int64_t moment, enum gb_policyc_day_end end, struct gb_text *out);

#endif
