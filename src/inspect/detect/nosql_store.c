/* SPDX-License-Identifier: Apache-2.0 */
/* Elasticsearch, Solr, DynamoDB, CouchDB, Redis, Memcached, Neo4j, graphs in Gremlin: each by what only it reads. */
#include "inspect/bytes.h"
#include "inspect/detect/nosql.h"
#include "inspect/lex/nosql.h"

#include <string.h>

#define COMMAND_LOOK 128u /* bytes of a line that tell a command */
#define WORDS_MAX    6u   /* of a sentence in front of a call */

static bool convict(struct gb_detect_hit *hit, const char *reason, size_t from, size_t length)
{
	*hit = (struct gb_detect_hit){.reason = reason, .from = from, .length = length};
	return true;
}

static bool is_one_of(struct gb_span name, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (gb_span_equal(name, gb_span_cstr(names[i])))
			return true;
	return false;
}

#define IS_ONE_OF(name, names) is_one_of(name, names, sizeof(names) / sizeof((names)[0]))

/* Members whose value is code, or a condition: nobody but the application itself should say them. */
static bool is_query_member(struct gb_span key)
{
	switch (key.n) {
	case 9: return memcmp(key.p, "match_all", 9) == 0;
	case 12: return memcmp(key.p, "script_score", 12) == 0;
	case 13: return memcmp(key.p, "script_fields", 13) == 0;
	case 15: return memcmp(key.p, "scripted_metric", 15) == 0;
	case 16: return memcmp(key.p, "runtime_mappings", 16) == 0;
	case 18: return memcmp(key.p, "AttributeValueList", 18) == 0;
	default: return false;
	}
}

static bool is_comparison_path(struct gb_span path)
{
	return path.n >= 18 && memcmp(path.p + path.n - 18, "ComparisonOperator", 18) == 0;
}

bool gb_detect_nosql_is_member(struct gb_span text, struct gb_span path, bool is_key)
{
	return is_key ? is_query_member(text) : is_comparison_path(path);
}

bool gb_detect_nosql_member(const struct gb_detect_input *input, struct gb_detect_hit *hit)
{
	static const char *const comparisons[] = {"EQ", "NE", "LE", "LT", "GE", "GT", "IN", "BETWEEN", "NULL",
	        "NOT_NULL", "CONTAINS", "NOT_CONTAINS", "BEGINS_WITH"};
	static const struct gb_span patterns[] = {{(const unsigned char *)"query.wildcard.", 15},
	        {(const unsigned char *)"query.regexp.", 13}, {(const unsigned char *)"query.prefix.", 13}};
	const struct gb_span text = input->text;

	if (input->origin == GB_ORIGIN_KEY)
		return is_query_member(text) && convict(hit, "nosql_query_member", 0, text.n);
	if (is_comparison_path(input->path))
		return IS_ONE_OF(text, comparisons) && convict(hit, "nosql_query_member", 0, text.n);
	if (gb_span_equal(text, GB_SPAN("_admin")) && gb_bytes_find_text(input->path, GB_SPAN("roles["), 0) != SIZE_MAX)
		return convict(hit, "nosql_query_member", 0, text.n);
	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++)
		if ((input->mask & GB_BYTE_GLOB) != 0 && gb_span_starts(input->path, patterns[i]))
			return convict(hit, "nosql_query_member", 0, text.n);
	return false;
}

bool gb_detect_nosql_script(struct gb_span text, struct gb_span path, struct gb_detect_hit *hit)
{
	size_t at;

	if (gb_bytes_find_text(path, GB_SPAN("script"), 0) == SIZE_MAX)
		return false;
	at = gb_bytes_find_text(text, GB_SPAN("ctx._source"), 0);
	if (at != SIZE_MAX)
		return convict(hit, "nosql_script", at, 11);
	at = gb_bytes_find_text(text, GB_SPAN("params._source"), 0);
	if (at != SIZE_MAX)
		return convict(hit, "nosql_script", at, 14);
	at = gb_bytes_find_text(text, GB_SPAN("doc["), 0);
	return at != SIZE_MAX && gb_bytes_find_text(text, GB_SPAN("].value"), at) != SIZE_MAX &&
	       convict(hit, "nosql_script", at, 4);
}

