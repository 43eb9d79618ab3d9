/* SPDX-License-Identifier: Apache-2.0 */
/* The event walk: strings come in order, lie between quotes, and the walk ends. */
#include "inspect/walk.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check(int is_true)
{
	if (!is_true)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static struct gb_walk walk;
	static struct gb_walk_path path;
	struct gb_walk_string string;
	enum gb_walk_result result;
	size_t at = 0;

	path.n = 0;
	gb_walk_start(&walk, gb_span_of(data, n), GB_NODE_ROOT, GB_ORIGIN_VALUE);
	while ((result = gb_walk_next(&walk, &path, &string)) == GB_WALK_KEY || result == GB_WALK_STRING) {
		size_t from = (size_t)(string.raw.p - data);

		check(from > at && from + string.raw.n < n);
		check(data[from - 1] == '"' && data[from + string.raw.n] == '"');
		check(path.n <= sizeof(path.p) && walk.at <= n);
		at = from + string.raw.n;
	}
	check(walk.at <= n);
	check(result == GB_WALK_BROKEN || walk.depth == 0);
	return 0;
}
