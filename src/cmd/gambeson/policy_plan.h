/* SPDX-License-Identifier: Apache-2.0 */
/* cmd/gambeson/policy_plan: what a push would do to each document of a server. */
#ifndef GB_CMD_POLICY_PLAN_H
#define GB_CMD_POLICY_PLAN_H

#include "cmd/gambeson/policy_remote.h"

enum gb_policy_action { GB_POLICY_KEEP = 0, GB_POLICY_MAKE, GB_POLICY_CHANGE, GB_POLICY_DELETE, GB_POLICY_REFUSE };

/* What is to become of one document. */
struct gb_policy_plan {
	enum gb_policy_action action;
	const char *kind, *name;
	const struct gb_policy_local *local; /* NULL: it is to be deleted */
	int64_t revision;                    /* on the server; 0: none */
	char *there;                         /* its body on the server, when it was asked for */
	size_t there_n;
	const char *why; /* it is refused */
};

struct gb_policy_plans {
	struct gb_policy_plan *items;
	size_t count;
	json_t *list; /* of the server's documents */
};

/* What becomes of LOCALS, and, with HAS_PRUNE, of what the server has beside them. Without IS_FORCED a document that is not
 * as BASE knows it is refused. Result: enum gb_exit; gb_policy_plans_done() is due in every case. */
int gb_policy_plans_make(struct gb_remote *remote, const struct gb_policy_locals *locals,
        const struct gb_policy_base *base, bool is_forced, bool has_prune, struct gb_policy_plans *ret_plans);
void gb_policy_plans_done(struct gb_policy_plans *plans);

/* Print what PLAN changes, line by line. Result: enum gb_exit. */
int gb_policy_plan_show(const struct gb_command *self, const struct gb_policy_plan *plan);

#endif
