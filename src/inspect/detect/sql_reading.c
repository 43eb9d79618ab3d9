/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect/detect/sql.h"

#define ITEMS_MAX 64u

void gb_sql_window_open(struct gb_sql_window *window, struct gb_span text, size_t at)
{
	window->text = gb_span_sub(text, 0, at + GB_SQL_WINDOW_BYTES);
	window->at = at;
	window->count = 0;
}

const struct gb_sql_token *gb_sql_peek(struct gb_sql_window *window, unsigned i)
{
	static const struct gb_sql_token end;

	while (window->count <= i && window->count < GB_SQL_WINDOW_TOKENS) {
		window->tokens[window->count] = gb_lex_sql_next(window->text, &window->at);
		window->count++;
	}
	return i < window->count ? &window->tokens[i] : &end;
}

bool gb_sql_is_word(struct gb_sql_window *window, unsigned i, enum gb_sql_word word)
{
	const struct gb_sql_token *token = gb_sql_peek(window, i);

	return token->kind == GB_SQL_TOKEN_WORD && token->word == word;
}

bool gb_sql_is_kind(struct gb_sql_window *window, unsigned i, enum gb_sql_kind kind)
{
	return gb_sql_peek(window, i)->kind == kind;
}

unsigned gb_sql_read_expression(struct gb_sql_window *window, unsigned i, struct gb_sql_facts *ref_facts)
{
	unsigned next = gb_sql_read_operand(window, i, ref_facts);

	if (next == i)
		return i;
	for (;;) {
		const struct gb_sql_token *token = gb_sql_peek(window, next);
		unsigned behind;

		if ((token->kind == GB_SQL_TOKEN_CAST ||
		            (token->kind == GB_SQL_TOKEN_WORD && token->word == GB_SQL_COLLATE)) &&
		        gb_sql_peek(window, next + 1)->kind == GB_SQL_TOKEN_WORD) {
			/* std::vector is no cast. */
			ref_facts->calls += ref_facts->names == 0;
			next += 2;
			continue;
		}
		if (token->kind != GB_SQL_TOKEN_ARITHMETIC &&
		        !(token->kind == GB_SQL_TOKEN_LOGICAL && window->text.p[token->from] == '|') &&
		        !(token->kind == GB_SQL_TOKEN_WORD && token->word == GB_SQL_ARITHMETIC))
			return next;
		behind = gb_sql_read_operand(window, next + 1, ref_facts);
		if (behind == next + 1)
			return next;
		ref_facts->arithmetic++;
		next = behind;
	}
}

static bool is_to(struct gb_sql_window *window, unsigned i)
{
	const struct gb_sql_token *token = gb_sql_peek(window, i);

	return gb_sql_is_word(window, i, GB_SQL_PROSE) &&
	       gb_span_equal_nocase(gb_span_sub(window->text, token->from, token->length), GB_SPAN("to"));
}

unsigned gb_sql_read_condition(struct gb_sql_window *window, unsigned i, struct gb_sql_facts *ref_facts)
{
	unsigned next = gb_sql_read_expression(window, i, ref_facts), behind;

	if (next == i)
		return i;
	for (;;) {
		const unsigned at = next;

		if (gb_sql_is_word(window, next, GB_SQL_NOT))
			next++;
		if (gb_sql_is_word(window, next, GB_SQL_IS)) {
			next++;
			if (gb_sql_is_word(window, next, GB_SQL_NOT))
				next++;
			behind = gb_sql_read_expression(window, next, ref_facts);
			ref_facts->comparisons += gb_sql_is_word(window, next, GB_SQL_LITERAL) ||
			                          !gb_sql_is_kind(window, next, GB_SQL_TOKEN_WORD);
			return behind;
		}
		if (gb_sql_is_word(window, next, GB_SQL_LIKE)) {
			next++;
			/* SOUNDS LIKE, SIMILAR TO */
			if (gb_sql_is_word(window, next, GB_SQL_LIKE) || is_to(window, next))
				next++;
		} else if (gb_sql_is_word(window, next, GB_SQL_IN)) {
			next++;
			behind = gb_sql_read_expression(window, next, ref_facts);
			if (behind == next)
				return at;
			ref_facts->comparisons++;
			if (gb_sql_is_word(window, behind, GB_SQL_AND)) {
				next = gb_sql_read_expression(window, behind + 1, ref_facts);
				return next == behind + 1 ? behind : next;
			}
			return behind;
		} else if (gb_sql_is_kind(window, next, GB_SQL_TOKEN_COMPARISON)) {
			ref_facts->inequalities += gb_sql_peek(window, next)->length == 1 &&
			                           window->text.p[gb_sql_peek(window, next)->from] != '=';
			next++;
		} else {
			return at;
		}
		behind = gb_sql_read_expression(window, next, ref_facts);
		if (behind == next) {
			/* `or 1=` and nothing more: the application's own text goes on. */
			if (gb_sql_is_kind(window, next, GB_SQL_TOKEN_END) &&
			        window->text.p[gb_sql_peek(window, next - 1)->from] != '?') {
				ref_facts->comparisons++;
				return next;
			}
			return at;
		}
		ref_facts->comparisons++;
		next = behind;
	}
}

