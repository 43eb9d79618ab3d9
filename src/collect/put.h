/* SPDX-License-Identifier: Apache-2.0 */
/* collect/put: one transaction of lines. Private to collect. */
#ifndef GB_COLLECT_PUT_H
#define GB_COLLECT_PUT_H

#include "collect/batch.h"
#include "store/functions.h"
#include "store/sandboxes.h"

/* A sandbox (or, for lines that name none, a log) and the function that it is of. */
struct home {
	struct gb_sandbox sandbox; /* id 0: lines without one */
	const struct gb_collect_origin *origin;
	const struct collect_line *start; /* in these batches; NULL: none */
	bool is_known;                    /* the store had it */
	bool is_foreign;                  /* the log is another function's than the sandbox */
	bool has_event;
	bool was_denied_key; /* a start line without a key was believed before */
	int64_t last_time;
	struct gb_function_ids ids;
};

struct put_entry {
	const struct collect_line *line;
	struct home *home;
	const struct gb_collect_origin *origin;
	struct put_entry *next; /* in its slot of line_at */
	bool is_forged, is_vouched_for, is_untaught;
};

struct put {
	struct gb_store *store;
	struct gb_arena *arena;
	size_t count;
	struct put_entry *entries;
	struct put_entry **line_at; /* by sandbox and number */
	struct home *homes, **home_at;
	struct home **owner_at; /* by sandbox: a home that says whose it is, in these batches */
	size_t home_count, home_mask, line_mask;
	struct gb_function_sighting *sighting; /* that is being filled */
	struct gb_event *events;
	struct gb_observed_line *observations;
	struct gb_line *lines;
	size_t event_count, observation_count, line_count;
	struct gb_events_inserted inserted;
};

/* homes.c: the home of SANDBOX (0: none) and ORIGIN, a new one when there is none. */
struct home *collect_find_home(struct put *put, uint64_t sandbox, const struct gb_collect_origin *origin);
/* Once all are there: bare lines beside others of their sandbox are of its function. */
void collect_gather_owners(struct put *put);
/* Which functions they are, and what the store is to know of their sandboxes. */
__attribute__((warn_unused_result)) int collect_put_homes(struct put *put, struct gb_diag *diag);

/* seals.c: seals, and lines that wait for theirs. */
__attribute__((warn_unused_result)) int collect_put_seals(struct put *put, struct gb_diag *diag);

#endif
