/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Server-side template injection: find the delimiters of template languages and ask of each expression between them
 * whether it computes with constants, calls what reaches outside, or walks from an object to its type. A placeholder
 * names something; an injected expression does something. One pass, every byte lexed once.
 */
#include "inspect/bytes.h"
#include "inspect/detect/detect.h"
#include "inspect/detect/template.h"

/* Longest expression that is looked at as one. */
#define OPENER_STEPS   64u
#define TOKEN_STEPS    32u
#define EXPRESSION_MAX 2048u
/* More words of prose make it a text about templates. */
#define STRONG_PROSE_MAX 25u
#define WEAK_PROSE_MAX   8u
#define WHOLE_MAX        256u

struct opening {
	enum gb_template_dialect dialect;
	size_t length;
};

/* Whether nothing but blanks, `name=` or another expression stands before. */
static bool begins_text(struct gb_span text, size_t offset)
{
	while (offset > 0 && gb_ascii_is_space(text.p[offset - 1]))
		offset--;
	return offset == 0 || text.p[offset - 1] == '=' || text.p[offset - 1] == '}';
}

/* Offset of the # of a directive, `#name`, that ends before AT, or SIZE_MAX. */
static size_t directive_start(struct gb_span text, size_t at)
{
	size_t start = at;

	while (start > 0 && at - start < 10 && gb_ascii_is_alpha(text.p[start - 1]))
		start--;
	return start > 0 && start < at && text.p[start - 1] == '#' ? start - 1 : SIZE_MAX;
}

/* What the name of a directive alone tells: #evaluate($x), {fetch file=…}. NULL when nothing. */
static const char *directive_of(struct gb_span text, size_t at, enum gb_template_dialect dialect)
{
	static const char *const names[] = {"evaluate", "parse", "include", "foreach", "define", "macro"};
	static const char *const functions[] = {"math ", "fetch ", "eval ", "insert ", "include_php ", "include "};
	size_t start = at;

	if (dialect == GB_DIALECT_TURN) {
		start = directive_start(text, at) + 1;
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
			if (gb_span_equal(gb_span_sub(text, start, at - start), gb_span_cstr(names[i])) &&
			        begins_text(text, start - 1))
				return "template_directive";
	}
	if (dialect == GB_DIALECT_BRACE && at + 1 < text.n && gb_ascii_is_alpha(text.p[at + 1]))
		for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
			if (gb_span_starts(gb_span_sub(text, at + 1, 16), gb_span_cstr(functions[i])) &&
			        gb_bytes_find_text(gb_span_sub(text, at, 40), GB_SPAN("=\""), 0) != SIZE_MAX)
				return "template_directive";
	return NULL;
}

/* {"a"|upper}: no object of JSON. */
static bool is_filtered_text(struct gb_span text, size_t quote)
{
	size_t close = gb_span_find_byte(gb_span_sub(text, 0, quote + 64), '"', quote + 1);

	return close != SIZE_MAX && close + 1 < text.n && text.p[close + 1] == '|';
}

static struct opening opening_at(struct gb_span text, size_t at)
{
	unsigned char next = at + 1 < text.n ? text.p[at + 1] : 0, before = at > 0 ? text.p[at - 1] : 0;