bool gb_detect_nosql_search(struct gb_span text, uint32_t mask, struct gb_detect_hit *hit)
{
	size_t n;

	if ((mask & (GB_BYTE_COLON | GB_BYTE_BRACE)) == 0 ||
	        (mask & (GB_BYTE_SPACE | GB_BYTE_GLOB | GB_BYTE_BRACE | GB_BYTE_PIPE)) == 0)
		return false;
	n = gb_lex_nosql_search_all(text);
	if (n == 0 && (mask & GB_BYTE_SPACE) != 0)
		n = gb_lex_nosql_search(text);
	if (n != 0)
		return convict(hit, "nosql_search", 0, n);
	/* {!join from=a}: at the beginning of the value, or of what a search embeds. */
	for (size_t at = gb_bytes_find_text(text, GB_SPAN("{!"), 0); at != SIZE_MAX;
	        at = gb_bytes_find_text(text, GB_SPAN("{!"), at + 2)) {
		n = at == 0 || text.p[at - 1] == '"' || text.p[at - 1] == ' ' ? gb_lex_nosql_local_parameters(text, at)
		                                                              : 0;
		if (n != 0)
			return convict(hit, "nosql_search", at, n);
	}
	return false;
}

/* The segment at AT of a path is something that CouchDB or Elasticsearch keeps for those who manage it. */
static bool is_resource(struct gb_span text, size_t at, size_t *ret_n)
{
	static const char *const whole[] = {"_all_docs", "_all_dbs", "_temp_view", "_msearch", "_dbs_info", "_node"};
	static const char *const outer[] = {"_config", "_cat", "_cluster", "_nodes", "_snapshot"};
	size_t end = at;
	unsigned char next;

	while (end < text.n && (gb_ascii_is_alpha(text.p[end]) || text.p[end] == '_'))
		end++;
	next = end < text.n ? text.p[end] : 0;
	*ret_n = end - at;
	if (next != 0 && next != '/' && next != '?')
		return false;
	if (IS_ONE_OF(gb_span_sub(text, at, end - at), whole))
		return true;
	return next == '/' && end + 1 < text.n && gb_ascii_is_alpha(text.p[end + 1]) &&
	       IS_ONE_OF(gb_span_sub(text, at, end - at), outer);
}

/* A line that Redis would take, in the capitals that manuals write it with, and nobody a sentence. */
static bool judge_whole_command(struct gb_span text, struct gb_detect_hit *hit)
{
	static const struct gb_span commands[] = {{(const unsigned char *)"CONFIG SET ", 11},
	        {(const unsigned char *)"SLAVEOF ", 8}, {(const unsigned char *)"REPLICAOF ", 10},
	        {(const unsigned char *)"MODULE LOAD ", 12}};

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (gb_span_starts(text, commands[i]) && text.n > commands[i].n && text.p[commands[i].n] != ' ' &&
		        text.n < COMMAND_LOOK)
			return convict(hit, "nosql_command_smuggled", 0, commands[i].n);
	return false;
}

bool gb_detect_nosql_resource(struct gb_span text, struct gb_detect_hit *hit)
{
	size_t n;

	if (text.n > COMMAND_LOOK)
		return false;
	if (judge_whole_command(text, hit))
		return true;
	for (size_t at = gb_bytes_find(text, '_', 0); at != SIZE_MAX; at = gb_bytes_find(text, '_', at + 1)) {
		if (at != 0 && text.p[at - 1] != '/')
			continue;
		if (is_resource(text, at, &n))
			return convict(hit, "nosql_resource", at, n);
		if (gb_span_starts(gb_span_sub(text, at, 8), GB_SPAN("_design/")) &&
		        gb_bytes_find_text(text, GB_SPAN("/_"), at + 8) != SIZE_MAX)
			return convict(hit, "nosql_resource", at, 8);
		if (gb_span_starts(gb_span_sub(text, at, 24), GB_SPAN("_users/org.couchdb.user:")))
			return convict(hit, "nosql_resource", at, 24);
	}
	return false;
}

/* `set k 0 60 5`, `delete k`, `flush_all`: a line that Memcached takes for a command. */
static bool is_cache_line(struct gb_span line)
{
	static const char *const stores[] = {"set", "add", "replace", "append", "prepend", "cas"};
	static const char *const others[] = {"delete", "incr", "decr", "gets", "touch"};
	size_t word = gb_bytes_find(line, ' ', 0), at;
	unsigned numbers = 0;

	if (gb_span_equal(line, GB_SPAN("flush_all")) || gb_span_equal(line, GB_SPAN("stats")))
		return true;
	if (word == SIZE_MAX)
		return false;
	at = gb_bytes_find(line, ' ', word + 1);
	if (IS_ONE_OF(gb_span_sub(line, 0, word), others))
		return at == SIZE_MAX && word + 1 < line.n && gb_ascii_is_alpha(line.p[word + 1]) &&
		       line.p[line.n - 1] != '.';
	if (!IS_ONE_OF(gb_span_sub(line, 0, word), stores) || at == SIZE_MAX)
		return false;
	for (; at < line.n; at++) {
		if (line.p[at] != ' ' && !gb_ascii_is_digit(line.p[at]))
			return false;
		numbers += line.p[at] == ' ' && at + 1 < line.n && line.p[at + 1] != ' ';
	}
	return numbers >= 3;
}

