/* SPDX-License-Identifier: Apache-2.0 */
#include "learn/boundaries.h"

#include "base/text.h"
#include "policy/set.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* So many different names in one directory of /tmp, alike at both ends, are one pattern. */
#define ALIKE_MIN   4u
#define ID_MIN      6u
#define LONG_ID_MIN 16u

static bool is_alnum(unsigned char c)
{
	return gb_ascii_is_alpha(c) || gb_ascii_is_digit(c);
}

enum run_kind {
	RUN_WORD = 0,
	RUN_MAYBE_ID, /* varies if another one is seen */
	RUN_ID,       /* nobody names a file so twice */
};

/* What a run of letters and digits is: a name, or made up for one invocation. */
static enum run_kind run_kind(struct gb_span run)
{
	size_t digits = 0, hexes = 0;

	for (size_t i = 0; i < run.n; i++) {
		unsigned char c = gb_ascii_lower(run.p[i]);

		digits += gb_ascii_is_digit(c) ? 1 : 0;
		hexes += gb_ascii_is_digit(c) || (c >= 'a' && c <= 'f') ? 1 : 0;
	}
	if (digits == 0)
		return RUN_WORD;
	if (run.n >= LONG_ID_MIN || (hexes == run.n && run.n >= 8 && digits != run.n))
		return RUN_ID;
	return digits == run.n || run.n >= ID_MIN ? RUN_MAYBE_ID : RUN_WORD;
}

/* Never two stars in a row: they would reach into other directories. */
static void star_add(struct gb_text *out)
{
	if (!gb_span_ends(gb_text_span(out), GB_SPAN("*")))
		gb_text_add_byte(out, '*');
}

/* NAME with what is an id as `*`; *ret_is_sure: one sample says so. "1a2b-3c4d" is one star, not two. */
static void name_template(struct gb_span name, struct gb_text *out, bool *ret_is_sure)
{
	size_t at = 0;

	while (at < name.n) {
		size_t end = at;
		enum run_kind kind;

		while (end < name.n && is_alnum(name.p[end]))
			end++;
		kind = end == at ? RUN_WORD : run_kind(gb_span_sub(name, at, end - at));
		if (kind == RUN_WORD) {
			end = end == at ? at + 1 : end;
			gb_text_add(out, gb_span_sub(name, at, end - at));
		} else if (gb_span_ends(gb_text_span(out), GB_SPAN("*-"))) {
			out->n--;
		} else {
			star_add(out);
		}
		if (kind == RUN_ID)
			*ret_is_sure = true;
		at = end;
	}
}

