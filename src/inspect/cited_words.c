/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect/cited_words.h"

#include "inspect/bytes.h"

#include <string.h>

#define IDEOGRAPHS_WORD 6u /* bytes that count as a word where no blanks part them */
#define IDEOGRAPH_LEAD  0xe3u
#define MARKS_MAX       3u
#define STOPS_MAX       3u
#define LINE_BYTES      600u
#define FENCE_BYTES     4096u

static bool is_letter(unsigned char c)
{
	return gb_ascii_is_alpha(c) || c == '\'' || c >= 0x80;
}

/* Compounds have a hyphen between letters, options one behind a blank. */
static bool is_before_word(struct gb_span text, size_t at)
{
	if (at > 1 && text.p[at - 1] == '-')
		return is_letter(text.p[at - 2]);
	for (unsigned i = 0; i < MARKS_MAX && at > 0 && gb_cited_is_of(GB_SPAN("([\"'`*#>|"), text.p[at - 1]); i++)
		at--;
	return at == 0 || gb_ascii_is_space(text.p[at - 1]) || text.p[at - 1] >= 0x80;
}

static bool is_behind_word(struct gb_span text, size_t at)
{
	if (at < text.n && text.p[at] == '-')
		return true;
	for (unsigned i = 0; i < MARKS_MAX && at < text.n && gb_cited_is_of(GB_SPAN(".,:;?!)]\"'`*|"), text.p[at]); i++)
		at++;
	return at == text.n || gb_ascii_is_space(text.p[at]) || text.p[at] >= IDEOGRAPH_LEAD;
}

/* Characters of three bytes without blanks between their words. */
static void add_ideographs(struct gb_span run, struct gb_cited_prose *ref_prose)
{
	ref_prose->words += (unsigned)(run.n / IDEOGRAPHS_WORD);
	ref_prose->glue++;
	for (size_t at = 0; at + IDEOGRAPHS_WORD <= run.n; at += IDEOGRAPHS_WORD / 2)
		ref_prose->talk +=
		        (gb_words_find(&gb_cited_words, gb_span_sub(run, at, IDEOGRAPHS_WORD)) & GB_CITED_TALK) != 0;
}

/* What WORD is; capitals of the first two alphabets count as small ones, and a genitive's s does not count. */
static unsigned kinds_of(struct gb_span word)
{
	unsigned char lower[GB_WORDS_LENGTH_MAX];

	if (gb_span_ends(word, GB_SPAN("'s")))
		word.n -= 2;
	if (word.n > sizeof(lower) || word.n < 2 || word.p[0] != 0xd0 || word.p[1] < 0x90 || word.p[1] >= 0xb0)
		return gb_words_find(&gb_cited_words, word);
	memcpy(lower, word.p, word.n);
	lower[0] = word.p[1] < 0xa0 ? 0xd0 : 0xd1;
	lower[1] = word.p[1] < 0xa0 ? word.p[1] + 0x20 : word.p[1] - 0x20;
	return gb_words_find(&gb_cited_words, gb_span_of(lower, word.n));
}

void gb_cited_prose_add(struct gb_span text, size_t from, size_t to, struct gb_cited_prose *ref_prose)
{
	bool is_in_piece = false;

	for (size_t i = from; i < to; i++) {
		ref_prose->pieces += !is_in_piece && gb_byte_is_name[text.p[i]];
		is_in_piece = !gb_ascii_is_space(text.p[i]) && (is_in_piece || gb_byte_is_name[text.p[i]]);
	}
	for (size_t at = from, end; at<to; at = end> at ? end : at + 1) {
		size_t high = 0;
		struct gb_span word;
		unsigned kinds;

		for (end = at; end < to && is_letter(text.p[end]); end++) {
			if (end > at && text.p[end] < 0x80 ? text.p[at] >= IDEOGRAPH_LEAD
			                                   : text.p[end] >= IDEOGRAPH_LEAD && high == 0 && end > at)
				break;
			high += text.p[end] >= 0x80;
		}
		if (end == at)
			continue;
		word = gb_span_sub(text, at, end - at);
		if (word.p[0] < IDEOGRAPH_LEAD && (!is_before_word(text, at) || !is_behind_word(text, end)))
			continue;
		kinds = kinds_of(word);
		ref_prose->words += word.n > 1 || kinds != 0;
		ref_prose->glue += (kinds & GB_CITED_GLUE) != 0;
		ref_prose->talk += (kinds & GB_CITED_TALK) != 0;
		ref_prose->site += (kinds & GB_CITED_SITE) != 0;
		if (high == word.n && high >= IDEOGRAPHS_WORD && word.p[0] >= IDEOGRAPH_LEAD)
			add_ideographs(word, ref_prose);
	}
}

static struct gb_cited_frame fence_of(struct gb_span text, size_t at)
{
	struct gb_cited_frame frame = {0};
	size_t open;

