/* SPDX-License-Identifier: Apache-2.0 */
/* Values: literals, names, calls, parentheses, CASE, with the operators in front of them. */
#include "inspect/detect/sql.h"

#define PREFIXES_MAX 16u
#define STRINGS_MAX  64u

static bool is_name(struct gb_sql_window *window, unsigned i)
{
	const struct gb_sql_token *token = gb_sql_peek(window, i);

	if (token->kind == GB_SQL_TOKEN_NAME)
		return true;
	if (token->kind != GB_SQL_TOKEN_WORD)
		return false;
	switch ((int)token->word) {
	case GB_SQL_UNKNOWN:
	case GB_SQL_NILADIC:
	case GB_SQL_LITERAL:
	case GB_SQL_DANGER:
	case GB_SQL_FUNCTION:
	case GB_SQL_CATALOG:
	case GB_SQL_OBJECT:
	case GB_SQL_PROSE:
	case GB_SQL_IF:
	case GB_SQL_STATEMENT:
	case GB_SQL_DELAY:
	case GB_SQL_INSERT:
	case GB_SQL_VALUES:
	case GB_SQL_EXISTS:
	case GB_SQL_UPDATE:
	case GB_SQL_END: return true;
	default: return false;
	}
}

/* Prefixes that databases give to their own functions, catalogues and packages. */
static bool is_of_server(struct gb_span name)
{
	static const char prefixes[][6] = {"pg_", "xp_", "sp_", "lo_", "dbms_", "utl_", "sys_", "owa_", "ora_", "htp."};

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		struct gb_span prefix = gb_span_cstr(prefixes[i]);

		if (name.n > prefix.n && gb_span_equal_nocase(gb_span_sub(name, 0, prefix.n), prefix))
			return true;
	}
	return false;
}

/* What a name or a call tells; BEHIND is the token behind it. */
static void note_word(struct gb_sql_window *window, unsigned i, struct gb_sql_facts *facts)
{
	const struct gb_sql_token *token = gb_sql_peek(window, i);
	bool is_call = gb_sql_is_kind(window, i + 1, GB_SQL_TOKEN_OPEN);

	if (token->kind == GB_SQL_TOKEN_NAME) {
		facts->names++;
		return;
	}
	switch ((int)token->word) {
	case GB_SQL_LITERAL: facts->literals++; break;
	case GB_SQL_NILADIC:
		facts->niladic++;
		facts->calls += is_call;
		break;
	case GB_SQL_CATALOG:
		/* master, mysql and dual are words as well. */
		if (token->length > 6 || gb_sql_is_kind(window, i + 1, GB_SQL_TOKEN_DOT))
			facts->catalogs++;
		else
			facts->names++;
		break;
	case GB_SQL_PROSE: facts->prose++; break;
	case GB_SQL_DANGER:
		facts->danger += is_call;
		facts->names += !is_call;
		break;
	case GB_SQL_OBJECT:
	case GB_SQL_FUNCTION:
		/* version(), user(), database(): about the server, not about the data. */
		if (is_call && gb_sql_is_kind(window, i + 2, GB_SQL_TOKEN_CLOSE))
			facts->niladic++;
		facts->calls += is_call;
		facts->names += !is_call;
		break;
	case GB_SQL_IF:
	case GB_SQL_EXISTS:
	case GB_SQL_INSERT:
		facts->calls += is_call;
		facts->names += !is_call;
		break;
	default:
		facts->danger += is_call && is_of_server(gb_span_sub(window->text, token->from, token->length));
		facts->other_calls += is_call;
		facts->names += !is_call;
		break;
	}
}

static bool is_literal(struct gb_sql_window *window, unsigned i)
{
	const enum gb_sql_kind kind = gb_sql_peek(window, i)->kind;

	return kind == GB_SQL_TOKEN_NUMBER || kind == GB_SQL_TOKEN_STRING || gb_sql_is_word(window, i, GB_SQL_LITERAL);
}

#define SUBSELECT_MAX 24u /* tokens */

/* `(select` at I is a word of English, `(select tin or mirror)`, as long as mere words follow: a query names a table, or what
 * it computes. */
static bool is_subselect(struct gb_sql_window *window, unsigned i)
{
	if (!gb_sql_is_word(window, i + 1, GB_SQL_SELECT))
		return false;
	for (unsigned j = i + 2; j < i + SUBSELECT_MAX; j++) {
		const struct gb_sql_token *token = gb_sql_peek(window, j);

		switch ((int)token->kind) {
		case GB_SQL_TOKEN_WORD:
			if (token->word == GB_SQL_FROM || token->word == GB_SQL_NILADIC ||
			        token->word == GB_SQL_CATALOG || token->word == GB_SQL_CASE ||
			        token->word == GB_SQL_UNION || token->word == GB_SQL_INTO)
				return true;
			break;
		case GB_SQL_TOKEN_NAME: break;
		case GB_SQL_TOKEN_OTHER:
		case GB_SQL_TOKEN_NOT:
		case GB_SQL_TOKEN_LOGICAL: break;
		case GB_SQL_TOKEN_CLOSE:
		case GB_SQL_TOKEN_END: return false;
		default: return true;
		}
	}
	return true;
}