/* Behind one word, or what ends a command of the application's (`k 0 60 5`), and a line's end. */
static bool judge_cache_lines(struct gb_span text, struct gb_detect_hit *hit)
{
	size_t at = gb_bytes_find_text(gb_span_sub(text, 0, COMMAND_LOOK), GB_SPAN("\r\n"), 0), end;
	const bool is_word = at != SIZE_MAX && gb_bytes_find(gb_span_sub(text, 0, at), ' ', 0) == SIZE_MAX;

	for (unsigned lines = 0; at != SIZE_MAX && lines < 4; at = end, lines++) {
		struct gb_span line;

		at += 2;
		end = gb_bytes_find_text(gb_span_sub(text, 0, at + COMMAND_LOOK), GB_SPAN("\r\n"), at);
		line = gb_span_sub(text, at, (end == SIZE_MAX ? text.n : end) - at);
		if (end != SIZE_MAX && line.n < COMMAND_LOOK && is_cache_line(line) &&
		        (is_word || line.p[0] == 'f' || gb_ascii_is_digit(line.p[line.n - 1])))
			return convict(hit, "nosql_command_smuggled", at, line.n);
	}
	return false;
}

/* A line of its own behind one word: what Redis takes for the next command, plain or with its lengths. */
static bool judge_smuggled(struct gb_span text, struct gb_detect_hit *hit)
{
	static const char commands[] =
	        "FLUSHALL FLUSHDB CONFIG EVAL EVALSHA SLAVEOF REPLICAOF BGSAVE SHUTDOWN SCRIPT SET DEL KEYS AUTH GET "
	        "HGETALL HSET MODULE MIGRATE RENAME RESTORE DEBUG MONITOR CLIENT PUBLISH LPUSH RPUSH SADD ZADD ACL";
	size_t at = 0, end, from;

	text = gb_span_sub(text, (size_t)(gb_span_trim(text).p - text.p), SIZE_MAX);
	/* Right at the beginning: a whole command with its lengths. */
	if (text.n > 8 && text.p[0] == '*' && gb_ascii_is_digit(text.p[1]) &&
	        gb_bytes_find_text(gb_span_sub(text, 2, 6), GB_SPAN("\r\n$"), 0) != SIZE_MAX)
		return convict(hit, "nosql_command_smuggled", 0, 2);
	while (at < text.n && text.p[at] > ' ')
		at++;
	if (judge_cache_lines(text, hit))
		return true;
	if (at + 2 >= text.n || text.p[at] != '\r' || text.p[at + 1] != '\n')
		return false;
	at += 2;
	for (end = at; end < text.n && gb_ascii_is_alpha(text.p[end]);)
		end++;
	if (text.p[at] == '*' && gb_bytes_find_text(gb_span_sub(text, at, 8), GB_SPAN("\r\n$"), 0) != SIZE_MAX)
		return convict(hit, "nosql_command_smuggled", at, 1);
	from = end - at >= 3 ? gb_bytes_find_text(GB_SPAN(commands), gb_span_sub(text, at, end - at), 0) : SIZE_MAX;
	/* SET the table: a sentence, where no line ends behind it. */
	if (from == SIZE_MAX || gb_bytes_find_text(text, GB_SPAN("\r\n"), end) == SIZE_MAX)
		return false;
	return (from == 0 || commands[from - 1] == ' ') &&
	       (commands[from + end - at] == ' ' || commands[from + end - at] == 0) &&
	       convict(hit, "nosql_command_smuggled", at, end - at);
}

/* redis.call('…'): Lua that Redis runs, whole or behind what it leaves. */
static bool judge_lua(struct gb_span text, struct gb_detect_hit *hit)
{
	static const struct gb_span calls[] = {
	        {(const unsigned char *)"redis.call(", 11}, {(const unsigned char *)"redis.pcall(", 12}};

	for (size_t i = 0; i < 2; i++) {
		const size_t at = gb_bytes_find_text(text, calls[i], 0), behind = at + calls[i].n;
		unsigned blanks = 0;

		if (at == SIZE_MAX || behind >= text.n || (text.p[behind] != '\'' && text.p[behind] != '"'))
			continue;
		for (size_t j = 0; j < at && blanks <= WORDS_MAX; j++)
			blanks += gb_ascii_is_space(text.p[j]);
		if (blanks <= WORDS_MAX)
			return convict(hit, "nosql_shell_call", at, calls[i].n);
	}
	return false;
}

