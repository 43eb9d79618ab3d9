/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NoSQL injection: an operator where the application expects a name (in a key of JSON or of a form), an object with
 * operators where it expects a word, or a value that leaves its quotes and goes on as a query or as script.
 */
#include "inspect/bytes.h"
#include "inspect/detect/detect.h"
#include "inspect/detect/nosql.h"
#include "inspect/lex/nosql.h"

/* As many blanks may stand before a value that is parsed as an object: `db.a.find( {`; more are a sentence. */
#define WORDS_MAX 3u
/* This far the code of a function is looked at. */
#define FUNCTION_MAX 400u
/* And so far further conditions are looked for. */
#define EXPRESSION_MAX 256u

static bool convict(struct gb_detect_hit *hit, const char *reason, size_t from, size_t length)
{
	*hit = (struct gb_detect_hit){.reason = reason, .from = from, .length = length};
	return true;
}

static bool is_name_byte(unsigned char c)
{
	return gb_ascii_is_alpha(c) || gb_ascii_is_digit(c) || c == '_' || c == '-' || c == '.' || c == '[' || c == ']';
}

static size_t skip_blanks_back(struct gb_span text, size_t at)
{
	while (at > 0 && (gb_ascii_is_space(text.p[at - 1]) || text.p[at - 1] == 0))
		at--;
	return at;
}

/* `user[$ne]` as the name of a field: nothing but a name in front, from the beginning or a border of a query. */
static bool is_field_operator(struct gb_span text, size_t dollar, size_t length, size_t *ref_name_left)
{
	size_t end = dollar + length, at = dollar - 1;

	if (text.p[dollar - 1] != '[' || end >= text.n || text.p[end] != ']')
		return false;
	while (at > *ref_name_left && is_name_byte(text.p[at - 1]))
		at--;
	*ref_name_left = dollar;
	return at == 0 || text.p[at - 1] == '&' || text.p[at - 1] == '?' || skip_blanks_back(text, at) == 0;
}

/* {"$set": …} as the whole document that a member of the event holds: an update. At depth, and beside a token, analytics
 * and libraries of state have the same names. */
static bool is_update(struct gb_span text, struct gb_span path)
{
	unsigned steps = 0;

	if (!gb_span_equal(text, GB_SPAN("$set")) && !gb_span_equal(text, GB_SPAN("$unset")) &&
	        !gb_span_equal(text, GB_SPAN("$min")) && !gb_span_equal(text, GB_SPAN("$max")))
		return false;
	for (size_t at = 0; at < path.n; at++) {
		if (path.p[at] == '[')
			return false;
		steps += path.p[at] == '.';
	}
	return steps == 0 || (steps == 1 && gb_span_starts(path, GB_SPAN("body.")));
}

/* The word itself, or the last step of a dotted or bracketed one. */
static bool judge_key(struct gb_span text, struct gb_span path, struct gb_detect_hit *hit)
{
	if (is_update(text, path))
		return convict(hit, "nosql_update_key", 0, text.n);
	for (size_t at = gb_bytes_find(text, '$', 0); at != SIZE_MAX; at = gb_bytes_find(text, '$', at + 1)) {
		size_t n = gb_lex_nosql_operator(text, at), end = at + n;
		bool starts = skip_blanks_back(text, at) == 0 || text.p[at - 1] == '.' || text.p[at - 1] == '[';

		if (n != 0 && starts &&
		        (end == text.n || text.p[end] <= ' ' || text.p[end] == ']' || text.p[end] == '.' ||
		                text.p[end] == '['))
			return convict(hit, "nosql_operator_key", at, n);
	}
	return false;
}

/* Whether the text is more than a sentence that only mentions an object: few words before the first sign of structure,
 * and not a word first and several behind the last. */
static bool begins_as_object(struct gb_span text)
{
	size_t first = 0, last = gb_span_find_last_byte(text, '}');
	unsigned blanks = 0, blanks_behind = 0;
	bool is_word_first;

	while (first < text.n && gb_ascii_is_space(text.p[first]))
		first++;
	/* `$ne selects …`: the operator's name as a word of a sentence. */
	if (first < text.n && text.p[first] == '$')
		first++;
	is_word_first = first < text.n && gb_ascii_is_alpha(text.p[first]);
	for (size_t i = last == SIZE_MAX ? text.n : last; is_word_first && i < text.n && blanks_behind <= WORDS_MAX;
	        i++)
		blanks_behind += gb_ascii_is_space(text.p[i]);
	if (blanks_behind > WORDS_MAX)
		return false;
	for (size_t i = first; i < text.n; i++) {
		unsigned char c = text.p[i];

		if (c == '{' || c == '[' || c == '(' || c == '$' || c == '"' || c == '\'' || c == ',' || c == '}')
			return true;
		if (gb_ascii_is_space(c) && !gb_ascii_is_space(text.p[i - 1]) && ++blanks > WORDS_MAX)
			return false;
	}
	return false;
}

