/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Code injection: is the text itself an expression of a programming language that reaches out of its interpreter? Texts
 * that hold code as code does, or talk of it, are none; so each name that can do harm is asked where it stands: at the
 * text's begin, behind a break-out, within code, or within a sentence.
 */
#include "inspect/bytes.h"
#include "inspect/detect/code.h"
#include "inspect/lex/lex.h"

#define PLACE_MAX   64u
#define CLOSE_MAX   2048u
#define CODE_MAX    8192u
#define ABOUT_LINES 3u
#define ABOUT_WORDS 6u

static bool is_break_byte(unsigned char c)
{
	return c == '\'' || c == '"' || c == ')' || c == '}' || c == '{' || c == '(' || c == ';' || c == '.' ||
	       c == '+' || c == ',' || gb_ascii_is_space(c);
}

bool gb_code_convict(const struct gb_code_reading *reading, const char *reason, size_t from, size_t end)
{
	size_t n = reading->text.n;

	if (end > n)
		end = n;
	/* What breaks out convicts too. */
	while (from > 0 && is_break_byte(reading->text.p[from - 1]))
		from--;
	*reading->hit = (struct gb_detect_hit){.reason = reason, .from = from, .length = end > from ? end - from : 1};
	return true;
}

bool gb_code_is_about(const struct gb_code_reading *reading, enum gb_code_place place)
{
	unsigned share = place == GB_PLACE_ENTRY ? 2 : 1;

	/* Code deep within much else is pasted; and to look at each of its calls would cost too much. */
	if (place <= GB_PLACE_CODE && reading->text.n > CODE_MAX)
		return true;
	if (reading->measure->lines == 0)
		*reading->measure = gb_code_measure(reading->text);
	return reading->measure->lines > ABOUT_LINES * share || reading->measure->prose_words > ABOUT_WORDS * share;
}

size_t gb_code_close(struct gb_span text, size_t open)
{
	struct gb_span window = gb_span_sub(text, 0, open + CLOSE_MAX);
	struct gb_lex_code token;
	unsigned depth = 0;
	size_t at = open;

	while (gb_lex_code_next(window, &at, &token)) {
		if (token.kind == GB_CODE_OPEN)
			depth++;
		if (token.kind == GB_CODE_CLOSE && --depth == 0)
			return at;
	}
	return SIZE_MAX;
}

static bool is_keyword(struct gb_span word)
{
	static const char *const keywords[] = {"return", "echo", "print", "new", "and", "or", "else", "do", "throw",
	        "await", "var", "let", "const", "if", "while", "yield", "not", "in", "string", "then", "begin", "puts"};

	for (size_t i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++)
		if (gb_span_equal_nocase(word, gb_span_cstr(keywords[i])))
			return true;
	return false;
}

/* Whether all before END is what ends code of another: quotes, brackets, a name or number without blanks. */
static bool is_break(struct gb_span before)
{
	size_t blanks = 0;

	if (before.n > PLACE_MAX)
		return false;
	for (size_t i = 0; i < before.n; i++)
		blanks += gb_ascii_is_space(before.p[i]);
	return blanks <= 1;
}

enum gb_code_place gb_code_place(struct gb_span text, size_t offset)
{
	size_t end = offset, start;
	bool has_blank = false, has_newline = false;
	unsigned char c;

	/* Signs that may stand before any expression. */
	while (end > 0 && offset - end < PLACE_MAX &&
	        (gb_ascii_is_space(text.p[end - 1]) || text.p[end - 1] == '@' || text.p[end - 1] == '(' ||
	                text.p[end - 1] == '!' || text.p[end - 1] == '\\')) {
		has_blank |= text.p[end - 1] == ' ';
		has_newline |= text.p[end - 1] == '\n';
		end--;
	}
	if (end == 0)
		return GB_PLACE_ENTRY;
	c = text.p[end - 1];
	/* An argument of another call, a statement on its own line. */
	if (gb_code_is_name_byte(c) && (has_newline || text.p[end] == '('))
		return is_break(gb_span_sub(text, 0, end)) ? GB_PLACE_BREAK : GB_PLACE_CODE;
	if (gb_code_is_name_byte(c) || c >= 0x80) {
		start = gb_code_name_start(text, end);
		if (!is_keyword(gb_span_sub(text, start, end - start)))
			return GB_PLACE_PROSE;
		if (start == 0)
			return GB_PLACE_ENTRY;
		/* A statement that begins with a keyword stands where the keyword does. */
		return text.p[start - 1] == ';' && is_break(gb_span_sub(text, 0, start)) ? GB_PLACE_BREAK
		                                                                         : GB_PLACE_CODE;
	}
	if (c == '`' || ((c == ',' || c == '.' || c == ':') && has_blank))
		return GB_PLACE_PROSE;
	return is_break(gb_span_sub(text, 0, end)) ? GB_PLACE_BREAK : GB_PLACE_CODE;
}

bool gb_detect_code(const struct gb_detect_input *input, struct gb_detect_hit *ret_hit)
{
	const uint32_t needed = GB_BYTE_PAREN | GB_BYTE_ANGLE | GB_BYTE_DOLLAR | GB_BYTE_BRACKET | GB_BYTE_BRACE;
	struct gb_code_measure measure = {0};
	struct gb_code_reading reading = {.text = gb_span_trim(input->text),
	        .mask = input->mask,
	        .measure = &measure,
	        .hit = ret_hit,
	        .work = input->work};

	bool is_plain;

	if (reading.text.n == 0)
		return false;
	/* Without any of these only members can be walked. */
	is_plain = ((input->mask & needed) == 0 &&
	            gb_bytes_find_text(reading.text, GB_SPAN("lassLoader"), 0) == SIZE_MAX &&
	            (input->pairs & GB_PAIR_VARIABLE) == 0 && (reading.text.p[0] != '#') &&
	            !gb_span_starts(reading.text, GB_SPAN("qx")) &&
	            ((input->mask & GB_BYTE_BACKSLASH) == 0 || (input->mask & GB_BYTE_SLASH) == 0) &&
	            !gb_span_starts(reading.text, GB_SPAN("class.")) &&
	            ((input->pairs & GB_PAIR_UNDERSCORES) == 0 ||
	                    gb_bytes_find_text(reading.text, GB_SPAN(".__"), 0) == SIZE_MAX));
	is_plain = is_plain || (!gb_code_find_markup(&reading) && !gb_code_find_call(&reading) &&
	                               !gb_code_find_variable(&reading) && !gb_code_find_walk(&reading));
	if (is_plain && !gb_code_find_whole(&reading))
		return false;
	ret_hit->from += (size_t)(reading.text.p - input->text.p);
	return true;
}
