/* SPDX-License-Identifier: Apache-2.0 */
/* Judges what lies behind a quote that may have closed the application's string. */
#include "inspect/bytes.h"
#include "inspect/detect/sql.h"

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

/* `'), ('a','b')--` and `', admin=1--`: a further row or column, where the value was to be one of several. I is the
 * comma, NEXT what stands behind the first value after it. */
static bool is_further_value(const struct gb_sql_place *place, struct gb_sql_window *window, unsigned i, unsigned next,
        const struct gb_sql_facts *first)
{
	struct gb_sql_facts facts = {0};
	unsigned end;

	if (next == i + 1 || first->prose != 0)
		return false;
	if (first->groups != 0 && i > 0 && gb_sql_is_kind(window, i - 1, GB_SQL_TOKEN_CLOSE))
		return gb_sql_is_comment(window, next) || first->has_open_string;
	if (first->names != 1 || first->values != 1 || !gb_sql_is_kind(window, next, GB_SQL_TOKEN_COMPARISON) ||
	        window->text.p[gb_sql_peek(window, next)->from] != '=')
		return false;
	end = gb_sql_read_condition(window, next + 1, &facts);
	if (end == next + 1 || facts.prose != 0)
		return false;
	if (gb_sql_is_comment(window, end) || gb_sql_is_word(window, end, GB_SQL_WHERE))
		return true;
	return facts.has_open_string && window->text.p[gb_sql_peek(window, end - 1)->from] == place->quote &&
	       is_value_open(window, gb_sql_peek(window, end - 1));
}

static bool is_cut(struct gb_sql_window *window, unsigned i);

/* `', 'admin', 1)-- -`: the rest of a row, its parenthesis, and the application's own row cut off. I is the comma. */
static bool is_row_end(struct gb_sql_window *window, unsigned i)
{
	unsigned next;

	while (gb_sql_is_kind(window, i, GB_SQL_TOKEN_COMMA)) {
		struct gb_sql_facts facts = {0};

		next = gb_sql_read_expression(window, i + 1, &facts);
		if (next == i + 1 || facts.prose != 0 || facts.names > 1 || facts.is_open)
			return false;
		i = next;
	}
	if (!gb_sql_is_kind(window, i, GB_SQL_TOKEN_CLOSE))
		return false;
	i = gb_sql_skip_close(window, i);
	i += gb_sql_is_kind(window, i, GB_SQL_TOKEN_SEMICOLON);
	return gb_sql_is_comment(window, i) && is_cut(window, i);
}

/* `select` and "select": a word in quotes, not one behind a quote. */
static bool is_quoted_word(const struct gb_sql_place *place, struct gb_sql_window *window)
{
	const struct gb_sql_token *word = gb_sql_peek(window, 0);
	const size_t end = word->from + word->length;

	if (word->kind != GB_SQL_TOKEN_WORD || word->from != place->at || end >= window->text.n ||
	        window->text.p[end] != place->quote)
		return false;
	/* 'or', 'div' and the like go on between two values; "or" vs … does not. */
	if (word->word >= GB_SQL_OR && word->word <= GB_SQL_IS &&
	        (end + 2 >= window->text.n || !gb_ascii_is_space(window->text.p[end + 1]) ||
	                !gb_ascii_is_alpha(window->text.p[end + 2])))
		return false;
	return place->at < 2 || gb_ascii_is_space(window->text.p[place->at - 2]) ||
	       window->text.p[place->at - 2] == '(';
}

/* execute("SELECT …", query="UPDATE …": the quote opens a literal of a program's. */
static bool is_literal_of_code(const struct gb_sql_place *place, const struct gb_sql_token *token)
{
	const unsigned char before = place->at > 2 ? place->text.p[place->at - 2] : 0;

	return token->kind == GB_SQL_TOKEN_WORD && token->from == place->at && place->is_inner == false &&
	       (before == '(' || before == '=' || before == ',' || before == '[') &&
	       (token->word == GB_SQL_SELECT || token->word == GB_SQL_INSERT || token->word == GB_SQL_UPDATE ||
	               token->word == GB_SQL_DELETE || token->word == GB_SQL_DROP || token->word == GB_SQL_STATEMENT);
}

/* Whether the comment at token I cuts off the rest, and is no part of a password: `--`, `-- x`, `#`, an open one. */
static bool is_cut(struct gb_sql_window *window, unsigned i)
{
	const struct gb_sql_token *token = gb_sql_peek(window, i);
	const unsigned char second = token->length > 1 ? window->text.p[token->from + 1] : 0;
	const unsigned char third = token->length > 2 ? window->text.p[token->from + 2] : 0;

	if (token->kind == GB_SQL_TOKEN_COMMENT_OPEN)
		return true;
	return (second == '-' && (third == 0 || third == ' ' || third == '+' || third == '\n' || third == '-')) ||
	       second == 0;
}

/* What stands behind a quote that may have closed the application's string. */
const char *gb_sql_judge_quote(const struct gb_sql_place *place, struct gb_sql_window *window)
{
	const unsigned i = gb_sql_skip_close(window, 0);
	const struct gb_sql_token *token = gb_sql_peek(window, i);
	const char *reason = NULL;
	struct gb_sql_place behind = *place;

	if (is_quoted_word(place, window))
		return NULL;
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
		return (gb_sql_is_comment(window, i + 1) && is_cut(window, i + 1)) ||
		                       (place->at > 1 && gb_sql_is_kind(window, i + 1, GB_SQL_TOKEN_END))
		               ? "sql_statement_end"
		               : NULL;
	}
	if (token->kind == GB_SQL_TOKEN_COMMENT || token->kind == GB_SQL_TOKEN_COMMENT_OPEN) {
		if (place->is_inner || place->has_blank_prefix)
			return NULL;
		if (is_cut(window, i) && (place->at > 1 || window->text.p[token->from] != '#'))
			return "sql_comment_cut";
		return NULL;
	}
	if (token->kind == GB_SQL_TOKEN_COMMA) {
		/* ',(select …), ', NULL) waitfor delay */
		struct gb_sql_facts facts = {0};

		unsigned next = gb_sql_read_expression(window, i + 1, &facts);

		if (facts.subselects + facts.danger != 0)
			return "sql_subselect";
		if (place->is_inner || place->has_blank_prefix)
			return NULL;
		return is_further_value(place, window, i, next, &facts) || is_row_end(window, i) ? "sql_values" : NULL;
	}
	if (!place->has_blank_prefix && !place->is_inner && gb_sql_is_search_mode(window, i))
		return "sql_clause";
	if (is_literal_of_code(place, token))
		return NULL;
	reason = gb_sql_judge_clause(place, window, i);
	if (reason == NULL)
		reason = judge_operator(place, window, i);
	if (reason == NULL && token->kind == GB_SQL_TOKEN_WORD && token->word != GB_SQL_STATEMENT &&
	        (token->word != GB_SQL_SELECT || !place->has_blank_prefix) && !place->is_inner)
		reason = gb_sql_is_statement(place, window, i) ? "sql_stacked_statement" : NULL;
	if (reason == NULL && !place->has_blank_prefix && !place->is_inner && (token->is_behind_blank || i > 0) &&
	        gb_sql_is_clause_cut(window, i))
		return "sql_clause";
	return reason;
}
