/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Server-side template injection: find the delimiters of template languages and ask of each expression between them
 * whether it computes with constants, calls what reaches outside, or walks from an object to its type. A placeholder
 * names something; an injected expression does something. One pass, every byte lexed once.
 */
#include "inspect/bytes.h"
#include "inspect/detect/capability.h"
#include "inspect/detect/detect.h"
#include "inspect/lex/lex.h"

/* Longest expression that is looked at as one. */
#define EXPRESSION_MAX 2048u
#define DEPTH_MAX      16u
/* More words of prose make it a text about templates. */
#define STRONG_PROSE_MAX 25u
#define WEAK_PROSE_MAX   8u

enum dialect {
	DIALECT_NONE = 0,
	DIALECT_MUSTACHE, /* {{ … }} */
	DIALECT_TAG,      /* {% … %}, [% … %] */
	DIALECT_ERB,      /* <% … %> */
	DIALECT_VALUE,    /* ${ … }, #{ … }, *{ … } and the like */
	DIALECT_BRACE,    /* { … }: only as the whole text */
	DIALECT_BRACKET,  /* [[ … ]], [( … )]: only as the whole text */
	DIALECT_PAREN,    /* @( … ): only as the whole text */
	DIALECT_TURN,     /* #set( … ) */
	DIALECT_ANGLE,    /* <#… >, [#… ] */
};

struct opening {
	enum dialect dialect;
	size_t length;
};

struct expression {
	enum dialect dialect;
	size_t opener, inner, first;
	struct gb_lex_code last[3]; /* the newest first */
	unsigned kinds;             /* of last[0], as a capability */
	unsigned depth;
	bool is_list[DEPTH_MAX]; /* the bracket at this depth opens a literal, no call or index */
	bool was_list;           /* the bracket closed last */
	bool is_method;          /* all so far is a path of names, then () */
	bool has_root, has_object, has_call, has_at, is_constructor;
	unsigned tokens;
	const char *strong; /* does what no placeholder does */
	const char *weak;   /* does so too, but tutorials and code do it as well */
};

static struct gb_span text_of(struct gb_span text, const struct gb_lex_code *token)
{
	return gb_span_sub(text, token->offset, token->length);
}

static bool is_word(struct gb_span text, const struct gb_lex_code *token, const char *word)
{
	return token->kind == GB_CODE_WORD && gb_span_equal_nocase(text_of(text, token), gb_span_cstr(word));
}

static unsigned char byte_of(struct gb_span text, const struct gb_lex_code *token)
{
	return token->length != 0 ? text.p[token->offset] : 0;
}

/* At most this many bytes in front tell that the text begins here: `name=`, a quote, a letter before {{. */
static bool begins_text(struct gb_span text, size_t offset)
{
	while (offset > 0 && gb_ascii_is_space(text.p[offset - 1]))
		offset--;
	return offset == 0 || text.p[offset - 1] == '=' || text.p[offset - 1] == '}';
}

static struct opening opening_at(struct gb_span text, size_t at)
{
	unsigned char next = at + 1 < text.n ? text.p[at + 1] : 0, before = at > 0 ? text.p[at - 1] : 0;

	switch (text.p[at]) {
	case '{':
		if (next == '{')
			return (struct opening){DIALECT_MUSTACHE, at + 2 < text.n && text.p[at + 2] == '{' ? 3 : 2};
		if (next == '%')
			return (struct opening){DIALECT_TAG, 2};
		if (before == '$' || before == '#' || before == '*' || before == '@' || before == '%' ||
		        before == '~' || before == '!')
			return (struct opening){DIALECT_VALUE, 1};
		if (next != '"' && next != '\n' && begins_text(text, at))
			return (struct opening){DIALECT_BRACE, 1};
		break;
	case '<':
		if (next == '%')
			return (struct opening){DIALECT_ERB, 2};
		if (next == '#' && at + 2 < text.n && gb_ascii_is_alpha(text.p[at + 2]))
			return (struct opening){DIALECT_ANGLE, 2};
		break;
	case '[':
		if (next == '%')
			return (struct opening){DIALECT_TAG, 2};
		if (next == '#' && at + 2 < text.n && gb_ascii_is_alpha(text.p[at + 2]))
			return (struct opening){DIALECT_ANGLE, 2};
		if ((next == '[' || next == '(') && begins_text(text, at))
			return (struct opening){DIALECT_BRACKET, 2};
		break;
	case '(':
		if (before == '@' && begins_text(text, at - 1))
			return (struct opening){DIALECT_PAREN, 1};
		if (at >= 4 && gb_span_equal_nocase(gb_span_sub(text, at - 4, 4), GB_SPAN("#set")))
			return (struct opening){DIALECT_TURN, 1};
		break;
	default: break;
	}
	return (struct opening){0};
}

