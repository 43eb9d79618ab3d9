/* SPDX-License-Identifier: Apache-2.0 */
#include "store/copy.h"

#include <errno.h>
#include <string.h>

int gb_store_copy(
        struct gb_arena *arena, const struct gb_sql_value *columns, struct gb_span *const *texts, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct gb_span from = columns[i].bytes;
		unsigned char *to = gb_arena_take(arena, from.n + 1);

		if (to == NULL)
			return -ENOMEM;
		if (from.n > 0)
			memcpy(to, from.p, from.n);
		*texts[i] = gb_span_of(to, from.n);
	}
	return 0;
}
