/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/gambeson/screen.h"

#include "base/cleanup.h"

#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define AROUND_BYTES 60u  /* shown before and behind the mark */
#define MARKED_BYTES 160u /* of the mark itself */
#define COLUMNS_MIN  20u  /* narrower terminals wrap as they like */

void gb_screen_colour(FILE *out, bool is_coloured, enum gb_colour colour)
{
	static const char *const codes[] = {
	        [GB_COLOUR_NONE] = "\033[0m",
	        [GB_COLOUR_DIM] = "\033[2m",
	        [GB_COLOUR_BOLD] = "\033[1m",
	        [GB_COLOUR_RED] = "\033[1;31m",
	        [GB_COLOUR_YELLOW] = "\033[33m",
	        [GB_COLOUR_GREEN] = "\033[32m",
	};

	if (is_coloured)
		fputs(codes[colour], out);
}

struct range {
	uint32_t first, last;
};

/* Characters that a terminal shows as nothing, or that turn the direction of what stands around them: an attack can hide
 * behind them from the eye. Blanks that look like others are left alone. */
static const struct range hidden[] = {{0x80, 0x9f}, {0xad, 0xad}, {0x61c, 0x61c}, {0x180e, 0x180e}, {0x200b, 0x200f},
        {0x2028, 0x202e}, {0x2060, 0x206f}, {0xfeff, 0xfeff}, {0xfff9, 0xfffb}, {0xe0000, 0xe007f}};
/* Those that take two columns, and none. The terminal's own table may differ for rare ones. */
static const struct range wide[] = {{0x1100, 0x115f}, {0x2e80, 0x303e}, {0x3041, 0xa4cf}, {0xac00, 0xd7a3},
        {0xf900, 0xfaff}, {0xfe30, 0xfe6f}, {0xff01, 0xff60}, {0xffe0, 0xffe6}, {0x1f300, 0x1f64f}, {0x1f680, 0x1f6ff},
        {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd}};
static const struct range combining[] = {{0x300, 0x36f}, {0x483, 0x489}, {0x591, 0x5bd}, {0x610, 0x61a}, {0x64b, 0x65f},
        {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff}, {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f}};

static bool is_in(const struct range *ranges, size_t count, uint32_t code)
{
	for (size_t i = 0; i < count; i++)
		if (code >= ranges[i].first && code <= ranges[i].last)
			return true;
	return false;
}

#define IS_IN(ranges, code) is_in(ranges, sizeof(ranges) / sizeof((ranges)[0]), code)

