/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store/search: which events, before they are read. Private to src/store.
 */
#ifndef GB_STORE_SEARCH_H
#define GB_STORE_SEARCH_H

#include "store/facets.h"
#include "store/postings.h"

struct gb_ids {
	int64_t *items; /* in order */
	size_t count, cap;
};

/* A filter as numbers. */
struct gb_search {
	const struct gb_event_filter *filter;
	int64_t from, before; /* of time; before INT64_MAX: no end */
	bool has_functions;   /* only those in FUNCTIONS */
	struct gb_ids functions;
	size_t function_rows; /* that were looked at for them */
	bool has_facets;      /* only those in FACETS */
	struct gb_ids facets;
	uint64_t request, source; /* hashes; 0: whatever */
	bool is_nothing;          /* nothing can match */
};

int gb_search_begin(struct gb_search *search, struct gb_store *store, const struct gb_scope *scope,
        const struct gb_event_filter *filter, struct gb_diag *diag);
void gb_search_end(struct gb_search *search);

bool gb_ids_have(const struct gb_ids *ids, int64_t id);
/* Whether an event is what is searched for, but for its text. */
bool gb_search_matches(const struct gb_search *search, const struct gb_event *event, int64_t facet);

/* Places of events, to be put in order. */
struct gb_places {
	struct gb_posting *items;
	size_t count, cap;
};
int gb_places_add(struct gb_places *places, struct gb_posting place);

/* Walks the runs from the newest on. */
struct gb_run_walk {
	int64_t last_time, run; /* of the run that was read last; all others end before */
	size_t step;            /* runs of the next step */
	bool is_end;
};

/* Adds the places of what waits for a run, or of some more runs, that may match, those before CURSOR only; after which all
 * places later than walk->last_time are known. */
int gb_search_waiting(struct gb_store *store, const struct gb_search *search, struct gb_event_cursor cursor,
        struct gb_places *places, struct gb_diag *diag);
int gb_search_runs(struct gb_store *store, const struct gb_search *search, struct gb_event_cursor cursor,
        struct gb_run_walk *walk, struct gb_places *places, struct gb_diag *diag);

/* The lower half of the address's hash, and place, of each event that is searched for and has an address: not in order, newest runs first,
 * until ENOUGH were told, or some hundred thousand events were looked at,
 * or for some time. Only for searches without request, address, text and status. */
typedef int gb_search_source(void *context, uint32_t hash, struct gb_posting place);
int gb_search_sources(struct gb_store *store, const struct gb_search *search, size_t enough,
        gb_search_source *on_source, void *context, struct gb_diag *diag);

#endif
