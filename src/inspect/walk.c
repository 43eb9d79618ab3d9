/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect/walk.h"

#include "inspect/walk_scan.h"

#define NUMBERS_MIN 3u /* bytes that can be an attack */

enum expects {
	EXPECTS_VALUE,
	EXPECTS_VALUE_OR_END, /* behind [ */
	EXPECTS_KEY_OR_END,   /* behind { */
	EXPECTS_COLON,        /* and a value */
	EXPECTS_COMMA_OR_END, /* and a key, or a value */
	EXPECTS_NOTHING,
};

void gb_walk_start(
        struct gb_walk *walk, struct gb_span text, enum gb_walk_node node, enum gb_origin origin, size_t path_n)
{
	walk->text = text;
	walk->at = 0;
	walk->depth = 0;
	walk->expects = EXPECTS_VALUE;
	walk->is_deep = false;
	walk->is_base64 = false;
	walk->path_n = (uint16_t)path_n;
	walk->paths_known = 1;
	walk->signs = 0;
	walk->member = (struct gb_walk_member){.node = (uint8_t)node, .origin = (uint8_t)origin};
}

static bool is_deep(const struct gb_walk *walk)
{
	return walk->depth > GB_WALK_DEPTH_MAX;
}

static struct gb_walk_frame *top(struct gb_walk *walk)
{
	return &walk->frames[walk->depth - 1];
}

/* The value that was expected is done. */
static void end_value(struct gb_walk *walk)
{
	walk->expects = walk->depth == 0 ? EXPECTS_NOTHING : EXPECTS_COMMA_OR_END;
}

static void open_container(struct gb_walk *walk, bool is_array)
{
	struct gb_walk_frame *frame;

	walk->depth++;
	if (is_deep(walk)) {
		walk->is_deep = true;
		walk->expects = EXPECTS_VALUE;
		return;
	}
	frame = top(walk);
	frame->is_array = is_array;
	frame->node = walk->member.node;
	frame->origin = walk->member.origin;
	frame->role = walk->member.role;
	frame->index = 0;
	frame->key = GB_SPAN_EMPTY;
	if (walk->depth == 1)
		frame->path_n = walk->path_n;
	else if (walk->paths_known >= walk->depth)
		walk->paths_known = walk->depth - 1;
	walk->expects = is_array ? EXPECTS_VALUE_OR_END : EXPECTS_KEY_OR_END;
}

static void close_container(struct gb_walk *walk)
{
	walk->depth--;
	end_value(walk);
}

static inline enum gb_walk_result take_key(
        struct gb_walk *walk, struct reader *reader, struct gb_walk_string *ret_string)
{
	struct gb_walk_frame *frame = top(walk);
	struct gb_span raw;

	if (!scan_string(reader, &raw, ret_string))
		return GB_WALK_BROKEN;
	frame->key = raw;
	walk->member = (struct gb_walk_member){.node = GB_NODE_OTHER, .origin = frame->origin};
	if (frame->node != GB_NODE_OTHER) {
		walk->member = gb_shape_member_of(frame->node, (enum gb_origin)frame->origin, raw);
		if (walk->member.sign != 0)
			walk->signs |= UINT64_C(1) << (walk->member.sign - 1);
	}
	ret_string->origin = GB_ORIGIN_KEY;
	ret_string->role = GB_ROLE_NONE;
	walk->expects = EXPECTS_COLON;
	return GB_WALK_KEY;
}

static inline enum gb_walk_result take_string(
        struct gb_walk *walk, struct reader *reader, struct gb_walk_string *ret_string)
{
	struct gb_span raw;

	if (!scan_string(reader, &raw, ret_string))
		return GB_WALK_BROKEN;
	if (walk->member.node != GB_NODE_OTHER) {
		uint8_t sign = gb_shape_member_of(walk->member.node, GB_ORIGIN_VALUE, raw).sign;

		walk->signs |= sign != 0 ? UINT64_C(1) << (sign - 1) : 0;
	}
	ret_string->origin = (enum gb_origin)walk->member.origin;
	ret_string->role = (enum gb_shape_role)walk->member.role;
	end_value(walk);
	return GB_WALK_STRING;
}

/* Below the stack's end: strings and brackets only, whatever stands between them. */
static enum gb_walk_result next_deep(struct gb_walk *walk, struct reader *reader, struct gb_walk_string *ret_string)
{
	struct gb_span raw;

	for (; reader->at < reader->text.n; reader->at++) {
		const unsigned char c = reader->text.p[reader->at];

		if (c == '"') {
			if (!scan_string(reader, &raw, ret_string))
				return GB_WALK_BROKEN;
			ret_string->origin = (enum gb_origin)walk->member.origin;
			ret_string->role = GB_ROLE_NONE;
			return GB_WALK_STRING;
		}
		if (c == '[' || c == '{')
			walk->depth++;
		if (c == ']' || c == '}') {
			close_container(walk);
			if (!is_deep(walk)) {
				reader->at++;
				return GB_WALK_END;
			}
		}
	}
	return GB_WALK_BROKEN;
}

/* The array at `at`, if it is one of bytes; moves behind it then. Java writes a header of Kafka's like this, Node a
 * buffer. */
