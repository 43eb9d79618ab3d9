/* SPDX-License-Identifier: Apache-2.0 */
/*
 * aws/date: times as AWS and HTTP write them. Pure.
 */
#ifndef GB_AWS_DATE_H
#define GB_AWS_DATE_H

#include "base/span.h"

/* Seconds since 1970 as "20150830T123600Z", with NUL. False outside the years 1970 to 9999. */
bool gb_aws_date_print(int64_t seconds, char ret_date[17]);

/* "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 §5.6.7, the one form that is still written). */
bool gb_aws_date_of_http(struct gb_span text, int64_t *ret_seconds);

/* "2026-11-21T14:00:00Z", with or without a fraction, which is cut. */
bool gb_aws_date_of_iso(struct gb_span text, int64_t *ret_seconds);

#endif