	switch (text.p[at]) {
	case '{':
		if (next == '{')
			return (struct opening){GB_DIALECT_MUSTACHE, at + 2 < text.n && text.p[at + 2] == '{' ? 3 : 2};
		if (next == '%')
			return (struct opening){GB_DIALECT_TAG, 2};
		if (before == '$' || before == '#' || before == '*' || before == '@' || before == '%' ||
		        before == '~' || before == '!')
			return (struct opening){GB_DIALECT_VALUE, 1};
		if ((next != '"' || is_filtered_text(text, at + 1)) && next != '\n' && begins_text(text, at))
			return (struct opening){GB_DIALECT_BRACE, 1};
		break;
	case '<':
		if (next == '%')
			return (struct opening){GB_DIALECT_ERB, 2};
		if (next == '#' && at + 2 < text.n && gb_ascii_is_alpha(text.p[at + 2]))
			return (struct opening){GB_DIALECT_ANGLE, 2};
		break;
	case '[':
		if (next == '%')
			return (struct opening){GB_DIALECT_TAG, 2};
		if (next == '#' && at + 2 < text.n && gb_ascii_is_alpha(text.p[at + 2]))
			return (struct opening){GB_DIALECT_ANGLE, 2};
		if ((next == '[' || next == '(') && begins_text(text, at))
			return (struct opening){GB_DIALECT_BRACKET, 2};
		break;
	case '(':
		if (before == '@' && begins_text(text, at - 1))
			return (struct opening){GB_DIALECT_PAREN, 1};
		if (at >= 4 &&
		        (next == '$' || next == '"' || next == '\'' ||
		                (gb_ascii_is_digit(next) && text.p[at - 1] == 'f')) &&
		        directive_start(text, at) != SIZE_MAX)
			return (struct opening){GB_DIALECT_TURN, 1};
		break;
	default: break;
	}
	return (struct opening){0};
}

static void begin(struct gb_span text, struct gb_template_expression *expression, size_t at, struct opening opening)
{
	*expression = (struct gb_template_expression){.dialect = opening.dialect, .inner = at + opening.length};
	expression->opener = opening.dialect == GB_DIALECT_VALUE || opening.dialect == GB_DIALECT_PAREN ? at - 1 : at;
	expression->weak = directive_of(text, at, opening.dialect);
	while (expression->inner < text.n && (text.p[expression->inner] == '=' || text.p[expression->inner] == ':' ||
	                                             text.p[expression->inner] == '-'))
		expression->inner++;
}

/* Whether TOKEN closes EXPRESSION; *ret_end is behind the delimiter. */
static bool closes(struct gb_span text, const struct gb_template_expression *expression,
        const struct gb_lex_code *token, size_t *ret_end)
{
	unsigned char c = gb_template_byte(text, token), next;
	size_t end = token->offset + token->length;

	next = end < text.n ? text.p[end] : 0;
	*ret_end = end;
	switch (expression->dialect) {
	case GB_DIALECT_TAG: *ret_end = end + 1; return c == '%' && (next == '}' || next == ']');
	case GB_DIALECT_ERB: *ret_end = end + 1; return c == '%' && next == '>';
	case GB_DIALECT_ANGLE: return expression->depth == 0 && (c == '>' || c == ']');
	case GB_DIALECT_MUSTACHE:
		*ret_end = end < text.n ? end + 1 : end;
		return expression->depth == 0 && c == '}' && next == '}';
	case GB_DIALECT_BRACKET:
		*ret_end = end < text.n ? end + 1 : end;
		return expression->depth == 0 && (c == ']' || c == ')') && next == ']';
	case GB_DIALECT_PAREN:
	case GB_DIALECT_TURN: return expression->depth == 0 && c == ')';
	case GB_DIALECT_NONE:
	case GB_DIALECT_VALUE:
	case GB_DIALECT_BRACE:
	default: return expression->depth == 0 && c == '}';
	}
}

/* {{self}}, {{config}}: no application gives its own values such names, or hands them out. */
static bool is_engine_only(struct gb_span text, size_t at)
{
	static const char *const names[] = {"self", "_self", "config", "request", "settings", "_context", "lipsum",
	        "cycler", "joiner", "namespace", "applicationscope", "environment", "get_flashed_messages"};
	struct gb_lex_code word;

	if (!gb_lex_code_next(text, &at, &word))
		return false;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (gb_span_equal_nocase(gb_span_sub(text, word.offset, word.length), gb_span_cstr(names[i])))
			return true;
	return false;
}

/* {{.}}{{printf "%s" .Password}}: the value begins and ends as templates do. */
static bool is_in_row(struct gb_span text)
{
	text = gb_span_trim(text);
	return (gb_span_starts(text, GB_SPAN("{{")) || gb_span_starts(text, GB_SPAN("{%"))) &&
	       (gb_span_ends(text, GB_SPAN("}}")) || gb_span_ends(text, GB_SPAN("%}")));
}

