/* SPDX-License-Identifier: Apache-2.0 */
/* collect/source: what each kind of source does. Private to collect. */
#ifndef GB_COLLECT_SOURCE_H
#define GB_COLLECT_SOURCE_H

#include "collect/pull.h"

struct source_kind {
	int (*next)(struct gb_collect_pull *pull, unsigned wait_ms, const struct gb_collect_record **ret_records,
	        size_t *ret_count, struct gb_diag *diag);
	int (*done)(struct gb_collect_pull *pull, struct gb_diag *diag);
	void (*place)(const struct gb_collect_pull *pull, size_t index, char ret_place[GB_COLLECT_PLACE_CHARS]);
	void (*cancel)(struct gb_collect_pull *pull); /* NULL: nothing waits long */
	void (*free)(struct gb_collect_pull *pull);
};

/* The first member of each source. */
struct gb_collect_pull {
	const struct source_kind *kind;
};

/* Until NOW is UNTIL, at most WAIT_MS, or a signal comes. */
void collect_wait(int64_t until_ms, unsigned wait_ms);

#endif
