/* SPDX-License-Identifier: Apache-2.0 */
#include "collect/scan.h"

#include "wire/json.h"

static void skip_space(struct scan *scan)
{
	while (scan->p < scan->end && (*scan->p == ' ' || *scan->p == '\t' || *scan->p == '\n' || *scan->p == '\r'))
		scan->p++;
}

static struct scan_value broken(struct scan *scan)
{
	scan->is_broken = true;
	return (struct scan_value){.type = SCAN_NONE};
}

static bool is_hex(unsigned char c)
{
	return gb_ascii_is_digit(c) || (gb_ascii_lower(c) >= 'a' && gb_ascii_lower(c) <= 'f');
}

/* Behind the backslash. */
static bool take_escape(struct scan *scan)
{
	unsigned char c;

	if (scan->p == scan->end)
		return false;
	c = *scan->p++;
	if (c != 'u')
		return gb_span_find_byte(GB_SPAN("\"\\/bfnrt"), c, 0) != SIZE_MAX;
	for (unsigned i = 0; i < 4; i++, scan->p++)
		if (scan->p == scan->end || !is_hex(*scan->p))
			return false;
	return true;
}

/* Eight bytes at once that are plain ASCII without quote, backslash and control characters. */
static bool are_plain(const unsigned char *p)
{
	const uint64_t ones = 0x0101010101010101u, highs = 0x8080808080808080u;
	uint64_t word, quote, backslash;

	__builtin_memcpy(&word, p, sizeof(word));
	quote = word ^ ones * '"';
	backslash = word ^ ones * '\\';
	return ((word | (word - ones * 0x20) | (quote - ones) | (backslash - ones)) & highs) == 0;
}

/* Behind the opening quote; the text ends before the closing one. */
static bool take_string(struct scan *scan, struct gb_span *ret, bool *ret_is_escaped)
{
	const unsigned char *begin = scan->p;

	*ret_is_escaped = false;
	while (scan->p < scan->end) {
		unsigned char c = *scan->p;
		bool is_valid;

		if (scan->end - scan->p >= 8 && are_plain(scan->p)) {
			scan->p += 8;
			continue;
		}
		if (c == '"') {
			*ret = gb_span_of(begin, (size_t)(scan->p - begin));
			scan->p++;
			return true;
		}
		if (c < 0x20)
			return false;
		if (c == '\\') {
			*ret_is_escaped = true;
			scan->p++;
			if (!take_escape(scan))
				return false;
		} else if (c < 0x80) {
			scan->p++;
		} else {
			scan->p += gb_json_character(gb_span_of(scan->p, (size_t)(scan->end - scan->p)), &is_valid);
			if (!is_valid)
				return false;
		}
	}
	return false;
}

static void take_digits(struct scan *scan)
{
	while (scan->p < scan->end && gb_ascii_is_digit(*scan->p))
		scan->p++;
}

static bool take_number(struct scan *scan)
{
	const unsigned char *begin;

	if (*scan->p == '-')
		scan->p++;
	begin = scan->p;
	take_digits(scan);
	if (scan->p == begin || (*begin == '0' && scan->p - begin > 1))
		return false;
	if (scan->p < scan->end && *scan->p == '.') {
		begin = ++scan->p;
		take_digits(scan);
		if (scan->p == begin)
			return false;
	}
	if (scan->p < scan->end && gb_ascii_lower(*scan->p) == 'e') {
		scan->p++;
		if (scan->p < scan->end && (*scan->p == '+' || *scan->p == '-'))
			scan->p++;
		begin = scan->p;
		take_digits(scan);
		if (scan->p == begin)
			return false;
	}
	return true;
}

static bool take_word(struct scan *scan, struct gb_span word)
{
	if (!gb_span_starts(gb_span_of(scan->p, (size_t)(scan->end - scan->p)), word))
		return false;
	scan->p += word.n;
	return true;
}

/* A value that holds no others; NONE: there is none such here. */
static enum scan_type take_leaf(struct scan *scan, struct gb_span *ret_text, bool *ret_is_escaped)
{
	const unsigned char *begin = scan->p;
	enum scan_type type = SCAN_NONE;

