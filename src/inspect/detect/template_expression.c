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

/* A member that holds what only the application may know. */
static bool names_secret(struct gb_span name)
{
	static const char *const parts[] = {"secret", "passw", "credential", "signer", "private"};
	unsigned char lower[32];
	size_t n = 0;

	while (n < name.n && n < sizeof(lower)) {
		lower[n] = gb_ascii_lower(name.p[n]);
		n++;
	}
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (gb_span_find(gb_span_of(lower, n), gb_span_cstr(parts[i]), 0) != SIZE_MAX)
			return true;
	return false;
}

/* listing-15-16: figures of a name that is joined by hyphens. */
static bool is_in_name(struct gb_span text, const struct gb_lex_code *number)
{
	return number->offset > 1 && text.p[number->offset - 1] == '-' && gb_ascii_is_alpha(text.p[number->offset - 2]);
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
	if (sign->kind == GB_CODE_ARITHMETIC && is_literal(left->kind) && !(c == '-' && is_in_name(text, left)) &&
	        !((c == '-' || c == '/' || c == '%') &&
	                (token->kind != GB_CODE_NUMBER || left->kind != GB_CODE_NUMBER ||
	                        has_leading_zero(text_of(text, token)) || has_leading_zero(text_of(text, left)))))
		expression->weak = "template_constant_computed";
	if (sign->kind == GB_CODE_COMPARE && left->kind == GB_CODE_NUMBER && token->kind == GB_CODE_NUMBER)
		expression->weak = "template_constant_computed";
	/* 7 | times: 7 */
	if (expression->is_filtered_number && (c == ':' || c == '(') && left->kind == GB_CODE_WORD &&
	        token->kind == GB_CODE_NUMBER)
		expression->weak = "template_constant_computed";
	/* {{.Method "text"}}: a method of Go's templates. */
	if (token->kind == GB_CODE_STRING && expression->tokens == 2 && sign->kind == GB_CODE_WORD &&
	        left->kind == GB_CODE_MEMBER && expression->dialect == GB_DIALECT_MUSTACHE)
		expression->is_method = true;
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
	if (c == '[' && expression->has_object && names_secret(content))
		expression->has_secret = true;
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
	/* ${.data_model}: FreeMarker's own variables. */
	if (is_member && ((expression->tokens == 1 && expression->dialect == GB_DIALECT_VALUE && !token->is_apart) ||
	                         (last[0].is_apart && expression->dialect == GB_DIALECT_ANGLE)))
		expression->weak = "template_engine_object";
	if (is_member && expression->has_root && (kinds & GB_CAPABILITY_ROOT) != 0 && last[1].kind == GB_CODE_WORD &&
	        expression->was_root)
		expression->strong = "template_capability";
	if (is_member && expression->has_object && names_secret(name))
		expression->has_secret = true;
	/* ''[request.args.a] */
	if (gb_template_byte(text, &last[0]) == '[' && last[1].kind == GB_CODE_STRING)
		expression->weak = "template_literal_member";
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
	if (expression->tokens == 0 || is_word(text, &last[0], "in") ||
	        (expression->tokens == 1 && expression->dialect == GB_DIALECT_TAG))
		expression->has_object |= (kinds & GB_CAPABILITY_OBJECT) != 0;
	if (expression->has_object && expression->dialect == GB_DIALECT_TAG &&
	        (is_word(text, &last[0], "include") || is_word(text, &last[0], "extends") ||
	                is_word(text, &last[0], "import")))
		expression->weak = "template_engine_object";
	expression->was_root = (kinds & GB_CAPABILITY_ROOT) != 0;
	expression->has_root |= expression->was_root;
	expression->is_filtered_number |= last[0].kind == GB_CODE_PIPE && last[1].kind == GB_CODE_NUMBER;
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

/* Methods that the values of a language have, no application's: a probe for the language. */
static bool is_method_of_language(struct gb_span text, const struct gb_lex_code *token)
{
	static const char *const names[] = {"upper", "lower", "touppercase", "tolowercase", "tostring", "title",
	        "capitalize", "swapcase", "hashcode", "getclass", "items", "keys", "values", "format", "encode",
	        "decode", "reverse", "inspect", "methods", "instance_variables", "valueof", "tolocalestring"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (is_word(text, token, names[i]))
			return true;
	return false;
}

/* {{ a.b() }}: nothing but such a method of a value. */
static void read_method(struct gb_span text, struct gb_template_expression *expression, const struct gb_lex_code *token)
{
	const struct gb_lex_code *last = expression->last;

	expression->is_method = expression->dialect == GB_DIALECT_MUSTACHE && gb_template_byte(text, token) == ')' &&
	                        gb_template_byte(text, &last[0]) == '(' && last[1].kind == GB_CODE_WORD &&
	                        last[2].kind == GB_CODE_MEMBER && text.p[expression->first] != '$' &&
	                        is_method_of_language(text, &last[1]);
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
		/* dict(o=x, s=x)|join: names that are put together. */
		if (token->kind == GB_CODE_COMPARE && expression->last[0].kind == GB_CODE_WORD &&
		        gb_template_byte(text, &expression->last[1]) == '(' &&
		        is_word(text, &expression->last[2], "dict"))
			expression->is_named = true;
		if (token->kind == GB_CODE_PIPE && expression->is_named)
			expression->weak = "template_name_built";
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
	/* A name alone, or handed to a filter. */
	expression->is_lone = (expression->tokens == 0 && token->kind == GB_CODE_WORD) ||
	                      (expression->is_lone && (token->kind == GB_CODE_PIPE || expression->tokens > 1));
	expression->last[2] = expression->last[1];
	expression->last[1] = expression->last[0];
	expression->last[0] = *token;
	expression->tokens++;
}
