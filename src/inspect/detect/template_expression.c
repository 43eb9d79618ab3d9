/* SPDX-License-Identifier: Apache-2.0 */
/* What an expression of a template does: computes with constants, calls what reaches outside, walks to types. */
#include "inspect/detect/template.h"

static struct gb_span text_of(struct gb_span text, const struct gb_lex_code *token)
{
	return gb_span_sub(text, token->offset, token->length);
}

static bool is_word(struct gb_span text, const struct gb_lex_code *token, const char *word)
{
	return token->kind == GB_CODE_WORD && gb_span_equal_nocase(text_of(text, token), gb_span_cstr(word));
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

static void read_literal(
        struct gb_span text, struct gb_template_expression *expression, const struct gb_lex_code *token)
{
	const struct gb_lex_code *sign = &expression->last[0], *left = &expression->last[1];
	struct gb_span content = token->content;
	unsigned char c = gb_template_byte(text, sign);
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
	if (gb_template_byte(text, token) == '`' &&
	        (expression->dialect == GB_DIALECT_ERB ||
	                (expression->dialect == GB_DIALECT_VALUE && text.p[expression->opener] == '#' &&
	                        expression->tokens == 0)))
		expression->strong = "template_capability";
	if ((expression->kinds & (GB_CAPABILITY_FUNCTION | GB_CAPABILITY_WORD)) != 0 &&
	        expression->dialect == GB_DIALECT_ERB)
		expression->strong = "template_capability";
}

static bool is_called_reach(const struct gb_template_expression *expression, unsigned kinds, bool is_member)
{
	return is_member &&
	       ((kinds & GB_CAPABILITY_MEMBER) != 0 || (expression->has_root && (kinds & GB_CAPABILITY_REACH) != 0));
}

static void read_word(struct gb_span text, struct gb_template_expression *expression, const struct gb_lex_code *token)
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
	if ((kinds & GB_CAPABILITY_WALK) != 0 && !is_constructor &&
	        (is_member || gb_template_byte(text, &last[0]) == '#'))
		expression->strong = "template_object_walk";
	if (expression->is_constructor && is_member && !is_word(text, token, "name"))
		expression->strong = "template_object_walk";
	if (is_called_reach(expression, kinds, is_member) ||
	        (last[0].kind == GB_CODE_PIPE && (kinds & (GB_CAPABILITY_FUNCTION | GB_CAPABILITY_WORD)) != 0))
		expression->strong = "template_capability";
	if (gb_template_byte(text, &last[0]) == '?' && !token->is_apart &&
	        (is_word(text, token, "new") || is_word(text, token, "api") || is_word(text, token, "eval") ||
	                is_word(text, token, "interpret")))
		expression->strong = "template_capability";
	if ((is_word(text, &last[0], "import") || is_word(text, &last[0], "from")) && (kinds & GB_CAPABILITY_ROOT) != 0)
		expression->strong = "template_capability";
	if (is_word(text, &last[0], "new") &&
	        (is_word(text, token, "java") || is_word(text, token, "javax") || (kinds & GB_CAPABILITY_ROOT) != 0))
		expression->strong = "template_type_named";
	/* <%eval request("c")%> */
	if (expression->dialect == GB_DIALECT_ERB && last[0].kind == GB_CODE_WORD &&
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

static void read_open(struct gb_span text, struct gb_template_expression *expression, const struct gb_lex_code *token)
{
	const struct gb_lex_code *last = expression->last;
	unsigned char c = gb_template_byte(text, token);
	bool is_behind_name =
	        last[0].kind == GB_CODE_WORD || last[0].kind == GB_CODE_CLOSE || last[0].kind == GB_CODE_STRING;

	if (expression->depth < GB_TEMPLATE_DEPTH_MAX)
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
	if (text_of(text, &last[0]).n == 1 && gb_template_byte(text, &last[0]) == 'T' && token->offset + 4 < text.n &&
	        gb_ascii_is_alpha(text.p[token->offset + 1]))
		expression->strong = "template_type_named";
}

/* {{ a.b() }}: nothing but a method of a value. */
static void read_method(struct gb_span text, struct gb_template_expression *expression, const struct gb_lex_code *token)
{
	const struct gb_lex_code *last = expression->last;

	expression->is_method = expression->dialect == GB_DIALECT_MUSTACHE && gb_template_byte(text, token) == ')' &&
	                        gb_template_byte(text, &last[0]) == '(' && last[1].kind == GB_CODE_WORD &&
	                        last[2].kind == GB_CODE_MEMBER && text.p[expression->first] != '$';
}

void gb_template_read(struct gb_span text, struct gb_template_expression *expression, const struct gb_lex_code *token)
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
		expression->was_list =
		        expression->depth < GB_TEMPLATE_DEPTH_MAX && expression->is_list[expression->depth];
		break;
	case GB_CODE_SEPARATOR: expression->has_root = false; break;
	case GB_CODE_OTHER:
	case GB_CODE_MEMBER:
	case GB_CODE_ARITHMETIC:
	case GB_CODE_COMPARE:
	case GB_CODE_PIPE:
	default:
		/* ${#a=…}: OGNL's own variables. */
		if (token->kind == GB_CODE_COMPARE && gb_template_byte(text, token) == '=' && token->length == 1 &&
		        expression->last[0].kind == GB_CODE_WORD &&
		        gb_template_byte(text, &expression->last[1]) == '#' && expression->dialect == GB_DIALECT_VALUE)
			expression->strong = "template_engine_object";
		/* @java.lang.Runtime@getRuntime() */
		if (gb_template_byte(text, token) == '@') {
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
