/* SPDX-License-Identifier: Apache-2.0 */
/* Statements: what no sentence begins with, behind a semicolon, a break-out or at the text's beginning. */
#include "inspect/detect/sql.h"

#define STATEMENT_TOKENS_MAX 40u

bool gb_sql_is_table(struct gb_sql_window *window, unsigned i)
{
	const struct gb_sql_token *token = gb_sql_peek(window, i);

	return token->kind == GB_SQL_TOKEN_NAME || token->kind == GB_SQL_TOKEN_VARIABLE ||
	       (token->kind == GB_SQL_TOKEN_WORD && (token->word == GB_SQL_UNKNOWN || token->word == GB_SQL_CATALOG ||
	                                                    token->word == GB_SQL_FUNCTION ||
	                                                    token->word == GB_SQL_OBJECT || token->word == GB_SQL_IF));
}

/* The same, or behind a break-out a name between double quotes, which some databases take for one. */
static bool is_written_table(const struct gb_sql_place *place, struct gb_sql_window *window, unsigned i)
{
	const struct gb_sql_token *token = gb_sql_peek(window, i);

	return gb_sql_is_table(window, i) || (token->kind == GB_SQL_TOKEN_STRING && gb_sql_is_broken_out(place) &&
	                                             window->text.p[token->from] == '"');
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

/* TO, WITH, OF: of SQL as well. */
static bool is_preposition(struct gb_sql_window *window, const struct gb_sql_token *token)
{
	struct gb_span word = gb_span_sub(window->text, token->from, token->length);

	return gb_span_equal_nocase(word, GB_SPAN("to")) || gb_span_equal_nocase(word, GB_SPAN("with")) ||
	       gb_span_equal_nocase(word, GB_SPAN("of"));
}

/* Whether what stands behind the verb of a statement, from token I on, is more than a sentence's words, up to the statement's
 * end. Only for places that something broke out to. */
static bool is_continued(const struct gb_sql_place *place, struct gb_sql_window *window, unsigned i)
{
	const unsigned first = i;
	unsigned words = 0, signs = 0;

	if (place->is_long || i < 2 || !gb_sql_is_kind(window, i - 2, GB_SQL_TOKEN_SEMICOLON))
		return false;

	for (; i - first < STATEMENT_TOKENS_MAX; i++) {
		const struct gb_sql_token *token = gb_sql_peek(window, i);

		if (token->kind == GB_SQL_TOKEN_END || token->kind == GB_SQL_TOKEN_SEMICOLON ||
		        gb_sql_is_comment(window, i))
			break;
		if (token->kind != GB_SQL_TOKEN_WORD)
			signs += token->kind != GB_SQL_TOKEN_OTHER && token->kind != GB_SQL_TOKEN_DOT;
		else if (token->word == GB_SQL_UNKNOWN)
			words++;
		else if (token->word == GB_SQL_PROSE && !is_preposition(window, token))
			return false;
		else
			signs += token->word != GB_SQL_PROSE && token->word != GB_SQL_AND && token->word != GB_SQL_OR;
	}
	if ((gb_sql_is_comment(window, i) || gb_sql_is_comment(window, i + 1)) && words <= 6)
		return true;
	if (signs != 0)
		return words <= 4 + 2 * signs;
	return i > first && words <= 2 && place->quote != 0;
}

/* `; use lid`, `; update profile`: a verb of English too and one word, which end the text, behind more than a value. */
static bool is_told(const struct gb_sql_place *place, struct gb_sql_window *window, unsigned i)
{
	return place->quote == 0 && !place->is_number && !place->is_start &&
	       gb_sql_is_word(window, i + 1, GB_SQL_UNKNOWN) &&
	       (gb_sql_is_kind(window, i + 2, GB_SQL_TOKEN_END) ||
	               gb_sql_is_kind(window, i + 2, GB_SQL_TOKEN_SEMICOLON));
}

bool gb_sql_is_label(const struct gb_sql_place *place, struct gb_sql_window *window, unsigned i)
{
	const struct gb_sql_token *token = gb_sql_peek(window, i);
	const size_t end = token->from + token->length;

	if (token->kind != GB_SQL_TOKEN_WORD || place->quote != 0)
		return false;
	return (token->from > 0 && window->text.p[token->from - 1] == '#') ||
	       (end < window->text.n && window->text.p[end] == ':');
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
	if (token->kind != GB_SQL_TOKEN_WORD || gb_sql_is_label(place, window, i))
		return false;
	switch ((int)token->word) {
	case GB_SQL_DROP:
		if (gb_sql_is_broken_out(place) && is_continued(place, window, i + 1))
			return true;
		next = gb_sql_is_word(window, i + 1, GB_SQL_UNKNOWN) ? i + 2 : i + 1;
		if (gb_sql_is_word(window, i + 1, GB_SQL_OR))
			next = i + 3;
		return (gb_sql_is_word(window, next, GB_SQL_OBJECT) || gb_sql_is_word(window, next, GB_SQL_FUNCTION) ||
		               gb_sql_is_word(window, next, GB_SQL_PROCEDURE)) &&
		       (gb_sql_is_table(window, next + 1) || gb_sql_is_end(window, next + 1));
	case GB_SQL_INSERT:
		next = i + 1 + gb_sql_is_word(window, i + 1, GB_SQL_INTO);
		return next > i + 1 && is_written_table(place, window, next) &&
		       (gb_sql_read_expression(window, next, &facts),
		               facts.calls + facts.groups > 0 || gb_sql_is_word(window, next + 1, GB_SQL_VALUES) ||
		                       gb_sql_is_word(window, next + 1, GB_SQL_SELECT));
	case GB_SQL_UPDATE:
		next = gb_sql_read_expression(window, i + 1, &facts);
		return next != i + 1 && facts.prose == 0 && !is_told(place, window, i) &&
		       (gb_sql_is_word(window, next, GB_SQL_SET) ||
		               (next == i + 2 && gb_sql_is_kind(window, next, GB_SQL_TOKEN_END)));
	case GB_SQL_DELETE:
		next = i + 1 + (gb_sql_is_word(window, i + 1, GB_SQL_UNKNOWN) ? 1u : 0u);
		if (!gb_sql_is_word(window, next, GB_SQL_FROM) || !is_written_table(place, window, next + 1))
			return false;
		next = gb_sql_read_expression(window, next + 1, &facts);
		/* `; delete from calendar` ends a sentence as well. */
		return gb_sql_is_end(window, next) &&
		       (gb_sql_is_broken_out(place) || !gb_sql_is_kind(window, next, GB_SQL_TOKEN_END));
	case GB_SQL_EXECUTE: return is_procedure_name(window, i + 1);
	case GB_SQL_DECLARE: return gb_sql_is_kind(window, i + 1, GB_SQL_TOKEN_VARIABLE);
	case GB_SQL_BEGIN:
		return gb_sql_is_word(window, i + 1, GB_SQL_DECLARE) || gb_sql_is_word(window, i + 1, GB_SQL_DANGER);
	case GB_SQL_SET:
		return gb_sql_is_kind(window, i + 1, GB_SQL_TOKEN_VARIABLE) ||
		       (gb_sql_is_broken_out(place) && is_continued(place, window, i + 1));
	case GB_SQL_WAITFOR:
		return gb_sql_is_word(window, i + 1, GB_SQL_DELAY) &&
		       (gb_sql_peek(window, i + 2)->kind <= GB_SQL_TOKEN_NUMBER);
	case GB_SQL_SHUTDOWN:
		if (gb_sql_is_broken_out(place) && is_continued(place, window, i + 1))
			return true;
		return gb_sql_is_end(window, i + 1) && !gb_sql_is_kind(window, i + 1, GB_SQL_TOKEN_COMMA);
	case GB_SQL_SELECT: return gb_sql_is_query(place, window, i + 1);
	case GB_SQL_OBJECT: /* TABLE users, which MySQL takes for a query */
	case GB_SQL_VALUES:
	case GB_SQL_FROM: return false;
	case GB_SQL_STATEMENT:
		/* `; do date;`: a loop of a shell's. DO of SQL's is given a call or code. */
		if (token->length == 2 && !gb_sql_is_kind(window, i + 1, GB_SQL_TOKEN_STRING) &&
		        !gb_sql_is_kind(window, i + 2, GB_SQL_TOKEN_OPEN))
			return false;
		if (is_told(place, window, i))
			return false;
		if (gb_sql_is_broken_out(place) && is_continued(place, window, i + 1))
			return true;
		next = i + 1;
		if (gb_sql_is_word(window, next, GB_SQL_OBJECT) || gb_sql_is_word(window, next, GB_SQL_INSERT))
			next++;
		if (gb_sql_is_word(window, next, GB_SQL_UNKNOWN) && gb_sql_is_word(window, next + 1, GB_SQL_UNKNOWN) &&
		        gb_sql_is_kind(window, next + 2, GB_SQL_TOKEN_STRING))
			next++;
		return gb_sql_is_table(window, next) && !gb_sql_is_kind(window, next, GB_SQL_TOKEN_NUMBER) &&
		       (gb_sql_is_end(window, next + 1) || gb_sql_is_word(window, next + 1, GB_SQL_FROM) ||
		               (gb_sql_is_broken_out(place) && gb_sql_peek(window, next + 1)->length == 2) ||
		               gb_sql_is_kind(window, next + 1, GB_SQL_TOKEN_STRING) ||
		               gb_sql_is_kind(window, next, GB_SQL_TOKEN_VARIABLE));
	default: return false;
	}
}

/* WHERE 1=1: a condition without a column. */
static bool has_constant_where(struct gb_sql_window *window)
{
	for (unsigned i = 1; i < STATEMENT_TOKENS_MAX; i++) {
		struct gb_sql_facts facts = {0};

		if (!gb_sql_is_word(window, i, GB_SQL_WHERE))
			continue;
		gb_sql_read_condition(window, i + 1, &facts);
		return facts.comparisons != 0 && facts.names + facts.calls + facts.variables == 0 && facts.values > 1;
	}
	return false;
}

/* Up to the statement's end, whether one of its tokens is the word or the kind. */
static bool has_token(struct gb_sql_window *window, unsigned i, enum gb_sql_kind kind, enum gb_sql_word word)
{
	for (unsigned n = 0; n < STATEMENT_TOKENS_MAX; n++, i++) {
		const struct gb_sql_token *token = gb_sql_peek(window, i);

		if (token->kind == GB_SQL_TOKEN_END || token->kind == GB_SQL_TOKEN_SEMICOLON)
			return false;
		if (token->kind == kind && token->word == word)
			return true;
	}
	return false;
}

/* Every word up to the end is one that no sentence is made of; *ret_is_cut tells whether a comment ends it. */
static bool is_pure(struct gb_sql_window *window, unsigned i, bool *ret_is_cut)
{
	unsigned n = 0;

	*ret_is_cut = false;
	for (; n < STATEMENT_TOKENS_MAX; n++, i++) {
		const struct gb_sql_token *token = gb_sql_peek(window, i);

		if (token->kind == GB_SQL_TOKEN_END)
			return true;
		if (gb_sql_is_comment(window, i)) {
			*ret_is_cut =
			        gb_sql_peek(window, i)->length <= 3 && gb_sql_is_kind(window, i + 1, GB_SQL_TOKEN_END);
			return true;
		}
		if (token->kind == GB_SQL_TOKEN_WORD && token->word == GB_SQL_PROSE && !is_preposition(window, token))
			return false;
	}
	return true;
}

bool gb_sql_is_clause_cut(struct gb_sql_window *window, unsigned i)
{
	const struct gb_sql_token *first = gb_sql_peek(window, i);
	bool is_cut, has_clause = false;

	if (first->kind != GB_SQL_TOKEN_WORD || !is_pure(window, i, &is_cut) || !is_cut)
		return false;
	for (; !gb_sql_is_comment(window, i); i++) {
		const struct gb_sql_token *token = gb_sql_peek(window, i);

		if (token->kind == GB_SQL_TOKEN_OTHER || token->kind == GB_SQL_TOKEN_DOT)
			return false;
		has_clause |= token->kind == GB_SQL_TOKEN_WORD && token->word != GB_SQL_UNKNOWN &&
		              token->word != GB_SQL_PROSE;
		has_clause |= token->kind == GB_SQL_TOKEN_OPEN || token->kind == GB_SQL_TOKEN_ARITHMETIC;
	}
	return has_clause;
}

/* GRANT ALL ON x TO y, GRANT dba TO y: a privilege first, and to whom. */
static bool is_privilege(struct gb_sql_window *window, unsigned i)
{
	const struct gb_sql_token *token = gb_sql_peek(window, i);

	switch ((int)token->word) {
	/* A migration grants single privileges to an account it spells out: 'app'@'localhost'. */
	case GB_SQL_SELECT:
	case GB_SQL_INSERT:
	case GB_SQL_UPDATE:
	case GB_SQL_DELETE:
		if (has_token(window, i, GB_SQL_TOKEN_STRING, GB_SQL_UNKNOWN))
			return false;
		/* fallthrough */
	case GB_SQL_PREFIX: /* ALL */
	case GB_SQL_EXECUTE:
	case GB_SQL_DROP: return token->kind == GB_SQL_TOKEN_WORD && has_token(window, i, GB_SQL_TOKEN_WORD, GB_SQL_ON);
	case GB_SQL_ROLE: return token->kind == GB_SQL_TOKEN_WORD;
	default: return false;
	}
}

const char *gb_sql_judge_bare(const struct gb_sql_place *place, struct gb_sql_window *window)
{
	const struct gb_sql_token *first = gb_sql_peek(window, 0);
	struct gb_span verb = gb_span_sub(window->text, first->from, first->length);
	bool is_cut;

	if (first->kind != GB_SQL_TOKEN_WORD || !is_pure(window, 1, &is_cut))
		return NULL;
	if (first->word == GB_SQL_STATEMENT) {
		const bool has_file = has_token(window, 1, GB_SQL_TOKEN_STRING, GB_SQL_UNKNOWN);
		const unsigned next = 1 + gb_sql_is_word(window, 1, GB_SQL_OBJECT);

		if (gb_span_equal_nocase(verb, GB_SPAN("grant")) || gb_span_equal_nocase(verb, GB_SPAN("revoke")))
			return is_privilege(window, 1) ? "sql_statement" : NULL;
		/* ATTACH 'x' AS y, BACKUP DATABASE x TO DISK='y', COPY x TO 'y', LOAD DATA INFILE 'x' */
		if (gb_sql_is_kind(window, next, GB_SQL_TOKEN_STRING) && gb_sql_is_word(window, next + 1, GB_SQL_AS))
			return "sql_statement";
		if (has_file && has_token(window, 1, GB_SQL_TOKEN_WORD, GB_SQL_OUTFILE))
			return "sql_statement";
		if (has_file && gb_span_equal_nocase(verb, GB_SPAN("copy")) &&
		        (gb_sql_is_table(window, 1) || gb_sql_is_kind(window, 1, GB_SQL_TOKEN_OPEN)) &&
		        gb_sql_is_end(window, 5))
			return "sql_statement";
	}
	switch ((int)first->word) {
	case GB_SQL_UPDATE:
	case GB_SQL_DELETE:
		if (has_constant_where(window))
			return "sql_statement";
		return is_cut && gb_sql_is_statement(place, window, 0) ? "sql_statement" : NULL;
	case GB_SQL_STATEMENT:
	case GB_SQL_DROP:
	case GB_SQL_INSERT: return is_cut && gb_sql_is_statement(place, window, 0) ? "sql_statement" : NULL;
	default: return NULL;
	}
}
