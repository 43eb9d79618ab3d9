/* SPDX-License-Identifier: Apache-2.0 */
/* cmd/gambeson/replay: what the parts of `gambeson replay` share: what a policy would have done, counted. */
#ifndef GB_CMD_REPLAY_H
#define GB_CMD_REPLAY_H

#include "activity/verdict.h"

#include <jansson.h>
#include <stdio.h>

/* Where something was seen: FILE as given; LINE from 1, or 0; REQUEST, SANDBOX may be empty. */
struct gb_replay_place {
	const char *file;
	uint64_t line;
	struct gb_span request, sandbox;
};

/* One thing that the policy has something to say about. */
struct gb_replay_offence {
	enum gb_decision decision; /* not GB_ALLOW */
	const char *control, *reason;
	const char *kind; /* of an activity; of an event its class of attack */
	struct gb_span subject, object;
	struct gb_span arguments; /* each with its NUL behind it */
	struct gb_span rule;      /* name of the rule that decided; may be empty */
	uint64_t count;           /* of an observation: how often its sandbox had seen it by then; 0: once more */
};

/* Zero it but for the open members; done with gb_replay_tally_done(). */
struct gb_replay_tally {
	json_t *offences;  /* those that differ, in the order of their first place */
	json_t *by_key;    /* of what they are → the same objects */
	json_t *counts;    /* of that and its sandbox → greatest count told */
	json_t *sandboxes; /* → invocations */
	json_t *requests;  /* with a block, with an alert: ids of decision */
	size_t activities, events, cut;
	size_t events_by_decision[_GB_DECISION_MAX];
	bool is_short_of_memory;
};

/* Count nothing yet; done frees what was counted. */
void gb_replay_tally_init(struct gb_replay_tally *tally);
void gb_replay_tally_done(struct gb_replay_tally *tally);

void gb_replay_tally_add(
        struct gb_replay_tally *tally, const struct gb_replay_offence *offence, const struct gb_replay_place *place);
/* SANDBOX has had so many INVOCATIONS by now. */
void gb_replay_tally_sandbox(struct gb_replay_tally *tally, struct gb_span sandbox, uint64_t invocations);

/* How many offences that differ come to DECISION. */
size_t gb_replay_tally_count(const struct gb_replay_tally *tally, enum gb_decision decision);

/* What was counted, and at most FIRST of the offences. UNTOLD: findings of logs that are about events. */
void gb_replay_print_text(const struct gb_replay_tally *tally, const char *posture, size_t first, size_t untold);
void gb_replay_print_json(const struct gb_replay_tally *tally, const char *posture, size_t first, size_t untold);

/* "block", "alert", "observe", "allow". */
const char *gb_replay_decision_name(enum gb_decision decision);

#endif
