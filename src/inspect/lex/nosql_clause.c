/* SPDX-License-Identifier: Apache-2.0 */
/* Whole clauses: calls of the database's shell, conditions of DynamoDB and Lucene, clauses of Cypher. */
#include "inspect/lex/cursor.h"
#include "inspect/lex/nosql.h"

#define CLAUSE_MAX 400u

static bool is_opened(struct gb_cursor *cursor)
{
	gb_cursor_skip_blanks(cursor);
	return gb_cursor_take(cursor, '(');
}

/* this.name ==, this.name.match( */
static bool take_of_document(struct gb_cursor *cursor)
{
	struct gb_span method;

	if (gb_cursor_take_name(cursor, "").n == 0)
		return false;
	if (gb_cursor_take(cursor, '.')) {
		method = gb_cursor_take_name(cursor, "");
		return method.n >= 4 && gb_cursor_take_any(cursor, "( ><=") != 0;
	}
	gb_cursor_skip_blanks(cursor);
	return gb_cursor_take_text(cursor, GB_SPAN("==")) || gb_cursor_take_text(cursor, GB_SPAN("!="));
}

size_t gb_lex_nosql_shell(struct gb_span whole, size_t from, bool is_any)
{
	struct gb_cursor cursor = {.text = gb_span_sub(whole, from, CLAUSE_MAX)};
	struct gb_span name;
	unsigned parts = 0;
	unsigned word;

	if (gb_cursor_take_text(&cursor, GB_SPAN("this.")))
		return take_of_document(&cursor) ? cursor.at : 0;
	if (!gb_cursor_take_text(&cursor, GB_SPAN("db.")))
		return 0;
	name = gb_cursor_take_name(&cursor, "");
	if (gb_span_equal(name, GB_SPAN("getCollection")) && is_opened(&cursor) && gb_cursor_take_string(&cursor) &&
	        gb_cursor_take(&cursor, ')'))
		parts++;
	while (name.n != 0 && gb_cursor_take(&cursor, '.')) {
		name = gb_cursor_take_name(&cursor, "");
		parts++;
	}
	if (name.n == 0 || !is_opened(&cursor))
		return 0;
	word = gb_words_find(&gb_nosql_words, name);
	if (parts == 0)
		return (word & GB_NOSQL_ADMIN) != 0 ? cursor.at : 0;
	return (word & GB_NOSQL_CHANGE) != 0 || (is_any && (word & GB_NOSQL_READ) != 0) ? cursor.at : 0;
}

/* attribute_exists(…), begins_with(…), contains(#a, :b) */
static bool take_of_dynamo(struct gb_cursor *cursor)
{
	struct gb_span name = gb_cursor_take_name(cursor, "");

	if (!is_opened(cursor))
		return false;
	if (gb_span_equal_nocase(gb_span_sub(name, 0, 10), GB_SPAN("attribute_")) ||
	        gb_span_equal_nocase(name, GB_SPAN("begins_with")))
		return true;
	gb_cursor_skip_blanks(cursor);
	if (gb_cursor_take_name(cursor, ".").n != 0 &&
	        (gb_cursor_take(cursor, ',') || gb_cursor_take_text(cursor, GB_SPAN(") >")) ||
	                gb_cursor_take_text(cursor, GB_SPAN(") <")) || gb_cursor_take_text(cursor, GB_SPAN(") ="))))
		gb_cursor_skip_blanks(cursor);
	return (gb_span_equal_nocase(name, GB_SPAN("contains")) || gb_span_equal_nocase(name, GB_SPAN("size"))) &&
	       (gb_cursor_peek(cursor, 0) == '#' || gb_cursor_peek(cursor, 0) == ':');
}

/* field:*, *:*, _exists_:x: whatever there is. */
static bool take_of_lucene(struct gb_cursor *cursor)
{
	if (gb_cursor_take_text(cursor, GB_SPAN("_exists_:")) || gb_cursor_take_text(cursor, GB_SPAN("*:*")))
		return true;
	if (gb_cursor_take_name(cursor, ".").n == 0 || !gb_cursor_take_text(cursor, GB_SPAN(":*")))
		return false;
	return gb_cursor_is_end(cursor) || gb_cursor_take_any(cursor, " )");
}

