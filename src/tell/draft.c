/* SPDX-License-Identifier: Apache-2.0 */
#include "tell/draft.h"

#include "base/day.h"
#include "tell/texts.h"

#include <errno.h>

#define DAY_MS      86400000
#define COPY_DEPTH  6
#define COPY_WIDTH  64u
#define TIME_MAX_MS (INT64_C(253402300800000) - 1) /* the end of the year 9999 */

void gb_draft_put(struct gb_draft *draft, json_t *root, const char *path, json_t *value)
{
	struct gb_span rest = gb_span_cstr(path);
	json_t *object = root;

	for (size_t dot; object && (dot = gb_span_find_byte(rest, '.', 0)) != SIZE_MAX;) {
		json_t *next = json_object_getn(object, (const char *)rest.p, dot);

		if (!next) {
			next = json_object();
			if (json_object_setn_new(object, (const char *)rest.p, dot, next) < 0)
				next = NULL;
		}
		object = next;
		rest = gb_span_sub(rest, dot + 1, SIZE_MAX);
	}
	if (!object || !value) {
		json_decref(value);
		draft->is_short = true;
	} else if (json_object_setn_new(object, (const char *)rest.p, rest.n, value) < 0) {
		draft->is_short = true;
	}
}

void gb_draft_append(struct gb_draft *draft, json_t *list, json_t *value)
{
	if (json_array_append_new(list, value) < 0)
		draft->is_short = true;
}

static struct gb_span cut_text(struct gb_draft *draft, struct gb_span text, size_t maximum)
{
	struct gb_span cut = gb_tell_cut(draft->arena, text, maximum < draft->text_max ? maximum : draft->text_max);

	draft->is_short |= !cut.p;
	return cut;
}

struct gb_span gb_draft_show(struct gb_draft *draft, struct gb_span text, size_t maximum)
{
	struct gb_span shown = gb_tell_show(draft->arena, text, maximum < draft->text_max ? maximum : draft->text_max);

	draft->is_short |= !shown.p;
	return shown;
}

json_t *gb_draft_string(struct gb_draft *draft, struct gb_span text, size_t maximum, bool is_shown)
{
	struct gb_span s = is_shown ? gb_draft_show(draft, text, maximum) : cut_text(draft, text, maximum);

	return s.p ? json_stringn((const char *)s.p, s.n) : NULL;
}

void gb_draft_exact(struct gb_draft *draft, json_t *root, const char *path, struct gb_span text, size_t maximum)
{
	if (text.n > 0)
		gb_draft_put(draft, root, path, gb_draft_string(draft, text, maximum, false));
}

void gb_draft_shown(struct gb_draft *draft, json_t *root, const char *path, struct gb_span text, size_t maximum)
{
	if (text.n > 0)
		gb_draft_put(draft, root, path, gb_draft_string(draft, text, maximum, true));
}

void gb_draft_number(struct gb_draft *draft, json_t *root, const char *path, int64_t value)
{
	gb_draft_put(draft, root, path, json_integer(value));
}

void gb_draft_literal(struct gb_draft *draft, json_t *root, const char *path, const char *text)
{
	gb_draft_put(draft, root, path, json_string(text));
}

static void add_padded(struct gb_text *text, int64_t value, unsigned digits)
{
	for (int64_t unit = digits == 3 ? 100 : 10; unit > 0; unit /= 10)
		gb_text_add_byte(text, (unsigned char)('0' + value / unit % 10));
}

void gb_tell_add_time(struct gb_text *text, int64_t time_ms)
{
	int64_t ms = time_ms < 0 ? 0 : time_ms > TIME_MAX_MS ? TIME_MAX_MS : time_ms;
	int64_t second = ms % DAY_MS / 1000;

	gb_day_print((uint32_t)(ms / DAY_MS), text);
	gb_text_add_byte(text, 'T');
	add_padded(text, second / 3600, 2);
	gb_text_add_byte(text, ':');
	add_padded(text, second / 60 % 60, 2);
	gb_text_add_byte(text, ':');
	add_padded(text, second % 60, 2);
	gb_text_add_byte(text, '.');
	add_padded(text, ms % 1000, 3);
	gb_text_add_byte(text, 'Z');
}

void gb_draft_time(struct gb_draft *draft, json_t *root, const char *path, int64_t time_ms)
{
	char room[32];
	struct gb_text text = gb_text_on(room, sizeof(room));

	gb_tell_add_time(&text, time_ms);
	gb_draft_put(draft, root, path, json_stringn(room, text.n));
}

/* DEPTH bounds the recursion: events from outside may be nested deeply. */
static json_t *copy(struct gb_draft *draft, const json_t *value, unsigned depth)
{
	json_t *made;

	if (json_is_string(value))
		return gb_draft_string(draft, gb_tell_text(value), SIZE_MAX, false);
	if (json_is_array(value)) {
		made = json_array();
		for (size_t i = 0; i < json_array_size(value) && i < COPY_WIDTH && depth > 0; i++)
			gb_draft_append(draft, made, copy(draft, json_array_get(value, i), depth - 1));
		return made;
	}
	if (json_is_object(value)) {
		const char *name;
		size_t n, count = 0;
		json_t *member;

		made = json_object();
		json_object_keylen_foreach((json_t *)(uintptr_t)value, name, n, member)
		{
			struct gb_span shown = cut_text(draft, gb_span_of(name, n), 64);

			if (count++ >= COPY_WIDTH || depth == 0 || !shown.p)
				break;
			if (json_object_setn_new(made, (const char *)shown.p, shown.n, copy(draft, member, depth - 1)) <
			        0)
				draft->is_short = true;
		}
		return made;
	}
	return json_copy((json_t *)(uintptr_t)value);
}

json_t *gb_draft_copy(struct gb_draft *draft, const json_t *value)
{
	return copy(draft, value, COPY_DEPTH);
}

struct gb_text gb_draft_text(struct gb_draft *draft)
{
	size_t cap = draft->room < draft->size_max ? draft->room : draft->size_max;
	char *room = gb_arena_take(draft->arena, cap);

	draft->is_short |= !room;
	return gb_text_on(room, room ? cap : 0);
}

int gb_draft_dump(struct gb_draft *draft, json_t *value, struct gb_span *ret)
{
	size_t n = draft->is_short ? 0 : json_dumpb(value, NULL, 0, JSON_COMPACT);
	char *room = n > 0 && n <= draft->size_max ? gb_arena_take(draft->arena, n) : NULL;

	if (room)
		json_dumpb(value, room, n, JSON_COMPACT);
	json_decref(value);
	*ret = gb_span_of(room, room ? n : 0);
	if (room)
		return 0;
	return n > draft->size_max ? -EMSGSIZE : -ENOMEM;
}
