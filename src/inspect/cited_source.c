/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mentions within source that stands by itself: a test, a session of an interpreter, a patch, a program of several lines,
 * a list of patterns. An injection goes on with what somebody else has begun; these begin themselves, before the attack.
 */
#include "inspect/bytes.h"
#include "inspect/cited_mention.h"

#include <string.h>

#define BEFORE_BYTES  400u
#define PROGRAM_BYTES 2048u
#define PATCH_LINES   2u
#define ECHO_WORDS    3u
#define ECHO_BYTES    4u
#define WORD_MAX      24u

#define STARTS(text, begins) gb_cited_starts_with_one(text, begins, sizeof(begins) / sizeof((begins)[0]))

static bool is_prompted(struct gb_span line)
{
	static const char *const prompts[] = {">>> ", "> ", "$ ", "In [", "irb(", "SQL> ", "PS "};
	size_t end = 0;

	if (STARTS(line, prompts))
		return true;
	/* A name and a bracket: mysql> … */
	while (end < line.n && end < WORD_MAX &&
	        (gb_byte_is_name[line.p[end]] || gb_cited_is_of(GB_SPAN(":-="), line.p[end])))
		end++;
	return end > 1 && gb_span_starts(gb_span_sub(line, end, 2), GB_SPAN("> "));
}

/* >>> …, mysql> …, $ …: what an interpreter asks with, on the line of the attack or the first one, and another line behind it. */
static bool is_session(const struct gb_cited_mention *mention)
{
	const struct gb_span text = mention->text;
	const size_t start = gb_cited_line_start(text, mention->from);

	if (is_prompted(text) && gb_cited_next_line(text, 0) <= mention->from + 1 && mention->from < PROGRAM_BYTES)
		return true;
	return start < mention->from && gb_cited_next_line(text, mention->from) < text.n &&
	       is_prompted(gb_span_sub(text, start, SIZE_MAX));
}

/* @@ -10,3 +10,3 @@ and lines that are taken away and put in. */
static bool is_patch(const struct gb_cited_mention *mention)
{
	static const char *const begins[] = {"@@ -", "diff --git ", "--- a/", "Index: "};
	const struct gb_span text = gb_span_sub(mention->text, 0, PROGRAM_BYTES);
	unsigned lines = 0;

	if (!STARTS(text, begins))
		return false;
	for (size_t at = gb_cited_next_line(text, 0); at < text.n; at = gb_cited_next_line(text, at))
		lines += text.p[at] == '+' || text.p[at] == '-';
	return lines >= PATCH_LINES;
}

