/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Expressions that are a whole value: no placeholder of an application names the engine's or the language's own objects, or
 * hands constants to filters and functions. Within more text templates do all of these.
 */
#include "inspect/detect/template.h"

#define TOKENS_MAX 12u

struct whole {
	struct gb_span text;
	enum gb_template_dialect dialect;
	struct gb_lex_code token[TOKENS_MAX];
	unsigned count;
};

static struct gb_span word_at(const struct whole *whole, unsigned i)
{
	return i < whole->count ? gb_span_sub(whole->text, whole->token[i].offset, whole->token[i].length)
	                        : GB_SPAN_EMPTY;
}

/* Whether NAME is one of NAMES, which blanks part, in any case. */
static bool is_among(struct gb_span name, const char *names)
{
	while (*names != 0 && name.n != 0) {
		size_t n = 0;

		while (names[n] != 0 && names[n] != ' ')
			n++;
		if (gb_span_equal_nocase(name, gb_span_of(names, n)))
			return true;
		names += n + (names[n] == ' ');
	}
	return false;
}

static bool is_mark(const struct whole *whole, unsigned i, unsigned char mark)
{
	return i < whole->count && whole->token[i].length != 0 && whole->text.p[whole->token[i].offset] == mark;
}

static bool is_literal(const struct whole *whole, unsigned i)
{
	return i < whole->count && (whole->token[i].kind == GB_CODE_NUMBER || whole->token[i].kind == GB_CODE_STRING);
}

static bool is_member(const struct whole *whole, unsigned i)
{
	return i < whole->count && whole->token[i].kind == GB_CODE_MEMBER;
}

/* [13,37]|sum, 'a'|upper: constants through a filter. Keys of translations and names of files are handed on so honestly. */
static bool filters_constant(const struct whole *whole)
{
	static const char filters[] =
	        "upper lower length size reverse join first last list sum max min upcase downcase "
	        "append prepend strlen e escape safe title capitalize count sort random uppercase "
	        "lowercase string int float abs round tojson json_encode pprint batch unique keys";
	unsigned at = 1;

	if (is_mark(whole, 0, '[') || is_mark(whole, 0, '('))
		for (; at < whole->count && !is_mark(whole, at, ']') && !is_mark(whole, at, ')'); at++)
			if (!is_literal(whole, at) && !is_mark(whole, at, ','))
				return false;
	if (at > 1)
		at++;
	else if (!is_literal(whole, 0))
		return false;
	return at < whole->count && whole->token[at].kind == GB_CODE_PIPE && is_among(word_at(whole, at + 1), filters);
}

/* .Password, .Config.ApiKey: the last name of the path at token I tells a secret. *REF_I moves to its last token. */
static bool take_secret(const struct whole *whole, unsigned *ref_i)
{
	static const char *const parts[] = {"pass", "secret", "token", "key", "cred"};
	unsigned i = *ref_i;
	struct gb_span name;

	while (is_member(whole, i) && i + 1 < whole->count && whole->token[i + 1].kind == GB_CODE_WORD &&
	        !whole->token[i + 1].is_apart)
		i += 2;
	if (i == *ref_i)
		return false;
	*ref_i = i - 1;
	name = word_at(whole, i - 1);
	for (size_t part = 0; part < sizeof(parts) / sizeof(parts[0]); part++)
		for (size_t at = 0; at < name.n; at++)
			if (gb_span_equal_nocase(
			            gb_span_sub(name, at, gb_span_cstr(parts[part]).n), gb_span_cstr(parts[part])))
				return true;
	return false;
}

