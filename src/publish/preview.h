/* SPDX-License-Identifier: Apache-2.0 */
/*
 * publish/preview: what a rule or exclusion would change, before it is made: what functions were seen to do, and what was found, judged
 * without it and with it by gb_policy_evaluate() itself. Bounded; nothing is written.
 */
#ifndef GB_PUBLISH_PREVIEW_H
#define GB_PUBLISH_PREVIEW_H

#include "learn/learn.h"
#include "publish/publish.h"
#include "store/events.h"

#define GB_PREVIEW_MS        4000   /* what is not looked at by then is not counted */
#define GB_PREVIEW_FUNCTIONS 200u   /* that it is for, of which activity is looked at */
#define GB_PREVIEW_EVENTS    500u   /* of one function, the newest */
#define GB_PREVIEW_JUDGED    50000u /* in all */

/* One that is judged otherwise. */
struct gb_publish_example {
	const struct gb_function *function;
	const struct gb_event *event;       /* NULL: observed activity */
	const struct gb_activity *activity; /* NULL: an input, and the event says which */
	enum gb_decision before, after;
};

struct gb_publish_preview {
	size_t functions; /* that it is for, and were looked at */
	size_t examined, changed;
	bool is_truncated;
	char conflict[256]; /* a rule that undoes it, or what it undoes; empty: none */
};

typedef int gb_publish_example_row(void *context, const struct gb_publish_example *example);

/* RULE has been checked. SCOPE: functions that may be looked at (NULL: all). Results of ON_EXAMPLE below 0 end it. -EINVAL, -EFBIG with DIAG: with it no policy
 * could be made for a function that has one now. */
__attribute__((warn_unused_result)) int gb_publish_preview(struct gb_store *store, const struct gb_scope *scope,
        const struct gb_rule *rule, gb_publish_example_row *on_example, void *context,
        struct gb_publish_preview *ret_preview, struct gb_diag *diag);

/* "deny", "report", "observe", "allow" */
const char *gb_decision_word(enum gb_decision decision);

#endif
