/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store/counting: counts by label and moment while they are added up. Private to src/store.
 */
#ifndef GB_STORE_COUNTING_H
#define GB_STORE_COUNTING_H

#include "store/driver.h"
#include "store/search.h"

#define GB_LABEL_BYTES 128

struct gb_label {
	char text[GB_LABEL_BYTES];
	size_t n;
	int64_t function;
	int64_t sum;
};

struct gb_total {
	int64_t moment;
	uint32_t label; /* index; UINT32_MAX: the rest */
	int64_t n;
};

struct gb_counting {
	struct gb_store *store;
	struct gb_search search;
	enum gb_event_group group;
	int64_t step_hours;
	struct gb_label *labels;
	size_t label_count;
	uint32_t *label_slots; /* index plus one */
	struct gb_total *totals;
	size_t total_count;
	uint32_t *total_slots;
	/* With GB_GROUP_ACCOUNT and GB_GROUP_REGION: function and label, in order of function. */
	struct gb_places names;
	bool has_failed;
};

/* Index of a label; UINT32_MAX: the rest. */
uint32_t gb_counting_label(struct gb_counting *counting, struct gb_span text, int64_t function);
/* That of the group's value of a function and a facet, which may be NULL. */
uint32_t gb_counting_label_for(struct gb_counting *counting, int64_t function, const struct gb_facet *facet);
/* N more. Sets has_failed when there are too many. */
void gb_counting_add(struct gb_counting *counting, int64_t moment, uint32_t label, int64_t n);

/* Adds what event_counts and event_sums have of the search. */
int gb_counting_read(struct gb_counting *counting, struct gb_diag *diag);

/* Adds those of addresses, of which LIMIT will be told. */
int gb_counting_read_addresses(struct gb_counting *counting, const struct gb_scope *scope,
        const struct gb_event_filter *filter, size_t limit, struct gb_diag *diag);

#endif