static bool scan_numbers(struct gb_span text, size_t *ref_at)
{
	const unsigned char *p = text.p;
	size_t at = *ref_at + 1, n = text.n;
	unsigned count = 0;

	for (;; at++) {
		unsigned value = 0, digits = 0;
		bool is_negative;

		while (at < n && gb_ascii_is_space(p[at]))
			at++;
		is_negative = at < n && p[at] == '-';
		at += is_negative;
		for (; at < n && gb_ascii_is_digit(p[at]) && digits < 4; digits++)
			value = value * 10 + (p[at++] - '0');
		while (at < n && gb_ascii_is_space(p[at]))
			at++;
		if (digits == 0 || value > (is_negative ? 128u : 255u) || at == n || (p[at] != ',' && p[at] != ']'))
			return false;
		count++;
		if (p[at] == ']')
			break;
	}
	*ref_at = at + 1;
	return count >= NUMBERS_MIN;
}

static enum gb_walk_result take_container(
        struct gb_walk *walk, struct reader *reader, struct gb_walk_string *ret_string)
{
	const bool is_array = reader->text.p[reader->at] == '[';
	const size_t start = reader->at + 1;
	size_t end = reader->at;

	if (!is_array || !scan_numbers(reader->text, &end)) {
		open_container(walk, is_array);
		reader->at++;
		return GB_WALK_END;
	}
	*ret_string = (struct gb_walk_string){.raw = gb_span_sub(reader->text, start, end - 1 - start),
	        .origin = (enum gb_origin)walk->member.origin};
	reader->at = end;
	end_value(walk);
	return GB_WALK_NUMBERS;
}

/* A value at `at`. GB_WALK_END here means: nothing to give, go on. */
static inline enum gb_walk_result take_value(
        struct gb_walk *walk, struct reader *reader, struct gb_walk_string *ret_string)
{
	const size_t at = reader->at;
	const unsigned char c = at < reader->text.n ? reader->text.p[at] : 0;

	if (walk->depth != 0 && top(walk)->is_array) {
		struct gb_walk_frame *frame = top(walk);

		frame->index += frame->index < UINT32_MAX;
		walk->member =
		        (struct gb_walk_member){.node = frame->node, .origin = frame->origin, .role = frame->role};
	}
	if (c == '"')
		return take_string(walk, reader, ret_string);
	if (c == '{' || c == '[')
		return take_container(walk, reader, ret_string);
	if (!skip_scalar(reader))
		return GB_WALK_BROKEN;
	if (walk->member.role == GB_ROLE_BASE64_FLAG)
		walk->is_base64 = c == 't';
	end_value(walk);
	return GB_WALK_END;
}

enum token { TOKEN_KEY, TOKEN_VALUE, TOKEN_CLOSE, TOKEN_NONE };

/* What comes next; moves to it, over the sign before it. */
static inline enum token next_token(const struct gb_walk *walk, struct reader *reader)
{
	const unsigned char c = next_byte(reader);
	bool is_array;

	switch ((enum expects)walk->expects) {
	case EXPECTS_VALUE: return TOKEN_VALUE;
	case EXPECTS_VALUE_OR_END: return c == ']' ? TOKEN_CLOSE : TOKEN_VALUE;
	case EXPECTS_KEY_OR_END: return c == '}' ? TOKEN_CLOSE : c == '"' ? TOKEN_KEY : TOKEN_NONE;
	case EXPECTS_COLON:
		reader->at++;
		next_byte(reader);
		return c == ':' ? TOKEN_VALUE : TOKEN_NONE;
	case EXPECTS_COMMA_OR_END:
		is_array = walk->frames[walk->depth - 1].is_array;
		if (c != ',')
			return c == (is_array ? ']' : '}') ? TOKEN_CLOSE : TOKEN_NONE;
		reader->at++;
		return next_byte(reader) == '"' && !is_array ? TOKEN_KEY : is_array ? TOKEN_VALUE : TOKEN_NONE;
	case EXPECTS_NOTHING: break;
	}
	return TOKEN_NONE;
}

static inline enum gb_walk_result step(struct gb_walk *walk, struct reader *reader, struct gb_walk_string *ret_string)
{
	if (is_deep(walk))
		return next_deep(walk, reader, ret_string);
	switch (next_token(walk, reader)) {
	case TOKEN_KEY: return take_key(walk, reader, ret_string);
	case TOKEN_VALUE: return take_value(walk, reader, ret_string);
	case TOKEN_CLOSE:
		reader->at++;
		close_container(walk);
		return GB_WALK_END;
	case TOKEN_NONE: break;
	}
	return GB_WALK_BROKEN;
}

enum gb_walk_result gb_walk_next(struct gb_walk *walk, struct gb_walk_string *ret_string)
{
	struct reader reader = {.text = walk->text, .at = walk->at};
	enum gb_walk_result result;

	do {
		result = step(walk, &reader, ret_string);
	} while (result == GB_WALK_END);
	/* The whole value, and nothing behind it. */
	if (result == GB_WALK_BROKEN && walk->expects == EXPECTS_NOTHING && reader.at >= reader.text.n)
		result = GB_WALK_END;
	walk->at = reader.at;
	return result;
}
