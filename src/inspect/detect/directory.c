/* SPDX-License-Identifier: Apache-2.0 */
/*
 * LDAP and XPath injection: a value that closes the parenthesis of its filter, or the quote of its expression, and goes
 * on in the same language. A whole filter or path alone is what directory tools send every day.
 */
#include "inspect/bytes.h"
#include "inspect/detect/detect.h"
#include "inspect/lex/filter.h"

/* Text of nothing but signs of filters, up to this length. */
#define SIGNS_MAX 24u
/* Blanks in front of a break-out: more make it a sentence. */
#define WORDS_MAX 4u
/* Behind a quote that opens a first condition, this far others are looked for. */
#define REACH 200u
/* Of a text with escapes, as many bytes are undone. */
#define ESCAPED_MAX 200u

static bool convict(struct gb_detect_hit *hit, const char *reason, size_t from, size_t length)
{
	*hit = (struct gb_detect_hit){.reason = reason, .from = from, .length = length};
	return true;
}

/* `:)` `;-)` `=)` and figures of lists, `1)` and `a)`. */
static bool is_smiley(struct gb_span text, size_t close)
{
	unsigned char before = close > 0 ? text.p[close - 1] : 0;

	return before == ':' || before == ';' || before == '-' || before == '^' || before == 'D';
}

/* `*()|&'`: a probe made of the signs that filters reserve. */
static bool is_probe(struct gb_span text)
{
	static const char signs[] = "*()|&!";
	unsigned seen = 0, kinds = 0;

	/* RFC 4526: the filters that are always true and always false. */
	if (gb_span_equal(text, GB_SPAN("(&)")) || gb_span_equal(text, GB_SPAN("(|)")))
		return true;
	if (text.n < 4 || text.n > SIGNS_MAX)
		return false;
	for (size_t i = 0; i < text.n; i++) {
		const char *sign = text.p[i] != 0 ? __builtin_strchr(signs, text.p[i]) : NULL;

		if (sign == NULL && text.p[i] != '\'' && text.p[i] != '"' && text.p[i] != '=' && text.p[i] != 0)
			return false;
		if (sign != NULL)
			seen |= 1u << (sign - signs);
	}
	for (unsigned bits = seen; bits != 0; bits &= bits - 1)
		kinds++;
	return kinds >= 3 && (seen & 7u) == 7u;
}

/* The first parenthesis that closes more than the text has opened. */
static bool judge_filter(struct gb_span text, struct gb_detect_hit *hit)
{
	unsigned depth = 0, blanks = 0;
	bool is_filter = text.n > 2 && text.p[0] == '(' && gb_lex_ldap_operator(text, 0) != 0;

	for (size_t at = 0; at < text.n; at++) {
		unsigned char c = text.p[at];
		size_t n = 0;

		if (gb_ascii_is_space(c)) {
			blanks += at > 0 && !gb_ascii_is_space(text.p[at - 1]);
			continue;
		}
		if (c == '(') {
			/* An operator with filters inside a value: `*(|(mail=*))`. */
			if (at > 0 && !is_filter && !gb_ascii_is_space(text.p[at - 1]) && text.p[at - 1] != '=' &&
			        text.p[at - 1] != '(' && text.p[at - 1] != '&' && text.p[at - 1] != '|' &&
			        text.p[at - 1] != '!')
				n = gb_lex_ldap_operator(text, at);
			if (n > 2 && blanks <= WORDS_MAX)
				return convict(hit, "ldap_operator_in_value", at, n);
			depth++;
		}
		if (c != ')')
			continue;
		if (depth == 0 || is_filter)
			n = gb_lex_ldap_break_out(text, at);
		/* Behind a sentence only a filter that the application's own text has to close. */
		if (blanks > WORDS_MAX && (text.p[text.n - 1] == ')' || at == 0 || text.p[at - 1] != '*'))
			n = 0;
		if (n != 0 && depth == 0 && !is_smiley(text, at))
			return convict(hit, "ldap_filter_break_out", at, n);
		/* A whole filter that ends in the middle of the next. */
		if (n != 0 && at + n == text.n && depth != 0 && n <= 6)
			return convict(hit, "ldap_filter_break_out", at, n);
		if (depth == 0 && !is_filter)
			return false;
		depth -= depth != 0;
	}
	return false;
}

/* `' or '1'='1' or //user`: the first condition is anybody's, a later one tells the language. */
static size_t find_later_condition(struct gb_span text, size_t at, size_t *ret_n)
{
	struct gb_span word = gb_span_trim(gb_span_sub(text, at, 5));
	size_t end = at + REACH < text.n ? at + REACH : text.n;

	if (!gb_span_equal_nocase(gb_span_sub(word, 0, 2), GB_SPAN("or")) &&
	        !gb_span_equal_nocase(gb_span_sub(word, 0, 3), GB_SPAN("and")))
		return SIZE_MAX;
	for (size_t i = at + 3; i < end; i++) {
		unsigned char before = text.p[i - 1];

		if (before != '\'' && before != '"' && !gb_ascii_is_digit(before) && before != ')')
			continue;
		*ret_n = gb_lex_xpath_break_out(text, i);
		if (*ret_n != 0)
			return i;
	}
	return SIZE_MAX;
}