/* Behind a quote, a value or a condition; in a sentence it is followed by a word. */
size_t gb_lex_nosql_filtering(struct gb_span text)
{
	const size_t at = gb_span_find(text, GB_SPAN("ALLOW FILTERING"), 0);
	struct gb_cursor cursor = {.text = text, .at = at};

	if (at == SIZE_MAX || at == 0 || at > CLAUSE_MAX || (text.p[0] | 0x20) == 's')
		return 0;
	cursor.at += 15;
	gb_cursor_skip_any(&cursor, ";)'\"");
	if (!gb_cursor_is_end(&cursor) && !gb_cursor_take_text(&cursor, GB_SPAN("--")) &&
	        !gb_cursor_take_text(&cursor, GB_SPAN("//")))
		return 0;
	return text.n - at;
}

size_t gb_lex_nosql_expression(struct gb_span whole, size_t from)
{
	struct gb_cursor cursor = {.text = gb_span_sub(whole, from, CLAUSE_MAX)}, behind;

	gb_cursor_skip_any(&cursor, "\"')");
	if (cursor.at == 0 ||
	        (!gb_cursor_take_word(&cursor, GB_SPAN("or")) && !gb_cursor_take_word(&cursor, GB_SPAN("and"))) ||
	        !gb_cursor_skip_blanks(&cursor))
		return 0;
	if (gb_cursor_take_word(&cursor, GB_SPAN("not")))
		gb_cursor_skip_blanks(&cursor);
	gb_cursor_skip_any(&cursor, "(");
	behind = cursor;
	if (take_of_dynamo(&behind))
		return behind.at;
	behind = cursor;
	return take_of_lucene(&behind) ? behind.at : 0;
}

static bool take_words(struct gb_cursor *cursor, struct gb_span first, struct gb_span second)
{
	struct gb_cursor behind = *cursor;

	if (!gb_cursor_take_word(&behind, first) || !gb_cursor_skip_blanks(&behind) ||
	        !gb_cursor_take_word(&behind, second))
		return false;
	*cursor = behind;
	return true;
}

size_t gb_lex_nosql_condition(struct gb_span whole, size_t from)
{
	struct gb_cursor cursor = {.text = gb_span_sub(whole, from, CLAUSE_MAX)};

	gb_cursor_skip_any(&cursor, ")}]");
	if (take_words(&cursor, GB_SPAN("using"), GB_SPAN("ttl")) ||
	        take_words(&cursor, GB_SPAN("using"), GB_SPAN("timestamp")))
		return gb_cursor_skip_blanks(&cursor) && gb_cursor_take_number(&cursor) ? cursor.at : 0;
	if (!gb_cursor_take_word(&cursor, GB_SPAN("or")) && !gb_cursor_take_word(&cursor, GB_SPAN("and")) &&
	        !gb_cursor_take_word(&cursor, GB_SPAN("xor")))
		return 0;
	if (!gb_cursor_skip_blanks(&cursor))
		return 0;
	if (gb_cursor_take_word(&cursor, GB_SPAN("not")))
		gb_cursor_skip_blanks(&cursor);
	if (gb_cursor_take_name(&cursor, "").n == 0 || !gb_cursor_take(&cursor, '.') ||
	        gb_cursor_take_name(&cursor, "").n == 0)
		return 0;
	gb_cursor_skip_blanks(&cursor);
	if (gb_cursor_take_text(&cursor, GB_SPAN("=~")) || take_words(&cursor, GB_SPAN("starts"), GB_SPAN("with")) ||
	        take_words(&cursor, GB_SPAN("ends"), GB_SPAN("with")) ||
	        gb_cursor_take_word(&cursor, GB_SPAN("contains")) ||
	        take_words(&cursor, GB_SPAN("is"), GB_SPAN("not")) ||
	        take_words(&cursor, GB_SPAN("is"), GB_SPAN("null")))
		return cursor.at;
	return 0;
}

/* (n), (n:Label {…}), (:Label) and what may follow of a path. */
static bool take_pattern(struct gb_cursor *cursor)
{
	gb_cursor_skip_blanks(cursor);
	if (!gb_cursor_take(cursor, '('))
		return false;
	gb_cursor_skip_blanks(cursor);
	gb_cursor_take_name(cursor, "");
	gb_cursor_skip_blanks(cursor);
	if (gb_cursor_take(cursor, ')'))
		return true;
	return gb_cursor_take_any(cursor, ":{") != 0;
}

