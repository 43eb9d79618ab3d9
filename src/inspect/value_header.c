/* SPDX-License-Identifier: Apache-2.0 */
/* Values of headers: lists of media types, languages and codings; names and versions of programs. */
#include "inspect/lex/sql_words.h"
#include "inspect/value_bytes.h"

#define LABEL_MAX   40u
#define PROGRAM_MAX 400u
#define ENCODED_MIN 12u
#define ENCODED_MAX 64u

/* Whether no shell and no database reads a command where WORD begins a part. */
static bool is_harmless(struct gb_span word)
{
	struct gb_span letters = gb_span_sub(word, 0, run(word, 0, LETTER));

	return !gb_bytes_begin_object(word) &&
	       !gb_detect_is_command(gb_span_sub(word, 0, run(word, 0, ALNUM | HYPHEN))) &&
	       !gb_detect_is_command(letters) && !gb_value_is_statement(letters);
}

/* A language or coding, or a media type; AT is moved behind it. */
static bool take_choice(struct gb_span text, size_t *ref_at)
{
	size_t at = *ref_at, end = is_at(text, at, '*') ? at + 1 : run(text, at, ALNUM | HYPHEN);
	struct gb_span name = gb_span_sub(text, at, end - at);

	if (name.n == 0 || !is_at(text, end, '/')) {
		*ref_at = end;
		return name.n != 0 && name.n <= 12 && (gb_value_kinds[name.p[0]] & DIGIT) == 0 && name.p[0] != '-' &&
		       !gb_detect_is_command(name);
	}
	if (!gb_value_is_word(name, GB_VALUE_MEDIUM))
		return false;
	at = end + 1;
	if (is_at(text, at, '*')) {
		*ref_at = at + 1;
		return true;
	}
	/* vnd.api+json, x-www-form-urlencoded: parts, of which none is a command. */
	for (;;) {
		end = run(text, at, ALNUM);
		if (end == at || !is_harmless(gb_span_sub(text, at, SIZE_MAX)))
			return false;
		if (!is_at(text, end, '+') && !is_at(text, end, '-') &&
		        !(is_at(text, end, '.') && gb_span_equal(gb_span_sub(text, at, end - at), GB_SPAN("vnd"))))
			break;
		at = end + 1;
	}
	*ref_at = end;
	return true;
}

static bool is_digit_at(struct gb_span text, size_t at)
{
	return at < text.n && (gb_value_kinds[text.p[at]] & DIGIT) != 0;
}

/* ;q=0.9, maybe behind a blank. */
static bool take_parameter(struct gb_span text, size_t *ref_at)
{
	size_t at = *ref_at + 1, end;

	at += is_at(text, at, ' ');
	end = run(text, at, LOWER);
	if (!is_at(text, end, '=') || !gb_value_is_among(gb_span_sub(text, at, end - at), "q v level charset"))
		return false;
	at = end + 1;
	/* 0.9, b3, utf-8; but not 0select, which SQL reads as two. */
	*ref_at = run(text, at, is_digit_at(text, at) ? DIGIT | DOT : ALNUM | HYPHEN | DOT);
	return *ref_at > at && (gb_value_kinds[text.p[at]] & ALNUM) != 0 &&
	       is_harmless(gb_span_sub(text, at, *ref_at - at));
}

bool gb_value_is_choice(struct gb_span text)
{
	size_t at = 0;

	for (;;) {
		if (!take_choice(text, &at))
			return false;
		while (is_at(text, at, ';'))
			if (!take_parameter(text, &at))
				return false;
		if (at == text.n)
			return true;
		if (text.p[at++] != ',')
			return false;
		at += is_at(text, at, ' ');
	}
}

/* 10.15.7, x86_64, en-US: letters and digits, points and underscores before digits alone. Result: behind it. */
static size_t version_end(struct gb_span text, size_t at)
{
	for (unsigned before = 0; at < text.n; before = gb_value_kinds[text.p[at - 1]]) {
		const unsigned kind = gb_value_kinds[text.p[at]],
		               next = at + 1 < text.n ? gb_value_kinds[text.p[at + 1]] : 0;

		/* 537select: SQL reads two words. */
		if ((before & DIGIT) != 0 && (kind & LETTER) != 0 && (next & LETTER) != 0 &&
		        gb_sql_word_of(gb_span_sub(text, at, run(text, at, LETTER) - at)) != GB_SQL_UNKNOWN)
			break;

		if ((kind & ALNUM) == 0 && !((kind & HYPHEN) != 0 && (next & ALNUM) != 0) &&
		        !((kind & (DOT | LOW)) != 0 && (next & DIGIT) != 0))
			break;
		at++;
	}
	return at;
}

/* Name/1.2.3 */
static size_t product_end(struct gb_span text, size_t at)
{
	size_t end = run(text, at, ALNUM | HYPHEN), from = end + 1;

	if (end == at || end - at > LABEL_MAX || (gb_value_kinds[text.p[at]] & LETTER) == 0 || !is_at(text, end, '/') ||
	        gb_bytes_begin_object(gb_span_sub(text, at, 8)) || from >= text.n ||
	        (gb_value_kinds[text.p[from]] & DIGIT) == 0)
		return at;
	return version_end(text, from);
}

/* X11; Linux x86_64: words between blanks, of which the first is none of a shell's. */
static size_t remark_end(struct gb_span text, size_t at)
{
	bool is_first = true;

	for (;;) {
		size_t end = product_end(text, at);

		if (end == at)
			end = version_end(text, at);
		if (is_at(text, end, ':') && end + 1 < text.n && (gb_value_kinds[text.p[end + 1]] & DIGIT) != 0)
			end = run(text, end + 1, DIGIT | DOT);
		if (end == at || (gb_value_kinds[text.p[at]] & ALNUM) == 0 ||
		        gb_bytes_begin_object(gb_span_sub(text, at, 8)) ||
		        (is_first && !is_harmless(gb_span_sub(text, at, end - at))))
			return SIZE_MAX;
		is_first = false;
		if (end < text.n && (text.p[end] == ';' || text.p[end] == ',')) {
			end++;
			is_first = true;
		}
		if (!is_at(text, end, ' '))
			return end;
		at = end + 1;
	}
}

bool gb_value_is_program(struct gb_span text)
{
	size_t at = product_end(text, 0);

	if (at == 0 || text.n > PROGRAM_MAX || gb_bytes_begin_object(text) ||
	        gb_bytes_find_text(text, GB_SPAN("0x"), 0) != SIZE_MAX)
		return false;
	while (is_at(text, at, ' ')) {
		size_t end;

		at++;
		if (is_at(text, at, '(')) {
			end = remark_end(text, at + 1);
			if (end == SIZE_MAX || !is_at(text, end, ')'))
				return false;
			at = end + 1;
			continue;
		}
		end = product_end(text, at);
		if (end == at) {
			end = run(text, at, LETTER);
			if (end == at || gb_detect_is_command(gb_span_sub(text, at, end - at)))
				return false;
		}
		at = end;
	}
	/* One word may be an encoding. */
	return at == text.n && (gb_bytes_find(text, ' ', 0) != SIZE_MAX || text.n < ENCODED_MIN ||
	                               !gb_value_is_encoded(gb_span_sub(text, 0, ENCODED_MAX)));
}