/* '; declare function local:x(, ' return //user: the expression ends, another begins. */
static size_t judge_statement(struct gb_span text, size_t from)
{
	size_t at = from, n;

	while (at < text.n && (gb_ascii_is_space(text.p[at]) || text.p[at] == ';' || text.p[at] == ')'))
		at++;
	if (gb_span_equal(gb_span_sub(text, at, 8), GB_SPAN("return /")))
		return at + 8 - from;
	n = at > from ? gb_lex_xquery(text, at) : 0;
	return n != 0 ? at + n - from : 0;
}

static bool judge_quotes(struct gb_span text, struct gb_detect_hit *hit)
{
	static const unsigned char quotes[] = {'\'', '"'};

	for (size_t i = 0; i < sizeof(quotes); i++) {
		size_t at = gb_bytes_find(text, quotes[i], 0), n;

		if (at == SIZE_MAX)
			continue;
		/* An empty string of the attacker's own in front: `'' or //user`. */
		if (at + 1 < text.n && text.p[at + 1] == quotes[i])
			at++;
		n = gb_lex_xpath_break_out(text, at + 1);
		if (n != 0)
			return convict(hit, "xpath_break_out", at, n + 1);
		n = judge_statement(text, at + 1);
		if (n != 0)
			return convict(hit, "xpath_query", at, n);
		at = find_later_condition(text, at + 1, &n);
		if (at != SIZE_MAX)
			return convict(hit, "xpath_break_out", at, n);
	}
	return false;
}

/* Where the application put no quotes: `1 or count(//user)>0`, `1] | //user[1`. */
static bool judge_bare(struct gb_span text, struct gb_detect_hit *hit)
{
	size_t at = 0, n;

	n = gb_lex_xpath_function(text, 0);
	if (n != 0)
		return convict(hit, "xpath_function", 0, n);
	n = gb_lex_xquery(text, 0);
	if (n != 0)
		return convict(hit, "xpath_query", 0, n);
	n = gb_lex_xpath_location(text);
	if (n != 0)
		return convict(hit, "xpath_location", 0, n);
	while (at < text.n && at < 32 && (gb_ascii_is_digit(text.p[at]) || gb_ascii_is_alpha(text.p[at])))
		at++;
	/* What the value was in is gone already: `or count(//user)>0 or`. */
	if (gb_span_equal_nocase(gb_span_sub(text, 0, at), GB_SPAN("or")) ||
	        gb_span_equal_nocase(gb_span_sub(text, 0, at), GB_SPAN("and")))
		at = 0;
	/* "wait, ../../ from where?" */
	if (gb_span_starts(gb_span_sub(text, at, 3), GB_SPAN(", .")))
		return false;
	n = gb_lex_xpath_break_out(text, at);
	return n != 0 && convict(hit, "xpath_break_out", at, n);
}

/* RFC 4515 writes the bytes it reserves as \28; who undoes that before he builds the filter has the attack. */
static bool judge_escaped(struct gb_span text, struct gb_detect_hit *hit)
{
	unsigned char plain[ESCAPED_MAX];
	size_t n = 0, escapes = 0;
	bool has_end = false;

	for (size_t at = 0; at < text.n && n < sizeof(plain); at++, n++) {
		const int high = text.p[at] == '\\' && at + 2 < text.n ? gb_hex_value(text.p[at + 1]) : -1;
		const int low = high >= 0 ? gb_hex_value(text.p[at + 2]) : -1;

		plain[n] = low >= 0 ? (unsigned char)(high * 16 + low) : text.p[at];
		escapes += low >= 0;
		/* )\00: the end of what the directory reads. */
		has_end |= low >= 0 && plain[n] == 0 && n > 0 && plain[n - 1] == ')';
		at += low >= 0 ? 2 : 0;
	}
	if ((escapes < 2 && !has_end) || !judge_filter(gb_span_of(plain, n), hit))
		return false;
	return convict(hit, "ldap_filter_break_out", 0, text.n);
}

bool gb_detect_directory(const struct gb_detect_input *input, struct gb_detect_hit *ret_hit)
{
	const uint32_t mask = input->mask;
	struct gb_span text = gb_span_trim(input->text);
	bool is_found = false;

	if ((mask & GB_BYTE_PAREN) != 0) {
		if (is_probe(text) ||
		        (text.n > 4 && text.p[0] == '(' && text.p[text.n - 1] == ')' &&
		                (gb_lex_ldap_presence(text) == text.n || gb_lex_ldap_choice(text) == text.n)))
			is_found = convict(ret_hit, "ldap_probe", 0, text.n);
		else
			is_found = judge_filter(text, ret_hit);
	}
	if (!is_found && (mask & GB_BYTE_BACKSLASH) != 0)
		is_found = judge_escaped(text, ret_hit);
	if (!is_found && (mask & (GB_BYTE_SINGLE | GB_BYTE_DOUBLE)) != 0)
		is_found = judge_quotes(text, ret_hit);
	if (!is_found && (mask & (GB_BYTE_SLASH | GB_BYTE_COLON | GB_BYTE_DOT | GB_BYTE_PAREN | GB_BYTE_BRACKET)) != 0)
		is_found = judge_bare(text, ret_hit);
	if (is_found)
		ret_hit->from += (size_t)(text.p - input->text.p);
	return is_found;
}
