/* SPDX-License-Identifier: Apache-2.0 */
/* Functions that do not exist, whose behaviour is known exactly: what learning promises can be compared with the truth. */
#ifndef GB_TEST_WORLDS_H
#define GB_TEST_WORLDS_H

#include "learn/store.h"

#define WORLD_ITEMS_MAX 2048u

/* xorshift64*: the same everywhere. */
struct dice {
	uint64_t state;
};

double dice_fraction(struct dice *dice);
uint64_t dice_below(struct dice *dice, uint64_t n);

struct world {
	const char *name;
	size_t count;                      /* of things that it can do */
	double chances[WORLD_ITEMS_MAX];   /* of each in an invocation */
	bool is_single;                    /* an invocation does exactly one of them */
	size_t bundle;                     /* things come together: so many of them always at once; 1: none */
	bool is_made_up;                   /* names have an id in them that never comes again */
	bool is_each;                      /* and an agent that counts each of them by itself */
	uint64_t sandbox_min, sandbox_max; /* invocations of a sandbox */
};

struct world_run {
	const struct world *world;
	struct dice dice;
	struct gb_profile *profile;         /* of all sandboxes */
	struct gb_profile_version *version; /* of it, or of `part` */
	struct gb_profile *part;            /* of the sandbox in hand, when parts are merged; else NULL */
	bool is_merged;
	const char *code; /* of the version that runs */
	uint64_t invocations, in_sandbox, sandbox_length, sandbox_number;
	uint64_t counts[WORLD_ITEMS_MAX]; /* in the sandbox in hand, as the agent counts */
	uint64_t total[WORLD_ITEMS_MAX];  /* of each in all */
};

void world_start(struct world_run *run, const struct world *world, uint64_t seed, bool is_merged);
void world_end(struct world_run *run);
/* One more invocation. */
void world_step(struct world_run *run);
/* What was seen so far is in run->profile. */
void world_tell(struct world_run *run);
/* What an invocation does, of number I; of made-up names another one each time. BUFFER has 128 bytes. */
struct gb_profile_item world_item(struct world_run *run, size_t i, char *buffer);
/* The chance that an invocation does something of which LISTED is false. */
double world_novelty(const struct world *world, const bool *listed);

/* Worlds, for a promise of EPSILON. SEED varies those that are drawn. */
void world_uniform(struct world *world, double epsilon);
void world_heavy_tail(struct world *world, uint64_t seed);
void world_zipf(struct world *world);

#endif