static void begin(struct gb_span text, struct expression *expression, size_t at, struct opening opening)
{
	*expression = (struct expression){.dialect = opening.dialect, .inner = at + opening.length};
	expression->opener = opening.dialect == DIALECT_VALUE || opening.dialect == DIALECT_PAREN ? at - 1 : at;
	while (expression->inner < text.n && (text.p[expression->inner] == '=' || text.p[expression->inner] == ':' ||
	                                             text.p[expression->inner] == '-'))
		expression->inner++;
}

/* Whether TOKEN closes EXPRESSION; *ret_end is behind the delimiter. */
static bool closes(
        struct gb_span text, const struct expression *expression, const struct gb_lex_code *token, size_t *ret_end)
{
	unsigned char c = byte_of(text, token), next;
	size_t end = token->offset + token->length;

	next = end < text.n ? text.p[end] : 0;
	*ret_end = end;
	switch (expression->dialect) {
	case DIALECT_TAG: *ret_end = end + 1; return c == '%' && (next == '}' || next == ']');
	case DIALECT_ERB: *ret_end = end + 1; return c == '%' && next == '>';
	case DIALECT_ANGLE: return expression->depth == 0 && (c == '>' || c == ']');
	case DIALECT_MUSTACHE:
		*ret_end = end < text.n ? end + 1 : end;
		return expression->depth == 0 && c == '}' && next == '}';
	case DIALECT_BRACKET:
		*ret_end = end < text.n ? end + 1 : end;
		return expression->depth == 0 && (c == ']' || c == ')') && next == ']';
	case DIALECT_PAREN:
	case DIALECT_TURN: return expression->depth == 0 && c == ')';
	case DIALECT_NONE:
	case DIALECT_VALUE:
	case DIALECT_BRACE:
	default: return expression->depth == 0 && c == '}';
	}
}

static bool is_literal(enum gb_code_kind kind)
{
	return kind == GB_CODE_NUMBER || kind == GB_CODE_STRING;
}

static bool has_leading_zero(struct gb_span number)
{
	return number.n > 1 && number.p[0] == '0' && gb_ascii_is_digit(number.p[1]);
}

/* A file outside of any application, by the roots of Unix and Windows; templates name pages and pictures. */
static bool names_system_file(struct gb_span path)
{
	static const char *const roots[] = {
	        "/etc/", "/proc/", "/root/", "/home/", "/var/", "/tmp/", "/dev/", "/sys/", "/opt/"};

	if (path.n > 3 && gb_ascii_is_alpha(path.p[0]) && path.p[1] == ':' && path.p[2] == '\\')
		return true;
	for (size_t i = 0; i < sizeof(roots) / sizeof(roots[0]); i++)
		if (gb_span_starts(path, gb_span_cstr(roots[i])))
			return true;
	return false;
}

