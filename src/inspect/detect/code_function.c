/* SPDX-License-Identifier: Apache-2.0 */
/* Functions and keywords with a grammar of their own: loaders of modules, constructors, names in symbols, loops. */
#include "inspect/bytes.h"
#include "inspect/detect/code.h"
#include "inspect/lex/lex.h"

/* A longer text is judged by names that reach outside alone. */
#define SHORT_MAX 512u

/* Whether what begins at START is the text's own value, and none that is given a name as honest code does. */
static bool is_value(struct gb_span text, size_t start, enum gb_code_place place)
{
	while (start > 0 && gb_ascii_is_space(text.p[start - 1]))
		start--;
	return place >= GB_PLACE_BREAK && text.n <= SHORT_MAX && (start == 0 || text.p[start - 1] != '=');
}

/* require("child_process").x, new Function("…")(), T(java.lang.Runtime).x, new ProcessBuilder(…): what a constructor or a
 * loader of modules gives is used at once. */
static bool judge_loader(const struct gb_code_reading *reading, size_t start, size_t paren)
{
	struct gb_span text = reading->text, name = gb_span_sub(text, start, paren - start);
	struct gb_lex_code argument, next = {0};
	enum gb_code_place place;
	size_t at = paren + 1, close;
	bool is_used;

	if (!gb_span_equal(name, GB_SPAN("require")) && !gb_span_equal(name, GB_SPAN("import")) &&
	        !gb_span_equal(name, GB_SPAN("Function")) && !gb_span_equal(name, GB_SPAN("T")))
		return false;
	if (!gb_lex_code_next(text, &at, &argument))
		return false;
	place = gb_code_place(text, start);
	if (place == GB_PLACE_PROSE || gb_code_is_about(reading, place))
		return false;
	close = gb_code_close(text, paren);
	if (close == SIZE_MAX)
		return false;
	is_used = gb_lex_code_next(text, &close, &next) && !next.is_apart;
	if ((gb_span_equal(name, GB_SPAN("require")) || gb_span_equal(name, GB_SPAN("import"))) &&
	        (is_used ? next.kind == GB_CODE_MEMBER : is_value(text, start, place)) &&
	        argument.kind == GB_CODE_STRING) {
		struct gb_span module = argument.content;

		if (gb_span_starts(module, GB_SPAN("node:")))
			module = gb_span_sub(module, 5, SIZE_MAX);
		if ((gb_capability_of(module) & GB_CAPABILITY_ROOT) != 0)
			return gb_code_convict(reading, "code_module_reached", start, close);
	}
	if (!is_used)
		return false;
	if (gb_span_equal(name, GB_SPAN("Function")) && next.kind == GB_CODE_OPEN && argument.kind == GB_CODE_STRING)
		return gb_code_convict(reading, "code_built_from_text", start, close);
	if (gb_span_equal(name, GB_SPAN("T")) && next.kind == GB_CODE_MEMBER && argument.kind == GB_CODE_WORD)
		return gb_code_convict(reading, "code_type_named", start, close);
	return false;
}

/* send(:system, …) and %x(…) of Ruby, "id".execute() of Groovy, setTimeout("…") of JavaScript. */
static bool judge_named_function(const struct gb_code_reading *reading, size_t start, size_t paren)
{
	struct gb_span text = reading->text, name = gb_span_sub(text, start, paren - start);
	size_t end = paren + 2;

	if (gb_span_equal(name, GB_SPAN("execute")) && start >= 2 && text.p[start - 1] == '.' &&
	        (text.p[start - 2] == '"' || text.p[start - 2] == '\'' || text.p[start - 2] == ']') && end <= text.n &&
	        text.p[paren + 1] == ')' && !gb_code_is_about(reading, GB_PLACE_BREAK))
		return gb_code_convict(reading, "code_text_executed", start - 2, end);
	if (start >= 1 && text.p[start - 1] == '%' && gb_span_equal(name, GB_SPAN("x")) &&
	        (start == 1 || text.p[start - 2] == '{' || gb_code_place(text, start - 1) == GB_PLACE_BREAK))
		return gb_code_convict(reading, "code_text_executed", start - 1, end);
	if (gb_span_equal(name, GB_SPAN("qx")) && gb_code_place(text, start) >= GB_PLACE_BREAK)
		return gb_code_convict(reading, "code_text_executed", start, end);
	if ((gb_span_equal(name, GB_SPAN("setTimeout")) || gb_span_equal(name, GB_SPAN("setInterval"))) &&
	        end <= text.n && (text.p[paren + 1] == '"' || text.p[paren + 1] == '\'') &&
	        gb_code_place(text, start) >= GB_PLACE_BREAK && !gb_code_is_about(reading, GB_PLACE_BREAK))
		return gb_code_convict(reading, "code_text_executed", start, end);
	if (!gb_span_ends(name, GB_SPAN("send")) && !gb_span_equal(name, GB_SPAN("method")))
		return false;
	if (end >= text.n || text.p[paren + 1] != ':')
		return false;
	while (end < text.n && end - paren < 24 && gb_code_is_name_byte(text.p[end]))
		end++;
	return (gb_capability_of(gb_span_sub(text, paren + 2, end - paren - 2)) &
	               (GB_CAPABILITY_FUNCTION | GB_CAPABILITY_WORD)) != 0 &&
	       !gb_code_is_about(reading, GB_PLACE_BREAK) && gb_code_convict(reading, "code_name_called", start, end);
}

