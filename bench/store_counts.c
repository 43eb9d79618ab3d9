/* SPDX-License-Identifier: Apache-2.0 */
#include "store.h"

#include "store/events.h"

#include <stdio.h>
#include <stdlib.h>

#define ROUNDS 9

static int add_row(void *context, const struct gb_event_count *count)
{
	*(int64_t *)context += count->n;
	return 0;
}

/* What overview and grouping ask: counts over days and weeks, by what there is much and little of. */
void bench_ask_counts(struct gb_store *store)
{
	static const struct gb_span finding[] = {GB_SPAN("finding")}, account[] = {GB_SPAN("123456789007")},
	                            sqli[] = {GB_SPAN("sqli")};
	static const struct {
		const char *name;
		enum gb_event_group group;
		struct gb_event_filter filter;
		int64_t days, step_hours;
	} asked[] = {
	        {"functions, 7 days", GB_GROUP_FUNCTION, {.kinds = {finding, 1}, .severity_min = GB_SEVERITY_MEDIUM}, 7,
	                0},
	        {"functions, 30 days", GB_GROUP_FUNCTION, {.kinds = {finding, 1}, .severity_min = GB_SEVERITY_MEDIUM},
	                30, 0},
	        {"functions, all", GB_GROUP_FUNCTION, {0}, 0, 0},
	        {"accounts, 30 days", GB_GROUP_ACCOUNT, {0}, 30, 0},
	        {"an account's classes, 30 days", GB_GROUP_CLASS, {.accounts = {account, 1}}, 30, 0},
	        {"an account's days", GB_GROUP_CLASS, {.accounts = {account, 1}}, 30, 24},
	        {"an account's hours, 4 days", GB_GROUP_CLASS, {.accounts = {account, 1}}, 4, 1},
	        {"actions, 30 days", GB_GROUP_ACTION, {0}, 30, 0},
	        {"classes by day, 30 days", GB_GROUP_CLASS, {0}, 30, 24},
	        {"classes by hour, 4 days", GB_GROUP_CLASS, {0}, 4, 1},
	        {"addresses, 7 days", GB_GROUP_SOURCE_IP, {.kinds = {finding, 1}, .severity_min = GB_SEVERITY_MEDIUM},
	                7, 0},
	        {"addresses of a class", GB_GROUP_SOURCE_IP, {.classes = {sqli, 1}}, 0, 0},
	        {"addresses of an account", GB_GROUP_SOURCE_IP, {.accounts = {account, 1}}, 0, 0},
	};
	static double all[500], one[ROUNDS], ours[ROUNDS];
	struct gb_diag diag = {0};
	size_t count = 0;

	for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++) {
		int64_t sum = 0;

		for (size_t round = 0; round < ROUNDS; round++) {
			struct gb_event_filter filter = asked[i].filter;
			double begin, begin_ours;
			int r;

			if (asked[i].days > 0)
				filter.from = gb_store_now_ms(store) - asked[i].days * 86400000;
			begin = bench_now(CLOCK_MONOTONIC);
			begin_ours = bench_now(CLOCK_THREAD_CPUTIME_ID);
			sum = 0;
			r = gb_events_count(store, NULL, &filter, asked[i].group, asked[i].step_hours * 3600000, 10,
			        add_row, &sum, &diag);
			if (r < 0)
				bench_fail(r, &diag);
			ours[round] = (bench_now(CLOCK_THREAD_CPUTIME_ID) - begin_ours) * 1000;
			one[round] = (bench_now(CLOCK_MONOTONIC) - begin) * 1000;
			all[count++] = one[round];
		}
		qsort(one, ROUNDS, sizeof one[0], bench_by_size);
		qsort(ours, ROUNDS, sizeof ours[0], bench_by_size);
		fprintf(stderr, "%-36s p50 %7.2f  max %7.2f ms, %7.2f of our processor time, %lld events\n",
		        asked[i].name, one[ROUNDS / 2], one[ROUNDS - 1], ours[ROUNDS / 2], (long long)sum);
	}
	qsort(all, count, sizeof all[0], bench_by_size);
	printf("{\"counts\":%zu,\"p50_ms\":%.2f,\"p95_ms\":%.2f,\"max_ms\":%.2f}\n", count, all[count / 2],
	        all[count * 95 / 100], all[count - 1]);
}
