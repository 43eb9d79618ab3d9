/* SPDX-License-Identifier: Apache-2.0 */
/* Judges what lies behind one place: a quote, an operator, a keyword, the text's beginning. */
#include "inspect/bytes.h"
#include "inspect/detect/sql.h"

/* Behind a break-out; elsewhere each condition is a place of its own. */
#define CONDITIONS_MAX 8u

static unsigned skip_open(struct gb_sql_window *window, unsigned i)
{
	while (gb_sql_is_kind(window, i, GB_SQL_TOKEN_OPEN))
		i++;
	return i;
}

unsigned gb_sql_skip_close(struct gb_sql_window *window, unsigned i)
{
	while (gb_sql_is_kind(window, i, GB_SQL_TOKEN_CLOSE))
		i++;
	return i;
}

/* How sure the condition is one: 2 whatever stands before, 1 behind a break-out, 0 not at all. */
static int weigh_condition(const struct gb_sql_place *place, struct gb_sql_window *window, unsigned from, unsigned next,
        const struct gb_sql_facts *facts)
{
	if (next == from || facts->prose != 0)
		return 0;
	if (facts->danger + facts->subselects != 0)
		return 2;
	/* 5 > 3 and 2 < 4 */
	if (facts->comparisons == 1 && facts->inequalities != 0 && facts->values == facts->numbers &&
	        !gb_sql_is_broken_out(place))
		return place->is_start;
	if (facts->comparisons != 0) {
		if (facts->names == 0 || (facts->calls + facts->catalogs != 0 &&
		                                 (gb_sql_is_broken_out(place) || gb_sql_is_end(window, next))))
			return facts->values + facts->is_open >= 2 || facts->groups != 0 ? 2 : 1;
		return gb_sql_is_end(window, next) ? 1 : 0;
	}
	if (facts->joins != 0 && facts->names == 0)
		return 1;
	if (facts->calls + facts->cases + (place->quote != 0 ? facts->other_calls : 0) != 0 && facts->values == 1)
		return gb_sql_is_end(window, next) ? 1 : 0;
	return 0;
}

static bool is_boolean(struct gb_sql_window *window, unsigned i)
{
	return gb_sql_is_kind(window, i, GB_SQL_TOKEN_LOGICAL) || gb_sql_is_word(window, i, GB_SQL_AND) ||
	       gb_sql_is_word(window, i, GB_SQL_OR);
}

/* `1 or 1`: the same value on both sides is no choice. */
static bool is_repeated(const struct gb_sql_place *place, struct gb_sql_window *window, unsigned i)
{
	const struct gb_sql_token *token = gb_sql_peek(window, i + 1);
	struct gb_span text = gb_span_trim(window->text);

	return place->is_number && token->kind == GB_SQL_TOKEN_NUMBER && text.n > token->length &&
	       gb_span_starts(text, gb_span_sub(window->text, token->from, token->length)) &&
	       !gb_ascii_is_digit(text.p[token->length]) && text.p[token->length] != '.';
}

/* `1 or true`, `1 and 0`, `1 && 0`, `(1)or(1)`: behind a number, nothing but what decides. `1 or 2` is a choice. */
static bool is_decided(
        const struct gb_sql_place *place, struct gb_sql_window *window, unsigned i, const struct gb_sql_facts *facts)
{
	const struct gb_sql_token *token = gb_sql_peek(window, i + 1);

	if (!place->is_number || facts->names + facts->strings != 0)
		return false;
	if (facts->groups + facts->literals != 0)
		return true;
	return !gb_sql_is_word(window, i, GB_SQL_OR) && token->kind == GB_SQL_TOKEN_NUMBER && token->length == 1 &&
	       window->text.p[token->from] == '0';
}