/* db.users.find({…}) as people write it into a question; what it does the shell's rules judge. */
static bool is_shell_call(struct gb_span text)
{
	size_t at = gb_bytes_find(text, '(', 0), end = gb_span_find_last_byte(text, ')');

	if (at == SIZE_MAX || end == SIZE_MAX || at == 0 || gb_bytes_find(gb_span_sub(text, 0, at), '.', 0) == SIZE_MAX)
		return false;
	for (size_t i = 0; i < at; i++)
		if (!is_name_byte(text.p[i]))
			return false;
	return gb_span_trim(gb_span_sub(text, end + 1, SIZE_MAX)).n <= 1;
}

/* $where=…, as the first or a further field of a form that was not taken apart: its value is code. */
static bool is_code_field(struct gb_span text, size_t at)
{
	struct gb_span behind = gb_span_sub(text, at + 7, SIZE_MAX);

	return gb_span_starts(gb_span_sub(text, at, 7), GB_SPAN("$where=")) && behind.n > 1 &&
	       (gb_ascii_is_alpha(behind.p[0]) || gb_ascii_is_digit(behind.p[0])) &&
	       (skip_blanks_back(text, at) == 0 || text.p[at - 1] == '&' || text.p[at - 1] == '?');
}

/* $or[0][a]=b: the operator is the field's own name. */
static bool is_operator_field(struct gb_span text, size_t at, size_t length)
{
	const size_t end = at + length;

	return (skip_blanks_back(text, at) == 0 || text.p[at - 1] == '&' || text.p[at - 1] == '?') &&
	       end + 1 < text.n && text.p[end] == '[' && gb_ascii_is_digit(text.p[end + 1]) &&
	       gb_bytes_find(gb_span_sub(text, 0, end + 80), '=', end) != SIZE_MAX;
}

/* Operators whose value is code. */
static bool is_code(struct gb_span text, size_t at)
{
	return gb_span_starts(gb_span_sub(text, at, 6), GB_SPAN("$where")) ||
	       gb_span_starts(gb_span_sub(text, at, 9), GB_SPAN("$function")) ||
	       gb_span_starts(gb_span_sub(text, at, 12), GB_SPAN("$accumulator"));
}

static bool judge_operators(struct gb_span text, struct gb_detect_hit *hit)
{
	const bool is_object = begins_as_object(text), is_shell = is_shell_call(gb_span_trim(text));
	size_t name_left = 0;

	for (size_t at = gb_bytes_find(text, '$', 0); at != SIZE_MAX; at = gb_bytes_find(text, '$', at + 1)) {
		size_t n = gb_lex_nosql_operator(text, at), before = at;

		if (n == 0)
			continue;
		if (is_code_field(text, at) || is_operator_field(text, at, n))
			return convict(hit, "nosql_operator_field", at, n);
		if (at > 0 && is_field_operator(text, at, n, &name_left))
			return convict(hit, "nosql_operator_field", at, n);
		n = gb_lex_nosql_pair(text, at);
		if (n == 0 || !is_object || (is_shell && !is_code(text, at)))
			continue;
		if (before > 0 && (text.p[before - 1] == '"' || text.p[before - 1] == '\''))
			before--;
		before = skip_blanks_back(text, before);
		if (before == 0 || text.p[before - 1] == '{' || text.p[before - 1] == ',' || text.p[before - 1] == '[')
			return convict(hit, "nosql_operator_object", at, n);
	}
	return false;
}

/* `'}) DETACH DELETE n`: behind what closes the value and its pattern, the next clause of Cypher. */
static size_t judge_clause(struct gb_span text, size_t from)
{
	size_t at = from, n;

	while (at < text.n &&
	        (gb_ascii_is_space(text.p[at]) || text.p[at] == ')' || text.p[at] == '}' || text.p[at] == ']'))
		at++;
	/* '}) RETURN n */
	if (at > from + 1 && text.p[from] == '}' && gb_span_equal_nocase(gb_span_sub(text, at, 7), GB_SPAN("return ")))
		return at + 7 - from;
	n = gb_lex_nosql_cypher(text, at);
	return n != 0 ? at + n - from : 0;
}

