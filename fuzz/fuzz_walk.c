/* SPDX-License-Identifier: Apache-2.0 */
/* The event walk: strings come in order, lie between quotes, are of the bytes that their masks say, and the walk ends. */
#include "inspect/bytes.h"
#include "inspect/walk.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check(int is_true)
{
	if (!is_true)
		abort();
}

/* A path is the same whether those before it were asked for or not. */
static void check_path(struct gb_walk *often, struct gb_walk *seldom, size_t i)
{
	static struct gb_walk_path all, some;

	gb_walk_path_of(often, &all);
	check(all.n <= sizeof(all.p));
	if ((i * i + i / 5) % 7 != 3)
		return;
	gb_walk_path_of(seldom, &some);
	check(all.n == some.n && memcmp(all.p, some.p, all.n) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static struct gb_walk walk, other;
	struct gb_walk_string string, same;
	enum gb_walk_result result;
	size_t at = 0;

	gb_walk_start(&walk, gb_span_of(data, n), GB_NODE_ROOT, GB_ORIGIN_VALUE, 0);
	gb_walk_start(&other, gb_span_of(data, n), GB_NODE_ROOT, GB_ORIGIN_VALUE, 0);
	for (size_t i = 0; (result = gb_walk_next(&walk, &string)) != GB_WALK_END && result != GB_WALK_BROKEN; i++) {
		size_t from = (size_t)(string.raw.p - data);

		check(gb_walk_next(&other, &same) == result && same.raw.p == string.raw.p && walk.at <= n);
		check(from > at && from + string.raw.n < n);
		if (result != GB_WALK_NUMBERS) {
			check(data[from - 1] == '"' && data[from + string.raw.n] == '"');
			check(string.has_escapes || string.mask == gb_bytes_mask(string.raw));
		}
		check_path(&walk, &other, i);
		at = from + string.raw.n;
	}
	check(walk.at <= n);
	check(result == GB_WALK_BROKEN || walk.depth == 0);
	return 0;
}