/* printf "%v" ., html "x": functions of Go's templates with constants, or with all that the template was given. */
static bool calls_go(const struct whole *whole)
{
	if (whole->dialect != GB_DIALECT_MUSTACHE)
		return false;
	if (whole->count == 1)
		return is_member(whole, 0);
	/* call .Run "id" */
	if (is_among(word_at(whole, 0), "call") && is_member(whole, 1) && whole->token[1].is_apart)
		return true;
	if (!is_among(word_at(whole, 0),
	            "printf print println html js len index slice call urlquery not eq ne lt gt and or"))
		return false;
	for (unsigned i = 1; i < whole->count; i++) {
		bool is_dot = is_member(whole, i) && (i + 1 == whole->count || whole->token[i + 1].is_apart);

		if (!whole->token[i].is_apart || (!is_literal(whole, i) && !is_dot && !take_secret(whole, &i)))
			return false;
	}
	return true;
}

/* constant('X'), source('x'), range(9), toString(): functions of engines and languages, called with constants or nothing. */
static bool calls_function(const struct whole *whole)
{
	if (!is_mark(whole, 1, '('))
		return false;
	if (is_literal(whole, 2))
		return is_among(word_at(whole, 0), "constant source range");
	return whole->count == 3 &&
	       is_among(word_at(whole, 0), "tostring valueof gettype getclass dump globals locals dir vars");
}

/* Objects that the engine, the server or the language gives to a template, named alone or with a member of theirs. */
static bool names_object(const struct whole *whole)
{
	struct gb_span first = word_at(whole, 0), second = is_member(whole, 1) ? word_at(whole, 2) : GB_SPAN_EMPTY;

	if (whole->count == 1) {
		if (is_among(first,
		            "sessionScope requestScope pageScope pageContext initParam facesContext systemProperties "
		            "systemEnvironment url_for this"))
			return true;
		return whole->dialect == GB_DIALECT_ERB &&
		       is_among(first, "ENV self global process binding session request params flash settings locals");
	}
	if (is_among(first, "systemProperties systemEnvironment"))
		return is_mark(whole, 1, '[') || is_member(whole, 1);
	if (is_among(first, "settings"))
		return second.n > 2 && second.p[0] >= 'A' && second.p[0] <= 'Z' && second.p[1] < 'a';
	if (is_among(first, "request"))
		return is_among(second, "environ application META env headers_raw");
	if (is_among(first, "handler"))
		return is_among(second, "settings application");
	if (is_among(first, "self"))
		return is_among(second, "module context template attr cache class methods");
	if (is_among(first, "process"))
		return is_among(second, "version versions argv platform cwd mainModule");
	if (is_among(first, "Rails"))
		return is_among(second, "application env root");
	return whole->dialect == GB_DIALECT_ERB && is_among(first, "ENV");
}

/* {% debug %}, {% import 'os' as o %} */
static bool is_tag(const struct whole *whole)
{
	if (whole->dialect != GB_DIALECT_TAG)
		return false;
	if (whole->count == 1)
		return is_among(word_at(whole, 0), "debug");
	return is_among(word_at(whole, 0), "get_admin_log") ||
	       (is_among(word_at(whole, 0), "import") && is_literal(whole, 1) &&
	               (gb_capability_of(whole->token[1].content) & GB_CAPABILITY_ROOT) != 0);
}

const char *gb_template_judge_whole(
        struct gb_span text, const struct gb_template_expression *expression, size_t end, bool is_alone)
{
	struct whole whole = {.text = gb_span_sub(text, 0, end), .dialect = expression->dialect};
	size_t at = expression->inner;
	struct gb_lex_code token;

	while (whole.count < TOKENS_MAX && gb_lex_code_next(whole.text, &at, &token)) {
		/* The delimiter that closes. */
		if (token.offset + 3 >= end && (text.p[token.offset] == '}' || text.p[token.offset] == '%'))
			break;
		whole.token[whole.count++] = token;
	}
	if (whole.count == 0)
		return NULL;
	if (!is_alone)
		return calls_go(&whole) ? "template_function_called" : is_tag(&whole) ? "template_engine_object" : NULL;
	if (filters_constant(&whole))
		return "template_constant_computed";
	if (calls_go(&whole) || calls_function(&whole))
		return "template_function_called";
	if (names_object(&whole) || is_tag(&whole))
		return "template_engine_object";
	return NULL;
}
