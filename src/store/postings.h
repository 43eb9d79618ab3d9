/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store/postings: by what events are found. A run is some thousand events with consecutive feed numbers; for each thing that is
 * searched by it has a list of its events, in order of time. Private to src/store.
 *
 * A list is a sequence of entries, in order of (time, n): time less that of the entry before (of the run's first_time)
 * as a varint, n less that of the entry before (of the run) as a zigzag varint; in lists of hashes the lower 32 bits of the hash
 * stand before each entry, least byte first.
 */
#ifndef GB_STORE_POSTINGS_H
#define GB_STORE_POSTINGS_H

#include "store/batch.h"

/* Runs are written when that many events wait for one. */
#define GB_RUN_EVENTS 8192

enum gb_posting_kind { GB_POSTING_FUNCTION = 1, GB_POSTING_FACET, GB_POSTING_REQUEST, GB_POSTING_SOURCE };

/* What a key is of, without its kind. */
static inline int64_t gb_posting_key_value(int64_t key)
{
	return key & ((INT64_C(1) << 56) - 1);
}

/* Key of a list: of a function, a facet, or of one of the 2^bits parts of the hashes. */
static inline int64_t gb_posting_key(enum gb_posting_kind kind, int64_t value)
{
	return (int64_t)kind << 56 | gb_posting_key_value(value);
}

/* Of a request or an address. Which part it is in: its upper bits. */
uint64_t gb_posting_hash(struct gb_span value);
static inline int64_t gb_posting_part(uint64_t hash, int64_t bits)
{
	return bits == 0 ? 0 : (int64_t)(hash >> (64 - bits));
}

/* Numbers of seven bits a byte, least first. Put: at most 10 bytes; result: how many. Take: false where there is none. */
#define GB_VARINT_MAX 10u
size_t gb_varint_put(unsigned char *to, uint64_t value);
bool gb_varint_take(struct gb_span *rest, uint64_t *ret_value);

struct gb_posting {
	int64_t time, n;
};

/* Walks a list: false at its end, or where it is not understood. */
struct gb_posting_reader {
	struct gb_span rest;
	bool has_hashes;
	struct gb_posting at;
	uint32_t hash;
};
bool gb_posting_next(struct gb_posting_reader *reader);

/* What a run knows of one event. */
struct gb_run_event {
	struct gb_posting posting;
	int64_t function, facet;
	uint64_t request, source; /* hashes; 0: none */
};

struct gb_run {
	int64_t run; /* its first feed number */
	int64_t last_n, first_time, last_time, n, request_bits, source_bits;
};

/* Adds the events of a batch to what can be searched: nothing while few wait, else one run of those that wait and these. In
 * the transaction of the batch. */
int gb_runs_add(struct gb_store *store, const struct gb_batch_row *rows, size_t count, struct gb_diag *diag);

/* The lists of a run, made of EVENTS (which are put in order), each given to ON_LIST. 0, -ENOMEM or what that returned. */
typedef int gb_posting_list(void *context, int64_t key, struct gb_span list);
int gb_postings_build(
        const struct gb_run *run, struct gb_run_event *events, size_t count, gb_posting_list *on_list, void *context);

#endif