static bool is_test_name(struct gb_span name)
{
	static const char *const names[] = {"expect", "it", "describe", "tobe", "toequal", "tothrow", "tocontain",
	        "tomatch", "tohavebeencalledwith", "raises", "parametrize", "assertequals", "assertequal", "assertthat",
	        "asserttrue", "assertfalse", "assertraises", "assertthrows", "assertsame", "assertin", "assertnotin",
	        "assertcontains", "assertstringcontainsstring", "should", "should_not", "refute", "assert_eq",
	        "assert_equal", "assert_raises", "beforeeach", "t_errorf", "errorf", "fatalf", "expect_eq",
	        "expecterror", "test", "sendkeys", "calledwith", "verify", "assert_that", "assertnotcontains"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (gb_span_equal_nocase(name, gb_span_cstr(names[i])))
			return true;
	return gb_span_starts(name, GB_SPAN("test_")) || gb_span_starts(name, GB_SPAN("assert_"));
}

/* expect(render('…')).toBe('…'): calls that only tests have, before the attack, and a string that is closed behind it. */
static bool is_test(const struct gb_cited_mention *mention)
{
	const struct gb_span text = mention->text;
	const size_t start = mention->from > BEFORE_BYTES ? mention->from - BEFORE_BYTES : 0;
	size_t closed = mention->from + 1;
	bool has_test = false;

	for (size_t at = start, end; at < mention->from; at = end + (end == at)) {
		end = gb_cited_name_end(text, at);
		if (end > at && end < text.n && (text.p[end] == '(' || text.p[end] == ' ') &&
		        is_test_name(gb_span_sub(text, at, end - at)))
			has_test |= text.p[end] == '(' ||
			            gb_span_starts(gb_span_sub(text, at, 7), GB_SPAN("should ")) ||
			            gb_span_starts(gb_span_sub(text, at, 7), GB_SPAN("assert_"));
		/* func TestEscape(t *testing.T), assert clean("…") == "" */
		has_test |= gb_span_starts(gb_span_sub(text, at, 9), GB_SPAN("func Test")) ||
		            (at == 0 && gb_span_starts(text, GB_SPAN("assert ")) &&
		                    gb_bytes_find_text(text, GB_SPAN(" == "), mention->from) != SIZE_MAX);
	}
	if (!has_test)
		return false;
	for (unsigned i = 0; closed + 1 < text.n && i < BEFORE_BYTES; i++, closed++)
		if (gb_cited_is_of(GB_SPAN("'\"`"), text.p[closed]) &&
		        gb_cited_is_of(GB_SPAN("),;]"), text.p[closed + 1]))
			return true;
	return false;
}

/* (eval\(|base64_decode|<script): one of several that a pattern takes, in brackets and without blanks. */
static bool is_pattern(const struct gb_cited_mention *mention)
{
	const struct gb_span text = mention->text;
	size_t open = mention->from + 1, close = mention->from;
	unsigned bars = 0;
	bool is_escaped = false;

	if (open < text.n && text.p[open] == '(')
		open++;
	while (open > 0 && mention->from + 1 - open < BEFORE_BYTES + 1 && !gb_ascii_is_space(text.p[open - 1]) &&
	        !(text.p[open - 1] == '(' && (open < 2 || text.p[open - 2] != '\\')))
		open--;
	if (open == 0 || text.p[open - 1] != '(')
		return false;
	for (close = open; close < text.n && close - open < BEFORE_BYTES && !gb_ascii_is_space(text.p[close]);
	        close++) {
		if (text.p[close] == ')' && text.p[close - 1] != '\\')
			return bars >= (text.p[open] == '?' ? 1u : 2u) && is_escaped && close > mention->from;
		bars += text.p[close] == '|';
		is_escaped |= text.p[close] == '\\' && close + 1 < text.n &&
		              gb_cited_is_of(GB_SPAN("(.sbdw/$["), text.p[close + 1]);
	}
	return false;
}

/* const a = …; // catches ' or 1=1: in the comment of a line of code. */
static bool is_commented(const struct gb_cited_mention *mention)
{
	static const char *const documented[] = {"* @", "@param ", "@example ", "@return", "/** "};
	const struct gb_span text = mention->text;
	const size_t start = gb_cited_line_start(text, mention->from);
	const struct gb_span line = gb_span_sub(text, start, mention->from - start);
	size_t mark = gb_bytes_find_text(line, GB_SPAN(" // "), 0);
	struct gb_cited_prose words = {0};

	if (mark == SIZE_MAX)
		mark = gb_bytes_find_text(line, GB_SPAN(" # "), 0);
	if (STARTS(gb_span_trim(text), documented))
		return true;
	if (mark == SIZE_MAX || mark == 0 ||
	        (!gb_cited_is_line_of_code(line) && !gb_cited_is_of(GB_SPAN(";)}{"), line.p[mark - 1])))
		return false;
	gb_cited_prose_add(line, mark + 3, line.n, &words);
	return words.words != 0;
}

/* f() -> g(), … -> SomeError: what came of it or is put in its place, behind an arrow that no language has there. */
static bool is_outcome_told(const struct gb_cited_mention *mention)
{
	const struct gb_span text = gb_span_sub(mention->text, 0, mention->to + BEFORE_BYTES);
	size_t arrow = gb_bytes_find_text(text, GB_SPAN(" -> "), mention->from), at, end;
	size_t drawn = gb_bytes_find_text(text, GB_SPAN(" \xe2\x86\x92 "), mention->from);

	at = drawn < arrow ? drawn + 5 : arrow + 4;
	if ((arrow == SIZE_MAX && drawn == SIZE_MAX) || at >= text.n)
		return false;
	if (gb_bytes_find(gb_span_sub(text, mention->from, at - mention->from), '\n', 0) != SIZE_MAX)
		return false;
	if (text.p[at] == '{' || gb_ascii_is_digit(text.p[at]) || text.p[at] == '"')
		return true;
	for (end = at; end < text.n && (gb_byte_is_name[text.p[end]] || text.p[end] == '.');)
		end++;
	return gb_span_ends(gb_span_sub(text, at, end - at), GB_SPAN("Error")) ||
	       gb_span_ends(gb_span_sub(text, at, end - at), GB_SPAN("Exception")) ||
	       gb_bytes_find(gb_span_sub(text, at, end - at - (end > at)), '.', 0) != SIZE_MAX;
}

/* # Heading, and then a fence: a document of Markdown. */
static bool is_documented(const struct gb_cited_mention *mention)
{
	return mention->mark == GB_CITED_FENCE && mention->from > 2 && mention->text.p[0] == '#' &&
	       gb_cited_is_of(GB_SPAN("# "), mention->text.p[1]);
}

/* &lt;script beside <script: who writes of it shows both. */
static bool is_escaped_beside(const struct gb_cited_mention *mention)
{
	const struct gb_span text = gb_span_sub(mention->text, 0, PROGRAM_BYTES);
	const size_t start = mention->from + (mention->mark != GB_CITED_BARE);
	const size_t angle = gb_bytes_find(gb_span_sub(text, 0, mention->to), '<', start);
	size_t name, at = 0;

	if (angle == SIZE_MAX)
		return false;
	name = gb_cited_name_end(text, angle + 1) - angle - 1;
	while (name > 0 && (at = gb_bytes_find_text(text, GB_SPAN("&lt;"), at)) != SIZE_MAX) {
		at += 4;
		if (gb_span_equal_nocase(gb_span_sub(text, at, name), gb_span_sub(text, angle + 1, name)))
			return true;
	}
	return false;
}

/* <p onclick="go()">x</p> says that go is not defined: a name of the markup is a word of the text around it. */
static bool is_echoed(const struct gb_cited_mention *mention)
{
	const struct gb_span text = gb_span_sub(mention->text, 0, PROGRAM_BYTES);

	if (!gb_cited_is_prose(&mention->around, ECHO_WORDS, 1))
		return false;
	for (size_t at = mention->from, end; at < mention->to && at < text.n; at = end + (end == at)) {
		struct gb_span name;

		end = gb_cited_name_end(text, at);
		name = gb_span_sub(text, at, end - at);
		if (name.n < ECHO_BYTES || !gb_ascii_is_alpha(name.p[0]))
			continue;
		for (size_t next = gb_bytes_find_text(text, name, 0); next != SIZE_MAX;
		        next = gb_bytes_find_text(text, name, next + 1)) {
			const bool is_outside = next < mention->from || next >= mention->to;

			if (is_outside && (next == 0 || gb_cited_is_of(GB_SPAN(" .(\"'`\n"), text.p[next - 1])) &&
			        next + name.n < text.n &&
			        gb_cited_is_of(GB_SPAN(" .,:;?!)\"'`"), text.p[next + name.n]))
				return true;
		}
	}
	return false;
}

static bool is_of_source(const struct gb_cited_mention *mention)
{
	/* Lists of strings are what expressions compute with, too. */
	const bool is_computed = mention->attack_class == GB_CLASS_CODE_INJECTION;

	return is_test(mention) || is_session(mention) || is_patch(mention) ||
	       (!is_computed && gb_cited_is_listed(mention)) || is_pattern(mention) || is_commented(mention) ||
	       is_documented(mention) || is_outcome_told(mention) || gb_cited_is_refused(mention) ||
	       gb_cited_is_listed_line(mention);
}

bool gb_cited_is_source(const struct gb_cited_mention *mention)
{
	switch ((int)mention->attack_class) {
	case GB_CLASS_NAMING_LOOKUP:
	case GB_CLASS_HEADER_INJECTION:
	case GB_CLASS_REDIRECT:
	case GB_CLASS_FORGED_TOKEN:
	case GB_CLASS_GRAPHQL: return false;
	case GB_CLASS_XSS:
		if (gb_cited_has_reason(mention, "xss_template_expression"))
			return false;
		if (gb_cited_has_reason(mention, "xss_script_code"))
			return is_patch(mention);
		return !gb_cited_reaches_out(mention) &&
		       (is_of_source(mention) || is_escaped_beside(mention) || is_echoed(mention));
	case GB_CLASS_TEMPLATE:
		return !gb_cited_is_potent(mention) &&
		       (is_test(mention) || is_patch(mention) || is_documented(mention) || is_outcome_told(mention));
	case GB_CLASS_SQL_INJECTION:
	case GB_CLASS_NOSQL_INJECTION: return gb_cited_is_program(mention) || is_of_source(mention);
	case GB_CLASS_FILE_INCLUSION: return gb_cited_is_path_of_program(mention) || is_of_source(mention);
	case GB_CLASS_COMMAND_INJECTION:
	case GB_CLASS_CODE_INJECTION:
		return gb_cited_is_program(mention) || gb_cited_is_declared(mention) || is_of_source(mention);
	default: return is_of_source(mention);
	}
}