/* g.V().drop(): a walk over a graph, at the beginning or behind a statement; `).drop().iterate()` goes on with one. */
static bool judge_graph(struct gb_span text, struct gb_detect_hit *hit)
{
	static const struct gb_span calls[] = {{(const unsigned char *)"g.V(", 4}, {(const unsigned char *)"g.E(", 4},
	        {(const unsigned char *)"g.addV(", 7}, {(const unsigned char *)").drop().iterate()", 18}};

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		const size_t at = gb_bytes_find_text(gb_span_sub(text, 0, COMMAND_LOOK), calls[i], 0);

		if (at != SIZE_MAX && (at == 0 || text.p[at - 1] == ';' || text.p[at - 1] == ' ' || i == 3) &&
		        (i == 3 ||
		                gb_bytes_find_text(gb_span_sub(text, 0, COMMAND_LOOK), GB_SPAN(")."), at) != SIZE_MAX))
			return convict(hit, "nosql_shell_call", at, calls[i].n);
	}
	return false;
}

/* DETACH DELETE n: at the end, or in front of a comment that cuts the rest off. */
static size_t find_deletion(struct gb_span text)
{
	const struct gb_span clause = GB_SPAN("DETACH DELETE ");
	const size_t at = gb_bytes_find_text(gb_span_sub(text, 0, COMMAND_LOOK), clause, 0);
	size_t end = at + clause.n;
	struct gb_span rest;

	if (at == SIZE_MAX || end >= text.n || !(gb_ascii_is_alpha(text.p[end]) || text.p[end] == '('))
		return SIZE_MAX;
	while (end < text.n && !gb_ascii_is_space(text.p[end]))
		end++;
	rest = gb_span_trim(gb_span_sub(text, end, SIZE_MAX));
	return rest.n == 0 || gb_span_starts(rest, GB_SPAN("//")) ? at : SIZE_MAX;
}

/* `1 MATCH (n) DETACH DELETE n`, `User) RETURN n //`, `'})-[:KNOWS]->(m)`: behind one word or a closed pattern. */
static bool judge_pattern(struct gb_span text, struct gb_detect_hit *hit)
{
	size_t at = find_deletion(text), end;

	if (at != SIZE_MAX)
		return convict(hit, "nosql_clause", at, 14);
	for (at = 0; at < text.n && (gb_ascii_is_alpha(text.p[at]) || gb_ascii_is_digit(text.p[at]));)
		at++;
	if (gb_span_starts(gb_span_sub(text, at, 8), GB_SPAN(" MATCH (")) && gb_lex_nosql_cypher(text, at + 1) != 0)
		return convict(hit, "nosql_clause", at + 1, 7);
	while (at < text.n && gb_bytes_find(GB_SPAN("'\"`})]"), text.p[at], 0) != SIZE_MAX)
		at++;
	if (at == 0 || text.p[at - 1] != ')')
		return false;
	if (gb_span_starts(gb_span_sub(text, at, 8), GB_SPAN(" RETURN ")) &&
	        gb_bytes_find_text(gb_span_sub(text, 0, at + COMMAND_LOOK), GB_SPAN("//"), at) != SIZE_MAX)
		return convict(hit, "nosql_clause", at, 8);
	if (!gb_span_starts(gb_span_sub(text, at, 2), GB_SPAN("-[")))
		return false;
	end = gb_bytes_find_text(gb_span_sub(text, 0, at + COMMAND_LOOK), GB_SPAN("]-"), at);
	return end != SIZE_MAX && gb_bytes_find(gb_span_sub(text, 0, end + 4), '(', end) != SIZE_MAX &&
	       convict(hit, "nosql_clause", at, end - at);
}

bool gb_detect_nosql_command(struct gb_span text, uint32_t mask, struct gb_detect_hit *hit)
{
	if ((mask & GB_BYTE_NEWLINE) != 0 && judge_smuggled(text, hit))
		return true;
	return (mask & GB_BYTE_PAREN) != 0 &&
	       (judge_lua(text, hit) || judge_graph(text, hit) || judge_pattern(text, hit));
}
