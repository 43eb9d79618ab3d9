/* SPDX-License-Identifier: Apache-2.0 */
/* Judges what lies behind one place: a quote, an operator, a keyword, the text's beginning. */
#include "inspect/bytes.h"
#include "inspect/detect/sql.h"

static unsigned skip_open(struct gb_sql_window *window, unsigned i)
{
	while (gb_sql_is_kind(window, i, GB_SQL_TOKEN_OPEN))
		i++;
	return i;
}

static unsigned skip_close(struct gb_sql_window *window, unsigned i)
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
	if (facts->comparisons != 0) {
		if (facts->names == 0 || (facts->calls + facts->catalogs != 0 &&
		                                 (gb_sql_is_broken_out(place) || gb_sql_is_end(window, next))))
			return facts->values + facts->is_open >= 2 || facts->groups != 0 ? 2 : 1;
		return gb_sql_is_end(window, next) ? 1 : 0;
	}
	if (facts->calls + facts->cases + (place->quote != 0 ? facts->other_calls : 0) != 0 && facts->values == 1)
		return gb_sql_is_end(window, next) ? 1 : 0;
	return 0;
}

/* I is AND, OR, XOR, && or ||. */
const char *gb_sql_judge_boolean(const struct gb_sql_place *place, struct gb_sql_window *window, unsigned i)
{
	struct gb_sql_facts facts = {0};
	const unsigned next = gb_sql_read_condition(window, i + 1, &facts);
	const int weight = weigh_condition(place, window, i + 1, next, &facts);

	if (gb_sql_peek(window, i)->is_behind_comment && next != i + 1 && facts.prose == 0)
		return "sql_boolean_condition";
	if (weight == 2 && (!place->is_long || gb_sql_is_broken_out(place)))
		return "sql_boolean_condition";
	if (weight == 1 && (gb_sql_is_broken_out(place) || (place->is_start && gb_sql_is_comment(window, next))))
		return "sql_boolean_condition";
	if (next == i + 1 || facts.prose != 0)
		return NULL;
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

/* Something technical where a word of English may stand: SELECT, CASE, a function's name. */
const char *gb_sql_judge_word(const struct gb_sql_place *place, struct gb_sql_window *window)
{
	const struct gb_sql_token *token = gb_sql_peek(window, 0);
	const char *reason;
	struct gb_sql_facts facts = {0};
	unsigned next;

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
	if (place->is_long && !gb_sql_is_broken_out(place))
		return NULL;
	if (token->word == GB_SQL_DANGER && !place->is_long) {
		next = gb_sql_read_expression(window, 0, &facts);
		if (facts.danger == 1 && facts.values == 1 && facts.numbers == 1 && facts.strings + facts.calls == 0 &&
		        !gb_sql_is_broken_out(place) && gb_sql_is_kind(window, next, GB_SQL_TOKEN_END))
			return NULL;
		return facts.danger != 0 && facts.prose == 0 && gb_sql_is_end(window, next) ? "sql_function" : NULL;
	}
	if (token->word == GB_SQL_CASE) {
		next = gb_sql_read_expression(window, 0, &facts);
		return next != 0 && facts.cases != 0 && facts.prose == 0 ? "sql_conditional" : NULL;
	}
	if (token->word == GB_SQL_SELECT) {
		next = gb_sql_read_select(window, 1, &facts);
		/* A whole query is no attack by itself; one that reads no table, or a catalogue, is. */
		if (next == 1 || facts.prose != 0)
			return NULL;
		if (facts.danger + facts.catalogs + facts.variables + facts.subselects + facts.cases != 0)
			return "sql_query";
		return facts.items > 0 && facts.numbers + facts.strings + facts.calls > 0 &&
		                       (facts.numbers + facts.strings > 0 || !facts.has_from) &&
		                       (facts.has_from || facts.numbers + facts.calls > 0) &&
		                       (facts.names == 0 || facts.items > 1) &&
		                       (facts.has_from || gb_sql_is_end(window, next))
		               ? "sql_query"
		               : NULL;
	}
	if (token->word == GB_SQL_EXECUTE || token->word == GB_SQL_DECLARE)
		return gb_sql_is_statement(place, window, 0) ? "sql_statement" : NULL;
	reason = gb_sql_judge_clause(place, window, 0);
	return reason;
}

/* `'`, `'x`, `'%y`: what a value begins with, not a sentence or more of a URL. */
static bool is_value_open(const struct gb_sql_window *window, const struct gb_sql_token *token)
{
	unsigned char second = token->length > 1 ? window->text.p[token->from + 1] : 'x';

	return token->length < 40 &&
	       (gb_ascii_is_alpha(second) || gb_ascii_is_digit(second) || second == '%' || second == '_');
}

/* An operator right behind the quote, and a value: '=', '||(select …)||', '*1-- */
static const char *judge_operator(const struct gb_sql_place *place, struct gb_sql_window *window, unsigned i)
{
	struct gb_sql_facts facts = {0};
	const struct gb_sql_token *token = gb_sql_peek(window, i);
	bool is_compared = token->kind == GB_SQL_TOKEN_COMPARISON, is_logical = token->kind == GB_SQL_TOKEN_LOGICAL;
	unsigned next;

	if (token->kind == GB_SQL_TOKEN_WORD) {
		unsigned first = i + (token->word == GB_SQL_NOT);
		const struct gb_sql_token *word = gb_sql_peek(window, first);

		if (word->kind != GB_SQL_TOKEN_WORD)
			return NULL;
		if (word->word == GB_SQL_LIKE && gb_sql_is_word(window, first + 1, GB_SQL_LIKE))
			first++;
		if (word->word == GB_SQL_IS && gb_sql_is_word(window, first + 1, GB_SQL_NOT))
			first++;
		if (word->word != GB_SQL_LIKE && word->word != GB_SQL_IN && word->word != GB_SQL_IS &&
		        word->word != GB_SQL_ARITHMETIC)
			return NULL;
		i = first;
		is_compared = true;
	} else if (!is_compared && !is_logical && token->kind != GB_SQL_TOKEN_ARITHMETIC) {
		return NULL;
	}
	next = gb_sql_read_condition(window, i + 1, &facts);
	if (next == i + 1 || facts.prose != 0)
		return NULL;
	if (facts.danger + facts.subselects + facts.catalogs + facts.cases != 0)
		return "sql_operator_expression";
	if (place->is_inner)
		return NULL;
	if (gb_sql_is_comment(window, next) && (!place->has_blank_prefix || is_compared || gb_sql_is_technical(&facts)))
		return "sql_operator_comment";
	if (gb_sql_is_word(window, next, GB_SQL_AND) || gb_sql_is_word(window, next, GB_SQL_OR))
		return gb_sql_judge_boolean(place, window, next) != NULL ? "sql_operator_expression" : NULL;
	if (facts.has_open_string && gb_sql_is_kind(window, next, GB_SQL_TOKEN_END)) {
		const struct gb_sql_token *last = gb_sql_peek(window, next - 1);

		/* The application's own quote closes what the last one opened. */
		if (last->kind == GB_SQL_TOKEN_STRING_OPEN && window->text.p[last->from] == place->quote &&
		        is_value_open(window, last) && (!place->has_blank_prefix || is_logical) &&
		        (place->quote == '\'' || place->at > 1))
			return "sql_operator_string";
	}
	if (is_logical && !place->has_blank_prefix && gb_sql_is_kind(window, next, GB_SQL_TOKEN_END))
		return "sql_operator_string";
	if (gb_sql_is_technical(&facts) && !place->has_blank_prefix && gb_sql_is_end(window, next))
		return "sql_operator_expression";
	return NULL;
}

/* What stands behind a quote that may have closed the application's string. */
const char *gb_sql_judge_quote(const struct gb_sql_place *place, struct gb_sql_window *window)
{
	const unsigned i = skip_close(window, 0);
	const struct gb_sql_token *token = gb_sql_peek(window, i);
	const char *reason = NULL;
	struct gb_sql_place behind = *place;

	if (token->kind == GB_SQL_TOKEN_LOGICAL ||
	        (token->kind == GB_SQL_TOKEN_WORD && (token->word == GB_SQL_AND || token->word == GB_SQL_OR))) {
		reason = gb_sql_judge_boolean(place, window, i);
		return reason != NULL ? reason : judge_operator(place, window, i);
	}
	if (token->kind == GB_SQL_TOKEN_SEMICOLON) {
		if (gb_sql_is_statement(&behind, window, i + 1))
			return "sql_stacked_statement";
		if (place->is_inner || place->has_blank_prefix)
			return NULL;
		return gb_sql_is_comment(window, i + 1) ||
		                       (place->at > 1 && gb_sql_is_kind(window, i + 1, GB_SQL_TOKEN_END))
		               ? "sql_statement_end"
		               : NULL;
	}
	if (token->kind == GB_SQL_TOKEN_COMMENT || token->kind == GB_SQL_TOKEN_COMMENT_OPEN) {
		unsigned char second = token->length > 1 ? window->text.p[token->from + 1] : 0;
		unsigned char third = token->length > 2 ? window->text.p[token->from + 2] : 0;

		if (place->is_inner || place->has_blank_prefix)
			return NULL;
		if (token->kind == GB_SQL_TOKEN_COMMENT_OPEN)
			return "sql_comment_cut";
		if (second == '-' && (third == 0 || third == ' ' || third == '+' || third == '\n'))
			return "sql_comment_cut";
		return second == 0 && window->text.p[token->from] == '#' && place->at > 1 ? "sql_comment_cut" : NULL;
	}
	if (token->kind == GB_SQL_TOKEN_COMMA) {
		/* ',(select …), ', NULL) waitfor delay */
		struct gb_sql_facts facts = {0};

		gb_sql_read_expression(window, i + 1, &facts);
		return facts.subselects + facts.danger != 0 ? "sql_subselect" : NULL;
	}
	reason = gb_sql_judge_clause(place, window, i);
	if (reason == NULL)
		reason = judge_operator(place, window, i);
	if (reason == NULL && token->kind == GB_SQL_TOKEN_WORD && token->word != GB_SQL_STATEMENT &&
	        (token->word != GB_SQL_SELECT || !place->has_blank_prefix) && !place->is_inner)
		reason = gb_sql_is_statement(place, window, i) ? "sql_stacked_statement" : NULL;
	return reason;
}

/* The text from its beginning, as if it stood for a number. */
const char *gb_sql_judge_start(const struct gb_sql_place *place, struct gb_sql_window *window)
{
	struct gb_sql_facts facts = {0};
	const struct gb_sql_token *first = gb_sql_peek(window, 0);
	unsigned i = skip_close(window, 0);
	unsigned next;

	(void)place;
	if (first->kind == GB_SQL_TOKEN_WORD && first->word == GB_SQL_LIKE) {
		/* like '%', like 'a_': the patterns of LIKE. */
		next = gb_sql_read_expression(window, 1, &facts);
		return next == 2 && facts.strings == 1 && gb_sql_is_end(window, next) &&
		                       gb_bytes_find(window->text, '%', first->length) != SIZE_MAX
		               ? "sql_operator_string"
		               : NULL;
	}
	next = gb_sql_read_condition(window, i, &facts);
	if (next == i || facts.prose != 0)
		return NULL;
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
