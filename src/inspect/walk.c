/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect/walk.h"

#include "inspect/bytes.h"
#include "inspect/vector.h"

#define NUMBERS_MIN 3u /* bytes that can be an attack */

enum expects {
	EXPECTS_VALUE,
	EXPECTS_VALUE_OR_END, /* behind [ */
	EXPECTS_KEY,
	EXPECTS_KEY_OR_END, /* behind { */
	EXPECTS_COLON,
	EXPECTS_COMMA_OR_END,
	EXPECTS_NOTHING,
};

void gb_walk_path_add(struct gb_walk_path *path, struct gb_span s)
{
	size_t room = sizeof(path->p) - path->n;
	size_t n = s.n < room ? s.n : room;

	for (size_t i = 0; i < n; i++)
		path->p[path->n + i] = (char)(s.p[i] < 0x20 || s.p[i] == 0x7f ? '?' : s.p[i]);
	path->n += n;
}

static void add_odd_name(struct gb_walk_path *path, struct gb_span name)
{
	bool needs_quotes = name.n == 0;

	for (size_t i = 0; i < name.n && i < 64; i++)
		needs_quotes |= name.p[i] == '.' || name.p[i] == '[' || name.p[i] == ' ';
	if (needs_quotes) {
		gb_walk_path_add(path, GB_SPAN("[\""));
		gb_walk_path_add(path, name);
		gb_walk_path_add(path, GB_SPAN("\"]"));
		return;
	}
	if (path->n != 0)
		gb_walk_path_add(path, GB_SPAN("."));
	gb_walk_path_add(path, name);
}

void gb_walk_path_add_name(struct gb_walk_path *path, struct gb_span name)
{
	bool is_plain = name.n != 0;

	/* Most are names of ASCII, and fit. */
	if (sizeof(path->p) - path->n > name.n && name.n < 64) {
		size_t n = path->n;

		path->p[n] = '.';
		n += n != 0;
		for (size_t i = 0; i < name.n; i++) {
			is_plain &= gb_byte_is_name[name.p[i]] || name.p[i] == '-';
			path->p[n + i] = (char)name.p[i];
		}
		if (is_plain) {
			path->n = n + name.n;
			return;
		}
	}
	add_odd_name(path, name);
}

/* The same for NAME of letters and digits alone, behind which BEHIND more bytes may be read. */
static void path_add_plain_name(struct gb_walk_path *path, struct gb_span name, size_t behind)
{
	size_t n = path->n;

	if (name.n == 0 || name.n > GB_VECTOR_BYTES || name.n + behind < GB_VECTOR_BYTES ||
	        sizeof(path->p) - n <= GB_VECTOR_BYTES) {
		gb_walk_path_add_name(path, name);
		return;
	}
	path->p[n] = '.';
	n += n != 0;
	memcpy(path->p + n, name.p, GB_VECTOR_BYTES);
	path->n = n + name.n;
}

static void path_add_index(struct gb_walk_path *path, uint32_t index)
{
	char digits[12]; /* [4294967295] */
	size_t at = sizeof(digits);

	digits[--at] = ']';
	do
		digits[--at] = (char)('0' + index % 10);
	while ((index /= 10) != 0);
	digits[--at] = '[';
	gb_walk_path_add(path, gb_span_of(digits + at, sizeof(digits) - at));
}

