/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Paths that climb and mean no harm: ../images/logo.png, ..\shared\lib.dll, a/../b, https://host/a/../b, ../. An attack has to
 * come up to something: it climbs far, or to a system's folder, or to what a server runs, is set up by, or keeps to itself.
 */
#include "inspect/detect/file_near.h"

#include "inspect/bytes.h"
#include "inspect/detect/file_shape.h"

#define NEAR_BYTES_MAX 256u

/* What pages, documents and source name beside them. */
#define LINKED                                                                                                         \
	"png jpg jpeg gif svg webp ico avif bmp css scss sass less js mjs cjs ts tsx jsx vue html htm md mdx rst "     \
	"woff woff2 ttf otf mp3 mp4 webm ogg wav pdf"

/* What a server runs, is set up by, or keeps: whoever climbs to it may well be an attacker. */
#define KEPT                                                                                                           \
	GB_FILE_SOURCES " py rb pl pm sh env ini conf cfg cnf cf toml properties yml yaml passwd pass pwd key pem "    \
	                "crt p12 pfx jks keystore ppk kdbx log bak old orig save swp sql db sqlite sqlite3 mdb myd "   \
	                "frm htpasswd htaccess asc gpg dump secret secrets token history pid sock"

/* Of names that hold one of these the same is true whatever their ending. */
static const char *const secrets[] = {"passw", "secret", "shadow", "credential", "token", "private", "config",
        "setting", "id_rsa", "database", "backup", "admin", "users", "flag", "localstart", "dockerfile", "makefile",
        "package", "composer", "gemfile", "requirements", "procfile", "manifest"};

static unsigned char lower_of(unsigned char c)
{
	return c == '\\' ? '/' : gb_ascii_lower(c);
}

/* Whether one of the names from FROM on, in small letters and with slashes, is hidden. */
static bool has_hidden(struct gb_span path)
{
	for (size_t i = 0; i + 1 < path.n; i++)
		if (path.p[i] == '.' && (i == 0 || path.p[i - 1] == '/') && path.p[i + 1] != '.' &&
		        path.p[i + 1] != '/')
			return true;
	return false;
}

static bool is_kept(struct gb_span name)
{
	const size_t dot = gb_span_find_last_byte(name, '.');

	if (dot != SIZE_MAX && gb_file_is_in(gb_span_sub(name, dot + 1, name.n), KEPT))
		return true;
	for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++)
		if (gb_bytes_find_text(name, gb_span_cstr(secrets[i]), 0) != SIZE_MAX)
			return true;
	return name.n > 1 && name.p[name.n - 1] == '~';
}

static bool is_linked(struct gb_span name)
{
	const size_t dot = gb_span_find_last_byte(name, '.');

	return dot != SIZE_MAX && dot != 0 && gb_file_is_in(gb_span_sub(name, dot + 1, name.n), LINKED);
}

/* How far the path leads out of where it begins; SIZE_MAX when its steps are written as nobody does who has no reason to. */
static size_t steps_out(struct gb_span path, bool is_absolute)
{
	size_t depth = 0, out = 0, start = 0;

	for (size_t i = 0; i <= path.n; i++) {
		struct gb_span segment;

		if (i < path.n && path.p[i] != '/')
			continue;
		segment = gb_span_sub(path, start, i - start);
		start = i + 1;
		if (segment.n == 0 && i != 0 && i != path.n)
			return SIZE_MAX;
		if (segment.n == 0 || gb_span_equal(segment, GB_SPAN(".")))
			continue;
		if (!gb_span_equal(segment, GB_SPAN(".."))) {
			if (gb_span_starts(segment, GB_SPAN("..")))
				return SIZE_MAX;
			depth++;
		} else if (depth != 0) {
			depth--;
		} else if (is_absolute) {
			return SIZE_MAX;
		} else {
			out++;
		}
	}
	return out;
}

/* The path behind https://host, or all of it. */
static struct gb_span behind_host(struct gb_span path)
{
	size_t at = gb_bytes_find_text(path, GB_SPAN("://"), 0);

	if (at == SIZE_MAX || !gb_span_starts(path, GB_SPAN("http")))
		return path;
	at = gb_span_find_byte(path, '/', at + 3);
	return at == SIZE_MAX ? GB_SPAN_EMPTY : gb_span_sub(path, at, path.n);
}

bool gb_detect_is_near_path(const struct gb_detect_input *input, const struct gb_lex_path *path)
{
	unsigned char lower[NEAR_BYTES_MAX];
	struct gb_span text = gb_span_sub(input->text, path->offset, path->length), last;
	bool is_absolute;
	size_t out, slash;

	if (input->origin == GB_ORIGIN_PATH || path->has_mixed_separators || path->is_nul_ended ||
	        path->longest_ups > 3 || text.n > sizeof(lower) ||
	        (input->mask & (GB_BYTE_SEMICOLON | GB_BYTE_PERCENT | GB_BYTE_GLOB | GB_BYTE_CONTROL)) != 0)
		return false;
	for (size_t i = 0; i < text.n; i++)
		lower[i] = lower_of(text.p[i]);
	text = behind_host(gb_span_of(lower, text.n));
	if (text.n == 0 || has_hidden(text))
		return false;
	is_absolute = text.p[0] == '/' || (text.n > 2 && text.p[1] == ':');
	out = steps_out(text, is_absolute);
	/* Who goes down only to climb past where he began has a check of the beginning to get past. */
	if (out > 3 || (out != 0 && text.p[0] != '.'))
		return false;
	while (text.n != 0 && text.p[text.n - 1] == '/')
		text.n--;
	slash = gb_span_find_last_byte(text, '/');
	last = slash == SIZE_MAX ? text : gb_span_sub(text, slash + 1, text.n);
	if (is_linked(last))
		return out < 2 || path->segments >= path->ups + 2;
	/* Two steps up only to a project's own, ../../shared/utils. ../ aims at nothing. */
	return !is_kept(last) && (out < 2 || (out == 2 && path->segments >= path->ups + 2 &&
	                                             gb_span_find_byte(last, '.', 0) == SIZE_MAX));
}
