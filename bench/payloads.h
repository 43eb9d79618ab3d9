/* SPDX-License-Identifier: Apache-2.0 */
/* bench/payloads: the frame of drivers that judge payloads one after the other: one in base64 a line on standard input, one
 * line out for each: "attack" or "benign", a tab, and the nanoseconds that the judgement took (the faster of two). */
#ifndef GB_BENCH_PAYLOADS_H
#define GB_BENCH_PAYLOADS_H

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

static inline int payloads_sextet(int c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* In place. Result: bytes. */
static inline size_t payloads_decode(char *line)
{
	unsigned bits = 0, held = 0;
	size_t n = 0;

	for (const char *at = line; payloads_sextet(*at) >= 0; at++) {
		bits = bits << 6 | (unsigned)payloads_sextet(*at);
		held += 6;
		if (held >= 8) {
			held -= 8;
			line[n++] = (char)(bits >> held);
		}
	}
	return n;
}

static inline void payloads_judge_all(bool (*judge)(void *context, const char *p, size_t n), void *context)
{
	char *line = NULL;
	size_t cap = 0;

	while (getline(&line, &cap, stdin) >= 0) {
		size_t n = payloads_decode(line);
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