static void read_literal(struct gb_span text, struct expression *expression, const struct gb_lex_code *token)
{
	const struct gb_lex_code *sign = &expression->last[0], *left = &expression->last[1];
	struct gb_span content = token->content;
	unsigned char c = byte_of(text, sign);
	unsigned kinds;
	size_t at;

	/* 2020-01-01 and 1/2 are no sums. */
	if (sign->kind == GB_CODE_ARITHMETIC && is_literal(left->kind) &&
	        !((c == '-' || c == '/' || c == '%') &&
	                (token->kind != GB_CODE_NUMBER || left->kind != GB_CODE_NUMBER ||
	                        has_leading_zero(text_of(text, token)) || has_leading_zero(text_of(text, left)))))
		expression->weak = "template_constant_computed";
	if (sign->kind == GB_CODE_COMPARE && left->kind == GB_CODE_NUMBER && token->kind == GB_CODE_NUMBER)
		expression->weak = "template_constant_computed";
	if ((is_word(text, sign, "if") || is_word(text, sign, "elsif") || is_word(text, sign, "elif")) &&
	        expression->tokens == 1)
		expression->weak = "template_constant_condition";
	if (token->kind != GB_CODE_STRING || content.n == 0)
		return;
	kinds = gb_capability_of(gb_span_trim(content));
	at = gb_span_find(content, GB_SPAN("__"), 0);
	if ((at != SIZE_MAX && (content.n == 2 || (content.n > at + 2 && gb_ascii_is_alpha(content.p[at + 2])))) ||
	        gb_span_find(content, GB_SPAN("\\x5f"), 0) != SIZE_MAX || (kinds & GB_CAPABILITY_WALK) != 0)
		expression->strong = "template_object_walk";
	if (gb_span_starts(content, GB_SPAN("java.")) || gb_span_starts(content, GB_SPAN("javax.")) ||
	        gb_span_starts(content, GB_SPAN("freemarker.")))
		expression->strong = "template_type_named";
	/* |filter('system'), require('child_process') */
	if (c == '(' && left->kind == GB_CODE_WORD &&
	        ((expression->last[2].kind == GB_CODE_PIPE &&
	                 (kinds & (GB_CAPABILITY_FUNCTION | GB_CAPABILITY_WORD)) != 0) ||
	                ((kinds & GB_CAPABILITY_ROOT) != 0 &&
	                        (is_word(text, left, "require") || is_word(text, left, "__import__")))))
		expression->strong = "template_capability";
	if (names_system_file(content))
		expression->weak = "template_system_file";
	if (byte_of(text, token) == '`' &&
	        (expression->dialect == DIALECT_ERB ||
	                (expression->dialect == DIALECT_VALUE && text.p[expression->opener] == '#' &&
	                        expression->tokens == 0)))
		expression->strong = "template_capability";
	if ((expression->kinds & (GB_CAPABILITY_FUNCTION | GB_CAPABILITY_WORD)) != 0 &&
	        expression->dialect == DIALECT_ERB)
		expression->strong = "template_capability";
}

static bool is_called_reach(const struct expression *expression, unsigned kinds, bool is_member)
{
	return is_member &&
	       ((kinds & GB_CAPABILITY_MEMBER) != 0 || (expression->has_root && (kinds & GB_CAPABILITY_REACH) != 0));
}

static void read_word(struct gb_span text, struct expression *expression, const struct gb_lex_code *token)
{
	const struct gb_lex_code *last = expression->last;
	struct gb_span name = text_of(text, token);
	bool is_member = last[0].kind == GB_CODE_MEMBER, is_constructor = is_word(text, token, "constructor");
	unsigned kinds;

	while (name.n > 0 && name.p[0] == '$')
		name = gb_span_sub(name, 1, SIZE_MAX);
	kinds = gb_capability_of(name);
	if (is_member && ((last[1].kind == GB_CODE_STRING && !last[0].is_apart) ||
	                         (last[1].kind == GB_CODE_CLOSE && expression->was_list)))
		expression->weak = "template_literal_member";
	if (name.n > 4 && gb_span_starts(name, GB_SPAN("__")) && gb_span_ends(name, GB_SPAN("__")))
		expression->strong = "template_object_walk";
	if ((kinds & GB_CAPABILITY_WALK) != 0 && !is_constructor && (is_member || byte_of(text, &last[0]) == '#'))
		expression->strong = "template_object_walk";
	if (expression->is_constructor && is_member && !is_word(text, token, "name"))
		expression->strong = "template_object_walk";
	if (is_called_reach(expression, kinds, is_member) ||
	        (last[0].kind == GB_CODE_PIPE && (kinds & (GB_CAPABILITY_FUNCTION | GB_CAPABILITY_WORD)) != 0))
		expression->strong = "template_capability";
	if (byte_of(text, &last[0]) == '?' && !token->is_apart &&
	        (is_word(text, token, "new") || is_word(text, token, "api") || is_word(text, token, "eval") ||
	                is_word(text, token, "interpret")))
		expression->strong = "template_capability";
	if ((is_word(text, &last[0], "import") || is_word(text, &last[0], "from")) && (kinds & GB_CAPABILITY_ROOT) != 0)
		expression->strong = "template_capability";
	if (is_word(text, &last[0], "new") &&
	        (is_word(text, token, "java") || is_word(text, token, "javax") || (kinds & GB_CAPABILITY_ROOT) != 0))
		expression->strong = "template_type_named";
	/* <%eval request("c")%> */
	if (expression->dialect == DIALECT_ERB && last[0].kind == GB_CODE_WORD &&
	        (expression->kinds & GB_CAPABILITY_FUNCTION) != 0)
		expression->strong = "template_capability";
	if (is_word(text, &last[0], "if") && expression->tokens == 1 &&
	        (is_word(text, token, "true") || is_word(text, token, "false")))
		expression->weak = "template_constant_condition";
	if (is_member && is_word(text, &last[1], "_self") && is_word(text, token, "env"))
		expression->strong = "template_engine_object";
	if (is_member && is_word(text, &last[1], "$smarty") && !is_word(text, token, "now"))
		expression->weak = "template_engine_object";
	if (expression->tokens == 0 || is_word(text, &last[0], "in"))
		expression->has_object |= (kinds & GB_CAPABILITY_OBJECT) != 0;
	expression->has_root |= (kinds & GB_CAPABILITY_ROOT) != 0;
	expression->is_constructor = is_constructor;
	expression->kinds = is_member ? 0 : kinds;
}

