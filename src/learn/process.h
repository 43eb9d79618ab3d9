/* SPDX-License-Identifier: Apache-2.0 */
/*
 * learn/process: process starts taken to pieces. Private to learn.
 */
#ifndef GB_LEARN_PROCESS_H
#define GB_LEARN_PROCESS_H

#include "learn/store.h"
#include "learn/typed.h"

/* An invocation is cut into parts: fixed ones, which make it what it is, and places, which may vary. Invocations whose
 * fixed parts are the same are one group; each place is generalised over the group, and where it cannot be, the group
 * is split by its values. */
struct gb_part {
	struct gb_span text;
	enum gb_learn_freedom freedom;
	bool is_place;
	bool is_shell; /* a piece of a shell text */
	bool ends_argument;
};

struct gb_invocation {
	struct gb_span executable, name;
	struct gb_part *parts;
	size_t count, cap;
	struct gb_span key; /* all that is fixed */
};

struct gb_processes {
	struct gb_arena *arena;
	struct gb_policyc_document *document;
	struct gb_invocation *invocations;
	size_t count;
};

/* ITEM's parts. -ENOMEM. */
__attribute__((warn_unused_result)) int gb_learn_cut(
        struct gb_processes *learner, const struct gb_profile_item *item, struct gb_invocation *ret_invocation);
/* INVOCATION's key, of its parts. -ENOMEM. */
__attribute__((warn_unused_result)) int gb_learn_key(struct gb_processes *learner, struct gb_invocation *invocation);

#endif
