/* SPDX-License-Identifier: Apache-2.0 */
/* Where a string lies, as a person writes it. */
#include "inspect/walk.h"

#include "inspect/bytes.h"

#define NAME_MAX_PLAIN 64u

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

	for (size_t i = 0; i < name.n && i < NAME_MAX_PLAIN; i++)
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
	if (sizeof(path->p) - path->n > name.n && name.n < NAME_MAX_PLAIN) {
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

static void add_index(struct gb_walk_path *path, uint32_t index)
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

/* The member of FRAME that the walk is at, behind the container's own path. Before the first there is none. */
static void set_member(struct gb_walk_path *path, const struct gb_walk_frame *frame)
{
	path->n = frame->path_n;
	if (frame->is_array && frame->index != 0)
		add_index(path, frame->index - 1);
	else if (frame->key.p != NULL)
		gb_walk_path_add_name(path, frame->key);
}

void gb_walk_path_of(struct gb_walk *walk, struct gb_walk_path *path)
{
	const uint32_t depth = walk->depth < GB_WALK_DEPTH_MAX ? walk->depth : GB_WALK_DEPTH_MAX;

	if (depth == 0) {
		path->n = walk->path_n;
		return;
	}
	for (; walk->paths_known < depth; walk->paths_known++) {
		set_member(path, &walk->frames[walk->paths_known - 1]);
		walk->frames[walk->paths_known].path_n = (uint16_t)path->n;
	}
	set_member(path, &walk->frames[depth - 1]);
}