/* One condition; I is what joins it to the last, *ret_next the token behind it. */
static const char *judge_condition(
        const struct gb_sql_place *place, struct gb_sql_window *window, unsigned i, unsigned *ret_next)
{
	struct gb_sql_facts facts = {0};
	const unsigned next = gb_sql_read_condition(window, i + 1, &facts);
	const int weight = weigh_condition(place, window, i + 1, next, &facts);

	*ret_next = facts.prose == 0 ? next : i + 1;
	if (gb_sql_peek(window, i)->is_behind_comment && next != i + 1 && facts.prose == 0)
		return "sql_boolean_condition";
	if (weight == 2 && (!place->is_long || gb_sql_is_broken_out(place)))
		return "sql_boolean_condition";
	if (weight == 1 && (gb_sql_is_broken_out(place) || (place->is_start && gb_sql_is_comment(window, next))))
		return "sql_boolean_condition";
	if (next == i + 1 || facts.prose != 0)
		return NULL;
	if ((is_repeated(place, window, i) || is_decided(place, window, i, &facts)) && gb_sql_is_end(window, next))
		return "sql_boolean_literal";
	/* A part of a condition, which the application's own text completes: `and name = '`, `|| elt(…)`. */
	if (place->is_start && !place->is_long && gb_sql_is_end(window, next) &&
	        (facts.danger + facts.subselects + facts.calls != 0 ||
	                (facts.comparisons != 0 && (facts.has_open_string || facts.values <= facts.comparisons))))
		return "sql_boolean_condition";
	/* ' or 1 --, ' or 'x: nothing is compared, and the rest is cut off, or the application's quote closes. */
	if (facts.names == 0 && gb_sql_is_comment(window, next) && (gb_sql_is_broken_out(place) || place->is_start))
		return "sql_boolean_literal";
	if (place->quote != 0 && !place->is_inner && !place->has_blank_prefix && facts.names == 0 &&
	        facts.strings + facts.numbers + facts.literals + facts.variables + facts.niladic > 0 &&
	        gb_sql_is_kind(window, next, GB_SQL_TOKEN_END) && (facts.has_open_string || facts.strings == 0))
		return "sql_boolean_literal";
	if (place->quote != 0 && !place->is_inner && !place->has_blank_prefix && gb_sql_is_comment(window, next))
		return "sql_boolean_literal";
	return NULL;
}

/* I is AND, OR, XOR, && or ||; so may be what joins further conditions. */
const char *gb_sql_judge_boolean(const struct gb_sql_place *place, struct gb_sql_window *window, unsigned i)
{
	const unsigned most = gb_sql_is_broken_out(place) ? CONDITIONS_MAX : 1;

	for (unsigned n = 0; n < most; n++) {
		unsigned next;
		const char *reason = judge_condition(place, window, i, &next);

		if (reason != NULL)
			return reason;
		if (next == i + 1 || !is_boolean(window, next))
			return NULL;
		i = next;
	}
	return NULL;
}

/* `select 1; to test it` */
static bool is_word_behind(struct gb_sql_window *window, unsigned i)
{
	const struct gb_sql_token *token = gb_sql_peek(window, i + 1);

	return token->kind == GB_SQL_TOKEN_WORD && (token->word == GB_SQL_PROSE || token->word == GB_SQL_UNKNOWN);
}

/* `sleep(less) in Seattle`: a word in parentheses is no argument. */
static bool is_wordy(const struct gb_sql_place *place, const struct gb_sql_facts *facts)
{
	return facts->danger == 1 && facts->names != 0 && !gb_sql_is_broken_out(place) &&
	       facts->numbers + facts->strings + facts->variables + facts->subselects + facts->calls + facts->niladic +
	                       facts->catalogs + facts->literals ==
	               0;
}