void gb_walk_start(struct gb_walk *walk, struct gb_span text, enum gb_walk_node node, enum gb_origin origin)
{
	walk->text = text;
	walk->at = 0;
	walk->depth = 0;
	walk->expects = EXPECTS_VALUE;
	walk->is_deep = false;
	walk->is_base64 = false;
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

static void open_container(struct gb_walk *walk, struct gb_walk_path *path, bool is_array)
{
	walk->at++;
	walk->depth++;
	if (is_deep(walk)) {
		walk->is_deep = true;
		walk->expects = EXPECTS_VALUE;
		return;
	}
	*top(walk) = (struct gb_walk_frame){
	        .is_array = is_array,
	        .node = walk->member.node,
	        .origin = walk->member.origin,
	        .role = walk->member.role,
	        .path_n = (uint16_t)path->n,
	};
	walk->expects = is_array ? EXPECTS_VALUE_OR_END : EXPECTS_KEY_OR_END;
}

static void close_container(struct gb_walk *walk)
{
	walk->at++;
	walk->depth--;
	walk->expects = walk->depth == 0 ? EXPECTS_NOTHING : EXPECTS_COMMA_OR_END;
}

/* Path and member for the next element of the array on top. */
static void begin_element(struct gb_walk *walk, struct gb_walk_path *path)
{
	struct gb_walk_frame *frame = top(walk);

	/* Scalars are not given, so nobody asks where they lie. */
	if (walk->text.p[walk->at] == '"' || walk->text.p[walk->at] == '{' || walk->text.p[walk->at] == '[') {
		path->n = frame->path_n;
		path_add_index(path, frame->index);
	}
	frame->index += frame->index < UINT32_MAX;
	walk->member = (struct gb_walk_member){.node = frame->node, .origin = frame->origin, .role = frame->role};
}

/* The string at the quote `at`; moves behind it. False when it does not end. */
static bool scan_string(struct gb_walk *walk, struct gb_walk_string *ret_string)
{
	const unsigned char *p = walk->text.p;
	size_t n = walk->text.n, start = walk->at + 1, at = start;
	uint32_t mask = 0;
	bool has_escapes = false;

	for (;;) {
		at = gb_bytes_scan_string(walk->text, at, &mask);
		if (at >= n)
			return false;
		if (p[at] == '"')
			break;
		has_escapes = true;
		at += at + 2 <= n ? 2 : 1;
	}
	ret_string->raw = gb_span_of(p + start, at - start);
	ret_string->has_escapes = has_escapes;
	ret_string->mask = mask;
	walk->at = at + 1;
	return true;
}

/* Numbers, true, false, null: nothing can hide in them. False for other bytes. */
static bool skip_scalar(struct gb_walk *walk)
{
	size_t start = walk->at;

	while (walk->at < walk->text.n) {
		unsigned char c = walk->text.p[walk->at];

		if (!gb_ascii_is_digit(c) && !gb_ascii_is_alpha(c) && c != '-' && c != '+' && c != '.')
			break;
		walk->at++;
	}
	return walk->at > start;
}

static enum gb_walk_result take_key(struct gb_walk *walk, struct gb_walk_path *path, struct gb_walk_string *ret_string)
{
	struct gb_walk_frame *frame = top(walk);

	if (!scan_string(walk, ret_string))
		return GB_WALK_BROKEN;
	path->n = frame->path_n;
	if (ret_string->mask == GB_BYTE_ALNUM && !ret_string->has_escapes)
		path_add_plain_name(path, ret_string->raw, walk->text.n - walk->at);
	else
		gb_walk_path_add_name(path, ret_string->raw);
	walk->member = (struct gb_walk_member){.node = GB_NODE_OTHER, .origin = frame->origin};
	if (frame->node != GB_NODE_OTHER) {
		walk->member = gb_shape_member_of(frame->node, (enum gb_origin)frame->origin, ret_string->raw);
		if (walk->member.sign != 0)
			walk->signs |= UINT64_C(1) << (walk->member.sign - 1);
	}
	ret_string->origin = GB_ORIGIN_KEY;
	ret_string->role = GB_ROLE_NONE;
	walk->expects = EXPECTS_COLON;
	return GB_WALK_KEY;
}

static enum gb_walk_result take_string(struct gb_walk *walk, struct gb_walk_string *ret_string)
{
	if (!scan_string(walk, ret_string))
		return GB_WALK_BROKEN;
	if (walk->member.node != GB_NODE_OTHER) {
		uint8_t sign = gb_shape_member_of(walk->member.node, GB_ORIGIN_VALUE, ret_string->raw).sign;

		walk->signs |= sign != 0 ? UINT64_C(1) << (sign - 1) : 0;
	}
	ret_string->origin = (enum gb_origin)walk->member.origin;
	ret_string->role = (enum gb_shape_role)walk->member.role;
	walk->expects = walk->depth == 0 ? EXPECTS_NOTHING : EXPECTS_COMMA_OR_END;
	return GB_WALK_STRING;
}

/* Below the stack's end: strings and brackets only, whatever stands between them. */
static enum gb_walk_result next_deep(struct gb_walk *walk, struct gb_walk_string *ret_string)
{
	while (walk->at < walk->text.n) {
		switch (walk->text.p[walk->at]) {
		case '"':
			if (!scan_string(walk, ret_string))
				return GB_WALK_BROKEN;
			ret_string->origin = (enum gb_origin)walk->member.origin;
			ret_string->role = GB_ROLE_NONE;
			return GB_WALK_STRING;
		case '[':
		case '{':
			walk->at++;
			walk->depth++;
			break;
		case ']':
		case '}':
			close_container(walk);
			if (!is_deep(walk))
				return GB_WALK_END;
			break;
		default: walk->at++; break;
		}
	}
	return GB_WALK_BROKEN;
}

/* The array at `at`, if it is one of bytes; moves behind it then. Java writes a header of Kafka's like this, Node a
 * buffer. */
static bool scan_numbers(struct gb_walk *walk, struct gb_walk_string *ret_string)
{
	const unsigned char *p = walk->text.p;
	size_t start = walk->at + 1, at = start, n = walk->text.n;
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
	if (count < NUMBERS_MIN)
		return false;
	*ret_string = (struct gb_walk_string){
	        .raw = gb_span_of(p + start, at - start), .origin = (enum gb_origin)walk->member.origin};
	walk->at = at + 1;
	walk->expects = walk->depth == 0 ? EXPECTS_NOTHING : EXPECTS_COMMA_OR_END;
	return true;
}

/* A value at `at`. GB_WALK_END here means: nothing to give, go on. */
static enum gb_walk_result take_value(
        struct gb_walk *walk, struct gb_walk_path *path, struct gb_walk_string *ret_string)
{
	unsigned char c = walk->text.p[walk->at];
	size_t scalar;

	if (walk->depth != 0 && top(walk)->is_array)
		begin_element(walk, path);
	if (c == '"')
		return take_string(walk, ret_string);
	if (c == '[' && scan_numbers(walk, ret_string))
		return GB_WALK_NUMBERS;
	if (c == '{' || c == '[') {
		open_container(walk, path, c == '[');
		return GB_WALK_END;
	}
	scalar = walk->at;
	if (!skip_scalar(walk))
		return GB_WALK_BROKEN;
	if (walk->member.role == GB_ROLE_BASE64_FLAG)
		walk->is_base64 = walk->text.p[scalar] == 't';
	walk->expects = walk->depth == 0 ? EXPECTS_NOTHING : EXPECTS_COMMA_OR_END;
	return GB_WALK_END;
}

static enum gb_walk_result step(struct gb_walk *walk, struct gb_walk_path *path, struct gb_walk_string *ret_string)
{
	unsigned char c = walk->text.p[walk->at];

	switch ((enum expects)walk->expects) {
	case EXPECTS_VALUE_OR_END:
		if (c == ']') {
			close_container(walk);
			return GB_WALK_END;
		}
		return take_value(walk, path, ret_string);
	case EXPECTS_VALUE: return take_value(walk, path, ret_string);
	case EXPECTS_KEY_OR_END:
		if (c == '}') {
			close_container(walk);
			return GB_WALK_END;
		}
		return c == '"' ? take_key(walk, path, ret_string) : GB_WALK_BROKEN;
	case EXPECTS_KEY: return c == '"' ? take_key(walk, path, ret_string) : GB_WALK_BROKEN;
	case EXPECTS_COLON:
		if (c != ':')
			return GB_WALK_BROKEN;
		walk->at++;
		walk->expects = EXPECTS_VALUE;
		return GB_WALK_END;
	case EXPECTS_COMMA_OR_END:
		if (c == ',') {
			walk->at++;
			walk->expects = top(walk)->is_array ? EXPECTS_VALUE : EXPECTS_KEY;
			return GB_WALK_END;
		}
		if (c != (top(walk)->is_array ? ']' : '}'))
			return GB_WALK_BROKEN;
		close_container(walk);
		return GB_WALK_END;
	case EXPECTS_NOTHING: break;
	}
	return GB_WALK_BROKEN;
}

/* What mostly follows, without blanks between: saves a step each. */
static void step_over(struct gb_walk *walk)
{
	unsigned char c = walk->at < walk->text.n ? walk->text.p[walk->at] : 0;

	if (walk->expects == EXPECTS_COLON && c == ':') {
		walk->expects = EXPECTS_VALUE;
		walk->at++;
	} else if (walk->expects == EXPECTS_COMMA_OR_END && c == ',' && !is_deep(walk)) {
		walk->expects = top(walk)->is_array ? EXPECTS_VALUE : EXPECTS_KEY;
		walk->at++;
	}
}

enum gb_walk_result gb_walk_next(struct gb_walk *walk, struct gb_walk_path *path, struct gb_walk_string *ret_string)
{
	for (;;) {
		enum gb_walk_result result;

		if (is_deep(walk)) {
			result = next_deep(walk, ret_string);
		} else {
			while (walk->at < walk->text.n && walk->text.p[walk->at] <= ' ' &&
			        gb_ascii_is_space(walk->text.p[walk->at]))
				walk->at++;
			if (walk->at >= walk->text.n)
				return walk->expects == EXPECTS_NOTHING ? GB_WALK_END : GB_WALK_BROKEN;
			result = step(walk, path, ret_string);
			step_over(walk);
		}
		if (result != GB_WALK_END)
			return result;
	}
}
