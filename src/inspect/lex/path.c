/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect/lex/lex.h"

enum piece {
	PIECE_END,
	PIECE_SEPARATORS,
	PIECE_UP,
	PIECE_DOT,
	PIECE_NAME,
	PIECE_OTHER,
};

enum byte_kind {
	INSIDE = 0, /* of a name */
	OUTSIDE,    /* of any path */
	SEPARATOR,
};

static const unsigned char kinds[256] = {
        [0 ... ' '] = OUTSIDE,
        ['"'] = OUTSIDE,
        ['&' ... ')'] = OUTSIDE,
        [','] = OUTSIDE,
        ['/'] = SEPARATOR,
        ['<' ... '>'] = OUTSIDE,
        ['\\'] = SEPARATOR,
        ['`'] = OUTSIDE,
        ['|'] = OUTSIDE,
        [0x7f] = OUTSIDE,
};

static enum piece scan(struct gb_span text, size_t *ref_at)
{
	const size_t start = *ref_at;
	size_t at = start, dots = 0;

	if (at >= text.n)
		return PIECE_END;
	if (kinds[text.p[at]] == OUTSIDE) {
		*ref_at = at + 1;
		return PIECE_OTHER;
	}
	if (kinds[text.p[at]] == SEPARATOR) {
		while (at < text.n && kinds[text.p[at]] == SEPARATOR)
			at++;
		*ref_at = at;
		return PIECE_SEPARATORS;
	}
	while (at < text.n && text.p[at] == '.')
		at++;
	dots = at - start;
	while (at < text.n && kinds[text.p[at]] == INSIDE)
		at++;
	*ref_at = at;
	/* `..;` is `..` to servers that take parameters of path segments. */
	if (dots >= 2 && (at == start + dots || (at == start + dots + 1 && text.p[at - 1] == ';')))
		return PIECE_UP;
	return dots == 1 && at == start + 1 ? PIECE_DOT : PIECE_NAME;
}

/* Where the run around the next separator begins, at or behind AT; the text's end when there is none. Runs without a separator
 * are no paths. */
static size_t run_start(struct gb_span text, size_t at)
{
	size_t start = at;

	while (at < text.n && kinds[text.p[at]] != SEPARATOR)
		at++;
	if (at == text.n)
		return at;
	while (at > start && kinds[text.p[at - 1]] != OUTSIDE)
		at--;
	return at;
}

static void add_name(struct gb_lex_path *path, struct gb_span name)
{
	if (path->first_name.n == 0)
		path->first_name = name;
	path->last_name = name;
	path->has_name_behind_up = path->ups > 0;
}

bool gb_lex_path_next(struct gb_span text, size_t *ref_at, struct gb_lex_path *ret_path)
{
	struct gb_lex_path path = {0};
	bool is_open = false, has_slash = false, has_backslash = false, has_separator = false;
	unsigned run = 0;

	for (;;) {
		size_t start = *ref_at = is_open ? *ref_at : run_start(text, *ref_at);
		enum piece piece = scan(text, ref_at);

		if (piece == PIECE_END || piece == PIECE_OTHER) {
			path.is_nul_ended = is_open && piece == PIECE_OTHER && text.p[start] == 0;
			if (is_open && has_separator)
				break;
			if (piece == PIECE_END)
				return false;
			path = (struct gb_lex_path){0};
			is_open = has_slash = has_backslash = false;
			run = 0;
			continue;
		}
		if (!is_open) {
			is_open = true;
			path.offset = start;
			path.is_absolute = piece == PIECE_SEPARATORS;
		}
		path.length = *ref_at - path.offset;
		if (piece == PIECE_SEPARATORS) {
			has_separator = true;
			for (size_t i = start; i < *ref_at; i++) {
				has_slash |= text.p[i] == '/';
				has_backslash |= text.p[i] == '\\';
			}
			continue;
		}
		path.segments++;
		if (piece == PIECE_UP) {
			path.ups++;
			run++;
			path.longest_ups = run > path.longest_ups ? run : path.longest_ups;
			path.first_name = GB_SPAN_EMPTY;
			continue;
		}
		if (piece == PIECE_DOT) {
			path.dots++;
			continue;
		}
		run = 0;
		add_name(&path, gb_span_sub(text, start, *ref_at - start));
	}
	path.has_mixed_separators = has_slash && has_backslash;
	*ret_path = path;
	return true;
}