	text = gb_span_sub(text, 0, at + FENCE_BYTES);
	if (at > FENCE_BYTES)
		return frame;
	for (open = gb_bytes_find_fence(text, 0); open != SIZE_MAX && open < at;) {
		size_t line = gb_bytes_find(text, '\n', open);
		size_t close = line == SIZE_MAX ? SIZE_MAX : gb_bytes_find_fence(text, line);

		if (close == SIZE_MAX || line >= at)
			return frame;
		if (close > at)
			return (struct gb_cited_frame){GB_CITED_FENCE, open, close + 3};
		open = gb_bytes_find_fence(text, close + 3);
	}
	return frame;
}

static size_t run_of(struct gb_span text, size_t at)
{
	size_t n = 0;

	while (at + n < text.n && text.p[at + n] == '`')
		n++;
	return n;
}

/* As many backticks behind AT as N. */
static size_t closing_run(struct gb_span text, size_t at, size_t n)
{
	while ((at = gb_bytes_find(text, '`', at)) != SIZE_MAX) {
		size_t found = run_of(text, at);

		if (found == n)
			return at;
		at += found;
	}
	return SIZE_MAX;
}

/* LINE: the one that AT lies in. */
static struct gb_cited_frame code_of(struct gb_span line, size_t at)
{
	for (size_t open = gb_bytes_find(line, '`', 0); open != SIZE_MAX && open <= at;) {
		size_t n = run_of(line, open), close = closing_run(line, open + n, n);

		if (close == SIZE_MAX)
			break;
		if (close > at)
			return (struct gb_cited_frame){GB_CITED_CODE, open, close + n};
		open = gb_bytes_find(line, '`', close + n);
	}
	return (struct gb_cited_frame){0};
}

static const struct {
	const char *open;
	const char *close;
} quotes[] = {{"\"", "\""}, {"\xe2\x80\x9c", "\xe2\x80\x9d"}, {"\xe2\x80\x9e", "\xe2\x80\x9c"},
        {"\xe2\x80\x9e", "\xe2\x80\x9d"}, {"\xc2\xab", "\xc2\xbb"}, {"\xc2\xbb", "\xc2\xab"},
        {"\xe2\x80\x98", "\xe2\x80\x99"}, {"'", "'"}};

/* Behind a blank or a bracket; behind `=` where markup has no attributes. */
static bool is_opening(struct gb_span line, size_t at, size_t n)
{
	if (at + n >= line.n)
		return false;
	if (at > 1 && line.p[at - 1] == '=')
		return gb_byte_is_name[line.p[at - 2]] && gb_bytes_find(gb_span_sub(line, 0, at), '<', 0) == SIZE_MAX;
	return at == 0 || gb_ascii_is_space(line.p[at - 1]) || line.p[at - 1] == '(' || line.p[at - 1] == '[';
}

static bool is_closing(struct gb_span line, size_t at, size_t n)
{
	static const struct gb_span stops = {(const unsigned char *)".,;:!?)]", 8};

	for (at += n, n = 0; at + n < line.n && n < STOPS_MAX && gb_bytes_find(stops, line.p[at + n], 0) != SIZE_MAX;)
		n++;
	return at + n == line.n || gb_ascii_is_space(line.p[at + n]);
}

/* The next CLOSE from FROM on that closes. */
static size_t closing_quote(struct gb_span line, struct gb_span close, size_t from)
{
	for (size_t at = gb_bytes_find_text(line, close, from); at != SIZE_MAX;
	        at = gb_bytes_find_text(line, close, at + close.n))
		if (is_closing(line, at, close.n))
			return at;
	return SIZE_MAX;
}

/* A pair of quotes from the line's start on, as a reader takes them. */
static struct gb_cited_frame quote_of(struct gb_span line, size_t at)
{
	for (size_t i = 0; i < sizeof(quotes) / sizeof(quotes[0]); i++) {
		struct gb_span open = gb_span_cstr(quotes[i].open), close = gb_span_cstr(quotes[i].close);
		size_t from = gb_bytes_find_text(line, open, 0);

		while (from != SIZE_MAX && from <= at) {
			size_t to = is_opening(line, from, open.n) ? closing_quote(line, close, from + open.n) : from;

			if (to == SIZE_MAX)
				break;
			if (to > at)
				return (struct gb_cited_frame){
				        from > 0 && line.p[from - 1] == '=' ? GB_CITED_FIELD : GB_CITED_QUOTE, from,
				        to + close.n};
			from = gb_bytes_find_text(line, open, to + (to == from ? open.n : close.n));
		}
	}
	return (struct gb_cited_frame){0};
}

struct gb_cited_frame gb_cited_frame_of(struct gb_span text, size_t at)
{
	struct gb_cited_frame frame = fence_of(text, at);
	size_t start = at, end;
	struct gb_span line;

	if (frame.mark != GB_CITED_BARE)
		return frame;
	while (start > 0 && at - start < LINE_BYTES && text.p[start - 1] != '\n')
		start--;
	line = gb_span_sub(text, start, at - start + LINE_BYTES);
	end = gb_bytes_find(line, '\n', at - start);
	line = gb_span_sub(line, 0, end);
	frame = code_of(line, at - start);
	if (frame.mark == GB_CITED_BARE)
		frame = quote_of(line, at - start);
	frame.from += start;
	frame.to += start;
	return frame;
}