static void read_open(struct gb_span text, struct expression *expression, const struct gb_lex_code *token)
{
	const struct gb_lex_code *last = expression->last;
	unsigned char c = byte_of(text, token);
	bool is_behind_name =
	        last[0].kind == GB_CODE_WORD || last[0].kind == GB_CODE_CLOSE || last[0].kind == GB_CODE_STRING;

	if (expression->depth < DEPTH_MAX)
		expression->is_list[expression->depth] = !is_behind_name;
	expression->depth++;
	if (c == '(' && is_behind_name)
		expression->has_call = true;
	if (c != '(' || last[0].kind != GB_CODE_WORD) {
		if (expression->is_constructor)
			expression->strong = "template_object_walk";
		return;
	}
	if ((expression->kinds & (GB_CAPABILITY_FUNCTION | GB_CAPABILITY_WORD)) != 0)
		expression->strong = "template_capability";
	if (is_word(text, &last[0], "attr") && last[1].kind == GB_CODE_PIPE)
		expression->strong = "template_object_walk";
	if (is_word(text, &last[0], "dump") && last[1].kind != GB_CODE_MEMBER)
		expression->weak = "template_engine_object";
	if (expression->is_constructor)
		expression->strong = "template_object_walk";
	if (text_of(text, &last[0]).n == 1 && byte_of(text, &last[0]) == 'T' && token->offset + 4 < text.n &&
	        gb_ascii_is_alpha(text.p[token->offset + 1]))
		expression->strong = "template_type_named";
}

/* {{ a.b() }}: nothing but a method of a value. */
static void read_method(struct gb_span text, struct expression *expression, const struct gb_lex_code *token)
{
	const struct gb_lex_code *last = expression->last;

	expression->is_method = expression->dialect == DIALECT_MUSTACHE && byte_of(text, token) == ')' &&
	                        byte_of(text, &last[0]) == '(' && last[1].kind == GB_CODE_WORD &&
	                        last[2].kind == GB_CODE_MEMBER && text.p[expression->first] != '$';
}

static void read_token(struct gb_span text, struct expression *expression, const struct gb_lex_code *token)
{
	bool was_constructor = expression->is_constructor;

	if (expression->tokens == 0)
		expression->first = token->offset;

	read_method(text, expression, token);
	switch (token->kind) {
	case GB_CODE_NUMBER:
	case GB_CODE_STRING: read_literal(text, expression, token); break;
	case GB_CODE_WORD: read_word(text, expression, token); break;
	case GB_CODE_OPEN: read_open(text, expression, token); break;
	case GB_CODE_CLOSE:
		if (expression->depth > 0)
			expression->depth--;
		expression->was_list = expression->depth < DEPTH_MAX && expression->is_list[expression->depth];
		break;
	case GB_CODE_SEPARATOR: expression->has_root = false; break;
	case GB_CODE_OTHER:
	case GB_CODE_MEMBER:
	case GB_CODE_ARITHMETIC:
	case GB_CODE_COMPARE:
	case GB_CODE_PIPE:
	default:
		/* ${#a=…}: OGNL's own variables. */
		if (token->kind == GB_CODE_COMPARE && byte_of(text, token) == '=' && token->length == 1 &&
		        expression->last[0].kind == GB_CODE_WORD && byte_of(text, &expression->last[1]) == '#' &&
		        expression->dialect == DIALECT_VALUE)
			expression->strong = "template_engine_object";
		/* @java.lang.Runtime@getRuntime() */
		if (byte_of(text, token) == '@') {
			if (expression->has_at && expression->last[0].kind == GB_CODE_WORD &&
			        expression->last[1].kind == GB_CODE_MEMBER)
				expression->strong = "template_type_named";
			expression->has_at = true;
		}
		break;
	}
	if (token->kind != GB_CODE_WORD) {
		expression->is_constructor = was_constructor && token->kind == GB_CODE_MEMBER;
		expression->kinds = 0;
	}
	expression->last[2] = expression->last[1];
	expression->last[1] = expression->last[0];
	expression->last[0] = *token;
	expression->tokens++;
}