/* new File("/etc/passwd"), new ProcessBuilder("id"), new ReflectionFunction("system"). */
static bool judge_made_object(const struct gb_code_reading *reading, size_t start, size_t paren, unsigned kinds)
{
	struct gb_span text = reading->text;
	size_t before = start;

	if ((kinds & GB_CAPABILITY_ROOT) == 0 || text.n > SHORT_MAX)
		return false;
	while (before > 0 && gb_ascii_is_space(text.p[before - 1]))
		before--;
	if (before < 3 || before == start || !gb_span_equal(gb_span_sub(text, before - 3, 3), GB_SPAN("new")))
		return false;
	return is_value(text, before - 3, gb_code_place(text, before - 3)) &&
	       !gb_code_is_about(reading, GB_PLACE_BREAK) &&
	       gb_code_convict(reading, "code_type_named", before - 3, paren + 1);
}

/* open("|id"), open(F, "id|"): a file's name that is a command to Ruby and Perl. */
static bool judge_pipe(const struct gb_code_reading *reading, size_t start, size_t paren)
{
	struct gb_span text = reading->text;
	struct gb_lex_code token;
	size_t at = paren + 1;

	if (!gb_span_equal(gb_span_sub(text, start, paren - start), GB_SPAN("open")))
		return false;
	for (unsigned i = 0; i < 4 && gb_lex_code_next(text, &at, &token) && token.kind != GB_CODE_CLOSE; i++)
		if (token.kind == GB_CODE_STRING && token.content.n > 1 &&
		        (token.content.p[0] == '|' || token.content.p[token.content.n - 1] == '|'))
			return gb_code_place(text, start) >= GB_PLACE_BREAK &&
			       gb_code_convict(reading, "code_text_executed", start, at);
	return false;
}

/* Whether what the loop does is nothing, and its condition asks what the time is. */
static bool is_empty_until(struct gb_span text, size_t close, struct gb_span condition)
{
	return close < text.n && (text.p[close] == ';' || text.p[close] == '{') &&
	       (text.p[close] == ';' || (close + 1 < text.n && text.p[close + 1] == '}')) &&
	       (gb_bytes_find_text(condition, GB_SPAN("Date"), 0) != SIZE_MAX ||
	               gb_bytes_find_text(condition, GB_SPAN("time"), 0) != SIZE_MAX ||
	               gb_bytes_find_text(condition, GB_SPAN("now"), 0) != SIZE_MAX);
}

/* while(1){}, for(;;){}, do{}while(true): a loop that its condition never ends. */
static bool judge_loop(const struct gb_code_reading *reading, size_t start, size_t paren)
{
	struct gb_span text = reading->text, name = gb_span_sub(text, start, paren - start), inside;
	size_t close;
	bool is_endless;

	if (!gb_span_equal(name, GB_SPAN("while")) && !gb_span_equal(name, GB_SPAN("for")))
		return false;
	close = gb_code_close(text, paren);
	if (close == SIZE_MAX || text.n > SHORT_MAX)
		return false;
	inside = gb_span_trim(gb_span_sub(text, paren + 1, close - paren - 2));
	if (name.n == 3) {
		is_endless = inside.n >= 2 && inside.p[0] == ';' && inside.p[inside.n - 1] == ';' &&
		             gb_span_trim(gb_span_sub(inside, 1, inside.n - 2)).n == 0;
	} else {
		while (inside.n > 0 && inside.p[0] == '!')
			inside = gb_span_trim(gb_span_sub(inside, 1, SIZE_MAX));
		is_endless = gb_span_equal_nocase(inside, GB_SPAN("true")) || gb_span_equal(inside, GB_SPAN("[]")) ||
		             (inside.n > 0 && inside.n < 8 && gb_ascii_is_digit(inside.p[0]) &&
		                     gb_ascii_is_digit(inside.p[inside.n - 1]));
	}
	/* while(new Date()-t<9e3); a body of nothing until some time is over. */
	is_endless |= name.n == 5 && is_empty_until(text, close, inside);
	return is_endless && gb_code_place(text, start) >= GB_PLACE_BREAK &&
	       !gb_code_is_about(reading, GB_PLACE_BREAK) &&
	       gb_code_convict(reading, "code_endless_loop", start, close);
}

bool gb_code_judge_special(
        const struct gb_code_reading *reading, size_t start, size_t paren, unsigned kinds, bool is_member)
{
	if (judge_named_function(reading, start, paren))
		return true;
	return !is_member && (judge_made_object(reading, start, paren, kinds) || judge_pipe(reading, start, paren) ||
	                             judge_loop(reading, start, paren) || judge_loader(reading, start, paren));
}