	*ret_is_escaped = false;
	if (scan->p == scan->end)
		return SCAN_NONE;
	if (*scan->p == '"') {
		scan->p++;
		return take_string(scan, ret_text, ret_is_escaped) ? SCAN_STRING : SCAN_NONE;
	}
	if (*scan->p == '-' || gb_ascii_is_digit(*scan->p))
		type = take_number(scan) ? SCAN_NUMBER : SCAN_NONE;
	else if (take_word(scan, GB_SPAN("true")))
		type = SCAN_TRUE;
	else if (take_word(scan, GB_SPAN("false")))
		type = SCAN_FALSE;
	else if (take_word(scan, GB_SPAN("null")))
		type = SCAN_NULL;
	*ret_text = gb_span_of(begin, (size_t)(scan->p - begin));
	return type;
}

/* A key and its colon. */
static bool take_key(struct scan *scan, struct gb_span *ret_key)
{
	bool is_escaped;

	skip_space(scan);
	if (scan->p == scan->end || *scan->p++ != '"' || !take_string(scan, ret_key, &is_escaped))
		return false;
	skip_space(scan);
	return scan->p < scan->end && *scan->p++ == ':';
}

/* Past an object or array whose bracket is at P. Which of the two each level is: a bit. */
static bool take_nested(struct scan *scan)
{
	uint32_t objects = 0, depth = 0;
	bool needs_value = true;

	for (;;) {
		struct gb_span text;
		bool is_escaped;
		unsigned char c;

		skip_space(scan);
		if (scan->p == scan->end)
			return false;
		c = *scan->p;
		if (needs_value && (c == '{' || c == '[')) {
			if (depth == SCAN_DEPTH_MAX)
				return false;
			objects = objects << 1 | (c == '{');
			depth++;
			scan->p++;
			skip_space(scan);
			if (scan->p == scan->end)
				return false;
			needs_value = *scan->p != (c == '{' ? '}' : ']');
			if (needs_value && c == '{' && !take_key(scan, &text))
				return false;
		} else if (needs_value) {
			if (take_leaf(scan, &text, &is_escaped) == SCAN_NONE)
				return false;
			needs_value = false;
		} else if (c == ((objects & 1) != 0 ? '}' : ']')) {
			scan->p++;
			objects >>= 1;
			if (--depth == 0)
				return true;
		} else if (c == ',') {
			scan->p++;
			if ((objects & 1) != 0 && !take_key(scan, &text))
				return false;
			needs_value = true;
		} else {
			return false;
		}
	}
}

static struct scan_value take_value(struct scan *scan)
{
	struct scan_value value = {.type = SCAN_NONE};
	const unsigned char *begin;

	skip_space(scan);
	begin = scan->p;
	if (scan->p == scan->end)
		return broken(scan);
	if (*begin == '{' || *begin == '[') {
		if (!take_nested(scan))
			return broken(scan);
		value.type = *begin == '{' ? SCAN_OBJECT : SCAN_ARRAY;
		value.text = gb_span_of(begin, (size_t)(scan->p - begin));
		return value;
	}
	value.type = take_leaf(scan, &value.text, &value.is_escaped);
	return value.type == SCAN_NONE ? broken(scan) : value;
}

struct scan_value scan_one(struct gb_span s, size_t *ret_used)
{
	struct scan scan = {.p = s.p, .end = s.p + s.n};
	struct scan_value value = take_value(&scan);

	*ret_used = (size_t)(scan.p - s.p);
	return value;
}

struct scan scan_into(const struct scan_value *value)
{
	return (struct scan){.p = value->text.p, .end = value->text.p + value->text.n};
}

struct scan_value scan_next(struct scan *scan)
{
	struct gb_span key = GB_SPAN_EMPTY;
	struct scan_value value;
	bool is_object;

