/* SPDX-License-Identifier: Apache-2.0 */
/* Names that are made up while a function runs: ids, dates, versions, numbers of processes. */
#include "activity/made_up.h"

#include <string.h>

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

void gb_made_up_path(struct gb_span path, size_t from, struct gb_text *out, bool *ret_is_sure)
{
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

bool gb_made_up_is_file(enum gb_activity_kind kind)
{
	return kind == GB_ACTIVITY_FILE_READ || kind == GB_ACTIVITY_FILE_WRITE || kind == GB_ACTIVITY_FILE_DELETE ||
	       kind == GB_ACTIVITY_FILE_MODE || kind == GB_ACTIVITY_LIBRARY_MAP;
}

bool gb_made_up_is_two_files(enum gb_activity_kind kind)
{
	return kind == GB_ACTIVITY_FILE_RENAME || kind == GB_ACTIVITY_FILE_LINK;
}

/* As data/boundaries.txt has them, which a test holds it to. */
size_t gb_made_up_folder(struct gb_span path)
{
	static const char *const folders[GB_MADE_UP_FOLDERS] = {
	        "/tmp/", "/var/tmp/", "/dev/shm/", "/sys/fs/cgroup/", "/mnt/"};

	for (size_t i = 0; i < GB_MADE_UP_FOLDERS; i++)
		if (gb_span_starts(path, gb_span_cstr(folders[i])))
			return strlen(folders[i]);
	return SIZE_MAX;
}

/* What stands in for a run in a mask: no byte that a text has. */
static unsigned char mark_of(struct gb_span run)
{
	size_t digits = 0, hexes = 0;

	if (run_kind(run) == RUN_WORD)
		return 0;
	for (size_t i = 0; i < run.n; i++) {
		unsigned char c = gb_ascii_lower(run.p[i]);

		digits += gb_ascii_is_digit(c) ? 1 : 0;
		hexes += gb_ascii_is_digit(c) || (c >= 'a' && c <= 'f') ? 1 : 0;
	}
	return digits == run.n ? 1 : hexes == run.n ? 2 : 3;
}

void gb_made_up_mask(struct gb_span text, struct gb_text *out)
{
	for (size_t at = 0; at < text.n;) {
		size_t end = at + uuid_at(text, at);
		unsigned char mark = end != at ? 4 : 0;

		while (mark == 0 && end < text.n && is_alnum(text.p[end]))
			end++;
		if (end == at)
			end++;
		else if (mark == 0)
			mark = mark_of(gb_span_sub(text, at, end - at));
		if (mark != 0)
			gb_text_add_byte(out, mark);
		else
			gb_text_add(out, gb_span_sub(text, at, end - at));
		at = end;
	}
}