/* Bytes of the UTF-8 character at the start of S and its number, or 0: not UTF-8. */
static size_t utf8_bytes(struct gb_span s, uint32_t *ret_code)
{
	unsigned char c = s.p[0];
	size_t n = c < 0xc2 ? 0 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : c < 0xf5 ? 4 : 0;
	uint32_t code = n == 2 ? c & 0x1f : n == 3 ? c & 0x0f : c & 0x07;

	if (n == 0 || s.n < n)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if ((s.p[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (s.p[i] & 0x3f);
	}
	if ((n == 3 && code < 0x800) || (n == 4 && code < 0x10000) || (code >= 0xd800 && code <= 0xdfff) ||
	        code > 0x10ffff)
		return 0;
	*ret_code = code;
	return n;
}

/* What one character, or one byte that is none, looks like on the screen. */
struct cell {
	char text[16];
	size_t text_n;
	size_t columns;
};

/* The cell at the start of S, which is not empty. Result: bytes of S. */
static size_t cell_of(struct gb_span s, struct cell *ret_cell)
{
	static const char letters[] = "abtnvfr";
	unsigned char c = s.p[0];
	uint32_t code = c;
	size_t n = c < 0x80 ? 1 : utf8_bytes(s, &code);
	int length;

	if (n != 0 && c >= 0x20 && c != 0x7f && !(n > 1 && IS_IN(hidden, code))) {
		__builtin_memcpy(ret_cell->text, s.p, n);
		ret_cell->text_n = n;
		ret_cell->columns = n > 1 && IS_IN(combining, code) ? 0 : n > 1 && IS_IN(wide, code) ? 2 : 1;
		return n;
	}
	if (n > 1 && code >= 0xa0)
		length = snprintf(ret_cell->text, sizeof(ret_cell->text), "\\u{%x}", (unsigned)code);
	else if (c >= '\a' && c <= '\r')
		length = snprintf(ret_cell->text, sizeof(ret_cell->text), "\\%c", letters[c - '\a']);
	else
		length = snprintf(ret_cell->text, sizeof(ret_cell->text), "\\x%02x", (unsigned)c);
	ret_cell->text_n = ret_cell->columns = (size_t)length;
	return n > 1 && code >= 0xa0 ? n : 1;
}

size_t gb_screen_text(FILE *out, struct gb_span s)
{
	size_t columns = 0, at = 0;
	struct cell cell;

	while (at < s.n) {
		at += cell_of(gb_span_sub(s, at, SIZE_MAX), &cell);
		fwrite(cell.text, 1, cell.text_n, out);
		columns += cell.columns;
	}
	return columns;
}

void gb_screen_vprintf(FILE *out, const char *format, va_list args)
{
	GB_CLEANUP(gb_freep) char *text = NULL;
	size_t begin = 0;
	int n = vasprintf(&text, format, args);

	for (size_t i = 0; n >= 0 && i <= (size_t)n; i++) {
		if (text[i] != '\0' && text[i] != '\n' && text[i] != '\t')
			continue;
		(void)gb_screen_text(out, gb_span_of(text + begin, i - begin));
		if (text[i] != '\0')
			(void)fputc(text[i], out);
		begin = i + 1;
	}
	if (n < 0)
		text = NULL;
}

void gb_screen_printf(FILE *out, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	gb_screen_vprintf(out, format, args);
	va_end(args);
}

size_t gb_screen_fit(struct gb_span s, size_t columns, size_t *ret_columns)
{
	size_t at = 0;
	struct cell cell;

	*ret_columns = 0;
	while (at < s.n) {
		size_t n = cell_of(gb_span_sub(s, at, SIZE_MAX), &cell);

		if (*ret_columns + cell.columns > columns)
			break;
		*ret_columns += cell.columns;
		at += n;
	}
	return at;
}

static bool is_continuation(struct gb_span s, size_t at)
{
	return at < s.n && (s.p[at] & 0xc0) == 0x80;
}

static void put_repeated(FILE *out, size_t count, char c)
{
	while (count-- > 0)
		fputc(c, out);
}

/* Columns of the terminal behind OUT, or SIZE_MAX: there is none, and lines may be as long as they are. */
static size_t columns_of(FILE *out)
{
	struct winsize size;
	int fd = fileno(out);

	if (fd < 0 || !isatty(fd) || ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col < COLUMNS_MIN)
		return SIZE_MAX;
	return size.ws_col;
}

/* Evidence is put out in rows of a terminal's width, each with its own line of marks. */
struct rows {
	FILE *out;
	bool is_coloured;
	size_t indent, width, used;
	size_t mark_from, mark_n; /* columns of the row */
	bool is_marking;
};

static void end_row(struct rows *rows)
{
	if (rows->is_marking)
		gb_screen_colour(rows->out, rows->is_coloured, GB_COLOUR_NONE);
	fputc('\n', rows->out);
	if (rows->mark_n != 0) {
		put_repeated(rows->out, rows->indent + rows->mark_from, ' ');
		gb_screen_colour(rows->out, rows->is_coloured, GB_COLOUR_RED);
		put_repeated(rows->out, rows->mark_n, '^');
		gb_screen_colour(rows->out, rows->is_coloured, GB_COLOUR_NONE);
		fputc('\n', rows->out);
	}
	rows->used = rows->mark_n = 0;
}

static void put_cell(struct rows *rows, const struct cell *cell, bool is_marked)
{
	if (rows->used + cell->columns > rows->width) {
		end_row(rows);
		put_repeated(rows->out, rows->indent, ' ');
		if (rows->is_marking)
			gb_screen_colour(rows->out, rows->is_coloured, GB_COLOUR_RED);
	}
	if (is_marked != rows->is_marking)
		gb_screen_colour(rows->out, rows->is_coloured, is_marked ? GB_COLOUR_RED : GB_COLOUR_NONE);
	rows->is_marking = is_marked;
	fwrite(cell->text, 1, cell->text_n, rows->out);
	if (is_marked && rows->mark_n == 0)
		rows->mark_from = rows->used;
	if (is_marked)
		rows->mark_n += cell->columns;
	rows->used += cell->columns;
}

static void put_cells(struct rows *rows, struct gb_span s, bool is_marked)
{
	struct cell cell;

	for (size_t at = 0; at < s.n;) {
		at += cell_of(gb_span_sub(s, at, SIZE_MAX), &cell);
		put_cell(rows, &cell, is_marked);
	}
}

void gb_screen_evidence(FILE *out, bool is_coloured, unsigned indent, struct gb_span value, size_t from, size_t length)
{
	const struct cell dots = {"...", 3, 3};
	size_t columns = columns_of(out), begin;
	struct rows rows = {.out = out, .is_coloured = is_coloured, .indent = indent};
	struct gb_span mark;

	rows.width = columns == SIZE_MAX || columns < indent + COLUMNS_MIN ? SIZE_MAX : columns - indent;
	if (from > value.n)
		from = value.n;
	begin = from > AROUND_BYTES ? from - AROUND_BYTES : 0;
	while (begin > 0 && begin < from && is_continuation(value, begin))
		begin++;
	mark = gb_span_sub(value, from, length < MARKED_BYTES ? length : MARKED_BYTES);
	while (mark.n < length && is_continuation(value, from + mark.n))
		mark.n++;
	put_repeated(out, indent, ' ');
	if (begin > 0)
		put_cell(&rows, &dots, false);
	put_cells(&rows, gb_span_sub(value, begin, from - begin), false);
	put_cells(&rows, mark, true);
	if (mark.n == 0) {
		rows.mark_from = rows.used;
		rows.mark_n = 1;
	}
	value = gb_span_sub(value, from + mark.n, SIZE_MAX);
	length = value.n < AROUND_BYTES ? value.n : AROUND_BYTES;
	while (length < value.n && is_continuation(value, length))
		length++;
	put_cells(&rows, gb_span_sub(value, 0, length), false);
	if (length < value.n)
		put_cell(&rows, &dots, false);
	end_row(&rows);
}
