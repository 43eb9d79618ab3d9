/* SPDX-License-Identifier: Apache-2.0 */
#include "activity/path.h"

/* Cut the last component off; "/" stays. */
static void go_up(struct gb_text *directory)
{
	while (directory->n > 0 && directory->p[directory->n - 1] != '/')
		directory->n--;
	if (directory->n > 0)
		directory->n--;
}

void gb_path_join(struct gb_text *directory, struct gb_span path, bool *ret_went_up)
{
	size_t at = 0;

	if (path.n != 0 && path.p[0] == '/')
		directory->n = 0;
	while (directory->n > 0 && directory->p[directory->n - 1] == '/')
		directory->n--;
	if (ret_went_up != NULL)
		*ret_went_up = false;
	while (at < path.n) {
		struct gb_span name;
		size_t end = at;

		while (end < path.n && path.p[end] != '/')
			end++;
		name = gb_span_sub(path, at, end - at);
		at = end + 1;
		if (name.n == 0 || (name.n == 1 && name.p[0] == '.'))
			continue;
		if (name.n == 2 && name.p[0] == '.' && name.p[1] == '.') {
			go_up(directory);
			if (ret_went_up != NULL)
				*ret_went_up = true;
			continue;
		}
		gb_text_add_byte(directory, '/');
		gb_text_add(directory, name);
	}
	if (directory->n == 0)
		gb_text_add_byte(directory, '/');
}

#define ONES    0x0101010101010101u
#define SLASHES (ONES * '/')

/* The high bit of each byte that is 0, and perhaps of a byte behind one. */
static uint64_t zero_bytes(uint64_t word)
{
	return (word - ONES) & ~word & (ONES << 7);
}

/* '.' and '/' differ in their last bit alone. */
static bool is_dot_or_slash(unsigned char c)
{
	return (c | 1u) == '/';
}

/* At one of eight places from AT on, a slash and behind it a dot or a slash. */
static bool has_dot_behind_slash(const unsigned char *at)
{
	uint64_t here, next;

	__builtin_memcpy(&here, at, sizeof(here));
	__builtin_memcpy(&next, at + 1, sizeof(next));
	return (zero_bytes(here ^ SLASHES) & zero_bytes((next | ONES) ^ SLASHES)) != 0;
}

bool gb_path_is_canonical(struct gb_span path)
{
	if (path.n < 2 || path.p[0] != '/' || path.p[path.n - 1] == '/')
		return false;
	if (path.n <= sizeof(uint64_t)) {
		for (size_t at = 0; at + 1 < path.n; at++)
			if (path.p[at] == '/' && is_dot_or_slash(path.p[at + 1]))
				return false;
		return true;
	}
	for (size_t at = 0; at + sizeof(uint64_t) < path.n; at += sizeof(uint64_t))
		if (has_dot_behind_slash(path.p + at))
			return false;
	return !has_dot_behind_slash(path.p + path.n - sizeof(uint64_t) - 1);
}

bool gb_path_is_under(struct gb_span path, struct gb_span directory)
{
	if (!gb_span_starts(path, directory))
		return false;
	return path.n == directory.n || path.p[directory.n] == '/' || (directory.n == 1 && directory.p[0] == '/');
}

bool gb_path_is_loader(struct gb_span path)
{
	struct gb_span name = gb_span_basename(path);

	if (gb_span_equal(name, GB_SPAN("ld.so")))
		return true;
	return gb_span_starts(name, GB_SPAN("ld-")) && gb_span_find(name, GB_SPAN(".so"), 0) != SIZE_MAX;
}

#define SHEBANG_BYTES 255u

static bool is_blank(unsigned char c)
{
	return c == ' ' || c == '\t';
}

/* As the kernel reads it: not beyond SHEBANG_BYTES nor a NUL, and a name that may go on behind these is none. */
bool gb_path_of_shebang(struct gb_span head, struct gb_span *ret_interpreter, struct gb_span *ret_argument)
{
	size_t from = 2, to, end;

	if (head.n < 3 || head.p[0] != '#' || head.p[1] != '!')
		return false;
	for (end = from; end < head.n && end < SHEBANG_BYTES && head.p[end] != '\n' && head.p[end] != '\0'; end++)
		continue;
	while (from < end && is_blank(head.p[from]))
		from++;
	for (to = from; to < end && !is_blank(head.p[to]); to++)
		continue;
	if (from == to || to == SHEBANG_BYTES)
		return false;
	*ret_interpreter = gb_span_sub(head, from, to - from);
	while (end > to && is_blank(head.p[end - 1]))
		end--;
	while (to < end && is_blank(head.p[to]))
		to++;
	*ret_argument = gb_span_sub(head, to, end - to);
	return true;
}
