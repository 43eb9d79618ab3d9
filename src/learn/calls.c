/* SPDX-License-Identifier: Apache-2.0 */
/* Calls of AWS's APIs and HTTP requests. Action, account, bucket, table, method and host are what they are; names behind a bucket
 * and segments of a request's path may be made up, like names of files. */
#include "learn/boundaries.h"

#include "base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define S3_HEAD GB_SPAN("arn:aws:s3:::")

/* A resource is `head`, which stays, and `path`, of which a pattern may be made; of a request `head` is its subject. */
struct call {
	struct gb_span action, head, path;
};

struct calls {
	struct gb_arena *arena;
	struct gb_policyc_document *document;
	struct call *items;
	size_t count;
};

static int call_compare(const void *left, const void *right)
{
	const struct call *a = left, *b = right;
	int order = gb_learn_span_compare(a->action, b->action);

	if (order == 0)
		order = gb_learn_span_compare(a->head, b->head);
	return order != 0 ? order : gb_learn_span_compare(a->path, b->path);
}

/* Of an object in a bucket all behind the bucket may vary; of anything else nothing: a table is no sample of tables. */
static struct call call_of_api(const struct gb_profile_item *item)
{
	struct call call = {.action = item->subject, .head = item->object};
	size_t slash = gb_span_starts(item->object, S3_HEAD) ? gb_span_find_byte(item->object, '/', 0) : SIZE_MAX;

	if (slash != SIZE_MAX) {
		call.head = gb_span_sub(item->object, 0, slash);
		call.path = gb_span_sub(item->object, slash, SIZE_MAX);
	}
	return call;
}

/* Patterns of the paths of calls [from, to). */
static int patterns_of(struct calls *calls, size_t from, size_t to, struct gb_policyc_patterns *ret)
{
	struct gb_span root = GB_SPAN("/");
	struct gb_boundaries anywhere = {.vary = &root, .vary_count = 1};
	struct gb_learn_paths paths = {.boundaries = &anywhere};
	int r = 0;

	for (size_t i = from; i < to && r == 0; i++)
		r = gb_learn_paths_add(calls->arena, &paths, calls->items[i].path);
	return r < 0 ? r : gb_learn_paths_finish(calls->arena, &paths, calls->document, ret);
}

/* What no document can say is not learned, and never less of it: a call without its resource would be any. */
static int add_resource(struct calls *calls, struct gb_span action, struct gb_span head, struct gb_span path)
{
	char buffer[2 * GB_POLICYC_PATTERN_BYTES_MAX];
	struct gb_text arn = gb_text_on(buffer, sizeof(buffer));
	struct gb_policyc_entry *allow = &calls->document->allow;
	struct gb_policyc_api *api;
	int r;

	gb_text_add(&arn, head);
	gb_text_add(&arn, path);
	r = arn.truncated ? -EINVAL : gb_policyc_add_api(calls->document, allow, action, &api, NULL);
	if (r < 0)
		return r == -EINVAL ? 0 : r;
	if (arn.n == 0)
		return 0;
	r = gb_policyc_add_resource(calls->document, api, gb_text_span(&arn), NULL);
	if (r == -EINVAL)
		allow->api_count--;
	return r == -EINVAL ? 0 : r;
}

static int add_request(struct calls *calls, struct gb_span subject, struct gb_span path)
{
	size_t blank = gb_span_find_byte(subject, ' ', 0);
	struct gb_span method = gb_span_sub(subject, 0, blank), host;
	struct gb_policyc_http *request;
	int r;

	if (blank == SIZE_MAX)
		return 0;
	host = gb_span_sub(subject, blank + 1, SIZE_MAX);
	/* A part that is empty would be any. */
	if (method.n == 0 || host.n == 0 || path.n == 0)
		return 0;
	r = gb_policyc_add_request(calls->document, &calls->document->allow, method, host, path, &request, NULL);
	return r == -EINVAL ? 0 : r;
}

/* Calls [from, to) of one action and head; of requests the action is empty. */
static int add_calls(struct calls *calls, size_t from, size_t to)
{
	const struct call *first = &calls->items[from];
	struct gb_policyc_patterns patterns = {0};
	int r;

	if (first->action.n != 0 && calls->items[to - 1].path.n == 0)
		return add_resource(calls, first->action, first->head, GB_SPAN_EMPTY);
	r = patterns_of(calls, from, to, &patterns);
	for (size_t i = 0; i < patterns.count && r == 0; i++) {
		struct gb_span pattern = gb_span_cstr(patterns.items[i].text);

		r = first->action.n != 0 ? add_resource(calls, first->action, first->head, pattern)
		                         : add_request(calls, first->head, pattern);
	}
	return r;
}

int gb_learn_calls(struct gb_arena *arena, const struct gb_profile_item *const *items, size_t count,
        struct gb_policyc_document *document)
{
	struct calls calls = {.arena = arena, .document = document};
	int r = 0;

	calls.items = gb_arena_take(arena, (count + 1) * sizeof(*calls.items));
	if (calls.items == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		if (items[i]->kind == GB_ACTIVITY_AWS_API)
			calls.items[calls.count++] = call_of_api(items[i]);
		else if (items[i]->kind == GB_ACTIVITY_HTTP_REQUEST)
			calls.items[calls.count++] = (struct call){.head = items[i]->subject, .path = items[i]->object};
	}
	if (calls.count != 0)
		qsort(calls.items, calls.count, sizeof(*calls.items), call_compare);
	for (size_t from = 0, to; from < calls.count && r == 0; from = to) {
		const struct call *first = &calls.items[from];

		for (to = from; to < calls.count && gb_span_equal(calls.items[to].action, first->action) &&
		                gb_span_equal(calls.items[to].head, first->head) &&
		                (calls.items[to].path.n == 0) == (first->path.n == 0);
		        to++)
			;
		r = add_calls(&calls, from, to);
	}
	return r;
}
