/* SPDX-License-Identifier: Apache-2.0 */
/*
 * collect/text: a log's text, and lines out of it.
 */
#include "collect/envelope.h"

#include <errno.h>
#include <string.h>

/* One that is alone may have what a batch may have. */
static bool is_there_room(struct gb_collect_batch *batch, size_t n)
{
	size_t all;

	if (batch->shared == NULL)
		return true;
	batch->held += n;
	all = atomic_fetch_add(batch->shared, n) + n;
	return all <= GB_COLLECT_EXPANDED_MAX || all == batch->held;
}

unsigned char *collect_room(struct gb_collect_batch *batch, size_t n, int *ret_error)
{
	unsigned char *p = NULL;

	*ret_error = -E2BIG;
	if (n > GB_COLLECT_EXPANDED_MAX || batch->expanded > GB_COLLECT_EXPANDED_MAX - n)
		return NULL;
	*ret_error = -EBUSY;
	if (!is_there_room(batch, n))
		return NULL;
	p = gb_arena_take(batch->arena, n);
	*ret_error = -ENOMEM;
	batch->expanded += n;
	return p;
}

static int add_line(struct gb_collect_batch *batch, struct gb_span text, const struct gb_collect_origin *origin)
{
	struct collect_entry entry = {.origin = origin};
	const char *why = NULL;
	int r;

	if (batch->count == GB_COLLECT_LINES_MAX)
		return -E2BIG;
	r = collect_line_read(text, batch->now_ms, batch->arena, &entry.line, &why);
	if (r == -ENOMEM)
		return r;
	if (r == -EBADMSG) {
		batch->told.broken++;
		if (batch->told.why == NULL)
			batch->told.why = why;
		return 0;
	}
	entry.is_forged = r == -EKEYREJECTED;
	batch->told.forged += entry.is_forged ? 1 : 0;
	batch->told.lines++;
	r = gb_arena_grow(batch->arena, &batch->entries, batch->count, &batch->cap, sizeof(entry));
	if (r == 0)
		batch->entries[batch->count++] = entry;
	return r;
}

/* Whether LINE may be an object whose texts are what a function wrote, so that ours stands in it as a string. */
static bool is_record(struct gb_span line)
{
	return line.n > 2 && line.p[0] == '{' && memmem(line.p, line.n, "\\\"gambeson\\\":", 13) != NULL;
}

/* A function that writes no line feed, or the beginning of a line of ours, has the next of ours behind it. In one of ours another's
 * beginning cannot stand. */
static int add_lines(struct gb_collect_batch *batch, struct gb_span line, const struct gb_collect_origin *origin)
{
	const struct gb_span head = COLLECT_LINE_HEAD;
	int r = 0;

	while (line.n != 0 && r >= 0) {
		const unsigned char *next = memmem(line.p + 1, line.n - 1, head.p, head.n);
		size_t n = next == NULL ? line.n : (size_t)(next - line.p);

		r = add_line(batch, gb_span_sub(line, 0, n), origin);
		line = gb_span_sub(line, n, SIZE_MAX);
	}
	return r;
}

static int take_log_line(struct gb_collect_batch *batch, struct gb_span line, const struct gb_collect_origin *origin)
{
	const struct gb_span head = COLLECT_LINE_HEAD;
	const unsigned char *at;
	struct scan_value object;
	size_t used;

	if (line.n == 0)
		return 0;
	at = memmem(line.p, line.n, head.p, head.n);
	if (at != NULL)
		return add_lines(batch, gb_span_sub(line, (size_t)(at - line.p), SIZE_MAX), origin);
	if (!is_record(line)) {
		batch->told.texts++;
		return 0;
	}
	object = scan_one(line, &used);
	if (object.type == SCAN_OBJECT)
		return collect_take_record(batch, &object, origin);
	batch->told.broken++;
	if (batch->told.why == NULL)
		batch->told.why = "a record is no JSON";
	return 0;
}

int collect_take_text(struct gb_collect_batch *batch, struct gb_span text, const struct gb_collect_origin *origin)
{
	while (text.n > 0) {
		const unsigned char *end = memchr(text.p, '\n', text.n);
		size_t n = end == NULL ? text.n : (size_t)(end - text.p);
		int r = take_log_line(batch, gb_span_sub(text, 0, n), origin);

		if (r < 0)
			return r;
		text = gb_span_sub(text, n + 1, SIZE_MAX);
	}
	return 0;
}

int collect_take_string(
        struct gb_collect_batch *batch, const struct scan_value *value, const struct gb_collect_origin *origin)
{
	struct gb_span text = value->text;
	int r = 0;

	if (value->is_escaped) {
		/* Counted beforehand; what it stands for is never longer. */
		if (batch->expanded > GB_COLLECT_EXPANDED_MAX - text.n)
			return -E2BIG;
		batch->expanded += text.n;
		r = scan_text(value, batch->arena, &text) ? 0 : -ENOMEM;
	}
	return r < 0 ? r : collect_take_text(batch, text, origin);
}

int collect_take_record(
        struct gb_collect_batch *batch, const struct scan_value *object, const struct gb_collect_origin *origin)
{
	/* Fluent Bit and containers; Vector and most others; the Telemetry API; journald. */
	static const char names[] = "log\0message\0msg\0record\0line\0body\0MESSAGE\0";
	struct scan scan = scan_into(object);
	struct scan_value value;

	while ((value = scan_next(&scan)).type != SCAN_NONE) {
		int r;

		if (value.type != SCAN_STRING || !gb_span_is_one_of(value.key, names))
			continue;
		r = collect_take_string(batch, &value, origin);
		if (r < 0)
			return r;
	}
	return 0;
}
