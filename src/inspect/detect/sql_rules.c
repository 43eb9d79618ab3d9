/* SPDX-License-Identifier: Apache-2.0 */
/* What no sentence is: a query, a statement, a clause that goes on behind a finished value. */
#include "inspect/detect/sql.h"

/* I stands behind SELECT, which something put there that is no statement of the text's own: UNION, a parenthesis. */
bool gb_sql_is_query(const struct gb_sql_place *place, struct gb_sql_window *window, unsigned i)
{
	struct gb_sql_facts facts = {0};
	const unsigned next = gb_sql_read_select(window, i, &facts);

	if (gb_sql_is_broken_out(place) && facts.numbers + facts.groups != 0)
		return true;
	if (facts.prose != 0 && !gb_sql_is_technical(&facts))
		return false;
	if (next == i)
		return gb_sql_peek(window, i)->kind != GB_SQL_TOKEN_WORD &&
		       (gb_sql_is_broken_out(place) || place->is_start);
	if (facts.has_from || facts.has_star || gb_sql_is_technical(&facts))
		return true;
	if (facts.items > 1 && (gb_sql_is_end(window, next) || facts.numbers + facts.literals > 1))
		return true;
	return gb_sql_is_end(window, next) &&
	       (facts.numbers + facts.strings + facts.literals + facts.niladic + facts.groups > 0 ||
	               gb_sql_is_broken_out(place));
}

static unsigned skip_open(struct gb_sql_window *window, unsigned i)
{
	while (gb_sql_is_kind(window, i, GB_SQL_TOKEN_OPEN))
		i++;
	return i;
}

static bool is_union(const struct gb_sql_place *place, struct gb_sql_window *window, unsigned i)
{
	const unsigned start = i;

	if (gb_sql_is_word(window, i + 1, GB_SQL_PREFIX) || gb_sql_is_word(window, i + 1, GB_SQL_TOP))
		i++;
	i = skip_open(window, i + 1);
	if (gb_sql_is_word(window, i, GB_SQL_VALUES))
		return gb_sql_is_kind(window, i + 1, GB_SQL_TOKEN_OPEN);
	if (!gb_sql_is_word(window, i, GB_SQL_SELECT))
		return gb_sql_is_broken_out(place) && i > start + 1 && gb_sql_peek(window, i)->kind == GB_SQL_TOKEN_END;
	/* union/ * * /select: nobody writes prose so. */
	if (gb_sql_peek(window, i)->is_behind_comment)
		return true;
	return gb_sql_is_query(place, window, i + 1);
}

static bool is_table(struct gb_sql_window *window, unsigned i)
{
	const struct gb_sql_token *token = gb_sql_peek(window, i);

	return token->kind == GB_SQL_TOKEN_NAME || token->kind == GB_SQL_TOKEN_VARIABLE ||
	       (token->kind == GB_SQL_TOKEN_WORD && (token->word == GB_SQL_UNKNOWN || token->word == GB_SQL_CATALOG ||
	                                                    token->word == GB_SQL_FUNCTION ||
	                                                    token->word == GB_SQL_OBJECT || token->word == GB_SQL_IF));
}

static bool is_procedure_name(struct gb_sql_window *window, unsigned i)
{
	const struct gb_sql_token *token = gb_sql_peek(window, i);
	struct gb_span name = gb_span_sub(window->text, token->from, 3);

	if (token->kind == GB_SQL_TOKEN_WORD && (token->word == GB_SQL_IMMEDIATE || token->word == GB_SQL_DANGER))
		return true;
	if (token->kind == GB_SQL_TOKEN_WORD &&
	        (gb_span_equal_nocase(name, GB_SPAN("xp_")) || gb_span_equal_nocase(name, GB_SPAN("sp_"))))
		return true;
	if (token->kind == GB_SQL_TOKEN_OPEN)
		return gb_sql_is_kind(window, i + 1, GB_SQL_TOKEN_STRING) ||
		       gb_sql_is_kind(window, i + 1, GB_SQL_TOKEN_VARIABLE) ||
		       gb_sql_is_word(window, i + 1, GB_SQL_FUNCTION);
	return token->kind == GB_SQL_TOKEN_VARIABLE ||
	       (token->word == GB_SQL_CATALOG && gb_sql_is_kind(window, i + 1, GB_SQL_TOKEN_DOT));
}