/* The first quote of each kind is the one that can end the application's own. */
static bool judge_quotes(struct gb_span text, struct gb_detect_hit *hit)
{
	static const unsigned char quotes[] = {'\'', '"'};

	for (size_t i = 0; i < sizeof(quotes); i++) {
		size_t at = gb_bytes_find(text, quotes[i], 0), n;

		if (at == SIZE_MAX)
			continue;
		/* An empty string of the attacker's own in front: `'' && this.a`. */
		if (skip_blanks_back(text, at) == 0 && at + 1 < text.n && text.p[at + 1] == quotes[i])
			at++;
		n = gb_lex_nosql_break_out(text, at + 1, true);
		if (n != 0)
			return convict(hit, "nosql_quote_break_out", at, n + 1);
		n = quotes[i] == '"' ? gb_lex_nosql_document(text, at + 1) : 0;
		if (n != 0)
			return convict(hit, "nosql_member_break_out", at, n + 1);
		n = judge_clause(text, at + 1);
		if (n == 0)
			n = gb_lex_nosql_further_clause(text, at + 1);
		if (n == 0)
			n = gb_lex_nosql_condition(text, at + 1);
		if (n != 0)
			return convict(hit, "nosql_clause", at, n + 1);
	}
	return false;
}

/* `x || y == 2` is script of anybody's; behind a word only a constant or the document itself makes a condition odd. */
static bool is_odd_condition(struct gb_span text, size_t at)
{
	while (at < text.n &&
	        (gb_ascii_is_space(text.p[at]) || text.p[at] == '|' || text.p[at] == '&' || text.p[at] == '('))
		at++;
	return at < text.n && (gb_ascii_is_digit(text.p[at]) || text.p[at] == '\'' || text.p[at] == '"' ||
	                              gb_span_starts(gb_span_sub(text, at, 5), GB_SPAN("this.")));
}

/* Another condition behind a first word: DynamoDB's and Lucene's expressions. */
static bool judge_expression(struct gb_span text, struct gb_detect_hit *hit)
{
	size_t at = 0, n;

	while (at < text.n && gb_ascii_is_space(text.p[at]))
		at++;
	while (at < text.n && at < 128 && !gb_ascii_is_space(text.p[at]) && text.p[at] != '(')
		at++;
	for (unsigned conditions = 0; at < text.n && conditions < 4; conditions++) {
		n = gb_lex_nosql_expression(text, at);
		if (n != 0)
			return convict(hit, "nosql_expression", at, n);
		at = gb_span_find(gb_span_sub(text, 0, EXPRESSION_MAX), GB_SPAN(" OR "), at + 1);
	}
	n = gb_lex_nosql_filtering(text);
	return n != 0 && convict(hit, "nosql_expression", text.n - n, n);
}

/* $$ROOT.x, $$CURRENT: the document itself, where a name was expected. */
static bool is_document_variable(struct gb_span text)
{
	size_t n = 0;

	if (gb_span_starts(text, GB_SPAN("$$ROOT")))
		n = 6;
	else if (gb_span_starts(text, GB_SPAN("$$CURRENT")))
		n = 9;
	return n != 0 && (text.n == n || text.p[n] == '.');
}

/* function() { emit(this.a, 1) }: code that the database is to run over its documents. */
static bool judge_function(struct gb_span text)
{
	if (!gb_span_starts(text, GB_SPAN("function")) || text.n < 12 || (text.p[8] != '(' && text.p[8] != ' '))
		return false;
	text = gb_span_sub(text, 0, FUNCTION_MAX);
	if (gb_bytes_find_text(text, GB_SPAN("emit("), 0) != SIZE_MAX ||
	        gb_bytes_find_text(text, GB_SPAN("sleep("), 0) != SIZE_MAX)
		return true;
	for (size_t at = gb_bytes_find_text(text, GB_SPAN("this."), 0); at != SIZE_MAX;
	        at = gb_bytes_find_text(text, GB_SPAN("this."), at + 5))
		if (gb_lex_nosql_shell(text, at, false) != 0)
			return true;
	return false;
}