/* Behind the parenthesis that closes the one at I; what lies within is only counted. */
static unsigned skip_group(struct gb_sql_window *window, unsigned i, struct gb_sql_facts *facts)
{
	unsigned depth = 0;

	facts->groups++;
	for (;; i++) {
		const struct gb_sql_token *token = gb_sql_peek(window, i);

		switch ((int)token->kind) {
		case GB_SQL_TOKEN_OPEN:
			depth++;
			facts->subselects += is_subselect(window, i);
			break;
		case GB_SQL_TOKEN_CLOSE:
			if (--depth == 0)
				return i + 1;
			break;
		case GB_SQL_TOKEN_NUMBER: facts->numbers++; break;
		case GB_SQL_TOKEN_STRING: facts->strings++; break;
		case GB_SQL_TOKEN_VARIABLE: facts->variables++; break;
		case GB_SQL_TOKEN_COMPARISON:
			facts->comparisons++;
			facts->constants += is_literal(window, i - 1) && is_literal(window, i + 1);
			break;
		case GB_SQL_TOKEN_WORD:
			if (token->word == GB_SQL_PREFIX)
				facts->prefixes++;
			else if (token->word == GB_SQL_CASE)
				facts->cases++;
			else if (token->word == GB_SQL_LIKE || token->word == GB_SQL_IN)
				facts->comparisons++;
			else if (token->word == GB_SQL_OR || token->word == GB_SQL_AND)
				facts->joins++;
			else
				note_word(window, i, facts);
			break;
		case GB_SQL_TOKEN_STRING_OPEN: facts->has_open_string = true; break;
		case GB_SQL_TOKEN_COMMENT:
		case GB_SQL_TOKEN_COMMENT_OPEN:
		case GB_SQL_TOKEN_END:
			if (token->kind == GB_SQL_TOKEN_COMMENT && gb_sql_peek(window, i + 1)->kind != GB_SQL_TOKEN_END)
				break;
			facts->is_open = true;
			return i;
		default: break;
		}
	}
}

/* CASE … WHEN … THEN … END. */
static unsigned skip_case(struct gb_sql_window *window, unsigned i, struct gb_sql_facts *facts)
{
	bool has_when = false, has_then = false;

	for (unsigned j = i + 1; gb_sql_peek(window, j)->kind != GB_SQL_TOKEN_END; j++) {
		if (gb_sql_is_word(window, j, GB_SQL_WHEN))
			has_when = true;
		else if (gb_sql_is_word(window, j, GB_SQL_THEN))
			has_then = has_when;
		else if (gb_sql_is_word(window, j, GB_SQL_PROSE) ||
		         (gb_sql_is_word(window, j, GB_SQL_UNKNOWN) &&
		                 (gb_sql_is_word(window, j - 1, GB_SQL_UNKNOWN) ||
		                         gb_sql_is_kind(window, j - 1, GB_SQL_TOKEN_NUMBER))))
			facts->prose++;
		else if (gb_sql_is_word(window, j, GB_SQL_END) && has_then) {
			facts->cases++;
			return j + 1;
		}
	}
	return i;
}

static unsigned read_name(struct gb_sql_window *window, unsigned i, struct gb_sql_facts *facts)
{
	/* n'…', x'…', date'…' */
	if (gb_sql_is_kind(window, i + 1, GB_SQL_TOKEN_STRING) && !gb_sql_peek(window, i + 1)->is_behind_blank) {
		facts->strings++;
		return i + 2;
	}
	if (gb_sql_is_kind(window, i + 1, GB_SQL_TOKEN_STRING_OPEN) && gb_sql_peek(window, i)->length == 1 &&
	        !gb_sql_peek(window, i + 1)->is_behind_blank && i > 0 &&
	        gb_sql_is_kind(window, i - 1, GB_SQL_TOKEN_COMPARISON)) {
		facts->strings++;
		facts->is_open = facts->has_open_string = true;
		return i + 2;
	}
	const struct gb_sql_token *first = gb_sql_peek(window, i);
	const bool is_own = first->word == GB_SQL_UNKNOWN && gb_sql_is_kind(window, i + 1, GB_SQL_TOKEN_DOT) &&
	                    is_of_server(gb_span_sub(window->text, first->from, first->length));

	for (unsigned parts = 0; parts < 4; parts++) {
		note_word(window, i, facts);
		i++;
		if (!gb_sql_is_kind(window, i, GB_SQL_TOKEN_DOT) || gb_sql_peek(window, i)->is_behind_blank)
			break;
		if (!is_name(window, i + 1)) {
			if (gb_sql_is_kind(window, i + 1, GB_SQL_TOKEN_ARITHMETIC))
				return i + 2;
			break;
		}
		i++;
	}
	if (gb_sql_is_kind(window, i, GB_SQL_TOKEN_OPEN)) {
		facts->danger += is_own;
		return skip_group(window, i, facts);
	}
	return i;
}

