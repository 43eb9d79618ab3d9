/* SPDX-License-Identifier: Apache-2.0 */
#include "control/state.h"

#include <errno.h>
#include <string.h>

/* The part before the next '/' in *REST (which begins with one); *REST is what is left of it. */
static struct gb_span take_part(struct gb_span *rest)
{
	size_t end = gb_span_find_byte(*rest, '/', 1);
	struct gb_span part = gb_span_sub(*rest, 1, end == SIZE_MAX ? SIZE_MAX : end - 1);

	*rest = end == SIZE_MAX ? GB_SPAN_EMPTY : gb_span_sub(*rest, end, SIZE_MAX);
	return part;
}

static bool is_parameter(struct gb_span part)
{
	return part.n > 2 && part.p[0] == '{';
}

/* A fixed part is compared as sent: "%761" is not "v1", so that there is one way only to write a path. */
static bool has_path(const struct gb_route *route, struct gb_span path)
{
	struct gb_span pattern = gb_span_cstr(route->path);

	while (pattern.n > 0 && path.n > 0) {
		struct gb_span want = take_part(&pattern), have = take_part(&path);

		if (is_parameter(want) ? have.n == 0 : !gb_span_equal(want, have))
			return false;
	}
	return pattern.n == 0 && path.n == 0;
}

static void add_allowed(char allowed[GB_ALLOWED_CHARS], const char *method)
{
	size_t n = strlen(allowed);

	if (gb_span_find(gb_span_cstr(allowed), gb_span_cstr(method), 0) != SIZE_MAX)
		return;
	snprintf(allowed + n, GB_ALLOWED_CHARS - n, "%s%s", n > 0 ? ", " : "", method);
}

const struct gb_route *gb_router_find(struct gb_span method, struct gb_span path, char ret_allowed[GB_ALLOWED_CHARS])
{
	struct gb_span wanted = gb_span_equal(method, GB_SPAN("HEAD")) ? GB_SPAN("GET") : method;

	ret_allowed[0] = '\0';
	for (size_t k = 0; gb_routes[k] != NULL; k++)
		for (const struct gb_route *route = gb_routes[k]; route->path != NULL; route++) {
			if (!has_path(route, path))
				continue;
			if (gb_span_equal(gb_span_cstr(route->method), wanted))
				return route;
			add_allowed(ret_allowed, route->method);
		}
	return NULL;
}

int gb_router_parameters(struct gb_call *call)
{
	struct gb_span pattern = gb_span_cstr(call->route->path), path = call->request->path;
	size_t count = 0;
	int r = 0;

	while (pattern.n > 0 && path.n > 0 && r == 0 && count < GB_PARAMETERS_MAX) {
		struct gb_span want = take_part(&pattern), have = take_part(&path);

		if (is_parameter(want))
			r = gb_web_decode(call->arena, have, false, &call->parameters[count++]);
	}
	return r;
}

struct gb_span gb_call_parameter(const struct gb_call *call, const char *name)
{
	struct gb_span pattern = gb_span_cstr(call->route->path);
	size_t count = 0;

	while (pattern.n > 0 && count < GB_PARAMETERS_MAX) {
		struct gb_span part = take_part(&pattern);

		if (!is_parameter(part))
			continue;
		if (gb_span_equal(gb_span_sub(part, 1, part.n - 2), gb_span_cstr(name)))
			return call->parameters[count];
		count++;
	}
	return GB_SPAN_EMPTY;
}
