/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an HTTP-shaped event says about its request: read ahead of the inspection, without undoing anything. Brackets and
 * strings only: three levels of members are known by name, everything else is passed over.
 */
#include "inspect/inspect.h"

#include "base/text.h"
#include "inspect/bytes.h"

#define LEVELS 3u /* requestContext.http.method */

struct scan {
	struct gb_span text, wanted;
	size_t at;
	uint32_t depth;
	uint64_t arrays; /* bit per open container of the first 64 */
	bool is_key;     /* the next string is one */
	struct gb_span names[LEVELS + 1];
	struct gb_inspect_head *head;
};

static bool is_name(const struct scan *scan, unsigned level, struct gb_span name)
{
	return gb_span_equal(scan->names[level], name);
}

/* The string at the quote `at`, without its quotes; moves behind it. Escapes: empty, for no gateway writes them there. */
static struct gb_span take_string(struct scan *scan)
{
	size_t start = scan->at + 1, end = gb_bytes_find(scan->text, '"', start), from = start;
	bool has_escapes = false;

	while (end != SIZE_MAX && scan->text.p[end - 1] == '\\') {
		size_t slashes = 0;

		has_escapes = true;
		while (end - slashes > from && scan->text.p[end - 1 - slashes] == '\\')
			slashes++;
		if (slashes % 2 == 0)
			break;
		from = end + 1;
		end = gb_bytes_find(scan->text, '"', end + 1);
	}
	scan->at = end == SIZE_MAX ? scan->text.n : end + 1;
	if (end == SIZE_MAX || has_escapes)
		return GB_SPAN_EMPTY;
	return gb_span_sub(scan->text, start, end - start);
}

static void note_header(struct scan *scan, struct gb_span value)
{
	if (gb_span_equal_nocase(scan->names[2], GB_SPAN("x-forwarded-for")))
		scan->head->forwarded_for = value;
	if (scan->wanted.n != 0 && gb_span_equal_nocase(scan->names[2], scan->wanted))
		scan->head->header = value;
}

static void note(struct scan *scan, struct gb_span value)
{
	struct gb_inspect_head *head = scan->head;

	if (scan->depth == 1) {
		if (is_name(scan, 1, GB_SPAN("httpMethod")))
			head->method = value;
		else if (is_name(scan, 1, GB_SPAN("resource")) || is_name(scan, 1, GB_SPAN("routeKey")))
			head->resource = value;
		else if (is_name(scan, 1, GB_SPAN("path")) || is_name(scan, 1, GB_SPAN("rawPath")))
			head->path = value;
	} else if (scan->depth == 2 && is_name(scan, 1, GB_SPAN("headers"))) {
		note_header(scan, value);
	} else if (scan->depth == 3 && is_name(scan, 1, GB_SPAN("multiValueHeaders"))) {
		note_header(scan, value);
	} else if (scan->depth == 3 && is_name(scan, 1, GB_SPAN("requestContext")) &&
	           is_name(scan, 2, GB_SPAN("http")) && is_name(scan, 3, GB_SPAN("method"))) {
		head->method = value;
	}
}

static void step_string(struct scan *scan)
{
	struct gb_span string = take_string(scan);

	if (scan->depth == 0 || scan->depth > LEVELS)
		return;
	if (scan->is_key)
		scan->names[scan->depth] = string;
	else if (string.n != 0)
		note(scan, string);
}

static void step(struct scan *scan)
{
	unsigned char c = scan->text.p[scan->at];

	if (c == '"') {
		step_string(scan);
		return;
	}
	scan->at++;
	if (c == '{' || c == '[') {
		if (scan->depth++ < 64)
			scan->arrays = scan->arrays << 1 | (c == '[');
		scan->is_key = c == '{';
		if (scan->depth <= LEVELS)
			scan->names[scan->depth] = GB_SPAN_EMPTY;
	} else if ((c == '}' || c == ']') && scan->depth > 0) {
		if (--scan->depth < 64)
			scan->arrays >>= 1;
		scan->is_key = false;
	} else if (c == ':') {
		scan->is_key = false;
	} else if (c == ',') {
		scan->is_key = (scan->arrays & 1u) == 0;
	}
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
	struct scan scan = {.text = event, .wanted = header, .head = ret_head};

	*ret_head = (struct gb_inspect_head){0};
	while (scan.at < event.n)
		step(&scan);
	if (scan.depth != 0)
		*ret_head = (struct gb_inspect_head){0};
	trim_resource(ret_head);
}