bool gb_sql_is_brace(struct gb_sql_window *window, unsigned i, unsigned char brace)
{
	const struct gb_sql_token *token = gb_sql_peek(window, i);

	return token->kind == GB_SQL_TOKEN_OTHER && window->text.p[token->from] == brace;
}

/* I is the opening brace; what lies within is only counted, and nesting has an end. */
static unsigned read_braces(struct gb_sql_window *window, unsigned i, struct gb_sql_facts *facts)
{
	const unsigned start = i;
	unsigned depth = 0;

	for (; gb_sql_peek(window, i)->kind != GB_SQL_TOKEN_END; i++) {
		const struct gb_sql_token *token = gb_sql_peek(window, i);

		if (gb_sql_is_brace(window, i, '{')) {
			depth++;
			i++; /* the kind of value */
		} else if (gb_sql_is_brace(window, i, '}') && --depth == 0) {
			facts->literals++;
			facts->groups++;
			return i + 1;
		} else if (token->kind == GB_SQL_TOKEN_WORD && token->word != GB_SQL_UNKNOWN) {
			note_word(window, i, facts);
		} else if (gb_sql_is_kind(window, i, GB_SQL_TOKEN_OPEN)) {
			facts->subselects += is_subselect(window, i);
		}
	}
	facts->values--;
	return start;
}

unsigned gb_sql_read_operand(struct gb_sql_window *window, unsigned i, struct gb_sql_facts *facts)
{
	const unsigned start = i;
	const struct gb_sql_token *token;
	unsigned next;

	for (; i - start < PREFIXES_MAX; i++) {
		token = gb_sql_peek(window, i);
		/* A value has to come: a comment here cuts nothing off. */
		if (token->kind == GB_SQL_TOKEN_COMMENT && !gb_sql_is_kind(window, i + 1, GB_SQL_TOKEN_END))
			continue;
		if (token->kind == GB_SQL_TOKEN_WORD && token->word == GB_SQL_PREFIX)
			facts->prefixes++;
		else if (token->kind != GB_SQL_TOKEN_NOT &&
		         !(token->kind == GB_SQL_TOKEN_WORD && token->word == GB_SQL_NOT) &&
		         !(token->kind == GB_SQL_TOKEN_ARITHMETIC && token->length == 1 &&
		                 (window->text.p[token->from] == '+' || window->text.p[token->from] == '-')))
			break;
	}
	token = gb_sql_peek(window, i);
	facts->values++;
	/* {d '2020-01-01'}, {fn user()}, {x 1}: the braces of ODBC, which MySQL takes too. */
	if (gb_sql_is_brace(window, i, '{') && gb_sql_peek(window, i + 1)->kind == GB_SQL_TOKEN_WORD)
		return read_braces(window, i, facts);
	switch ((int)token->kind) {
	case GB_SQL_TOKEN_NUMBER:
		facts->numbers++;
		if ((window->text.p[token->from + token->length - 1] | 0x20) == 'e' &&
		        gb_sql_is_kind(window, i + 1, GB_SQL_TOKEN_OPEN))
			return skip_group(window, i + 1, facts);
		return i + 1;
	case GB_SQL_TOKEN_STRING:
		facts->strings++;
		for (i++; gb_sql_is_kind(window, i, GB_SQL_TOKEN_STRING) && i - start < STRINGS_MAX; i++)
			facts->strings++;
		return i;
	case GB_SQL_TOKEN_STRING_OPEN:
		facts->strings++;
		facts->is_open = facts->has_open_string = true;
		return i + 1;
	case GB_SQL_TOKEN_VARIABLE:
		facts->variables++;
		if (gb_sql_is_kind(window, i + 1, GB_SQL_TOKEN_ASSIGN)) {
			next = read_name(window, i + 2, facts);
			return next;
		}
		return i + 1;
	case GB_SQL_TOKEN_OPEN: return skip_group(window, i, facts);
	case GB_SQL_TOKEN_COMPARISON: /* a lone ? stands for a value */
		if (window->text.p[token->from] == '?' && token->length == 1)
			return i + 1;
		break;
	case GB_SQL_TOKEN_WORD:
		if (token->word == GB_SQL_CASE) {
			next = skip_case(window, i, facts);
			if (next != i)
				return next;
		}
		break;
	default: break;
	}
	if (is_name(window, i))
		return read_name(window, i, facts);
	facts->values--;
	return start;
}