static bool judge(const struct gb_detect_input *input, const struct gb_template_expression *expression, size_t end,
        bool is_closed, struct gb_code_measure *measure, struct gb_detect_hit *hit)
{
	struct gb_span text = input->text;
	const char *reason = expression->strong != NULL ? expression->strong : expression->weak;
	bool is_whole = begins_text(text, expression->opener) && gb_span_trim(gb_span_sub(text, end, 64)).n < 2;

	if (reason == NULL && is_closed && expression->has_object && expression->has_call &&
	        (is_whole || (expression->dialect == GB_DIALECT_TAG && begins_text(text, expression->opener))))
		reason = "template_engine_object";
	/* {{config}}, {{settings.SECRET_KEY}}: the engine's own object, or a secret of it. */
	if (reason == NULL && is_closed && is_whole && expression->has_object &&
	        (expression->has_secret || (expression->is_lone && is_engine_only(text, expression->first))))
		reason = "template_engine_object";
	if (reason == NULL && is_closed && is_whole && expression->is_constructor)
		reason = "template_object_walk";
	if (reason == NULL && is_closed && is_whole && expression->is_method)
		reason = "template_method_called";
	if (reason == NULL && is_closed && text.n <= WHOLE_MAX && (is_whole || is_in_row(text)))
		reason = gb_template_judge_whole(text, expression, end, is_whole);
	if (reason == NULL)
		return false;
	/* A beginning that the template goes on with. */
	if (!is_closed && expression->strong == NULL &&
	        !(text.n < 24 && begins_text(text, expression->opener) && expression->dialect == GB_DIALECT_MUSTACHE))
		return false;
	if (expression->dialect == GB_DIALECT_BRACE &&
	        !(expression->strong != NULL ? begins_text(text, expression->opener) : is_whole))
		return false;
	/* `…${…}…` is a string of JavaScript, no template. */
	if (expression->dialect == GB_DIALECT_VALUE && (input->mask & GB_BYTE_BACKTICK) != 0 && !is_whole)
		return false;
	if (measure->lines == 0)
		*measure = gb_code_measure(text);
	if (measure->prose_words > (expression->strong != NULL ? STRONG_PROSE_MAX : WEAK_PROSE_MAX))
		return false;
	if (end > text.n)
		end = text.n;
	*hit = (struct gb_detect_hit){.reason = reason, .from = expression->opener, .length = end - expression->opener};
	return true;
}

static size_t next_opener(struct gb_span text, uint32_t mask, size_t from, struct opening *ret_opening)
{
	const uint32_t others = GB_BYTE_ANGLE | GB_BYTE_BRACKET | GB_BYTE_PAREN;

	if ((mask & others) == 0) {
		for (from = gb_bytes_find(text, '{', from); from != SIZE_MAX; from = gb_bytes_find(text, '{', from + 1))
			if ((*ret_opening = opening_at(text, from)).dialect != GB_DIALECT_NONE)
				return from;
		return SIZE_MAX;
	}
	for (; from < text.n; from++)
		if ((gb_byte_classes[text.p[from]] & (others | GB_BYTE_BRACE)) != 0 &&
		        (*ret_opening = opening_at(text, from)).dialect != GB_DIALECT_NONE)
			return from;
	return SIZE_MAX;
}

/* Openers of many languages with nothing between them: a probe for which of them answers. */
static bool is_probe(const struct gb_detect_input *input)
{
	static const char *const openers[] = {"{{", "${", "<%", "[%", "#{", "{%", "@{", "{#", "*{"};
	unsigned count = 0;

	if ((input->mask & GB_BYTE_ALNUM) != 0 || input->text.n > 64)
		return false;
	for (size_t i = 0; i < sizeof(openers) / sizeof(openers[0]); i++)
		count += gb_span_find(input->text, gb_span_cstr(openers[i]), 0) != SIZE_MAX;
	return count >= 3;
}

