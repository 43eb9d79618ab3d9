/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench/store: what the parts of the store's stopwatch have in common.
 */
#ifndef GB_BENCH_STORE_H
#define GB_BENCH_STORE_H

#include "store/store.h"

#include <time.h>

double bench_now(clockid_t clock);                      /* seconds */
void bench_fail(int r, const struct gb_diag *diag);     /* ends the program */
int bench_by_size(const void *left, const void *right); /* of doubles, for qsort() */

/* How long counts take, by what is counted: a line each, then all as JSON. */
void bench_ask_counts(struct gb_store *store);

#endif