/* A statement whose first word is token I, and which no sentence looks like. */
bool gb_sql_is_statement(const struct gb_sql_place *place, struct gb_sql_window *window, unsigned i)
{
	const struct gb_sql_token *token = gb_sql_peek(window, i);
	struct gb_sql_facts facts = {0};
	unsigned next;

	/* IF and WHILE with their condition. */
	if (gb_sql_is_word(window, i, GB_SQL_IF)) {
		next = gb_sql_read_condition(window, i + 1, &facts);
		if (next == i + 1 || facts.comparisons + facts.subselects + facts.calls == 0)
			return false;
		i = next;
		token = gb_sql_peek(window, i);
	}
	if (token->kind != GB_SQL_TOKEN_WORD)
		return false;
	switch ((int)token->word) {
	case GB_SQL_DROP:
		next = gb_sql_is_word(window, i + 1, GB_SQL_UNKNOWN) ? i + 2 : i + 1;
		return (gb_sql_is_word(window, next, GB_SQL_OBJECT) || gb_sql_is_word(window, next, GB_SQL_FUNCTION) ||
		               gb_sql_is_word(window, next, GB_SQL_PROCEDURE)) &&
		       (is_table(window, next + 1) || gb_sql_is_end(window, next + 1));
	case GB_SQL_INSERT:
		next = i + 1 + gb_sql_is_word(window, i + 1, GB_SQL_INTO);
		return next > i + 1 && is_table(window, next) &&
		       (gb_sql_read_expression(window, next, &facts),
		               facts.calls + facts.groups > 0 || gb_sql_is_word(window, next + 1, GB_SQL_VALUES) ||
		                       gb_sql_is_word(window, next + 1, GB_SQL_SELECT));
	case GB_SQL_UPDATE:
		next = gb_sql_read_expression(window, i + 1, &facts);
		return next != i + 1 && facts.prose == 0 &&
		       (gb_sql_is_word(window, next, GB_SQL_SET) ||
		               (next == i + 2 && gb_sql_is_kind(window, next, GB_SQL_TOKEN_END)));
	case GB_SQL_DELETE:
		next = i + 1 + (gb_sql_is_word(window, i + 1, GB_SQL_UNKNOWN) ? 1u : 0u);
		if (!gb_sql_is_word(window, next, GB_SQL_FROM) || !is_table(window, next + 1))
			return false;
		next = gb_sql_read_expression(window, next + 1, &facts);
		/* `; delete from calendar` ends a sentence as well. */
		return gb_sql_is_end(window, next) &&
		       (gb_sql_is_broken_out(place) || !gb_sql_is_kind(window, next, GB_SQL_TOKEN_END));
	case GB_SQL_EXECUTE: return is_procedure_name(window, i + 1);
	case GB_SQL_DECLARE: return gb_sql_is_kind(window, i + 1, GB_SQL_TOKEN_VARIABLE);
	case GB_SQL_BEGIN:
		return gb_sql_is_word(window, i + 1, GB_SQL_DECLARE) || gb_sql_is_word(window, i + 1, GB_SQL_DANGER);
	case GB_SQL_SET: return gb_sql_is_kind(window, i + 1, GB_SQL_TOKEN_VARIABLE);
	case GB_SQL_WAITFOR:
		return gb_sql_is_word(window, i + 1, GB_SQL_DELAY) &&
		       (gb_sql_peek(window, i + 2)->kind <= GB_SQL_TOKEN_NUMBER);
	case GB_SQL_SHUTDOWN: return gb_sql_is_end(window, i + 1) && !gb_sql_is_kind(window, i + 1, GB_SQL_TOKEN_COMMA);
	case GB_SQL_SELECT: return gb_sql_is_query(place, window, i + 1);
	case GB_SQL_STATEMENT:
		next = i + 1;
		if (gb_sql_is_word(window, next, GB_SQL_OBJECT) || gb_sql_is_word(window, next, GB_SQL_INSERT))
			next++;
		if (gb_sql_is_word(window, next, GB_SQL_UNKNOWN) && gb_sql_is_word(window, next + 1, GB_SQL_UNKNOWN) &&
		        gb_sql_is_kind(window, next + 2, GB_SQL_TOKEN_STRING))
			next++;
		return is_table(window, next) && !gb_sql_is_kind(window, next, GB_SQL_TOKEN_NUMBER) &&
		       (gb_sql_is_end(window, next + 1) || gb_sql_is_word(window, next + 1, GB_SQL_FROM) ||
		               (gb_sql_is_broken_out(place) && gb_sql_peek(window, next + 1)->length == 2) ||
		               gb_sql_is_kind(window, next + 1, GB_SQL_TOKEN_STRING) ||
		               gb_sql_is_kind(window, next, GB_SQL_TOKEN_VARIABLE));
	default: return false;
	}
}

