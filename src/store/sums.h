/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store/sums: the counts of event_counts once more, for questions about many functions: those of some hundred functions lie in one row
 * of event_sums, by hour and by day, so that who asks for a month reads some thousand rows, not millions. Private to src/store.
 *
 * A row is (hours 1 or 24, moment: the hour since 1970 that it begins with, facet, part of the functions, list). A list is
 * a sequence of pairs of varints in order of function: function less that of the pair before (of the part's first), n.
 */
#ifndef GB_STORE_SUMS_H
#define GB_STORE_SUMS_H

#include "store/batch.h"
#include "store/search.h"

#define GB_DAY_HOURS 24

/* A part has 2^BITS functions: of a day fewer, since more of them are in its lists. */
#define GB_SUMS_HOUR_BITS 10
#define GB_SUMS_DAY_BITS  8

struct gb_sums_row {
	int64_t hours, moment, facet, part;
	struct gb_span list;
};

/* Walks a list: false at its end, or where it is not understood. */
struct gb_sums_reader {
	struct gb_span rest;
	int64_t function, n;
};
struct gb_sums_reader gb_sums_read(int64_t hours, int64_t part, struct gb_span list);
bool gb_sums_next(struct gb_sums_reader *reader);

/* Adds the counts of a batch, those of function 0 not. In the transaction of the batch, behind its feed number. */
int gb_sums_add(struct gb_store *store, const struct gb_batch_count *counts, size_t count, struct gb_diag *diag);

/* One step of making them of counts that were there before they were: what 1,024 functions had in 32 days. A transaction of its own;
 * others may insert between the steps. 1: there is more to do; 0: done, and cheap to ask. */
int gb_sums_fill(struct gb_store *store, struct gb_diag *diag);

/* 1 when all counts are in the sums, 0 while they are being made. */
int gb_sums_are_whole(struct gb_store *store, struct gb_diag *diag);

/* The sums of an hour's range, by function. */
struct gb_tally;

/* Of FUNCTIONS only, which lives as long; NULL: of all. NULL when memory is short. */
struct gb_tally *gb_tally_new(const struct gb_ids *functions);
void gb_tally_free(struct gb_tally *tally);
/* Adds one row's counts; *ret_sum: of those functions that are wanted. 0 or -ENOMEM. */
int gb_tally_add(struct gb_tally *tally, int64_t hours, int64_t part, struct gb_span list, int64_t *ret_sum);
/* Each function that has a sum, and begin anew. */
int gb_tally_tell(struct gb_tally *tally, int (*on_sum)(void *context, int64_t function, int64_t n), void *context);

/* The drivers' own ways. Read: fills in the lists of ROWS (in order), which are the arena's; one that is not there is empty. */
struct gb_arena;
int gb_sqlite_sums_read(
        struct gb_store *store, struct gb_sums_row *rows, size_t count, struct gb_arena *arena, struct gb_diag *diag);
int gb_sqlite_sums_write(struct gb_store *store, const struct gb_sums_row *rows, size_t count, struct gb_diag *diag);
int gb_postgres_sums_read(
        struct gb_store *store, struct gb_sums_row *rows, size_t count, struct gb_arena *arena, struct gb_diag *diag);
int gb_postgres_sums_write(struct gb_store *store, const struct gb_sums_row *rows, size_t count, struct gb_diag *diag);

#endif
