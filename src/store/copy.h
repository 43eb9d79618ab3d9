/* SPDX-License-Identifier: Apache-2.0 */
/* store/copy: columns of a row live until its callback returns; what is to stay is copied into an arena. */
#ifndef GB_STORE_COPY_H
#define GB_STORE_COPY_H

#include "base/arena.h"
#include "store/sql.h"

/* COUNT spans at the pointers TEXTS, each the bytes of the column of its place from COLUMNS on. 0 or -ENOMEM. */
__attribute__((warn_unused_result)) int gb_store_copy(
        struct gb_arena *arena, const struct gb_sql_value *columns, struct gb_span *const *texts, size_t count);

#endif
