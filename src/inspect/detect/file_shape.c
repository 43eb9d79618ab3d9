/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect/detect/file_shape.h"

#include "inspect/bytes.h"
#include "inspect/detect/file_known.h"

#include <stddef.h>

/* Lists of words, each between blanks. */
bool gb_file_is_in(struct gb_span word, const char *list)
{
	for (const char *at = list; *at != 0;) {
		size_t n = 0;

		while (at[n] != ' ' && at[n] != 0)
			n++;
		if (n == word.n && __builtin_memcmp(at, word.p, n) == 0)
			return true;
		at += n + (at[n] == ' ');
	}
	return false;
}

bool gb_file_starts_with(struct gb_span word, const char *list)
{
	for (const char *at = list; *at != 0;) {
		size_t n = 0;

		while (at[n] != ' ' && at[n] != 0)
			n++;
		if (n <= word.n && __builtin_memcmp(at, word.p, n) == 0)
			return true;
		at += n + (at[n] == ' ');
	}
	return false;
}

/* Where chroots, containers and macOS put a whole tree. */
static void skip_mount(struct gb_file_shape *shape)
{
	size_t skip = 0;

	if (shape->count > 2 && gb_file_is_in(shape->segments[0], "private host rootfs hostfs chroot jail mnt"))
		skip = gb_file_is_in(shape->segments[1], "etc proc var root home host") ? 1 : 0;
	else if (shape->count > 3 && gb_file_is_in(shape->segments[0], "volumes"))
		skip = 2 + (gb_file_is_in(shape->segments[2], "private") ? 1 : 0);
	for (size_t i = skip; skip != 0 && i < shape->count; i++)
		shape->segments[i - skip] = shape->segments[i];
	shape->count -= skip;
}

/* One spelling: false when it is no path. */
bool gb_file_shape_cut(struct gb_span path, struct gb_file_shape *shape)
{
	const bool has_backslash = gb_bytes_find(path, '\\', 0) != SIZE_MAX;
	size_t at = 0, n = 0, start = 0;

	if (path.n < 3 || path.n > GB_FILE_PATH_MAX)
		return false;
	__builtin_memset(shape, 0, offsetof(struct gb_file_shape, segments));
	if (gb_ascii_is_alpha(path.p[0]) && path.p[1] == ':' && (path.p[2] == '/' || path.p[2] == '\\')) {
		shape->has_drive = true;
		at = 2;
	}
	/* /C:/x */
	if (path.n > 4 && (path.p[0] == '/' || path.p[0] == '\\') && gb_ascii_is_alpha(path.p[1]) && path.p[2] == ':') {
		shape->has_drive = true;
		at = 3;
	}
	/* %windir%\system.ini */
	if (path.p[0] == '%')
		for (size_t i = 0; i < 2; i++) {
			const struct gb_span name = gb_span_cstr(i == 0 ? "%windir%" : "%systemroot%");

			if (path.n <= name.n || !gb_span_equal_nocase(gb_span_sub(path, 0, name.n), name))
				continue;
			at = name.n;
			n = 8;
			__builtin_memcpy(shape->bytes, "/windows", n);
			shape->has_drive = true;
		}
	shape->is_absolute = path.p[at] == '/' || path.p[at] == '\\';
	shape->is_remote = at == 0 && path.p[0] == '\\' && path.p[1] == '\\';
	shape->is_home = path.p[0] == '~';
	for (; at < path.n; at++) {
		unsigned char c = gb_ascii_lower(path.p[at]);

		/* A NUL or a stream's name ends it to the file system. */
		if (c == 0 || (c == '#' && n != 0))
			break;
		if (c < ' ' || c == '"' || c == '<' || c == '>' || c == '|' || c == '=' || c == '\'' || c == ',' ||
		        c == '{')
			return false;
		/* Names with blanks are Windows': elsewhere they end a path within a sentence. */
		if (c == ' ' && !shape->has_drive && !has_backslash)
			return false;
		shape->bytes[n++] = c == '\\' ? '/' : c;
		shape->is_glob |= c == '?' || c == '[' || c == '*';
	}
	for (size_t i = n; i < 4; i++)
		shape->bytes[i] = 0;
	for (size_t i = 0; i <= n; i++) {
		struct gb_span segment;

		if (i < n && shape->bytes[i] != '/')
			continue;
		segment = gb_span_of(shape->bytes + start, i - start);
		start = i + 1;
		if (segment.n == 0 || (segment.n == 1 && segment.p[0] == '.'))
			continue;
		if (shape->count == GB_FILE_SEGMENTS_MAX)
			return false;
		shape->segments[shape->count++] = segment;
	}
	if (shape->count == 0 || n == 0 || shape->bytes[n - 1] == '/')
		return false;
	shape->last = shape->segments[shape->count - 1];
	start = gb_span_find_last_byte(shape->last, '.');
	if (start != SIZE_MAX && start != 0)
		shape->ending = gb_span_sub(shape->last, start + 1, shape->last.n);
	if (shape->is_absolute)
		skip_mount(shape);
	return true;
}