/* Parts of a uuid may have no digit at all: a uuid is taken whole. */
static size_t uuid_at(struct gb_span s, size_t at)
{
	static const char shape[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
	size_t n = sizeof(shape) - 1;

	if (s.n - at < n)
		return 0;
	for (size_t i = 0; i < n; i++) {
		unsigned char c = gb_ascii_lower(s.p[at + i]);

		if (shape[i] == '-' ? c != '-' : !gb_ascii_is_digit(c) && (c < 'a' || c > 'f'))
			return 0;
	}
	return n;
}

static void segment_template(struct gb_span name, struct gb_text *out, bool *ret_is_sure)
{
	for (size_t at = 0; at < name.n; at++) {
		size_t n = uuid_at(name, at);

		if (n == 0)
			continue;
		name_template(gb_span_sub(name, 0, at), out, ret_is_sure);
		star_add(out);
		*ret_is_sure = true;
		name_template(gb_span_sub(name, at + n, SIZE_MAX), out, ret_is_sure);
		return;
	}
	name_template(name, out, ret_is_sure);
}

/* Where names are made up while running. Everywhere else a path is what it is. */
static size_t varying_from(const struct gb_boundaries *boundaries, struct gb_span path)
{
	return boundaries == NULL ? SIZE_MAX : gb_boundaries_vary(boundaries, path);
}

/* /proc/123/…: the process is another one each time. Its threads as well. */
static bool proc_template(struct gb_span path, struct gb_text *out)
{
	size_t at = GB_SPAN("/proc/").n;
	struct gb_span rest;

	if (!gb_span_starts(path, GB_SPAN("/proc/")) || path.n == at || !gb_ascii_is_digit(path.p[at]))
		return false;
	while (at < path.n && gb_ascii_is_digit(path.p[at]))
		at++;
	rest = gb_span_sub(path, at, SIZE_MAX);
	gb_text_add_cstr(out, "/proc/*");
	if (gb_span_starts(rest, GB_SPAN("/task/")) && rest.n > 6 && gb_ascii_is_digit(rest.p[6])) {
		at = 6;
		while (at < rest.n && gb_ascii_is_digit(rest.p[at]))
			at++;
		gb_text_add_cstr(out, "/task/*");
		rest = gb_span_sub(rest, at, SIZE_MAX);
	}
	gb_text_add(out, rest);
	return true;
}

static void path_template(
        const struct gb_boundaries *boundaries, struct gb_span path, struct gb_text *out, bool *ret_is_sure)
{
	size_t from = varying_from(boundaries, path);

	if (proc_template(path, out)) {
		*ret_is_sure = true;
		return;
	}
	if (from == SIZE_MAX) {
		gb_text_add(out, path);
		return;
	}
	gb_text_add(out, gb_span_sub(path, 0, from));
	while (from < path.n) {
		size_t slash = gb_span_find_byte(path, '/', from);
		size_t end = slash == SIZE_MAX ? path.n : slash;

		segment_template(gb_span_sub(path, from, end - from), out, ret_is_sure);
		if (slash != SIZE_MAX)
			gb_text_add_byte(out, '/');
		from = slash == SIZE_MAX ? path.n : slash + 1;
	}
}

bool gb_learn_is_file(enum gb_activity_kind kind)
{
	return kind == GB_ACTIVITY_FILE_READ || kind == GB_ACTIVITY_FILE_WRITE || kind == GB_ACTIVITY_FILE_DELETE ||
	       kind == GB_ACTIVITY_FILE_MODE || kind == GB_ACTIVITY_LIBRARY_MAP;
}

int gb_learn_path_pattern(struct gb_policyc_arena *arena, const struct gb_boundaries *boundaries, struct gb_span path,
        struct gb_span *ret)
{
	size_t cap = path.n + 16;
	char *bytes = gb_policyc_arena_take(arena, cap);
	struct gb_text text = gb_text_on(bytes, cap);
	bool is_sure = false;

	if (bytes == NULL)
		return -ENOMEM;
	path_template(boundaries, path, &text, &is_sure);
	*ret = is_sure ? gb_text_span(&text) : path;
	return 0;
}

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

int gb_learn_paths_add(struct gb_policyc_arena *arena, struct gb_learn_paths *paths, struct gb_span path)
{
	if (gb_policyc_arena_grow(arena, &paths->items, paths->count, &paths->cap, sizeof(*paths->items)) < 0)
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
static int alike_pattern(
        struct gb_policyc_arena *arena, const struct gb_span *patterns, size_t count, struct gb_span *ret)
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
	bytes = gb_policyc_arena_take(arena, head + tail + 1);
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
        struct gb_policyc_arena *arena, const struct gb_boundaries *boundaries, struct gb_span *patterns, size_t count)
{
	for (size_t i = 0; i < count;) {
		struct gb_span directory = directory_of(patterns[i]), merged;
		size_t end = i + 1;
		int r = 0;

		while (end < count && gb_span_equal(directory_of(patterns[end]), directory))
			end++;
		if (end - i >= ALIKE_MIN && varying_from(boundaries, patterns[i]) != SIZE_MAX &&
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
        struct gb_policyc_arena *arena, const struct gb_boundaries *boundaries, struct gb_span *paths, size_t count)
{
	struct entry *entries = gb_policyc_arena_take(arena, (count + 1) * sizeof(*entries));

	if (entries == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		size_t cap = paths[i].n + 16;
		char *bytes = gb_policyc_arena_take(arena, cap);
		struct gb_text text = gb_text_on(bytes, cap);

		if (bytes == NULL)
			return -ENOMEM;
		entries[i] = (struct entry){.path = paths[i]};
		path_template(boundaries, paths[i], &text, &entries[i].is_sure);
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

int gb_learn_paths_finish(struct gb_policyc_arena *arena, struct gb_learn_paths *paths,
        struct gb_policyc_document *document, struct gb_policyc_patterns *list)
{
	size_t count = sort_once(paths->items, paths->count), known;
	int r = template_all(arena, paths->boundaries, paths->items, count);

	if (r < 0)
		return r;
	count = sort_once(paths->items, count);
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