/* Whether a clause that reads or changes what was matched comes within reach. */
static bool has_clause(struct gb_cursor cursor)
{
	while (!gb_cursor_is_end(&cursor)) {
		const struct gb_span name = gb_cursor_take_name(&cursor, "");

		if (name.n == 0)
			cursor.at++;
		else if (gb_span_equal_nocase(name, GB_SPAN("return")) ||
		         gb_span_equal_nocase(name, GB_SPAN("delete")) || gb_span_equal_nocase(name, GB_SPAN("set")) ||
		         gb_span_equal_nocase(name, GB_SPAN("remove")))
			return true;
	}
	return false;
}

size_t gb_lex_nosql_cypher(struct gb_span whole, size_t from)
{
	struct gb_cursor cursor = {.text = gb_span_sub(whole, from, CLAUSE_MAX)};
	struct gb_span name = gb_cursor_take_name(&cursor, "");

	if (gb_span_equal_nocase(name, GB_SPAN("optional")) || gb_span_equal_nocase(name, GB_SPAN("detach"))) {
		gb_cursor_skip_blanks(&cursor);
		name = gb_cursor_take_name(&cursor, "");
		return gb_span_equal_nocase(name, GB_SPAN("delete")) || gb_span_equal_nocase(name, GB_SPAN("match"))
		               ? cursor.at
		               : 0;
	}
	if (gb_span_equal_nocase(name, GB_SPAN("match")) || gb_span_equal_nocase(name, GB_SPAN("merge")))
		return take_pattern(&cursor) && has_clause(cursor) ? cursor.at : 0;
	if (!gb_cursor_skip_blanks(&cursor))
		return 0;
	if (gb_span_equal_nocase(name, GB_SPAN("load")))
		return gb_cursor_take_word(&cursor, GB_SPAN("csv")) ? cursor.at : 0;
	if (!gb_span_equal_nocase(name, GB_SPAN("call")))
		return 0;
	name = gb_cursor_take_name(&cursor, "");
	return gb_cursor_take(&cursor, '.') && (gb_span_equal_nocase(name, GB_SPAN("db")) ||
	                                               gb_span_equal_nocase(name, GB_SPAN("dbms")) ||
	                                               gb_span_equal_nocase(name, GB_SPAN("apoc")))
	               ? cursor.at
	               : 0;
}

static const char *const clauses[] = {"return", "set", "create", "delete", "detach", "match", "with", "unwind",
        "foreach", "union", "call", "merge", "remove", "load", "for", "limit"};

static bool is_clause(struct gb_span name)
{
	for (size_t i = 0; i < sizeof(clauses) / sizeof(clauses[0]); i++)
		if (gb_span_equal_nocase(name, gb_span_cstr(clauses[i])))
			return true;
	return false;
}

size_t gb_lex_nosql_further_clause(struct gb_span whole, size_t from)
{
	struct gb_cursor cursor = {.text = gb_span_sub(whole, from, CLAUSE_MAX)};
	unsigned clause_words = 0, words = 1;
	bool has_sign = false, is_joined;
	struct gb_span name;

	gb_cursor_skip_any(&cursor, ")}]");
	name = gb_cursor_take_name(&cursor, "");
	if (!is_clause(name) && !gb_span_equal_nocase(name, GB_SPAN("or")) &&
	        !gb_span_equal_nocase(name, GB_SPAN("and")) && !gb_span_equal_nocase(name, GB_SPAN("xor")))
		return 0;
	clause_words = is_clause(name);
	is_joined = clause_words == 0;
	while (!gb_cursor_is_end(&cursor)) {
		const unsigned char c = gb_cursor_peek(&cursor, 0);

		if (c == '/' && cursor.text.p[cursor.at - 1] != ':' && gb_cursor_take_text(&cursor, GB_SPAN("//"))) {
			const bool is_end = gb_cursor_is_end(&cursor) || gb_cursor_peek(&cursor, 0) <= ' ';

			/* 'Set me free // with you: words alone. */
			return is_end && clause_words != 0 && (has_sign || clause_words > 1 || is_joined || words == 2)
			               ? cursor.at
			               : 0;
		}
		name = gb_cursor_take_name(&cursor, "");
		words += name.n != 0;
		clause_words += name.n != 0 && is_clause(name);
		if (name.n == 0) {
			has_sign |= c == '=' || c == '(' || c == '.' || c == '*' || c == ':';
			cursor.at++;
		}
	}
	return 0;
}
