/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store/learning: how learning of a function went on, as points of a curve: few (a tenth more invocations each), and of its newest
 * code only, since new code opens learning again.
 */
#ifndef GB_STORE_LEARNING_H
#define GB_STORE_LEARNING_H

#include "store/sql.h"

struct gb_learning_point {
	int64_t invocations; /* seen by then */
	int64_t needed;      /* in all, as it was estimated then */
	int64_t percent;
	double bound; /* chance that the next invocation does something unlisted, at most */
	int64_t time; /* ms since 1970 */
};

/* Spans and POINT live until the callback returns. Results as those of gb_sql_row. */
typedef int gb_learning_row(void *context, const struct gb_learning_point *point);

/* Note POINT of FUNCTION's CODE (may be empty), unless it is hardly more than the last one. Points of other code go. 1: it was
 * noted; 0: not; or a negative errno. */
__attribute__((warn_unused_result)) int gb_learning_note(struct gb_store *store, int64_t function, struct gb_span code,
        const struct gb_learning_point *point, struct gb_diag *diag);

/* All points of FUNCTION, by invocations. Result: how many. */
__attribute__((warn_unused_result)) int gb_learning_list(
        struct gb_store *store, int64_t function, gb_learning_row *on_row, void *context, struct gb_diag *diag);

#endif
