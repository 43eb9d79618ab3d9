/* SPDX-License-Identifier: Apache-2.0 */
/* publish/due: which functions have to be looked at again. Private to its directory. */
#ifndef GB_PUBLISH_DUE_H
#define GB_PUBLISH_DUE_H

#include "store/functions.h"

/* What a function looked like when it was looked at last, and until when that holds. */
struct due {
	int64_t function; /* 0: free */
	uint64_t hash;
	int64_t epoch, next_change;
};

struct due_table {
	struct due *slots;
	size_t count, cap; /* a power of two */
};

/* The function's own, which is the table's until the next call; new ones have the epoch -1. NULL when memory is short. */
struct due *due_of(struct due_table *table, int64_t function);

/* Empty it: everything is to be looked at. */
void due_forget(struct due_table *table);

/* Of all that is a function's and changes its policy. */
uint64_t due_hash(const struct gb_function *function);

#endif
