/* SPDX-License-Identifier: Apache-2.0 */
/* control/rate: how often one may do something, counted in this process: buckets that fill with time and lose one each
 * time. The table is of fixed size: under a flood of names the bucket that is fullest, so the least needed, is given up. */
#ifndef GB_CONTROL_RATE_H
#define GB_CONTROL_RATE_H

#include "base/span.h"

#include <pthread.h>

enum gb_rate_kind {
	GB_RATE_SIGN_IN_ADDRESS, /* tries to sign in, by address */
	GB_RATE_SIGN_IN_ACCOUNT, /* and by account */
	GB_RATE_WRONG_ADDRESS,   /* credentials that were wrong, by address */
	GB_RATE_CALLER,          /* calls of one session or token */
	GB_RATE_INGEST,          /* of one token or group that ingests */
	_GB_RATE_MAX,
};

struct gb_rates;

__attribute__((warn_unused_result)) int gb_rates_new(struct gb_rates **ret_rates);
void gb_rates_free(struct gb_rates *rates); /* NULL is fine */

/* Take one for WHO at NOW. 0: he may; else the seconds after which he may again. */
unsigned gb_rates_take(struct gb_rates *rates, enum gb_rate_kind kind, struct gb_span who, int64_t now_ms);

/* The same without taking. */
unsigned gb_rates_look(struct gb_rates *rates, enum gb_rate_kind kind, struct gb_span who, int64_t now_ms);

/* Give back the one that was taken last. */
void gb_rates_return(struct gb_rates *rates, enum gb_rate_kind kind, struct gb_span who);

/* Fill WHO's bucket: he has shown that he is who he says. */
void gb_rates_forgive(struct gb_rates *rates, enum gb_rate_kind kind, struct gb_span who);

#endif