/* Clauses that go on behind a finished value: ORDER BY 3, LIMIT 1 INTO OUTFILE, PROCEDURE ANALYSE(…). */
const char *gb_sql_judge_clause(const struct gb_sql_place *place, struct gb_sql_window *window, unsigned i)
{
	const struct gb_sql_token *token = gb_sql_peek(window, i);
	struct gb_sql_facts facts = {0};
	unsigned next;

	if (token->kind != GB_SQL_TOKEN_WORD)
		return NULL;
	switch ((int)token->word) {
	case GB_SQL_UNION: return is_union(place, window, i) ? "sql_union_select" : NULL;
	case GB_SQL_ORDER:
	case GB_SQL_GROUP:
		if (!gb_sql_is_word(window, i + 1, GB_SQL_BY))
			return NULL;
		next = gb_sql_read_expression(window, i + 2, &facts);
		if (next == i + 2 || facts.prose != 0)
			return NULL;
		if (gb_sql_is_technical(&facts) ||
		        (gb_sql_is_broken_out(place) &&
		                (facts.numbers != 0 || facts.groups != 0 || gb_sql_is_comment(window, next) ||
		                        gb_sql_is_word(window, next, GB_SQL_HAVING))))
			return "sql_order_by";
		return NULL;
	case GB_SQL_HAVING:
	case GB_SQL_WHERE:
		next = gb_sql_read_condition(window, i + 1, &facts);
		return next != i + 1 && facts.comparisons != 0 && facts.names + facts.prose == 0 &&
		                       gb_sql_is_end(window, next)
		               ? "sql_having"
		               : NULL;
	case GB_SQL_LIMIT:
		if (!gb_sql_is_broken_out(place))
			return NULL;
		next = gb_sql_read_expression(window, i + 1, &facts);
		return next != i + 1 && facts.names + facts.prose == 0 && gb_sql_is_end(window, next) &&
		                       !gb_sql_is_kind(window, next, GB_SQL_TOKEN_END)
		               ? "sql_limit"
		               : NULL;
	case GB_SQL_INTO:
		return gb_sql_is_word(window, i + 1, GB_SQL_OUTFILE) &&
		                       gb_sql_peek(window, i + 2)->kind != GB_SQL_TOKEN_WORD
		               ? "sql_into_file"
		               : NULL;
	case GB_SQL_PROCEDURE:
		return gb_sql_is_word(window, i + 1, GB_SQL_ANALYSE) && gb_sql_is_kind(window, i + 2, GB_SQL_TOKEN_OPEN)
		               ? "sql_procedure_analyse"
		               : NULL;
	case GB_SQL_WAITFOR: return gb_sql_is_statement(place, window, i) ? "sql_time_delay" : NULL;
	case GB_SQL_COLLATE:
		return place->quote != 0 && !place->is_inner &&
		                       (gb_sql_is_comment(window, i + 2) ||
		                               gb_sql_peek(window, i + 1)->kind == GB_SQL_TOKEN_NAME)
		               ? "sql_collate"
		               : NULL;
	case GB_SQL_FROM:
		if (gb_sql_is_word(window, i + 1, GB_SQL_CATALOG)) {
			gb_sql_read_expression(window, i + 1, &facts);
			return facts.catalogs != 0 && !place->is_long ? "sql_catalog" : NULL;
		}
		if (!gb_sql_is_kind(window, i + 1, GB_SQL_TOKEN_OPEN))
			return NULL;
		gb_sql_read_expression(window, i + 1, &facts);
		return facts.subselects != 0 ? "sql_subselect" : NULL;
	default: return NULL;
	}
}
