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
		       gb_sql_peek(window, i)->kind != GB_SQL_TOKEN_STRING_OPEN &&
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

static bool is_catalog(struct gb_sql_window *window, unsigned i)
{
	return gb_sql_is_word(window, i, GB_SQL_CATALOG);
}

static bool is_union(const struct gb_sql_place *place, struct gb_sql_window *window, unsigned i)
{
	const unsigned start = i;
	const bool is_commented = gb_sql_is_kind(window, i + 1, GB_SQL_TOKEN_COMMENT);

	while (gb_sql_is_kind(window, i + 1, GB_SQL_TOKEN_COMMENT))
		i++;
	if (gb_sql_is_word(window, i + 1, GB_SQL_PREFIX) || gb_sql_is_word(window, i + 1, GB_SQL_TOP))
		i++;
	i = skip_open(window, i + 1);
	if (gb_sql_is_word(window, i, GB_SQL_VALUES))
		return gb_sql_is_kind(window,
		        skip_open(window, i + 1 + gb_sql_is_word(window, i + 1, GB_SQL_PREFIX)) - 1, GB_SQL_TOKEN_OPEN);
	if (gb_sql_is_word(window, i, GB_SQL_OBJECT))
		return gb_sql_is_table(window, i + 1) && (gb_sql_is_broken_out(place) || is_catalog(window, i + 1)) &&
		       !gb_sql_is_word(window, i + 2, GB_SQL_UNKNOWN);
	if (!gb_sql_is_word(window, i, GB_SQL_SELECT))
		return gb_sql_is_broken_out(place) && i > start + 1 && gb_sql_peek(window, i)->kind == GB_SQL_TOKEN_END;
	/* union/ * * /select: nobody writes prose so. */
	if (gb_sql_peek(window, i)->is_behind_comment || is_commented)
		return true;
	return gb_sql_is_query(place, window, i + 1);
}

/* JOIN users ON 1=1: with a condition that is always true, or the rest cut off. */
static bool is_join(const struct gb_sql_place *place, struct gb_sql_window *window, unsigned i)
{
	struct gb_sql_facts facts = {0};

	if (!gb_sql_is_table(window, i + 1))
		return false;
	i += 2;
	while (gb_sql_is_kind(window, i, GB_SQL_TOKEN_DOT) && gb_sql_is_table(window, i + 1))
		i += 2;
	i += gb_sql_is_word(window, i, GB_SQL_AS);
	i += gb_sql_is_word(window, i, GB_SQL_UNKNOWN);
	if (gb_sql_is_comment(window, i))
		return gb_sql_is_broken_out(place);
	if (!gb_sql_is_word(window, i, GB_SQL_ON))
		return false;
	gb_sql_read_condition(window, i + 1, &facts);
	return facts.comparisons != 0 && facts.names + facts.prose + facts.variables == 0;
}

static bool is_spelled(struct gb_sql_window *window, unsigned i, struct gb_span word)
{
	const struct gb_sql_token *token = gb_sql_peek(window, i);

	return token->kind == GB_SQL_TOKEN_WORD &&
	       gb_span_equal_nocase(gb_span_sub(window->text, token->from, token->length), word);
}

/* IN BOOLEAN MODE), IN NATURAL LANGUAGE MODE), WITH QUERY EXPANSION): what ends MySQL's AGAINST('…' …). */
bool gb_sql_is_search_mode(struct gb_sql_window *window, unsigned i)
{
	if (is_spelled(window, i, GB_SPAN("with")))
		return is_spelled(window, i + 1, GB_SPAN("query")) && is_spelled(window, i + 2, GB_SPAN("expansion")) &&
		       gb_sql_is_kind(window, i + 3, GB_SQL_TOKEN_CLOSE);
	if (!gb_sql_is_word(window, i, GB_SQL_IN))
		return false;
	i += 2 + is_spelled(window, i + 2, GB_SPAN("language"));
	return is_spelled(window, i, GB_SPAN("mode")) && gb_sql_is_kind(window, i + 1, GB_SQL_TOKEN_CLOSE);
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
		/* HAVING COUNT(*) > 5 is anybody's. */
		return next != i + 1 && facts.comparisons != 0 && facts.names + facts.prose == 0 &&
		                       (facts.calls == 0 || gb_sql_is_broken_out(place) || place->is_start) &&
		                       gb_sql_is_end(window, next)
		               ? "sql_having"
		               : NULL;
	case GB_SQL_LIMIT:
		if (!gb_sql_is_broken_out(place))
			return NULL;
		next = gb_sql_read_expression(window, i + 1, &facts);
		if (next != i + 1 && facts.names + facts.prose == 0 && gb_sql_is_word(window, next, GB_SQL_LIMIT))
			next = gb_sql_read_expression(window, next + 1, &facts);
		return next != i + 1 && facts.names + facts.prose == 0 && gb_sql_is_end(window, next) &&
		                       !gb_sql_is_kind(window, next, GB_SQL_TOKEN_END)
		               ? "sql_limit"
		               : NULL;
	case GB_SQL_ON:
		return (gb_sql_is_broken_out(place) || place->quote != 0) &&
		                       gb_sql_is_word(window, i + 1, GB_SQL_UPSERT) &&
		                       (gb_sql_peek(window, i + 2)->kind == GB_SQL_TOKEN_WORD ||
		                               (gb_sql_is_broken_out(place) && gb_sql_is_end(window, i + 2)))
		               ? "sql_values"
		               : NULL;
	case GB_SQL_OUTER:
		return gb_sql_is_word(window, i + 1, GB_SQL_JOIN) && is_join(place, window, i + 1) ? "sql_join" : NULL;
	case GB_SQL_JOIN: return is_join(place, window, i) ? "sql_join" : NULL;
	case GB_SQL_INTO:
		if (gb_sql_is_broken_out(place) && gb_sql_is_kind(window, i + 1, GB_SQL_TOKEN_VARIABLE))
			return "sql_into_variable";
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
