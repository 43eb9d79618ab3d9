/* SPDX-License-Identifier: Apache-2.0 */
#include "learn/boundaries.h"

#include "activity/made_up.h"

#include <errno.h>

void gb_learn_path_template(
        const struct gb_boundaries *boundaries, struct gb_span path, struct gb_text *out, bool *ret_is_sure)
{
	gb_made_up_path(path, boundaries == NULL ? SIZE_MAX : gb_boundaries_vary(boundaries, path), out, ret_is_sure);
}

int gb_learn_path_pattern(
        struct gb_arena *arena, const struct gb_boundaries *boundaries, struct gb_span path, struct gb_span *ret)
{
	size_t cap = path.n + 16;
	char *bytes = gb_arena_take(arena, cap);
	struct gb_text text = gb_text_on(bytes, cap);
	bool is_sure = false;

	if (bytes == NULL)
		return -ENOMEM;
	gb_learn_path_template(boundaries, path, &text, &is_sure);
	*ret = is_sure ? gb_text_span(&text) : path;
	return 0;
}
