/* SPDX-License-Identifier: Apache-2.0 */
/* Paths and queries from anywhere. A path that is let through holds nothing that a file name could climb by, in whatever way it
 * is read; what is decoded is UTF-8 without NUL, and no longer than it was. */
#include "web/message.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_path(struct gb_arena *arena, struct gb_span path)
{
	struct gb_span decoded;

	if (!gb_web_path_check(path))
		return;
	assert(gb_web_decode(arena, path, false, &decoded) == 0);
	assert(decoded.p[0] == '/' && gb_web_is_utf8(decoded));
	assert(gb_span_find(decoded, GB_SPAN("/../"), 0) == SIZE_MAX &&
	        gb_span_find(decoded, GB_SPAN("/./"), 0) == SIZE_MAX);
	assert(gb_span_find(decoded, GB_SPAN("//"), 0) == SIZE_MAX && !gb_span_ends(decoded, GB_SPAN("/..")));
	assert(gb_span_find_byte(decoded, '\\', 0) == SIZE_MAX && gb_span_find_byte(decoded, '\0', 0) == SIZE_MAX);
}

static void check_query(struct gb_arena *arena, struct gb_span query)
{
	const struct gb_web_request request = {.arena = arena, .query = query};
	struct gb_span value;
	bool is_there;

	if (gb_web_request_query(&request, "a", &value, &is_there) < 0)
		return;
	assert(is_there || value.n == 0);
	assert(value.n <= query.n && gb_web_is_utf8(value) && gb_span_find_byte(value, '\0', 0) == SIZE_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct gb_span input = gb_span_of(data, size);
	struct gb_arena *arena = gb_arena_new();

	check_path(arena, input);
	check_query(arena, input);
	gb_arena_free(arena);
	return 0;
}