	if (!scan->is_begun) {
		if (scan->p == scan->end)
			return broken(scan);
		/* The last byte is the bracket that closes: what opens decides what stands between. */
		is_object = *scan->p++ == '{';
		scan->is_begun = true;
		scan->end--;
		skip_space(scan);
		if (scan->p >= scan->end)
			return (struct scan_value){.type = SCAN_NONE};
	} else {
		is_object = *scan->end == '}';
		skip_space(scan);
		if (scan->p >= scan->end)
			return (struct scan_value){.type = SCAN_NONE};
		if (*scan->p++ != ',')
			return broken(scan);
	}
	if (is_object && !take_key(scan, &key))
		return broken(scan);
	value = take_value(scan);
	value.key = key;
	return value;
}

static uint32_t hex4(const unsigned char *p)
{
	uint32_t value = 0;

	for (unsigned i = 0; i < 4; i++)
		value = value << 4 | (gb_ascii_is_digit(p[i]) ? (uint32_t)(p[i] - '0')
		                                              : (uint32_t)(gb_ascii_lower(p[i]) - 'a' + 10));
	return value;
}

static size_t put_character(unsigned char *to, uint32_t c)
{
	if (c == 0 || (c >= 0xd800 && c < 0xe000))
		c = 0xfffd;
	if (c < 0x80) {
		to[0] = (unsigned char)c;
		return 1;
	}
	if (c < 0x800) {
		to[0] = (unsigned char)(0xc0 | c >> 6);
		to[1] = (unsigned char)(0x80 | (c & 63));
		return 2;
	}
	if (c < 0x10000) {
		to[0] = (unsigned char)(0xe0 | c >> 12);
		to[1] = (unsigned char)(0x80 | (c >> 6 & 63));
		to[2] = (unsigned char)(0x80 | (c & 63));
		return 3;
	}
	to[0] = (unsigned char)(0xf0 | c >> 18);
	to[1] = (unsigned char)(0x80 | (c >> 12 & 63));
	to[2] = (unsigned char)(0x80 | (c >> 6 & 63));
	to[3] = (unsigned char)(0x80 | (c & 63));
	return 4;
}

/* \uXXXX at P, and a low surrogate behind a high one; *ref_at moves on behind it. */
static uint32_t take_unit(struct gb_span text, size_t *ref_at)
{
	uint32_t c = hex4(text.p + *ref_at + 2), low;

	*ref_at += 6;
	if (c < 0xd800 || c >= 0xdc00 || *ref_at + 6 > text.n || text.p[*ref_at] != '\\' || text.p[*ref_at + 1] != 'u')
		return c;
	low = hex4(text.p + *ref_at + 2);
	if (low < 0xdc00 || low >= 0xe000)
		return c;
	*ref_at += 6;
	return 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
}

bool scan_text(const struct scan_value *value, struct gb_arena *arena, struct gb_span *ret)
{
	static const char letters[] = "bfnrt", bytes[] = "\b\f\n\r\t";
	struct gb_span text = value->text;
	unsigned char *to;
	size_t n = 0;

	*ret = text;
	if (!value->is_escaped)
		return true;
	/* No escape is shorter than what it stands for. */
	to = gb_arena_take(arena, text.n);
	if (to == NULL)
		return false;
	for (size_t at = 0; at < text.n;) {
		size_t letter;

		if (text.p[at] != '\\') {
			to[n++] = text.p[at++];
			continue;
		}
		if (text.p[at + 1] == 'u') {
			n += put_character(to + n, take_unit(text, &at));
			continue;
		}
		letter = gb_span_find_byte(GB_SPAN(letters), text.p[at + 1], 0);
		to[n++] = letter == SIZE_MAX ? text.p[at + 1] : (unsigned char)bytes[letter];
		at += 2;
	}
	*ret = gb_span_of(to, n);
	return true;
}

bool scan_number(const struct scan_value *value, int64_t *ret)
{
	uint64_t number;

	if (value->type != SCAN_NUMBER || !gb_span_to_u64(value->text, &number) || number > INT64_MAX)
		return false;
	*ret = (int64_t)number;
	return true;
}

bool scan_is(const struct scan_value *value, struct gb_span name)
{
	return gb_span_equal(value->key, name);
}
