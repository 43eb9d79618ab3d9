/* SPDX-License-Identifier: Apache-2.0 */
#include "tell/tell.h"
#include "wire/json.h"

#define CUT_MARK GB_SPAN("\xe2\x80\xa6") /* … */

struct range {
	uint32_t first, last;
};

/* What a reader cannot see, or what makes him see something else. */
static const struct range unseen[] = {
        {0x00, 0x1f},
        {0x7f, 0x9f},
        {0xad, 0xad},
        {0x34f, 0x34f},
        {0x61c, 0x61c},
        {0x115f, 0x1160},
        {0x17b4, 0x17b5},
        {0x180b, 0x180f},
        {0x200b, 0x200f},
        {0x2028, 0x202e},
        {0x2060, 0x206f},
        {0x3164, 0x3164},
        {0xfe00, 0xfe0f},
        {0xfeff, 0xfeff},
        {0xffa0, 0xffa0},
        {0xfff0, 0xfffb},
        {0xe0000, 0xe0fff},
};

static uint32_t code_point(struct gb_span c)
{
	static const unsigned char masks[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
	uint32_t value = c.p[0] & masks[c.n];

	for (size_t i = 1; i < c.n; i++)
		value = value << 6 | (c.p[i] & 0x3f);
	return value;
}

static bool is_unseen(uint32_t point)
{
	for (size_t i = 0; i < sizeof(unseen) / sizeof(unseen[0]); i++)
		if (point >= unseen[i].first && point <= unseen[i].last)
			return true;
	return false;
}

static void add_hex(struct gb_text *text, uint32_t value, unsigned digits)
{
	for (unsigned shift = digits * 4; shift > 0; shift -= 4)
		gb_text_add_byte(text, (unsigned char)"0123456789abcdef"[value >> (shift - 4) & 15]);
}

static void spell(struct gb_text *text, uint32_t point)
{
	unsigned digits = point > 0xffff ? 6 : 4;

	if (point == '\n' || point == '\r' || point == '\t') {
		gb_text_add_cstr(text, point == '\n' ? "\\n" : point == '\r' ? "\\r" : "\\t");
	} else if (point < 0x80) {
		gb_text_add(text, GB_SPAN("\\x"));
		add_hex(text, point, 2);
	} else {
		gb_text_add(text, GB_SPAN("\\u{"));
		add_hex(text, point, digits);
		gb_text_add_byte(text, '}');
	}
}

static void show_character(struct gb_text *text, struct gb_span c, bool is_valid)
{
	if (!is_valid) {
		gb_text_add(text, GB_SPAN("\\x"));
		add_hex(text, c.p[0], 2);
	} else if (is_unseen(code_point(c))) {
		spell(text, code_point(c));
	} else {
		gb_text_add(text, c);
	}
}

static void keep_character(struct gb_text *text, struct gb_span c, bool is_valid)
{
	gb_text_add(text, is_valid ? c : GB_SPAN("\xef\xbf\xbd"));
}

/* Characters of FROM by ADD, as many as fit whole; when not all do, the mark behind them. */
static struct gb_span fit(struct gb_arena *arena, struct gb_span from, size_t maximum,
        void (*add)(struct gb_text *, struct gb_span, bool))
{
	size_t cap = from.n < maximum / 10 ? from.n * 10 : maximum; /* no character becomes more than ten bytes */
	char *room = gb_arena_take(arena, cap + 1);
	struct gb_text text = gb_text_on(room, cap);
	size_t marked = 0; /* where the mark would go */

	if (!room)
		return GB_SPAN_EMPTY;
	while (from.n > 0 && !text.truncated) {
		bool is_valid;
		size_t n = gb_json_character(from, &is_valid);
		size_t before = text.n;

		add(&text, gb_span_sub(from, 0, n), is_valid);
		if (text.truncated)
			text.n = before;
		else if (text.n + CUT_MARK.n <= maximum)
			marked = text.n;
		from = gb_span_sub(from, n, SIZE_MAX);
	}
	if (text.truncated) {
		text = (struct gb_text){.p = room, .n = marked, .cap = cap, .truncated = false};
		gb_text_add(&text, CUT_MARK);
	}
	return gb_text_span(&text);
}

struct gb_span gb_tell_show(struct gb_arena *arena, struct gb_span text, size_t maximum)
{
	return fit(arena, text, maximum, show_character);
}

struct gb_span gb_tell_cut(struct gb_arena *arena, struct gb_span text, size_t maximum)
{
	return fit(arena, text, maximum, keep_character);
}
