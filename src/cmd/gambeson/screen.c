/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/gambeson/screen.h"

#define AROUND_BYTES 60u  /* shown before and behind the mark */
#define MARKED_BYTES 160u /* of the mark itself */

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

/* Bytes of the UTF-8 character at the start of S, or 0: not UTF-8, or a control character of its second row (U+0080 to
 * U+009F, which terminals obey). Direction marks are left alone. */
static size_t utf8_bytes(struct gb_span s)
{
	unsigned char c = s.p[0];
	size_t n = c < 0xc2 ? 0 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : c < 0xf5 ? 4 : 0;

	if (n == 0 || s.n < n)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((s.p[i] & 0xc0) != 0x80)
			return 0;
	if (c == 0xc2 && s.p[1] < 0xa0)
		return 0;
	if ((c == 0xe0 && s.p[1] < 0xa0) || (c == 0xed && s.p[1] > 0x9f) || (c == 0xf0 && s.p[1] < 0x90) ||
	        (c == 0xf4 && s.p[1] > 0x8f))
		return 0;
	return n;
}

static size_t put_escape(FILE *out, unsigned char c)
{
	static const char letters[] = "abtnvfr";

	if (c >= '\a' && c <= '\r')
		return (size_t)fprintf(out, "\\%c", letters[c - '\a']);
	return (size_t)fprintf(out, "\\x%02x", (unsigned)c);
}

size_t gb_screen_text(FILE *out, struct gb_span s)
{
	size_t columns = 0, at = 0;

	while (at < s.n) {
		unsigned char c = s.p[at];
		size_t n = 1;

		if (c >= 0x80)
			n = utf8_bytes(gb_span_sub(s, at, SIZE_MAX));
		if (n == 0 || c < 0x20 || c == 0x7f) {
			columns += put_escape(out, c);
			at++;
		} else {
			columns += fwrite(s.p + at, n, 1, out);
			at += n;
		}
	}
	return columns;
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

void gb_screen_evidence(FILE *out, bool is_coloured, unsigned indent, struct gb_span value, size_t from, size_t length)
{
	size_t begin, before, marked;
	struct gb_span mark;

	if (from > value.n)
		from = value.n;
	begin = from > AROUND_BYTES ? from - AROUND_BYTES : 0;
	while (begin > 0 && begin < from && is_continuation(value, begin))
		begin++;
	mark = gb_span_sub(value, from, length < MARKED_BYTES ? length : MARKED_BYTES);
	put_repeated(out, indent, ' ');
	before = begin > 0 ? (size_t)fprintf(out, "...") : 0;
	before += gb_screen_text(out, gb_span_sub(value, begin, from - begin));
	gb_screen_colour(out, is_coloured, GB_COLOUR_RED);
	marked = gb_screen_text(out, mark);
	gb_screen_colour(out, is_coloured, GB_COLOUR_NONE);
	(void)gb_screen_text(out, gb_span_sub(value, from + mark.n, AROUND_BYTES));
	if (mark.n < length && from + mark.n < value.n)
		fputs("...", out);
	else if (value.n - from - mark.n > AROUND_BYTES)
		fputs("...", out);
	fputc('\n', out);
	put_repeated(out, indent + before, ' ');
	gb_screen_colour(out, is_coloured, GB_COLOUR_RED);
	put_repeated(out, marked > 0 ? marked : 1, '^');
	gb_screen_colour(out, is_coloured, GB_COLOUR_NONE);
	fputc('\n', out);
}