/* Where the application put no quotes: a number, a constant or nothing, and then the continuation. */
static bool judge_bare(struct gb_span text, struct gb_detect_hit *hit)
{
	bool is_word = false;
	size_t at = 0, start, n;

	while (at < text.n && (gb_ascii_is_space(text.p[at]) || text.p[at] == 0))
		at++;
	n = gb_lex_nosql_shell(text, at, false);
	if (n != 0)
		return convict(hit, "nosql_shell_call", at, n);
	if (judge_function(gb_span_sub(text, at, SIZE_MAX)))
		return convict(hit, "nosql_function", at, 8);
	start = at;
	for (; at < text.n && at - start < 32 && (gb_ascii_is_digit(text.p[at]) || gb_ascii_is_alpha(text.p[at])); at++)
		is_word = is_word || gb_ascii_is_alpha(text.p[at]);
	n = gb_lex_nosql_break_out(text, at, false);
	if (n != 0 &&
	        (!is_word || gb_bytes_find(gb_span_sub(text, at, n), ';', 0) != SIZE_MAX ||
	                gb_bytes_find(gb_span_sub(text, at, n), '$', 0) != SIZE_MAX || is_odd_condition(text, at)))
		return convict(hit, "nosql_bare_break_out", at, n);
	/* Behind a first statement of any kind. */
	at = gb_bytes_find(text, ';', at);
	while (at != SIZE_MAX && at + 1 < text.n) {
		size_t next = at + 1;

		while (next < text.n && gb_ascii_is_space(text.p[next]))
			next++;
		n = gb_span_starts(gb_span_sub(text, next, 3), GB_SPAN("db.")) ? gb_lex_nosql_shell(text, next, true)
		                                                               : 0;
		if (n != 0)
			return convict(hit, "nosql_shell_call", next, n);
		at = gb_bytes_find(text, ';', at + 1);
	}
	return false;
}

/* Bytes without which nothing below but names of members and searches convicts. */
#define SIGNS                                                                                                          \
	(GB_BYTE_DOLLAR | GB_BYTE_SINGLE | GB_BYTE_DOUBLE | GB_BYTE_BACKTICK | GB_BYTE_PIPE | GB_BYTE_AMPERSAND |      \
	        GB_BYTE_SEMICOLON | GB_BYTE_BRACE | GB_BYTE_PAREN | GB_BYTE_NEWLINE | GB_BYTE_GLOB | GB_BYTE_ANGLE |   \
	        GB_BYTE_EQUAL)

/* What other stores read, blanks in front or not. A resource is asked for by a value. */
static bool judge_stores(const struct gb_detect_input *input, struct gb_detect_hit *hit)
{
	const bool is_key = input->origin == GB_ORIGIN_KEY || input->origin == GB_ORIGIN_OBJECT_KEY;
	const uint32_t mask = input->mask;
	struct gb_span text = input->text;
	size_t lead = 0;

	while (lead < text.n && gb_ascii_is_space(text.p[lead]))
		lead++;
	text = gb_span_sub(text, lead, SIZE_MAX);
	if (!gb_detect_nosql_search(text, mask, hit) && (is_key || !gb_detect_nosql_resource(text, hit)) &&
	        ((mask & SIGNS) == 0 || !gb_detect_nosql_command(text, mask, hit)))
		return false;
	hit->from += lead;
	return true;
}

bool gb_detect_nosql(const struct gb_detect_input *input, struct gb_detect_hit *ret_hit)
{
	const uint32_t mask = input->mask;
	struct gb_span text = input->text;

	if (gb_detect_nosql_member(input, ret_hit) || judge_stores(input, ret_hit))
		return true;
	if ((mask & SIGNS) == 0)
		return false;
	if ((mask & GB_BYTE_DOLLAR) != 0) {
		if (is_document_variable(text))
			return convict(ret_hit, "nosql_variable", 0, text.n);
		if (input->origin == GB_ORIGIN_KEY && judge_key(text, input->path, ret_hit))
			return true;
		if ((mask & (GB_BYTE_COLON | GB_BYTE_BRACKET | GB_BYTE_EQUAL)) != 0 && judge_operators(text, ret_hit))
			return true;
	}
	if ((mask & (GB_BYTE_SINGLE | GB_BYTE_DOUBLE)) != 0 && judge_quotes(text, ret_hit))
		return true;
	if ((mask & (GB_BYTE_BRACKET | GB_BYTE_DOT)) != 0 && gb_detect_nosql_script(text, input->path, ret_hit))
		return true;
	return judge_bare(text, ret_hit) || judge_expression(text, ret_hit);
}
