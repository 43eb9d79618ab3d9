/* SPDX-License-Identifier: Apache-2.0 */
#include "learn/boundaries.h"

#include "base/text.h"
#include "policy/set.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* So many different names in one directory of /tmp, alike at both ends, are one pattern. */
#define ALIKE_MIN 4u

struct entry {
	struct gb_span path, pattern;
	bool is_sure;
};

static int path_compare(const void *left, const void *right)
{
	return gb_learn_span_compare(*(const struct gb_span *)left, *(const struct gb_span *)right);
}

static int entry_compare(const void *left, const void *right)
{
	const struct entry *a = left, *b = right;
	int order = gb_learn_span_compare(a->pattern, b->pattern);

	return order != 0 ? order : gb_learn_span_compare(a->path, b->path);
}

int gb_learn_paths_add(struct gb_arena *arena, struct gb_learn_paths *paths, struct gb_span path)
{
	if (gb_arena_grow(arena, &paths->items, paths->count, &paths->cap, sizeof(*paths->items)) < 0)
		return -ENOMEM;
	paths->items[paths->count++] = path;
	return 0;
}

static size_t sort_once(struct gb_span *items, size_t count)
{
	size_t kept = 0;

	if (count == 0)
		return 0;
	qsort(items, count, sizeof(*items), path_compare);
	for (size_t i = 1; i < count; i++)
		if (!gb_span_equal(items[i], items[kept]))
			items[++kept] = items[i];
	return kept + 1;
}

/* The path itself where one sample proves nothing and there is no second. */
static void settle(struct entry *entries, size_t count)
{
	for (size_t i = 0; i < count;) {
		size_t end = i + 1;
		bool is_sure = entries[i].is_sure;

		while (end < count && gb_span_equal(entries[end].pattern, entries[i].pattern))
			end++;
		if (end - i == 1 && !is_sure)
			entries[i].pattern = entries[i].path;
		i = end;
	}
}

static size_t common_head(struct gb_span a, struct gb_span b)
{
	size_t n = 0;

	while (n < a.n && n < b.n && a.p[n] == b.p[n])
		n++;
	return n;
}

static size_t common_tail(struct gb_span a, struct gb_span b)
{
	size_t n = 0;

	while (n < a.n && n < b.n && a.p[a.n - 1 - n] == b.p[b.n - 1 - n])
		n++;
	return n;
}

static struct gb_span directory_of(struct gb_span path)
{
	return gb_span_sub(path, 0, gb_span_find_last_byte(path, '/') + 1);
}

/* Sorted PATTERNS of one directory under /tmp, ALIKE_MIN or more, with an ending in common: HEAD*TAIL. */
static int alike_pattern(struct gb_arena *arena, const struct gb_span *patterns, size_t count, struct gb_span *ret)
{
	struct gb_span directory = directory_of(patterns[0]);
	size_t head = patterns[0].n, tail = patterns[0].n, dot;
	struct gb_text text;
	char *bytes;

	for (size_t i = 1; i < count; i++) {
		size_t h = common_head(patterns[0], patterns[i]), t = common_tail(patterns[0], patterns[i]);

		head = h < head ? h : head;
		tail = t < tail ? t : tail;
	}
	while (head > 0 && patterns[0].p[head - 1] == '*')
		head--;
	if (head < directory.n)
		head = directory.n;
	/* Only an ending that is one: ".tmp". A mere letter in common says nothing. */
	dot = gb_span_find_last_byte(patterns[0], '.');
	if (dot == SIZE_MAX || dot < head || patterns[0].n - dot > tail)
		tail = 0;
	else
		tail = patterns[0].n - dot;
	if (head == directory.n && tail == 0)
		return 0;
	bytes = gb_arena_take(arena, head + tail + 1);
	if (bytes == NULL)
		return -ENOMEM;
	text = gb_text_on(bytes, head + tail + 1);
	gb_text_add(&text, gb_span_sub(patterns[0], 0, head));
	gb_text_add_byte(&text, '*');
	gb_text_add(&text, gb_span_sub(patterns[0], patterns[0].n - tail, tail));
	*ret = gb_text_span(&text);
	return 1;
}

/* Names in one directory that are alike at both ends but not by ids. */
static int merge_alike(
        struct gb_arena *arena, const struct gb_boundaries *boundaries, struct gb_span *patterns, size_t count)
{
	for (size_t i = 0; i < count;) {
		struct gb_span directory = directory_of(patterns[i]), merged;
		size_t end = i + 1;
		int r = 0;

		while (end < count && gb_span_equal(directory_of(patterns[end]), directory))
			end++;
		if (end - i >= ALIKE_MIN && boundaries != NULL &&
		        gb_boundaries_vary(boundaries, patterns[i]) != SIZE_MAX &&
		        gb_span_find_byte(directory, '*', 0) == SIZE_MAX)
			r = alike_pattern(arena, patterns + i, end - i, &merged);
		if (r < 0)
			return r;
		for (size_t k = i; r > 0 && k < end; k++)
			patterns[k] = merged;
		i = end;
	}
	return 0;
}

static int template_all(
        struct gb_arena *arena, const struct gb_boundaries *boundaries, struct gb_span *paths, size_t count)
{
	struct entry *entries = gb_arena_take(arena, (count + 1) * sizeof(*entries));

	if (entries == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		size_t cap = paths[i].n + 16;
		char *bytes = gb_arena_take(arena, cap);
		struct gb_text text = gb_text_on(bytes, cap);

		if (bytes == NULL)
			return -ENOMEM;
		entries[i] = (struct entry){.path = paths[i]};
		gb_learn_path_template(boundaries, paths[i], &text, &entries[i].is_sure);
		entries[i].pattern = gb_text_span(&text);
	}
	qsort(entries, count, sizeof(*entries), entry_compare);
	settle(entries, count);
	for (size_t i = 0; i < count; i++)
		paths[i] = entries[i].pattern;
	return 0;
}

/* One of the first COUNT patterns of LIST says it already. */
static bool is_known(const struct gb_policyc_patterns *list, size_t count, struct gb_span path)
{
	for (size_t i = 0; i < count; i++)
		if (list->items[i].kind == GB_POLICYC_GLOB &&
		        gb_policy_glob_matches(gb_span_cstr(list->items[i].text), path))
			return true;
	return false;
}

int gb_learn_paths_finish(struct gb_arena *arena, struct gb_learn_paths *paths, struct gb_policyc_document *document,
        struct gb_policyc_patterns *list)
{
	size_t count = sort_once(paths->items, paths->count), known;
	int r = template_all(arena, paths->boundaries, paths->items, count);

	if (r < 0)
		return r;
	count = sort_once(paths->items, count);
	if (paths->has_packages && paths->boundaries != NULL) {
		r = gb_learn_packages(arena, paths->boundaries, paths->items, count);
		count = sort_once(paths->items, count);
	}
	if (r == 0)
		r = merge_alike(arena, paths->boundaries, paths->items, count);
	count = sort_once(paths->items, count);
	known = list->count;
	for (size_t i = 0; i < count && r == 0; i++) {
		if (is_known(list, known, paths->items[i]))
			continue;
		r = gb_policyc_add_path(document, list, paths->items[i], NULL);
		/* What no pattern can say (over-long, not canonical) is not learned: it will be reported. */
		if (r == -EINVAL)
			r = 0;
	}
	paths->count = count;
	return r;
}
