/* SPDX-License-Identifier: Apache-2.0 */
/*
 * learn/statistics: the few formulas that the end of learning rests on. Pure. Private to learn.
 */
#ifndef GB_LEARN_STATISTICS_H
#define GB_LEARN_STATISTICS_H

#include <stdint.h>

/* Clopper and Pearson's upper limit: the chance p for which COUNT or fewer of N independent trials come out with
 * probability DELTA. What happened COUNT times has a greater chance than that in a share DELTA of cases only. Chernoff's
 * limit, which is higher, where COUNT is great. 1 when N is not more than COUNT. */
double gb_learn_upper_limit(uint64_t count, uint64_t n, double delta);

/* How many trials bring COUNT's upper limit down to EPSILON. */
uint64_t gb_learn_trials_wanted(uint64_t count, double epsilon, double delta);

/* Share of the error that look number LOOK (from 1) may spend: all of them together spend 1. */
double gb_learn_share_of_look(unsigned look);

/* Number of the look at M, when the first is at FIRST and each is at half as many more as the one before; 0 below FIRST. */
unsigned gb_learn_look(uint64_t m, uint64_t first);

/* How many different things there are when SEEN have been seen, ONCE of them in one and TWICE in two of M invocations:
 * Chao's estimate (Chao2, with its correction for few samples), which errs on the low side. */
double gb_learn_chao2(uint64_t seen, uint64_t once, uint64_t twice, uint64_t m);

#endif