static bool judge(const struct gb_detect_input *input, const struct expression *expression, size_t end, bool is_closed,
        struct gb_code_measure *measure, struct gb_detect_hit *hit)
{
	struct gb_span text = input->text;
	const char *reason = expression->strong != NULL ? expression->strong : expression->weak;
	bool is_whole = begins_text(text, expression->opener) && gb_span_trim(gb_span_sub(text, end, 64)).n < 2;

	if (reason == NULL && is_closed && expression->has_object && expression->has_call &&
	        (is_whole || (expression->dialect == DIALECT_TAG && begins_text(text, expression->opener))))
		reason = "template_engine_object";
	if (reason == NULL && is_closed && is_whole && expression->is_method)
		reason = "template_method_called";
	if (reason == NULL || (!is_closed && expression->strong == NULL))
		return false;
	if (expression->dialect == DIALECT_BRACE &&
	        !(expression->strong != NULL ? begins_text(text, expression->opener) : is_whole))
		return false;
	/* `…${…}…` is a string of JavaScript, no template. */
	if (expression->dialect == DIALECT_VALUE && (input->mask & GB_BYTE_BACKTICK) != 0 && !is_whole)
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
			if ((*ret_opening = opening_at(text, from)).dialect != DIALECT_NONE)
				return from;
		return SIZE_MAX;
	}
	for (; from < text.n; from++)
		if ((gb_byte_classes[text.p[from]] & (others | GB_BYTE_BRACE)) != 0 &&
		        (*ret_opening = opening_at(text, from)).dialect != DIALECT_NONE)
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

bool gb_detect_template(const struct gb_detect_input *input, struct gb_detect_hit *ret_hit)
{
	struct gb_span text = input->text;
	struct gb_code_measure measure = {0};
	struct expression expression;
	struct gb_lex_code token;
	struct opening opening;
	size_t at = 0, end;

	if ((input->mask & GB_BYTE_BRACE) == 0 && (input->mask & GB_BYTE_PERCENT) == 0 &&
	        (input->mask & GB_BYTE_OTHER) == 0 && text.n > 64)
		return false;
	if (is_probe(input)) {
		*ret_hit = (struct gb_detect_hit){.reason = "template_probe", .from = 0, .length = text.n};
		return true;
	}
	while ((at = next_opener(text, input->mask, at, &opening)) != SIZE_MAX) {
		bool is_closed = false;

		begin(text, &expression, at, opening);
		at = end = expression.inner;
		while (!is_closed && at < expression.inner + EXPRESSION_MAX && gb_lex_code_next(text, &at, &token)) {
			is_closed = closes(text, &expression, &token, &end);
			if (is_closed)
				break;
			opening = token.kind == GB_CODE_OPEN ? opening_at(text, token.offset) : (struct opening){0};
			if (opening.dialect == DIALECT_MUSTACHE || opening.dialect == DIALECT_TAG ||
			        opening.dialect == DIALECT_VALUE) {
				if (expression.strong != NULL)
					break;
				begin(text, &expression, token.offset, opening);
				at = expression.inner;
				continue;
			}
			read_token(text, &expression, &token);
			end = at;
		}
		if (judge(input, &expression, end, is_closed, &measure, ret_hit))
			return true;
		if (is_closed)
			at = end;
	}
	return false;
}