static void read_from(struct gb_sql_window *window, unsigned *ref_i, struct gb_sql_facts *facts)
{
	unsigned i = *ref_i + 1, next;
	struct gb_sql_facts table = {0};

	next = gb_sql_read_expression(window, i, &table);
	/* sys.tables; the word alone may be anything. */
	table.catalogs += gb_sql_is_kind(window, i + 1, GB_SQL_TOKEN_DOT) &&
	                  gb_span_equal_nocase(gb_span_sub(window->text, gb_sql_peek(window, i)->from,
	                                               gb_sql_peek(window, i)->length),
	                          GB_SPAN("sys"));
	facts->has_from = next != i && table.prose == 0;
	facts->prose += table.prose;
	facts->catalogs += table.catalogs;
	facts->subselects += table.subselects;
	facts->danger += table.danger;
	facts->is_open |= table.is_open;
	*ref_i = next;
}

unsigned gb_sql_read_select(struct gb_sql_window *window, unsigned i, struct gb_sql_facts *ref_facts)
{
	for (unsigned n = 0; n < 3; n++) {
		if (gb_sql_is_word(window, i, GB_SQL_TOP)) {
			i += gb_sql_peek(window, i + 1)->kind == GB_SQL_TOKEN_NUMBER ? 2 : 1;
			ref_facts->calls++;
		} else if (gb_sql_is_word(window, i, GB_SQL_PREFIX)) {
			i++;
		}
	}
	for (unsigned n = 0; n < ITEMS_MAX; n++) {
		unsigned next;

		if (gb_sql_is_kind(window, i, GB_SQL_TOKEN_ARITHMETIC) &&
		        window->text.p[gb_sql_peek(window, i)->from] == '*') {
			ref_facts->has_star = true;
			next = i + 1;
		} else {
			next = gb_sql_read_condition(window, i, ref_facts);
		}
		if (next == i)
			break;
		ref_facts->plain += next == i + 1 && !gb_sql_is_kind(window, i, GB_SQL_TOKEN_ARITHMETIC) &&
		                    !gb_sql_is_kind(window, i, GB_SQL_TOKEN_WORD) &&
		                    !gb_sql_is_kind(window, i, GB_SQL_TOKEN_NAME);
		ref_facts->items++;
		i = next;
		if (gb_sql_is_word(window, i, GB_SQL_AS))
			i++;
		/* A name of the column's own; never two of them. */
		if (gb_sql_is_word(window, i, GB_SQL_UNKNOWN) || gb_sql_is_kind(window, i, GB_SQL_TOKEN_NAME)) {
			ref_facts->names++;
			i++;
		}
		if (!gb_sql_is_kind(window, i, GB_SQL_TOKEN_COMMA))
			break;
		i++;
	}
	if (gb_sql_is_word(window, i, GB_SQL_FROM))
		read_from(window, &i, ref_facts);
	return i;
}

bool gb_sql_is_end(struct gb_sql_window *window, unsigned i)
{
	const struct gb_sql_token *token = gb_sql_peek(window, i);

	switch ((int)token->kind) {
	case GB_SQL_TOKEN_END:
	case GB_SQL_TOKEN_COMMENT:
	case GB_SQL_TOKEN_COMMENT_OPEN:
	case GB_SQL_TOKEN_SEMICOLON:
	case GB_SQL_TOKEN_CLOSE:
	case GB_SQL_TOKEN_COMMA:
	case GB_SQL_TOKEN_LOGICAL: return true;
	case GB_SQL_TOKEN_STRING_OPEN: return gb_sql_is_kind(window, i + 1, GB_SQL_TOKEN_END) && token->length < 3;
	case GB_SQL_TOKEN_WORD:
		return token->word == GB_SQL_AND || token->word == GB_SQL_OR || token->word == GB_SQL_UNION ||
		       token->word == GB_SQL_GROUP || token->word == GB_SQL_ORDER || token->word == GB_SQL_LIMIT ||
		       token->word == GB_SQL_HAVING || token->word == GB_SQL_WHERE || token->word == GB_SQL_INTO ||
		       token->word == GB_SQL_PROCEDURE || token->word == GB_SQL_SELECT || token->word == GB_SQL_WAITFOR;
	default: return false;
	}
}

bool gb_sql_is_technical(const struct gb_sql_facts *facts)
{
	return facts->calls + facts->danger + facts->variables + facts->subselects + facts->cases + facts->catalogs > 0;
}

bool gb_sql_is_comment(struct gb_sql_window *window, unsigned i)
{
	return gb_sql_is_kind(window, i, GB_SQL_TOKEN_COMMENT) || gb_sql_is_kind(window, i, GB_SQL_TOKEN_COMMENT_OPEN);
}

bool gb_sql_is_broken_out(const struct gb_sql_place *place)
{
	return (place->quote != 0 && !place->is_inner) || place->is_number;
}