/* POLYGON((30 10, 40 40)): a shape as maps write them down, of nothing but figures. */
static bool is_shape(struct gb_sql_window *window, const struct gb_sql_facts *facts)
{
	static const char *const names[] = {"point", "linestring", "polygon", "multi", "geometry"};
	const struct gb_sql_token *token = gb_sql_peek(window, 0);

	if (facts->strings + facts->variables + facts->subselects + facts->niladic + facts->catalogs + facts->literals +
	                facts->names + facts->comparisons + facts->cases !=
	        0)
		return false;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const struct gb_span name = gb_span_cstr(names[i]);

		if (token->length >= name.n &&
		        gb_span_equal_nocase(gb_span_sub(window->text, token->from, name.n), name))
			return true;
	}
	return false;
}

/* -c "select now()": a whole query between the quotes of something else. */
static bool is_quoted_query(const struct gb_sql_place *place, struct gb_sql_window *window, unsigned next)
{
	const struct gb_sql_token *behind = gb_sql_peek(window, next);
	struct gb_span text = window->text;
	const size_t at = place->at;

	if (at < 2 || (text.p[at - 1] != '"' && text.p[at - 1] != '\'' && text.p[at - 1] != '`'))
		return false;
	return (text.p[at - 2] == ' ' || text.p[at - 2] == '(' || text.p[at - 2] == '=') && behind->length != 0 &&
	       text.p[behind->from] == text.p[at - 1];
}

/* What stands behind the word up to AT makes it part of an address of mail: select@example.com. A variable of MySQL may have
 * points too, but one of a host's form is nobody's. */
static bool is_of_mail(struct gb_span text, size_t at)
{
	size_t point = 0, from = at + 1;

	if (at >= text.n || text.p[at] != '@')
		return false;
	for (at = from; at < text.n && (gb_ascii_is_alpha(text.p[at]) || gb_ascii_is_digit(text.p[at]) ||
	                                       text.p[at] == '-' || text.p[at] == '.');
	        at++)
		if (text.p[at] == '.')
			point = at;
	return point > from && point + 2 < at && gb_ascii_is_alpha(text.p[point + 1]) &&
	       gb_ascii_is_alpha(text.p[point + 2]);
}

