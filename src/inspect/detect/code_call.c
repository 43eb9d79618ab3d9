/* SPDX-License-Identifier: Apache-2.0 */
/* Calls: a name that reaches outside, then an argument list. */
#include "inspect/bytes.h"
#include "inspect/detect/code.h"
#include "inspect/lex/lex.h"

/* How far before a bracket its function is looked for. */
#define CALLEE_MAX 64u
#define CHAIN_MAX  160u
#define JOINED_MAX 24u
/* A longer text is judged by names that reach outside alone. */
#define SHORT_MAX 512u

/* Offset behind the function's name, from a bracket back over blanks and comments. */
static size_t callee_end(struct gb_span text, size_t paren)
{
	size_t end = paren, floor = paren > CALLEE_MAX ? paren - CALLEE_MAX : 0;

	for (;;) {
		size_t line;
		bool has_newline = false;

		while (end > floor && gb_ascii_is_space(text.p[end - 1]))
			has_newline |= text.p[--end] == '\n';
		if (end >= floor + 4 && text.p[end - 1] == '/' && text.p[end - 2] == '*') {
			for (end -= 3; end > floor && !(text.p[end - 1] == '/' && text.p[end] == '*'); end--)
				continue;
			end -= end > floor;
			continue;
		}
		if (!has_newline)
			return end;
		/* A comment to the end of the line before. */
		for (line = end; line > floor && text.p[line - 1] != '\n'; line--)
			if (text.p[line - 1] == '#' ||
			        (line >= 2 && text.p[line - 1] == '/' && text.p[line - 2] == '/'))
				break;
		if (line <= floor || text.p[line - 1] == '\n')
			return end;
		end = text.p[line - 1] == '#' ? line - 1 : line - 2;
	}
}

/* What may follow a call within code: an end, an operator, a member; no word of a sentence. */
static bool goes_on_as_code(struct gb_span text, size_t paren)
{
	size_t at = gb_code_close(text, paren);
	struct gb_lex_code token;

	if (at == SIZE_MAX)
		return text.n - paren < 256;
	if (!gb_lex_code_next(text, &at, &token))
		return true;
	/* `sleep(seconds): waits` */
	return text.p[token.offset] != ':' && (token.kind != GB_CODE_WORD || !token.is_apart);
}

/* A chain of members and calls, without the name at its end. */
struct chain {
	size_t start;
	unsigned dots, roots, walks;
	unsigned first; /* kinds of its first name */
};

/* The chain that ends before END. */
static struct chain chain_before(struct gb_span text, size_t end)
{
	size_t floor = end > CHAIN_MAX ? end - CHAIN_MAX : 0;
	struct chain chain = {.start = end};
	unsigned depth = 0;

	while (chain.start > floor) {
		unsigned char c = text.p[chain.start - 1];

		if (c == ')' || c == ']') {
			depth++;
		} else if (c == '(' || c == '[') {
			if (depth == 0)
				break;
			depth--;
		} else if (gb_code_is_name_byte(c)) {
			size_t name = gb_code_name_start(text, chain.start);

			chain.first = gb_capability_of(gb_span_sub(text, name, chain.start - name));
			chain.roots += (chain.first & GB_CAPABILITY_ROOT) != 0;
			chain.walks += (chain.first & GB_CAPABILITY_WALK) != 0;
			chain.start = name;
			continue;
		} else if (depth == 0 && c != '.' && c != ':' &&
		           !(c == '>' && chain.start >= 2 && text.p[chain.start - 2] == '-') &&
		           !(c == '-' && text.p[chain.start] == '>') && c != '?') {
			break;
		}
		chain.dots += depth == 0 && (c == '.' || (c == ':' && text.p[chain.start] == ':'));
		chain.start--;
	}
	return chain;
}

