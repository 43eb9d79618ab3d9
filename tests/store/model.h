/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plain list of made-up events, beside which the store is held: whatever is asked, it must say what the list says. Functions
 * fail the test when it does not.
 */
#ifndef GB_TESTS_STORE_MODEL_H
#define GB_TESTS_STORE_MODEL_H

#include "fixture.h"

#include "store/events.h"
#include "store/functions.h"

#define MODEL_FUNCTIONS 12
#define MODEL_EVENTS    21000
#define MODEL_HOUR      INT64_C(3600000)

struct model {
	struct fixture *f;
	struct gb_event *events;
	char (*texts)[3][96];
	size_t count;
	int64_t functions[MODEL_FUNCTIONS];
	uint64_t random; /* state of the generator: every run has the same events */
};

/* What a listing has told so far: each event once, in order, as it was put in. */
struct taken {
	const struct model *model;
	const char *name; /* of the question, for messages */
	uint8_t *seen;    /* by seq */
	size_t count;
	struct gb_event_cursor last;
};

/* COUNT events over about ten days, of MODEL_FUNCTIONS functions that the store is told of; the events it is not. */
struct model model_begin(struct fixture *f, size_t count);
void model_end(struct model *model);
/* COUNT events from FROM on go into the store, WANT_NEW of which it did not have. */
void model_insert(struct model *model, size_t from, size_t count, size_t want_new);
/* All of them, in batches small and large, some of them twice. */
void model_insert_all(struct model *model);

bool model_wants(const struct model *model, const struct gb_event_filter *filter, const struct gb_event *event);
/* How many events FILTER wants. */
int64_t model_count(struct model *model, const struct gb_event_filter *filter);
/* A gb_events_query() callback; CONTEXT is a struct taken. */
int model_take(void *context, const struct gb_event *event);
/* The store lists what FILTER wants, by pages of LIMIT, and no more. NAME is for messages. */
void model_check(struct model *model, const char *name, const struct gb_event_filter *filter, size_t limit);

#endif
