/* SPDX-License-Identifier: Apache-2.0 */
/* What an HTTP-shaped event says about its request: read ahead of the inspection, without undoing anything. */
#include "inspect/inspect.h"

#include "base/text.h"
#include "inspect/walk.h"

static struct gb_span path_of(const struct gb_walk_path *path)
{
	return gb_span_of(path->p, path->n);
}

/* The name of a header in `headers.NAME` or `multiValueHeaders.NAME[…]`, else empty. */
static struct gb_span header_name(const struct gb_walk_path *path)
{
	struct gb_span whole = path_of(path);

	if (gb_span_starts(whole, GB_SPAN("headers.")))
		return gb_span_sub(whole, 8, SIZE_MAX);
	if (!gb_span_starts(whole, GB_SPAN("multiValueHeaders.")))
		return GB_SPAN_EMPTY;
	whole = gb_span_sub(whole, 18, SIZE_MAX);
	return gb_span_sub(whole, 0, gb_span_find_byte(whole, '[', 0));
}

static void note_header(
        struct gb_inspect_head *head, struct gb_span wanted, struct gb_span name, const struct gb_walk_string *string)
{
	if (gb_span_equal_nocase(name, GB_SPAN("x-forwarded-for")))
		head->forwarded_for = string->raw;
	if (wanted.n != 0 && gb_span_equal_nocase(name, wanted))
		head->header = string->raw;
}

static void note(struct gb_inspect_head *head, const struct gb_walk_path *path, const struct gb_walk_string *string)
{
	static const struct {
		struct gb_span path;
		size_t member;
	} members[] = {
	        {GB_SPAN("httpMethod"), offsetof(struct gb_inspect_head, method)},
	        {GB_SPAN("requestContext.http.method"), offsetof(struct gb_inspect_head, method)},
	        {GB_SPAN("resource"), offsetof(struct gb_inspect_head, resource)},
	        {GB_SPAN("routeKey"), offsetof(struct gb_inspect_head, resource)},
	        {GB_SPAN("path"), offsetof(struct gb_inspect_head, path)},
	        {GB_SPAN("rawPath"), offsetof(struct gb_inspect_head, path)},
	};

	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		if (gb_span_equal(path_of(path), members[i].path))
			memcpy((char *)head + members[i].member, &string->raw, sizeof(string->raw));
}

/* "POST /comments/{id}" → the path; "$default" says nothing. */
static void trim_resource(struct gb_inspect_head *head)
{
	size_t blank = gb_span_find_byte(head->resource, ' ', 0);

	if (blank != SIZE_MAX)
		head->resource = gb_span_sub(head->resource, blank + 1, SIZE_MAX);
	if (head->resource.n != 0 && head->resource.p[0] != '/')
		head->resource = GB_SPAN_EMPTY;
}

void gb_inspect_event_head(struct gb_span event, struct gb_span header, struct gb_inspect_head *ret_head)
{
	enum gb_walk_result result;
	struct gb_walk_string string;
	struct gb_walk_path path = {.n = 0};
	struct gb_walk walk;

	*ret_head = (struct gb_inspect_head){0};
	gb_walk_start(&walk, event, GB_NODE_ROOT, GB_ORIGIN_VALUE);
	while ((result = gb_walk_next(&walk, &path, &string)) == GB_WALK_KEY || result == GB_WALK_STRING) {
		struct gb_span name;

		/* What is written with escapes was not written by a gateway. */
		if (result == GB_WALK_KEY || string.has_escapes)
			continue;
		name = header_name(&path);
		if (name.n != 0)
			note_header(ret_head, header, name, &string);
		else
			note(ret_head, &path, &string);
	}
	if (result == GB_WALK_BROKEN)
		*ret_head = (struct gb_inspect_head){0};
	trim_resource(ret_head);
}
