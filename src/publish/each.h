/* SPDX-License-Identifier: Apache-2.0 */
/* publish/each: functions one after the other, looked at when the database has ended its list. Private to its directory. */
#ifndef GB_PUBLISH_EACH_H
#define GB_PUBLISH_EACH_H

#include "publish/publish.h"

/* 0: go on; 1: enough; negative: an error. FUNCTION lives until it returns. */
typedef int each_look(void *context, const struct gb_function *function);

/* Hand the functions of SCOPE (NULL: all) that FILTER takes to LOOK, until END_MS of the store's clock. Result: 1 when all were, 0 when not, or
 * negative. */
__attribute__((warn_unused_result)) int each_function(struct gb_store *store, const struct gb_scope *scope,
        const struct gb_function_filter *filter, int64_t end_ms, each_look *look, void *context, struct gb_diag *diag);

/* Hand function ID to LOOK, when SCOPE sees it. Result: 1, or negative. */
__attribute__((warn_unused_result)) int each_one(struct gb_store *store, const struct gb_scope *scope, int64_t id,
        each_look *look, void *context, struct gb_diag *diag);

#endif
