/* SPDX-License-Identifier: Apache-2.0 */
/* bench/payloads: the frame of drivers that judge payloads one after the other: one in base64 a line on standard input, one
 * line out for each: "attack" or "benign", a tab, and the nanoseconds that the judgement took (the faster of two). */
#ifndef GB_BENCH_PAYLOADS_H
#define GB_BENCH_PAYLOADS_H

#include "base64.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>
#include <time.h>

static inline uint64_t payloads_now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static inline void payloads_judge_all(bool (*judge)(void *context, const char *p, size_t n), void *context)
{
	char *line = NULL;
	size_t cap = 0;

	while (getline(&line, &cap, stdin) >= 0) {
		size_t n = base64_decode(line);
		uint64_t start = payloads_now(), first, second;
		bool is_attack = judge(context, line, n);

		first = payloads_now() - start;
		start = payloads_now();
		is_attack = judge(context, line, n) && is_attack;
		second = payloads_now() - start;
		printf("%s\t%llu\n", is_attack ? "attack" : "benign",
		        (unsigned long long)(first < second ? first : second));
	}
	free(line);
}

#endif