/* Something technical where a word of English may stand: SELECT, CASE, a function's name. */
const char *gb_sql_judge_word(const struct gb_sql_place *place, struct gb_sql_window *window)
{
	const struct gb_sql_token *token = gb_sql_peek(window, 0);
	const char *reason;
	struct gb_sql_facts facts = {0};
	unsigned next;

	/* #select, select:32 */
	if (gb_sql_is_label(place, window, 0))
		return NULL;
	if (token->kind == GB_SQL_TOKEN_LOGICAL ||
	        (token->kind == GB_SQL_TOKEN_WORD && (token->word == GB_SQL_AND || token->word == GB_SQL_OR)))
		return gb_sql_judge_boolean(place, window, 0);
	if (token->kind == GB_SQL_TOKEN_SEMICOLON)
		return (!place->is_long || gb_sql_is_broken_out(place)) && gb_sql_is_statement(place, window, 1)
		               ? "sql_stacked_statement"
		               : NULL;
	if (token->kind == GB_SQL_TOKEN_OPEN) {
		next = skip_open(window, 0);
		if (!gb_sql_is_word(window, next, GB_SQL_SELECT) || place->is_long)
			return NULL;
		return gb_sql_is_query(place, window, next + 1) ? "sql_subselect" : NULL;
	}
	if ((place->is_long && !gb_sql_is_broken_out(place)) || is_of_mail(window->text, token->from + token->length))
		return NULL;
	if (token->word == GB_SQL_DANGER && !place->is_long) {
		next = gb_sql_read_expression(window, 0, &facts);
		if (is_wordy(place, &facts) || is_shape(window, &facts))
			return NULL;
		if (facts.danger == 1 && facts.values == 1 && facts.numbers == 1 && facts.strings + facts.calls == 0 &&
		        !gb_sql_is_broken_out(place))
			return NULL;
		return facts.danger != 0 && facts.prose == 0 && gb_sql_is_end(window, next) ? "sql_function" : NULL;
	}
	if (token->word == GB_SQL_CASE) {
		next = gb_sql_read_expression(window, 0, &facts);
		return next != 0 && facts.cases != 0 && facts.prose == 0 ? "sql_conditional" : NULL;
	}
	if (token->word == GB_SQL_SELECT) {
		const size_t end = token->from + token->length;

		/* "select" as a word in quotes */
		if (place->at > 0 && end < window->text.n && window->text.p[end] == window->text.p[place->at - 1] &&
		        !gb_ascii_is_space(window->text.p[end]))
			return NULL;
		next = gb_sql_read_select(window, 1, &facts);
		/* A whole query is no attack by itself; one that reads no table, or a catalogue, is. */
		if (next == 1 || facts.prose != 0 || is_quoted_query(place, window, next))
			return NULL;
		if (facts.danger + facts.catalogs + facts.variables + facts.subselects + facts.cases != 0)
			return "sql_query";
		/* Select Citywalk, A-3, New Delhi: a column wants a table. */
		if (!facts.has_from && facts.names != 0 && facts.calls + facts.strings == 0)
			return NULL;
		return facts.items > 0 && facts.numbers + facts.strings + facts.calls > 0 &&
		                       (facts.plain > 0 || !facts.has_from) &&
		                       (facts.has_from || facts.numbers + facts.calls > 0) &&
		                       (facts.names == 0 || facts.items > 1) &&
		                       (facts.has_from ||
		                               (gb_sql_is_end(window, next) &&
		                                       (!gb_sql_is_kind(window, next, GB_SQL_TOKEN_SEMICOLON) ||
		                                               !is_word_behind(window, next))))
		               ? "sql_query"
		               : NULL;
	}
	/* cursor.execute("…"), $db->exec('…') */
	if (token->word == GB_SQL_EXECUTE && place->at > 0 && gb_sql_is_kind(window, 1, GB_SQL_TOKEN_OPEN) &&
	        (window->text.p[place->at - 1] == '.' || window->text.p[place->at - 1] == '>'))
		return NULL;
	if (token->word == GB_SQL_EXECUTE || token->word == GB_SQL_DECLARE)
		return gb_sql_is_statement(place, window, 0) ? "sql_statement" : NULL;
	reason = gb_sql_judge_clause(place, window, 0);
	return reason;
}

/* `name, password from users--`: in place of a column, with the rest cut off. */
static bool is_columns(struct gb_sql_window *window)
{
	struct gb_sql_facts facts = {0};
	const unsigned next = gb_sql_read_select(window, 0, &facts);

	return facts.has_from && facts.prose == 0 && facts.items != 0 && gb_sql_is_comment(window, next);
}

/* `5 div 0 or 1`, `2 mod 3 and 0`: figures joined by an operator that is a word of SQL's, then decided. */
static bool is_decided_quotient(struct gb_sql_window *window)
{
	return gb_sql_is_kind(window, 0, GB_SQL_TOKEN_NUMBER) && gb_sql_is_word(window, 1, GB_SQL_ARITHMETIC) &&
	       gb_sql_is_kind(window, 2, GB_SQL_TOKEN_NUMBER) && is_boolean(window, 3) &&
	       gb_sql_is_kind(window, 4, GB_SQL_TOKEN_NUMBER) && gb_sql_is_end(window, 5);
}

/* The string at token I, and the one two tokens behind, which may want its end. */
static bool is_same_string(struct gb_sql_window *window, unsigned i)
{
	const struct gb_sql_token *left = gb_sql_peek(window, i), *right = gb_sql_peek(window, i + 2);

	return left->length > 2 && right->length + 1 >= left->length &&
	       gb_span_equal(gb_span_sub(window->text, left->from, left->length - 1),
	               gb_span_sub(window->text, right->from, left->length - 1));
}

static bool is_same_number(struct gb_sql_window *window)
{
	const struct gb_sql_token *left = gb_sql_peek(window, 0), *right = gb_sql_peek(window, 2);

	return window->text.p[gb_sql_peek(window, 1)->from] == '=' &&
	       gb_span_equal(gb_span_sub(window->text, left->from, left->length),
	               gb_span_sub(window->text, right->from, right->length));
}

