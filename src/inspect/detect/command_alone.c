/* SPDX-License-Identifier: Apache-2.0 */
/* Names of programs that are words and signs of other things too, with nothing behind them that only a program is given:
 * `Washington; DC 20001`, `kitchen; wc`, `java; python`, `12 Elm St; apt 5`, `dog;cat`. */
#include "inspect/bytes.h"
#include "inspect/detect/command.h"

#define WORDS_MAX 128u

/* What tells an attacker something by itself, and is little else. */
static bool is_telling(struct gb_span name)
{
	return gb_span_is_one_of(name, "dir\0halt\0id\0ls\0poweroff\0ps\0pwd\0reboot\0shutdown\0uname\0uptime\0");
}

static bool is_word_byte(unsigned char c, unsigned char sign)
{
	return gb_ascii_is_alpha(c) || gb_ascii_is_digit(c) || c == '-' || c == '_' || c == sign;
}

/* Where the run of letters and digits, and of SIGN, that ends before AT begins. */
static size_t word_start(struct gb_span text, size_t at, unsigned char sign)
{
	const size_t least = at > WORDS_MAX ? at - WORDS_MAX : 0;

	while (at > least && is_word_byte(text.p[at - 1], sign))
		at--;
	return at;
}

static size_t word_end(struct gb_span text, size_t at, unsigned char sign)
{
	text = gb_span_sub(text, 0, at + WORDS_MAX);
	while (at < text.n && is_word_byte(text.p[at], sign))
		at++;
	return at;
}

bool gb_detect_is_joined_word(
        const struct gb_detect_reading *reading, const struct gb_detect_simple *simple, enum gb_command_name kind)
{
	struct gb_span text = reading->text;
	size_t start, end;

	if (simple->words + simple->redirections != 0 || simple->is_path || simple->has_expansion ||
	        simple->has_quotes || simple->name_at != simple->from + 1)
		return false;
	/* (find|sort)+ is an alternative of a pattern. */
	if (simple->by == GB_BY_PIPE) {
		start = word_start(text, simple->from, '|');
		end = word_end(text, simple->name_at, '|');
		return start > 0 && start < simple->from && text.p[start - 1] == '(' && end < text.n &&
		       text.p[end] == ')' && (start == 1 || (text.p[start - 2] != '$' && text.p[start - 2] != '<'));
	}
	/* cut&paste is the whole of it. */
	return simple->by == GB_BY_AMPERSAND && kind < GB_NAME_CERTAIN && simple->from > 1 &&
	       word_start(text, simple->from, '-') == 0 && text.n < WORDS_MAX &&
	       word_end(text, simple->name_at, '-') == text.n && gb_ascii_is_alpha(text.p[0]) &&
	       !is_telling(gb_span_of(simple->name, simple->name_n));
}

bool gb_detect_is_only_named(
        const struct gb_detect_reading *reading, const struct gb_detect_simple *simple, bool is_placed)
{
	struct gb_span name = gb_span_basename(gb_span_of(simple->name, simple->name_n));
	const bool is_tight = simple->name_at > 0 && !gb_ascii_is_space(reading->text.p[simple->name_at - 1]);
	const bool is_behind_words = !is_tight && !is_placed && simple->from > reading->head_end + 1;
	size_t end = simple->name_at + simple->name_n;

	while (end < reading->text.n && reading->text.p[end] == ' ')
		end++;
	/* chef-shell and cmd1 are nobody's words; who pipes to a shell has something for it. */
	if (simple->is_path || gb_span_starts(name, GB_SPAN("cmd")) || gb_bytes_find(name, '-', 0) != SIZE_MAX ||
	        (end < reading->text.n && reading->text.p[end] == '(') ||
	        (simple->by == GB_BY_PIPE && gb_span_ends(name, GB_SPAN("sh"))))
		return false;
	/* Host 3-in-1 red; reset java: words before and behind. */
	if (simple->plain != 0)
		return is_behind_words && !is_telling(name) && simple->plain + simple->numbers == simple->words;
	if (simple->words != simple->numbers)
		return false;
	if (simple->numbers != 0)
		return is_behind_words || !gb_span_equal(name, GB_SPAN("sleep"));
	/* Shells too, where no list of words would have them. */
	return !is_telling(name) &&
	       !((is_tight || is_placed) && gb_span_is_one_of(name, "bash\0env\0hostname\0sh\0su\0tty\0"));
}
