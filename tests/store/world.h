/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plain list of events, and questions about how many there are of them, for the store to be held beside. Functions fail the test when it
 * says anything else.
 */
#ifndef GB_TESTS_STORE_WORLD_H
#define GB_TESTS_STORE_WORLD_H

#include "fixture.h"

#include "store/events.h"

#define WORLD_FUNCTIONS 1300 /* of two parts by hour, and of six by day */
#define WORLD_EVENTS    6000
#define WORLD_HOUR      INT64_C(3600000)
#define WORLD_DAY       (24 * WORLD_HOUR)
#define WORLD_KEY       48

struct world {
	struct fixture *f;
	uint64_t random;
	int64_t functions[WORLD_FUNCTIONS];
	struct gb_event events[WORLD_EVENTS];
	size_t function_of[WORLD_EVENTS];
	size_t count;      /* inserted */
	int64_t kept_from; /* what is older was deleted */
	char (*want)[WORLD_KEY], (*have)[WORLD_KEY];
	size_t have_count;
};

/* WORLD_EVENTS events of eighty days, and functions that the store is told of; the events it is not. */
struct world *world_begin(struct fixture *f);
void world_end(struct world *world);
/* COUNT more go into the store, each batch with some that were there before. */
void world_insert(struct world *world, size_t count);
/* QUESTIONS, other ones each time, are answered as by the list. WHEN is for messages. */
void world_compare(struct world *world, const char *when, int questions);

#endif