/* process.on(…), subprocess.unref(): they listen or wait, and reach nothing. */
static bool is_idle(struct gb_span name)
{
	static const char *const names[] = {"on", "once", "off", "emit", "nextTick", "emitWarning", "hrtime", "uptime",
	        "memoryUsage", "unref", "ref", "addListener", "removeListener", "wait", "communicate"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (gb_span_equal(name, gb_span_cstr(names[i])))
			return true;
	return false;
}

/* What only code at a value's start or behind a break-out does, and honest code within more code does too. */
static bool reaches_at_start(const struct chain *chain, unsigned kinds)
{
	if ((chain->first & GB_CAPABILITY_HOST) != 0 && chain->dots == 1)
		return true;
	if (chain->roots >= 2 && chain->dots >= 2)
		return true;
	return (kinds & GB_CAPABILITY_WALK) != 0 && chain->roots + chain->walks >= 1;
}

static bool judge_member(const struct gb_code_reading *reading, size_t name, size_t paren, unsigned kinds)
{
	struct gb_span text = reading->text;
	struct chain chain = chain_before(text, name);
	bool reaches = (kinds & GB_CAPABILITY_MEMBER) != 0 || ((kinds & GB_CAPABILITY_REACH) != 0 && chain.roots != 0);
	enum gb_code_place place;

	if (!reaches && is_idle(gb_span_sub(text, name, gb_bytes_find(text, '(', name) - name)))
		return false;
	if (!reaches && (text.n > SHORT_MAX || !reaches_at_start(&chain, kinds)))
		return false;
	place = gb_code_place(text, chain.start);
	if (place == GB_PLACE_PROSE || (!reaches && place < GB_PLACE_BREAK))
		return false;
	if (gb_code_is_about(reading, place))
		return false;
	/* os.listdir() in a script of a few lines. */
	if ((kinds & GB_CAPABILITY_MEMBER) == 0 && place == GB_PLACE_CODE && reading->measure->lines > 1)
		return false;
	if (!goes_on_as_code(text, paren))
		return false;
	return gb_code_convict(reading,
	        (kinds & GB_CAPABILITY_WALK) != 0 ? "code_object_walk" : "code_member_reaches_out", chain.start,
	        paren + 1);
}

/* `The system (beta)`, `assert(a == b)`, `popen(3)`; but `system ("id")`, `system(whoami)`. */
static bool has_code_arguments(struct gb_span text, size_t end, size_t paren, unsigned kinds)
{
	struct gb_lex_code token;
	size_t at = paren + 1, next;
	unsigned char c;

	if (!gb_lex_code_next(text, &at, &token))
		return true;
	c = text.p[token.offset];
	if (token.kind == GB_CODE_NUMBER && token.length == 1 && (c == '2' || c == '3') && at < text.n &&
	        text.p[at] == ')')
		return false;
	if ((kinds & GB_CAPABILITY_FUNCTION) != 0 || token.kind == GB_CODE_STRING || c == '$' || c == '`')
		return true;
	if (end != paren)
		return false;
	next = at;
	return token.kind == GB_CODE_CLOSE || !gb_lex_code_next(text, &next, &token) || token.kind == GB_CODE_CLOSE ||
	       token.kind == GB_CODE_OPEN;
}

static bool judge_function(
        const struct gb_code_reading *reading, size_t start, size_t end, size_t paren, unsigned kinds)
{
	struct gb_span text = reading->text;
	enum gb_code_place place;
	bool is_python;

	if ((kinds & (GB_CAPABILITY_FUNCTION | GB_CAPABILITY_WORD)) == 0)
		return false;
	if (!has_code_arguments(text, end, paren, kinds))
		return false;
	place = gb_code_place(text, start);
	/* 1 if __import__('x').y() else 2: words of Python's around what no sentence calls. */
	is_python = start != 0 && text.n <= SHORT_MAX && (kinds & GB_CAPABILITY_WALK) != 0 &&
	            (kinds & GB_CAPABILITY_FUNCTION) != 0 && text.p[start - 1] == ' ';
	if (is_python)
		place = GB_PLACE_BREAK;
	if (place < GB_PLACE_BREAK || text.n > SHORT_MAX || gb_code_is_about(reading, place) ||
	        (!is_python && !goes_on_as_code(text, paren)))
		return false;
	return gb_code_convict(reading, "code_function_called", start, paren + 1);
}

/* (s.y.s.t.e.m)(…): a name put together of letters, as PHP takes barewords. END: behind the bracket. */
static bool is_joined_name(struct gb_span text, size_t end)
{
	unsigned char name[JOINED_MAX];
	size_t n = 0, open = end - 1;

	while (open > 0 && end - open < 2 * JOINED_MAX &&
	        (gb_code_is_name_byte(text.p[open - 1]) || text.p[open - 1] == '.'))
		open--;
	if (open == 0 || text.p[open - 1] != '(' || gb_bytes_find(gb_span_sub(text, 0, end), '.', open) == SIZE_MAX)
		return false;
	for (size_t at = open; at + 1 < end && n < sizeof(name); at++)
		if (text.p[at] != '.')
			name[n++] = text.p[at];
	return (gb_capability_of(gb_span_of(name, n)) & (GB_CAPABILITY_FUNCTION | GB_CAPABILITY_WORD)) != 0;
}

/* "system"("id"), (system)(id), [system][0](id): a value that is called names a function. */
static bool judge_called_value(const struct gb_code_reading *reading, size_t end, size_t paren)
{
	struct gb_span text = reading->text;
	size_t floor = end > CALLEE_MAX ? end - CALLEE_MAX : 0, start, last, at = end;
	enum gb_code_place place;
	unsigned kinds;

	if (end == paren && text.p[end - 1] == ')' && is_joined_name(text, end) &&
	        !gb_code_is_about(reading, GB_PLACE_BREAK))
		return gb_code_convict(reading, "code_name_called", end - 1, paren + 1);
	while (at > floor && !gb_ascii_is_alpha(text.p[at - 1])) {
		unsigned char c = text.p[at - 1];

		if (c == '/' && at >= 2 && text.p[at - 2] == '*') {
			for (at -= 2; at > floor + 1 && !(text.p[at - 1] == '*' && text.p[at - 2] == '/'); at--)
				continue;
			at -= at > floor + 1 ? 2 : 0;
			continue;
		}
		if (c != '\'' && c != '"' && c != ')' && c != ']' && c != '[' && c != '}' && c != '{' &&
		        !gb_ascii_is_digit(c) && !gb_ascii_is_space(c))
			return false;
		at--;
	}
	start = gb_code_name_start(text, at);
	kinds = gb_capability_of(gb_span_sub(text, start, at - start));
	/* "System" (2010) is the title of something. */
	if (end != paren && (kinds & GB_CAPABILITY_FUNCTION) == 0 &&
	        (text.p[end - 1] == '"' || text.p[end - 1] == '\''))
		return false;
	if (start == 0 || (kinds & (GB_CAPABILITY_FUNCTION | GB_CAPABILITY_WORD)) == 0)
		return false;
	/* [system](address) is a link: only an index or a quote makes a function of a name. */
	for (last = end; last > at &&
	                 (text.p[last - 1] == ']' || text.p[last - 1] == ')' || gb_ascii_is_space(text.p[last - 1]));
	        last--)
		continue;
	if (text.p[end - 1] == ']' && last == at)
		return false;
	for (floor = start > CALLEE_MAX ? start - CALLEE_MAX : 0; start > floor; start--)
		if (gb_code_is_name_byte(text.p[start - 1]) || text.p[start - 1] == ';')
			break;
	place = gb_code_place(text, start);
	if (place == GB_PLACE_PROSE &&
	        (start > CALLEE_MAX || gb_bytes_find(gb_span_sub(text, 0, start), ' ', 0) != SIZE_MAX))
		return false;
	if (gb_code_is_about(reading, GB_PLACE_BREAK) || !goes_on_as_code(text, paren))
		return false;
	return gb_code_convict(reading, "code_name_called", start, paren + 1);
}

/* Whether the name at START is a member of what stands before it; PHP's '…'.name( is none. */
static bool is_member_of_value(struct gb_span text, size_t start)
{
	unsigned char before, c = start > 0 ? text.p[start - 1] : 0;

	if (start < 2)
		return false;
	before = text.p[start - 2];
	if ((c == '>' && before == '-') || (c == ':' && (before == ':' || before == 's')))
		return true;
	return c == '.' && (gb_code_is_name_byte(before) || before == ')' || before == ']' || before == '?' ||
	                           before == '}' || gb_ascii_is_space(before));
}

#define BRACKET_STEPS 24u
#define PAREN_STEPS   128u
#define NAMED_STEPS   2048u /* behind a name that can do something its end is looked for */

static bool judge_paren(const struct gb_code_reading *reading, size_t paren)
{
	struct gb_span text = reading->text;
	size_t end, start;
	unsigned kinds;
	unsigned char c;
	bool is_member;

	/* A comment before it is looked through. */
	if (!gb_detect_spend(reading->work, paren > 0 && text.p[paren - 1] == '/' ? PAREN_STEPS : BRACKET_STEPS))
		return false;
	end = callee_end(text, paren);

	/* a?.(…) calls a. */
	if (end > 2 && text.p[end - 1] == '.' && text.p[end - 2] == '?')
		paren = end -= 2;
	if (end == 0)
		return false;
	c = text.p[end - 1];
	if (c == '"' || c == '\'' || c == ')' || c == ']')
		return judge_called_value(reading, end, paren);
	if (!gb_code_is_name_byte(c))
		return false;
	start = gb_code_name_start(text, end);
	kinds = gb_capability_of(gb_span_sub(text, start, end - start));
	if (!gb_detect_spend(reading->work, kinds != 0 ? NAMED_STEPS : PAREN_STEPS))
		return false;
	if (start > 0 && (text.p[start - 1] == '$' || text.p[start - 1] >= 0x80))
		return false;
	is_member = is_member_of_value(text, start);
	if (end == paren && gb_code_judge_special(reading, start, paren, kinds, is_member))
		return true;
	if (is_member)
		return end == paren && judge_member(reading, start, paren, kinds);
	return judge_function(reading, start, end, paren, kinds);
}

bool gb_code_find_call(const struct gb_code_reading *reading)
{
	struct gb_span text = reading->text;

	if ((reading->mask & GB_BYTE_PAREN) == 0)
		return false;
	for (size_t paren = gb_bytes_find(text, '(', 0); paren != SIZE_MAX; paren = gb_bytes_find(text, '(', paren + 1))
		if (judge_paren(reading, paren))
			return true;
	return false;
}