/* The text from its beginning, as if it stood for a number. */
const char *gb_sql_judge_start(const struct gb_sql_place *place, struct gb_sql_window *window)
{
	struct gb_sql_facts facts = {0};
	const struct gb_sql_token *first = gb_sql_peek(window, 0);
	unsigned i = gb_sql_skip_close(window, 0);
	const char *reason;
	unsigned next;

	if (first->kind == GB_SQL_TOKEN_WORD && first->word == GB_SQL_LIKE) {
		/* like '%', like 'a_': the patterns of LIKE. */
		next = gb_sql_read_expression(window, 1, &facts);
		return next == 2 && facts.strings == 1 && gb_sql_is_end(window, next) &&
		                       gb_bytes_find(window->text, '%', first->length) != SIZE_MAX
		               ? "sql_operator_string"
		               : NULL;
	}
	reason = gb_sql_judge_bare(place, window);
	if (reason != NULL)
		return reason;
	if (first->kind != GB_SQL_TOKEN_OPEN && is_columns(window))
		return "sql_columns";
	if (gb_sql_is_search_mode(window, i))
		return "sql_clause";
	if (is_decided_quotient(window))
		return "sql_boolean_literal";
	next = gb_sql_read_condition(window, i, &facts);
	if (next == i || facts.prose != 0 || is_wordy(place, &facts) || (i == 0 && is_shape(window, &facts)))
		return NULL;
	/* 1=1 */
	if (facts.numbers == 2 && facts.values == 2 && facts.comparisons == 1 && next == i + 3 && i == 0 &&
	        first->kind == GB_SQL_TOKEN_NUMBER && gb_sql_is_kind(window, next, GB_SQL_TOKEN_END) &&
	        is_same_number(window))
		return "sql_expression";
	/* if(1=1,id,name), 1^(1=1) */
	if (facts.constants != 0 && facts.calls + facts.other_calls + facts.arithmetic != 0 &&
	        gb_sql_is_end(window, next))
		return "sql_expression";
	/* '1'='1' */
	if (first->kind == GB_SQL_TOKEN_STRING && facts.strings == 2 && facts.values == 2 && facts.comparisons == 1 &&
	        gb_sql_is_kind(window, next, GB_SQL_TOKEN_END) && is_same_string(window, i))
		return "sql_expression";
	/* sleep(5) alone is a line of any program. */
	if (facts.danger == 1 && facts.values == 1 && facts.numbers == 1 && facts.strings + facts.calls == 0 &&
	        gb_sql_is_kind(window, next, GB_SQL_TOKEN_END))
		return NULL;
	if (facts.danger + facts.subselects + facts.cases != 0 && gb_sql_is_end(window, next))
		return "sql_expression";
	if (facts.prefixes != 0 && facts.groups != 0 && facts.is_open == false && gb_sql_is_comment(window, next))
		return "sql_expression";
	/* 1=1 and 2-- alone compare nothing that anybody asked for. */
	if (first->kind == GB_SQL_TOKEN_OPEN && gb_sql_is_comment(window, next) && facts.groups > 0 && !facts.is_open &&
	        facts.comparisons + facts.calls + facts.prefixes + facts.variables > 0)
		return "sql_expression";
	if (facts.comparisons != 0 && facts.names == 0 && facts.variables + facts.catalogs + facts.niladic > 0 &&
	        (gb_sql_is_end(window, next)))
		return "sql_expression";
	if (facts.calls != 0 && facts.names == 0 && gb_sql_is_comment(window, next))
		return "sql_expression";
	/* ascii(substring(version(), 1, 1)) */
	if (facts.calls > 1 && facts.niladic != 0 && gb_sql_is_end(window, next))
		return "sql_expression";
	return NULL;
}