/* @DateTime.Now, @System.Environment.MachineName: types of .NET and their members, and nothing else. */
static bool is_razor_type(struct gb_span text)
{
	static const char *const types[] = {
	        "System", "DateTime", "Environment", "Guid", "AppDomain", "Process", "Assembly"};
	size_t at = 1;

	while (at < text.n && gb_ascii_is_alpha(text.p[at]))
		at++;
	if (at + 1 >= text.n || text.p[at] != '.' || text.p[at + 1] < 'A' || text.p[at + 1] > 'Z')
		return false;
	for (size_t i = at; i < text.n; i++)
		if (!gb_ascii_is_alpha(text.p[i]) && text.p[i] != '.')
			return false;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (gb_span_equal(gb_span_sub(text, 1, at - 1), gb_span_cstr(types[i])))
			return true;
	return false;
}

/* @7*7, @Html.Raw(…): a whole expression of Razor without brackets around. */
static bool is_razor(struct gb_span text)
{
	struct gb_lex_code token[4];
	size_t at = 1;

	if (text.n < 4 || text.p[0] != '@')
		return false;
	for (unsigned i = 0; i < 4; i++)
		token[i] = (struct gb_lex_code){0};
	for (unsigned i = 0; i < 4 && gb_lex_code_next(text, &at, &token[i]); i++)
		if (token[i].is_apart)
			return false;
	if (is_razor_type(text))
		return true;
	if (token[0].kind == GB_CODE_NUMBER)
		return token[1].kind == GB_CODE_ARITHMETIC && token[2].kind == GB_CODE_NUMBER && at == text.n;
	return token[0].kind == GB_CODE_WORD && token[1].kind == GB_CODE_MEMBER && token[2].kind == GB_CODE_WORD &&
	       gb_template_byte(text, &token[3]) == '(' && text.p[text.n - 1] == ')' && text.p[1] < 'a' &&
	       gb_template_byte(text, &token[2]) < 'a' && gb_bytes_find(text, '\n', 0) == SIZE_MAX;
}

bool gb_detect_template(const struct gb_detect_input *input, struct gb_detect_hit *ret_hit)
{
	struct gb_span text = input->text;
	struct gb_code_measure measure = {0};
	struct gb_template_expression expression;
	struct gb_lex_code token;
	struct opening opening;
	size_t at = 0, end;

	if ((input->mask & GB_BYTE_BRACE) == 0 && (input->mask & GB_BYTE_PERCENT) == 0 &&
	        (input->mask & GB_BYTE_OTHER) == 0 && text.n > 64)
		return false;
	if ((text.p[0] == '@' || text.p[0] == ' ') && is_razor(gb_span_trim(text))) {
		*ret_hit = (struct gb_detect_hit){.reason = "template_expression", .from = 0, .length = text.n};
		return true;
	}
	if (is_probe(input)) {
		*ret_hit = (struct gb_detect_hit){.reason = "template_probe", .from = 0, .length = text.n};
		return true;
	}
	while ((at = next_opener(text, input->mask, at, &opening)) != SIZE_MAX) {
		bool is_closed = false;

		if (!gb_detect_spend(input->work, OPENER_STEPS))
			return false;
		begin(text, &expression, at, opening);
		at = end = expression.inner;
		while (!is_closed && at < expression.inner + EXPRESSION_MAX && gb_lex_code_next(text, &at, &token)) {
			if (!gb_detect_spend(input->work, TOKEN_STEPS))
				return false;
			is_closed = closes(text, &expression, &token, &end);
			if (is_closed)
				break;
			opening = token.kind == GB_CODE_OPEN ? opening_at(text, token.offset) : (struct opening){0};
			if (opening.dialect == GB_DIALECT_MUSTACHE || opening.dialect == GB_DIALECT_TAG ||
			        opening.dialect == GB_DIALECT_VALUE) {
				if (expression.strong != NULL)
					break;
				begin(text, &expression, token.offset, opening);
				at = expression.inner;
				continue;
			}
			gb_template_read(text, &expression, &token);
			end = at;
		}
		if (judge(input, &expression, end, is_closed, &measure, ret_hit))
			return true;
		if (is_closed)
			at = end;
	}
	return false;
}