/* One segment against NAME, where ? and […] stand for one byte and * for any. */
static bool is_spelled(struct gb_span pattern, struct gb_span name)
{
	size_t at = 0, i = 0, star = SIZE_MAX, mark = 0;
	unsigned letters = 0;

	while (i < name.n) {
		size_t step = 1;

		if (at < pattern.n && pattern.p[at] == '[') {
			size_t close = gb_span_find_byte(pattern, ']', at);

			step = close == SIZE_MAX ? 1 : close + 1 - at;
		}
		if (at < pattern.n && pattern.p[at] == '*') {
			star = at++;
			mark = i;
		} else if (at < pattern.n &&
		           (pattern.p[at] == '?' || pattern.p[at] == '[' || pattern.p[at] == name.p[i])) {
			letters += pattern.p[at] == name.p[i];
			at += step;
			i++;
		} else if (star != SIZE_MAX) {
			at = star + 1;
			i = ++mark;
		} else {
			return false;
		}
	}
	while (at < pattern.n && pattern.p[at] == '*')
		at++;
	return at == pattern.n && (letters > 0 || star == SIZE_MAX);
}

bool gb_file_is_globbed(const struct gb_file_shape *shape)
{
	static const char *const roots[] = {"etc", "proc", "root", "var", "home", "windows"};
	static const char *const names[] = {"passwd", "shadow", "hosts", "group", "environ", "cmdline", "id_rsa",
	        "win.ini", "maps", "version", "issue", "hostname", "sudoers"};
	bool is_rooted = false;

	for (size_t i = 0; i < sizeof(roots) / sizeof(roots[0]); i++)
		is_rooted |= is_spelled(shape->segments[0], gb_span_cstr(roots[i]));
	for (size_t i = 0; is_rooted && i < sizeof(names) / sizeof(names[0]); i++)
		if (is_spelled(shape->last, gb_span_cstr(names[i])))
			return true;
	return false;
}

/* Types of NTFS' streams; classes of PHP have variables behind the same signs. */
static bool is_stream(struct gb_span rest)
{
	static const char *const types[] = {"data", "index_allocation", "index_root", "bitmap", "attribute_list"};
	size_t n = 0;

	while (n < rest.n && (gb_ascii_is_alpha(rest.p[n]) || rest.p[n] == '_'))
		n++;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (gb_span_equal_nocase(gb_span_sub(rest, 0, n), gb_span_cstr(types[i])))
			return n != 4 || rest.p[0] == 'D' || n == rest.n;
	return false;
}

bool gb_detect_is_disguised_name(struct gb_span name)
{
	size_t colon = gb_bytes_find_text(name, GB_SPAN("::$"), 1), end = name.n, dot;
	unsigned char lower[8];

	if (colon != SIZE_MAX && is_stream(gb_span_sub(name, colon + 3, SIZE_MAX)) &&
	        (gb_byte_is_name[name.p[colon - 1]] || name.p[colon - 1] == '/'))
		return true;
	while (end > 0 && (name.p[end - 1] == '.' || name.p[end - 1] == ' '))
		end--;
	if (end == name.n || end == 0 || gb_bytes_find(gb_span_sub(name, 0, end), ' ', 0) != SIZE_MAX)
		return false;
	dot = gb_span_find_last_byte(gb_span_sub(name, 0, end), '.');
	if (dot == SIZE_MAX || dot == 0 || end - dot - 1 > sizeof(lower) || end - dot < 3)
		return false;
	for (size_t i = dot + 1; i < end; i++)
		lower[i - dot - 1] = gb_ascii_lower(name.p[i]);
	return gb_file_is_in(gb_span_of(lower, end - dot - 1), GB_FILE_SOURCES " ini env");
}
